//! From the tree of places, which goes on after a mistake.

use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

use super::generic::to_json;
use super::mistake::{bad_merge, complex_key, custom_tag, duplicate_field, infinite};
use super::{Document, name_of};
use crate::spec::path::Path;
use crate::spec::problem::Problems;
use crate::spec::tree::{NodeId, Shape, Tree, Writing};

/// Reads a document from its tree: used where `serde_yaml` gives up.
pub(super) fn read(tree: &Tree, top: NodeId) -> Document {
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
