//! The report of an apply as Markdown, for a job summary.

use std::collections::BTreeMap;

use super::cells::{MAX_SENTENCE, short_prose};
use super::escape::{code, message, prose};
use super::page::Page;
use crate::api::ApiError;
use crate::apply::{Failed, Failure};
use crate::diagnostic::Diagnostic;
use crate::report::Destination;
use crate::report::apply::{Finished, sentence, ways_out};
use crate::report::requests;
use crate::resource::desired::{DesiredState, Source};
use crate::resource::key::{RemoteId, ResourceKey};

/// The largest number of rows of an unfolded table.
const OPEN_ROWS: usize = 30;

/// The reserved bytes for the sentences about omitted parts and requests.
const FOOT: usize = 600;

/// Returns the destination, the finished changes with the ids by key, and the failures
/// with place, cause and help, in at most `limit` bytes.
pub fn apply(
    ended: &Finished<'_>,
    destination: &Destination,
    desired: &DesiredState,
    ids: &BTreeMap<ResourceKey, RemoteId>,
    locate: impl Fn(&Failure, &Source) -> Vec<Diagnostic>,
    limit: usize,
) -> String {
    let mut page = Page::new(limit);
    let sentence = sentence(ended);
    page.push(&format!(
        "### Bluejay apply\n\n{}**{}**\n\n",
        destination.markdown(),
        prose(sentence.trim_end())
    ));
    let failed = &ended.outcome.failed;
    let rows = failed.iter().map(|failed| {
        let simulation = desired.resources.get(&failed.key);
        failure(
            failed,
            simulation.map(|simulation| &simulation.source),
            &locate,
        )
    });
    let head = "| failed | where | why |\n| --- | --- | --- |\n";
    let shown = table(&mut page, head, failed.len(), rows);
    let mut left_out = failed.len() - shown;
    let not_started = &ended.outcome.not_started;
    let rows = not_started
        .iter()
        .map(|(key, operation)| format!("| {} {} |\n", operation.verb(), code(key.as_str())));
    let head = "| not started |\n| --- |\n";
    left_out += not_started.len() - table(&mut page, head, not_started.len(), rows);
    let done = &ended.outcome.done;
    let rows = done.iter().map(|(key, operation)| {
        let id = ids.get(key).map(|id| destination.markdown_id(*id));
        let id = id.unwrap_or_default();
        format!("| {} | {} | {id} |\n", operation.done(), code(key.as_str()))
    });
    let head = "| done | key | id |\n| --- | --- | --- |\n";
    left_out += done.len() - table(&mut page, head, done.len(), rows);
    let orphans = &ended.orphans;
    let rows = orphans.iter().map(|(key, id)| {
        let id = destination.markdown_id(*id);
        format!("| {} | {id} |\n", code(key.as_str()))
    });
    let head = "| kept although no file declares it | id |\n| --- | --- |\n";
    left_out += orphans.len() - table(&mut page, head, orphans.len(), rows);
    if left_out > 0 {
        page.push(&format!(
            "Omitted: {left_out} more rows; the log has all rows.\n"
        ));
    }
    if let Some(sent) = requests::sentence(ended.sent) {
        page.push(&format!("{}\n", prose(&sent)));
    }
    page.into_text()
}

/// Adds the rows that fit into two thirds of the room; many rows are folded. Returns the
/// number of added rows.
fn table(page: &mut Page, head: &str, count: usize, rows: impl Iterator<Item = String>) -> usize {
    if count == 0 {
        return 0;
    }
    let is_folded = count > OPEN_ROWS;
    if is_folded {
        page.push(&format!("<details><summary>{count} rows</summary>\n\n"));
    }
    page.push(head);
    let reserve = page.room() / 3 + FOOT;
    let shown = page.push_all(rows, reserve);
    page.push(if is_folded { "\n</details>\n\n" } else { "\n" });
    shown
}

fn failure(
    failed: &Failed,
    source: Option<&Source>,
    locate: &impl Fn(&Failure, &Source) -> Vec<Diagnostic>,
) -> String {
    let mut causes = Vec::new();
    let mut places = Vec::new();
    if let (Failure::Api(ApiError::Refused { .. }) | Failure::Retained(_), Some(source)) =
        (&failed.failure, source)
    {
        for diagnostic in locate(&failed.failure, source) {
            places.push(code(&diagnostic.place.to_string()));
            causes.push(short_prose(&diagnostic.summary));
        }
    }
    if causes.is_empty() {
        places.extend(source.map(|source| code(&format!("{}:{}", source.file, source.line))));
        causes.push(short_prose(&failed.failure.to_string()));
    }
    let help = ways_out(failed);
    let help = help.iter().map(|help| message(help, MAX_SENTENCE));
    causes.extend(help.map(|help| format!("help: {help}")));
    format!(
        "| {} {} | {} | {} |\n",
        failed.operation.verb(),
        code(failed.key.as_str()),
        places.join("<br>"),
        causes.join("<br>")
    )
}
