//! Replaces values that only the selected environment has by variables, and finds the ids
//! that no variable has.

use serde_json::{Map, Value};

use crate::resource::field::{ItemType, ValueType};
use crate::resource::{Field, Kind};
use crate::spec::vars::Vars;

/// Replaces the texts and ids in one field by the variables of the selected environment
/// with the same text: other environments have other values. Only values that equal the
/// observed values are replaced.
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
    let is_id = kind.field(name).is_some_and(is_list_of_ids);
    if let (Some(value), Some(observed)) = (fields.get_mut(name), observed.get(name)) {
        replace(value, observed, is_id, vars);
    }
}

fn replace(value: &mut Value, observed: &Value, is_id: bool, vars: &Vars) {
    match (&mut *value, observed) {
        (Value::Array(items), Value::Array(observed)) => {
            for (item, observed) in items.iter_mut().zip(observed) {
                replace(item, observed, is_id, vars);
            }
        }
        (Value::Object(fields), Value::Object(observed)) => {
            for (name, value) in fields {
                if let Some(observed) = observed.get(name) {
                    replace(value, observed, false, vars);
                }
            }
        }
        (Value::String(text), Value::String(observed)) if text == observed => {
            if let Some(reference) = vars.reference_to(text) {
                *text = reference;
            }
        }
        (Value::Number(number), Value::Number(_)) if is_id => {
            if let Some(reference) = vars.reference_to(&number.to_string()) {
                *value = reference.into();
            }
        }
        _ => {}
    }
}

/// Returns the fields with ids that stand as the API shows them.
pub(super) fn bound(
    kind: Kind,
    fields: &Map<String, Value>,
    observed: &Map<String, Value>,
) -> Vec<&'static str> {
    let is_bound = |field: &&Field| {
        let is_id = matches!(field.value, ValueType::AgentId | ValueType::Uuid);
        match (fields.get(field.name), observed.get(field.name)) {
            (Some(Value::Array(items)), Some(Value::Array(observed))) if is_list_of_ids(field) => {
                let mut pairs = items.iter().zip(observed);
                pairs.any(|(item, observed)| item == observed)
            }
            (value @ Some(_), observed) if is_id => value == observed,
            _ => false,
        }
    };
    let fields = kind.fields().iter();
    fields.filter(is_bound).map(|field| field.name).collect()
}

fn is_list_of_ids(field: &Field) -> bool {
    matches!(
        field.value,
        ValueType::Set {
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
