//! Explains a value of a wrong type: the value, the expected type and the usual cause.

use serde_json::Value;

use super::command_settings::is_time;
use super::field_path;
use super::integer_help;
use super::path::Path;
use super::problem::Problem;
use super::words;
use super::yaml;
use crate::diagnostic::DiagnosticCode;

/// Returns the problem of a value that has none of these JSON types.
#[must_use]
pub fn wrong_type(path: &Path, value: &Value, types: &[&str]) -> Problem {
    let expected = words::describe_types(types);
    let name = words::name(path);
    let summary = if path.is_top() {
        format!(
            "the document must be {expected}, found {}",
            words::describe_value(value)
        )
    } else {
        format!(
            "`{name}` must be {expected}, found {}",
            words::describe_value(value)
        )
    };
    let help = cause(path, value, types).unwrap_or_else(|| example(types));
    Problem::error(DiagnosticCode::WrongType, path.clone(), summary)
        .label(format!("expected {expected}"))
        .help(help)
        .quoting_value(value)
}

/// Returns the usual cause and what to write. A proposed value has the meaning of the
/// written value.
fn cause(path: &Path, value: &Value, types: &[&str]) -> Option<String> {
    let wants = |name| types.contains(&name);
    let field = path.last_field().unwrap_or_default();
    match value {
        Value::String(text) if !wants("string") && non_ascii_blank_help(text).is_some() => {
            non_ascii_blank_help(text)
        }
        Value::String(text) if wants("boolean") => Some(text_for_boolean(text)),
        Value::String(text) if wants("integer") => integer_help::text_for_integer(field, text),
        Value::String(text) if wants("number") && text.trim().parse::<f64>().is_ok() => {
            Some(format!("remove the quotes: `{}`", text.trim()))
        }
        Value::String(text) if wants("array") => Some(text_for_list(text)),
        Value::String(text) if wants("object") && text.contains(':') => {
            Some("a space is missing after `:`, or the fields are in quotes".to_owned())
        }
        Value::String(_) if wants("object") => {
            Some("write its fields on separate lines, indented by two spaces".to_owned())
        }
        Value::Number(number) if wants("boolean") => Some(match number.as_i64() {
            Some(0) => "write `false`".to_owned(),
            Some(1) => "write `true`".to_owned(),
            _ => "write `true` or `false`".to_owned(),
        }),
        Value::Number(number) if wants("integer") && !field_path::is_verbatim(field) => number
            .as_f64()
            .filter(|number| number.fract() != 0.0)
            .map(|number| integer_help::fraction_for_integer(field, number)),
        Value::Number(number) if wants("string") && is_time(field) => {
            Some(format!("write the unit, too: `{number}s`"))
        }
        Value::Number(number) if wants("string") => {
            Some(format!("put it in quotes: `\"{number}\"`"))
        }
        Value::Number(number) if wants("array") => {
            Some(format!("write a list, also for one item: `[{number}]`"))
        }
        Value::Bool(flag) if wants("string") => Some(format!("put it in quotes: `\"{flag}\"`")),
        Value::Bool(_) if wants("integer") || wants("number") => Some("write a number".to_owned()),
        Value::Null if wants("string") => {
            Some("the value is missing: write a value, or remove the line".to_owned())
        }
        Value::Array(items) if items.len() == 1 && wants("string") => Some(
            "write one value, without `-` or brackets; a text that begins with `[` needs quotes"
                .to_owned(),
        ),
        Value::Array(items) if items.len() == 1 && !wants("array") => {
            Some("write the value without `-` or brackets".to_owned())
        }
        Value::Array(_) if wants("string") => {
            Some("the field has one value; a text that begins with `[` needs quotes".to_owned())
        }
        Value::Array(_) if wants("object") => {
            Some("write its fields as `name: value`, without `-`".to_owned())
        }
        Value::Object(_) if wants("string") => {
            Some("a text that begins with `{` or contains `: ` needs quotes".to_owned())
        }
        Value::Object(_) if wants("array") => Some("begin each item with `- `".to_owned()),
        _ => None,
    }
}

