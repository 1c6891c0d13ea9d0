//! Validates a value with a JSON Schema and explains the violations.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value};

use super::command_settings::{TIME_HELP, is_time};
use super::edit::flow;
use super::field_path;
use super::nearest::{join_names, nearest};
use super::path::{Path, Step};
use super::problem::{FieldPart, MAX_PROBLEMS, Problem};
use super::rules::Rules;
use super::unknown_field::unknown_field;
use super::words;
use super::wrong_type::wrong_type;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind as ResourceKind;
use crate::resource::catalog::example_of;
use crate::resource::schema::UUID_PATTERN;
use crate::resource::text_format::TextFormat;

/// Returns one problem for each mistake in a value; an empty list for a valid value.
#[must_use]
pub fn check(rules: &Rules, value: &Value) -> Vec<Problem> {
    let mut problems: Vec<_> = not_one_field(rules, value).into_iter().collect();
    if rules.is_valid(value) {
        return problems;
    }
    for error in rules.validator().iter_errors(value) {
        explain(rules, &error, &mut problems);
        if problems.len() > MAX_PROBLEMS {
            break;
        }
    }
    one_for_each_place(problems)
}

/// Returns the unknown fields without a value. A field without a value counts as
/// absent, but an unknown name is a mistake anyway.
#[must_use]
pub fn unknown_blanks(rules: &Rules, fields: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Vec::new();
    add_unknown_blanks(rules, fields, &Path::top(), &mut problems);
    problems
}

fn add_unknown_blanks(
    rules: &Rules,
    fields: &Map<String, Value>,
    path: &Path,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in fields {
        if problems.len() > MAX_PROBLEMS {
            return;
        }
        match value {
            Value::Null
                if rules.is_closed(path) && !rules.fields(path).contains(&name.as_str()) =>
            {
                problems.push(unknown_field(rules, path, name));
            }
            Value::Object(inner) => {
                add_unknown_blanks(rules, inner, &path.field(name), problems);
            }
            _ => {}
        }
    }
}

/// Keeps the most specific problem of each value: an invalid choice, or else a wrong
/// type, or else any other problem.
fn one_for_each_place(problems: Vec<Problem>) -> Vec<Problem> {
    let rank = |problem: &Problem| match problem.code {
        DiagnosticCode::NotOneOf => 0,
        DiagnosticCode::WrongType => 1,
        _ => 2,
    };
    let mut kept: Vec<Problem> = Vec::new();
    for problem in problems {
        let same = kept
            .iter_mut()
            .find(|known| known.path == problem.path && known.part == problem.part);
        match same {
            Some(known) if rank(&problem) < rank(known) => *known = problem,
            Some(_) => {}
            None => kept.push(problem),
        }
    }
    kept
}

fn explain(rules: &Rules, error: &ValidationError<'_>, problems: &mut Vec<Problem>) {
    let path = path_of(error);
    let value: &Value = error.instance();
    match error.kind() {
        Kind::Type { .. } => problems.push(type_problem(rules, &path, value)),
        Kind::AnyOf { context } => match fitting_branch(context, &path) {
            Some(errors) => errors
                .iter()
                .for_each(|error| explain(rules, error, problems)),
            None => problems.push(type_problem(rules, &path, value)),
        },
        Kind::AdditionalProperties { unexpected } => {
            let shown = unexpected.iter().take(MAX_PROBLEMS + 1);
            problems.extend(shown.map(|field| unknown_field(rules, &path, field)));
        }
        Kind::Required { property } => {
            problems.push(missing(rules, &path, property.as_str().unwrap_or_default()));
        }
        Kind::Minimum { .. } | Kind::Maximum { .. } => {
            problems.push(out_of_range(rules, &path, value));
        }
        Kind::Enum { .. } | Kind::Constant { .. } | Kind::OneOfNotValid { .. } => {
            problems.push(not_one_of(&path, value, &options(error)));
        }
        Kind::Pattern { pattern } => problems.push(bad_pattern(&path, value, pattern)),
        Kind::MinLength { .. } | Kind::MinItems { .. } => problems.push(empty(&path)),
        Kind::MaxLength { limit } => problems.push(
            Problem::error(
                DiagnosticCode::TooLong,
                path.clone(),
                format!("`{}` has more than {limit} characters", words::name(&path)),
            )
            .help("write a shorter text"),
        ),
        _ => problems.push(Problem::error(
            DiagnosticCode::Schema,
            path.clone(),
            format!("`{}`: {error}", words::name(&path)),
        )),
    }
}

