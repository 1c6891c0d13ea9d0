//! The environments that declare an imported resource.
//!
//! All environments share the files. An import therefore writes no ids of one environment
//! into a document of all, and no document that the chosen environment leaves out.

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

/// Warns of a document that is bound to one environment, or to none, and says how every
/// environment can use it.
pub(super) fn warn_of_bound(
    key: &ResourceKey,
    imported: &Imported,
    settings: &Settings,
    output: &Output,
) {
    let fields = join_names(imported.bound.iter().map(String::as_str), "and");
    let are_bound = !imported.bound.is_empty();
    let variable = "set a variable per environment in bluejay.yaml and refer to it there";
    match &settings.environment_name {
        Some(name) if imported.is_restricted && are_bound => output.warn(format!(
            "`{key}` is bound to this environment: the ids in {fields} are written as they are, \
             so its document has `environments: [{name}]`; to declare it elsewhere, {variable}, \
             and remove `environments`"
        )),
        Some(name) if imported.is_restricted => output.warn(format!(
            "`{key}` refers to a resource that other environments do not declare, so its document \
             has `environments: [{name}]`"
        )),
        None if are_bound && !settings.environments.is_empty() => output.warn(format!(
            "every environment declares `{key}`, too, with the ids in {fields}: {variable}"
        )),
        _ => {}
    }
}
