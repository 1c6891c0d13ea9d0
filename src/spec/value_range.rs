//! Corrects the byte ranges of values that the YAML parser reports.

use std::ops::Range;

/// Returns the range of an absent value: the dash of an empty list item, otherwise the
/// empty range at the position of the value.
#[must_use]
pub fn empty_value_range(text: &str, start: usize) -> Range<usize> {
    let before = text.get(..start).unwrap_or_default().trim_end();
    match before.strip_suffix('-') {
        Some(rest) if rest.is_empty() || rest.ends_with(char::is_whitespace) => {
            rest.len()..before.len()
        }
        _ => start..start,
    }
}

/// Returns the start of a value after its anchor and the white space and comments that
/// follow.
#[must_use]
pub fn skip_anchor(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    if !rest.starts_with('&') {
        return start;
    }
    let Some(length) = rest.find(char::is_whitespace) else {
        return start;
    };
    let mut rest = &rest[length..];
    loop {
        rest = rest.trim_start();
        if !rest.starts_with('#') {
            break;
        }
        rest = rest.find('\n').map_or("", |end| &rest[end..]);
    }
    // Without a value after the anchor, the range starts at the anchor.
    if rest.is_empty() {
        start
    } else {
        text.len() - rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::Path;
    use super::super::source_map::SourceMap;
    use crate::diagnostic::SourceFile;

    fn at(text: &str, path: &Path) -> String {
        let source_map = SourceMap::new(&SourceFile::new("a", text));
        let found = source_map.find(0, path).expect("there is a document");
        let place = source_map.place(found.value);
        let span = place.span.expect("it has characters");
        format!("{place} {}", &text[span.start.byte..span.end.byte])
    }

    #[test]
    fn a_value_begins_after_its_anchor() {
        for (text, place) in [
            ("a: &x 5\n", "a:1:7 5"),
            ("a: &x \"5\" # c\n", "a:1:7 \"5\""),
            ("a: &x\n  # c\n  b: 5\n", "a:3:3 b: 5"),
            ("a: &x {b: 5}\n", "a:1:7 {b: 5}"),
            ("a: &x |\n  5\n", "a:1:7 |"),
            ("a: &x\n- 5\n", "a:2:1 - 5"),
            ("a: &x\n", "a:1:4 &x"),
            ("a: !!str 5\n", "a:1:4 !!str 5"),
        ] {
            assert_eq!(at(text, &Path::from(["a"])), place, "{text}");
        }
    }

    #[test]
    fn a_block_scalar_begins_at_its_indicator() {
        for (text, place) in [
            ("a: |\n  x\n", "a:1:4 |"),
            ("a: >-  # c | d\n\n  x\n  y\n", "a:1:4 >-"),
            ("a:\n  |2+\n    x\n", "a:2:3 |2+"),
            ("a: |\n  | x |\n  y: |\n", "a:1:4 |"),
            ("a: |\nb: 5\n", "a:1:4 |"),
            ("b: |\na: |\n", "a:2:4 |"),
            ("a: |", "a:1:4 |"),
        ] {
            assert_eq!(at(text, &Path::from(["a"])), place, "{text}");
        }
    }

    #[test]
    fn a_list_begins_at_its_first_dash() {
        for (text, place) in [
            ("a:\n- x\n- y\n", "a:2:1 - x"),
            ("a:\n  -   x\n", "a:2:3 -   x"),
            ("a:\n- - x\n", "a:2:1 - - x"),
            ("a:\n-\n- x\n", "a:2:1 -"),
            ("a:\n- |\n  x\n", "a:2:1 - |"),
            ("a: [x]\n", "a:1:4 [x]"),
            ("a:\n  - \n  - x\n", "a:2:3 -"),
            ("b:\n- 1\na: !!seq\n- x\n", "a:3:4 !!seq"),
        ] {
            assert_eq!(at(text, &Path::from(["a"])), place, "{text}");
        }
    }

    #[test]
    fn a_field_is_found_by_the_parsed_form_of_its_key() {
        for (text, name) in [
            ("~: x\n", "null"),
            ("0x1f: x\n", "31"),
            ("True: x\n", "true"),
        ] {
            let key = text.rfind('x').expect("it is there") + 1;
            assert_eq!(at(text, &Path::from([name])), format!("a:1:{key} x"));
        }
    }
}
