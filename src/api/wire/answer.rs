//! Reads single resources in answers of the API.

use serde_json::{Map, Value};

use crate::resource::body::{AGENT_ID, NAME};
use crate::resource::key::{PlainId, RemoteId};
use crate::resource::spelling;
use crate::resource::{Kind, Observed, read_fields, unknown_settings};

/// Returns the id in the answer to a create.
///
/// The id of a simulation is documented as `simulation_id`, also seen as `id`,
/// `simulation.id` and `data.id`. The other kinds have `id`, some inside an object. The
/// first of these fields that is present decides. An invalid id in that field is an error,
/// and no other field is read in its place.
pub fn parse_created_id(kind: Kind, answer: &Value) -> Result<RemoteId, String> {
    let places: &[&str] = match kind {
        Kind::Simulation => &["/simulation_id", "/id", "/simulation/id", "/data/id"],
        Kind::DigitalHuman => &["/digital_human/id", "/id", "/data/id"],
        Kind::CustomMetric => &["/id", "/metric/id", "/data/id"],
        Kind::Schedule => &["/id", "/schedule/id", "/data/id"],
    };
    let noun = kind.noun();
    let given = places
        .iter()
        .filter_map(|pointer| answer.pointer(pointer))
        .find(|value| !value.is_null())
        .ok_or_else(|| format!("it contains no {noun} id"))?;
    plain_id(kind, given)
        .map(|id| RemoteId::of(kind, id))
        .ok_or_else(|| format!("it contains the invalid id {given}"))
}

/// Returns the object of a resource in an answer, which some answers wrap in another
/// object.
fn unwrapped(kind: Kind, answer: &Value) -> Option<&Map<String, Value>> {
    let inner = answer.get(kind.name()).filter(|_| kind != Kind::Schedule);
    match inner {
        Some(Value::Object(inner)) => Some(inner),
        _ => answer.as_object(),
    }
}

/// Returns the fields that distinguish a resource from another object: each resource has
/// one of them.
pub(super) fn identifying(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Simulation => &[AGENT_ID, NAME],
        // The name of a digital human is optional, and some answers omit empty fields.
        Kind::DigitalHuman => &[NAME, "test_name", "intent"],
        Kind::CustomMetric => &[NAME],
        Kind::Schedule => &["cron_expression"],
    }
}

/// Returns the observed state in the answer to a read of the resource `asked`.
pub fn observed(asked: RemoteId, answer: &Value) -> Result<Observed, String> {
    let kind = asked.kind();
    let shown = unwrapped(kind, answer).ok_or("it is not an object")?;
    if !identifying(kind)
        .iter()
        .any(|field| shown.contains_key(*field))
    {
        return Err(format!("it is not a {}", kind.noun()));
    }
    // The reference allows an answer without the id.
    match shown.get("id").filter(|id| !id.is_null()) {
        Some(id) if plain_id(kind, id) != Some(asked.plain()) => {
            Err(format!("it is not the requested {}", kind.noun()))
        }
        _ => Ok(observed_in(asked, shown)),
    }
}

/// Returns the observed state in the object of a resource.
pub(super) fn observed_in(id: RemoteId, shown: &Map<String, Value>) -> Observed {
    let kind = id.kind();
    let is_simulation = kind == Kind::Simulation;
    Observed {
        id,
        agent_id: agent(shown.get(AGENT_ID)).filter(|_| is_simulation),
        name: text(shown.get(NAME)),
        created_at: text(shown.get("created_at")),
        fields: read_fields(kind, shown),
        unknown_settings: unknown_settings(kind, shown),
    }
}

/// Parses an id. The number of a simulation or a digital human is a positive integer of at
/// most 63 bits, as a number or as a text in decimal notation.
pub(super) fn plain_id(kind: Kind, value: &Value) -> Option<PlainId> {
    let is_canonical = match (PlainId::of_value(kind, value)?, value) {
        (PlainId::Number(number), Value::String(text)) => number.to_string() == *text,
        _ => true,
    };
    let id = PlainId::of_value(kind, value).filter(|_| is_canonical)?;
    let is_in_range = id
        .number()
        .is_none_or(|number| i64::try_from(number).is_ok());
    is_in_range.then_some(id)
}

/// Returns a text, or a number as text; `None` for an empty text.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the id of an agent in normalised form.
pub(super) fn agent(value: Option<&Value>) -> Option<String> {
    text(value).map(|text| spelling::agent_id(&text).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_is_found_in_every_observed_place() {
        for answer in [
            json!({"simulation_id": 7, "status": "200", "id": 8}),
            json!({"id": 7}),
            json!({"simulation": {"id": "7"}}),
            json!({"data": {"id": 7}}),
        ] {
            assert_eq!(
                parse_created_id(Kind::Simulation, &answer),
                Ok(RemoteId::simulation(7)),
                "{answer}"
            );
        }
        for answer in [
            json!({}),
            json!({"simulation_id": null}),
            json!({"id": -1}),
            json!("7"),
            json!({"simulation_id": 0, "id": 7}),
            json!({"simulation_id": "0"}),
            json!({"simulation_id": "+7"}),
            json!({"simulation_id": "007"}),
            json!({"simulation_id": 7.5}),
            json!({"simulation_id": u64::MAX}),
            json!({"simulation_id": true}),
        ] {
            assert!(
                parse_created_id(Kind::Simulation, &answer).is_err(),
                "{answer}"
            );
        }
    }

    #[test]
    fn durations_are_read_in_seconds() {
        let read = |settings: Value| {
            let answer = json!({"id": 1, "agent_id": 2, "name": "n", "settings": settings});
            observed(RemoteId::simulation(1), &answer)
                .unwrap()
                .fields
                .remove("max_call_duration")
        };
        assert_eq!(read(json!({"max_call_duration": 480})), Some(json!(480)));
        assert_eq!(
            read(json!({"max_call_duration": 8, "max_call_duration_units": "minutes"})),
            Some(json!(480))
        );
        assert_eq!(read(json!({})), None);
    }
}
