//! Checks of one document that a JSON Schema can't express.

use serde_json::{Map, Value};

use super::field_path;
use super::nearest::nearest;
use super::path::{Path, Step};
use super::problem::{FieldPart, Problem};
use super::words;
use crate::diagnostic::DiagnosticCode;
use crate::resource::document_fields::{EXTRA, KEY, MOVED_FROM};
use crate::resource::field::{IntegerRange, ValueType};
use crate::resource::field_subset::FieldSubset;
use crate::resource::key::ResourceKey;
use crate::resource::simulation::MARKER_SENT_AS;
use crate::resource::spelling::is_uuid;
use crate::resource::{self, Field, FieldProblem, Kind, Severity};
use crate::visible::is_invisible;

/// Returns the mistakes in the fields of a document, defaults included. Fields of a
/// wrong type are skipped, because the schema reports them.
#[must_use]
pub fn check(kind: Kind, fields: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for field in CHECKED.of(kind) {
        if let Some(value) = fields.get(field.name) {
            check_field(kind, field, value, fields, &mut problems);
        }
    }
    let rules = resource::problems(kind, fields).into_iter();
    problems.extend(rules.map(|problem| broken_rule(kind, fields, problem)));
    problems.extend(moved_to_itself(fields));
    problems.extend(known_in_extra(kind, fields));
    problems
}

/// The fields with checks. Most fields have none.
static CHECKED: FieldSubset = FieldSubset::new(is_checked);

fn is_checked(field: &Field) -> bool {
    let is_checked = match field.value {
        ValueType::Key | ValueType::AgentId => true,
        ValueType::Integer(range) => range.warn_above.is_some(),
        ValueType::Uuid => field.alias_of.is_some(),
        _ => false,
    };
    is_checked || field.at_most.is_some() || field.deprecated.is_some()
}

fn check_field(
    kind: Kind,
    field: &Field,
    value: &Value,
    fields: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) {
    match (field.value, value) {
        (ValueType::Key, Value::String(text)) => problems.extend(bad_key(kind, field, text)),
        (ValueType::AgentId, id) => problems.extend(check_agent_id(field, id)),
        (ValueType::Integer(range), number) => {
            problems.extend(warn_many_calls(field, range, number));
        }
        _ => {}
    }
    problems.extend(check_thresholds(field, value, fields));
    problems.extend(check_two_names(field, value, fields));
    problems.extend(warn_deprecated(field, value));
}

fn bad_key(kind: Kind, field: &Field, text: &str) -> Option<Problem> {
    let (path, field) = (Path::from([field.name]), field.name);
    if text.contains("${") {
        let problem = Problem::error(
            DiagnosticCode::BadKey,
            path,
            format!("no variables are replaced in `{field}`: keys are literal"),
        );
        return Some(problem.help("write the key itself; all environments use the same key"));
    }
    // The schema reports an empty key and a key that is too long.
    let is_schema_matter =
        text.is_empty() || text.chars().count() > crate::resource::key::MAX_KEY_LENGTH;
    let reason = key_problem(kind, text).filter(|_| !is_schema_matter)?;
    Some(
        Problem::error(DiagnosticCode::BadKey, path, reason)
            .help("write a short name, such as `front-desk`"),
    )
}

