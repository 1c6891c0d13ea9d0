//! Renders the fields of a document in the order of the schema.

use serde_json::{Map, Value};

use crate::resource::{Field, Kind};
use crate::spec::yaml;

/// Renders fields in the order of the field table. Fields without a place in the table
/// come first.
pub(super) fn render(kind: Kind, fields: Map<String, Value>) -> String {
    match kind {
        // The files of simulations keep the order of the first version.
        Kind::Simulation => yaml::render(&ordered(kind.fields(), fields)),
        kind => render_fields(kind.fields(), fields),
    }
}

fn ordered(known: &[Field], fields: Map<String, Value>) -> Vec<(String, Value)> {
    let place = |name: &String| known.iter().position(|field| field.name == name);
    let mut ordered: Vec<_> = fields.into_iter().collect();
    ordered.sort_by_key(|(name, _)| place(name));
    ordered
}

fn render_fields(known: &'static [Field], fields: Map<String, Value>) -> String {
    let fields = ordered(known, fields).into_iter();
    fields
        .map(|(name, value)| {
            let field = known.iter().find(|field| field.name == name);
            render_field(field, name, value)
        })
        .collect()
}

fn render_field(field: Option<&'static Field>, name: String, value: Value) -> String {
    match (field.map(Field::nested), value) {
        (Some(inner @ [_, ..]), Value::Object(map)) if !map.is_empty() => {
            format!("{name}:\n{}", indented(&render_fields(inner, map)))
        }
        (Some(inner @ [_, ..]), Value::Array(items)) if is_list_of_maps(&items) => {
            let maps = items.into_iter().filter_map(|item| match item {
                Value::Object(map) => Some(indented(&render_fields(inner, map))),
                _ => None,
            });
            let items = maps.map(|map| map.replacen("  ", "- ", 1));
            format!("{name}:\n{}", items.collect::<String>())
        }
        (_, value) => yaml::render(&[(name, value)]),
    }
}

fn is_list_of_maps(items: &[Value]) -> bool {
    let is_map = |item: &Value| item.as_object().is_some_and(|map| !map.is_empty());
    !items.is_empty() && items.iter().all(is_map)
}

/// Indents the lines of a text, empty lines excluded.
fn indented(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line {
        "\n" => line.to_owned(),
        line => format!("  {line}"),
    });
    lines.collect()
}
