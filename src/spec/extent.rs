//! Where the text of a value begins and ends, from where the parser says that it does.

use std::ops::Range;

use super::tree::Writing;

/// The bytes of a single value's text that are marked: without the comment that
/// the parser may count in, and of a block only its sign.
#[must_use]
pub fn of_scalar(slice: &str, writing: Writing) -> usize {
    match writing {
        Writing::Plain => slice.find(" #").unwrap_or(slice.len()),
        Writing::Quoted => quoted_length(slice),
        Writing::Block => slice.find(char::is_whitespace).unwrap_or(slice.len()),
    }
}

fn quoted_length(slice: &str) -> usize {
    let Some(quote @ ('"' | '\'')) = slice.chars().next() else {
        return slice.len();
    };
    let mut rest = slice.char_indices().skip(1).peekable();
    while let Some((at, character)) = rest.next() {
        if character == '\\' && quote == '"' {
            rest.next();
        } else if character == quote {
            if quote == '\'' && rest.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            return at + 1;
        }
    }
    slice.len()
}

/// Of a list's item with nothing in it, the dash; of any other value that isn't
/// there, the place where it would be.
#[must_use]
pub fn of_nothing(text: &str, start: usize) -> Range<usize> {
    let before = text.get(..start).unwrap_or_default().trim_end();
    match before.strip_suffix('-') {
        Some(rest) if rest.is_empty() || rest.ends_with(char::is_whitespace) => {
            rest.len()..before.len()
        }
        _ => start..start,
    }
}

/// The byte behind an anchor and the white space and comments after it.
#[must_use]
pub fn without_anchor(text: &str, start: usize) -> usize {
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
    // An anchor with nothing behind it is all that there is to point at.
    if rest.is_empty() {
        start
    } else {
        text.len() - rest.len()
    }
}

/// The `-` of a list's first item. The parser gives the item itself as the start
/// of a list that is indented no deeper than the field it belongs to.
#[must_use]
pub fn sequence_start(text: &str, start: usize, is_at_its_item: bool) -> usize {
    let is_dash = |text: &str| {
        let rest = text.strip_prefix('-');
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let start = without_anchor(text, start);
    let rest = text.get(start..).unwrap_or_default();
    if rest.starts_with(['[', '!']) || (is_dash(rest) && !is_at_its_item) {
        return start;
    }
    let mut end = rest.find('\n').map_or(text.len(), |at| start + at);
    loop {
        let begin = line_start(text, end);
        let line = &text[begin..end];
        if is_dash(line.trim_start()) {
            return begin + line.len() - line.trim_start().len();
        }
        if begin == 0 {
            return start;
        }
        end = begin - 1;
    }
}

/// The `|` or `>` of a block of lines. The parser gives the first of its lines,
/// if it has any.
#[must_use]
pub fn block_scalar_start(text: &str, start: usize) -> usize {
    let content = without_anchor(text, start);
    let line = line_start(text, content);
    let Some(before) = text.get(line..content) else {
        return start;
    };
    if content != start || !before.trim().is_empty() {
        return content;
    }
    let above = text[..line].trim_end();
    let begin = line_start(text, above.len());
    let header = above[begin..]
        .char_indices()
        .find(|(at, sign)| matches!(sign, '|' | '>') && is_end_of_header(&above[begin + at + 1..]));
    header.map_or(start, |(at, _)| begin + at)
}

/// Whether nothing but the signs of a block and a comment stands here.
fn is_end_of_header(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    rest.trim().is_empty()
        || (rest.starts_with(char::is_whitespace) && rest.trim().starts_with('#'))
}

fn line_start(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or_default();
    before.rfind('\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::super::locate::Located;
    use super::super::path::Path;
    use crate::diagnostic::SourceFile;

    fn at(text: &str, path: &Path) -> String {
        let located = Located::new(&SourceFile::new("a", text));
        let found = located.find(0, path).expect("there is a document");
        let place = located.place(found.value);
        let span = place.span.expect("it has characters");
        format!("{place} {}", &text[span.start.byte..span.end.byte])
    }

    #[test]
    fn a_value_begins_behind_its_anchor() {
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
    fn a_block_of_lines_begins_at_its_sign() {
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
    fn a_field_is_found_by_the_name_that_its_key_gives() {
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
