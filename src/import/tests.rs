//! Tests that an import of any kind declares what the API shows.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{ImportTarget, Imported, Keys, OmissionReason, import};
use crate::resource::body::AGENT_ID;
use crate::resource::field::{Field, ValueType};
use crate::resource::key::{PlainId, RemoteId};
use crate::resource::{Kind, Normalized, Observed, read_fields, unknown_settings};
use crate::spec::settings::Settings;
use crate::spec::vars::VarOrigin;

/// Texts that YAML or the program could read differently than they look.
const TEXTS: &[&str] = &[
    "two\nlines",
    "two\nlines\n",
    "two\n\n\nlines\n\n",
    "  indented\nfirst line",
    "\ttab\n\t\ttabs",
    "trailing \nspaces  ",
    "windows\r\nlines\r\n",
    "- item\n- item",
    "# comment",
    "a # comment",
    "a: b",
    "yes",
    "null",
    "~",
    "1e3",
    "0x1F",
    "007",
    "12:30",
    "2026-01-01",
    "{a: 1}",
    "[1]",
    "*alias",
    "&anchor",
    "!tag",
    "---",
    "...",
    "\"quoted\" and 'quoted'",
    "${var:NAME}",
    "$${x}",
    "${digital_human:x}",
    "${file:x.md}",
    "%percent",
    "@at",
    "`tick`",
    "\u{1f600} \u{e9} \u{65e5}\u{672c}",
    "\u{feff}mark",
    "bell \u{7}",
    "next\u{85}line\u{2028}separator",
];

/// Returns a resource that has the required fields alone.
fn shown(kind: Kind) -> Map<String, Value> {
    let shown = match kind {
        Kind::Simulation => json!({"agent_id": "42", "name": "n"}),
        Kind::DigitalHuman => json!({"name": "n", "intent": "x"}),
        Kind::CustomMetric => json!({"name": "n", "response_type": "pass_fail", "prompt": "x"}),
        Kind::Schedule => json!({"simulation_id": "7", "cron_expression": "30 2 * * *"}),
    };
    shown.as_object().unwrap().clone()
}

fn observed(kind: Kind, shown: &Map<String, Value>) -> Observed {
    let text = |name: &str| shown.get(name).and_then(Value::as_str).map(str::to_owned);
    Observed {
        id: RemoteId::of(kind, PlainId::of_value(kind, &json!("7")).unwrap()),
        agent_id: text(AGENT_ID),
        name: text("name"),
        created_at: None,
        fields: read_fields(kind, shown),
        unknown_settings: unknown_settings(kind, shown),
    }
}

fn imported(observed: &Observed) -> Imported {
    imported_with(observed, &Settings::default()).unwrap()
}

fn imported_with(observed: &Observed, settings: &Settings) -> Result<Imported, String> {
    let target = ImportTarget {
        file: "simulations/a.yaml",
        file_key: "a",
        key: None,
        schema: "",
        settings,
        humans: Some(&BTreeSet::new()),
        keys: &Keys::default(),
        texts: None,
        is_declared_elsewhere: false,
    };
    import(observed, &target)
}

/// Returns the settings with a variable of the environment of the process.
fn settings_with_var(name: &str, text: &str) -> Settings {
    let mut settings = Settings::default();
    settings.vars.set(name, text, VarOrigin::Environment);
    settings
}

