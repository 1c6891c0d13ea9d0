//! The plan for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::api::ApiError;
use crate::error::CommandError;
use crate::plan::{Action, Change, Plan, ProtectChange, Refusal, Summary};
use crate::report::groups::{groups, names};
use crate::report::layout::{Layout, Part};
use crate::report::model::{
    self, Content, Detail, FieldView, Row, Shown, Tag, Tone, UNLIMITED_ROOM,
};
use crate::report::style::{Paint, Palette};
use crate::report::{Destination, Output, suggestion};
use crate::resource::desired::Source;
use crate::resource::key::ResourceKey;
use crate::suggestion::{Message, Suggestion, Verb, counted};
use crate::visible;

/// Returns the plan as text: the address of the API, the changes, the summary.
#[must_use]
pub fn human(plan: &Plan, destination: &Destination, layout: Layout) -> String {
    let mut text = Vec::new();
    // Writing to memory never fails.
    let _ = write_human(&mut text, plan, destination, layout);
    String::from_utf8(text).unwrap_or_default()
}

/// Writes the same text change by change: a plan may have many thousands.
pub fn write_human(
    mut writer: impl Write,
    plan: &Plan,
    destination: &Destination,
    layout: Layout,
) -> io::Result<()> {
    let palette = layout.palette;
    let mut write = |text: String| {
        let shown = palette.shown(&text);
        writer.write_all(shown.as_bytes())
    };
    write(destination.human(layout))?;
    for change in plan.in_reading_order() {
        let head = headline(change, destination, layout);
        let body = field_lines(change, layout);
        write(format!("{head}{body}\n"))?;
    }
    if !plan.protect_changes.is_empty() {
        let changes = protect_changes(&plan.protect_changes, layout);
        write(format!("{changes}\n"))?;
    }
    write(summary(plan, layout))?;
    match destination.cost(plan) {
        Some(cost) => write(format!("An apply sends {cost}.\n")),
        None => Ok(()),
    }
}

/// Returns the summary, in the width of the layout.
fn summary(plan: &Plan, layout: Layout) -> String {
    let line = summary_line(plan.summary(), Palette::new(false));
    let (head, rest) = line.split_at(line.find(':').map_or(0, |colon| colon + 1));
    let parts = [
        Part::new(Paint::Strong, head),
        Part::new(Paint::Plain, rest),
    ];
    layout.paragraph(&parts, 0, "  ".len()) + "\n"
}

/// Returns the changes of `protect`, one below the other. A lifted protection is as
/// prominent as a delete.
fn protect_changes(changes: &[ProtectChange], layout: Layout) -> String {
    let shown = changes.iter().take(NAMED_PROTECT_CHANGES).map(|change| {
        let key = visible::line(change.key.as_str());
        let place = format!("  # {}", place_text(&change.source));
        let (paint, words) = if change.is_protected {
            (Paint::Added, " becomes protected")
        } else {
            (Paint::Removed, " is no longer protected")
        };
        let parts = [
            Part::new(paint, "  * "),
            Part::new(Paint::Plain, &key),
            Part::new(Paint::Plain, words),
            Part::whole(Paint::Faint, &place),
        ];
        layout.paragraph(&parts, 0, "    ".len()) + "\n"
    });
    let mut text: String = shown.collect();
    if changes.len() > NAMED_PROTECT_CHANGES {
        let more = changes.len() - NAMED_PROTECT_CHANGES;
        text.push_str(&format!("  * and {more} more changes of `protect`\n"));
    }
    text
}

/// The largest number of changes of `protect` that are shown one by one.
const NAMED_PROTECT_CHANGES: usize = 20;

/// Returns the reasons why an apply would refuse the plan, for stderr; empty for an
/// applicable plan.
#[must_use]
pub fn refusals(plan: &Plan, label: &str, palette: Palette) -> String {
    let (refused, help) = (palette.error(label), palette.help("help"));
    let are_of_one_key = |one: &Refusal, next: &Refusal| match (one, next) {
        (
            Refusal::ReferenceNeedsTarget { key, .. },
            Refusal::ReferenceNeedsTarget { key: next, .. },
        ) => key == next,
        _ => false,
    };
    let groups = plan.refusals.chunk_by(are_of_one_key);
    let said = groups.map(|group| {
        let (message, way_out) = match group {
            [refusal] => (refusal.to_string(), refusal.help()),
            group => untargeted(group),
        };
        let way_out = suggestion::text(&way_out);
        format!("{refused}: {message}\n{help}: {way_out}\n")
    });
    said.collect()
}

/// Returns the message and the help of several references of one key that are not among the
/// targets.
fn untargeted(refusals: &[Refusal]) -> (String, Message) {
    let mut apply = Suggestion::new(Verb::Apply);
    let (mut named, mut all) = (String::new(), Vec::new());
    for refusal in refusals {
        if let Refusal::ReferenceNeedsTarget { key, missing } = refusal {
            if all.is_empty() {
                named = key.to_string();
                apply = apply.option("--target", key.as_str());
            }
            apply = apply.option("--target", missing.as_str());
            all.push(format!("`{missing}`"));
        }
    }
    let message = format!(
        "`{named}` refers to resources that do not exist yet and are not among the targets: {}",
        all.join(", ")
    );
    (message, Message::from("target all: ").command(apply))
}