/// Returns why a text is not a valid key of this kind; `None` for a valid key.
pub(super) fn key_problem(kind: Kind, text: &str) -> Option<String> {
    let ambiguous = match kind {
        Kind::CustomMetric if is_uuid(text) => "the key of a custom metric can't be a UUID",
        Kind::DigitalHuman if is_number(text) => "the key of a digital human can't be a number",
        _ => return ResourceKey::problem(text),
    };
    Some(format!("{ambiguous}: a reference to it would be an id"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the problem of a broken rule of the field table.
fn broken_rule(kind: Kind, fields: &Map<String, Value>, problem: FieldProblem) -> Problem {
    let path = path_of(&problem.pointer, fields);
    let part = if path.is_top() {
        FieldPart::Key
    } else {
        FieldPart::Value
    };
    match problem.severity {
        Severity::Error => {
            Problem::error(DiagnosticCode::BrokenRule, path, problem.message).help(problem.help)
        }
        Severity::Warning => {
            let meant = meant(kind, fields, &path);
            let meant = meant.map(|meant| format!("did you mean `{meant}`?"));
            let help = problem.help;
            Problem::warning(DiagnosticCode::UnknownValue, path, problem.message)
                .maybe_help(meant)
                .help(help)
        }
    }
    .part(part)
}

/// Returns the known value of a field that is the most similar to its value.
fn meant(kind: Kind, fields: &Map<String, Value>, path: &Path) -> Option<&'static str> {
    let ValueType::Suggested(known) = field_path::field_at(kind, path)?.value else {
        return None;
    };
    nearest(value_at(fields, path)?.as_str()?, known.iter().copied())
}

/// Returns the path of a JSON Pointer into these fields.
fn path_of(pointer: &str, fields: &Map<String, Value>) -> Path {
    let mut path = Path::top();
    for step in pointer.split('/').skip(1) {
        let is_item = value_at(fields, &path).is_some_and(Value::is_array);
        path.0.push(match step.parse() {
            Ok(index) if is_item => Step::Index(index),
            _ => Step::Field(step.to_owned()),
        });
    }
    path
}

/// Returns the value at a path; `None` for the top and for a path that does not exist.
fn value_at<'a>(fields: &'a Map<String, Value>, path: &Path) -> Option<&'a Value> {
    let (Step::Field(first), rest) = path.0.split_first()? else {
        return None;
    };
    rest.iter()
        .try_fold(fields.get(first)?, |value, step| match step {
            Step::Field(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
}

fn moved_to_itself(fields: &Map<String, Value>) -> Option<Problem> {
    let key = fields.get(KEY)?.as_str()?;
    (fields.get(MOVED_FROM)?.as_str()? == key).then(|| {
        Problem::error(
            DiagnosticCode::BadMove,
            Path::from([MOVED_FROM]),
            format!("`{key}` can't be its own `moved_from`"),
        )
        .help("write the key that the simulation had before, or remove `moved_from`")
    })
}

/// Checks the spelling of an agent id. The schema also accepts numbers such as `42.0`.
fn check_agent_id(field: &Field, id: &Value) -> Option<Problem> {
    let path = Path::from([field.name]);
    let what = field.required.unwrap_or("an id");
    if id
        .as_str()
        .is_some_and(|text| !text.is_empty() && text.trim().is_empty())
    {
        // The API accepts a blank id, so this is only a warning.
        let problem = Problem::warning(
            DiagnosticCode::BlankValue,
            path,
            format!("`{}` is blank", field.name),
        );
        return Some(problem.help(format!("write {what}: `{}`", field.written_example())));
    }
    if let Some(text) = id.as_str().filter(|text| is_other_spelling(text)) {
        let problem = Problem::error(
            DiagnosticCode::BadFormat,
            path,
            format!(
                "`{}` must be {what} and nothing else, found {}",
                field.name,
                words::describe_value(id)
            ),
        );
        let plain = text.trim().trim_start_matches('+');
        let plain = plain.replace(|c| c == '_' || is_unseen(c), "");
        let is_plain = plain.is_ascii();
        return Some(
            problem
                .label("not in the form of the API")
                .help(if is_plain {
                    format!("write `{}: \"{plain}\"`", field.name)
                } else {
                    "write it with the digits 0 to 9".to_owned()
                }),
        );
    }
    let is_odd = id.is_number() && !id.is_u64() && !id.is_i64();
    is_odd.then(|| super::wrong_type::wrong_type(&path, id, &["string"]))
}

/// Returns whether the API may read a text as another number than the text shows:
/// surrounding white space, a sign, digit separators, digits of other scripts, characters
/// that are not seen.
fn is_other_spelling(text: &str) -> bool {
    let is_mark = |character: char| character == '+' || character == '_';
    let is_number = text.chars().any(char::is_numeric)
        && text.chars().all(|c| c.is_numeric() || is_mark(c))
        && !text.bytes().all(|byte| byte.is_ascii_digit());
    text.trim() != text || text.contains(is_unseen) || is_number
}

fn is_unseen(character: char) -> bool {
    !character.is_control() && is_invisible('4', character)
}

/// Checks that a failing threshold is not above its passing threshold.
fn check_thresholds(field: &Field, value: &Value, fields: &Map<String, Value>) -> Option<Problem> {
    let other = field.at_most?;
    let failing = value.as_i64()?;
    let passing = fields.get(other)?.as_i64()?;
    (failing > passing).then(|| {
        Problem::error(
            DiagnosticCode::ThresholdsCross,
            Path::from([field.name]),
            format!("the failing threshold {failing} is above the passing threshold {passing}"),
        )
        .label("fails below this")
        .related(Path::from([other]), "passes at or above this")
        .help("lower the failing threshold, or raise the passing threshold")
    })
}

/// Checks that two names of one field have the same value. Otherwise the API answers
/// 400.
fn check_two_names(field: &Field, value: &Value, fields: &Map<String, Value>) -> Option<Problem> {
    // The rules of the field tables check all other fields with two names.
    let is_version = matches!(field.value, ValueType::Uuid);
    let (old, new) = (field.alias_of.filter(|_| is_version)?, field.name);
    let old_value = fields.get(old)?.as_str()?;
    (!old_value.eq_ignore_ascii_case(value.as_str()?)).then(|| {
        Problem::error(
            DiagnosticCode::TwoVersions,
            Path::from([old]),
            format!("`{old}` and `{new}` are two names of one field, but have different values"),
        )
        .label("this version")
        .related(Path::from([new]), "and this one")
        .help("remove one of them; the API refuses two different values")
    })
}

fn known_in_extra(kind: Kind, fields: &Map<String, Value>) -> Vec<Problem> {
    let Some(extra) = fields.get(EXTRA).and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (name, value) in extra {
        let known = kind.field(name);
        match (known.map(Field::inner), value, kind.split(name)) {
            // `extra` may contain the unknown fields of a known map.
            (Some(inner @ [_, ..]), Value::Object(given), _) => {
                let known = inner.iter().filter(|field| given.contains_key(field.name));
                problems.extend(known.map(|field| {
                    let path = Path::from([EXTRA, name, field.name]);
                    known_field(field.name, path).help(format!(
                        "write `{}` inside `{name}:` at the top level of the document",
                        field.name
                    ))
                }));
            }
            (Some(_), ..) => problems.push(
                known_field(name, Path::from([EXTRA, name]))
                    .help(format!("move `{name}` to the top level of the document")),
            ),
            // A plan would read such a name as the path of a field inside the map.
            (None, _, Some((map, inner))) => problems.push(
                known_field(name, Path::from([EXTRA, name]))
                    .help(format!("write `{inner}` inside `{}:`", map.name)),
            ),
            (None, _, None) => {}
        }
    }
    problems
}

/// Returns the problem of a field in `extra` that is the marker of the project.
#[must_use]
pub fn marker_in_extra(fields: &Map<String, Value>) -> Option<Problem> {
    let value = fields.get(EXTRA)?.get(MARKER_SENT_AS)?;
    (!value.is_null()).then(|| {
        let summary = format!("`{MARKER_SENT_AS}` is set by `ownership: marker`");
        let path = Path::from([EXTRA, MARKER_SENT_AS]);
        Problem::error(DiagnosticCode::MarkerInExtra, path, summary)
            .part(FieldPart::Key)
            .label("the marker of the project")
            .help("remove the field here, or remove `ownership: marker` from bluejay.yaml")
    })
}

fn known_field(name: &str, path: Path) -> Problem {
    let summary = format!("`{name}` is a known field and can't be in `extra`");
    Problem::error(DiagnosticCode::KnownFieldInExtra, path, summary)
        .part(FieldPart::Key)
        .label("known field")
}

fn warn_deprecated(field: &Field, value: &Value) -> Option<Problem> {
    // A mistake in the value is reported first.
    let deprecation = field.deprecated.filter(|_| field.accepts(value))?;
    let problem = Problem::warning(
        DiagnosticCode::DeprecatedField,
        Path::from([field.name]),
        format!("`{}` is deprecated by the API", field.name),
    )
    .part(FieldPart::Key);
    Some(
        match deprecation
            .ineffective
            .filter(|ineffective| ineffective.is(value))
        {
            Some(ineffective) => problem.help(format!(
                "remove it: without it, the API behaves as with `{}`",
                ineffective.to_value()
            )),
            None => problem.help(deprecation.help),
        },
    )
}

/// Warns about a number of concurrent calls at which calls have been dropped.
fn warn_many_calls(field: &Field, range: IntegerRange, value: &Value) -> Option<Problem> {
    let most = range.warn_above?;
    let calls = value.as_i64()?;
    let is_above = calls > most && range.max.is_none_or(|max| calls <= max);
    is_above.then(|| {
        Problem::warning(
            DiagnosticCode::ManyCalls,
            Path::from([field.name]),
            format!("{calls} concurrent calls: with about 60 or more, calls have been dropped"),
        )
        .help(format!(
            "use at most {most}, unless your Bluejay plan supports more"
        ))
    })
}

/// Returns the problem of a document that is not a mapping.
#[must_use]
pub fn not_a_mapping(value: &Value) -> Problem {
    let beginning = Kind::Simulation.beginning().unwrap_or_default();
    let problem = Problem::error(
        DiagnosticCode::WrongType,
        Path::top(),
        format!(
            "a simulation is a mapping of fields, found {}",
            words::describe_value(value)
        ),
    );
    match value {
        Value::Array(_) => {
            problem.help("write each simulation as a separate document, with `---` between them")
        }
        Value::String(text) if text.contains(':') => problem.help("a space is missing after `:`"),
        Value::String(text) if text.contains(" = ") => {
            problem.help(format!("write `:` in place of `=`: `{beginning}`"))
        }
        _ => problem.help(format!("write fields: `{beginning}`")),
    }
}

/// Moves the problem of a missing field to the field, if the field is written without a
/// value.
#[must_use]
pub fn blank_or_missing(mut problem: Problem, blank: &[String]) -> Problem {
    let is_top = problem.path.is_top();
    let missing = problem.missing.as_ref().filter(|_| is_top);
    if let Some(field) = missing.filter(|field| blank.contains(field)) {
        problem.path = Path::from([field.as_str()]);
        problem.summary = format!("`{field}` has no value");
        return problem.part(FieldPart::Value).label("no value");
    }
    problem
}

/// Returns the problem of a document without a key in a file with several documents,
/// which are of the kind `plural`.
#[must_use]
pub fn missing_key(documents: usize, plural: &str) -> Problem {
    Problem::error(
        DiagnosticCode::MissingKey,
        Path::top(),
        format!("`key` is missing: the file holds {documents} {plural}, and each needs its own"),
    )
    .part(FieldPart::Key)
    .help("add `key: NAME` to this document")
}
