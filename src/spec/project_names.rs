//! Checks the names of variables and environments, the patterns, the times, the addresses
//! and the path of the lockfile in the project file.

use serde_json::{Map, Value};

use super::address::{self, AddressError};
use super::command_settings;
use super::nearest::{join_names, nearest};
use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::selection::{Selection, SelectionError};
use super::vars::is_name;
use crate::diagnostic::DiagnosticCode;
use crate::resource::document_fields::ENVIRONMENTS;

/// The name of the environment that `--sandbox` uses for its lockfile.
const RESERVED: &str = "sandbox";

/// The folders that git never commits.
const NEVER_COMMITTED: [&str; 2] = [".bluejay", ".git"];

/// Returns the mistakes in the names, the addresses and the path of the lockfile of a
/// project file.
#[must_use]
pub fn check(value: &Value) -> Vec<Problem> {
    let lockfile = value.get("lockfile").and_then(Value::as_str);
    let mut problems: Vec<_> = lockfile.and_then(lockfile_place).into_iter().collect();
    let fields_of = |value: Option<&Value>| -> Vec<String> {
        let fields = value.and_then(Value::as_object);
        fields.into_iter().flat_map(Map::keys).cloned().collect()
    };
    let settings = Path::from(["settings"]);
    problems.extend(command_settings::check(value.get("settings"), &settings));
    let mut vars_at = vec![(Path::from(["vars"]), fields_of(value.get("vars")))];
    let mut addresses = vec![(Path::from(["api_url"]), value.get("api_url").cloned())];
    let environments = value.get(ENVIRONMENTS);
    let names = fields_of(environments);
    problems.extend(names_of_one_lockfile(&names));
    for name in names {
        let path = Path::from([ENVIRONMENTS, &name]);
        let environment = environments.and_then(|all| all.get(&name));
        vars_at.push((
            path.field("vars"),
            fields_of(environment.and_then(|one| one.get("vars"))),
        ));
        addresses.push((
            path.field("api_url"),
            environment.and_then(|one| one.get("api_url")).cloned(),
        ));
        let part = |field: &str| environment.and_then(|one| one.get(field));
        problems.extend(command_settings::check(
            part("settings"),
            &path.field("settings"),
        ));
        problems.extend(wrong_patterns(part("select"), &path.field("select")));
        problems.extend(environment_name(path, &name));
    }
    for (path, names) in vars_at {
        for name in names.iter().filter(|name| !is_name(name)) {
            problems.push(
                Problem::error(
                    DiagnosticCode::BadName,
                    path.field(name),
                    format!("`{name}` can't name a variable"),
                )
                .part(FieldPart::Key)
                .help("use letters, digits, `_` and `-`, and begin with a letter"),
            );
        }
    }
    for (path, address) in addresses {
        let text = address.as_ref().and_then(Value::as_str);
        // The schema reports an empty address.
        problems.extend(
            text.filter(|text| !text.is_empty())
                .and_then(|text| bad_address(path, text)),
        );
    }
    problems
}

/// Returns the mistakes in the patterns of an environment.
fn wrong_patterns(patterns: Option<&Value>, path: &Path) -> Vec<Problem> {
    let patterns = patterns.and_then(Value::as_array);
    let patterns = patterns.into_iter().flatten().enumerate();
    let wrong = patterns.filter_map(|(index, pattern)| {
        let pattern = pattern.as_str()?.to_owned();
        match Selection::parse(std::slice::from_ref(&pattern)) {
            Err(SelectionError::InvalidPattern { pattern, reason }) => Some(
                Problem::error(
                    DiagnosticCode::BadFormat,
                    path.index(index),
                    format!("`{pattern}` is not a pattern: {reason}"),
                )
                .help("`*` stands for a part of a key, `**` for several parts"),
            ),
            _ => None,
        }
    });
    wrong.collect()
}

/// Returns the declared environments as a sentence, with the environment that is probably
/// meant.
#[must_use]
pub fn names_help(name: &str, known: &[String]) -> String {
    let names = || known.iter().map(String::as_str);
    if name == RESERVED {
        return "the sandbox is no environment: `--sandbox` selects it".to_owned();
    }
    if known.is_empty() {
        if let Some((fault, _)) = environment_fault(name) {
            return format!("there are none, and {fault}");
        }
        return format!("there are none: add `environments: {{ {name}: {{}} }}` to bluejay.yaml");
    }
    let all = join_names(names(), "and");
    match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`? The environments are {all}"),
        None => format!("the environments are {all}"),
    }
}

fn bad_address(path: Path, text: &str) -> Option<Problem> {
    let error = address::check(text).err()?;
    let summary = if text.contains("://") {
        format!("`{path}`: {error}")
    } else {
        format!("`{path}` must be an address that begins with `https://`")
    };
    let help = match (&error, address::proposed_address(text)) {
        (AddressError::Credentials(_), _) => {
            "remove the text before `@`; the key comes from `BLUEJAY_API_KEY`".to_owned()
        }
        (_, Some(meant)) => format!("did you mean `{meant}`?"),
        (_, None) => "write an address such as `https://api.getbluejay.ai`".to_owned(),
    };
    Some(Problem::error(DiagnosticCode::BadFormat, path, summary).help(help))
}

