//! What a schema can't say about one simulation.

use serde_json::{Map, Value};

use super::path::Path;
use super::problem::{Part, Problem};
use super::rules;
use super::simulation::LITERAL_FIELDS;
use super::words;
use crate::resource::key::SimulationKey;

/// Beyond so many concurrent calls, calls have been dropped.
const BUSY: i64 = 50;

/// The problems of a simulation's fields, defaults included. Fields of a wrong
/// type are passed over: the schema tells those.
#[must_use]
pub fn examine(fields: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for field in LITERAL_FIELDS {
        if let Some(text) = fields.get(field).and_then(Value::as_str) {
            problems.extend(bad_key(field, text));
        }
    }
    problems.extend(moved_to_itself(fields));
    problems.extend(agent(fields));
    problems.extend(thresholds(fields));
    problems.extend(two_versions(fields));
    problems.extend(known_in_extra(fields));
    problems.extend(warnings(fields));
    problems
}

fn bad_key(field: &str, text: &str) -> Option<Problem> {
    let path = Path::from([field]);
    if text.contains("${") {
        let problem = Problem::error(
            "bad-key",
            path,
            format!("no variables are replaced in `{field}`: keys are literal"),
        );
        return Some(problem.help("write the key out; one key serves all environments"));
    }
    // The schema tells of a key that is empty or too long.
    let is_schema_matter =
        text.is_empty() || text.chars().count() > crate::resource::key::MAX_KEY_LENGTH;
    let reason = SimulationKey::problem(text).filter(|_| !is_schema_matter)?;
    Some(Problem::error("bad-key", path, reason).help("write a short name, such as `front-desk`"))
}

fn moved_to_itself(fields: &Map<String, Value>) -> Option<Problem> {
    let key = fields.get("key")?.as_str()?;
    (fields.get("moved_from")?.as_str()? == key).then(|| {
        Problem::error(
            "bad-move",
            Path::from(["moved_from"]),
            format!("`{key}` can't have moved from itself"),
        )
        .help("name the key that it had before, or remove `moved_from`")
    })
}

/// The schema takes whole numbers in any writing; an id is one without a point.
fn agent(fields: &Map<String, Value>) -> Option<Problem> {
    let id = fields.get("agent_id")?;
    let path = Path::from(["agent_id"]);
    if id
        .as_str()
        .is_some_and(|text| !text.is_empty() && text.trim().is_empty())
    {
        // The API's model takes it, so it is no error here.
        let problem = Problem::warning("blank-value", path, "`agent_id` is blank");
        return Some(problem.help("write the id of the agent to test: `agent_id: \"42\"`"));
    }
    let is_odd = id.is_number() && !id.is_u64() && !id.is_i64();
    is_odd.then(|| super::wrong_type::wrong_type(&path, id, &["string"]))
}

fn thresholds(fields: &Map<String, Value>) -> Option<Problem> {
    const FAILING: &str = "custom_metrics_failing_threshold";
    const PASSING: &str = "custom_metrics_passing_threshold";
    let failing = fields.get(FAILING)?.as_i64()?;
    let passing = fields.get(PASSING)?.as_i64()?;
    (failing > passing).then(|| {
        Problem::error(
            "thresholds-cross",
            Path::from([FAILING]),
            format!("the failing threshold {failing} is above the passing threshold {passing}"),
        )
        .label("fails below this")
        .related(Path::from([PASSING]), "passes from this on")
        .help("a score can't fail and pass: lower the one or raise the other")
    })
}

/// Two names of one thing; the API answers 400 when they differ.
fn two_versions(fields: &Map<String, Value>) -> Option<Problem> {
    const OLD: &str = "prompt_id";
    const NEW: &str = "agent_version_id";
    let old = fields.get(OLD)?.as_str()?;
    let new = fields.get(NEW)?.as_str()?;
    (!old.eq_ignore_ascii_case(new)).then(|| {
        Problem::error(
            "two-versions",
            Path::from([OLD]),
            "`prompt_id` and `agent_version_id` are one field under two names, and differ",
        )
        .label("this version")
        .related(Path::from([NEW]), "and this one")
        .help("keep the one that is meant; the API refuses both")
    })
}

