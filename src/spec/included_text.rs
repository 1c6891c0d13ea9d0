//! The texts of the files that documents name with `${file:PATH}`.
//!
//! A caller collects the paths, reads the files, and passes the texts on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::segments::{Segment, segments};
use super::yaml;
use crate::diagnostic::{Diagnostic, DiagnosticCode, SourceFile};

/// The maximum size in bytes of all texts that one YAML file names.
pub const MAX_INCLUDED_BYTES: usize = 32 * 1024 * 1024;

/// The texts of files, by path as a document writes the path.
#[derive(Debug, Clone, Default)]
pub struct IncludedTexts {
    texts: BTreeMap<String, IncludedText>,
    bytes: usize,
}

/// A file whose text is included.
#[derive(Debug, Clone)]
struct IncludedText {
    /// The name of the file for messages.
    name: String,
    text: Result<Arc<str>, IncludeError>,
}

/// Why the text of a file can't be included.
#[derive(Debug, Clone)]
pub enum IncludeError {
    /// There is no such file.
    Missing {
        /// The path of the most similar file, as a document writes the path.
        nearest: Option<String>,
    },
    /// The path is absolute, or has backslashes.
    NotRelative,
    /// The file lies outside of the repository, or is hidden.
    Outside,
    /// The path leads to a folder or a device.
    NoFile,
    /// The file has more bytes than a file may have.
    TooLarge(u64),
    /// The files have more than [`MAX_INCLUDED_BYTES`] together.
    TooMuch,
    /// The content is not UTF-8.
    NotText(Box<Diagnostic>),
    /// The system refused to read the file.
    Unreadable(String),
}

impl IncludedTexts {
    /// Adds the text of a file, or the reason why the text can't be included. CRLF line
    /// ends become line feeds, so the line ends of the checkout don't matter.
    pub fn insert(
        &mut self,
        path: &str,
        name: String,
        text: Result<Arc<SourceFile>, IncludeError>,
    ) {
        let text = text.and_then(|file| {
            let text = file.text.as_deref().unwrap_or_default();
            self.bytes = self.bytes.saturating_add(text.len());
            if self.bytes > MAX_INCLUDED_BYTES {
                return Err(IncludeError::TooMuch);
            }
            Ok(if text.contains('\r') {
                text.replace("\r\n", "\n").into()
            } else {
                text.into()
            })
        });
        self.texts
            .insert(path.to_owned(), IncludedText { name, text });
    }

    /// Returns whether no further file can be added.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes > MAX_INCLUDED_BYTES
    }

    /// Returns the text at a path.
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        let included = self.texts.get(path)?;
        included.text.as_deref().ok()
    }

    /// Returns the problem of a reference whose text is not known.
    pub(super) fn problem(&self, at: &Path, whole: &str, path: &str) -> Problem {
        let Some(included) = self.texts.get(path) else {
            let summary = format!("`{whole}` can't be written with escapes");
            return error(at, whole, summary).help("write the reference as it is, without `\\`");
        };
        let name = &included.name;
        let error = |what: String| error(at, whole, what);
        let Err(reason) = &included.text else {
            return error(format!("can't read `{name}`"));
        };
        match reason {
            IncludeError::Missing { nearest } => {
                error(format!("there is no file `{name}`")).help(match nearest {
                    Some(near) => format!("did you mean `${{file:{near}}}`?"),
                    None => "the path is relative to the folder of the YAML file".to_owned(),
                })
            }
            IncludeError::NotRelative => error(format!("`{path}` is no relative path"))
                .help("write the path from the folder of the YAML file, with `/`"),
            IncludeError::Outside => error(format!(
                "`{name}` lies outside of the repository, or is hidden"
            ))
            .help("put the text into a file of this git repository that is not hidden"),
            IncludeError::NoFile => {
                error(format!("`{name}` is no regular file")).help("name a file with the text")
            }
            IncludeError::TooLarge(bytes) => {
                error(format!("`{name}` has {bytes} bytes, which is too large"))
                    .help("a text of a field has a few kilobytes: shorten it")
            }
            IncludeError::TooMuch => {
                let mebibytes = MAX_INCLUDED_BYTES / (1024 * 1024);
                error(format!(
                    "with `{name}` the texts of this file have more than {mebibytes} MiB"
                ))
                .help("split the YAML file, or shorten the texts")
            }
            IncludeError::NotText(diagnostic) => error(format!("`{name}` is not UTF-8"))
                .elsewhere(diagnostic.place.clone(), diagnostic.summary.as_str())
                .help("save the file as UTF-8"),
            IncludeError::Unreadable(reason) => error(format!("can't read `{name}`: {reason}"))
                .help("make the file readable for this user"),
        }
    }
}

/// Returns the problem of a `${file:PATH}` beside other text.
pub(super) fn not_alone(at: &Path, whole: &str) -> Problem {
    error(at, whole, format!("`{whole}` must be the whole value"))
        .help("remove the text beside it, or move that text into the file")
        .help("write `$${` for a literal `${`")
}

/// Returns the problem of a `${file:PATH}` in the defaults.
pub(super) fn in_defaults(at: &Path, whole: &str) -> Problem {
    error(
        at,
        whole,
        "a default can't be the text of a file".to_owned(),
    )
    .help("write the reference in each document, or the text here")
}

fn error(at: &Path, whole: &str, summary: String) -> Problem {
    let problem = Problem::error(DiagnosticCode::BadFileReference, at.clone(), summary);
    problem.part(FieldPart::Text(whole.to_owned()))
}

/// Returns the path, if a text is one `${file:PATH}` and nothing else.
pub(crate) fn whole_path<'a>(segments: &[Segment<'a>]) -> Option<&'a str> {
    let mut parts = segments.iter().filter(|part| **part != Segment::Text(""));
    match (parts.next(), parts.next()) {
        (Some(Segment::File { path, .. }), None) => Some(path),
        _ => None,
    }
}

/// Returns the paths of the files whose texts a YAML file includes.
#[must_use]
pub fn included_paths(file: &Arc<SourceFile>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let text = file.text.as_deref().unwrap_or_default();
    if text.contains("${file:")
        && let Ok(documents) = yaml::parse(file)
    {
        for document in documents {
            add_paths(&document.value, &mut paths);
        }
    }
    paths
}

fn add_paths(value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains("${file:") => {
            paths.extend(whole_path(&segments(text)).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| add_paths(item, paths)),
        Value::Object(fields) => fields.values().for_each(|value| add_paths(value, paths)),
        _ => {}
    }
}
