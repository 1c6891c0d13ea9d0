//! Finds entries by key, id or name.

use super::lockfile::{LockedResource, Lockfile};
use crate::resource::Kind;
use crate::resource::key::ResourceKey;

impl Lockfile {
    /// Returns the entries with this key, or else with this id, or else with this name, in
    /// the order of keys. `KIND:` before a key or an id limits the search to a kind. The ids
    /// of old instances count; the case of a name does not.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<&ResourceKey> {
        if let Some((key, _)) = self.resources.get_key_value(text) {
            return vec![key];
        }
        let named = text.split_once(':');
        let named = named.and_then(|(kind, rest)| Some((Kind::from_name(kind)?, rest)));
        let (kind, rest) = match named {
            Some((kind, rest)) => (Some(kind), rest),
            None => (None, text),
        };
        let of_kind = |key: &ResourceKey| kind.is_none_or(|kind| key.kind() == kind);
        let by_key = self.matching(|key, _| kind.is_some() && of_kind(key) && key.key() == rest);
        if !by_key.is_empty() {
            return by_key;
        }
        let by_id = self.matching(|key, locked| {
            let mut ids = std::iter::once(&locked.id).chain(&locked.replaced);
            of_kind(key) && ids.any(|id| id.to_string() == rest)
        });
        if !by_id.is_empty() {
            return by_id;
        }
        let wanted = text.to_lowercase();
        self.matching(|_, locked| name(locked).is_some_and(|name| name == wanted))
    }

    /// Returns the entries whose key or name contains this text. Case does not count.
    #[must_use]
    pub fn find_part(&self, text: &str) -> Vec<&ResourceKey> {
        let wanted = text.to_lowercase();
        self.matching(|key, locked| {
            key.qualified().to_lowercase().contains(&wanted)
                || name(locked).is_some_and(|name| name.contains(&wanted))
        })
    }

    fn matching(
        &self,
        is_match: impl Fn(&ResourceKey, &LockedResource) -> bool,
    ) -> Vec<&ResourceKey> {
        let found = self.resources.iter();
        let found = found.filter(|(key, locked)| is_match(key, locked));
        found.map(|(key, _)| key).collect()
    }
}

/// Returns the display name in lower case.
fn name(locked: &LockedResource) -> Option<String> {
    locked.applied.name().map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::body::Body;
    use crate::resource::key::{PlainId, RemoteId};

    fn lockfile() -> Lockfile {
        let entry = |key: &str, id: u64, name: &str| {
            let key = ResourceKey::from(key);
            let id = PlainId::of_value(key.kind(), &id.into()).unwrap();
            let body: Body = serde_json::from_value(json!({ "name": name })).unwrap();
            let locked = LockedResource::new(RemoteId::of(key.kind(), id), body);
            (key, locked)
        };
        let mut lockfile = Lockfile {
            resources: [
                entry("7", 1, "Seven"),
                entry("clinic/desk", 7, "Front desk"),
                entry("clinic/night", 8, "Night line"),
                entry("digital_human:marta", 7, "Marta"),
                entry("digital_human:desk", 9, "Front desk"),
            ]
            .into(),
            ..Lockfile::default()
        };
        let night = lockfile.resources.get_mut("clinic/night").unwrap();
        night.replaced.push(RemoteId::simulation(5));
        lockfile
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let lockfile = lockfile();
        let found: Vec<_> = lockfile.find(text).iter().map(|key| key.as_str()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn an_entry_is_found_by_key_id_or_name() {
        check("clinic/desk", &["clinic/desk"]);
        check("simulation:clinic/desk", &["clinic/desk"]);
        check("digital_human:marta", &["digital_human:marta"]);
        check("7", &["7"]);
        check("simulation:7", &["7"]);
        check("digital_human:7", &["digital_human:marta"]);
        check("8", &["clinic/night"]);
        check("5", &["clinic/night"]);
        check("night LINE", &["clinic/night"]);
        check("Front desk", &["clinic/desk", "digital_human:desk"]);
        check("desk", &[]);
        check("schedule:marta", &[]);
    }

    #[test]
    fn entries_are_found_by_a_part_of_key_or_name() {
        let lockfile = lockfile();
        let count = |text| lockfile.find_part(text).len();
        assert_eq!(count("DESK"), 2);
        assert_eq!(count("clinic/"), 2);
        assert_eq!(count("simulation:"), 3);
        assert_eq!(count("line"), 1);
        assert_eq!(count("x"), 0);
    }
}
