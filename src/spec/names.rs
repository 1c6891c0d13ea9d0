//! Names in the project file that can't be used as such: of vars in references,
//! of environments in lockfile names; and addresses that aren't any.

use serde_json::{Map, Value};

use super::path::Path;
use super::problem::{Part, Problem};
use super::vars::is_name;

/// The environment that `--sandbox` keeps its lockfile under.
const RESERVED: &str = "sandbox";

/// The problems of the names and addresses of a project file.
#[must_use]
pub fn examine(value: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let fields_of = |value: Option<&Value>| -> Vec<String> {
        let fields = value.and_then(Value::as_object);
        fields.into_iter().flat_map(Map::keys).cloned().collect()
    };
    let mut vars_at = vec![(Path::from(["vars"]), fields_of(value.get("vars")))];
    let mut addresses = vec![(Path::from(["api_url"]), value.get("api_url").cloned())];
    let environments = value.get("environments");
    for name in fields_of(environments) {
        let path = Path::from(["environments", &name]);
        let environment = environments.and_then(|all| all.get(&name));
        vars_at.push((
            path.field("vars"),
            fields_of(environment.and_then(|one| one.get("vars"))),
        ));
        addresses.push((
            path.field("api_url"),
            environment.and_then(|one| one.get("api_url")).cloned(),
        ));
        problems.extend(environment_name(path, &name));
    }
    for (path, names) in vars_at {
        for name in names.iter().filter(|name| !is_name(name)) {
            problems.push(
                Problem::error(
                    "bad-name",
                    path.field(name),
                    format!("`{name}` can't name a variable"),
                )
                .part(Part::Key)
                .help("use letters, digits, `_` and `-`, and begin with a letter"),
            );
        }
    }
    for (path, address) in addresses {
        let address = address
            .as_ref()
            .and_then(Value::as_str)
            .unwrap_or("https://");
        if !address.starts_with("https://")
            && !address.starts_with("http://")
            && !address.is_empty()
        {
            problems.push(
                Problem::error(
                    "bad-format",
                    path.clone(),
                    format!("`{path}` must be an address that begins with `https://`"),
                )
                .help(format!("did you mean `https://{address}`?")),
            );
        }
    }
    problems
}

fn environment_name(path: Path, name: &str) -> Option<Problem> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_good =
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain);
    if is_good && name != RESERVED {
        return None;
    }
    let (reason, help) = if is_good {
        (
            format!("`{name}` can't name an environment: its lockfile is the sandbox's"),
            "choose another name",
        )
    } else {
        (
            format!("`{name}` can't name an environment: its lockfile is named after it"),
            "use letters, digits, `-`, `_` and `.`, and begin with a letter or digit",
        )
    };
    Some(
        Problem::error("bad-name", path, reason)
            .part(Part::Key)
            .help(help),
    )
}
