//! Splits texts into references and the text between them.

use crate::resource::Kind;
use crate::resource::key::ResourceKey;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    /// Text as written.
    Text(&'a str),
    /// `${var:NAME}`.
    Var { whole: &'a str, name: &'a str },
    /// `${KIND:KEY}`.
    Resource {
        whole: &'a str,
        kind: Kind,
        key: &'a str,
    },
    /// `${file:PATH}`.
    File { whole: &'a str, path: &'a str },
    /// A `${` without a reference.
    Invalid(&'a str),
}

/// The kinds whose ids texts can contain.
pub(super) const REFERENCED: [Kind; 3] = [Kind::DigitalHuman, Kind::CustomMetric, Kind::Simulation];

/// Splits a text. `$${` is a literal `${`.
pub(crate) fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            segments.push(Segment::Text(&rest[..at - 1]));
            segments.push(Segment::Text("${"));
            rest = &rest[at + 2..];
            continue;
        }
        segments.push(Segment::Text(&rest[..at]));
        let tail = &rest[at..];
        let length = match tail.find(['}', '\n']) {
            Some(end) if tail[end..].starts_with('}') => end + 1,
            Some(end) => tail[..end].trim_end_matches('\r').len(),
            None => tail.len(),
        };
        let whole = &tail[..length];
        segments.push(reference(whole).unwrap_or(Segment::Invalid(whole)));
        rest = &tail[length..];
    }
    segments.push(Segment::Text(rest));
    segments
}

fn reference(whole: &str) -> Option<Segment<'_>> {
    let inner = whole.strip_prefix("${")?.strip_suffix('}')?;
    // A reference can't contain another.
    let (prefix, rest) = inner.split_once(':').filter(|_| !inner.contains("${"))?;
    match prefix {
        "var" => is_name(rest).then_some(Segment::Var { whole, name: rest }),
        "file" => (!rest.trim().is_empty()).then_some(Segment::File { whole, path: rest }),
        prefix => {
            let kind = Kind::from_name(prefix).filter(|kind| REFERENCED.contains(kind))?;
            let is_key = ResourceKey::problem(rest).is_none();
            is_key.then_some(Segment::Resource {
                whole,
                kind,
                key: rest,
            })
        }
    }
}

/// Returns the variable of a text that is one reference to it and nothing else.
pub(super) fn whole_var(text: &str) -> Option<&str> {
    match reference(text)? {
        Segment::Var { name, .. } => Some(name),
        _ => None,
    }
}

/// Returns the names of the variables that a text refers to.
#[must_use]
pub fn references(text: &str) -> Vec<&str> {
    let names = segments(text)
        .into_iter()
        .filter_map(|segment| match segment {
            Segment::Var { name, .. } => Some(name),
            _ => None,
        });
    names.collect()
}

/// Returns a text of the project file with `${` in place of `$${`.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let segments = segments(text).into_iter();
    segments
        .map(|segment| match segment {
            Segment::Text(text) => text,
            Segment::Var { whole, .. }
            | Segment::Resource { whole, .. }
            | Segment::File { whole, .. }
            | Segment::Invalid(whole) => whole,
        })
        .collect()
}

/// Returns whether a text is a valid name of a variable: letters, digits, `_` and `-`,
/// with no digit or `-` at the beginning.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_letter)
}