/// Returns the problem of a lockfile that git would not commit.
fn lockfile_place(lockfile: &str) -> Option<Problem> {
    let mut steps = lockfile.split(['/', '\\']);
    let folder = steps.find_map(|step| {
        let mut folders = NEVER_COMMITTED.into_iter();
        folders.find(|folder| step.eq_ignore_ascii_case(folder))
    })?;
    let summary =
        format!("`lockfile` can't be in `{folder}/`: git never commits what is in that folder");
    let problem = Problem::error(DiagnosticCode::BadFormat, Path::from(["lockfile"]), summary);
    Some(
        problem
            .label("never committed")
            .help("the lockfile must be committed: write `bluejay.lock`"),
    )
}

/// Returns the problem of each environment that has the same lockfile as another
/// environment.
pub fn names_of_one_lockfile(names: &[String]) -> impl Iterator<Item = Problem> {
    names_in_other_case(names).chain(names_of_sandboxes(names))
}

/// Returns the problem of each environment whose lockfile has the name of an earlier one,
/// where a file system ignores case.
fn names_in_other_case(names: &[String]) -> impl Iterator<Item = Problem> {
    names.iter().enumerate().filter_map(|(at, name)| {
        let same = |other: &&String| other.eq_ignore_ascii_case(name);
        let other = names[..at].iter().find(same)?;
        let summary = format!(
            "the environments `{other}` and `{name}` differ only in case: on Windows and macOS \
             their lockfiles are one file"
        );
        let path = Path::from([ENVIRONMENTS, name]);
        let problem = Problem::error(DiagnosticCode::BadName, path, summary);
        Some(problem.part(FieldPart::Key).help("choose another name"))
    })
}

/// Returns the problem of each environment that has the same lockfile as the sandbox of
/// another environment, on a file system that ignores case.
fn names_of_sandboxes(names: &[String]) -> impl Iterator<Item = Problem> {
    names.iter().filter_map(|name| {
        let (other, last) = name.rsplit_once('.')?;
        let other = names.iter().find(|one| one.eq_ignore_ascii_case(other))?;
        if !last.eq_ignore_ascii_case(RESERVED) {
            return None;
        }
        let summary = format!(
            "`{name}` can't be the name of an environment: `--env {other} --{RESERVED}` uses the \
             lockfile of this name"
        );
        let path = Path::from([ENVIRONMENTS, name]);
        let problem = Problem::error(DiagnosticCode::BadName, path, summary);
        Some(problem.part(FieldPart::Key).help("choose another name"))
    })
}

fn environment_name(path: Path, name: &str) -> Option<Problem> {
    let (summary, help) = environment_fault(name)?;
    let problem = Problem::error(DiagnosticCode::BadName, path, summary);
    Some(problem.part(FieldPart::Key).help(help))
}

/// Returns why a text can't be the name of an environment, and the way out; `None` for a
/// valid name.
#[must_use]
pub fn environment_fault(name: &str) -> Option<(String, &'static str)> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_good =
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain);
    if is_good && !name.eq_ignore_ascii_case(RESERVED) {
        return None;
    }
    let (reason, help) = if is_good {
        (
            "the sandbox uses the lockfile of this name",
            "choose another name",
        )
    } else {
        (
            "the name becomes a part of a file name",
            "use letters, digits, `-`, `_` and `.`, and begin with a letter or digit",
        )
    };
    let summary = format!("`{name}` can't be the name of an environment: {reason}");
    Some((summary, help))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_must_not_lead_to_the_lockfile_of_another_sandbox() {
        let file = json!({"environments": {
            "a": {}, "A.Sandbox": {}, "b.sandbox": {}, "c": {}, "c.sandboxed": {},
        }});
        let places: Vec<_> = check(&file)
            .into_iter()
            .map(|it| it.path.to_string())
            .collect();
        assert_eq!(places, ["environments.A.Sandbox"]);
    }

    #[test]
    fn no_name_is_suggested_that_no_environment_can_have() {
        let help = |name: &str| names_help(name, &[]);
        assert!(help("staging").contains("add `environments: { staging: {} }`"));
        assert!(help("../x").contains("`../x` can't be the name of an environment"));
        assert!(help("sandbox").contains("`--sandbox`"));
    }

    #[test]
    fn settings_and_patterns_are_checked_in_every_environment() {
        let file = json!({
            "settings": {"settle": "30s", "timeout": "1 parsec"},
            "environments": {"prod": {"select": ["a["], "settings": {"lock_timeout": "5m"}}},
        });
        let problems = check(&file).into_iter();
        let places: Vec<_> = problems.map(|problem| problem.path.to_string()).collect();
        assert_eq!(places, ["settings.timeout", "environments.prod.select[0]"]);
    }
}
