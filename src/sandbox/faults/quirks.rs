//! Observed or possible deviations of the API from its documentation.

use serde_json::Value;

use super::super::check::Fields;
use super::super::lag::Lag;

/// The deviations for one request. By default, there are no deviations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sandbox) struct Quirks {
    /// Lists omit the newest simulations.
    pub lag: Option<Lag>,
    /// A create reads minutes as hours: 8 minutes are stored as 28800 seconds.
    pub wrong_minutes: bool,
    /// An update ignores explicit nulls.
    pub keep_nulls: bool,
    /// A bulk request rejects each N-th of its items.
    pub failing_items: Option<u64>,
    /// A bulk create answers in the reverse order.
    pub is_reversed: bool,
    /// The percentage of tests of a run that pass.
    pub run_score: Option<u32>,
    /// The final status of a run; a running status means that the run never ends.
    pub run_status: Option<String>,
}

impl Quirks {
    /// Returns whether a bulk request rejects the item at this index.
    pub(in crate::sandbox) fn fails_item(&self, index: usize) -> bool {
        let place = index as u64 + 1;
        self.failing_items
            .is_some_and(|items| place.is_multiple_of(items.max(1)))
    }

    /// Applies the deviations to the fields of a create.
    pub(in crate::sandbox) fn apply_to_create(self, mut fields: Fields) -> Fields {
        let in_seconds = fields
            .get("max_call_duration_units")
            .is_some_and(|units| units == "seconds");
        if self.wrong_minutes
            && !in_seconds
            && let Some(minutes) = fields.get_mut("max_call_duration")
            && let Some(given) = minutes.as_i64()
        {
            *minutes = given.saturating_mul(60).into();
        }
        fields
    }

    /// Applies the deviations to the fields of an update.
    pub(in crate::sandbox) fn apply_to_update(self, mut fields: Fields) -> Fields {
        if self.keep_nulls {
            fields.retain(|_, value| !matches!(value, Value::Null));
        }
        fields
    }
}
