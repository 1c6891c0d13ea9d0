//! The field tables of the program against the sandbox, which has tables of its own:
//! what a document declares is created, read back and found unchanged.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::TestSandbox;
use crate::resource::body::Body;
use crate::resource::field::ReadAt;
use crate::resource::key::RemoteId;
use crate::resource::{
    Kind, Normalized, Observed, create_body, diff, drift, patch, problems, read_fields, schema,
};

fn body(fields: &Value) -> Body {
    serde_json::from_value(fields.clone()).unwrap()
}

fn observed(kind: Kind, answer: &Value) -> Observed {
    Observed {
        id: RemoteId::simulation(1),
        agent_id: None,
        name: None,
        created_at: None,
        fields: read_fields(kind, answer.as_object().unwrap()),
        unknown_settings: std::collections::BTreeSet::new(),
    }
}

/// Checks that the schema and the rules accept a document.
#[track_caller]
fn check_document(kind: Kind, fields: &Value) {
    let mut document = fields.as_object().unwrap().clone();
    document.insert("kind".to_owned(), kind.name().into());
    assert_eq!(problems(kind, &document), []);
    let mut definitions = serde_json::Map::new();
    let mut schema = schema::documents_schema(&mut definitions);
    schema.insert("definitions".to_owned(), definitions.into());
    let validator = jsonschema::draft7::new(&schema.into()).unwrap();
    let found: Vec<_> = validator
        .iter_errors(&Value::Object(document.clone()))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(found, Vec::<String>::new());
}

/// The requests of a kind.
struct Requests {
    kind: Kind,
    create: &'static str,
    read: &'static str,
    update: &'static str,
}

const HUMANS: Requests = Requests {
    kind: Kind::DigitalHuman,
    create: "create-digital-human",
    read: "digital-human",
    update: "update-digital-human",
};

const METRICS: Requests = Requests {
    kind: Kind::CustomMetric,
    create: "create-metric",
    read: "metric",
    update: "update-metric",
};

const SCHEDULES: Requests = Requests {
    kind: Kind::Schedule,
    create: "create-schedule",
    read: "schedule",
    update: "update-schedule",
};

impl Requests {
    /// Creates a resource, changes it, and checks each time that the answer shows what
    /// the document declares.
    async fn check(&self, server: &TestSandbox, first: Value, second: Value) {
        check_document(self.kind, &first);
        check_document(self.kind, &second);
        let create = serde_json::to_value(create_body(self.kind, &body(&first))).unwrap();
        let create = match self.kind {
            Kind::DigitalHuman => json!({ "digital_human": create }),
            _ => create,
        };
        let created = server.send(Method::POST, self.create, create).await;
        let id = unwrapped(created)["id"].to_string().replace('"', "");
        self.check_read(server, &id, &first).await;

        let (before, after) = (body(&first), body(&second));
        let changes = diff(self.kind, &before, &after);
        let update = patch(self.kind, &changes, &before, &after);
        let update = serde_json::to_value(update).unwrap();
        let path = format!("{}/{id}", self.update);
        unwrapped(server.send(Method::PUT, &path, update).await);
        self.check_read(server, &id, &second).await;
    }

    #[track_caller]
    fn found(&self, declared: &Value, answer: &Value) -> Vec<String> {
        let drifted = drift(self.kind, &body(declared), &observed(self.kind, answer));
        drifted.into_keys().collect()
    }

    /// Returns whether the API shows a field among the fields of a resource.
    fn is_read(&self, path: &str) -> bool {
        let field = self.kind.field_at(path);
        field.is_some_and(|field| field.read == ReadAt::Anywhere)
    }

    async fn check_read(&self, server: &TestSandbox, id: &str, declared: &Value) {
        let answer = unwrapped(server.get(&format!("{}/{id}", self.read)).await);
        assert_eq!(self.found(declared, &answer), Vec::<String>::new());
        let shown = observed(self.kind, &answer);
        let declared = body(declared);
        let normalized = Normalized::of(self.kind, &declared);
        let unread = normalized.fields().map(|(path, _)| path);
        let unread: Vec<_> = unread
            .filter(|path| !shown.fields.contains_key(*path) && self.is_read(path))
            .collect();
        assert_eq!(unread, Vec::<&str>::new());
    }
}

/// Returns the resource of a successful answer.
#[track_caller]
fn unwrapped((status, answer): (StatusCode, Value)) -> Value {
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer.get("digital_human").unwrap_or(&answer).clone()
}

/// Every field of a digital human that a caller can have.
fn caller() -> Value {
    let mut caller = voice();
    let behaviour = behaviour();
    let fields = caller.as_object_mut().unwrap();
    fields.extend(behaviour.as_object().unwrap().clone());
    caller
}

fn voice() -> Value {
    json!({
        "name": "Marta Kowalski",
        "test_name": "Wants her money back",
        "tags": ["nightly"],
        "intent": "Ask for a refund.",
        "success_criteria": "- The agent stays polite.\n- The refund is booked.\n",
        "role_description": "A patient customer.",
        "language": "de",
        "accent": "british",
        "gender": "female",
        "custom_voice_id": "v",
        "voice_speed": "fast",
        "fluency": "native",
        "verbosity": "low",
        "creativity": 1,
        "background_noise": "custom",
        "custom_background_noise_url": "https://example.com/noise.wav",
        "background_noise_volume": 0.5,
        "audio_quality": "low",
        "connection_quality": "medium",
        "endpointing_delay": 2,
        "silence_timeout": 15,
        "phone_number": "+15551234567",
        "extension": "2,1#",
    })
}