fn type_problem(rules: &Rules, path: &Path, value: &Value) -> Problem {
    let mut problem = wrong_type(path, value, &rules.types(path));
    let pattern = rules.at(path).and_then(|schema| schema.get("pattern"));
    let is_uuid = pattern.and_then(Value::as_str) == Some(UUID_PATTERN);
    if is_uuid && value.is_number() {
        problem.help = vec![format!(
            "{UUID_EXAMPLE}; a UUID of digits alone needs quotes"
        )];
    }
    let kind = rules.kind().unwrap_or(ResourceKind::Simulation);
    let field = field_path::field_at(kind, path).filter(|field| !field.nested().is_empty());
    if let Some(example) = field.map(example_of).filter(Value::is_object)
        && is_one_word(value)
    {
        problem.help = vec![format!("write its fields, such as `{}`", flow(&example))];
    }
    problem
}

/// Returns whether a value can't be meant as the fields of a map.
fn is_one_word(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| !text.contains(':'))
}

/// Returns the branch of an `anyOf` that accepts the type of the value.
fn fitting_branch<'a>(
    context: &'a [Vec<ValidationError<'static>>],
    path: &Path,
) -> Option<&'a Vec<ValidationError<'static>>> {
    context.iter().find(|errors| {
        !errors.is_empty()
            && !errors
                .iter()
                .any(|error| matches!(error.kind(), Kind::Type { .. }) && path_of(error) == *path)
    })
}

fn path_of(error: &ValidationError<'_>) -> Path {
    use jsonschema::paths::LocationSegment;
    Path(
        error
            .instance_path()
            .iter()
            .map(|segment| match segment {
                LocationSegment::Property(name) => Step::Field(name.into_owned()),
                LocationSegment::Index(index) => Step::Index(index),
            })
            .collect(),
    )
}

fn missing(rules: &Rules, path: &Path, field: &str) -> Problem {
    let problem = Problem::error(
        DiagnosticCode::MissingField,
        path.clone(),
        format!("`{field}` is missing"),
    )
    .part(FieldPart::Key)
    .missing(field)
    .label("the fields begin here");
    let known = field_path::field_at(
        rules.kind().unwrap_or(ResourceKind::Simulation),
        &path.field(field),
    );
    match known.and_then(|known| Some((known, known.required?))) {
        Some((known, what)) => {
            let example = match known.example {
                Some(_) => known.written_example(),
                None => format!("{field}: {}", flow(&example_of(known))),
            };
            problem.help(format!("add {what}: `{example}`"))
        }
        None => problem.help(format!("add `{field}:`")),
    }
}

/// Returns the problem of a document that contains both of two fields, or none of them, if
/// the schema requires exactly one.
fn not_one_field(rules: &Rules, value: &Value) -> Option<Problem> {
    let path = Path::top();
    let fields = value.as_object()?;
    let [first, second] = rules.one_required()?;
    match (fields.contains_key(first), fields.contains_key(second)) {
        (false, false) => Some(missing(rules, &path, first)),
        (true, true) => {
            let summary = format!("`{first}` and `{second}` exclude each other");
            let problem = Problem::error(DiagnosticCode::BrokenRule, path.field(second), summary);
            let problem = problem.part(FieldPart::Key);
            Some(problem.help("keep the one that is meant"))
        }
        _ => None,
    }
}

fn out_of_range(rules: &Rules, path: &Path, value: &Value) -> Problem {
    let bound = |word| bound(rules.at(path), word);
    let range = match (bound("minimum"), bound("maximum")) {
        (Some(low), Some(high)) => format!("between {low} and {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => "smaller".to_owned(),
    };
    let number = value.as_f64().unwrap_or_default();
    let nearest = if number < 0.0 || bound("maximum").is_none() {
        bound("minimum")
    } else {
        bound(if number < 1.0 { "minimum" } else { "maximum" })
    };
    Problem::error(
        DiagnosticCode::OutOfRange,
        path.clone(),
        format!("`{}` must be {range}, found {value}", words::name(path)),
    )
    .label(format!("must be {range}"))
    .maybe_help(nearest.map(|nearest| format!("the nearest valid value is `{nearest}`")))
}

/// Returns a bound of a schema or of one of its branches.
fn bound(schema: Option<&Value>, word: &str) -> Option<i64> {
    let schema = schema?;
    let own = schema.get(word).and_then(|bound| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the bounds of the schema are small whole numbers"
        )]
        bound.as_f64().map(|bound| bound as i64)
    });
    own.or_else(|| {
        let branches = schema.get("anyOf").and_then(Value::as_array)?;
        branches.iter().find_map(|branch| bound(Some(branch), word))
    })
}

/// Returns the possible values of a choice.
fn options(error: &ValidationError<'_>) -> Value {
    match error.kind() {
        Kind::Enum { options } => options.as_ref().clone(),
        Kind::Constant { expected_value } => Value::Array(vec![expected_value.as_ref().clone()]),
        Kind::OneOfNotValid { context } => {
            let branches = context.iter().flatten().map(options);
            let branches = branches.filter_map(|options| options.as_array().cloned());
            branches.flatten().collect()
        }
        _ => Value::Array(Vec::new()),
    }
}

