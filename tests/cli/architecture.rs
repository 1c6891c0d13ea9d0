//! Tests of the imports between modules, against the table in the documentation of the
//! crate.

mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its top-level module, its path, and its lines without comments and tests.
struct Source {
    module: String,
    path: String,
    lines: Vec<String>,
}

impl Source {
    fn mentions(&self, text: &str) -> Option<String> {
        let line = self.lines.iter().position(|line| line.contains(text))?;
        Some(format!(
            "{}:{}: {}",
            self.path,
            line + 1,
            self.lines[line].trim()
        ))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root(), &mut files);
    files.sort();
    files
        .into_iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == "tests"))
        .filter(|path| path.file_name().is_some_and(|name| name != "tests.rs"))
        .map(|path| {
            let relative = path.strip_prefix(root()).unwrap();
            let first = relative.components().next().unwrap().as_os_str();
            let module = first.to_string_lossy().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let lines = program
                .lines()
                .map(|line| if is_comment(line) { "" } else { line }.to_owned());
            Source {
                module,
                path: relative.to_string_lossy().into_owned(),
                lines: lines.collect(),
            }
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Returns the names in backquotes.
fn names(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Returns the allowed imports of each module, from the table in `lib.rs`.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("lib.rs")).unwrap();
    let mut table = BTreeMap::new();
    for line in text.lines() {
        let Some(row) = line.strip_prefix("//! | `") else {
            continue;
        };
        let (module, uses) = row.split_once("` | ").unwrap();
        table.insert(module.to_owned(), names(uses));
    }
    table
}

/// Returns the modules of this crate that a line names.
fn used(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    })
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let table = allowed();
    assert!(table.len() > 10, "the table of lib.rs was not found");
    let mut wrong = Vec::new();
    for source in sources() {
        if ["lib", "main"].contains(&source.module.as_str()) {
            continue;
        }
        let Some(allowed) = table.get(&source.module) else {
            wrong.push(format!(
                "`{}` is missing in the table of lib.rs",
                source.module
            ));
            continue;
        };
        for (index, line) in source.lines.iter().enumerate() {
            for module in used(line) {
                if module != source.module && !allowed.contains(&module) {
                    wrong.push(format!("{}:{}: `{module}`", source.path, index + 1));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not allowed by lib.rs:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_has_no_circle_and_no_unknown_module() {
    let table = allowed();
    let sources = sources();
    let mut done = BTreeSet::new();
    while done.len() < table.len() {
        let next = table
            .iter()
            .find(|(module, uses)| !done.contains(*module) && uses.is_subset(&done));
        let (module, _) = next.unwrap_or_else(|| panic!("a circle among all but {done:?}"));
        let exists = sources.iter().any(|source| source.module == *module);
        assert!(exists, "`{module}` is in the table and not in src");
        done.insert(module.clone());
    }
}

/// Checks that only these modules contain this text.
#[track_caller]
fn check_only(text: &str, allowed: &[&str]) {
    let wrong: Vec<_> = sources()
        .iter()
        .filter(|source| !allowed.iter().any(|prefix| source.path.starts_with(prefix)))
        .filter_map(|source| source.mentions(text))
        .collect();
    assert!(
        wrong.is_empty(),
        "`{text}` outside {allowed:?}:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn each_external_dependency_is_used_by_one_module() {
    check_only("reqwest::", &["api/"]);
    check_only("std::fs", &["store/", "sandbox/data.rs"]);
    check_only("fs::", &["store/", "sandbox/data.rs"]);
    check_only("println!", &["report/"]);
    check_only("eprint", &["report/"]);
    check_only("print!(", &["report/"]);
    check_only("io::stdout", &["report/"]);
    check_only("io::stderr", &["report/"]);
    check_only("similar::", &["report/"]);
    check_only("axum::", &["sandbox/"]);
    check_only("serde_yaml", &["spec/yaml/"]);
    check_only("clap::", &["cli/", "main.rs", "commands/"]);
}

/// The pure modules: their functions depend on their arguments only.
const CORE: [&str; 11] = [
    "doctor",
    "resource",
    "pull",
    "spec",
    "lock",
    "plan",
    "journal",
    "run",
    "import",
    "diagnostic",
    "visible",
];

#[test]
fn only_one_module_opens_files_for_writing() {
    for text in [
        ".write(true)",
        ".append(true)",
        ".truncate(true)",
        ".create(true)",
        ".create_new(true)",
        "AtomicWriteFile",
        "File::create",
        "fs::write",
        "fs::copy",
        "fs::rename",
        "fs::remove",
        "fs::hard_link",
        "fs::create_dir",
        "fs::set_permissions",
        "fs::symlink",
    ] {
        check_only(text, &["store/writable.rs", "store/atomic.rs"]);
    }
    check_only("atomic::replace", &["store/writable.rs"]);
    // To read a file without waiting for the writer of a pipe.
    let openers = ["store/writable.rs", "store/atomic.rs", "store/source.rs"];
    check_only("OpenOptions", &openers);
}

#[test]
fn the_core_is_pure() {
    let world = [
        "std::fs",
        "std::io",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant",
        "tokio",
        "reqwest",
        "async ",
        ".await",
        "tracing::",
        "jiff::",
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        if CORE.contains(&source.module.as_str()) {
            wrong.extend(world.iter().filter_map(|text| source.mentions(text)));
        }
    }
    assert!(
        wrong.is_empty(),
        "the core is not pure:\n{}",
        wrong.join("\n")
    );
}

/// `env::until` waits for a condition, and is the only function that may sleep.
#[test]
fn no_test_sleeps() {
    let mut files = Vec::new();
    walk(&root().join("../tests"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let count = ["thread::", "time::"]
            .map(|module| text.matches(&format!("{module}sleep(")).count())
            .iter()
            .sum::<usize>();
        if count != usize::from(path.ends_with("cli/env.rs")) {
            wrong.push(format!("{}: {count}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "sleeps in tests:\n{}", wrong.join("\n"));
}

#[test]
fn the_sources_have_no_todo_and_no_panic() {
    let mut wrong = Vec::new();
    for source in sources() {
        for text in ["todo!(", "unimplemented!(", "dbg!(", ".unwrap()", "panic!("] {
            wrong.extend(source.mentions(text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Formats with names equal to names of fields, and the requests that attach digital
/// humans. `key` and `name` of a JSON output are not fields of a simulation.
const OWN_NAMES: [&str; 11] = [
    "api/wire",
    "cli/",
    "commands/state/list.rs",
    "commands/state/show.rs",
    "plan/saved.rs",
    "report/",
    "resource/schema.rs",
    "resource/schema_types.rs",
    "spec/field_schema.rs",
    "spec/narrowed_schema.rs",
    "spec/schema.rs",
];

/// Where the fields are defined: the tables, the fields of documents, and the identity.
const TABLES: [&str; 7] = [
    "resource/agent.rs",
    "resource/body.rs",
    "resource/custom_metric.rs",
    "resource/digital_human",
    "resource/document_fields.rs",
    "resource/schedule.rs",
    "resource/simulation.rs",
];

#[test]
fn a_field_is_named_in_its_table_only() {
    let fields = bluejayctl::resource::Kind::Simulation.fields();
    let inner = fields.iter().flat_map(bluejayctl::resource::Field::inner);
    let names = fields.iter().chain(inner).map(|field| field.name);
    let quoted: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
    let is_exempt = |path: &str| {
        let mut exempt = OWN_NAMES.iter().chain(&TABLES).chain(&["sandbox/"]);
        exempt.any(|prefix| path.starts_with(prefix))
    };
    let wrong: Vec<_> = sources()
        .iter()
        .filter(|source| !is_exempt(&source.path))
        .flat_map(|source| quoted.iter().filter_map(|name| source.mentions(name)))
        .collect();
    assert!(wrong.is_empty(), "named elsewhere:\n{}", wrong.join("\n"));
}
