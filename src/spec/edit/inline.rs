//! Renders values in one line.

use serde_json::Value;

use crate::spec::yaml;

/// Renders a value in one line, in brackets.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{}: {}", flow(&name.as_str().into()), flow(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) if text.is_empty() || text.contains(|c| ",[]{}:#?&*".contains(c)) => {
            double_quoted(text)
        }
        value => one_line(value),
    }
}

/// Returns a value without parts in one line.
pub(super) fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains(['\n', '\r']) => double_quoted(text),
        Value::Object(_) | Value::Array(_) => flow(value),
        value => yaml::scalar(value),
    }
}

/// Returns a text in single quotes; `None` if they can't hold the text.
pub(super) fn single_quoted(text: &str) -> Option<String> {
    let is_plain = |c: char| !c.is_control() && !is_separator(c);
    text.chars()
        .all(is_plain)
        .then(|| format!("'{}'", text.replace('\'', "''")))
}

/// Returns a text in double quotes.
pub(super) fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_separator(c) => {
                quoted.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns whether YAML or an editor reads this character as a line break or a byte order
/// mark.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}
