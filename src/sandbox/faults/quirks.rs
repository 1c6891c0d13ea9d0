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
    /// A run passes this share of its tests, in percent.
    pub run_score: Option<u32>,
    /// A run ends with this status, or never ends where that says so.
    pub run_status: Option<String>,
}

impl Quirks {
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
