//! A field that the schema doesn't know: which one was meant, where it belongs.

use super::nearest::{listed, nearest};
use super::path::{Path, Step};
use super::problem::{Part, Problem};
use super::rules::Rules;
use super::simulation::OWN_FIELDS;
use super::words;

/// The problem of the unknown field `field` in the mapping at `path`.
#[must_use]
pub fn unknown_field(rules: &Rules, path: &Path, field: &str) -> Problem {
    let shown: String = field.chars().take(60).collect();
    let problem = Problem::error(
        "unknown-field",
        path.field(field),
        format!("unknown field `{shown}`{}", inside(path)),
    )
    .part(Part::Key)
    .label("unknown field");
    let base = simulation_base(path);
    if let Some(base) = &base
        && OWN_FIELDS.contains(&field)
        && path == base
        && !base.is_top()
    {
        return problem.help(format!(
            "`{field}` belongs to one simulation and can't be a default"
        ));
    }
    let levels = base.map_or_else(Vec::new, |base| {
        vec![base.clone(), base.field("digital_humans_settings")]
    });
    let elsewhere: Vec<&Path> = levels.iter().filter(|level| *level != path).collect();
    // The same name on another level, then a near one here, then a near one there.
    for level in &elsewhere {
        if rules.fields(level).contains(&field) {
            return problem
                .label("belongs elsewhere")
                .help(format!("`{field}` belongs {}", place_of(level)));
        }
    }
    if let Some(near) = nearest(field, rules.fields(path)) {
        return problem.help(format!("did you mean `{near}`?"));
    }
    for level in &elsewhere {
        if let Some(near) = nearest(field, rules.fields(level)) {
            return problem.help(format!(
                "did you mean `{near}`? It belongs {}",
                place_of(level)
            ));
        }
    }
    let problem = problem.help(format!(
        "the fields here are {}",
        listed(rules.fields(path), "and")
    ));
    if path.is_top() && !levels.is_empty() {
        return problem
            .help("a field of the API that this version doesn't know goes under `extra:`");
    }
    problem
}

/// Where the fields of a simulation begin, if the path lies among them.
fn simulation_base(path: &Path) -> Option<Path> {
    match path.0.first() {
        None => Some(Path::top()),
        Some(Step::Field(first)) => match first.as_str() {
            "digital_humans_settings" => Some(Path::top()),
            "defaults" => Some(Path::from(["defaults"])),
            _ => None,
        },
        Some(Step::Index(_)) => None,
    }
}

/// The same words for a field of a simulation and for the same field among the
/// defaults, so that one mistake is told once.
fn inside(path: &Path) -> String {
    if path.is_top() || *path == Path::from(["defaults"]) {
        String::new()
    } else {
        format!(" in `{}`", words::name(path))
    }
}

fn place_of(level: &Path) -> String {
    match level.last_field() {
        None => "at the top level of the document".to_owned(),
        Some(field) => format!("in `{field}`"),
    }
}
