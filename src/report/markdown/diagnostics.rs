//! Diagnostics as Markdown, for the comment in place of the plan.

use super::cells::{MAX_SENTENCE, short_prose};
use super::escape::{code, command, message};
use super::page::{Marker, Page};
use crate::diagnostic::Diagnostic;
use crate::report::diagnostics::count;
use crate::suggestion::{Suggestion, Verb};

/// The largest number of rows of an unfolded table.
const OPEN_ROWS: usize = 30;

/// The reserved bytes for the sentence about omitted parts.
const FOOT: usize = 200;

/// Returns the diagnostics, errors first, in at most `limit` bytes.
#[must_use]
pub fn diagnostics(all: &[Diagnostic], marker: &Marker, limit: usize) -> String {
    let mut page = Page::new(limit);
    page.push(&format!(
        "{marker}\n### Bluejay simulations\n\n**The files are not valid: {}.**\n\n",
        count(all)
    ));
    let is_folded = all.len() > OPEN_ROWS;
    if is_folded {
        page.push(&format!(
            "<details><summary>{} mistakes</summary>\n\n",
            all.len()
        ));
    }
    page.push("| where | what |\n| --- | --- |\n");
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    let shown = page.push_all(sorted.into_iter().map(row), FOOT);
    if is_folded {
        page.push("\n</details>\n");
    }
    if shown < all.len() {
        let more = all.len() - shown;
        page.push(&format!(
            "\nOmitted: {more} more. {} shows all mistakes.\n",
            command(Suggestion::new(Verb::Validate))
        ));
    }
    page.into_text()
}

fn row(diagnostic: &Diagnostic) -> String {
    let help: String = diagnostic
        .help
        .iter()
        .map(|help| format!("<br>help: {}", message(help, MAX_SENTENCE)))
        .collect();
    format!(
        "| {} | {}: {}{help} |\n",
        code(&diagnostic.place.to_string()),
        diagnostic.severity,
        short_prose(&diagnostic.summary)
    )
}
