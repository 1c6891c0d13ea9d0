//! A fault of the API that no table can say: a duration in minutes has been stored
//! sixty times too long, 8 minutes as 28800 seconds.

use serde_json::Value;

use super::body::Body;
use super::kind::Kind;
use super::normalize::{Normalized, usual_seconds};
use super::observed::Observed;
use super::simulation::{DURATION, DURATION_UNIT};

/// Whether a shown value is what the fault makes of the wanted duration.
#[must_use]
pub fn is(wanted: &Body, path: &str, shown: &Value) -> bool {
    if path != DURATION || wanted.text(DURATION_UNIT) == Some("seconds") {
        return false;
    }
    let kind = Kind::Simulation;
    let seconds = Normalized::of(kind, wanted)
        .get(DURATION)
        .and_then(Value::as_i64)
        .or_else(|| usual_seconds(kind, kind.field(DURATION)?));
    let faulty = seconds.and_then(|seconds| seconds.checked_mul(60));
    faulty.is_some() && faulty != Some(0) && shown.as_i64() == faulty
}

/// Whether an observed simulation shows the fault in a duration that was given.
#[must_use]
pub fn is_minutes_fault(wanted: &Body, observed: &Observed) -> bool {
    let there = observed.fields.get(DURATION);
    wanted.get(DURATION).is_some() && there.is_some_and(|there| is(wanted, DURATION, there))
}
