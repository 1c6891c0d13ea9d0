//! The runs as Markdown, for a comment or a job summary.

use super::{RunReport, cells, result, summary};
use crate::report::markdown::cells::short_prose;
use crate::report::markdown::escape::{code, linked, prose};
use crate::report::markdown::page::Page;
use crate::run::Judged;

/// The reserved bytes for the sentence about omitted parts.
const FOOT: usize = 200;

/// Returns a summary line and a table: first the failed runs, then the passed runs. A second
/// table has the failed conversations. What does not fit into `limit` bytes is counted.
#[must_use]
pub fn markdown(report: &RunReport<'_>, limit: usize) -> String {
    let judged = report.judged;
    let sign = if judged.iter().all(|judged| judged.verdict.is_passed()) {
        "✅"
    } else {
        "❌"
    };
    let mut page = Page::new(limit);
    page.push(&format!(
        "### {sign} {}\n\n| simulation | status | passed | score | result |\n\
         | --- | --- | ---: | ---: | --- |\n",
        summary(judged, report.gate.min_score)
    ));
    let (passed, failed): (Vec<_>, Vec<_>) =
        judged.iter().partition(|judged| judged.verdict.is_passed());
    let rows = failed
        .into_iter()
        .chain(passed)
        .map(|judged| row(report, judged));
    let shown = page.push_all(rows, FOOT);
    if shown < judged.len() {
        page.push(&format!("\nand {} more\n", judged.len() - shown));
    } else {
        push_failed_conversations(report, &mut page);
    }
    page.into_text()
}

fn row(report: &RunReport<'_>, judged: &Judged) -> String {
    let [status, passed, score] = cells(judged);
    let address = report.destination.link(judged.simulation_id);
    format!(
        "| {} | {} | {passed} | {score} | {} |\n",
        linked(&code(judged.key.as_str()), address.as_deref()),
        prose(&status),
        short_prose(&result(judged))
    )
}

fn push_failed_conversations(report: &RunReport<'_>, page: &mut Page) {
    let failures = report.judged.iter().flat_map(|judged| {
        let failures = report.failed(judged).into_iter();
        failures.map(move |failure| (judged, failure))
    });
    let failures: Vec<_> = failures.collect();
    let (conversations, plural) = match failures.iter().map(|(_, failure)| failure.count).sum() {
        0 => return,
        1 => (1, ""),
        all => (all, "s"),
    };
    let rows = failures.iter().map(|(judged, failure)| {
        format!(
            "| {} | {} | {} | {} |\n",
            code(judged.key.as_str()),
            prose(&failure.caller),
            failure.count,
            short_prose(&failure.reason)
        )
    });
    let head = format!(
        "\n<details><summary>{conversations} failed conversation{plural}</summary>\n\n\
         | simulation | digital human | conversations | reason |\n\
         | --- | --- | ---: | --- |\n"
    );
    if page.room() < head.len() + FOOT || !page.push(&head) {
        return;
    }
    let shown = page.push_all(rows, FOOT);
    if shown < failures.len() {
        page.push(&format!("\nand {} more\n", failures.len() - shown));
    }
    page.push("\n</details>\n");
}
