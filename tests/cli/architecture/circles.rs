//! Checks that no two files of `src` import each other, directly or through others.
//!
//! A re-exported name counts as imported from the file that defines the name. The re-export
//! itself is not an import.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, sources};

/// A module as the segments of its path: `apply/run.rs` is `["apply", "run"]`.
type Module = Vec<String>;

/// The modules of `src`, their files, and the names that each module imports.
struct Tree {
    files: BTreeMap<Module, String>,
    imports: BTreeMap<(Module, String), Vec<String>>,
}

/// A `use` of one name, or a path in the code.
struct Use {
    path: Vec<String>,
    name: String,
    is_export: bool,
}

fn module_of(source: &Source) -> Module {
    let path = source.path.trim_end_matches(".rs");
    let mut module: Module = path.split('/').map(str::to_owned).collect();
    if ["mod", "lib", "main"].contains(&module.last().unwrap().as_str()) {
        module.pop();
    }
    module
}

/// Expands `a::{b, c::d as e}` into one path for each name.
fn expand(prefix: &[String], text: &str, found: &mut Vec<(Vec<String>, String)>) {
    let text = text.trim();
    if let Some((head, rest)) = text.split_once('{')
        && !head.contains(',')
    {
        let mut prefix = prefix.to_vec();
        prefix.extend(segments(head));
        let inner = &rest[..rest.rfind('}').unwrap_or(rest.len())];
        let (mut depth, mut start) = (0, 0);
        for (index, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&prefix, &inner[start..index], found);
                    start = index + 1;
                }
                _ => {}
            }
        }
        expand(&prefix, &inner[start..], found);
    } else if !text.is_empty() {
        let (path, alias) = match text.split_once(" as ") {
            Some((path, alias)) => (path, Some(alias.trim().to_owned())),
            None => (text, None),
        };
        let mut full = prefix.to_vec();
        full.extend(segments(path));
        if full.last().is_some_and(|last| last == "self") {
            full.pop();
        }
        let name = alias.or_else(|| full.last().cloned()).unwrap_or_default();
        found.push((full, name));
    }
}

fn segments(path: &str) -> impl Iterator<Item = String> + '_ {
    let names = path.split("::").map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Returns what a file imports, and the paths in its code.
fn uses(source: &Source) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut lines = source.lines.iter();
    while let Some(line) = lines.next() {
        let statement = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "]
            .iter()
            .find_map(|start| Some((line.trim().strip_prefix(start)?, *start != "use ")));
        let Some((first, is_export)) = statement else {
            uses.extend(paths_in(line));
            continue;
        };
        let mut text = first.to_owned();
        while !text.contains(';') {
            text.push_str(lines.next().unwrap());
        }
        let mut found = Vec::new();
        expand(&[], text.trim_end_matches(';'), &mut found);
        uses.extend(found.into_iter().map(|(path, name)| Use {
            path,
            name,
            is_export,
        }));
    }
    uses
}

fn paths_in(line: &str) -> Vec<Use> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = line.split(|c| !is_part(c));
    let starts = |word: &&str| word.starts_with("crate::") || word.starts_with("super::");
    let path = |word: &str| Use {
        path: segments(word).collect(),
        name: String::new(),
        is_export: false,
    };
    words.filter(starts).map(path).collect()
}

impl Tree {
    fn new(sources: &[Source]) -> Self {
        let mut tree = Self {
            files: BTreeMap::new(),
            imports: BTreeMap::new(),
        };
        for source in sources {
            let module = module_of(source);
            for found in uses(source)
                .into_iter()
                .filter(|found| !found.name.is_empty())
            {
                tree.imports
                    .insert((module.clone(), found.name), found.path);
            }
            tree.files.insert(module, source.path.clone());
        }
        tree
    }

    /// Returns the file that defines what a path names, as seen from a module.
    fn file(&self, from: &Module, path: &[String], depth: usize) -> Option<&String> {
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Module::new(),
            "self" => from.clone(),
            "super" => from[..from.len() - 1].to_vec(),
            name => {
                let child = [from.as_slice(), &[name.to_owned()]].concat();
                if !self.files.contains_key(&child) {
                    return None;
                }
                child
            }
        };
        while let Some((name, after)) = rest.split_first() {
            if name == "super" {
                at.pop();
            } else {
                let child = [at.as_slice(), std::slice::from_ref(name)].concat();
                if !self.files.contains_key(&child) {
                    let import = self.imports.get(&(at.clone(), name.clone()));
                    let defined = import
                        .filter(|_| depth < 8)
                        .and_then(|import| self.file(&at, import, depth + 1));
                    return defined.or_else(|| self.files.get(&at));
                }
                at = child;
            }
            rest = after;
        }
        self.files.get(&at)
    }
}

/// Returns each file with the files that it imports.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let sources = sources();
    let tree = Tree::new(&sources);
    let mut graph = BTreeMap::new();
    for source in &sources {
        let module = module_of(source);
        let imported: BTreeSet<_> = uses(source)
            .iter()
            .filter(|found| !found.is_export)
            .filter_map(|found| tree.file(&module, &found.path, 0))
            .filter(|file| **file != source.path)
            .cloned()
            .collect();
        graph.insert(source.path.clone(), imported);
    }
    graph
}

/// Returns the shortest chain of imports from a file to itself.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>, start: &String) -> Option<Vec<String>> {
    let mut ways = std::collections::VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(way.last().unwrap()).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                ways.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

#[test]
fn no_files_import_each_other() {
    let graph = graph();
    let edges: usize = graph.values().map(BTreeSet::len).sum();
    assert!(edges > 300, "only {edges} imports were found");
    let circles = graph.keys().filter_map(|file| circle(&graph, file));
    let circles: BTreeSet<_> = circles
        .map(|mut way| {
            way.sort();
            way.join(" ")
        })
        .collect();
    let shown: Vec<_> = circles.into_iter().collect();
    assert!(
        shown.is_empty(),
        "these files import each other:\n{}",
        shown.join("\n")
    );
}

#[test]
fn a_use_of_several_names_is_expanded() {
    let mut found = Vec::new();
    expand(&[], "crate::a::{self, b::{C, D as E}, f}", &mut found);
    let shown: Vec<_> = found
        .iter()
        .map(|(path, name)| format!("{} as {name}", path.join("::")))
        .collect();
    let expected = [
        "crate::a as a",
        "crate::a::b::C as C",
        "crate::a::b::D as E",
        "crate::a::f as f",
    ];
    assert_eq!(shown, expected);
}