/// Checks which fields an import omits because of the variable `TOKEN`, and that the file
/// declares the other fields without the value of the variable.
#[track_caller]
fn check_token(kind: Kind, token: &str, more: Value, omitted_fields: &[&str]) {
    let mut shown = shown(kind);
    shown.extend(more.as_object().unwrap().clone());
    let observed = observed(kind, &shown);
    let imported = imported_with(&observed, &settings_with_var("TOKEN", token)).unwrap();
    assert!(!imported.text.contains(token), "{}", imported.text);
    let omitted = imported.omitted.iter();
    let reason = OmissionReason::OutsideVar("TOKEN".to_owned());
    assert!(omitted.clone().all(|omitted| omitted.reason == reason));
    let omitted: Vec<_> = omitted.map(|omitted| omitted.field.as_str()).collect();
    assert_eq!(omitted, omitted_fields, "{}", imported.text);
    let mut expected = observed.to_body(kind);
    for field in omitted_fields {
        expected.fields_mut().remove(*field);
    }
    let declared = Normalized::of(kind, &imported.resource.body);
    assert_eq!(
        declared,
        Normalized::of(kind, &expected),
        "{}",
        imported.text
    );
}

#[test]
fn the_value_of_a_variable_that_no_file_sets_is_not_written() {
    let token = "s3cret-token";
    for field in ["s3cret-token", "in s3cret-token, twice: s3cret-token\n"] {
        let more = json!({"name": field, "description": field, "tags": [field],
            "digital_humans_settings.default_name": field});
        check_token(Kind::Simulation, token, more, &[]);
        let more = json!({"traits": [{"trait_name": "a", "trait_data_type": "STRING",
            "value": field}], "hangup_phrases": [field, "x"]});
        check_token(Kind::DigitalHuman, token, more, &[]);
        check_token(Kind::CustomMetric, token, json!({"prompt": field}), &[]);
    }
    let name = json!({"livekit_metadata": {"s3cret-token": 1}});
    check_token(Kind::DigitalHuman, token, name, &["livekit_metadata"]);
    // The reference would be an escape.
    let text = json!({"description": "$s3cret-token"});
    check_token(Kind::Simulation, token, text, &["description"]);
    check_token(
        Kind::CustomMetric,
        "12345678",
        json!({"agent_ids": [12_345_678]}),
        &[],
    );
    let mut shown = shown(Kind::CustomMetric);
    shown.insert("prompt".to_owned(), "mu\u{308}nster-1".into());
    let settings = settings_with_var("CITY", "m\u{fc}nster-1");
    let imported = imported_with(&observed(Kind::CustomMetric, &shown), &settings).unwrap();
    assert!(
        imported.text.contains("prompt: ${var:CITY}\n"),
        "{}",
        imported.text
    );
}

#[test]
fn a_required_field_with_such_a_value_is_an_error() {
    let mut shown = shown(Kind::DigitalHuman);
    shown.insert("intent".to_owned(), "$s3cret-token".into());
    let observed = observed(Kind::DigitalHuman, &shown);
    let error = imported_with(&observed, &settings_with_var("TOKEN", "s3cret-token"));
    assert_eq!(
        error.unwrap_err(),
        "`intent` has the value of the variable `TOKEN`, which no file sets"
    );
}

/// Checks that the file of a resource declares the resource, and that nothing is omitted.
#[track_caller]
fn check(kind: Kind, shown: &Map<String, Value>) {
    let observed = observed(kind, shown);
    let Imported {
        text,
        resource,
        omitted,
        ..
    } = imported(&observed);
    assert_eq!(omitted, [], "{shown:?}");
    let declared = Normalized::of(kind, &resource.body);
    let expected = Normalized::of(kind, &observed.to_body(kind));
    assert_eq!(declared, expected, "{shown:?}\n{text}");
}

fn is_text(field: &Field) -> bool {
    matches!(field.value, ValueType::Text | ValueType::Lines)
}

#[test]
fn odd_texts_are_imported_unchanged() {
    for kind in [Kind::Simulation, Kind::DigitalHuman, Kind::CustomMetric] {
        let known = kind.fields().iter();
        let texts = known.filter(|field| is_text(field));
        let names = texts.map(|field| field.shown_as.unwrap_or(field.name));
        // Unknown fields of simulations are imported only from the settings.
        let unknown = (kind != Kind::Simulation).then_some("brand_new");
        for name in names.chain(["name"]).chain(unknown) {
            for text in TEXTS {
                let mut shown = shown(kind);
                shown.insert(name.to_owned(), (*text).into());
                check(kind, &shown);
            }
        }
    }
}

