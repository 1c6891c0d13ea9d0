//! Reads YAML through `serde_yaml::Value`, which supports tags and merge keys and
//! refuses duplicate fields.

use serde::Deserialize;
use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

use super::mistake::{complex_key, custom_tag, infinite};
use super::{Document, field_name, json_number};
use crate::spec::path::{Path, Step};
use crate::spec::problem::Problems;

/// Reads all documents of a text. Stops at the first error.
pub(super) fn read(text: &str) -> Result<Vec<Document>, serde_yaml::Error> {
    let may_merge = text.contains("<<");
    serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let mut yaml = Yaml::deserialize(document)?;
            if may_merge {
                yaml.apply_merge()?;
            }
            let mut problems = Problems::default();
            let value = to_json(yaml, &mut Path::top(), &mut problems);
            Ok(Document { value, problems })
        })
        .collect()
}

/// Converts a value into JSON. Parts that JSON can't represent become problems.
pub(super) fn to_json(yaml: Yaml, path: &mut Path, problems: &mut Problems) -> Value {
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
                path.0.push(Step::Index(index));
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
                path.0.push(Step::Field(name));
                let value = to_json(value, path, problems);
                if let Some(Step::Field(name)) = path.0.pop() {
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