/// Returns the help about a non-ASCII blank at an end of a value or after its `-`.
fn non_ascii_blank_help(text: &str) -> Option<String> {
    let is_odd = |c: &char| c.is_whitespace() && !c.is_ascii();
    let behind_dash = text.strip_prefix('-').and_then(|rest| rest.chars().next());
    let ends = [text.chars().next(), text.chars().next_back(), behind_dash];
    let odd = ends.into_iter().flatten().find(is_odd)?;
    Some(format!(
        "U+{:04X} is in it, which is not a normal space: write a space, or remove it",
        u32::from(odd)
    ))
}

fn example(types: &[&str]) -> String {
    let word = match types.first().copied().unwrap_or_default() {
        "integer" => "a whole number, such as `5`",
        "number" => "a number, such as `0.5`",
        "boolean" => "`true` or `false`",
        "array" => "a list, such as `[a, b]`",
        "object" => "fields on separate lines, indented by two spaces",
        _ => "a string, in quotes if YAML would read a value of another type",
    };
    format!("write {word}")
}

fn text_for_boolean(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "true" | "false" => format!("remove the quotes: `{}`", text.to_lowercase()),
        "yes" | "on" | "y" => format!("YAML 1.2 reads `{text}` as a string: write `true`"),
        "no" | "off" | "n" => format!("YAML 1.2 reads `{text}` as a string: write `false`"),
        _ => "write `true` or `false`, without quotes".to_owned(),
    }
}

fn text_for_list(text: &str) -> String {
    if let Some(item) = text
        .strip_prefix('-')
        .filter(|it| !it.starts_with([' ', '-']))
    {
        let first = item.split(" -").next().unwrap_or_default();
        return format!(
            "a space is missing after `-`: write `- {}`",
            item_text(first)
        );
    }
    format!("write a list, also for one item: `[{}]`", item_text(text))
}

/// Returns a text as the item of a list in brackets. Commas stay: several items are meant.
fn item_text(text: &str) -> String {
    let shown = words::shortened(text);
    let scalar = yaml::scalar(&Value::from(&*shown));
    let is_quoted = scalar.starts_with(['\'', '"']);
    if !is_quoted && !shown.contains(['[', ']', '{', '}', '"']) {
        return scalar;
    }
    if shown.contains(['"', '\\']) {
        format!("'{}'", shown.replace('\'', "''"))
    } else {
        format!("\"{shown}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_types_are_explained_by_the_usual_cause() {
        for (value, types, help) in [
            (json!("25"), "integer", "remove the quotes: `25`"),
            (
                json!("010"),
                "integer",
                "`010` is a string in YAML: write `10`",
            ),
            (
                json!("1_000"),
                "integer",
                "`1_000` is a string in YAML: write `1000`",
            ),
            (json!("50%"), "integer", "write the number alone: `50`"),
            (
                json!(2.5),
                "integer",
                "write a whole number, such as `2` or `3`",
            ),
            (
                json!("yes"),
                "boolean",
                "YAML 1.2 reads `yes` as a string: write `true`",
            ),
            (json!("false"), "boolean", "remove the quotes: `false`"),
            (json!(0), "boolean", "write `false`"),
            (json!(42), "string", "put it in quotes: `\"42\"`"),
            (
                json!("3\u{a0}"),
                "integer",
                "U+00A0 is in it, which is not a normal space: write a space, or remove it",
            ),
            (
                json!("-\u{a0}a"),
                "array",
                "U+00A0 is in it, which is not a normal space: write a space, or remove it",
            ),
            (
                json!("a"),
                "array",
                "write a list, also for one item: `[a]`",
            ),
            (
                json!("*"),
                "array",
                "write a list, also for one item: `[\"*\"]`",
            ),
            (
                json!("say \"a\", it's {b}"),
                "array",
                "write a list, also for one item: `['say \"a\", it''s {b}']`",
            ),
            (
                json!(101),
                "array",
                "write a list, also for one item: `[101]`",
            ),
            (
                json!("-a -b"),
                "array",
                "a space is missing after `-`: write `- a`",
            ),
            (
                json!("-*"),
                "array",
                "a space is missing after `-`: write `- \"*\"`",
            ),
        ] {
            let problem = wrong_type(&Path::from(["x"]), &value, &[types]);
            assert_eq!(problem.help, [help], "{value}");
        }
    }
}
