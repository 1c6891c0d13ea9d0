//! Which fields which request can carry, from the API's reference.

use crate::resource::body::Body;

/// Fields that no update can change.
pub const FIXED_FIELDS: [&str; 3] = ["agent_id", "sequential_calling", "always_on"];

/// Fields that a create doesn't know: a new simulation gets them by an update.
pub const UPDATE_ONLY_FIELDS: [&str; 3] = ["max_turns", "pinned", "tags"];

/// What of a simulation a create can carry.
#[must_use]
pub fn creatable(body: &Body) -> Body {
    let fields = body.0.iter();
    fields
        .filter(|(field, _)| !UPDATE_ONLY_FIELDS.contains(&field.as_str()))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}
