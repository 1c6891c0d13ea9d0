//! The names of the digital humans that a lockfile tracks.

use serde_json::Value;

use crate::lock::Lockfile;
use crate::report::run::{CallerName, CallerNames};
use crate::resource::Kind;
use crate::resource::body::NAME;

/// Returns the keys and names of the digital humans of a lockfile.
pub(super) fn names(lock: &Lockfile) -> CallerNames {
    let humans = lock
        .resources
        .iter()
        .filter(|(key, _)| key.kind() == Kind::DigitalHuman);
    humans
        .map(|(key, locked)| {
            let name = locked.applied.get(NAME).and_then(Value::as_str);
            let caller = CallerName {
                key: key.clone(),
                name: name.map(str::to_owned),
            };
            (locked.id, caller)
        })
        .collect()
}
