//! Fields that are empty for YAML although something stands behind them: `#1` is
//! a comment, `&Co` an anchor.

use serde_json::{Map, Value};

use super::locate::Located;
use super::path::Path;
use super::problem::Problem;

/// How many empty fields of a document are looked at.
const MOST: usize = 100;

/// Whether a text may have such a field.
#[must_use]
pub fn is_possible(text: &str) -> bool {
    text.contains(" #") || text.contains(" &")
}

/// A warning for each such field of a document.
#[must_use]
pub fn examine(fields: &Map<String, Value>, located: &Located, document: usize) -> Vec<Problem> {
    let mut empty = Vec::new();
    add_empty(fields, &Path::top(), &mut empty);
    let problems = empty.into_iter().filter_map(|path| {
        let key = located.find(document, &path)?.key?;
        let place = located.place(key);
        let text = place.file.text.as_deref()?.get(place.span?.end.byte..)?;
        let line = text.lines().next().unwrap_or_default();
        let behind = line.trim_start().strip_prefix(':')?.trim();
        warning(path, behind)
    });
    problems.collect()
}

fn add_empty(fields: &Map<String, Value>, path: &Path, empty: &mut Vec<Path>) {
    for (name, value) in fields {
        match value {
            Value::Null if empty.len() < MOST => empty.push(path.field(name)),
            Value::Object(inner) => add_empty(inner, &path.field(name), empty),
            _ => {}
        }
    }
}

fn warning(path: Path, behind: &str) -> Option<Problem> {
    let sign = behind.chars().next()?;
    let next = behind.chars().nth(1)?;
    let (what, help) = match sign {
        '#' if next.is_alphanumeric() => {
            ("a comment", "write a space after `#` if a comment is meant")
        }
        '&' => ("an anchor", "remove it if no value is meant"),
        _ => return None,
    };
    let shown: String = behind.chars().take(40).collect();
    let proposal = if behind.contains(['"', '\\']) || shown.len() < behind.len() {
        "put the text in quotes".to_owned()
    } else {
        format!("put the text in quotes: `\"{behind}\"`")
    };
    Some(
        Problem::warning(
            "blank-value",
            path.clone(),
            format!("`{path}` has no value: `{shown}` is {what}"),
        )
        .label("no value")
        .help(format!("{proposal}; {help}")),
    )
}

/// Adds the warnings; where an empty field is an error already, only their ways out.
pub fn add(warnings: Vec<Problem>, problems: &mut Vec<Problem>) {
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
