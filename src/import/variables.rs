//! Replaces values of the selected environment by variables, and finds the ids that stay
//! as they are.

use serde_json::{Map, Value};

use crate::resource::field::{ItemType, ValueType};
use crate::resource::{Field, Kind};
use crate::spec::vars::Vars;

/// Replaces the texts and ids in one field by variables with the same text, if other
/// environments set these variables to other texts. Only values that equal the observed
/// values are replaced.
pub(super) fn refer_by_variable(
    kind: Kind,
    fields: &mut Map<String, Value>,
    name: &str,
    observed: &Map<String, Value>,
    vars: &Vars,
) {
    if kind.is_literal(name) {
        return;
    }
    if let (Some(value), Some(observed)) = (fields.get_mut(name), observed.get(name)) {
        replace(value, observed, kind.field(name), vars);
    }
}

fn replace(value: &mut Value, observed: &Value, field: Option<&Field>, vars: &Vars) {
    match (&mut *value, observed) {
        (Value::Array(items), Value::Array(observed)) => {
            for (item, observed) in items.iter_mut().zip(observed) {
                replace(item, observed, field, vars);
            }
        }
        (Value::Object(fields), Value::Object(observed)) => {
            let known = field.map_or(&[][..], Field::nested);
            for (name, value) in fields {
                if let Some(observed) = observed.get(name) {
                    let field = known.iter().find(|field| field.name == name);
                    replace(value, observed, field, vars);
                }
            }
        }
        (Value::String(text), Value::String(observed))
            if text == observed && !field.is_some_and(has_fixed_values) =>
        {
            if let Some(reference) = vars.reference_to(text) {
                *text = reference;
            }
        }
        (Value::Number(number), Value::Number(_)) if field.is_some_and(has_ids) => {
            if let Some(reference) = vars.reference_to(&number.to_string()) {
                *value = reference.into();
            }
        }
        _ => {}
    }
}

/// Returns the paths of the fields whose ids equal the ids that the API shows.
pub(super) fn bound(
    kind: Kind,
    fields: &Map<String, Value>,
    observed: &Map<String, Value>,
) -> Vec<String> {
    let mut found = Vec::new();
    for field in kind.fields() {
        if let (Some(value), Some(observed)) = (fields.get(field.name), observed.get(field.name)) {
            add_bound(field, value, observed, field.name, &mut found);
        }
    }
    found
}

fn add_bound(field: &Field, value: &Value, observed: &Value, path: &str, found: &mut Vec<String>) {
    match (value, observed) {
        (Value::Array(items), Value::Array(observed)) => {
            for (item, observed) in items.iter().zip(observed) {
                add_bound(field, item, observed, path, found);
            }
        }
        (Value::Object(fields), Value::Object(observed)) => {
            for field in field.nested() {
                if let (Some(value), Some(observed)) =
                    (fields.get(field.name), observed.get(field.name))
                {
                    let path = format!("{path}.{}", field.name);
                    add_bound(field, value, observed, &path, found);
                }
            }
        }
        _ => {
            let is_known = found.last().is_some_and(|last| last == path);
            if has_ids(field) && value == observed && !is_known {
                found.push(path.to_owned());
            }
        }
    }
}

/// Returns whether the API knows the values of a field. Such a value equals the value of a
/// variable by chance, and the values of other environments may be invalid.
fn has_fixed_values(field: &Field) -> bool {
    matches!(
        field.value,
        ValueType::OneOf(_)
            | ValueType::Suggested(_)
            | ValueType::DurationUnit { .. }
            | ValueType::Set {
                of: ItemType::OneOf(_),
                ..
            }
    )
}

/// Returns whether the value of a field, or an item of its list, is an id.
fn has_ids(field: &Field) -> bool {
    matches!(
        field.value,
        ValueType::AgentId
            | ValueType::Uuid
            | ValueType::Id
            | ValueType::Set {
                of: ItemType::Id | ItemType::Uuid,
                ..
            }
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::spec::path::Path;
    use crate::spec::vars::VarOrigin;

    const UUID: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

    fn vars() -> Vars {
        let mut vars = Vars::default();
        let origin =
            |name| VarOrigin::Project(Path::from(["environments", "staging", "vars", name]));
        vars.set("AGENT", "42", origin("AGENT"));
        vars.set("CLINIC", "Cedar Hollow", origin("CLINIC"));
        vars.set(
            "SHARED",
            "Shared",
            VarOrigin::Project(Path::from(["vars", "SHARED"])),
        );
        vars
    }

    #[test]
    fn a_value_of_a_fixed_set_is_no_variable() {
        let mut vars = vars();
        let origin = VarOrigin::Project(Path::from(["environments", "staging", "vars", "LINE"]));
        vars.set("LINE", "slow", origin);
        let observed = json!({"name": "slow", "voice_speed": "slow", "intent": "x"});
        let mut fields = observed.as_object().unwrap().clone();
        for name in ["name", "voice_speed"] {
            let observed = observed.as_object().unwrap();
            refer_by_variable(Kind::DigitalHuman, &mut fields, name, observed, &vars);
        }
        assert_eq!(fields["name"], "${var:LINE}");
        assert_eq!(fields["voice_speed"], "slow");
    }

    #[track_caller]
    fn check(kind: Kind, observed: Value, expected: &Value, ids: &[&str]) {
        let observed = observed.as_object().unwrap();
        let mut fields = observed.clone();
        for name in observed.keys() {
            refer_by_variable(kind, &mut fields, name, observed, &vars());
        }
        assert_eq!(bound(kind, &fields, observed), ids);
        assert_eq!(&Value::Object(fields), expected);
    }

    #[test]
    fn values_of_the_environment_become_variables() {
        check(
            Kind::Simulation,
            json!({"agent_id": "42", "name": "Cedar Hollow", "description": "Shared",
                "key": "Cedar Hollow", "max_concurrent": 42,
                "digital_humans_settings": {"default_name": "Cedar Hollow"}}),
            &json!({"agent_id": "${var:AGENT}", "name": "${var:CLINIC}", "description": "Shared",
                "key": "Cedar Hollow", "max_concurrent": 42,
                "digital_humans_settings": {"default_name": "${var:CLINIC}"}}),
            &[],
        );
        check(
            Kind::CustomMetric,
            json!({"agent_ids": [42, 43], "name": "n"}),
            &json!({"agent_ids": ["${var:AGENT}", 43], "name": "n"}),
            &["agent_ids"],
        );
        let settings = |receiver: Value| json!({"settings": {"receiver_test_case_id": receiver, "window_seconds": 42}});
        let receiver = "settings.receiver_test_case_id";
        check(
            Kind::CustomMetric,
            settings(json!(42)),
            &settings(json!("${var:AGENT}")),
            &[],
        );
        check(
            Kind::CustomMetric,
            settings(json!(7)),
            &settings(json!(7)),
            &[receiver],
        );
    }

    #[test]
    fn other_ids_are_bound_to_the_environment() {
        let fields = json!({"agent_id": "7", "knowledge_base_id": UUID, "name": "n"});
        check(
            Kind::Simulation,
            fields.clone(),
            &fields,
            &["agent_id", "knowledge_base_id"],
        );
    }
}
