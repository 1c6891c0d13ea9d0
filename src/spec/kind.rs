//! The kind of a document.

use serde_json::{Map, Value, json};

use super::check;
use super::nearest::nearest;
use super::path::Path;
use super::problem::{FieldPart, Problem};
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::agent::AGENT;
use crate::resource::body::AGENT_ID;
use crate::resource::document_fields::KIND;

/// A `kind` that is no kind: the mistake, and the kind that was probably meant.
type Mistake = (Option<Kind>, Box<Problem>);

/// Returns the kind that a document declares: a simulation if `kind` is absent or null.
pub fn of(fields: &Map<String, Value>) -> Result<Kind, Mistake> {
    let value = match fields.get(KIND) {
        None => return misspelt(fields).map_or(Ok(Kind::Simulation), Err),
        Some(Value::Null) => return Ok(Kind::Simulation),
        Some(value) => value,
    };
    let text = value.as_str().unwrap_or_default();
    if let Some(kind) = Kind::from_name(text) {
        return Ok(kind);
    }
    let names = Kind::ALL.map(Kind::name);
    let mut problem = check::not_one_of(&Path::from([KIND]), value, &json!(names));
    problem.code = DiagnosticCode::UnknownKind;
    let meant = nearest(text, names).and_then(Kind::from_name);
    Err((meant, Box::new(problem)))
}

/// Returns the mistake of a document whose `kind` has another name: an unknown field with a
/// similar name and a kind as its value. In a document without an agent, the name may differ
/// more.
fn misspelt(fields: &Map<String, Value>) -> Option<Mistake> {
    let unknown = |name: &str| Kind::Simulation.field(name).is_none();
    let has_agent = [AGENT, AGENT_ID].iter().any(|it| fields.contains_key(*it));
    let mut unknown = fields.iter().filter(|(name, _)| unknown(name));
    let (name, kind) = unknown.find_map(|(name, value)| {
        let text = value.as_str()?;
        let kind = if nearest(name, [KIND]).is_some() {
            nearest(text, Kind::ALL.map(Kind::name)).and_then(Kind::from_name)
        } else {
            Kind::from_name(text).filter(|_| !has_agent)
        };
        Some((name, kind?))
    })?;
    let problem = Problem::error(
        DiagnosticCode::UnknownField,
        Path::from([name.as_str()]),
        format!("unknown field `{name}`"),
    );
    let problem = problem.part(FieldPart::Key).label("unknown field");
    let problem = problem.help(format!("did you mean `{KIND}`?"));
    Some((Some(kind), Box::new(problem)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::assemble::assemble;
    use super::super::declarations::{SimulationFile, read_declarations};
    use super::super::settings::Settings;
    use super::*;
    use crate::diagnostic::{SourceFile, has_errors};
    use crate::resource::desired::DesiredState;
    use crate::resource::key::ResourceKey;

    /// Returns the state that these files declare; `None` if a file has an error.
    fn state(files: &[(&str, &str)]) -> Option<DesiredState> {
        let read = files.iter().map(|(key, text)| {
            let input = SimulationFile {
                file: SourceFile::new(format!("{key}.yaml"), *text),
                default_key: (*key).into(),
            };
            read_declarations(&input, &Settings::default())
        });
        let (state, diagnostics) = assemble(read.collect(), &Settings::default(), Vec::new());
        (!has_errors(&diagnostics)).then_some(state)
    }

    #[test]
    fn kinds_have_keys_of_their_own() {
        let human = "kind: digital_human\nname: x\nintent: x\n";
        let metric = "kind: custom_metric\nkey: a\nname: x\nresponse_type: json\n\
            metric_type: composite\njson_schema: {}\n";
        let files = [("a", human), ("b", metric), ("a", "agent_id: 1\n")];
        let state = state(&files).unwrap();
        let keys: Vec<_> = state.resources.keys().map(ResourceKey::as_str).collect();
        assert_eq!(keys, ["a", "custom_metric:a", "digital_human:a"]);
    }

    const FIELDS: &[&str] = &[
        "name: 'Desk'\n",
        "description: costs $${x}\n",
        "digital_humans: [3, 1]\n",
        "selected_custom_metrics: [3c90c3cc-0d44-4b50-8888-8dd25736052a]\n",
        "max_concurrent: 5.0\n",
        "digital_humans_settings: {num_runs: 2, first_message: null}\n",
        "extra: {labels: [1.0, null], digital_humans_settings: {x: 1}}\n",
        "moved_from: before\n",
        "protect: true\n",
        "tags: [a, a]\n",
        "max_turns: no\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn simulations_do_not_depend_on_other_kinds(fields in prop::sample::subsequence(FIELDS, 0..FIELDS.len())) {
            let text = format!("agent_id: 42\n{}", fields.concat());
            let alone = state(&[("desk", &text)]);
            let named = format!("{text}kind: simulation\n");
            prop_assert_eq!(&state(&[("desk", &named)]), &alone);
            let human = "kind: digital_human\nname: x\nintent: ${simulation:desk}\n";
            let mut beside = state(&[("desk", &text), ("x", human)]);
            if let Some(state) = &mut beside {
                let human = state.resources.remove(&ResourceKey::of(Kind::DigitalHuman, "x"));
                prop_assert!(human.is_some_and(|human| human.has_references()));
            }
            prop_assert_eq!(&beside, &alone);
            if let Some(state) = &alone {
                let simulation = &state.resources["desk"];
                prop_assert!(!simulation.has_references());
                prop_assert_eq!(&simulation.body.0["agent_id"], "42");
            }
        }
    }
}