fn known_in_extra(fields: &Map<String, Value>) -> Vec<Problem> {
    let extra = fields.get("extra").and_then(Value::as_object);
    let Some(extra) = extra else {
        return Vec::new();
    };
    let known = rules::SIMULATION.fields(&Path::top());
    let settings = extra.get(SETTINGS).and_then(Value::as_object);
    let top = extra
        .keys()
        .filter(|name| known.contains(&name.as_str()) || is_path_of_setting(name))
        // What the schema doesn't know of the settings has its place here.
        .filter(|name| *name != SETTINGS || settings.is_none())
        .map(|name| {
            let way = match name.split_once('.') {
                Some((outer, inner)) => format!("write `{inner}` inside `{outer}:`"),
                None => format!("move `{name}` to the top level of the document"),
            };
            known_field(name, Path::from(["extra", name])).help(way)
        });
    let known = rules::SIMULATION.fields(&Path::from([SETTINGS]));
    let names = settings.into_iter().flat_map(Map::keys);
    let inner = names
        .filter(|name| known.contains(&name.as_str()))
        .map(|name| {
            known_field(name, Path::from(["extra", SETTINGS, name])).help(format!(
                "write `{name}` inside `{SETTINGS}:` at the top level of the document"
            ))
        });
    top.chain(inner).collect()
}

const SETTINGS: &str = "digital_humans_settings";

fn known_field(name: &str, path: Path) -> Problem {
    let summary = format!("`{name}` is a known field and can't stand in `extra`");
    Problem::error("known-field-in-extra", path, summary)
        .part(Part::Key)
        .label("known field")
}

/// A plan would take such a name for a field inside the settings.
fn is_path_of_setting(name: &str) -> bool {
    name.starts_with("digital_humans_settings.")
}

fn warnings(fields: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(value) = fields.get("sequential_calling") {
        let problem = Problem::warning(
            "deprecated-field",
            Path::from(["sequential_calling"]),
            "`sequential_calling` is deprecated by the API",
        )
        .part(Part::Key);
        problems.push(problem.help(if value == &Value::Bool(true) {
            "write `max_concurrent: 1` in its place"
        } else {
            "remove it: `false` is what happens without it"
        }));
    }
    let concurrent = fields.get("max_concurrent").and_then(Value::as_i64);
    if let Some(calls) = concurrent.filter(|calls| (BUSY + 1..=500).contains(calls)) {
        problems.push(
            Problem::warning(
                "many-calls",
                Path::from(["max_concurrent"]),
                format!("{calls} concurrent calls: calls have been dropped from about 60 on"),
            )
            .help(format!(
                "stay at {BUSY} or below unless your plan is known to carry more"
            )),
        );
    }
    problems
}

/// The problem of a document that is no mapping.
#[must_use]
pub fn not_a_mapping(value: &Value) -> Problem {
    let problem = Problem::error(
        "wrong-type",
        Path::top(),
        format!(
            "a simulation is a mapping of fields, found {}",
            words::found(value)
        ),
    );
    match value {
        Value::Array(_) => {
            problem.help("write each simulation as a document of its own, with `---` between them")
        }
        Value::String(text) if text.contains(':') => problem.help("a space is missing after `:`"),
        Value::String(text) if text.contains(" = ") => {
            problem.help("write `:` in place of `=`: `agent_id: \"42\"`")
        }
        _ => problem.help("write fields: `agent_id: \"42\"`"),
    }
}

/// A missing field that is written without a value is told where it is written.
#[must_use]
pub fn blank_or_missing(mut problem: Problem, blank: &[String]) -> Problem {
    let field = blank.iter().find(|field| {
        problem.code == "missing-field"
            && problem.path.is_top()
            && problem.summary.starts_with(&format!("`{field}` "))
    });
    if let Some(field) = field {
        problem.path = Path::from([field.as_str()]);
        problem.summary = format!("`{field}` has no value");
        return problem.part(Part::Value).label("no value");
    }
    problem
}

/// The problem of a document without key in a file with several.
#[must_use]
pub fn missing_key(documents: usize) -> Problem {
    Problem::error(
        "missing-key",
        Path::top(),
        format!("`key` is missing: the file holds {documents} simulations, and each needs its own"),
    )
    .part(Part::Key)
    .help("add `key: NAME` to this document")
}
