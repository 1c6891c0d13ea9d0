//! A text of several lines as a block, also where `serde_yaml` would quote it.

use serde_yaml::Value as Yaml;

/// A field with its text as a literal block; `None` for a text of one line, and
/// for one that doesn't come back from a block as it was.
pub(super) fn block(field: &str, text: &str) -> Option<String> {
    let is_plain = |c: char| c == '\n' || c == '\t' || !(c.is_control() || is_odd(c));
    if !text.trim_end_matches('\n').contains('\n') || !text.chars().all(is_plain) {
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

/// Breaks and marks that YAML or an editor takes for something else.
fn is_odd(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}
