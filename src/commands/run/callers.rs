//! The names of the digital humans that a lockfile tracks.

use crate::lock::Lockfile;
use crate::report::run::{CallerName, CallerNames};
use crate::resource::Kind;

/// Returns the keys and names of the digital humans of a lockfile.
pub(super) fn names(lock: &Lockfile) -> CallerNames {
    let humans = lock
        .resources
        .iter()
        .filter(|(key, _)| key.kind() == Kind::DigitalHuman);
    humans
        .map(|(key, locked)| {
            let field = |name| locked.applied.get(name).and_then(|value| value.as_str());
            let name = field("name").or_else(|| field("test_name"));
            let caller = CallerName {
                key: key.clone(),
                name: name.map(str::to_owned),
            };
            (locked.id, caller)
        })
        .collect()
}
