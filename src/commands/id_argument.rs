//! Reads the ids of the command line.

use serde_json::Value;

use crate::error::CommandError;
use crate::resource::Kind;
use crate::resource::key::{PlainId, RemoteId};

/// Returns a text as the id of a resource of a kind.
pub(super) fn id_argument(kind: Kind, text: &str) -> Result<RemoteId, CommandError> {
    let id = PlainId::of_value(kind, &Value::from(text));
    id.map(|id| RemoteId::of(kind, id)).ok_or_else(|| {
        CommandError::new(format!("`{text}` is not the id of a {}", kind.noun())).help(match kind {
            Kind::Simulation | Kind::DigitalHuman => "the id is a number above 0",
            Kind::CustomMetric => "the id is a UUID",
            Kind::Schedule => "the id is a text without spaces",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_by_kind() {
        let uuid = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
        for (kind, text) in [
            (Kind::Simulation, "7"),
            (Kind::DigitalHuman, "101"),
            (Kind::CustomMetric, uuid),
            (Kind::Schedule, "5"),
        ] {
            let id = id_argument(kind, text).unwrap();
            assert_eq!((id.kind(), id.to_string().as_str()), (kind, text));
        }
        for (kind, text) in [
            (Kind::Simulation, "x"),
            (Kind::Simulation, "0"),
            (Kind::DigitalHuman, uuid),
            (Kind::CustomMetric, ""),
            (Kind::Schedule, "a b"),
        ] {
            assert!(id_argument(kind, text).is_err(), "{text}");
        }
    }
}
