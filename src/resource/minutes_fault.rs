//! A fault of the API: a duration in minutes has been stored sixty times too long, 8
//! minutes as 28800 seconds.

use serde_json::Value;

use super::body::Body;
use super::kind::Kind;
use super::normalize::{Normalized, default_seconds};
use super::simulation::{DURATION, DURATION_UNIT};

/// Returns whether an observed duration is the declared duration times sixty.
#[must_use]
pub fn is_minutes_fault(wanted: &Body, path: &str, shown: &Value) -> bool {
    if path != DURATION || wanted.text(DURATION_UNIT) == Some("seconds") {
        return false;
    }
    let kind = Kind::Simulation;
    let seconds = Normalized::of(kind, wanted)
        .get(DURATION)
        .and_then(Value::as_i64)
        .or_else(|| default_seconds(kind, kind.field(DURATION)?));
    let faulty = seconds.and_then(|seconds| seconds.checked_mul(60));
    faulty.is_some() && faulty != Some(0) && shown.as_i64() == faulty
}
