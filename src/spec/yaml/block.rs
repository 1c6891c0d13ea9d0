//! Renders a multi-line text as a block scalar, also where `serde_yaml` would quote the
//! text.

use serde_yaml::Value as Yaml;

use super::escape::fits_block;

/// Returns a field with its text as a literal block. Returns `None` for a text of one
/// line, and for a text that a block scalar would change.
pub(super) fn block(field: &str, text: &str) -> Option<String> {
    if !fits_block(text) {
        return None;
    }
    let name = serde_yaml::to_string(field).ok()?;
    let indent = if text.starts_with([' ', '\n', '\t']) {
        "2"
    } else {
        ""
    };
    let body = text.trim_end_matches('\n');
    let chomp = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let mut block = format!("{}: |{indent}{chomp}\n", name.trim_end());
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            block.push_str("  ");
        }
        block.push_str(line);
        block.push('\n');
    }
    let read: Yaml = serde_yaml::from_str(&block).ok()?;
    let is_same = read.get(field).and_then(Yaml::as_str) == Some(text);
    is_same.then_some(block)
}
