//! Finds a kind or a field by the name that a person gives.

use super::nearest::nearest;
use super::path::Path;
use super::rules::PROJECT;
use crate::resource::Kind;
use crate::resource::catalog::FieldEntry;
use crate::suggestion::{Message, Suggestion, Verb};

/// The result of a search by name.
#[derive(Debug)]
pub enum Found {
    /// A kind, and the fields of the same name.
    Kind(Kind, Vec<FieldEntry>),
    /// The fields of the name that are meant, and the other fields of the name.
    Fields(Vec<FieldEntry>, Vec<FieldEntry>),
}

/// Finds a kind (`digital_human`), a field of a kind (`digital_human.intent`) or a field of
/// any kind (`intent`, `digital_humans_settings.num_runs`).
///
/// A field without its kind is a field of a simulation if a simulation has such a field;
/// otherwise every kind with such a field is meant. Fields at the top level of a document
/// come before fields inside maps. The error is the help about an unknown name.
pub fn find(name: &str) -> Result<Found, Message> {
    if let Some(kind) = Kind::from_name(name) {
        return Ok(Found::Kind(kind, named(name)));
    }
    let of_kind = name
        .split_once('.')
        .and_then(|(kind, path)| Some((Kind::from_name(kind)?, path)));
    let all = match of_kind {
        Some((kind, path)) => {
            let of_kind = |entry: &FieldEntry| entry.kind == kind;
            let found: Vec<_> = named(path).into_iter().filter(of_kind).collect();
            let exact = found.iter().position(|entry| entry.path() == path);
            match exact {
                Some(at) => vec![found[at].clone()],
                None => found,
            }
        }
        None => named(name),
    };
    // `schedule.frequency` is a path inside the field `schedule`, too.
    let all = if all.is_empty() { named(name) } else { all };
    let Some(first) = all.first() else {
        return Err(unknown(name, of_kind));
    };
    let is_simulation = first.kind == Kind::Simulation;
    let depth = first.depth();
    let (meant, others) = all.into_iter().partition(|entry| {
        entry.depth() == depth && (!is_simulation || entry.kind == Kind::Simulation)
    });
    Ok(Found::Fields(meant, others))
}

/// Returns the fields whose path is this path or ends with it. Fields of simulations come
/// first, and for each kind fields at the top level.
fn named(path: &str) -> Vec<FieldEntry> {
    let mut found: Vec<_> = Kind::ALL
        .into_iter()
        .flat_map(Kind::entries)
        .filter(|entry| {
            let own = entry.path();
            let rest = own.strip_suffix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
        .collect();
    found.sort_by_key(|entry| (entry.kind != Kind::Simulation, entry.depth(), entry.kind));
    found
}

fn unknown(name: &str, of_kind: Option<(Kind, &str)>) -> Message {
    let explain = || Suggestion::new(Verb::Explain);
    if let Some((kind, path)) = of_kind {
        let paths: Vec<_> = kind.entries().iter().map(FieldEntry::path).collect();
        return match nearest(path, paths.iter().map(String::as_str)) {
            Some(near) => did_you_mean(&format!("{}.{near}", kind.name())),
            None => Message::default()
                .command(explain().argument(kind.name()))
                .text(" lists the fields"),
        };
    }
    if PROJECT.fields(&Path::top()).contains(&name) {
        return Message::from(format!(
            "`{name}` is a field of bluejay.yaml; its schema is "
        ))
        .command(Suggestion::new(Verb::Schema).argument("project"));
    }
    let kinds = Kind::ALL.iter().map(|kind| kind.name().to_owned());
    let entries = Kind::ALL.into_iter().flat_map(Kind::entries);
    let fields = entries.flat_map(|entry| [entry.field().name.to_owned(), entry.path()]);
    let names: Vec<_> = kinds.chain(fields).collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => did_you_mean(near),
        None => Message::default()
            .command(explain())
            .text(" lists the kinds, and ")
            .command(explain().argument("KIND"))
            .text(" the fields of a kind"),
    }
}

fn did_you_mean(near: &str) -> Message {
    format!("did you mean `{near}`?").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggestion::Invocation;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let paths = |entries: &[FieldEntry]| {
            let paths = entries.iter();
            let paths: Vec<_> = paths
                .map(|entry| format!("{}.{}", entry.kind.name(), entry.path()))
                .collect();
            paths.join(" ")
        };
        let found = match find(name) {
            Ok(Found::Kind(kind, fields)) => format!("{}; {}", kind.name(), paths(&fields)),
            Ok(Found::Fields(meant, others)) => format!("{}; {}", paths(&meant), paths(&others)),
            Err(help) => help.render(&Invocation::default()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_field_is_found_with_and_without_its_kind() {
        check("digital_human.intent", "digital_human.intent; ");
        check(
            "intent",
            "digital_human.intent; digital_human.journey_steps.intent",
        );
        check(
            "num_runs",
            "simulation.digital_humans_settings.num_runs; digital_human.num_runs",
        );
        check(
            "digital_humans_settings.num_runs",
            "simulation.digital_humans_settings.num_runs; ",
        );
        check(
            "extra",
            "simulation.extra; digital_human.extra custom_metric.extra schedule.extra",
        );
        check("custom_metric", "custom_metric; ");
        check("schedule", "schedule; schedule.schedule");
        check("schedule.frequency", "schedule.schedule.frequency; ");
        check("schedule.schedule.time", "schedule.schedule.time; ");
    }

    #[test]
    fn an_unknown_name_gets_the_most_similar_name() {
        check("intnt", "did you mean `intent`?");
        check("digital_humans", "simulation.digital_humans; ");
        check("digitalhuman", "did you mean `digital_human`?");
        check(
            "digital_human.intnt",
            "did you mean `digital_human.intent`?",
        );
        check(
            "simulation.max_turn",
            "did you mean `simulation.max_turns`?",
        );
        check(
            "lockfile",
            "`lockfile` is a field of bluejay.yaml; its schema is `bluejayctl schema project`",
        );
        check(
            "digital_human.xyzzy",
            "`bluejayctl explain digital_human` lists the fields",
        );
    }
}
