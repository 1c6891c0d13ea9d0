//! The kinds of resources and their names.

/// A kind of resource. The list is closed, because each kind has its own way to find a
/// create whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A test of a voice or chat agent.
    Simulation,
    /// A caller of a simulation.
    DigitalHuman,
    /// A score that a model gives a conversation.
    CustomMetric,
    /// The times at which a simulation runs.
    Schedule,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [
        Self::Simulation,
        Self::DigitalHuman,
        Self::CustomMetric,
        Self::Schedule,
    ];

    /// Returns the name in files: the API's own noun.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::DigitalHuman => "digital_human",
            Self::CustomMetric => "custom_metric",
            Self::Schedule => "schedule",
        }
    }

    /// Returns the noun for messages: `digital human`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::DigitalHuman => "digital human",
            Self::CustomMetric => "custom metric",
            Self::Schedule => "schedule",
        }
    }

    /// Returns the kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
