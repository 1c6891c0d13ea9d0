//! YAML text to JSON values: the only user of `serde_yaml`.
//!
//! `serde_yaml::Value` is read first because it refuses duplicate fields, which
//! a JSON value would silently drop. Where it stops at the first such mistake,
//! the rest is read from the tree of places, so that one run shows all of them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Number, Value};
use serde_yaml::Value as Yaml;

use super::path::Path;
use super::problem::{Part, Problem, Problems};
use super::syntax;
use super::tree::{NodeId, Shape, Tree, Writing};
use crate::diagnostic::{Diagnostic, SourceFile};

/// One YAML document.
#[derive(Debug, Default)]
pub struct Document {
    /// Its content; `Null` where there is none.
    pub value: Value,
    /// What JSON has no word for: tags, duplicate fields, infinite numbers.
    pub problems: Problems,
}

/// Reads all documents of a file, or says what keeps it from being YAML.
pub fn parse(file: &Arc<SourceFile>) -> Result<Vec<Document>, Box<Diagnostic>> {
    let text = file.text.as_deref().unwrap_or_default();
    if looks_like_a_bomb(text) {
        match Tree::build(text) {
            Ok(_) | Err(super::tree::TreeError::Syntax) => {}
            Err(error) => return Err(Box::new(syntax::explain_bound(file, error))),
        }
    }
    match read(text) {
        Ok(documents) => Ok(documents),
        Err(error) => match Tree::build(text) {
            Ok(tree) if is_about_content(&error) => Ok(tree
                .documents()
                .iter()
                .map(|top| from_tree(&tree, *top))
                .collect()),
            Err(bound) if bound != super::tree::TreeError::Syntax => {
                Err(Box::new(syntax::explain_bound(file, bound)))
            }
            _ => {
                let at = error.location().map(|location| location.index());
                Err(Box::new(syntax::explain(file, &error.to_string(), at)))
            }
        },
    }
}

/// A document of these fields, in this order; texts of several lines as blocks.
#[must_use]
pub fn render(fields: &[(String, Value)]) -> String {
    let mapping: serde_yaml::Mapping = fields
        .iter()
        .filter_map(|(field, value)| {
            Some((field.as_str().into(), serde_yaml::to_value(value).ok()?))
        })
        .collect();
    // Texts, numbers, lists and maps always have a form.
    serde_yaml::to_string(&mapping).unwrap_or_default()
}

/// Whether a text is worth measuring before it is parsed: many brackets may
/// nest deeply, aliases may stand for a multiple of what was written.
fn looks_like_a_bomb(text: &str) -> bool {
    let bytes = text.as_bytes();
    (bytes.contains(&b'*') && bytes.contains(&b'&'))
        || bytes.iter().filter(|b| matches!(b, b'[' | b'{')).count() > 500
}

/// Whether an error is about what the YAML says, not about its form.
fn is_about_content(error: &serde_yaml::Error) -> bool {
    let message = error.to_string();
    message.contains("duplicate entry")
        || message.contains("invalid type: integer")
        || message.contains("for merging")
        || message.contains("in merge")
        || message.contains("merge element")
}

fn read(text: &str) -> Result<Vec<Document>, serde_yaml::Error> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let mut yaml = Yaml::deserialize(document)?;
            if text.contains("<<") {
                yaml.apply_merge()?;
            }
            let mut problems = Problems::default();
            let value = to_json(yaml, &mut Path::top(), &mut problems);
            Ok(Document { value, problems })
        })
        .collect()
}

fn to_json(yaml: Yaml, path: &mut Path, problems: &mut Problems) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::String(text) => Value::String(text),
        Yaml::Number(number) => {
            let number = json_number(&number);
            if number.is_none() {
                problems.push(infinite(path));
            }
            number.map_or(Value::Null, Value::Number)
        }
        Yaml::Sequence(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| {
                path.0.push(super::path::Step::Index(index));
                let value = to_json(item, path, problems);
                path.0.pop();
                value
            })
            .collect(),
        Yaml::Mapping(fields) => {
            let mut map = Map::new();
            for (key, value) in fields {
                let Some(name) = field_name(key) else {
                    problems.push(complex_key(path));
                    continue;
                };
                path.0.push(super::path::Step::Field(name));
                let value = to_json(value, path, problems);
                if let Some(super::path::Step::Field(name)) = path.0.pop() {
                    map.insert(name, value);
                }
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => {
            problems.push(custom_tag(path, &tagged.tag.to_string()));
            to_json(tagged.value, path, problems)
        }
    }
}

/// The text of a key: single values are taken as they are written.
fn field_name(key: Yaml) -> Option<String> {
    match key {
        Yaml::String(text) => Some(text),
        Yaml::Number(number) => Some(number.to_string()),
        Yaml::Bool(flag) => Some(flag.to_string()),
        Yaml::Null => Some("null".to_owned()),
        Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => None,
    }
}

/// The name that a key gives its field, the same as [`parse`] makes of it: `~`
/// is `null` and `0x1f` is `31`. `None` for one that is no single value.
#[must_use]
pub fn name_of(tree: &Tree, key: NodeId) -> Option<Cow<'_, str>> {
    let node = tree.node(tree.target(key));
    let Shape::Scalar { text, writing } = &node.shape else {
        return None;
    };
    // Most names are words, which need no second look.
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["null", "true", "false"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    if *writing != Writing::Plain || is_word {
        return Some(Cow::Borrowed(text));
    }
    Some(match serde_yaml::from_str::<Yaml>(text) {
        Ok(yaml @ (Yaml::Null | Yaml::Bool(_) | Yaml::Number(_))) => {
            Cow::Owned(field_name(yaml).unwrap_or_default())
        }
        _ => Cow::Borrowed(text),
    })
}

