//! Refuses an unsafe plan before any request is sent.

use std::collections::BTreeSet;

use super::change::{Action, Change};
use super::input::{DeleteBound, DeleteScope, PlanInput, PlanOptions};
use super::refusal::Refusal;
use super::still_used::still_used;
use crate::resource::Kind;
use crate::resource::key::RemoteId;

/// Returns the reasons to refuse these changes.
///
/// If the environment is protected as a whole, one refusal covers all keys.
pub(super) fn refusals(
    changes: &[Change],
    input: PlanInput<'_>,
    options: &PlanOptions,
) -> Vec<Refusal> {
    let protected = changes.iter().filter(|change| change.is_protected);
    let mut refusals: Vec<_> = protected
        .filter_map(|change| match change.action {
            Action::Delete => Some(Refusal::ProtectedDelete(change.key.clone())),
            Action::Replace { .. } => Some(Refusal::ProtectedReplace(change.key.clone())),
            _ => None,
        })
        .collect();
    if options.protect_all && !refusals.is_empty() {
        let parts =
            |change: &&Change| matches!(change.action, Action::Delete | Action::Replace { .. });
        refusals = vec![Refusal::ProtectedEnvironment {
            count: refusals.len(),
            kind: common_kind(changes.iter().filter(parts)),
        }];
    }
    let planned = changes.iter().filter(|change| change.deletes()).count();
    let allowed = options.delete_bound.count(input.locked.resources.len());
    let declares_nothing = input.desired.resources.is_empty();
    if planned > 0 && declares_nothing && options.delete_bound != DeleteBound::Unbounded {
        // An empty folder is usually a mistake.
        refusals.push(Refusal::NothingDeclared { planned });
    } else if planned > allowed {
        refusals.push(Refusal::TooManyDeletes {
            kind: common_kind(changes.iter().filter(|change| change.deletes())),
            planned,
            allowed,
        });
    }
    if let DeleteScope::Owned { claimed, .. } = &options.delete_scope {
        refusals.extend(changes.iter().filter_map(|change| unowned(change, claimed)));
    }
    refusals.extend(still_used(changes, input, options));
    refusals
}

/// Returns the kind of these changes; `None` for several kinds.
fn common_kind<'a>(changes: impl Iterator<Item = &'a Change>) -> Option<Kind> {
    let kinds: BTreeSet<_> = changes.map(|change| change.key.kind()).collect();
    kinds.first().copied().filter(|_| kinds.len() == 1)
}

/// Returns the refusal of a delete whose resource may belong to another person or
/// lockfile.
fn unowned(change: &Change, claimed: &BTreeSet<RemoteId>) -> Option<Refusal> {
    let id = change.id.filter(|_| change.deletes())?;
    let key = change.key.clone();
    if change.gone == Some(id) {
        None
    } else if claimed.contains(&id) {
        Some(Refusal::SharedDelete { key, id })
    } else {
        let is_adopted = change.is_adopted;
        is_adopted.then_some(Refusal::AdoptedDelete { key, id })
    }
}
