//! A plan as annotations at the resources that change.

use super::annotation::{Annotation, Level, MAX_ANNOTATIONS, Point, annotations};
use crate::diagnostic::Place;
use crate::plan::{Action, Change, Plan, Refusal};
use crate::report::Destination;
use crate::report::model;
use crate::report::plan::{summary_line, weight};
use crate::report::style::Palette;
use crate::report::suggestion;

/// The largest number of fields that a message names.
const MAX_FIELDS: usize = 10;

/// Returns the plan as annotations: refusals as errors, deletes and the address as
/// warnings, other changes as notices. `locate` returns the place of the first value that
/// a change changes. A change without such a place is annotated at the start of its
/// resource. `folder` is the path of the project from the root of the repository.
///
/// `locate` is called only for shown changes.
#[must_use]
pub fn plan(
    plan: &Plan,
    destination: &Destination,
    locate: impl Fn(&Change) -> Option<Place>,
    folder: &str,
) -> String {
    let mut changes: Vec<_> = plan.changes.iter().collect();
    changes.sort_by_key(|change| (level(change), weight(&change.action)));
    let refusals = plan
        .refusals
        .iter()
        .map(|refusal| refusal_annotation(refusal, plan));
    let changes = changes.into_iter().enumerate().map(|(number, change)| {
        let place = (number < MAX_ANNOTATIONS).then(|| locate(change)).flatten();
        let annotation = change_annotation(change);
        match place {
            Some(place) => annotation.moved_to(&place),
            None => annotation,
        }
    });
    let warnings = destination.warnings().into_iter();
    let warnings = warnings.map(|warning| annotate(Level::Warning, "address", warning, None));
    let hints = plan.hints.iter().map(|hint| {
        let change = plan.changes.iter().find(|change| change.key == hint.key);
        let message = format!("{hint}\nhelp: {}", hint.help());
        annotate(Level::Warning, "create", message, change)
    });
    let all: Vec<_> = warnings
        .chain(refusals)
        .chain(hints)
        .chain(changes)
        .collect();
    let summary = summary_line(plan.summary(), Palette::new(false));
    annotations(&all, &summary, folder)
}

fn level(change: &Change) -> Level {
    if change.deletes() {
        Level::Warning
    } else {
        Level::Notice
    }
}

fn refusal_annotation(refusal: &Refusal, plan: &Plan) -> Annotation {
    let key = match refusal {
        Refusal::ProtectedReplace(key)
        | Refusal::MoveOntoExisting { to: key, .. }
        | Refusal::MoveNeedsTarget { to: key, .. } => Some(key),
        // No file declares the first resource.
        _ => None,
    };
    let change = plan.changes.iter().find(|change| Some(&change.key) == key);
    let help = suggestion::text(&refusal.help());
    let message = format!("{refusal}\nhelp: {help}");
    annotate(Level::Error, "refused", message, change)
}

fn change_annotation(change: &Change) -> Annotation {
    let title = match change.action {
        Action::Create => "create",
        Action::Update { .. } => "update",
        Action::Replace { .. } => "replace",
        Action::Delete => "delete",
        Action::Orphan => "orphan",
        Action::Move => "move",
        Action::Adopt => "adopt",
    };
    let mut message = format!("`{}` {}", change.key, model::plain(&model::words(change)));
    let subject = model::subject(change, MAX_FIELDS);
    if !subject.is_empty() {
        message.push_str(&format!(": {}", model::plain(&subject)));
    }
    annotate(level(change), title, message, Some(change))
}

fn annotate(level: Level, title: &str, message: String, change: Option<&Change>) -> Annotation {
    let source = change.and_then(|change| change.source.as_ref());
    Annotation {
        level,
        file: source.map(|source| source.file.to_string()),
        points: source.map(|source| {
            let point = Point {
                line: source.line,
                column: None,
            };
            (point, None)
        }),
        title: format!("bluejay {title}"),
        message,
    }
}