/// Reports the resources that a refresh could not read. Equal failures share a message.
pub fn unread(failed: &BTreeMap<ResourceKey, ApiError>, output: &Output) {
    let failed: Vec<_> = failed.iter().collect();
    for group in groups(&failed, |(_, error)| error.to_string()) {
        let Some((key, error)) = group.first() else {
            continue;
        };
        let what = match group.len() {
            1 => format!("`{key}`"),
            count => counted(count, "resource"),
        };
        let error = CommandError::new(format!(
            "could not read {what}; the plan uses the lockfile in place of the API"
        ))
        .caused_by((*error).clone());
        output.error(&error);
        if group.len() > 1 {
            let keys = names(group.iter().map(|(key, _)| key), 2);
            output.problem(keys.trim_end());
        }
    }
}

/// Returns the warnings about creates that look like renames, for stderr.
#[must_use]
pub fn hints(plan: &Plan, palette: Palette) -> String {
    let (warning, help) = (palette.warning("warning"), palette.help("help"));
    let hints = plan.hints.iter().take(NAMED_HINTS);
    let mut text: String = hints
        .map(|hint| format!("{warning}: {hint}\n{help}: {}\n", hint.help()))
        .collect();
    if plan.hints.len() > NAMED_HINTS {
        let more = plan.hints.len() - NAMED_HINTS;
        text.push_str(&format!(
            "{warning}: and {more} more creates look like renames\n"
        ));
    }
    text
}

/// The largest number of shown hints.
const NAMED_HINTS: usize = 10;

/// Returns the number of changes by kind in one sentence.
#[must_use]
pub fn summary_line(summary: Summary, palette: Palette) -> String {
    let Summary {
        create,
        update,
        replace,
        delete,
        orphan,
        moved,
        adopt,
        unchanged,
    } = summary;
    let counts = [
        (create, "to create"),
        (update, "to update"),
        (replace, "to replace"),
        (delete, "to delete"),
        (moved, "to move"),
        (adopt, "to adopt"),
    ];
    let work: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let mut text = if work.is_empty() {
        palette.strong("No changes:")
    } else {
        format!("{} {};", palette.strong("Plan:"), work.join(", "))
    };
    text.push_str(&format!(" {unchanged} unchanged"));
    if orphan > 0 {
        let them = if orphan == 1 { "it" } else { "them" };
        text.push_str(&format!(
            ", {orphan} in the lockfile that no file declares (--prune deletes {them})"
        ));
    }
    text.push('.');
    text
}

fn headline(change: &Change, destination: &Destination, layout: Layout) -> String {
    let sign = format!("{:>3} ", model::sign(&change.action));
    let key = visible::line(change.key.as_str());
    let id = change.id.map(|id| (id.to_string(), destination.link(id)));
    let place = change.source.as_ref().map(place_text);
    let place = place.map(|place| format!("  # {place}"));
    let words = model::words(change);
    let mut parts = vec![
        Part::new(paint(&change.action), &sign),
        Part::new(Paint::Strong, &key),
    ];
    if let Some((id, address)) = &id {
        parts.extend(id_in_brackets(id, address.as_deref()));
    }
    parts.push(Part::new(Paint::Plain, " "));
    parts.extend(words.iter().map(|span| {
        let paint = match span.tone {
            Tone::Plain | Tone::Code => Paint::Plain,
            Tone::Alarm => Paint::Removed,
        };
        Part::new(paint, &span.text)
    }));
    parts.extend(place.as_ref().map(|place| Part::whole(Paint::Faint, place)));
    layout.paragraph(&parts, 0, "    ".len()) + "\n"
}

/// Returns an id behind a key, as a link to the dashboard. Shared with the drift report.
pub(in crate::report) fn id_in_brackets<'a>(
    id: &'a str,
    address: Option<&'a str>,
) -> [Part<'a>; 3] {
    [
        Part::whole(Paint::Plain, " ("),
        Part::whole(Paint::Plain, id).linked(address),
        Part::whole(Paint::Plain, ")"),
    ]
}

fn paint(action: &Action) -> Paint {
    match action {
        Action::Create => Paint::Added,
        Action::Update { .. } | Action::Orphan => Paint::Changed,
        Action::Replace { .. } | Action::Delete => Paint::Removed,
        Action::Move | Action::Adopt => Paint::Moved,
    }
}

/// The blanks before a field.
const FIELD: &str = "      ";

/// The blanks before a row of a diff, or a line of a value.
const ROW: &str = "        ";

/// The smallest room for a value beside its name. With less room, the value begins below.
const MIN_ROOM: usize = 30;

