//! Validates requests: a body becomes checked fields or a list of problems. Unknown
//! fields are ignored, as the API does.

use serde_json::{Map, Value, json};

use super::coerce::{ANY, Checker, Kind, Problem, Range};

/// Checked fields by name, in the stored form. Explicit nulls remain.
pub(super) type Fields = Map<String, Value>;

const CONCURRENT: Kind = Kind::Integer(Range {
    more_than: Some(0),
    at_most: Some(500),
    ..ANY
});
const PERCENT: Kind = Kind::Integer(Range {
    at_least: Some(0),
    at_most: Some(100),
    ..ANY
});
const ONE_OR_MORE: Kind = Kind::Integer(Range {
    at_least: Some(1),
    ..ANY
});

/// The fields of both creates and updates, in the order of the API.
const SHARED: [(&str, Kind); 14] = [
    ("name", Kind::Text),
    ("description", Kind::Text),
    ("prompt_id", Kind::Uuid),
    ("agent_version_id", Kind::Uuid),
    ("knowledge_base_id", Kind::Uuid),
    ("max_concurrent", CONCURRENT),
    ("hangup_on_transfer", Kind::Flag),
    ("max_call_duration", Kind::Integer(ANY)),
    ("max_call_duration_units", Kind::Units),
    ("ringing_timeout", Kind::Integer(ANY)),
    ("selected_custom_metrics", Kind::Uuids),
    ("custom_metrics_failing_threshold", PERCENT),
    ("custom_metrics_passing_threshold", PERCENT),
    ("runs_per_digital_human", ONE_OR_MORE),
];

const CREATE_ONLY: [(&str, Kind); 3] = [
    ("sequential_calling", Kind::Flag),
    ("always_on", Kind::Flag),
    ("digital_humans_settings", Kind::Humans),
];

const UPDATE_ONLY: [(&str, Kind); 5] = [
    ("bluejay_as_code_id", Kind::Uuid),
    ("max_turns", Kind::Integer(ANY)),
    ("tags", Kind::Texts),
    ("pinned", Kind::Flag),
    ("digital_humans_settings", Kind::FreeMap),
];

/// Checks the fields of a create request.
pub(super) fn create(body: &Value) -> Result<Fields, Vec<Problem>> {
    fields_of(body, &[("agent_id", Kind::Text)], &[&SHARED, &CREATE_ONLY])
}

/// Checks the fields of an update request. Fields that were not sent are absent.
pub(super) fn update(body: &Value) -> Result<Fields, Vec<Problem>> {
    fields_of(body, &[], &[&SHARED, &UPDATE_ONLY])
}

/// Checks the ids in a request that links or unlinks digital humans.
pub(super) fn digital_humans(body: &Value) -> Result<Vec<i64>, Vec<Problem>> {
    let fields = fields_of(body, &[("digital_human_ids", Kind::Integers)], &[])?;
    let ids = fields.get("digital_human_ids").and_then(Value::as_array);
    Ok(ids
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect())
}

/// The simulation of a queue request, and the digital humans that the request chooses.
pub(super) type Queued = (Option<u64>, Option<Vec<i64>>);

/// Checks a queue request. Returns the id of the simulation, `None` if the text is not an
/// id, and the digital humans that the request chooses.
pub(super) fn queue(body: &Value) -> Result<Queued, Vec<Problem>> {
    let optional = [("digital_human_ids", Kind::Texts)];
    let fields = fields_of(body, &[("simulation_id", Kind::Text)], &[&optional])?;
    let id = fields.get("simulation_id").and_then(Value::as_str);
    let numbers = |ids: &Vec<Value>| {
        let ids = ids.iter().filter_map(Value::as_str);
        ids.filter_map(|id| id.parse().ok()).collect()
    };
    let chosen = fields.get("digital_human_ids").and_then(Value::as_array);
    Ok((id.and_then(|id| id.parse().ok()), chosen.map(numbers)))
}

/// Parses an id in a path.
pub(super) fn path_id(text: &str) -> Result<u64, Vec<Problem>> {
    let mut checker = Checker::default();
    let at = [json!("path"), json!("simulation_id")];
    match checker.integer(ANY, &json!(text), &at) {
        // No simulation has a negative id; 0 is an unknown id, too.
        Some(id) => Ok(id.as_u64().unwrap_or_default()),
        None => Err(checker.problems),
    }
}

