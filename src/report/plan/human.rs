//! The plan for people.

use std::fmt;
use std::io::{self, Write};

use serde_json::Value;

use super::Destination;
use crate::plan::{Action, Change, FieldChange, OldInstance, Plan, ProtectChange, Summary};
use crate::report::style::Palette;
use crate::report::suggestion;
use crate::report::text_diff::{distinct, text_diff};
use crate::resource::FieldValue;
use crate::resource::body::Body;
use crate::resource::desired::Source;
use crate::visible;

/// Returns the plan as text: the address of the API, the changes, the summary.
#[must_use]
pub fn human(plan: &Plan, destination: &Destination, palette: Palette) -> String {
    let mut text = Vec::new();
    // Writing to memory never fails.
    let _ = write_human(&mut text, plan, destination, palette);
    String::from_utf8(text).unwrap_or_default()
}

/// Writes the same text change by change: a plan may have many thousands.
pub fn write_human(
    mut writer: impl Write,
    plan: &Plan,
    destination: &Destination,
    palette: Palette,
) -> io::Result<()> {
    let mut write = |text: String| {
        let shown = visible::terminal(&text, palette.is_coloured());
        writer.write_all(shown.as_bytes())
    };
    write(destination.human(palette))?;
    for change in plan.in_reading_order() {
        let (head, body) = (headline(change, palette), field_lines(change, palette));
        write(format!("{head}{body}\n"))?;
    }
    if !plan.protect_changes.is_empty() {
        let changes = protect_changes(&plan.protect_changes, palette);
        write(format!("{changes}\n"))?;
    }
    write(format!("{}\n", summary_line(plan.summary(), palette)))?;
    match destination.cost(plan) {
        Some(cost) => write(format!("An apply sends {cost}.\n")),
        None => Ok(()),
    }
}

