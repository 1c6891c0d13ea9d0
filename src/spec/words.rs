//! Describes values, types and environments in messages.

use serde_json::Value;

use super::nearest::join_names;
use super::path::{Path, Step};
use crate::resource::document_fields::ENVIRONMENTS;

/// Describes a value at the end of a sentence: the string `"25"`.
#[must_use]
pub fn describe_value(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => format!("the boolean `{flag}`"),
        Value::Number(number) => format!("the number `{number}`"),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::String(text) => format!("the string `\"{}\"`", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

/// Returns at most 40 characters of the first line of a text, without control
/// characters.
#[must_use]
pub fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().filter(|c| !c.is_control()).take(40).collect();
    if short.len() < text.trim_end().len() {
        format!("{short}…")
    } else {
        short
    }
}

/// Describes the expected types: `a string or an integer`.
#[must_use]
pub fn describe_types(types: &[&str]) -> String {
    let words: Vec<_> = types.iter().map(|name| type_word(name)).collect();
    words.join(" or ")
}

fn type_word(name: &str) -> &str {
    match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a mapping",
        other => other,
    }
}

/// Returns the path for messages, without a leading path of defaults.
#[must_use]
pub fn name(path: &Path) -> String {
    match without_defaults(path) {
        Some(rest) if !rest.is_empty() => Path(rest.to_vec()).to_string(),
        _ => path.to_string(),
    }
}

/// Returns the steps below `defaults` or `kinds.KIND.defaults`, of the project file or of an
/// environment; `None` for any other path.
pub(super) fn without_defaults(path: &Path) -> Option<&[Step]> {
    let is = |step: &Step, name: &str| matches!(step, Step::Field(field) if field == name);
    match without_environment(path) {
        [first, rest @ ..] if is(first, "defaults") => Some(rest),
        [first, _, third, rest @ ..] if is(first, "kinds") && is(third, "defaults") => Some(rest),
        _ => None,
    }
}

/// Returns the steps below `environments.NAME`, or all steps of any other path.
pub(super) fn without_environment(path: &Path) -> &[Step] {
    match &path.0[..] {
        [Step::Field(first), _, rest @ ..] if first == ENVIRONMENTS => rest,
        steps => steps,
    }
}

/// Returns the help about a variable or a field to which only these environments give a
/// value.
#[must_use]
pub(super) fn choose_one(environments: &[String]) -> String {
    match environments {
        [one] => format!("only the environment `{one}` has a value: add `-e {one}`"),
        environments => {
            let names = join_names(environments.iter().map(String::as_str), "and");
            format!("only the environments {names} have a value: choose one with `-e NAME`")
        }
    }
}
