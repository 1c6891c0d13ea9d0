//! The report of a pull as Markdown, for a pull request.

use super::{Pulled, Shown};
use crate::pull::{Left, OtherEnvironment};
use crate::report::markdown::cells::{MAX_SENTENCE, failed_row, short_prose, value};
use crate::report::markdown::escape::{code, prose};
use crate::report::markdown::page::{Page, shortened};

/// The reserved bytes for the second table.
const FOOT: usize = 6_000;

/// Returns the report as Markdown, in at most `limit` bytes; the limit must be at least
/// ten thousand. The report says what was left out.
#[must_use]
pub fn markdown(shown: &Shown<'_>, limit: usize) -> String {
    let mut page = Page::new(limit);
    page.push(&format!("**{}**\n\n", prose(&shown.sentence())));
    let pulled = shown.pulled.iter().flat_map(pulled_rows).collect();
    let mut head = "| resource | field | before | pulled |\n| --- | --- | --- | --- |\n";
    let mut omitted = page.push_table(head, pulled, FOOT);
    head = "| also changes | resources |\n| --- | --- |\n";
    let others = shown.others.iter().map(other_row).collect();
    omitted += page.push_table(head, others, FOOT / 2);
    head = "| left alone | field | reason |\n| --- | --- | --- |\n";
    let left = shown.left.iter().map(left_row);
    let failed = shown.failed.iter().map(|failed| failed_row(failed, 3));
    omitted += page.push_table(head, left.chain(failed).collect(), 200);
    if omitted > 0 {
        page.push(&format!("Omitted: {omitted} more rows.\n"));
    }
    page.into_text()
}

fn pulled_rows(pulled: &Pulled) -> Vec<String> {
    let fields = pulled.pull.fields.values();
    let fields = fields.filter(|field| pulled.edited.contains(&field.path));
    fields
        .map(|field| {
            format!(
                "| {} | {} | {} | {} |\n",
                code(pulled.pull.key.as_str()),
                code(&field.path),
                value(&field.written),
                value(&field.observed)
            )
        })
        .collect()
}

fn other_row(other: &OtherEnvironment) -> String {
    let keys: Vec<_> = other.keys.iter().map(ToString::to_string).collect();
    let mut keys = code(&shortened(&keys.join(", "), MAX_SENTENCE));
    if !other.is_complete {
        keys.push_str(" (not all compared: the files have mistakes there)");
    }
    let phrase = match &other.name {
        Some(name) => format!("in the environment {}", code(name)),
        None => "without an environment".to_owned(),
    };
    format!("| {phrase} | {keys} |\n")
}

fn left_row(left: &Left) -> String {
    let field = left.field.as_ref();
    let field = field.map(|field| code(&field.path)).unwrap_or_default();
    let reason = short_prose(&left.reason.to_string());
    format!("| {} | {field} | {reason} |\n", code(left.key.as_str()))
}