/// Returns whether the request has both names of one field, with different values.
pub(super) fn has_two_versions(fields: &Fields) -> bool {
    match (fields.get("prompt_id"), fields.get("agent_version_id")) {
        (Some(old), Some(new)) => !old.is_null() && !new.is_null() && old != new,
        _ => false,
    }
}

/// Fields by name, in the order of the API.
pub(super) type Table<'a> = &'a [(&'a str, Kind)];

/// Checks the required and the optional fields of a request.
pub(super) fn fields_of(
    body: &Value,
    required: Table,
    optional: &[Table],
) -> Result<Fields, Vec<Problem>> {
    let Value::Object(given) = body else {
        let message = "Input should be a valid dictionary or object to extract fields from";
        let at = [json!("body")];
        let problem = Problem::new(&at, "model_attributes_type", message, body);
        return Err(vec![problem]);
    };
    let mut checker = Checker::default();
    let mut fields = Fields::new();
    for (name, kind) in required {
        let at = [json!("body"), json!(name)];
        let Some(value) = given.get(*name) else {
            let missing = Problem::new(&at, "missing", "Field required", body);
            checker.problems.push(missing);
            continue;
        };
        if let Some(value) = checker.take(*kind, value, &at) {
            fields.insert((*name).to_owned(), value);
        }
    }
    for (name, kind) in optional.iter().copied().flatten() {
        let taken = match given.get(*name) {
            None => continue,
            Some(Value::Null) => Some(Value::Null),
            Some(value) => checker.take(*kind, value, &[json!("body"), json!(name)]),
        };
        if let Some(value) = taken {
            fields.insert((*name).to_owned(), value);
        }
    }
    if checker.problems.is_empty() {
        Ok(fields)
    } else {
        Err(checker.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_have_the_form_of_the_api() {
        let problems = create(&json!({
            "agent_id": "1",
            "max_concurrent": 900,
            "digital_humans_settings": { "num_runs": 0 },
            "selected_custom_metrics": ["3c90c3cc-0d44-4b50-8888-8dd25736052a", 5],
        }))
        .unwrap_err();
        let shown: Vec<Value> = problems.into_iter().map(|problem| problem.0).collect();
        assert_eq!(
            shown[0],
            json!({
                "type": "less_than_equal",
                "loc": ["body", "max_concurrent"],
                "msg": "Input should be less than or equal to 500",
                "input": 900,
                "ctx": { "le": 500 },
            })
        );
        assert_eq!(
            shown[1]["loc"],
            json!(["body", "selected_custom_metrics", 1])
        );
        let runs = json!(["body", "digital_humans_settings", "num_runs"]);
        assert_eq!(shown[2]["loc"], runs);
        assert_eq!(shown.len(), 3);
    }

    #[test]
    fn the_agent_is_required() {
        for (body, kind) in [
            (json!({}), "missing"),
            (json!({ "agent_id": null }), "string_type"),
            (json!({ "agent_id": 42 }), "string_type"),
            (json!([]), "model_attributes_type"),
        ] {
            assert_eq!(create(&body).unwrap_err()[0].0["type"], kind, "{body}");
        }
        assert!(update(&json!({})).is_ok_and(|fields| fields.is_empty()));
    }

    #[test]
    fn unknown_fields_are_ignored_and_values_are_coerced() {
        let body = json!({ "agent_id": "1", "max_concurrent": "5", "novel": 1, "pinned": true });
        let fields = create(&body).unwrap();
        assert_eq!(
            Value::Object(fields),
            json!({ "agent_id": "1", "max_concurrent": 5 })
        );
    }

    #[test]
    fn ids_in_paths_are_integers() {
        assert_eq!(path_id("17"), Ok(17));
        assert_eq!(path_id("-1"), Ok(0));
        let problem = &path_id("x").unwrap_err()[0].0;
        assert_eq!(problem["loc"], json!(["path", "simulation_id"]));
        assert_eq!(problem["type"], "int_parsing");
    }
}
