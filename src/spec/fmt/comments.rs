//! Finds the comments of a YAML file.

use super::lines::Lines;

/// Returns the comments without surrounding white space, sorted.
pub(super) fn comments(text: &str, lines: &Lines<'_>) -> Vec<String> {
    let found = (0..lines.len()).filter_map(|line| {
        let at = lines.comment_start(line)?;
        let end = lines.end(line);
        Some(text[at..end].trim().to_owned())
    });
    let mut comments: Vec<_> = found.collect();
    comments.sort();
    comments
}
