//! Combines all files into the desired state and its diagnostics.

use super::cross_file;
use super::cross_reference;
use super::declarations::FileDeclarations;
use super::environments;
use super::origin::merge_duplicates;
use super::settings::Settings;
use crate::diagnostic::{self, Diagnostic};
use crate::resource::desired::DesiredState;

/// Combines the declarations of all files, given in the order of the files, and adds
/// their mistakes to the diagnostics.
///
/// A resource that the selected environment leaves out is not declared; only its key is
/// known. If two resources of a kind have one key, the first is used. If a diagnostic is an error, the
/// state must not be applied.
#[must_use]
pub fn assemble(
    files: Vec<FileDeclarations>,
    settings: &Settings,
    mut diagnostics: Vec<Diagnostic>,
) -> (DesiredState, Vec<Diagnostic>) {
    let mut declared = Vec::with_capacity(files.len());
    let mut are_all_known = true;
    for file in files {
        let has_unknown = file.declared.iter().any(|one| one.key.is_none());
        are_all_known &= !(file.declared.is_empty() || has_unknown);
        declared.extend(file.declared);
        diagnostics.extend(file.diagnostics);
    }
    if are_all_known {
        let keys = declared.iter().filter_map(|one| one.key.as_ref());
        diagnostics.extend(environments::unmatched(settings, &keys.collect()));
    }
    diagnostics.extend(cross_reference::check(&declared, settings, are_all_known));
    let (declared, left_out): (Vec<_>, Vec<_>) =
        declared.into_iter().partition(|one| one.left_out.is_none());
    diagnostics.extend(cross_file::check(&declared, settings));
    let mut state = DesiredState {
        ownership: settings.ownership.clone(),
        left_out: left_out.into_iter().filter_map(|one| one.key).collect(),
        ..DesiredState::default()
    };
    for one in declared {
        if let (Some(key), Some(resource)) = (one.key, one.resource) {
            state.resources.entry(key).or_insert(resource);
        }
    }
    // A key may be declared by one document for each environment.
    state
        .left_out
        .retain(|key| !state.resources.contains_key(key));
    let mut diagnostics = merge_duplicates(diagnostics);
    diagnostic::sort(&mut diagnostics);
    (state, diagnostics)
}
