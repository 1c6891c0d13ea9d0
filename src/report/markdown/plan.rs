//! The plan as Markdown, for the comment on a pull request.

use super::escape::{code, command, message, prose};
use super::page::{Marker, Page, shortened};
use super::plan_details::{Details, headline_sign};
use crate::plan::{Action, Change, Plan};
use crate::report::Destination;
use crate::report::model::{self, Tone};
use crate::report::plan::{summary_line, weight};
use crate::report::style::Palette;
use crate::suggestion::{Suggestion, Verb};

/// The largest number of rows of an unfolded table.
const OPEN_ROWS: usize = 30;

/// The largest number of refusals that the comment shows.
const MAX_REFUSALS: usize = 20;

/// The largest number of fields that a row names.
const MAX_FIELDS: usize = 5;

/// The longest text between the commands of a help, in characters.
const MAX_HELP: usize = 1_000;

/// The longest name in a row, in characters.
const MAX_NAME: usize = 80;

/// The reserved bytes for the sentence about omitted parts.
const FOOT: usize = 600;

/// Returns the plan: marker, address of the API, summary, refusals, a table of changes,
/// and the changed fields in a fold. `open` are the keys with open intents of an earlier
/// apply. The page has at most `limit` bytes; the limit must be at least a few thousand.
#[must_use]
pub fn plan(
    plan: &Plan,
    destination: &Destination,
    open: &[String],
    marker: &Marker,
    limit: usize,
) -> String {
    let mut page = Page::new(limit);
    page.push(&head(plan, destination, open, marker));
    page.push_all(refusals(plan), FOOT);
    page.push_all(hints(plan), FOOT);
    page.push_all(protect_changes(plan), FOOT);
    let mut changes = plan.in_reading_order();
    changes.sort_by_key(|change| weight(&change.action));
    if changes.is_empty() {
        return page.into_text();
    }
    let rows = table(&mut page, &changes, destination);
    let details = Details::push(&mut page, &changes, FOOT);
    page.push(&foot(changes.len(), rows, &details));
    page.into_text()
}

fn head(plan: &Plan, destination: &Destination, open: &[String], marker: &Marker) -> String {
    let line = summary_line(plan.summary(), Palette::new(false));
    let mut text = format!(
        "{marker}\n### Bluejay simulations\n\n{}",
        destination.markdown()
    );
    for warning in destination.warnings() {
        let warning = prose(&warning);
        text.push_str(&format!("> [!CAUTION]\n> **{warning}**\n\n"));
    }
    text.push_str(&format!("**{}**\n\n", prose(&line)));
    if let Some(cost) = destination.cost(plan) {
        text.push_str(&format!("An apply sends {}.\n\n", prose(&cost)));
    }
    if !open.is_empty() {
        text.push_str(&format!(
            "An earlier apply was interrupted and left {} open; the next apply settles these keys \
             first.\n\n",
            open.len()
        ));
    }
    text
}

fn refusals(plan: &Plan) -> Vec<String> {
    if plan.is_applyable() {
        return Vec::new();
    }
    let mut lines = vec!["**An apply would refuse this plan:**\n\n".to_owned()];
    lines.extend(plan.refusals.iter().take(MAX_REFUSALS).map(|refusal| {
        let (text, help) = (refusal.to_string(), refusal.help());
        format!("- {}\n  ({})\n", prose(&text), message(&help, MAX_HELP))
    }));
    if plan.refusals.len() > MAX_REFUSALS {
        let more = plan.refusals.len() - MAX_REFUSALS;
        lines.push(format!("- and {more} more\n"));
    }
    lines.push("\n".to_owned());
    lines
}

fn hints(plan: &Plan) -> Vec<String> {
    let shown = plan.hints.iter().take(MAX_REFUSALS);
    let mut lines: Vec<_> = shown
        .map(|hint| {
            let (text, help) = (hint.to_string(), hint.help());
            format!("- {}\n  ({})\n", prose(&text), prose(&help))
        })
        .collect();
    if plan.hints.len() > MAX_REFUSALS {
        let more = plan.hints.len() - MAX_REFUSALS;
        lines.push(format!("- and {more} more\n"));
    }
    if !lines.is_empty() {
        lines.insert(0, "**Creates that look like renames:**\n\n".to_owned());
        lines.push("\n".to_owned());
    }
    lines
}

/// Returns the changes of `protect`, lifted protections first.
fn protect_changes(plan: &Plan) -> Vec<String> {
    let lists = [
        (false, "**No longer protected:**"),
        (true, "Newly protected:"),
    ];
    let lists = lists.map(|(is_protected, title)| {
        let changes = plan.protect_changes.iter();
        let keys: Vec<_> = changes
            .filter(|change| change.is_protected == is_protected)
            .map(|change| code(change.key.as_str()))
            .collect();
        let mut named = keys[..keys.len().min(MAX_REFUSALS)].join(", ");
        if keys.len() > MAX_REFUSALS {
            named.push_str(&format!(" and {} more", keys.len() - MAX_REFUSALS));
        }
        (!keys.is_empty()).then(|| format!("{title} {named}\n\n"))
    });
    lists.into_iter().flatten().collect()
}

/// Adds the rows that fit into half of the room. Returns the number of added rows.
fn table(page: &mut Page, changes: &[&Change], destination: &Destination) -> usize {
    let is_folded = changes.len() > OPEN_ROWS;
    if is_folded {
        let all = changes.len();
        page.push(&format!("<details><summary>{all} changes</summary>\n\n"));
    }
    page.push("| | key | id | what | where |\n| --- | --- | --- | --- | --- |\n");
    let reserve = page.room() / 2;
    let rows = changes.iter().map(|change| row(change, destination));
    let count = page.push_all(rows, reserve);
    page.push(if is_folded { "\n</details>\n\n" } else { "\n" });
    count
}

fn row(change: &Change, destination: &Destination) -> String {
    let id = change.id.map(|id| destination.markdown_id(id));
    let place = change
        .source
        .as_ref()
        .map(|source| code(&format!("{}:{}", source.file, source.line)));
    format!(
        "| {} | {} | {} | {} | {} |\n",
        headline_sign(change),
        code(change.key.as_str()),
        id.unwrap_or_default(),
        describe_change(change),
        place.unwrap_or_default()
    )
}

fn describe_change(change: &Change) -> String {
    let mut spans = model::words(change);
    let is_explained =
        matches!(&change.action, Action::Replace { because, .. } if !because.is_empty());
    let subject = model::subject(change, MAX_FIELDS);
    if !subject.is_empty() && !is_explained {
        spans.push(model::Span::plain(": "));
        spans.extend(subject);
    }
    let spans = spans.iter().map(|span| match span.tone {
        Tone::Plain => prose(&span.text),
        Tone::Alarm => format!("**{}**", prose(&span.text)),
        Tone::Code => code(&shortened(&span.text, MAX_NAME)),
    });
    spans.collect()
}

/// Returns a sentence about omitted parts; empty if the page is complete.
fn foot(changes: usize, rows: usize, details: &Details) -> String {
    let mut cut = Vec::new();
    if rows < changes {
        cut.push(format!("{} of {changes} rows of the table", changes - rows));
    }
    if details.left_out > 0 {
        cut.push(format!(
            "the fields of {} of {changes} changes",
            details.left_out
        ));
    }
    if details.shortened > 0 {
        cut.push(format!("{} long values, shortened", details.shortened));
    }
    if cut.is_empty() {
        return String::new();
    }
    format!(
        "Omitted: {}. {} shows the whole plan.\n",
        cut.join("; "),
        command(Suggestion::new(Verb::Plan))
    )
}
