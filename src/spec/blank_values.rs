//! Warns about fields without a value whose line contains text: `#1` is a comment in
//! YAML, `&Co` an anchor.

use serde_json::{Map, Value};

use super::path::Path;
use super::problem::Problem;
use super::source_map::SourceMap;
use crate::diagnostic::DiagnosticCode;

/// The maximum number of blank fields of a document that are checked.
const MAX_BLANK_FIELDS: usize = 100;

/// Returns whether a text may contain such a field.
#[must_use]
pub fn may_have_blank_values(text: &str) -> bool {
    text.contains(" #") || text.contains(" &")
}

/// Returns a warning for each such field of a document.
#[must_use]
pub fn warnings(
    fields: &Map<String, Value>,
    source_map: &SourceMap,
    document: usize,
) -> Vec<Problem> {
    let mut blank = Vec::new();
    collect_blank(fields, &Path::top(), &mut blank);
    let problems = blank.into_iter().filter_map(|path| {
        let key = source_map.find(document, &path)?.key?;
        let place = source_map.place(key);
        let text = place.file.text.as_deref()?.get(place.span?.end.byte..)?;
        let line = text.lines().next().unwrap_or_default();
        let text_after = line.trim_start().strip_prefix(':')?.trim();
        warning(path, text_after)
    });
    problems.collect()
}

fn collect_blank(fields: &Map<String, Value>, path: &Path, blank: &mut Vec<Path>) {
    for (name, value) in fields {
        match value {
            Value::Null if blank.len() < MAX_BLANK_FIELDS => blank.push(path.field(name)),
            Value::Object(inner) => collect_blank(inner, &path.field(name), blank),
            _ => {}
        }
    }
}

fn warning(path: Path, text_after: &str) -> Option<Problem> {
    let sign = text_after.chars().next()?;
    let next = text_after.chars().nth(1)?;
    let (what, help) = match sign {
        '#' if next.is_alphanumeric() => {
            ("a comment", "write a space after `#` if a comment is meant")
        }
        '&' => ("an anchor", "remove it if no value is meant"),
        _ => return None,
    };
    let shown: String = text_after.chars().take(40).collect();
    let proposal = if text_after.contains(['"', '\\']) || shown.len() < text_after.len() {
        "put the text in quotes".to_owned()
    } else {
        format!("put the text in quotes: `\"{text_after}\"`")
    };
    Some(
        Problem::warning(
            DiagnosticCode::BlankValue,
            path.clone(),
            format!("`{path}` has no value: `{shown}` is {what}"),
        )
        .label("no value")
        .help(format!("{proposal}; {help}")),
    )
}

/// Adds the warnings. If a field already has an error, only the help of its warning is
/// added.
pub fn merge(warnings: Vec<Problem>, problems: &mut Vec<Problem>) {
    for warning in warnings {
        let known = problems
            .iter_mut()
            .find(|problem| problem.path == warning.path);
        match known {
            Some(known) => known.help.splice(0..0, warning.help).for_each(drop),
            None => problems.push(warning),
        }
    }
}
