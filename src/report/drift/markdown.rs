//! The drift report as Markdown, for an issue.

use super::Shown;
use crate::apply::Untracked;
use crate::plan::{DriftedSimulation, FieldDrift};
use crate::report::Destination;
use crate::report::markdown::cells::{failed_row, short_prose, value};
use crate::report::markdown::escape::{code, command, prose};
use crate::report::markdown::page::Page;
use crate::report::model::in_unit_of;
use crate::report::requests;
use crate::suggestion::{Suggestion, Verb};

/// The largest number of rows of an unfolded table.
const OPEN_ROWS: usize = 30;

/// The reserved bytes for the sentences below the table.
const FOOT: usize = 6_000;

/// Returns the report as Markdown, in at most `limit` bytes; the limit must be at least
/// ten thousand. The report says what was left out.
#[must_use]
pub fn markdown(shown: &Shown<'_>, limit: usize) -> String {
    let mut page = Page::new(limit);
    page.push(&format!("**{}**\n\n", prose(&shown.sentence())));
    page.push(&shown.destination.markdown());
    let rows = rows(shown);
    let left_out = table(&mut page, rows);
    if left_out > 0 {
        page.push(&format!(
            "Omitted: {left_out} more rows. {} shows all rows.\n\n",
            command(Suggestion::new(Verb::Drift))
        ));
    }
    if let Some(hidden) = shown.hidden_fields() {
        page.push(&format!("{}\n", short_prose(&hidden)));
    }
    if let Some(sent) = requests::sentence(shown.sent) {
        page.push(&format!("\n{}\n", prose(&sent)));
    }
    page.into_text()
}

fn rows(shown: &Shown<'_>) -> Vec<String> {
    let destination = shown.destination;
    let drifted = shown
        .report
        .drifted
        .iter()
        .flat_map(|drifted| differences(drifted, destination));
    let untracked = shown.untracked.iter();
    let untracked = untracked.map(|untracked| untracked_row(untracked, destination));
    let failed = shown.failed.iter().map(|failed| failed_row(failed, 6));
    drifted.chain(untracked).chain(failed).collect()
}

/// Adds the rows that fit; many rows are folded. Returns the number of omitted rows.
fn table(page: &mut Page, rows: Vec<String>) -> usize {
    let is_folded = rows.len() > OPEN_ROWS;
    if is_folded {
        let summary = format!("<details><summary>{} rows</summary>\n\n", rows.len());
        page.push(&summary);
    }
    let head = "| simulation | id | field | declared | applied | observed |\n\
                | --- | --- | --- | --- | --- | --- |\n";
    let omitted = page.push_table(head, rows, FOOT);
    if is_folded {
        page.push("</details>\n\n");
    }
    omitted
}

/// Returns one row per field, or one row for a missing resource.
fn differences(drifted: &DriftedSimulation, destination: &Destination) -> Vec<String> {
    let id = destination.markdown_id(drifted.id);
    let head = format!("| {} | {id} |", code(drifted.key.as_str()));
    let field = |field: &FieldDrift| {
        format!(
            "{head} {} | {} | {} | {} |\n",
            code(&field.path),
            value(&in_unit_of(&field.written, &field.applied)),
            value(&field.applied),
            value(&in_unit_of(&field.observed, &field.applied)),
        )
    };
    if drifted.is_gone {
        return vec![format!("{head} | | | gone |\n")];
    }
    drifted.fields.iter().map(field).collect()
}

fn untracked_row(untracked: &Untracked, destination: &Destination) -> String {
    format!(
        "| {} | {} | | | | untracked, with the same name |\n",
        code(untracked.looks_like.as_str()),
        destination.markdown_id(untracked.id)
    )
}
