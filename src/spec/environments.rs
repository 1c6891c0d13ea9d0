//! Decides which documents the selected environment declares, and checks what the project
//! file says about environments.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::path::Path;
use super::problem::Problem;
use super::project_names::names_help;
use super::selection::{SelectionError, select, with_meant_kind};
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place};
use crate::resource::desired::Source;
use crate::resource::document_fields::ENVIRONMENTS;
use crate::resource::key::{RemoteId, ResourceKey};

/// Why the selected environment does not declare the resource of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftOut {
    /// The document names these environments, but not the selected one.
    Named(Vec<String>),
    /// No pattern of the selected environment matches the key.
    NotSelected,
}

/// A document that the selected environment leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutDocument {
    /// Why the selected environment does not declare the resource.
    pub reason: LeftOut,
    /// The key before a move.
    pub moved_from: Option<ResourceKey>,
    /// Whether the document protects the resource.
    pub is_protected: bool,
    /// The ids of other resources that the document contains.
    pub ids: BTreeSet<RemoteId>,
    /// The place of the document.
    pub source: Source,
}

/// Returns why the selected environment leaves a document out; `None` if it declares the
/// resource.
#[must_use]
pub fn left_out(
    fields: &Map<String, Value>,
    key: Option<&ResourceKey>,
    settings: &Settings,
) -> Option<LeftOut> {
    let declared = fields.get(ENVIRONMENTS).and_then(Value::as_array);
    let chosen = settings.environment_name.as_deref();
    if let Some(declared) = declared {
        let names: Vec<_> = declared.iter().filter_map(Value::as_str).collect();
        if !names.iter().any(|name| Some(*name) == chosen) {
            return Some(LeftOut::Named(
                names.into_iter().map(str::to_owned).collect(),
            ));
        }
    }
    let selection = settings.selection.as_ref()?;
    let is_selected = key.is_none_or(|key| selection.selects(key));
    (!is_selected).then_some(LeftOut::NotSelected)
}

/// Returns the mistakes in the environments that a document names.
#[must_use]
pub fn check_names(fields: &Map<String, Value>, known: &[String]) -> Vec<Problem> {
    let path = Path::from([ENVIRONMENTS]);
    let Some(declared) = fields.get(ENVIRONMENTS).and_then(Value::as_array) else {
        return Vec::new();
    };
    if declared.is_empty() {
        let summary = format!("`{ENVIRONMENTS}` names no environment");
        let problem = Problem::error(DiagnosticCode::Empty, path, summary);
        return vec![problem.help("name one, or remove the line for all of them")];
    }
    let names = declared.iter().enumerate();
    let names = names.filter_map(|(index, name)| Some((index, name.as_str()?)));
    let unknown = names.filter(|(_, name)| !known.iter().any(|known| known == name));
    unknown
        .map(|(index, name)| {
            Problem::error(
                DiagnosticCode::UnknownEnvironment,
                path.index(index),
                format!("unknown environment `{name}`"),
            )
            .label("bluejay.yaml has no such environment")
            .help(names_help(name, known))
        })
        .collect()
}

/// Returns the patterns of the selected environment that match no key of a document: a
/// misspelt pattern would leave its resources out.
#[must_use]
pub fn unmatched(settings: &Settings, keys: &BTreeSet<&ResourceKey>) -> Vec<Diagnostic> {
    let Some(name) = &settings.environment_name else {
        return Vec::new();
    };
    let patterns = settings.environment.select.iter().flatten().enumerate();
    let unmatched = patterns.filter_map(|(index, pattern)| {
        let chosen = select(std::slice::from_ref(pattern), keys.iter().copied());
        let (pattern, help) = match chosen.err()? {
            SelectionError::InvalidPattern { .. } => return None,
            SelectionError::Folder { pattern, glob } => {
                let help = format!("`{pattern}` is a folder: write `{glob}`");
                (pattern, help)
            }
            SelectionError::NoMatch { pattern, nearest } => {
                let help = match nearest.or_else(|| with_meant_kind(&pattern)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "correct the pattern, or remove it".to_owned(),
                };
                (pattern, help)
            }
        };
        let noun = ResourceKey::from(pattern.as_str()).kind().noun();
        let place = place_of_pattern(settings, name, index)?;
        let summary = format!("no {noun} matches `{pattern}`");
        let error = Diagnostic::error(DiagnosticCode::UnmatchedPattern, place, summary);
        Some(error.help(help))
    });
    unmatched.collect()
}

fn place_of_pattern(settings: &Settings, environment: &str, index: usize) -> Option<Place> {
    let source_map = settings.source_map.as_ref()?;
    let path = Path::from([ENVIRONMENTS, environment, "select"]).index(index);
    Some(source_map.place(source_map.find(0, &path)?.value))
}

/// Returns the place of the patterns of the selected environment.
#[must_use]
pub fn place_of_patterns(settings: &Settings) -> Option<Place> {
    let source_map = settings.source_map.as_ref()?;
    let name = settings.environment_name.as_deref()?;
    let path = Path::from([ENVIRONMENTS, name, "select"]);
    let found = source_map.find(0, &path)?;
    Some(source_map.place(found.key.unwrap_or(found.value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::selection::Selection;
    use super::*;

    fn reason(document: Value, chosen: Option<&str>, patterns: &[&str]) -> Option<LeftOut> {
        let patterns: Vec<_> = patterns.iter().map(|text| (*text).to_owned()).collect();
        let settings = Settings {
            environment_name: chosen.map(str::to_owned),
            selection: (!patterns.is_empty()).then(|| Selection::parse(&patterns).unwrap()),
            ..Settings::default()
        };
        let fields = serde_json::from_value(document).unwrap();
        left_out(&fields, Some(&ResourceKey::from("clinic/a")), &settings)
    }

    #[test]
    fn a_document_is_declared_where_its_environments_and_the_patterns_say() {
        let named = || LeftOut::Named(vec!["staging".to_owned()]);
        let staging = json!({"environments": ["staging"]});
        let clinic: &[&str] = &["clinic/**"];
        for (document, chosen, patterns, expected) in [
            (json!({}), None, &[][..], None),
            (json!({}), Some("prod"), &[], None),
            (json!({"environments": null}), None, &[], None),
            (staging.clone(), Some("staging"), &[], None),
            (staging.clone(), Some("prod"), &[], Some(named())),
            (staging.clone(), None, &[], Some(named())),
            (staging.clone(), Some("staging"), clinic, None),
            (json!({}), Some("prod"), clinic, None),
            (json!({}), Some("prod"), &["clinic/a"], None),
            (
                json!({}),
                Some("prod"),
                &["law/**", "schedule:clinic/**"],
                Some(LeftOut::NotSelected),
            ),
        ] {
            assert_eq!(reason(document, chosen, patterns), expected, "{chosen:?}");
        }
    }

    #[test]
    fn names_that_the_project_file_lacks_are_mistakes() {
        let known = ["staging", "prod"].map(str::to_owned);
        let wrong = |value: Value| {
            let fields = serde_json::from_value(json!({"environments": value})).unwrap();
            let problems = check_names(&fields, &known).into_iter();
            problems.map(|problem| problem.summary).collect::<Vec<_>>()
        };
        assert_eq!(wrong(json!(["staging", "prod"])), [""; 0]);
        assert_eq!(wrong(json!(["stagin"])), ["unknown environment `stagin`"]);
        assert_eq!(wrong(json!([])), ["`environments` names no environment"]);
    }
}
