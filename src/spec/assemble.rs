//! Combines all files into the desired state and its diagnostics.

use super::cross_file;
use super::cross_reference;
use super::declarations::{DeclaredDocument, FileDeclarations};
use super::environments;
use super::origin::merge_duplicates;
use super::settings::Settings;
use crate::diagnostic::{self, Diagnostic};
use crate::resource::desired::DesiredState;

/// Combines the declarations of all files, given in the order of the files, and adds
/// their mistakes to the diagnostics.
///
/// A resource that the selected environment leaves out is not declared; only its keys are
/// known. If two resources of a kind have one key, the first is used. If a diagnostic is an error, the
/// state must not be applied.
#[must_use]
pub fn assemble(
    files: Vec<FileDeclarations>,
    settings: &Settings,
    mut diagnostics: Vec<Diagnostic>,
) -> (DesiredState, Vec<Diagnostic>) {
    let count = files.iter().map(|file| file.declared.len()).sum();
    let mut declared = Vec::with_capacity(count);
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
    let here: Vec<_> = declared
        .iter()
        .filter(|one| one.left_out.is_none())
        .collect();
    let (of_references, of_files) = rayon::join(
        || cross_reference::check(&declared, settings, are_all_known),
        || cross_file::check(&here, settings),
    );
    diagnostics.extend(of_references.into_iter().chain(of_files));
    let mut state = DesiredState {
        ownership: settings.ownership.clone(),
        ..DesiredState::default()
    };
    let left_out: Vec<_> = declared
        .extract_if(.., |one| one.left_out.is_some())
        .collect();
    for one in declared {
        if let (Some(key), Some(resource)) = (one.key, one.resource) {
            if one.names_environments {
                state.restricted.insert(key.clone());
            }
            state.resources.entry(key).or_insert(resource);
        }
    }
    for one in left_out {
        leave_out(one, &mut state);
    }
    let mut diagnostics = merge_duplicates(diagnostics);
    diagnostic::sort(&mut diagnostics);
    (state, diagnostics)
}

/// Adds the keys of a document that the selected environment leaves out: its key, and its
/// key before a move, which the lockfile may still have. A key may be declared by one
/// document for each environment.
fn leave_out(document: DeclaredDocument, state: &mut DesiredState) {
    let Some(left_out) = document.left_out else {
        return;
    };
    let file = left_out.source.file.clone();
    state.left_out_files.push(file);
    if let Some(key) = &document.key {
        for id in left_out.ids {
            let ids = state.left_out_ids.entry(id);
            ids.or_insert_with(|| (key.clone(), left_out.source.clone()));
        }
    }
    for key in document.key.into_iter().chain(left_out.moved_from) {
        if state.resources.contains_key(&key) {
            continue;
        }
        if left_out.is_protected {
            state.left_out_protected.insert(key.clone());
        }
        state.left_out.insert(key);
    }
}
