//! How a resource is recognised whose id is not known: by its scope and its name.

use std::sync::Arc;

use super::body::Body;
use super::kind::Kind;
use super::observed::Observed;

/// The listing that shows a resource: the simulations of one agent, or all resources of
/// another kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The kind.
    pub kind: Kind,
    /// The agent of a simulation, in canonical spelling. Empty for other kinds, and for a
    /// simulation whose agent is not known.
    pub agent: Arc<str>,
}

impl Scope {
    /// Returns the scope of a resource with this body.
    #[must_use]
    pub fn of(kind: Kind, body: &Body) -> Self {
        let agent = match kind {
            Kind::Simulation => body.agent_id().into(),
            _ => "".into(),
        };
        Self { kind, agent }
    }

    /// Returns the scope of all resources of a kind.
    #[must_use]
    pub fn whole(kind: Kind) -> Self {
        let agent = "".into();
        Self { kind, agent }
    }

    /// Returns whether the scope contains all resources of its kind.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.agent.is_empty()
    }
}

/// Returns the name by which a resource with this body is recognised; `None` for a
/// resource without a name.
#[must_use]
pub fn identity(_kind: Kind, body: &Body) -> Option<String> {
    body.name().map(str::to_owned)
}

impl Observed {
    /// Returns the name by which the resource is recognised: see [`identity`].
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let name = self.name.as_deref();
        name.and_then(super::body::normalized_name)
            .map(str::to_owned)
    }
}
