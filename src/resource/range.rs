//! The ranges of numbers in field tables.

use super::field::{IntegerRange, Measure, NumberRange};

impl IntegerRange {
    /// Any whole number.
    pub const ANY: Self = Self {
        min: None,
        max: None,
        measure: Measure::Count,
        warn_above: None,
    };

    /// Any whole number of seconds.
    pub const SECONDS: Self = Self {
        measure: Measure::Seconds,
        ..Self::ANY
    };

    /// Returns the range from a minimum.
    pub(super) const fn from(min: i64) -> Self {
        Self {
            min: Some(min),
            ..Self::ANY
        }
    }

    /// Returns the range of seconds from a minimum.
    pub(super) const fn seconds_from(min: i64) -> Self {
        Self {
            min: Some(min),
            ..Self::SECONDS
        }
    }

    /// Returns the range between two numbers.
    pub(super) const fn between(min: i64, max: i64) -> Self {
        Self {
            max: Some(max),
            ..Self::from(min)
        }
    }

    /// Returns the range of a score between two numbers.
    pub(super) const fn score(min: i64, max: i64) -> Self {
        Self {
            measure: Measure::Score,
            ..Self::between(min, max)
        }
    }
}

impl NumberRange {
    /// Any number.
    pub const ANY: Self = Self {
        min: None,
        max: None,
    };

    /// Returns the range between two numbers.
    pub(super) const fn between(min: f64, max: f64) -> Self {
        Self {
            min: Some(min),
            max: Some(max),
        }
    }
}