fn behaviour() -> Value {
    json!({
        "speaks_first_config": {"speaks_first": true, "mode": "custom", "message": "Hello"},
        "interruptions": {"type": "keywords",
            "keyword_responses": [{"keyword": "insurance", "response": "No."}]},
        "scripted_responses": [
            {"match_type": "exact", "match_phrase": "b", "response_type": "silence",
             "silence_duration": 5, "occurrence_mode": "first_n", "occurrence_n": 1},
            {"match_type": "context", "match_phrase": "a", "response_type": "phrase",
             "response_value": "x", "occurrence_mode": "always"},
        ],
        "scripted_responses_ordered": true,
        "traits": [
            {"trait_name": "b", "trait_data_type": "NUMBER", "value": 1.0},
            {"trait_name": "a", "trait_data_type": "STRING", "value": "x", "is_sip_header": true},
        ],
        "expected_tool_calls": [{"name": "book", "parameters": {}, "output": {"done": true}}],
        "allow_end_call_tool": false,
        "allow_dtmf_tool": false,
        "allow_silence_tool": false,
        "silence_tool_instructions": "Never.",
        "hangup_instructions": "After a refusal.",
        "hangup_phrases": ["Goodbye", "Bye"],
        "default_dtmf_or_voiced": "dtmf",
        "outbound_text_number": "+15551234567",
        "follow_up_sms_success_criteria": "It names the date.",
        "enriched_playback": [{"turn": 1}],
        "livekit_metadata": {"room": "x"},
        "num_runs": 2,
        "always_on_mode": true,
        "always_on_active": false,
    })
}

#[tokio::test]
async fn every_field_of_a_caller_is_read_back() {
    let server = TestSandbox::new().await;
    let mut other = json!({
        "name": "Marta Kowalski",
        "tags": ["nightly"],
        "intent": "Ask for a discount.",
        "interruptions": {"type": "none"},
        "traits": [],
        "patience": 3,
    });
    HUMANS.check(&server, caller(), other.clone()).await;
    other["background_noise"] = "none".into();
    HUMANS.check(&server, other, caller()).await;
}

#[tokio::test]
async fn a_journey_and_transcripts_are_read_back() {
    let server = TestSandbox::new().await;
    let journey = json!({"journey_steps": [
        {"step": 1, "intent": "Book.", "success_criteria": "- Booked.\n", "modality": "voice",
         "direction": "inbound", "wait_seconds": 60, "response_window_seconds": 5,
         "unresponsive": false, "phone_number": "+15551234567"},
        {"step": 2, "unresponsive": true},
    ]});
    let transcript = json!({
        "original_transcript": "USER: hi",
        "formatted_transcript": [{"role": "USER", "utterance": "hi"}],
    });
    HUMANS.check(&server, journey, transcript).await;
}

#[tokio::test]
async fn every_field_of_a_metric_is_read_back() {
    let server = TestSandbox::new().await;
    let metric = json!({
        "name": "Politeness",
        "response_type": "quantitative",
        "metric_type": "transcript_regex",
        "prompt": "Was the agent polite?",
        "scoring_guidance": "One interruption is fine.",
        "agent_ids": [43, 42],
        "settings": {"phrases": ["b", "a"], "pattern": "x", "pass_on_match": false,
            "case_sensitive": true, "composite": "\"a\" + \"b\"", "tool_names": ["t"],
            "receiver_test_case_id": 7, "window_seconds": 60, "use_knowledge_base": true},
        "min_value": 1,
        "max_value": 5.0,
        "enum_options": ["b", "a"],
        "json_schema": {"type": "object"},
        "allow_not_applicable": true,
        "eval_segment": "user",
        "scope": "simulations",
        "eval_modality": "TEXT",
        "model": "m",
        "audio_model": "a",
        "temperature": 0.5,
        "category": "Tone",
        "tags": ["b", "a"],
        "tool_names": ["t"],
        "summary": "Manners.",
        "template_id": "3C90C3CC-0D44-4B50-8888-8DD25736052A",
    });
    let other = json!({
        "name": "Politeness",
        "response_type": "pass_fail",
        "description": "Was the agent rude?",
        "agent_ids": [44],
        "eval_route": "AUDIO",
        "template_id": "3c90c3cc0d444b5088888dd25736052a",
    });
    METRICS.check(&server, metric, other).await;
}

#[tokio::test]
async fn every_form_of_a_schedule_is_read_back() {
    let server = TestSandbox::new().await;
    let id = server.create("a").await.to_string();
    let schedule = |schedule: Value| json!({"simulation_id": id, "schedule": schedule});
    let window = json!({"days": ["monday"], "start_time": "09:00", "end_time": "17:00"});
    let forms = [
        json!({"frequency": "every_n_minutes", "interval": 1, "window": window}),
        json!({"frequency": "every_n_hours", "interval": 6}),
        json!({"frequency": "daily", "time": "02:30"}),
        json!({"frequency": "weekly", "day_of_week": "sunday", "time": "18:05"}),
        json!({"frequency": "monthly", "day_of_month": 31, "time": "00:00"}),
        json!({"frequency": "cron", "expression": "00 9 * * MON-FRI"}),
        json!({"frequency": "every_n_minutes", "interval": 59}),
    ];
    for pair in forms.windows(2) {
        let mut second = schedule(pair[1].clone());
        second["timezone"] = "Europe/Berlin".into();
        second["enabled"] = false.into();
        SCHEDULES
            .check(&server, schedule(pair[0].clone()), second)
            .await;
    }
}
