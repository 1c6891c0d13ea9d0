//! The drift report for people.

use super::Shown;
use crate::plan::{Coverage, DriftedSimulation, FieldDrift, Refusal};
use crate::report::Destination;
use crate::report::groups::{groups, names};
use crate::report::layout::{Layout, Part};
use crate::report::model::{self, Content, Detail};
use crate::report::plan::{id_in_brackets, place_text, titled};
use crate::report::style::Paint;
use crate::report::suggestion;
use crate::resource::Kind;
use crate::suggestion::{Message, Suggestion, Verb, counted};
use crate::visible;

/// The largest number of untracked resources, and of failed reads, that are listed.
const LISTED: usize = 20;

/// Returns the report as text.
#[must_use]
pub fn human(shown: &Shown<'_>, layout: Layout) -> String {
    let palette = layout.palette;
    let mut text = shown.destination.header(layout) + "\n";
    for drifted in &shown.report.drifted {
        text.push_str(&simulation(drifted, shown.destination, layout));
        text.push('\n');
    }
    for untracked in shown.untracked.iter().take(LISTED) {
        let (id, address) = (
            untracked.id.to_string(),
            shown.destination.link(untracked.id),
        );
        let words = format!(
            " {:?} is untracked, and has the agent and the name of {}",
            untracked.name, untracked.looks_like
        );
        let parts = [
            Part::new(Paint::Changed, "  ? "),
            Part::new(Paint::Strong, &id).linked(address.as_deref()),
            Part::new(Paint::Plain, &words),
        ];
        text.push_str(&layout.paragraph(&parts, 0, "  ? ".len()));
        text.push_str("\n\n");
    }
    text.push_str(&more(
        shown.untracked.len(),
        "untracked simulations",
        layout,
    ));
    text.push_str(&failed_reads(shown, layout));
    if let Some(hidden) = shown.hidden_fields() {
        let hidden = [Part::new(Paint::Faint, &hidden)];
        text.push_str(&layout.paragraph(&hidden, 0, "  ".len()));
        text.push('\n');
    }
    let sentence = shown.sentence();
    let sentence = [Part::new(Paint::Strong, &sentence)];
    text.push_str(&layout.paragraph(&sentence, 0, "  ".len()));
    text.push('\n');
    if shown.coverage.is_nothing() {
        let help = suggestion::text(&Coverage::help());
        let help = format!("{}: {help}\n", palette.help("help"));
        text.push_str(&layout.hanging(help));
    } else if shown.is_nothing_visible {
        let help = suggestion::text(
            &Refusal::NothingVisible {
                count: 2,
                plural: shown.plural,
            }
            .help(),
        );
        let help = format!("{}: {help}\n", palette.help("help"));
        text.push_str(&layout.hanging(help));
    } else {
        for help in ways_out(shown) {
            let help = format!("{}: {}\n", palette.help("help"), suggestion::text(&help));
            text.push_str(&layout.hanging(help));
        }
    }
    palette.shown(&text)
}

/// Returns the commands that end the drift. `pull` has no value for a missing resource.
fn ways_out(shown: &Shown<'_>) -> Vec<Message> {
    let mut ways_out = Vec::new();
    let drifted = &shown.report.drifted;
    if !drifted.is_empty() {
        let apply = Suggestion::new(Verb::Apply).flag("--refresh");
        let apply = Message::default().command(apply);
        ways_out.push(apply.text(" restores the desired state"));
    }
    if drifted.iter().any(|it| !it.is_gone && it.source.is_some()) {
        let pull = Message::default().command(Suggestion::new(Verb::Pull));
        ways_out.push(pull.text(" writes the observed values into the files"));
    }
    ways_out
}