#[test]
fn odd_texts_inside_maps_and_lists_are_imported_unchanged() {
    for text in TEXTS {
        let mut human = shown(Kind::DigitalHuman);
        let more = json!({
            "interruptions": {"type": "keywords", "keyword_responses": [
                {"keyword": text, "response": "x"}, {"keyword": "x", "response": text}]},
            "traits": [{"trait_name": text, "trait_data_type": "STRING", "value": {"a": text}}],
            "journey_steps": [{"step": 1, "intent": text, "wait_seconds": 2}],
            "hangup_phrases": [text, "x"],
            "livekit_metadata": {*text: text},
        });
        human.extend(more.as_object().unwrap().clone());
        check(Kind::DigitalHuman, &human);
        let mut metric = shown(Kind::CustomMetric);
        let settings = json!({"pattern": text, "phrases": [text], "new": text});
        metric.insert("settings".to_owned(), settings);
        check(Kind::CustomMetric, &metric);
    }
}

#[test]
fn odd_values_are_imported_unchanged() {
    for (kind, more) in [
        (
            Kind::DigitalHuman,
            json!({"tags": ["Customer Journey"], "traits": []}),
        ),
        (
            Kind::DigitalHuman,
            json!({"tags": ["b", "a", "Customer Journey"]}),
        ),
        (
            Kind::DigitalHuman,
            json!({"hangup_phrases": ["yes", "", " x "]}),
        ),
        (
            Kind::DigitalHuman,
            json!({"success_criteria": "- one\n\n* two\n"}),
        ),
        (
            Kind::DigitalHuman,
            json!({"creativity": 1, "endpointing_delay": 0.1}),
        ),
        (
            Kind::DigitalHuman,
            json!({"livekit_metadata": {"a b": [1, null, {"c": "~"}]}}),
        ),
        (
            Kind::DigitalHuman,
            json!({"interruptions": {"type": "none"}}),
        ),
        (
            Kind::DigitalHuman,
            json!({"expected_tool_calls": [{"name": "a"}, {"name": "b", "parameters": {"x": 1.5}}]}),
        ),
        (
            Kind::DigitalHuman,
            json!({"formatted_transcript": [{"role": "agent", "utterance": "a\nb"}]}),
        ),
        (
            Kind::DigitalHuman,
            json!({"language": "xx", "brand_new": {"a": ["${x}"]}}),
        ),
        (
            Kind::CustomMetric,
            json!({"agent_ids": [], "tags": [], "settings": {}}),
        ),
        (
            Kind::CustomMetric,
            json!({"settings": {"pattern": "(?i)a\\b: #", "new": [1]}}),
        ),
        (
            Kind::CustomMetric,
            json!({"response_type": "enum", "enum_options": ["yes", "no", "1"]}),
        ),
        (
            Kind::CustomMetric,
            json!({"response_type": "json", "json_schema": {"type": "object", "x": null}}),
        ),
        (
            Kind::CustomMetric,
            json!({"response_type": "quantitative", "min_value": -1.5, "max_value": 1e6}),
        ),
        (
            Kind::CustomMetric,
            json!({"eval_modality": "TEXT", "temperature": 0}),
        ),
        (
            Kind::Schedule,
            json!({"enabled": false, "timezone": "Europe/Berlin"}),
        ),
        (
            Kind::Schedule,
            json!({"simulation_id": 7, "timezone": null}),
        ),
        (Kind::Schedule, json!({"cron_expression": "0 */1 * * *"})),
        (
            Kind::Schedule,
            json!({"cron_expression": "*/90 2 1,15 * MON-FRI"}),
        ),
    ] {
        let mut shown = shown(kind);
        shown.extend(more.as_object().unwrap().clone());
        check(kind, &shown);
    }
}
