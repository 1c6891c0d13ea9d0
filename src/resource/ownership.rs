//! The marker at the API that says which project manages a resource.

use sha2::{Digest as _, Sha256};

use super::body::Body;
use super::field::SentIn;
use super::key::ResourceKey;
use super::observed::Observed;
use super::simulation::MARKER;

/// A project that marks its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// The name of the project.
    pub project: String,
    /// The chosen environment: two environments of a project have different markers.
    pub environment: Option<String>,
}

/// Who manages a resource, as its marker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The resource has no marker, or this project doesn't use markers.
    Unknown,
    /// The marker is that of the key.
    Ours,
    /// The marker is of another project, environment or key.
    Other,
}

impl Ownership {
    /// Adds the marker to the body of a create, if the API takes the marker with a create.
    pub fn mark_create(&self, key: &ResourceKey, body: &mut Body) {
        let marker = key.kind().marker();
        if marker.is_some_and(|marker| marker.sent == SentIn::Create) {
            let value = self.marker(key).into();
            body.fields_mut().insert(MARKER.to_owned(), value);
        }
    }

    /// Returns the marker of a key: a UUID of version 8, made of the SHA-256 of project,
    /// environment and key. The same input always gives the same marker.
    #[must_use]
    pub fn marker(&self, key: &ResourceKey) -> String {
        let environment = self.environment.as_deref().unwrap_or_default();
        let mut hash = Sha256::new();
        // A length before each text: no two inputs are joined to the same bytes.
        for text in [
            "bluejayctl",
            &self.project,
            environment,
            key.kind().name(),
            key.key(),
        ] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        let hash = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        parts.join("-")
    }

    /// Returns who manages an observed resource that one of these keys may stand for.
    pub fn owner<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a ResourceKey>,
        observed: &Observed,
    ) -> Owner {
        match observed.marker() {
            None => Owner::Unknown,
            Some(marker) if keys.into_iter().any(|key| self.marker(key) == marker) => Owner::Ours,
            Some(_) => Owner::Other,
        }
    }
}

impl Observed {
    /// Returns the marker that the API shows; `None` if the API shows no marker.
    #[must_use]
    pub fn marker(&self) -> Option<&str> {
        self.fields.get(MARKER)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(project: &str, environment: Option<&str>, key: &str) -> String {
        let ownership = Ownership {
            project: project.to_owned(),
            environment: environment.map(str::to_owned),
        };
        ownership.marker(&ResourceKey::from(key))
    }

    #[test]
    fn markers_differ_by_project_environment_and_key() {
        let markers = [
            marker("clinic", None, "a"),
            marker("clinic", None, "b"),
            marker("clinic", Some("a"), "b"),
            marker("other", None, "a"),
            marker("clinica", None, ""),
        ];
        let different: std::collections::BTreeSet<_> = markers.iter().collect();
        assert_eq!(different.len(), markers.len());
        // Markers stand at the API: they never change.
        assert_eq!(markers[0], "e58f03fc-ac32-89d3-bf24-77feade7563f");
    }
}
