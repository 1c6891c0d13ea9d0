//! Renders a multi-line text as a block scalar, also where `serde_yaml` would quote the
//! text.

use serde_yaml::Value as Yaml;

/// Returns a field with its text as a literal block. Returns `None` for a text of one
/// line, and for a text that a block scalar would change.
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

/// Returns whether YAML or an editor reads this character as a line break or a byte
/// order mark.
fn is_odd(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}
