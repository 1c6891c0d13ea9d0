//! The check of the marker before an update or a delete.

use serde_json::Value;

use super::Context;
use super::step::StepResult;
use crate::plan::Change;
use crate::resource::FieldChange;
use crate::resource::ownership::Owner;
use crate::resource::simulation::MARKER;

/// Reads the marker of the resource that a change updates or deletes. Returns why
/// nothing may be sent. Where the lockfile records the marker of the key, nothing is
/// read: no other project changes that marker.
pub(super) async fn check_owner(context: &Context<'_>, change: &Change) -> Option<StepResult> {
    let ownership = context.desired.ownership.as_ref()?;
    let id = change.id?;
    let recorded = change.before.as_ref().and_then(|before| before.get(MARKER));
    let keys = [Some(&change.key), change.moved_from.as_ref()];
    let mut keys = keys.into_iter().flatten();
    let has_drifted = |field: &FieldChange| field.path == MARKER && field.observed.is_some();
    let is_recorded = recorded
        .and_then(Value::as_str)
        .is_some_and(|recorded| keys.any(|key| ownership.marker(key) == recorded))
        && !change.fields.iter().any(has_drifted);
    if is_recorded || change.adopted.is_some() || context.options.ignores_markers {
        return None;
    }
    let observed = match context.client.read(id).await {
        Ok(observed) => observed?,
        Err(error) => return Some(StepResult::NotDone(error)),
    };
    let moved_from = change.moved_from.as_ref();
    let owner = context.desired.owner(&change.key, moved_from, &observed);
    (owner == Owner::Other).then_some(StepResult::OtherOwner(id))
}
