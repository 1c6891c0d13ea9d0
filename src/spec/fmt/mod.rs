//! Brings YAML files into the canonical form: the fields in the order of the field table,
//! and one layout.
//!
//! The text is edited line by line, so comments, quotes and values in flow style stay as they
//! are. The lines of multi-line texts stay, too, unless their field would lose them. Each step
//! is accepted only if the text then reads as the same values with the same comments. A
//! document whose fields can't be moved, for example because an alias would stand before its
//! anchor, keeps its order.

mod comments;
mod indent;
mod lines;
mod order;

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::tree::Tree;
use super::yaml;
use crate::diagnostic::{Diagnostic, SourceFile};
use comments::{Comment, comments};
use lines::Lines;

/// What a file declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// Resources.
    Documents,
    /// The project.
    Project,
}

/// Why a file can't be formatted.
#[derive(Debug)]
pub enum Unformatted {
    /// The file is not YAML.
    Invalid(Box<Diagnostic>),
    /// The file is left as it is, for this reason.
    Refused(&'static str),
}

/// Returns the canonical form of a file, without the byte order mark.
pub fn format(file: &Arc<SourceFile>, role: FileRole) -> Result<String, Unformatted> {
    let text = file.text.as_deref().unwrap_or_default();
    let before = Meaning::of(file).map_err(Unformatted::Invalid)?;
    if before.has_problems {
        return Err(Unformatted::Refused(
            "the file has a mistake that changes how it is read",
        ));
    }
    if has_unusual_breaks(text) {
        return Err(Unformatted::Refused(
            "the file has line breaks other than LF and CRLF",
        ));
    }
    let is_same = |changed: &String| {
        let file = SourceFile::new(file.name.as_str(), changed.as_str());
        Meaning::of(&file).is_ok_and(|after| after == before)
    };
    // White space below a text that moves to the left could become a part of the text.
    let tidied = lines::tidied(text);
    let with_indents = indent::indented(&tidied).map(|text| lines::tidied(&text));
    let mut candidates = with_indents.into_iter().chain([tidied]);
    let formatted = candidates.find(is_same).ok_or(Unformatted::Refused(
        "the file would not read the same in the canonical layout",
    ))?;
    let ordered = |text: &str, documents| order::ordered(text, documents, &before.values, role);
    let documents = 0..before.values.len();
    Ok(in_order(formatted, documents, &ordered, &is_same))
}

/// Returns a text with the fields of these documents in order. A document whose fields can't
/// be moved keeps its order. `ordered` orders documents, and `is_same` accepts a text.
fn in_order(
    text: String,
    documents: Range<usize>,
    ordered: &dyn Fn(&str, Range<usize>) -> Option<String>,
    is_same: &dyn Fn(&String) -> bool,
) -> String {
    let Some(changed) = ordered(&text, documents.clone()) else {
        return text;
    };
    if is_same(&changed) {
        return changed;
    }
    if documents.len() < 2 {
        return text;
    }
    // All documents at once take the time of one. Only a file with a document that can't be
    // ordered is ordered in parts.
    let middle = documents.start + documents.len() / 2;
    let text = in_order(text, documents.start..middle, ordered, is_same);
    in_order(text, middle..documents.end, ordered, is_same)
}

/// The content of a file apart from its layout and the order of its fields.
struct Meaning {
    values: Vec<Value>,
    comments: Vec<Comment>,
    has_problems: bool,
}

impl Meaning {
    fn of(file: &Arc<SourceFile>) -> Result<Self, Box<Diagnostic>> {
        let documents = yaml::parse(file)?;
        let has_problems = documents.iter().any(|one| !one.problems.is_empty());
        let text = file.text.as_deref().unwrap_or_default();
        let tree = Tree::build(text).unwrap_or_default();
        Ok(Self {
            values: documents.into_iter().map(|one| one.value).collect(),
            comments: comments(text, &tree, &Lines::new(text, &tree)),
            has_problems,
        })
    }
}

impl PartialEq for Meaning {
    fn eq(&self, other: &Self) -> bool {
        (&self.values, &self.comments, self.has_problems)
            == (&other.values, &other.comments, other.has_problems)
    }
}

/// Returns whether a text has a line break that is neither LF nor CRLF.
fn has_unusual_breaks(text: &str) -> bool {
    let has_lone_return = text.split('\r').skip(1).any(|rest| !rest.starts_with('\n'));
    has_lone_return || text.contains(['\u{85}', '\u{2028}', '\u{2029}'])
}

#[cfg(test)]
mod tests;
