//! The environments that declare an imported resource.
//!
//! All environments share the files. An import therefore refuses a key that the chosen
//! environment does not select, and warns of ids that other environments do not have.

use crate::error::CommandError;
use crate::import::Imported;
use crate::report::Output;
use crate::resource::key::ResourceKey;
use crate::spec::nearest::join_names;
use crate::spec::selection::Selection;
use crate::spec::settings::Settings;

/// Returns an error if the chosen environment does not select a key.
pub(super) fn check_is_selected(
    key: &ResourceKey,
    selection: Option<&Selection>,
    settings: &Settings,
) -> Result<(), CommandError> {
    if selection.is_none_or(|selection| selection.selects(key)) {
        return Ok(());
    }
    let name = settings.environment_name.as_deref().unwrap_or_default();
    let message = format!("the environment `{name}` does not select `{key}`");
    Err(CommandError::new(message).help(format!(
        "add `{key}` to its `select` in bluejay.yaml, or choose a key that it selects"
    )))
}

/// The way to share a document with ids among environments.
const VARIABLE: &str = "set a variable per environment in bluejay.yaml and refer to it there";

/// Warns of a document that only the chosen environment declares, and of a document whose
/// ids count in environments that do not have them.
pub(super) fn warn_of_bound(
    key: &ResourceKey,
    imported: &Imported,
    is_declared_elsewhere: bool,
    settings: &Settings,
    output: &Output,
) {
    match &settings.environment_name {
        Some(name) if imported.is_restricted => {
            let (reason, way_out) = restriction(imported, is_declared_elsewhere);
            output.warn(format!(
                "`{key}` {reason}, so its document has `environments: [{name}]`; to declare it \
                 elsewhere, {way_out}, and remove `environments`"
            ));
        }
        None if is_declared_elsewhere => output.warn(format!(
            "every environment declares `{key}`, and some may declare the same resource by another \
             document: to declare it for one environment, import it with `--env NAME`"
        )),
        None if !imported.bound.is_empty() && !settings.environments.is_empty() => {
            let fields = names(&imported.bound);
            output.warn(format!(
                "every environment declares `{key}`, too, with the ids in {fields}: {VARIABLE}"
            ));
        }
        _ => {}
    }
}

/// Returns why only the chosen environment declares a document, and what other environments
/// need.
fn restriction(imported: &Imported, is_declared_elsewhere: bool) -> (String, &'static str) {
    if !imported.bound.is_empty() {
        let fields = names(&imported.bound);
        let reason = "is bound to this environment: the ids in";
        return (
            format!("{reason} {fields} are written as they are"),
            VARIABLE,
        );
    }
    if !imported.vars.is_empty() {
        let vars = names(&imported.vars);
        let reason = "uses variables that not every environment has";
        return (format!("{reason}: {vars}"), "set them in each environment");
    }
    if is_declared_elsewhere {
        let reason = "may be declared by another document for other environments";
        return (reason.to_owned(), "remove the other document");
    }
    let reason = "refers to a resource that other environments do not declare";
    (reason.to_owned(), "declare that resource there, too")
}

fn names(all: &[String]) -> String {
    join_names(all.iter().map(String::as_str), "and")
}
