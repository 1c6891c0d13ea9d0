//! Writes texts in double quotes, where every character has an escape.

/// Returns whether every YAML reader reads this character of a text as it is. This excludes
/// control characters, the line breaks of YAML 1.1 (U+0085, U+2028 and U+2029), the byte
/// order mark and noncharacters. Tabs and line feeds are control characters.
#[must_use]
pub fn is_readable(c: char) -> bool {
    let is_break = matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    !(c.is_control() || is_break || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
}

/// Returns whether a text of several lines has only white space in its last line, line ends
/// excluded. In a block scalar, such a line looks like the space after the scalar.
pub(super) fn ends_blank(text: &str) -> bool {
    let body = text.trim_end_matches('\n');
    let last = body.rsplit('\n').next().unwrap_or_default();
    text.contains('\n') && last.trim().is_empty()
}

/// Returns whether a block scalar of several lines can hold a text.
#[must_use]
pub fn fits_block(text: &str) -> bool {
    let is_held = |c: char| matches!(c, '\n' | '\t') || is_readable(c);
    text.trim_end_matches('\n').contains('\n') && !ends_blank(text) && text.chars().all(is_held)
}

/// Returns a text in double quotes. The escapes are those that YAML 1.1, YAML 1.2 and JSON
/// have in common.
#[must_use]
pub fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_readable(c) => quoted.push(c),
            c => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}
