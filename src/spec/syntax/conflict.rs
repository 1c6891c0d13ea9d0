//! Finds git conflict markers in a file.

use super::text::SourceText;
use crate::diagnostic::{Diagnostic, DiagnosticCode};

impl SourceText<'_> {
    /// Returns the error about conflict markers, which explain any other syntax error.
    pub(super) fn conflict(&self) -> Option<Diagnostic> {
        let markers = markers(self.whole);
        let (at, marker) = *markers
            .iter()
            .find(|(_, marker)| marker.starts_with("<<<<<<<") || marker.starts_with(">>>>>>>"))?;
        let diagnostic = Diagnostic::error(
            DiagnosticCode::Conflict,
            self.range(at, at + marker.len()),
            "git conflict markers: two versions of this file were not merged",
        )
        .label("a conflict begins here")
        .help("keep the lines that you want, and remove `<<<<<<<`, `=======` and `>>>>>>>`");
        let end = markers
            .iter()
            .find(|(other, marker)| *other > at && marker.starts_with(">>>>>>>"));
        Some(match end {
            Some((end, marker)) => {
                diagnostic.related(self.range(*end, end + marker.len()), "and ends here")
            }
            None => diagnostic,
        })
    }
}

/// Returns the marker lines around the two sides, each with the offset of its first
/// byte.
fn markers(text: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let shown = line.trim_end();
        let is_marker = ["<<<<<<<", ">>>>>>>"].iter().any(|marker| {
            shown
                .strip_prefix(marker)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if is_marker {
            found.push((start, shown));
        }
        start += line.len();
    }
    found
}