/// Returns the failed reads. Equal failures share a paragraph.
fn failed_reads(shown: &Shown<'_>, layout: Layout) -> String {
    let failed: Vec<_> = shown.failed.iter().collect();
    let groups = groups(&failed, |(_, error)| error.to_string());
    let mut text = String::new();
    for group in groups.iter().take(LISTED) {
        let Some((key, error)) = group.first() else {
            continue;
        };
        let subject = match group.len() {
            1 => visible::line(key.as_str()).into_owned(),
            count => counted(count, "resource"),
        };
        let error = error.to_string();
        let error = visible::line(&error);
        let parts = [
            Part::new(Paint::Removed, "  x "),
            Part::new(Paint::Strong, &subject),
            Part::new(Paint::Plain, ": could not be read: "),
            Part::new(Paint::Plain, &error),
        ];
        text.push_str(&layout.paragraph(&parts, 0, "  x ".len()));
        text.push('\n');
        if group.len() > 1 {
            text.push_str(&names(group.iter().map(|(key, _)| key), "      ".len()));
        }
        text.push('\n');
    }
    text + &more(groups.len(), "failed reads", layout)
}

/// Returns the line about the rest of a list; empty if the list is shown whole.
fn more(count: usize, what: &str, layout: Layout) -> String {
    let Some(more) = count.checked_sub(LISTED).filter(|more| *more > 0) else {
        return String::new();
    };
    let all = Suggestion::new(Verb::Drift).option("--format", "json");
    let line = Message::from(format!("  and {more} more {what}; all of them: ")).command(all);
    layout.hanging(format!("{}\n\n", suggestion::text(&line)))
}

fn simulation(drifted: &DriftedSimulation, destination: &Destination, layout: Layout) -> String {
    let words = match (drifted.is_gone, &drifted.source) {
        (true, _) => "is gone: deleted, or in another organisation than the key",
        (false, Some(_)) => "has drifted",
        (false, None) => "has drifted, and no file declares it",
    };
    let (sign, paint) = if drifted.is_gone {
        ("  - ", Paint::Removed)
    } else {
        ("  ~ ", Paint::Changed)
    };
    let key = visible::line(drifted.key.as_str());
    let (id, address) = (drifted.id.to_string(), destination.link(drifted.id));
    let words = format!(" {words}");
    let place = drifted.source.as_ref().map(place_text);
    let place = place.map(|place| format!("  # {place}"));
    let mut parts = vec![Part::new(paint, sign), Part::new(Paint::Strong, &key)];
    parts.extend(id_in_brackets(&id, address.as_deref()));
    parts.push(Part::new(Paint::Plain, &words));
    parts.extend(place.as_ref().map(|place| Part::whole(Paint::Faint, place)));
    let mut text = layout.paragraph(&parts, 0, sign.len()) + "\n";
    for field in &drifted.fields {
        text.push_str(&three_values(drifted.key.kind(), field, layout));
    }
    text
}

fn three_values(kind: Kind, field: &FieldDrift, layout: Layout) -> String {
    let detail = Detail {
        is_full: layout.is_full,
        has_emphasis: layout.palette.is_coloured(),
    };
    let FieldDrift { path, applied, .. } = field;
    let observed = model::in_unit_of(&field.observed, applied);
    let is_set = model::is_set(kind, path);
    let view = model::compare(path, applied, &observed, is_set, detail);
    let (before, after) = match &view.content {
        Content::Pair { before, after } => (before, after),
        Content::New(_) => return String::new(),
        Content::Rows(rows) => {
            let mut note = "diff from applied to observed".to_owned();
            if !view.note.is_empty() {
                note.push_str(&format!("; {}", view.note));
            }
            if let Some(declared) = declared(field, false) {
                note.push_str(&format!("; declared is {declared}"));
            }
            return titled(&view.path, &note, rows, layout);
        }
    };
    let label = format!("      {}: ", view.path);
    let declared = declared(field, layout.is_full);
    let mut parts = vec![
        Part::new(Paint::Plain, &label),
        Part::new(Paint::Removed, before),
        Part::new(Paint::Faint, " applied, observed is "),
        Part::new(Paint::Added, after),
    ];
    if let Some(declared) = &declared {
        parts.push(Part::new(Paint::Faint, ", declared is "));
        parts.push(Part::new(Paint::Plain, declared));
    }
    layout.paragraph(&parts, 0, "        ".len()) + "\n"
}

/// Returns the declared value, if the file has changed since the last apply, too.
fn declared(field: &FieldDrift, is_full: bool) -> Option<String> {
    let FieldDrift {
        written, applied, ..
    } = field;
    let is_other = written != applied;
    is_other.then(|| model::in_one_line(&model::in_unit_of(written, applied), is_full))
}
