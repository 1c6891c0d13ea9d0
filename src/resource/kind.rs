//! The kinds of resources.

/// A kind of resource. The list is closed, because each kind has its own way to find a
/// create whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A test of a voice or chat agent.
    Simulation,
    /// A caller.
    DigitalHuman,
    /// A measure of conversations.
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

    /// Returns the value of `kind` in a document: `digital_human`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words()[0]
    }

    /// Returns the kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the noun for prose: `digital human`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        self.words()[1]
    }

    /// Returns the plural of the noun: `digital humans`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        self.words()[2]
    }

    /// Returns the name in documents, the noun and the plural of the noun.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Simulation => ["simulation", "simulation", "simulations"],
            Self::DigitalHuman => ["digital_human", "digital human", "digital humans"],
            Self::CustomMetric => ["custom_metric", "custom metric", "custom metrics"],
            Self::Schedule => ["schedule", "schedule", "schedules"],
        }
    }
}
