//! Renders values in one line.

use serde_json::Value;

use crate::spec::yaml::{self, double_quoted, is_readable};

/// Renders a value in one line, in brackets.
pub(in crate::spec) fn flow(value: &Value) -> String {
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
    text.chars()
        .all(is_readable)
        .then(|| format!("'{}'", text.replace('\'', "''")))
}
