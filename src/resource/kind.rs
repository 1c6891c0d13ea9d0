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

    /// Returns the plural for resources of these kinds: of the kind if there is only one,
    /// and otherwise `resources`.
    #[must_use]
    pub fn plural_of(kinds: impl IntoIterator<Item = Self>) -> &'static str {
        Self::common(kinds).map_or("resources", Self::plural)
    }

    /// Returns the number of resources with their noun: `1 simulation`, `2 simulations`, or
    /// `2 resources` if they have several kinds.
    #[must_use]
    pub fn counted(kinds: impl IntoIterator<Item = Self>) -> String {
        let kinds: Vec<_> = kinds.into_iter().collect();
        let common = Self::common(kinds.iter().copied());
        match kinds.len() {
            1 => format!("1 {}", common.map_or("resource", Self::noun)),
            count => format!("{count} {}", common.map_or("resources", Self::plural)),
        }
    }

    /// Returns the kind that all have; `None` for several kinds, or for none.
    fn common(kinds: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut kinds = kinds.into_iter();
        let first = kinds.next()?;
        kinds.all(|kind| kind == first).then_some(first)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_of_several_kinds_have_a_common_noun() {
        let (simulation, human) = (Kind::Simulation, Kind::DigitalHuman);
        assert_eq!(Kind::counted([simulation]), "1 simulation");
        assert_eq!(Kind::counted([human; 2]), "2 digital humans");
        assert_eq!(Kind::counted([simulation, human]), "2 resources");
        assert_eq!(Kind::plural_of([simulation; 2]), "simulations");
        assert_eq!(Kind::plural_of([]), "resources");
    }
}
