//! Explains a field that the schema does not contain: a similar name, or the level on
//! which the name is valid.

use super::nearest::{join_names, nearest};
use super::path::{Path, Step};
use super::problem::{FieldPart, Problem};
use super::rules::{PROJECT, Rules};
use super::vars::is_name;
use super::words;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::document_fields::ENVIRONMENTS;

/// Returns the problem of an unknown field in the mapping at `path`.
#[must_use]
pub fn unknown_field(rules: &Rules, path: &Path, field: &str) -> Problem {
    let shown: String = field.chars().take(60).collect();
    let problem = Problem::error(
        DiagnosticCode::UnknownField,
        path.field(field),
        format!("unknown field `{shown}`{}", inside_map(path)),
    )
    .part(FieldPart::Key)
    .label("unknown field");
    let is_project = rules.kind().is_none();
    let is_default = words::without_defaults(path).is_some_and(<[Step]>::is_empty);
    if is_project && is_default && kind_at(rules, path).is_document_only(field) {
        return problem.help(format!(
            "`{field}` belongs to one {} and can't be a default",
            kind_at(rules, path).noun()
        ));
    }
    let level = words::without_environment(path);
    if is_project && *level == Path::from(["kinds"]).0 && field == Kind::Simulation.name() {
        let place = if path.0.len() == level.len() {
            "at the top level"
        } else {
            "of the environment"
        };
        return problem.label("belongs elsewhere").help(format!(
            "the defaults of simulations stand in `defaults` {place}"
        ));
    }
    if field
        .to_lowercase()
        .replace(['_', '-'], "")
        .ends_with("apikey")
    {
        return problem.help(
            "an API key never belongs in this file: set `BLUEJAY_API_KEY`, or pass \
             `--api-key-file`",
        );
    }
    let kind = kind_at(rules, path);
    let levels = levels(kind, is_project, path);
    // Order: the same name on another level, a similar name here, a similar name on
    // another level.
    for level in &levels {
        if rules.fields(level).contains(&field) {
            return problem
                .label("belongs elsewhere")
                .help(format!("`{field}` belongs {}", describe_level(level, path)));
        }
    }
    if !is_project && path.is_top() && PROJECT.fields(path).contains(&field) {
        return problem
            .label("belongs elsewhere")
            .help(format!("`{field}` belongs in bluejay.yaml"));
    }
    if let Some(near) = nearest(field, rules.fields(path)) {
        return problem
            .help(format!("did you mean `{near}`?"))
            .maybe_help(non_ascii_letter_help(field));
    }
    for level in &levels {
        if let Some(near) = nearest(field, rules.fields(level)) {
            return problem
                .help(format!(
                    "did you mean `{near}`? The field belongs {}",
                    describe_level(level, path)
                ))
                .maybe_help(non_ascii_letter_help(field));
        }
    }
    if let Some(help) = of_other_kinds(rules, path, field) {
        return problem.label("belongs elsewhere").help(help);
    }
    let problem = problem.help(format!(
        "the fields here are {}",
        join_names(rules.fields(path), "and")
    ));
    let is_upper = !field.contains(|letter: char| letter.is_ascii_lowercase());
    if is_project && rules.fields(path).contains(&"vars") && is_upper && is_name(field) {
        return problem.help(format!("a value for `${{var:{field}}}` goes under `vars:`"));
    }
    if !is_project && path.is_top() {
        return problem
            .help("a field of the API that this version doesn't know goes under `extra:`");
    }
    problem
}

/// Returns the help about a field that documents of other kinds have.
fn of_other_kinds(rules: &Rules, path: &Path, field: &str) -> Option<String> {
    let own = rules.kind().filter(|_| path.is_top())?;
    let mut others = Kind::ALL.into_iter();
    let other = others.find(|kind| *kind != own && kind.field(field).is_some())?;
    let (noun, name) = (other.noun(), other.name());
    Some(format!(
        "`{field}` is a field of a {noun}: if one is meant, write `kind: {name}`"
    ))
}

/// Returns the kind of the documents to which a mapping belongs.
fn kind_at(rules: &Rules, path: &Path) -> Kind {
    let of_project = || match words::without_environment(path).get(..2) {
        Some([Step::Field(kinds), Step::Field(name)]) if kinds == "kinds" => Kind::from_name(name),
        _ => None,
    };
    let kind = rules.kind().or_else(of_project);
    kind.unwrap_or(Kind::Simulation)
}

/// Returns the other levels on which the field may be valid, the most probable first.
fn levels(kind: Kind, is_project: bool, path: &Path) -> Vec<Path> {
    let document = |base: &[&str]| {
        let base = Path(
            base.iter()
                .map(|step| Step::Field((*step).to_owned()))
                .collect(),
        );
        let maps = kind.maps().map(|map| base.field(map.name));
        let mut levels: Vec<_> = maps.collect();
        levels.insert(0, base);
        levels
    };
    let mut levels = Vec::new();
    if is_project {
        levels.push(Path::top());
        levels.push(Path::from(["safety"]));
        levels.push(Path::from(["settings"]));
        levels.push(any_environment());
        match kind {
            Kind::Simulation => levels.extend(document(&["defaults"])),
            kind => levels.extend(document(&["kinds", kind.name(), "defaults"])),
        }
    } else if path.is_top() || is_map(kind, path) {
        levels.extend(document(&[]));
    }
    let is_environment = path.0.len() == 2 && path.0[0] == Step::Field(ENVIRONMENTS.to_owned());
    levels.retain(|level| level != path && !(is_environment && *level == any_environment()));
    levels
}

/// Returns whether a path is a map of known fields.
fn is_map(kind: Kind, path: &Path) -> bool {
    let mut maps = kind.maps();
    maps.any(|map| *path == Path::from([map.name]))
}

/// Returns the path of any environment.
fn any_environment() -> Path {
    Path::from([ENVIRONMENTS, "NAME"])
}

/// Returns the same words for a field of a simulation and for the same field of the
/// defaults, so that one mistake is shown once.
fn inside_map(path: &Path) -> String {
    let is_defaults = words::without_defaults(path).is_some_and(<[Step]>::is_empty);
    if path.is_top() || is_defaults {
        String::new()
    } else {
        format!(" in `{}`", words::name(path))
    }
}

/// Describes a level for a person who reads the mapping at `path`.
fn describe_level(level: &Path, path: &Path) -> String {
    if *level == any_environment() {
        return "to one environment, in `environments`".to_owned();
    }
    match level.last_field() {
        None => "at the top level of the document".to_owned(),
        Some(field) if level.0.len() > 1 && !path.0.starts_with(&level.0[..1]) => {
            format!("in `{field}` of `{}`", Path(level.0[..1].to_vec()))
        }
        Some(field) => format!("in `{field}`"),
    }
}

/// Returns the help about a non-ASCII character that makes a name look like a known
/// name.
fn non_ascii_letter_help(field: &str) -> Option<String> {
    let odd = field.chars().find(|letter| !letter.is_ascii())?;
    let code = format!("U+{:04X}", u32::from(odd));
    let is_invisible = matches!(
        odd,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    );
    Some(if field.starts_with(odd) && odd.is_whitespace() {
        format!("it begins with {code}, which is not a normal space: indent with spaces")
    } else if odd.is_whitespace() || is_invisible {
        format!("it contains {code}, which is invisible: remove it")
    } else {
        format!("the `{odd}` in it is {code}; names of fields contain only ASCII letters")
    })
}