/// Returns the changes of `protect`, one per line. A lifted protection is as prominent as a
/// delete.
fn protect_changes(changes: &[ProtectChange], palette: Palette) -> String {
    let shown = changes.iter().take(NAMED_PROTECT_CHANGES).map(|change| {
        let (key, place) = (&change.key, place_text(&change.source));
        let place = palette.faint(format!("  # {place}"));
        if change.is_protected {
            format!("  {} {key} becomes protected{place}\n", palette.added("*"))
        } else {
            format!(
                "  {} {key} is no longer protected{place}\n",
                palette.removed("*")
            )
        }
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
    plan.refusals
        .iter()
        .map(|refusal| {
            let way_out = suggestion::text(&refusal.help());
            format!("{refused}: {refusal}\n{help}: {way_out}\n")
        })
        .collect()
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
        text.push_str(&format!(
            ", {orphan} in the lockfile that no file declares (--prune deletes them)"
        ));
    }
    text.push('.');
    text
}

fn headline(change: &Change, palette: Palette) -> String {
    let (sign, words) = match &change.action {
        Action::Create => (palette.added("  + "), describe_create(change)),
        Action::Update { .. } => (
            palette.changed("  ~ "),
            "will be updated in place".to_owned(),
        ),
        Action::Replace {
            because,
            old_instance,
        } => (
            palette.removed("-/+ "),
            describe_replace(because, *old_instance),
        ),
        Action::Delete if change.is_adopted => (
            palette.removed("  - "),
            "will be deleted, although it was adopted and not created".to_owned(),
        ),
        Action::Delete => (palette.removed("  - "), "will be deleted".to_owned()),
        Action::Orphan => (
            palette.changed("  ! "),
            if change.gone.is_some() {
                "no file declares it, and it is gone from the API; --prune removes it from the \
                 lockfile"
                    .to_owned()
            } else if change.before.is_some() {
                "no file declares it; it is kept".to_owned()
            } else if change.is_protected {
                "was replaced earlier; it is kept, since its key is protected".to_owned()
            } else {
                "was replaced earlier; it is kept".to_owned()
            },
        ),
        Action::Move => (palette.moved("  > "), "gets a new key".to_owned()),
        Action::Adopt => (
            palette.moved("  = "),
            if change.before.is_some() {
                "already has the desired state at the API; the lockfile will be updated".to_owned()
            } else {
                "exists already, and will be adopted".to_owned()
            },
        ),
    };
    let mut text = format!("{sign}{}", palette.strong(&change.key));
    if let Some(id) = change.id {
        text.push_str(&format!(" ({id})"));
    }
    text.push(' ');
    text.push_str(&words);
    if let Some(from) = &change.moved_from {
        text.push_str(&format!(", moved from {from}"));
    }
    if change.adopted.is_some() && change.action != Action::Adopt {
        text.push_str(", after adoption by name");
    }
    if let Some(source) = &change.source {
        text.push_str(&palette.faint(format!("  # {}", place_text(source))));
    }
    text.push('\n');
    text
}

fn describe_create(change: &Change) -> String {
    match change.gone {
        Some(id) => {
            format!("will be created again: {id:#} is gone (deleted, or in another organisation)")
        }
        None => "will be created".to_owned(),
    }
}

fn describe_replace(because: &[String], old_instance: OldInstance) -> String {
    let old = match old_instance {
        OldInstance::Keep => "the old instance is kept",
        OldInstance::Delete => "the old instance is deleted",
    };
    match because {
        [] => format!("will be replaced; {old}"),
        because => format!(
            "will be replaced, since {} can't change in place; {old}",
            visible::line(&because.join(" and "))
        ),
    }
}

fn field_lines(change: &Change, palette: Palette) -> String {
    match (&change.action, &change.after) {
        (Action::Create, Some(after)) => created_fields(change, after, palette),
        _ => change
            .fields
            .iter()
            .map(|field| changed_field(field, palette))
            .collect(),
    }
}

/// Returns the fields of a new simulation, one per line.
pub(in crate::report) fn created_fields(change: &Change, body: &Body, palette: Palette) -> String {
    let mut lines = Vec::new();
    for (field, value) in body.0.iter() {
        match value {
            Value::Object(inner) => {
                lines.extend(
                    inner
                        .iter()
                        .map(|(name, value)| (format!("{field}.{name}"), value)),
                );
            }
            value => lines.push((field.clone(), value)),
        }
    }
    let width = lines.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    let mut text: String = lines
        .iter()
        .map(|(path, value)| {
            let path = format!("{}:", visible::line(path));
            format!(
                "      {} {}\n",
                palette.faint(format!("{path:<width$} ", width = width + 1)),
                short(value)
            )
        })
        .collect();
    if let Value::Array(humans) = &change.named_humans {
        let names = humans.iter().map(|human| match human {
            Value::String(key) => visible::line(key).into_owned(),
            id => id.to_string(),
        });
        let names: Vec<_> = names.collect();
        let label = palette.faint("digital_humans:");
        text.push_str(&format!("      {label} [{}]\n", names.join(", ")));
    }
    text
}

/// The longest text in one line, in characters.
const LONG: usize = 60;

fn changed_field(field: &FieldChange, palette: Palette) -> String {
    let path = visible::line(&field.path);
    if let Some(there) = &field.observed {
        return drifted_field(field, there, palette);
    }
    if let (Some(before), Some(after)) = (field.before.as_text(), field.after.as_text())
        && (is_long(before) || is_long(after))
    {
        let diff = text_diff(before, after, "        ", palette);
        return format!("      {path}:\n{diff}");
    }
    format!(
        "      {path}: {} {} {}\n",
        palette.removed(value_text(&field.before)),
        palette.faint("->"),
        palette.added(value_text(&field.after))
    )
}

/// Returns a field with its declared, applied and observed values.
fn drifted_field(field: &FieldChange, there: &FieldValue, palette: Palette) -> String {
    let path = visible::line(&field.path);
    if let (Some(there), Some(after)) = (there.as_text(), field.after.as_text())
        && (is_long(there) || is_long(after))
    {
        let diff = text_diff(there, after, "        ", palette);
        let note = palette.faint("(changed at the API; diff from observed to declared)");
        return format!("      {path}: {note}\n{diff}");
    }
    format!(
        "      {path}: {} {} {} {}\n",
        palette.removed(value_text(there)),
        palette.faint("->"),
        palette.added(value_text(&field.after)),
        palette.faint(format!(
            "(changed at the API: {} was applied)",
            value_text(&field.before)
        ))
    )
}

/// Returns whether a text is shown as a line diff.
pub(in crate::report) fn is_long(text: &str) -> bool {
    text.trim_end().contains('\n') || text.chars().count() > LONG
}

/// The longest value in one line, in bytes of JSON.
const LONGEST: usize = 4_000;

/// Returns the value of a field in one line, with invisible characters escaped.
pub(in crate::report) fn value_text(value: &FieldValue) -> String {
    distinct(&in_one_line(value))
}

/// Returns a value in one line of limited length.
fn in_one_line(value: &impl fmt::Display) -> String {
    visible::line(&visible::bounded(&value.to_string(), LONGEST)).into_owned()
}

/// Returns the place where a simulation is declared.
pub(in crate::report) fn place_text(source: &Source) -> String {
    format!("{}:{}", visible::line(&source.file), source.line)
}

/// Returns a value in one line; only the start of a long value.
fn short(value: &Value) -> String {
    match value {
        Value::String(text) if is_long(text) => {
            let first: String = text
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(LONG)
                .collect();
            let lines = text.lines().count();
            let more = if lines > 1 {
                format!(" ({lines} lines)")
            } else {
                String::new()
            };
            format!("{}{more}", in_one_line(&Value::String(first + "...")))
        }
        Value::Array(items) if items.len() > 1 => {
            format!("[{}, ... {} in all]", in_one_line(&items[0]), items.len())
        }
        value => in_one_line(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::resource::key::ResourceKey;

    /// Counts the writes, and keeps the length of the longest.
    #[derive(Default)]
    struct Pieces {
        count: usize,
        longest: usize,
    }

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.count += 1;
            self.longest = self.longest.max(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_plan_is_written_change_by_change() {
        let change = |number: usize| {
            let key = ResourceKey::new(format!("team/{number}"));
            Change::new(key, Action::Delete)
        };
        let plan = Plan {
            changes: (0..1_000).map(change).collect(),
            ..Plan::default()
        };
        let mut pieces = Pieces::default();
        let palette = Palette::new(false);
        write_human(&mut pieces, &plan, &Destination::default(), palette).unwrap();
        assert!(pieces.count > 1_000, "{}", pieces.count);
        assert!(pieces.longest < 200, "{}", pieces.longest);
    }
}