fn field_lines(change: &Change, layout: Layout) -> String {
    let detail = Detail {
        is_full: layout.is_full,
        has_emphasis: layout.palette.is_coloured(),
    };
    let fields = model::fields(change, detail);
    let new = fields
        .iter()
        .filter(|field| matches!(field.content, Content::New(_)));
    // The value of a longer name begins below the name.
    let taken = FIELD.len() + ":  ".len() + MIN_ROOM;
    let most = layout.room(taken).unwrap_or(usize::MAX);
    let widths = new.map(|field| field.path.width());
    let longest = widths.filter(|width| *width <= most).max().unwrap_or(0);
    let fields = fields.iter().map(|field| match &field.content {
        Content::New(shown) => new_field(&field.path, shown, longest, layout),
        Content::Pair { before, after } => pair(field, before, after, layout),
        Content::Rows(rows) => titled(&field.path, &field.note, rows, layout),
    });
    fields.collect()
}

/// Returns a field of a new resource. The values begin in one column.
fn new_field(path: &str, shown: &Shown, longest: usize, layout: Layout) -> String {
    if layout.is_full && !matches!(shown, Shown::Line(_)) {
        let mut text = format!("{FIELD}{}\n", layout.palette.faint(format!("{path}:")));
        for line in shown.lines() {
            text.push_str(&below(&line, layout));
        }
        return text;
    }
    let column = FIELD.len() + longest + ":  ".len();
    let Some(blanks) = longest.checked_sub(path.width()) else {
        let label = layout.palette.faint(format!("{path}:"));
        let value = shown.preview(layout.width.saturating_sub(ROW.len()));
        return format!("{FIELD}{label}\n{}", below(&value, layout));
    };
    let label = format!("{path}:{}", " ".repeat(blanks + 2));
    let label = format!("{FIELD}{}", layout.palette.faint(label));
    let value = shown.preview(layout.room(column).unwrap_or(UNLIMITED_ROOM));
    let value = [Part::new(Paint::Plain, &value)];
    format!("{label}{}\n", layout.paragraph(&value, column, column))
}

/// Returns a line of a value, below the name of its field.
fn below(line: &str, layout: Layout) -> String {
    let indent = ROW.len() + if line.starts_with("- ") { 2 } else { 0 };
    let line = layout.paragraph(&[Part::new(Paint::Plain, line)], ROW.len(), indent);
    format!("{ROW}{line}\n")
}

/// Returns two values in one line, or one below the other if they do not fit.
fn pair(field: &FieldView, before: &str, after: &str, layout: Layout) -> String {
    let FieldView { path, note, .. } = field;
    let label = format!("{FIELD}{path}: ");
    let note_text = match note.as_str() {
        "" => String::new(),
        note => format!(" ({note})"),
    };
    let parts = [
        Part::new(Paint::Plain, &label),
        Part::new(Paint::Removed, before),
        Part::new(Paint::Faint, " -> "),
        Part::new(Paint::Added, after),
        Part::new(Paint::Faint, &note_text),
    ];
    if layout.fits(&parts, 0) {
        return layout.paragraph(&parts, 0, 0) + "\n";
    }
    let rows = [(Tag::Removed, before), (Tag::Added, after)];
    let rows = rows.map(|(tag, value)| Row::new(tag, value));
    titled(path, note, &rows, layout)
}

/// Returns a diff below the name of its field. Shared with the drift report.
pub(in crate::report) fn titled(path: &str, note: &str, rows: &[Row], layout: Layout) -> String {
    let label = format!("{FIELD}{path}:");
    let note = match note {
        "" => String::new(),
        note => format!(" ({note})"),
    };
    let title = [
        Part::new(Paint::Plain, &label),
        Part::new(Paint::Faint, &note),
    ];
    layout.paragraph(&title, 0, ROW.len()) + "\n" + &diff_rows(rows, layout)
}

/// Returns a diff without a title.
pub(in crate::report) fn diff_rows(rows: &[Row], layout: Layout) -> String {
    let lines = rows
        .iter()
        .map(|row| format!("{ROW}{}\n", diff_row(row, layout)));
    lines.collect()
}

fn diff_row(row: &Row, layout: Layout) -> String {
    let (words, changed) = match row.tag {
        Tag::Removed => (Paint::Removed, Paint::RemovedWords),
        Tag::Added => (Paint::Added, Paint::AddedWords),
        Tag::Unchanged | Tag::Note => (Paint::Faint, Paint::Faint),
    };
    let mut parts = vec![Part::new(words, row.sign())];
    parts.extend(row.pieces.iter().map(|piece| {
        let paint = if piece.is_changed { changed } else { words };
        Part::new(paint, &piece.text)
    }));
    layout.paragraph(&parts, ROW.len(), ROW.len() + row.sign().len())
}

/// Returns the place of the declaration of a resource.
pub(in crate::report) fn place_text(source: &Source) -> String {
    format!("{}:{}", visible::line(&source.file), source.line)
}
