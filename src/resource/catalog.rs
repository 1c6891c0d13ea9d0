//! Every field of a kind with its path, those of maps inside maps included.

use serde_json::{Map, Value, json};

use super::field::{Constant, Field, ItemType, ReadAt, SentIn, UNITS, ValueType};
use super::kind::Kind;
use super::rule::Rule;

/// A field of a kind, with the fields around it.
#[derive(Debug, Clone)]
pub struct FieldEntry {
    /// The kind.
    pub kind: Kind,
    /// The fields from the top level of a document down to this field.
    trail: Vec<&'static Field>,
}

impl FieldEntry {
    /// Returns the field.
    #[must_use]
    pub fn field(&self) -> &'static Field {
        self.trail[self.trail.len() - 1]
    }

    /// Returns the path in a document: `digital_humans_settings.num_runs`.
    #[must_use]
    pub fn path(&self) -> String {
        let names: Vec<_> = self.trail.iter().map(|field| field.name).collect();
        names.join(".")
    }

    /// Returns the number of maps around the field.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.trail.len() - 1
    }

    /// Returns the requests that contain the field: those of the field at the top level.
    #[must_use]
    pub fn sent(&self) -> SentIn {
        self.trail[0].sent
    }

    /// Returns the part of an answer that contains the field.
    #[must_use]
    pub fn read(&self) -> ReadAt {
        self.trail[0].read
    }

    /// Returns the name in answers, if the name differs from the name in files.
    #[must_use]
    pub fn name_in_answers(&self) -> Option<&'static str> {
        let top = self.trail[0];
        top.shown_as.or(top.sent_as)
    }

    /// Returns the other names of the field.
    #[must_use]
    pub fn other_names(&self) -> Vec<&'static str> {
        let field = self.field();
        if self.depth() > 0 {
            return Vec::new();
        }
        let names = self.kind.names_of(field.alias_of.unwrap_or(field.name));
        names.filter(|name| *name != field.name).collect()
    }

    /// Returns a document with an example of the field alone.
    #[must_use]
    pub fn example(&self) -> Map<String, Value> {
        let mut value = example_of(self.field());
        for pair in self.trail.windows(2).rev() {
            let [outer, inner] = pair else { continue };
            let mut map = required_example(outer);
            map.insert(inner.name.to_owned(), value);
            value = match outer.value {
                ValueType::Records { .. } => json!([map]),
                _ => map.into(),
            };
        }
        Map::from_iter([(self.trail[0].name.to_owned(), value)])
    }
}

impl Kind {
    /// Returns every field of a document in the order of the table. The fields of a map
    /// follow the map.
    #[must_use]
    pub fn entries(self) -> Vec<FieldEntry> {
        let mut entries = Vec::new();
        add_entries(self, &[], self.fields(), &mut entries);
        entries
    }
}

fn add_entries(
    kind: Kind,
    around: &[&'static Field],
    fields: &'static [Field],
    entries: &mut Vec<FieldEntry>,
) {
    for field in fields {
        let trail = [around, &[field]].concat();
        entries.push(FieldEntry {
            kind,
            trail: trail.clone(),
        });
        add_entries(kind, &trail, field.nested(), entries);
    }
}

/// The id of the examples.
const ID: u64 = 101;

/// The UUID of the examples.
const UUID: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

/// Returns an example of a value: the example of the table, the documented default, or a
/// value of the type.
#[must_use]
pub fn example_of(field: &'static Field) -> Value {
    let of_table = field.example.or_else(|| field.documented_default());
    if let Some(example) = of_table.map(Constant::to_value).filter(|value| value != "") {
        return example;
    }
    match field.value {
        ValueType::Integer(range) => range.min.unwrap_or(1).into(),
        ValueType::Number(range) => range.min.unwrap_or(1.0).into(),
        ValueType::Duration { .. } => 1.into(),
        ValueType::DurationUnit { .. } => UNITS[0].into(),
        ValueType::Id => ID.into(),
        ValueType::Uuid => UUID.into(),
        ValueType::Flag => true.into(),
        ValueType::OneOf(known) | ValueType::Suggested(known) => {
            known.first().copied().unwrap_or_default().into()
        }
        ValueType::Set { of, .. } => json!([match of {
            ItemType::Text => json!("text"),
            ItemType::Uuid => json!(UUID),
            ItemType::Id => json!(ID),
            ItemType::OneOf(known) => json!(known.first()),
        }]),
        ValueType::Texts => json!(["text"]),
        ValueType::Map { .. } | ValueType::Record(_) | ValueType::Recurrence(_) => {
            map_example(field).into()
        }
        ValueType::Records { .. } => json!([map_example(field)]),
        ValueType::FreeMap => json!({ "field": "value" }),
        ValueType::FreeMaps => json!([{ "field": "value" }]),
        ValueType::Text
        | ValueType::Name
        | ValueType::Key
        | ValueType::AgentId
        | ValueType::Formatted(_)
        | ValueType::Lines
        | ValueType::Any => "text".into(),
    }
}

/// Returns an example of a map: the fields that it needs, or else its first field.
fn map_example(map: &'static Field) -> Map<String, Value> {
    let mut example = required_example(map);
    if let Some(first) = map.nested().first().filter(|_| example.is_empty()) {
        example.insert(first.name.to_owned(), example_of(first));
    }
    example
}

/// Returns the fields of a map that the map can't do without, each with an example.
fn required_example(map: &'static Field) -> Map<String, Value> {
    let mut example = Map::new();
    let add = |name: &str, example: &mut Map<String, Value>| {
        if let Some(field) = map.nested().iter().find(|field| field.name == name) {
            example.insert(name.to_owned(), example_of(field));
        }
    };
    for field in map.nested().iter().filter(|field| field.required.is_some()) {
        add(field.name, &mut example);
    }
    for rule in map.rules() {
        match rule {
            Rule::Needed { field, when } => {
                let value = example.get(when.field).and_then(Value::as_str);
                if value.is_some_and(|value| when.is.contains(&value)) {
                    add(field, &mut example);
                }
            }
            Rule::Only { .. } | Rule::Less(..) | Rule::ExactlyOne(_) | Rule::Check(_) => {}
        }
    }
    example
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_one_path() {
        for kind in Kind::ALL {
            let mut paths: Vec<_> = kind.entries().iter().map(FieldEntry::path).collect();
            assert!(paths.len() >= kind.fields().len());
            paths.sort();
            let count = paths.len();
            paths.dedup();
            assert_eq!(paths.len(), count);
        }
    }
}