pub(super) fn not_one_of(path: &Path, value: &Value, options: &Value) -> Problem {
    let known: Vec<&str> = options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let expected = join_names(known.iter().copied(), "or");
    let problem = Problem::error(
        DiagnosticCode::NotOneOf,
        path.clone(),
        format!(
            "`{}` must be {expected}, found {}",
            words::name(path),
            words::describe_value(value)
        ),
    )
    .label(format!("expected {expected}"))
    .quoting_value(value);
    let meant = value.as_str().and_then(|text| nearest(text, known));
    problem.help(meant.map_or_else(
        || format!("write {expected}"),
        |meant| format!("did you mean `{meant}`?"),
    ))
}

fn bad_pattern(path: &Path, value: &Value, pattern: &str) -> Problem {
    let name = words::name(path);
    let found = words::describe_value(value);
    if pattern == UUID_PATTERN {
        return not_a_uuid(path, value);
    }
    if let Some(format) = format_of(pattern) {
        let (what, help) = format;
        return Problem::error(
            DiagnosticCode::BadFormat,
            path.clone(),
            format!("`{name}` must be {what}, found {found}"),
        )
        .help(help);
    }
    if path.last_field() == Some("max_deletes") {
        return Problem::error(
            DiagnosticCode::BadFormat,
            path.clone(),
            format!("`{name}` must be a number or a percentage such as `30%`, found {found}"),
        )
        .help("write a whole number, or a percentage up to `100%`");
    }
    if path.last_field().is_some_and(is_time) {
        let summary = format!("`{name}` must be a time, found {found}");
        return Problem::error(DiagnosticCode::BadFormat, path.clone(), summary).help(TIME_HELP);
    }
    if path.last_field() == Some("lockfile") {
        return Problem::error(
            DiagnosticCode::BadFormat,
            path.clone(),
            format!("the name of the `{name}` must end in `.lock`, found {found}"),
        )
        .help("git and other environments find lockfiles by this ending: write `bluejay.lock`");
    }
    Problem::error(
        DiagnosticCode::BadFormat,
        path.clone(),
        format!("`{name}` must match `{pattern}`, found {found}"),
    )
    .help("write a value of this form")
}

/// Returns the problem of a text that is not a UUID.
pub(super) fn not_a_uuid(path: &Path, value: &Value) -> Problem {
    let (name, found) = (words::name(path), words::describe_value(value));
    Problem::error(
        DiagnosticCode::BadUuid,
        path.clone(),
        format!("`{name}` must be a UUID, found {found}"),
    )
    .label("not a UUID")
    .help(uuid_cause(value.as_str().unwrap_or_default()))
}

/// Returns the words for the format of a text with this pattern, and how to write it.
fn format_of(pattern: &str) -> Option<(&'static str, &'static str)> {
    let formats = [TextFormat::Time, TextFormat::TimeZone, TextFormat::Keypad];
    let mut formats = formats.into_iter();
    Some(match formats.find(|format| format.pattern() == pattern)? {
        TextFormat::Time => (
            "a time of the day",
            "write hours and minutes with two digits each: `\"02:30\"`",
        ),
        TextFormat::TimeZone => (
            "the name of a time zone",
            "write a name of the IANA database, such as `Europe/Berlin`",
        ),
        TextFormat::Keypad => (
            "keys of a telephone",
            "write only digits, `*`, `#`, and `,` for a pause: `\"12*3#\"`",
        ),
    })
}

const UUID_EXAMPLE: &str = "a UUID looks like `3c90c3cc-0d44-4b50-8888-8dd25736052a`";

fn uuid_cause(text: &str) -> String {
    if text.trim() != text {
        return "remove the white space around it".to_owned();
    }
    let wrong = text.chars().find(|c| !c.is_ascii_hexdigit() && *c != '-');
    let digits = text.chars().filter(char::is_ascii_hexdigit).count();
    match wrong {
        Some(letter) if text.len() == 36 => {
            format!("`{letter}` is not a hexadecimal digit; {UUID_EXAMPLE}")
        }
        None if digits != 32 && digits > 20 => {
            format!("it has {digits} hexadecimal digits, not 32; {UUID_EXAMPLE}")
        }
        _ => format!("{UUID_EXAMPLE}; copy it from the dashboard"),
    }
}

fn empty(path: &Path) -> Problem {
    Problem::error(
        DiagnosticCode::Empty,
        path.clone(),
        format!("`{}` can't be empty", words::name(path)),
    )
    .help(match path.last_field() {
        Some("select") => {
            "write a pattern, such as `clinic/**`, or remove the line: the environment then \
             declares everything"
        }
        _ => "write a value",
    })
}
