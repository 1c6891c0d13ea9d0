//! What the server says about a request, at the YAML line that it is about.

use std::sync::Arc;

use serde_json::Value;

use super::locate::Located;
use super::origin::Origins;
use super::path::{Path, Step};
use super::vars::Vars;
use crate::diagnostic::{Diagnostic, SourceFile};

/// The longest message of a server that is shown, in characters.
const MAX_MESSAGE: usize = 300;

/// The diagnostic for one entry of a 422 answer.
///
/// `location` is FastAPI's `loc`, such as `["body", "digital_humans_settings",
/// "num_runs"]`. The place is the value in the simulation's file, or in the
/// project file where it is a default, or else the document's first line.
#[must_use]
pub fn refused(
    file: &Arc<SourceFile>,
    document: usize,
    project: Option<&Arc<SourceFile>>,
    location: &[Value],
    message: &str,
) -> Diagnostic {
    let located = Located::new(file);
    let project = project.map(Located::new);
    let vars = Vars::default();
    let origins = Origins {
        file: &located,
        document,
        project: project.as_ref(),
        vars: &vars,
    };
    let path = path_of(location);
    let in_extra = Path(
        std::iter::once(Step::Field("extra".to_owned()))
            .chain(path.0.iter().cloned())
            .collect(),
    );
    let place = origins
        .place_of(&path)
        .or_else(|| {
            origins
                .place_of(&in_extra)
                .filter(|_| !path.is_top() && exists(&located, document, &in_extra))
        })
        .unwrap_or_else(|| located.first_place(document));
    let message = bounded(message);
    let summary = if path.is_top() {
        format!("the API refused the simulation: {message}")
    } else {
        format!("the API refused `{path}`: {message}")
    };
    Diagnostic::error("refused-by-api", place, summary)
}

fn exists(located: &Located, document: usize, path: &Path) -> bool {
    let found = located.find(document, path);
    found.is_some_and(|found| found.depth == path.0.len())
}

fn path_of(location: &[Value]) -> Path {
    let steps = location
        .iter()
        .skip_while(|step| step.as_str() == Some("body"))
        .filter_map(|step| match step {
            Value::String(name) => Some(Step::Field(name.clone())),
            Value::Number(index) => index
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .map(Step::Index),
            _ => None,
        });
    Path(steps.collect())
}

/// One line of bounded length, without control characters.
fn bounded(message: &str) -> String {
    let line: String = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let short: String = line.chars().take(MAX_MESSAGE).collect();
    if short.len() < line.len() {
        format!("{short}…")
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(location: &Value) -> String {
        let file = SourceFile::new(
            "a.yaml",
            "agent_id: 1\nextra:\n  tags: [a]\nselected_custom_metrics:\n  - x\n",
        );
        let project = SourceFile::new("bluejay.yaml", "defaults:\n  max_concurrent: 9\n");
        let location = location.as_array().cloned().unwrap_or_default();
        let diagnostic = refused(&file, 0, Some(&project), &location, "no");
        diagnostic.place.to_string()
    }

    #[test]
    fn stands_where_the_value_was_written() {
        for (location, expected) in [
            (json!(["body", "selected_custom_metrics", 0]), "a.yaml:5:5"),
            (json!(["body", "tags", 0]), "a.yaml:3:10"),
            (json!(["body", "max_concurrent"]), "bluejay.yaml:2:19"),
            (json!(["body", "nowhere"]), "a.yaml:1:1"),
            (json!([]), "a.yaml:1:1"),
        ] {
            assert_eq!(place(&location), expected, "{location}");
        }
    }
}
