//! The runs as Markdown, for a comment or a job summary.

use super::{cells, result, summary};
use crate::report::markdown::escape::{code, prose};
use crate::report::markdown::page::{Page, shortened};
use crate::run::{Gate, Judged};

/// The longest result, in characters.
const MAX_LENGTH: usize = 500;

/// The reserved bytes for the sentence about omitted parts.
const FOOT: usize = 200;

/// Returns a summary line and a table: first the failed runs, then the passed runs. Runs
/// that do not fit into `limit` bytes are counted.
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
        prose(&shortened(&result(judged), MAX_LENGTH))
    )
}
