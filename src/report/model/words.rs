//! The words about a change.

use super::references::shown_path;
use crate::plan::{Action, Change, OldInstance};
use crate::resource::Kind;
use crate::resource::body::Body;

/// The importance of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Words.
    Plain,
    /// Words about something that can't be undone.
    Alarm,
    /// A name or a value: untrusted text.
    Code,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// The importance.
    pub tone: Tone,
}

impl Span {
    /// Returns words.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        let (text, tone) = (text.into(), Tone::Plain);
        Self { text, tone }
    }

    fn alarm(text: impl Into<String>) -> Self {
        let (text, tone) = (text.into(), Tone::Alarm);
        Self { text, tone }
    }

    fn code(text: impl Into<String>) -> Self {
        let (text, tone) = (text.into(), Tone::Code);
        Self { text, tone }
    }
}

/// Returns the sign of an action.
#[must_use]
pub fn sign(action: &Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update { .. } => "~",
        Action::Replace { .. } => "-/+",
        Action::Delete => "-",
        Action::Orphan => "!",
        Action::Move => ">",
        Action::Adopt => "=",
    }
}

/// Returns what happens to the resource; the sentence follows its key.
#[must_use]
pub fn words(change: &Change) -> Vec<Span> {
    let mut spans = match &change.action {
        Action::Create => vec![Span::plain(match change.gone {
            Some(id) => format!(
                "will be created again: {id:#} is gone (deleted, or in another organisation)"
            ),
            None => "will be created".to_owned(),
        })],
        Action::Update { .. } => vec![Span::plain("will be updated in place")],
        Action::Replace {
            because,
            old_instance,
        } => replace(change, because, *old_instance),
        Action::Delete if change.is_adopted => vec![
            Span::alarm("will be deleted"),
            Span::plain(", although it was adopted and not created"),
        ],
        Action::Delete => vec![Span::alarm("will be deleted")],
        Action::Orphan => vec![Span::plain(orphan(change))],
        Action::Move => vec![Span::plain("gets a new key")],
        Action::Adopt if change.before.is_some() => vec![Span::plain(
            "already has the desired state at the API; the lockfile will be updated",
        )],
        Action::Adopt => vec![Span::plain("exists already, and will be adopted")],
    };
    if let Some(from) = &change.moved_from {
        spans.push(Span::plain(", moved from "));
        spans.push(Span::code(from.as_str()));
    }
    if change.adopted.is_some() && change.action != Action::Adopt {
        spans.push(Span::plain(", after adoption by name"));
    }
    spans
}

fn replace(change: &Change, because: &[String], old_instance: OldInstance) -> Vec<Span> {
    let mut spans = vec![Span::plain("will be replaced")];
    for (number, field) in because.iter().enumerate() {
        spans.push(Span::plain(match number {
            0 => ", since ",
            _ => " and ",
        }));
        spans.push(Span::code(shown_path(change, field)));
    }
    if !because.is_empty() {
        spans.push(Span::plain(" can't change in place"));
    }
    spans.push(Span::plain("; "));
    spans.push(match old_instance {
        OldInstance::Keep if change.key.kind() == Kind::Schedule => {
            Span::alarm("the old instance is kept, and still starts runs")
        }
        OldInstance::Keep => Span::plain("the old instance is kept"),
        OldInstance::Delete => Span::alarm("the old instance is deleted"),
    });
    spans
}

fn orphan(change: &Change) -> &'static str {
    if change.gone.is_some() {
        "no file declares it, and it is gone from the API; --prune removes it from the lockfile"
    } else if change.before.is_some() {
        "no file declares it; it is kept"
    } else if change.is_protected {
        "was replaced earlier; it is kept, since its key is protected"
    } else {
        "was replaced earlier; it is kept"
    }
}

/// Returns the display name of a new resource, or the names of the changed fields, at most
/// `most`. For formats that show a change in one line.
#[must_use]
pub fn subject(change: &Change, most: usize) -> Vec<Span> {
    match &change.action {
        Action::Create => {
            let name = change.after.as_ref().and_then(Body::name);
            name.map(Span::code).into_iter().collect()
        }
        Action::Update { .. } | Action::Replace { .. } => fields(change, most),
        _ => Vec::new(),
    }
}

fn fields(change: &Change, most: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    for (number, field) in change.fields.iter().take(most).enumerate() {
        if number > 0 {
            spans.push(Span::plain(", "));
        }
        spans.push(Span::code(&field.path));
    }
    if let Some(more @ 1..) = change.fields.len().checked_sub(most) {
        spans.push(Span::plain(format!(" and {more} more")));
    }
    spans
}

/// Returns spans without their tones.
#[must_use]
pub fn plain(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}
