//! Snippets of files around a place, in the style of rustc.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Snippet};

use crate::diagnostic::{Place, Span};
use crate::visible;

/// The longest snippet, in bytes.
const MAX_WINDOW: usize = 4_000;

/// The largest distance of two places in one snippet, in lines.
const MAX_APART: usize = 12;

/// A place with its label.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'a> {
    /// The place.
    pub place: &'a Place,
    /// The label; may be empty.
    pub label: &'a str,
    /// Whether the place is the mistake itself.
    pub is_primary: bool,
}

/// Returns the marks of one diagnostic as parts of a report. Marks that are close
/// together in one file share a snippet.
#[must_use]
pub fn elements<'a>(marks: &[Mark<'a>]) -> Vec<Element<'a>> {
    let mut groups: Vec<Vec<Mark<'a>>> = Vec::new();
    for mark in marks {
        let group = groups.iter_mut().find(|group| belongs(group, mark));
        match group {
            Some(group) => group.push(*mark),
            None => groups.push(vec![*mark]),
        }
    }
    groups.iter().map(|group| element(group)).collect()
}

fn belongs(group: &[Mark<'_>], mark: &Mark<'_>) -> bool {
    group.iter().all(|other| {
        let (Some(a), Some(b)) = (other.place.span, mark.place.span) else {
            return false;
        };
        other.place.file == mark.place.file && a.start.line.abs_diff(b.start.line) <= MAX_APART
    })
}

fn element<'a>(group: &[Mark<'a>]) -> Element<'a> {
    let place = group[0].place;
    let window = window(group).filter(|window| window.bytes.len() <= MAX_WINDOW);
    let (Some(text), Some(window)) = (place.file.text.as_deref(), window) else {
        return origin(place).into();
    };
    let source = visible::same_length(&text[window.bytes.clone()]);
    let snippet = Snippet::source(source)
        .line_start(window.line)
        .path(place.file.shown_name())
        .fold(true);
    snippet
        .annotations(
            group
                .iter()
                .filter_map(|mark| annotation(mark, &window.bytes)),
        )
        .into()
}

/// Returns a place without a snippet.
fn origin(place: &Place) -> Origin<'_> {
    let origin = Origin::path(place.file.shown_name());
    match place.span {
        Some(Span { start, .. }) => origin.line(start.line).char_column(start.column),
        None => origin,
    }
}

struct Window {
    bytes: Range<usize>,
    line: usize,
}

/// Returns the lines with all marks, and one line before them.
fn window(group: &[Mark<'_>]) -> Option<Window> {
    let text = group[0].place.file.text.as_deref()?;
    let spans: Vec<Span> = group.iter().filter_map(|mark| mark.place.span).collect();
    let first = spans.iter().min_by_key(|span| span.start)?;
    let last = spans.iter().map(|span| span.end.byte).max()?;
    let line_start = |byte: usize| {
        text.get(..byte)
            .and_then(|text| text.rfind('\n'))
            .map_or(0, |at| at + 1)
    };
    let mut start = line_start(first.start.byte);
    let mut line = first.start.line;
    if start > 0 {
        start = line_start(start - 1);
        line -= 1;
    }
    let end = text
        .get(last..)
        .and_then(|text| text.find('\n'))
        .map_or(text.len(), |at| last + at);
    Some(Window {
        bytes: start..end,
        line,
    })
}

fn annotation<'a>(mark: &Mark<'a>, window: &Range<usize>) -> Option<Annotation<'a>> {
    let span = mark.place.span?;
    let kind = if mark.is_primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let annotation = kind.span(span.start.byte - window.start..span.end.byte - window.start);
    Some(if mark.label.is_empty() {
        annotation
    } else {
        annotation.label(mark.label)
    })
}
