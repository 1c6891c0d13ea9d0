//! Mistakes in the files, for the comment that would hold the plan.

use super::escape::{code, command, message, prose};
use super::page::{Marker, Page, cut};
use crate::diagnostic::Diagnostic;
use crate::report::diagnostics::count;
use crate::suggestion::{Suggestion, Verb};

/// The most rows of a table that is not folded.
const OPEN_ROWS: usize = 30;

/// What is kept free for the sentence that says what was cut.
const FOOT: usize = 200;

/// The most characters of a message.
const MAX_LENGTH: usize = 500;

/// Why there is no plan: the mistakes, errors first. At most `limit` bytes.
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
            "\nCut to fit: {more} more. {} shows everything.\n",
            command(Suggestion::new(Verb::Validate))
        ));
    }
    page.into_text()
}

fn row(diagnostic: &Diagnostic) -> String {
    let help: String = diagnostic
        .help
        .iter()
        .map(|help| format!("<br>help: {}", message(help, MAX_LENGTH)))
        .collect();
    format!(
        "| {} | {}: {}{help} |\n",
        code(&diagnostic.place.to_string()),
        diagnostic.severity,
        prose(&cut(&diagnostic.summary, MAX_LENGTH))
    )
}
