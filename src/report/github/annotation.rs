//! Annotations: workflow commands that show a message at a line of a file.

use crate::diagnostic::Place;
use crate::visible;

/// The largest number of annotations. GitHub shows ten per step, and the last annotation
/// counts the rest.
pub const MAX_ANNOTATIONS: usize = 9;

/// The level of an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// A line and an optional column; both count from 1.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    pub line: usize,
    pub column: Option<usize>,
}

/// An annotation.
#[derive(Debug, Clone)]
pub struct Annotation {
    pub level: Level,
    /// The path of the file in the repository. An annotation without a file is shown
    /// above the log.
    pub file: Option<String>,
    /// The start and, if known, the first point after the end.
    pub points: Option<(Point, Option<Point>)>,
    pub title: String,
    pub message: String,
}

impl Annotation {
    /// Moves the annotation to the start of a place.
    pub fn moved_to(mut self, place: &Place) -> Self {
        self.file = Some(place.file.name.clone());
        self.points = place.span.map(|span| {
            let point = Point {
                line: span.start.line,
                column: None,
            };
            (point, None)
        });
        self
    }
}

/// Returns the annotations, errors first, then the number of other annotations, followed
/// by `in_all`. GitHub needs paths from the root of the repository: `folder` is the path
/// of the project from the root, with a slash at the end.
pub fn annotations(all: &[Annotation], in_all: &str, folder: &str) -> String {
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by_key(|annotation| annotation.level);
    let mut text = String::new();
    for annotation in sorted.iter().take(MAX_ANNOTATIONS) {
        text += &command(annotation, folder);
    }
    if let Some(next) = sorted.get(MAX_ANNOTATIONS) {
        let message = format!("and {} more: {in_all}", sorted.len() - MAX_ANNOTATIONS);
        let word = next.level.word();
        text += &format!("::{word}::{}\n", escape_message(&message));
    }
    text
}

fn command(annotation: &Annotation, folder: &str) -> String {
    let mut properties = Vec::new();
    if let Some(file) = &annotation.file {
        let folder = if file.starts_with('/') { "" } else { folder };
        properties.push(format!(
            "file={}",
            escape_property(&format!("{folder}{file}"))
        ));
        properties.extend(annotation.points.map(place));
    }
    properties.push(format!("title={}", escape_property(&annotation.title)));
    let (word, properties) = (annotation.level.word(), properties.join(","));
    format!(
        "::{word} {properties}::{}\n",
        escape_message(&annotation.message)
    )
}

fn place((start, end): (Point, Option<Point>)) -> String {
    let mut text = format!("line={}", start.line);
    if let Some(column) = start.column {
        text += &format!(",col={column}");
    }
    let Some(end) = end else { return text };
    text += &format!(",endLine={}", end.line);
    // GitHub refuses an end column if the lines differ.
    if end.line == start.line && end.column > start.column {
        text += &format!(",endColumn={}", end.column.unwrap_or_default());
    }
    text
}

/// Escapes the characters that end a workflow command. A file must not be able to start
/// another command.
fn escape_message(text: &str) -> String {
    visible::terminal(text, false)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_message(text).replace(':', "%3A").replace(',', "%2C")
}
