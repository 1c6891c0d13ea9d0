//! The tables of all kinds, and what the functions of this module derive from the tables.

mod comparison;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::body::Body;
use super::document_fields::{ENVIRONMENTS, EXTRA, KEY, KIND, MOVED_FROM, PROTECT};
use super::field::{Default, ReadAt, ValueType};
use super::key::RemoteId;
use super::rule::Rule;
use super::simulation::{MARKER, MARKER_SENT_AS};
use super::*;

fn body(fields: Value) -> Body {
    serde_json::from_value(fields).unwrap()
}

fn observed(kind: Kind, answer: &Value) -> Observed {
    let shown = answer.as_object().unwrap();
    Observed {
        id: RemoteId::simulation(1),
        agent_id: None,
        name: None,
        created_at: None,
        fields: read_fields(kind, shown),
        unknown_settings: unknown_settings(kind, shown),
    }
}

/// Checks the paths at which an answer differs from a recorded state.
#[track_caller]
fn check_drift(kind: Kind, recorded: Value, answer: Value, expected: &[&str]) {
    let found = drift(kind, &body(recorded), &observed(kind, &answer));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected, "{found:?}");
}

/// Checks that states with these fields are equal.
#[track_caller]
fn check_same(kind: Kind, one: Value, other: Value) {
    assert_eq!(diff(kind, &body(one), &body(other)), []);
}

/// Checks the paths that differ between two states, and the update.
#[track_caller]
fn check_update(kind: Kind, before: Value, after: Value, paths: &[&str], update: Value) {
    let (before, after) = (body(before), body(after));
    let changes = diff(kind, &before, &after);
    let found: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(found, paths);
    let sent = patch(kind, &changes, &before, &after);
    assert_eq!(serde_json::to_value(sent).unwrap(), update);
}

/// Calls a check for every field of every kind, fields of maps included.
fn for_each_field(mut check: impl FnMut(Kind, &'static [Field], &'static Field)) {
    fn walk(fields: &'static [Field], check: &mut impl FnMut(&'static [Field], &'static Field)) {
        for field in fields {
            check(fields, field);
            walk(field.nested(), check);
        }
    }
    for kind in Kind::ALL {
        walk(kind.fields(), &mut |level, field| check(kind, level, field));
    }
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_name(kind.name()), Some(kind));
        assert_eq!(kind.name().replace('_', " "), kind.noun());
        assert_eq!(Kind::ALL[kind as usize], kind);
    }
    assert_eq!(Kind::from_name("agent"), None);
}

#[test]
fn every_document_has_the_same_fields_of_its_own() {
    for kind in Kind::ALL {
        let names: Vec<_> = kind.fields().iter().map(|field| field.name).collect();
        assert_eq!(names[..5], [KIND, KEY, PROTECT, MOVED_FROM, ENVIRONMENTS]);
        assert_eq!(names.last(), Some(&EXTRA));
        let never: Vec<_> = kind.names(SentIn::Never).collect();
        let own = [KIND, KEY, PROTECT, MOVED_FROM, ENVIRONMENTS, EXTRA];
        assert_eq!(never, own, "{kind:?}");
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{kind:?}");
    }
}

#[test]
fn every_field_is_explained_and_has_a_valid_example() {
    for_each_field(|kind, _, field| {
        let name = field.name;
        assert!(field.doc.ends_with('.'), "{kind:?} {name}: {}", field.doc);
        let known = [field.example, field.documented_default()];
        for constant in known.into_iter().flatten() {
            let value = constant.to_value();
            // A reference to a resource becomes an id before the check.
            let is_reference = value.as_str().is_some_and(|text| text.contains("${"));
            let is_cleared = value == "";
            assert!(
                is_reference || is_cleared || field.accepts(&value),
                "{kind:?} {name}: {value}"
            );
        }
        if field.required.is_some() && field.nested().is_empty() {
            assert!(field.example.is_some(), "{kind:?} {name}");
        }
    });
}

#[test]
fn every_name_of_a_table_is_a_field() {
    for_each_field(|kind, level, field| {
        let has = |name: &str| level.iter().any(|field| field.name == name);
        let named = field.rewritten_from.iter().chain(&field.alias_of);
        for name in named.chain(&field.at_most) {
            assert!(has(name), "{kind:?} {}: {name}", field.name);
        }
        check_rules(field.nested(), field.rules());
    });
    for kind in Kind::ALL {
        check_rules(kind.fields(), kind.table().rules);
        let identity = kind.identity();
        for name in identity.name.into_iter().chain(identity.scope) {
            assert_eq!(kind.field(name).unwrap().read, ReadAt::Identity);
        }
    }
}

fn check_rules(fields: &[Field], rules: &[Rule]) {
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    for rule in rules {
        match rule {
            Rule::Needed { field: name, when } | Rule::Only { field: name, when } => {
                field(name);
                for value in when.is {
                    assert!(field(when.field).accepts(&json!(value)), "{value}");
                }
            }
            Rule::Less(one, other) => {
                field(one);
                field(other);
            }
            Rule::ExactlyOne(names) => names.iter().for_each(|name| {
                field(name);
            }),
            Rule::Check(_) => {}
        }
    }
}

#[test]
fn a_list_has_drifted_with_the_flag_for_its_order() {
    let (one, other) = (json!({"match_phrase": "a"}), json!({"match_phrase": "b"}));
    let list = "scripted_responses";
    let flag = "scripted_responses_ordered";
    let recorded = json!({ list: [one, other], flag: false });
    for (shown, ordered, expected) in [
        (json!([other, one]), true, &[list, flag][..]),
        (json!([one, other]), true, &[flag]),
        (json!([other, one]), false, &[]),
    ] {
        let answer = json!({ list: shown, flag: ordered });
        check_drift(Kind::DigitalHuman, recorded.clone(), answer, expected);
    }
}
