//! Ways in which the API has been seen, or may turn out, to answer otherwise.

use serde_json::Value;

use super::super::check::Fields;
use super::super::state::Lag;

/// How one request is handled other than by the book; by default not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sandbox) struct Quirks {
    /// Lists don't show the newest simulations yet.
    pub lag: Option<Lag>,
    /// A create takes its minutes for hours: 8 minutes read back as 28800 s.
    pub wrong_minutes: bool,
    /// An update ignores explicit nulls and keeps what it has.
    pub keep_nulls: bool,
    /// Of the items of a bulk request, each so-manieth is refused.
    pub failing_items: Option<u64>,
    /// A bulk create answers in the reverse order.
    pub is_reversed: bool,
    /// A run passes this share of its tests, in percent.
    pub run_score: Option<u32>,
    /// A run ends with this status, or never ends where that says so.
    pub run_status: Option<String>,
}

impl Quirks {
    /// Whether the item of a bulk request at this place, from 0, is refused.
    pub(in crate::sandbox) fn fails_item(&self, index: usize) -> bool {
        let place = index as u64 + 1;
        self.failing_items
            .is_some_and(|items| place.is_multiple_of(items.max(1)))
    }

    /// What a create with these fields stores.
    pub(in crate::sandbox) fn created(self, mut fields: Fields) -> Fields {
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

    /// What an update with these fields changes.
    pub(in crate::sandbox) fn updated(self, mut fields: Fields) -> Fields {
        if self.keep_nulls {
            fields.retain(|_, value| !matches!(value, Value::Null));
        }
        fields
    }
}
