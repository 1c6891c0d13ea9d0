//! Finds the comments of a YAML file, and the fields that contain them.

use super::lines::{LineKind, Lines};
use crate::spec::edit::layout::{begin_of, is_flow};
use crate::spec::tree::{Shape, Tree};
use crate::spec::yaml;

/// A comment of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Comment {
    /// The comment without surrounding white space.
    text: String,
    /// The names of the fields that the comment is in, from the outermost.
    fields: Vec<String>,
}

/// The column and the name of a field in block style.
type Field = (usize, String);

/// Returns the comments, sorted.
pub(super) fn comments(text: &str, tree: &Tree, lines: &Lines<'_>) -> Vec<Comment> {
    let mut starts = starts(text, tree, lines);
    let mut around: Vec<Field> = Vec::new();
    // The least column of the comments since the last line with content.
    let mut least = usize::MAX;
    let mut comments = Vec::new();
    for line in 0..lines.len() {
        let column = lines.indent(line);
        match lines.kind(line) {
            LineKind::Blank => {}
            LineKind::Comment => least = least.min(column),
            kind => {
                least = usize::MAX;
                if kind == LineKind::Marker {
                    around.clear();
                } else if kind == LineKind::Content && is_start(lines, line, &starts[line]) {
                    around.retain(|(other, _)| *other < column);
                    around.append(&mut starts[line]);
                }
            }
        }
        let Some(at) = lines.comment_start(line) else {
            continue;
        };
        let contains = |(other, _): &&Field| *other < least;
        comments.push(Comment {
            text: text[at..lines.end(line)].trim().to_owned(),
            fields: around
                .iter()
                .filter(contains)
                .map(|(_, name)| name.clone())
                .collect(),
        });
    }
    comments.sort();
    comments
}

/// Returns whether a line begins a field or an item.
fn is_start(lines: &Lines<'_>, line: usize, fields: &[Field]) -> bool {
    let body = lines.body(line).trim_start();
    !fields.is_empty() || body == "-" || body.starts_with("- ")
}

/// Returns the fields in block style that begin in each line.
fn starts(text: &str, tree: &Tree, lines: &Lines<'_>) -> Vec<Vec<Field>> {
    let mut starts = vec![Vec::new(); lines.len()];
    let documents = 0..tree.documents().len();
    for node in documents.flat_map(|document| tree.nodes(document)) {
        let Shape::Mapping(fields) = &node.shape else {
            continue;
        };
        if is_flow(text, node) {
            continue;
        }
        for (key, _) in fields {
            let begin = begin_of(tree.node(*key));
            let line = lines.line_at(begin);
            let name = yaml::name_of(tree, *key).unwrap_or_default();
            starts[line].push((begin - lines.start(line), name.into_owned()));
        }
    }
    starts
}
