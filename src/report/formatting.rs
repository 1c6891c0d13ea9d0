//! The report of `fmt`.

use similar::TextDiff;

use super::style::Palette;
use crate::visible;

/// Returns the changes of a file as a unified diff.
#[must_use]
pub fn diff(name: &str, before: &str, after: &str, palette: Palette) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    let unified = unified
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string();
    let lines = unified.split_inclusive('\n').map(|line| {
        let text = visible::line(line.trim_end_matches('\n')).into_owned();
        let line = match line.as_bytes().first() {
            Some(b'-') => palette.removed(text),
            Some(b'+') => palette.added(text),
            Some(b'@') => palette.faint(text),
            _ => text,
        };
        line + "\n"
    });
    lines.collect()
}

/// Returns the counts in one sentence.
#[must_use]
pub fn sentence(changed: usize, unchanged: usize, is_check: bool) -> String {
    let files = |count: usize| if count == 1 { "file" } else { "files" };
    let first = match (changed, is_check) {
        (0, _) => return format!("{unchanged} {} already formatted\n", files(unchanged)),
        (_, true) => format!("{changed} {} not formatted", files(changed)),
        (_, false) => format!("{changed} {} formatted", files(changed)),
    };
    match unchanged {
        0 => first + "\n",
        _ => format!("{first}, {unchanged} already formatted\n"),
    }
}
