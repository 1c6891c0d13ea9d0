//! Narrows a JSON Schema to the fields of one value. The schema of the project file
//! describes every field of every kind, and most of the time of a small plan would go into
//! its compilation.

use serde_json::{Map, Value};

/// Returns a schema that accepts `value` if and only if `schema` accepts it. The new schema
/// has only the properties that the value has, no references, and no texts.
#[must_use]
pub fn narrow(schema: &Value, value: &Value) -> Value {
    narrow_to(schema, schema, &[value])
}

/// Narrows a part of the schema `root` to the values at its place.
fn narrow_to(root: &Value, schema: &Value, values: &[&Value]) -> Value {
    let Value::Object(keywords) = schema else {
        return schema.clone();
    };
    // In draft-07, the keywords beside a reference mean nothing.
    if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
        return match root.pointer(reference.trim_start_matches('#')) {
            Some(target) => narrow_to(root, target, values),
            None => schema.clone(),
        };
    }
    let properties = keywords.get("properties").and_then(Value::as_object);
    let mut narrowed = Map::new();
    for (keyword, content) in keywords {
        let content = match (keyword.as_str(), content) {
            ("$id" | "definitions" | "description" | "title" | "default" | "examples", _) => {
                continue;
            }
            ("properties", Value::Object(properties)) => present(root, properties, values),
            ("additionalProperties", _) => match &additional(properties, values)[..] {
                [] => continue,
                others => narrow_to(root, content, others),
            },
            ("items", _) => match &items(values)[..] {
                [] => continue,
                items => narrow_to(root, content, items),
            },
            ("anyOf" | "allOf" | "oneOf", Value::Array(branches)) => {
                let branches = branches.iter();
                branches
                    .map(|branch| narrow_to(root, branch, values))
                    .collect()
            }
            _ => content.clone(),
        };
        narrowed.insert(keyword.clone(), content);
    }
    narrowed.into()
}

/// Narrows the properties that one of the values has.
fn present(root: &Value, properties: &Map<String, Value>, values: &[&Value]) -> Value {
    let mut narrowed = Map::new();
    for (name, schema) in properties {
        let values: Vec<_> = values.iter().filter_map(|value| value.get(name)).collect();
        if !values.is_empty() {
            narrowed.insert(name.clone(), narrow_to(root, schema, &values));
        }
    }
    narrowed.into()
}

/// Returns the values of all fields that are no properties.
fn additional<'a>(properties: Option<&Map<String, Value>>, values: &[&'a Value]) -> Vec<&'a Value> {
    let is_property = |name: &String| properties.is_some_and(|known| known.contains_key(name));
    let fields = values
        .iter()
        .filter_map(|value| value.as_object())
        .flatten();
    fields
        .filter(|(name, _)| !is_property(name))
        .map(|(_, value)| value)
        .collect()
}

/// Returns the items of all lists.
fn items<'a>(values: &[&'a Value]) -> Vec<&'a Value> {
    values
        .iter()
        .filter_map(|value| value.as_array())
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::path::{Path, Step};
    use super::super::rules::PROJECT;
    use super::*;

    fn file() -> Value {
        json!({
            "api_url": "https://api.example.com",
            "rate": 50,
            "defaults": {
                "max_concurrent": 10,
                "digital_humans_settings": {"default_language": "en"},
                "tags": ["nightly"],
                "digital_humans": [7, 8],
            },
            "kinds": {"schedule": {"defaults": {"schedule": {"frequency": "daily"}}}},
            "vars": {"CLINIC": "Cedar", "AGENT": 1204},
            "settings": {"min_score": 80},
            "safety": {"max_deletes": "30%"},
            "environments": {
                "staging": {"protect": false, "select": ["clinic/**"], "defaults": {"name": "x"}},
                "prod": {"rate": "off", "kinds": {"digital_human": {"defaults": {"traits": [
                    {"trait_name": "a", "trait_data_type": "DATE", "value": "b"},
                ]}}}},
            },
        })
    }

    /// Collects the paths of all values within a value.
    fn paths(value: &Value, path: &Path, found: &mut Vec<Path>) {
        found.push(path.clone());
        match value {
            Value::Object(fields) => {
                let fields = fields.iter();
                fields.for_each(|(name, value)| paths(value, &path.field(name), found));
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, item)| paths(item, &path.index(index), found));
            }
            _ => {}
        }
    }

    fn at<'a>(value: &'a mut Value, path: &Path) -> &'a mut Value {
        path.0.iter().fold(value, |value, step| match step {
            Step::Field(name) => value.get_mut(&**name).unwrap(),
            Step::Index(index) => value.get_mut(*index).unwrap(),
        })
    }

    #[test]
    fn a_narrowed_schema_gives_the_same_verdict() {
        let file = file();
        assert!(PROJECT.validator().is_valid(&file));
        let mut found = Vec::new();
        paths(&file, &Path::top(), &mut found);
        let mut verdicts = [0, 0];
        for path in found {
            let old = at(&mut file.clone(), &path).clone();
            let mut others = vec![
                json!(null),
                json!(-1),
                json!(7),
                json!(""),
                json!("x"),
                json!(true),
            ];
            others.extend([
                json!([]),
                json!({}),
                json!(["x"]),
                json!([old]),
                json!({"unknown": old}),
            ]);
            if let Value::Object(fields) = &old {
                for field in ["unknown", "agent_id", "name"] {
                    let mut fields = fields.clone();
                    fields.insert(field.to_owned(), json!(3));
                    others.push(fields.into());
                }
            }
            for other in others.into_iter().chain([old]) {
                let mut changed = file.clone();
                *at(&mut changed, &path) = other;
                let verdict = PROJECT.validator().is_valid(&changed);
                assert_eq!(PROJECT.is_valid(&changed), verdict, "{changed}");
                verdicts[usize::from(verdict)] += 1;
            }
        }
        assert!(verdicts.iter().all(|count| *count > 50), "{verdicts:?}");
    }
}
