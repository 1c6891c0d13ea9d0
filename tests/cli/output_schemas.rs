//! Validates the JSON output of every test against its published schema.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::env::Run;

/// The published schemas, by name.
static SCHEMAS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let name = name.trim_end_matches(".schema.json").to_owned();
        (name, jsonschema::draft7::new(&schema).unwrap())
    });
    files.collect()
});

/// Returns the schema of the output of a command, and whether each line is a document;
/// `None` if the command prints no JSON.
fn schema_of(args: &[String]) -> Option<(&'static str, bool)> {
    let has = |word: &str| args.iter().any(|arg| arg == word);
    let is_json = args.windows(2).any(|pair| pair == ["--format", "json"]);
    let commands = [
        (is_json && has("validate"), "validate", false),
        (is_json && has("plan"), "plan", false),
        (
            is_json && (has("apply") || has("destroy")),
            "apply-event",
            true,
        ),
        (is_json && has("drift"), "drift", false),
        (is_json && has("pull"), "pull", false),
        (is_json && has("history"), "run-history", false),
        (is_json && has("doctor"), "doctor", false),
        (is_json && has("graph"), "graph", false),
        (is_json && has("run"), "run", false),
        (is_json && has("explain"), "explain", false),
        (has("--json") && has("list"), "state-list", false),
        (has("--json") && has("show"), "state-show", false),
    ];
    let found = commands.into_iter().find(|(is_it, ..)| *is_it);
    found.map(|(_, name, is_lines)| (name, is_lines))
}

/// Validates the output of a command. A command that ended without a result, or by a
/// signal, may have printed nothing or an incomplete document.
#[track_caller]
pub fn check(args: &[String], run: &Run) {
    let Some((name, is_lines)) = schema_of(args) else {
        return;
    };
    if run.code.is_none() || run.stdout.is_empty() {
        return;
    }
    let documents: Vec<&str> = if is_lines {
        run.stdout.lines().collect()
    } else {
        vec![&run.stdout]
    };
    for document in documents {
        let value: Value = serde_json::from_str(document)
            .unwrap_or_else(|error| panic!("{args:?}: {error} in:\n{run}"));
        check_value(name, &value);
    }
}

/// Validates a document against the schema of this name.
#[track_caller]
pub fn check_value(name: &str, value: &Value) {
    let schema = &SCHEMAS[name];
    let errors: Vec<_> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "schema {name} of {value:#}");
}

#[test]
fn a_document_that_lacks_a_field_is_refused() {
    for name in [
        "plan",
        "apply-event",
        "doctor",
        "drift",
        "pull",
        "graph",
        "run",
        "run-history",
        "state-list",
        "state-show",
        "validate",
    ] {
        let document = serde_json::json!({"format_version": "1.0"});
        assert!(!SCHEMAS[name].is_valid(&document), "{name}");
    }
}
