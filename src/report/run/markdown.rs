//! Runs as Markdown, for a comment or a job summary.

use super::{cells, result, summary};
use crate::report::markdown::escape::{code, prose};
use crate::report::markdown::page::{Page, cut};
use crate::run::{Gate, Judged};

/// The most characters of a result.
const MAX_LENGTH: usize = 500;

/// What is kept free for the sentence that says what was cut.
const FOOT: usize = 200;

/// A line that sums up and a table: first the runs that failed, then those that
/// passed. What doesn't fit into `limit` bytes is counted.
#[must_use]
pub fn markdown(judged: &[Judged], gate: Gate, limit: usize) -> String {
    let sign = if judged.iter().all(|judged| judged.verdict.is_passed()) {
        "✅"
    } else {
        "❌"
    };
    let mut page = Page::new(limit);
    page.push(&format!(
        "### {sign} {}\n\n| simulation | status | passed | score | result |\n\
         | --- | --- | ---: | ---: | --- |\n",
        summary(judged, gate.min_score)
    ));
    let (passed, failed): (Vec<_>, Vec<_>) =
        judged.iter().partition(|judged| judged.verdict.is_passed());
    let rows = failed.into_iter().chain(passed).map(row);
    let shown = page.push_all(rows, FOOT);
    if shown < judged.len() {
        page.push(&format!("\nand {} more\n", judged.len() - shown));
    }
    page.into_text()
}

fn row(judged: &Judged) -> String {
    let [status, passed, score] = cells(judged);
    format!(
        "| {} | {} | {passed} | {score} | {} |\n",
        code(judged.key.as_str()),
        prose(&status),
        prose(&cut(&result(judged), MAX_LENGTH))
    )
}
