//! Reads a document from its tree, and continues after a mistake.

use std::collections::HashMap;

use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

use super::generic::to_json;
use super::mistake::{bad_merge, bad_tag, complex_key, custom_tag, duplicate_field, infinite};
use super::{Document, name_of, plain_value};
use crate::spec::path::Path;
use crate::spec::problem::Problems;
use crate::spec::tree::{NodeId, Shape, TextStyle, Tree};

/// Reads a document that `serde_yaml` refuses.
pub(super) fn read(text: &str, tree: &Tree, top: NodeId) -> Document {
    let reader = Reader { text, tree };
    let mut problems = Problems::default();
    let value = reader.value(top, &Path::top(), &mut problems);
    Document { value, problems }
}

struct Reader<'a> {
    text: &'a str,
    tree: &'a Tree,
}

impl Reader<'_> {
    fn value(&self, id: NodeId, path: &Path, problems: &mut Problems) -> Value {
        let target = self.tree.node(self.tree.target(id));
        self.check_tag(id, path, problems);
        match &target.shape {
            Shape::Scalar {
                text,
                style: TextStyle::Plain,
            } => match plain_value(text) {
                Ok(yaml @ (Yaml::Null | Yaml::Bool(_) | Yaml::Number(_))) => {
                    to_json(yaml, &mut path.clone(), problems)
                }
                // An unquoted text without a value is always a number of more than 64 bits.
                Err(_) => {
                    problems.push(infinite(path));
                    Value::Null
                }
                Ok(_) => Value::String(text.to_string()),
            },
            Shape::Scalar { text, .. } => Value::String(text.to_string()),
            Shape::Sequence(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.value(*item, &path.index(index), problems))
                .collect(),
            Shape::Mapping(fields) => Value::Object(self.mapping(fields, path, problems)),
            Shape::Alias(_) => Value::Null,
        }
    }

    fn check_tag(&self, id: NodeId, path: &Path, problems: &mut Problems) {
        let node = self.tree.node(id);
        let Some(tag) = &node.tag else { return };
        let written = self.text.get(node.start..node.end).unwrap_or_default();
        if node.has_custom_tag() {
            problems.push(custom_tag(path, tag));
        } else if matches!(node.shape, Shape::Scalar { .. })
            && serde_yaml::from_str::<Yaml>(written).is_err()
        {
            problems.push(bad_tag(path));
        }
    }

    fn mapping(
        &self,
        fields: &[(NodeId, NodeId)],
        path: &Path,
        problems: &mut Problems,
    ) -> Map<String, Value> {
        let mut map = Map::new();
        let mut merged = Vec::new();
        let mut occurrences = HashMap::new();
        for (key, value) in fields {
            let Some(name) = name_of(self.tree, *key) else {
                problems.push(complex_key(path));
                continue;
            };
            let name = &*name;
            let count = occurrences.entry(name.to_owned()).or_insert(0_usize);
            *count += 1;
            if *count > 1 {
                problems.push(duplicate_field(path, name, *count));
            } else if name == "<<" {
                merged.push(*value);
            } else {
                let value = self.value(*value, &path.field(name), problems);
                map.insert(name.to_owned(), value);
            }
        }
        for source in merged {
            let items = self.tree.items(source);
            for source in items.map_or(vec![source], <[_]>::to_vec) {
                match self.value(source, path, &mut Problems::default()) {
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
}
