//! The elements of a list, each in one line.

use std::borrow::Cow;

use serde_json::Value;

use super::white_space::distinct;
use crate::visible;

/// The longest element, in characters, unless whole values are shown.
const LONGEST: usize = 400;

/// Returns an element in one line: a text without quotes, unless it could be mistaken for
/// another value; JSON for other values.
pub fn element(value: &Value, is_full: bool) -> String {
    let text = match value {
        Value::String(text) if is_unambiguous(text) => text.clone(),
        value => spaced_json(value),
    };
    if is_full {
        distinct(&text)
    } else {
        distinct(&bounded(&text))
    }
}

/// Returns a text of limited length. The middle of a longer text is left out.
pub fn bounded(text: &str) -> Cow<'_, str> {
    visible::bounded(text, LONGEST)
}

fn is_unambiguous(text: &str) -> bool {
    let is_trimmed = !text.is_empty() && text.trim() == text;
    is_trimmed
        && !text.starts_with(['"', '[', '{', '('])
        && visible::line(text) == text
        && serde_json::from_str::<Value>(text).is_err()
}

/// Returns a value as JSON in one line, with blanks where a line may be broken.
pub fn spaced_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    text.push_str(", ");
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (number, (name, field)) in fields.iter().enumerate() {
                if number > 0 {
                    text.push_str(", ");
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                write(field, text);
            }
            text.push('}');
        }
        value => text.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_has_quotes_only_where_it_looks_like_something_else() {
        for (value, expected) in [
            (json!("politeness"), "politeness"),
            (json!("two words"), "two words"),
            (json!("7"), "\"7\""),
            (json!(7), "7"),
            (json!("true"), "\"true\""),
            (json!(" a"), "\" a\""),
            (json!(""), "\"\""),
            (json!("(not set)"), "\"(not set)\""),
            (json!({"a": [1, "b"]}), "{\"a\": [1, \"b\"]}"),
        ] {
            assert_eq!(element(&value, false), expected);
        }
    }
}
