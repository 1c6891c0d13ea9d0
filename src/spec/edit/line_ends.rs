//! Line ends of a text that may use LF and CRLF.

use super::align::{Step, align};

/// Returns the line end of the first line of a text.
#[must_use]
pub fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Returns a text with the line ends of the text that it replaces. A line that stays keeps its
/// line end. A new line has that of the line that it replaces, or else of the line before it,
/// or else the `usual` line end.
#[must_use]
pub fn with_line_ends_of(before: &str, text: &str, usual: &str) -> String {
    let old: Vec<_> = before.split_inclusive('\n').map(with_end).collect();
    let new: Vec<_> = text.split_inclusive('\n').map(with_end).collect();
    let old_bodies: Vec<_> = old.iter().map(|(body, _)| *body).collect();
    let new_bodies: Vec<_> = new.iter().map(|(body, _)| *body).collect();
    let mut last = usual;
    let (mut from, mut to) = (0, 0);
    let mut written = String::with_capacity(text.len());
    for step in align(&old_bodies, &new_bodies) {
        let replaced = (!matches!(step, Step::Added(_))).then(|| old[from].1);
        from += usize::from(replaced.is_some());
        if step == Step::Removed {
            continue;
        }
        last = replaced.filter(|end| !end.is_empty()).unwrap_or(last);
        let (body, end) = new[to];
        written.push_str(body);
        written.push_str(if end.is_empty() { end } else { last });
        to += 1;
    }
    written
}

/// Returns a line and its line end.
fn with_end(line: &str) -> (&str, &str) {
    let body = line.strip_suffix('\n').unwrap_or(line);
    let body = body
        .strip_suffix('\r')
        .filter(|_| body != line)
        .unwrap_or(body);
    line.split_at(body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_keeps_its_line_end() {
        for (before, text, expected) in [
            ("a\r\nb\nc\r\n", "a\nb\nd\n", "a\r\nb\nd\r\n"),
            ("a\r\nb\nc\r\n", "b\nc\n", "b\nc\r\n"),
            ("a\nb\r\nc\n", "a\nb\nx\nc\ny\n", "a\nb\r\nx\r\nc\ny\n"),
            ("a\r\nb", "a\nb\nc", "a\r\nb\r\nc"),
            ("a\nb\r\n", "x\na\nb", "x\na\nb"),
            ("", "a\nb\n", "a\nb\n"),
            ("a\r\n", "", ""),
        ] {
            assert_eq!(
                with_line_ends_of(before, text, newline(before)),
                expected,
                "{before:?}"
            );
        }
    }
}