/// A number as JSON has it; `None` for infinities and `.nan`.
fn json_number(number: &serde_yaml::Number) -> Option<Number> {
    if let Some(number) = number.as_u64() {
        return Some(number.into());
    }
    if let Some(number) = number.as_i64() {
        return Some(number.into());
    }
    number.as_f64().and_then(Number::from_f64)
}

/// Reads a document from its tree: used where `serde_yaml` gives up.
fn from_tree(tree: &Tree, top: NodeId) -> Document {
    let mut problems = Problems::default();
    let value = node_value(tree, top, &Path::top(), &mut problems);
    Document { value, problems }
}

fn node_value(tree: &Tree, id: NodeId, path: &Path, problems: &mut Problems) -> Value {
    if tree.node(id).has_tag {
        problems.push(custom_tag(path, "a tag"));
    }
    match &tree.node(tree.target(id)).shape {
        Shape::Scalar {
            text,
            writing: Writing::Plain,
        } => match serde_yaml::from_str::<Yaml>(text) {
            Ok(yaml @ (Yaml::Null | Yaml::Bool(_) | Yaml::Number(_))) => {
                to_json(yaml, &mut path.clone(), problems)
            }
            Err(error) if error.to_string().contains("invalid type: integer") => {
                problems.push(infinite(path));
                Value::Null
            }
            _ => Value::String(text.to_string()),
        },
        Shape::Scalar { text, .. } => Value::String(text.to_string()),
        Shape::Sequence(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| node_value(tree, *item, &path.index(index), problems))
            .collect(),
        Shape::Mapping(fields) => Value::Object(mapping_value(tree, fields, path, problems)),
        Shape::Alias(_) => Value::Null,
    }
}

fn mapping_value(
    tree: &Tree,
    fields: &[(NodeId, NodeId)],
    path: &Path,
    problems: &mut Problems,
) -> Map<String, Value> {
    let mut map = Map::new();
    let mut merged = Vec::new();
    let mut writings = std::collections::HashMap::new();
    for (key, value) in fields {
        let Some(name) = name_of(tree, *key) else {
            problems.push(complex_key(path));
            continue;
        };
        let name = &*name;
        let count = writings.entry(name.to_owned()).or_insert(0_usize);
        *count += 1;
        if *count > 1 {
            problems.push(duplicate_field(path, name, *count));
        } else if name == "<<" {
            merged.push(*value);
        } else {
            let value = node_value(tree, *value, &path.field(name), problems);
            map.insert(name.to_owned(), value);
        }
    }
    for source in merged {
        let sources = tree.items(source).map_or(vec![source], <[_]>::to_vec);
        for source in sources {
            match node_value(tree, source, path, &mut Problems::default()) {
                Value::Object(fields) => {
                    for (name, value) in fields {
                        map.entry(name).or_insert(value);
                    }
                }
                _ => problems.push(bad_merge(path)),
            }
        }
    }
    map
}

fn duplicate_field(path: &Path, name: &str, writing: usize) -> Problem {
    Problem::error(
        "duplicate-field",
        path.clone(),
        format!("`{name}` is given twice"),
    )
    .part(Part::Again(name.to_owned(), writing))
    .label("given again here")
    .help("keep one of them")
}

fn bad_merge(path: &Path) -> Problem {
    Problem::error(
        "bad-merge",
        path.field("<<"),
        "`<<` takes a mapping or a list of mappings",
    )
    .help("name an anchored mapping: `<<: *defaults`")
}

fn infinite(path: &Path) -> Problem {
    Problem::error(
        "out-of-range",
        path.clone(),
        format!("the number of `{path}` can't be sent: it is too large, infinite or `.nan`"),
    )
    .help("write a number, or quote it if a text is meant")
}

fn complex_key(path: &Path) -> Problem {
    let problem = Problem::error(
        "bad-field-name",
        path.clone(),
        "the name of a field must be a string, not a list or a mapping",
    )
    .part(Part::BadName);
    problem.help(
        "`{{ … }}` and `{ … }` at the start of a name or value are YAML syntax: quote the text",
    )
}

fn custom_tag(path: &Path, tag: &str) -> Problem {
    let name = if tag.starts_with('!') {
        format!("the tag `{tag}`")
    } else {
        tag.to_owned()
    };
    Problem::error(
        "custom-tag",
        path.clone(),
        format!("{name} means nothing here"),
    )
    .help("remove it; texts that begin with `!` need quotes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(text: &str) -> Vec<Value> {
        match parse(&SourceFile::new("a.yaml", text)) {
            Ok(documents) => documents.into_iter().map(|d| d.value).collect(),
            Err(diagnostic) => vec![Value::String(diagnostic.summary)],
        }
    }

    #[test]
    fn reads_documents_and_merges() {
        assert_eq!(
            values("b: &b {n: 1, m: 1}\nu:\n  <<: *b\n  m: 2\n---\n1: true\n"),
            [
                json!({"b": {"n": 1, "m": 1}, "u": {"n": 1, "m": 2}}),
                json!({"1": true})
            ]
        );
    }

    #[test]
    fn reads_on_after_a_duplicate_field() {
        let text = "a: 1\nb: 0o17\na: 2\nc: '3'\nd: 99999999999999999999\na: 4\n---\nx: &x {z: 1}\ny: {<<: *x, w: yes}\n";
        let file = SourceFile::new("a.yaml", text);
        let documents = parse(&file).unwrap_or_default();
        assert_eq!(
            documents[0].value,
            json!({"a": 1, "b": 15, "c": "3", "d": null})
        );
        assert_eq!(documents[0].problems.len(), 3);
        assert_eq!(
            documents[1].value,
            json!({"x": {"z": 1}, "y": {"z": 1, "w": "yes"}})
        );
    }
}
