//! The drift report for people.

use super::Shown;
use crate::plan::{DriftedSimulation, FieldDrift, Refusal};
use crate::report::plan::{place_text, value_text};
use crate::report::style::Palette;
use crate::report::suggestion;
use crate::report::text_diff::text_diff;
use crate::suggestion::{Message, Suggestion, Verb};
use crate::visible;

/// The largest number of untracked simulations, and of failed reads, that are listed.
const LISTED: usize = 20;

/// Returns the report as text.
#[must_use]
pub fn human(shown: &Shown<'_>, palette: Palette) -> String {
    let mut text = String::new();
    for drifted in &shown.report.drifted {
        text.push_str(&simulation(drifted, palette));
        text.push('\n');
    }
    for untracked in shown.untracked.iter().take(LISTED) {
        text.push_str(&format!(
            "{}{} {:?} is untracked, and has the agent and the name of {}\n\n",
            palette.changed("  ? "),
            palette.strong(untracked.id),
            untracked.name,
            untracked.looks_like
        ));
    }
    text.push_str(&more(shown.untracked.len(), "untracked simulations"));
    for (key, error) in shown.failed.iter().take(LISTED) {
        let sign = palette.error("  x ");
        text.push_str(&format!(
            "{sign}{}: could not be read: {}\n\n",
            palette.strong(key),
            visible::line(&error.to_string())
        ));
    }
    text.push_str(&more(shown.failed.len(), "failed reads"));
    if let Some(hidden) = shown.hidden_fields() {
        text.push_str(&palette.faint(hidden));
        text.push('\n');
    }
    text.push_str(&palette.strong(shown.sentence()));
    text.push('\n');
    if shown.is_nothing_visible {
        let help = suggestion::text(&Refusal::NothingVisible { count: 2 }.help());
        text.push_str(&format!("{}: {help}\n", palette.help("help")));
    } else if !shown.report.drifted.is_empty() {
        let help = Message::default()
            .command(Suggestion::new(Verb::Apply).flag("--refresh"))
            .text(" restores the desired state");
        let help = suggestion::text(&help);
        text.push_str(&format!("{}: {help}\n", palette.help("help")));
    }
    visible::terminal(&text, palette.is_coloured())
}

/// Returns the line about the rest of a list; empty if the list is shown whole.
fn more(count: usize, what: &str) -> String {
    let Some(more) = count.checked_sub(LISTED).filter(|more| *more > 0) else {
        return String::new();
    };
    let all = Suggestion::new(Verb::Drift).option("--format", "json");
    let line = Message::from(format!("  and {more} more {what}; all of them: ")).command(all);
    format!("{}\n\n", suggestion::text(&line))
}

fn simulation(drifted: &DriftedSimulation, palette: Palette) -> String {
    let words = match (drifted.is_gone, &drifted.source) {
        (true, _) => "is gone: deleted, or in another organisation than the key",
        (false, Some(_)) => "has drifted",
        (false, None) => "has drifted, and no file declares it",
    };
    let sign = if drifted.is_gone {
        palette.removed("  - ")
    } else {
        palette.changed("  ~ ")
    };
    let mut text = format!(
        "{sign}{} ({}) {words}",
        palette.strong(&drifted.key),
        drifted.id
    );
    if let Some(source) = &drifted.source {
        text.push_str(&palette.faint(format!("  # {}", place_text(source))));
    }
    text.push('\n');
    for field in &drifted.fields {
        text.push_str(&three_values(field, palette));
    }
    text
}

fn three_values(field: &FieldDrift, palette: Palette) -> String {
    let path = visible::line(&field.path);
    if let (Some(applied), Some(there)) = (field.applied.as_text(), field.observed.as_text())
        && (applied.trim_end().contains('\n') || there.trim_end().contains('\n'))
    {
        let diff = text_diff(applied, there, "        ", palette);
        return format!("      {path}: diff from applied to observed\n{diff}");
    }
    let mut text = format!(
        "      {path}: {} {} {}",
        palette.removed(value_text(&field.applied)),
        palette.faint("applied, observed is"),
        palette.added(value_text(&field.observed))
    );
    if field.written != field.applied {
        text.push_str(&format!(
            "{} {}",
            palette.faint(", declared is"),
            value_text(&field.written)
        ));
    }
    text.push('\n');
    text
}
