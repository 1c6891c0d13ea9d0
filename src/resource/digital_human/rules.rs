//! The rules between the fields of a digital human.

use serde_json::{Map, Value};

use super::names::{
    BACKGROUND_NOISE, CUSTOM_NOISE_URL, ENRICHED_PLAYBACK, FORMATTED_TRANSCRIPT, INTENT,
    JOURNEY_STEPS, MESSAGE, MODE, ORIGINAL_TRANSCRIPT, SPEAKS_FIRST_CONFIG, STEP, TAG,
};
use crate::resource::rule::{Breach, Rule, When};

/// The rules.
pub(super) static RULES: &[Rule] = &[
    Rule::Needed {
        field: CUSTOM_NOISE_URL,
        when: When {
            field: BACKGROUND_NOISE,
            is: &["custom"],
        },
    },
    Rule::Check(callers_have_an_intent),
    Rule::Check(voicemails_have_their_words),
    Rule::Check(steps_count_from_one),
];

/// The tags of digital humans that need no intent, besides the voicemails.
const COMPILED: [&str; 2] = ["scenario", "workflow"];

const CUSTOM_VOICEMAIL: &str = "voicemail-custom";
const GENERATED_VOICEMAIL: &str = "voicemail-ai-generated";

fn tag(fields: &Map<String, Value>) -> &str {
    fields.get(TAG).and_then(Value::as_str).unwrap_or_default()
}

/// Returns whether a field has a value that is not empty.
fn is_filled(fields: &Map<String, Value>, name: &str) -> bool {
    match fields.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

fn callers_have_an_intent(fields: &Map<String, Value>) -> Option<Breach> {
    let tag = tag(fields);
    let replacements = [
        INTENT,
        ORIGINAL_TRANSCRIPT,
        FORMATTED_TRANSCRIPT,
        JOURNEY_STEPS,
        ENRICHED_PLAYBACK,
    ];
    let has_words = replacements.iter().any(|name| is_filled(fields, name));
    let is_other =
        [CUSTOM_VOICEMAIL, GENERATED_VOICEMAIL].contains(&tag) || COMPILED.contains(&tag);
    (!has_words && !is_other).then(|| Breach {
        pointer: String::new(),
        message: format!("`{INTENT}` is missing: the caller has nothing to say"),
        help: format!(
            "add `{INTENT}`, or a transcript, or `{JOURNEY_STEPS}`, or a `{TAG}` for a voicemail"
        ),
    })
}

fn voicemails_have_their_words(fields: &Map<String, Value>) -> Option<Breach> {
    let config = fields.get(SPEAKS_FIRST_CONFIG).and_then(Value::as_object);
    let text = |name: &str| {
        let text = config.and_then(|config| config.get(name));
        text.and_then(Value::as_str).unwrap_or_default()
    };
    let tag = tag(fields);
    let missing = match tag {
        CUSTOM_VOICEMAIL if text(MESSAGE).is_empty() => format!("{MESSAGE}: TEXT"),
        GENERATED_VOICEMAIL if text(MODE) != "ai_generated" => format!("{MODE}: ai_generated"),
        _ => return None,
    };
    let pointer = if config.is_some() {
        SPEAKS_FIRST_CONFIG
    } else {
        TAG
    };
    Some(Breach {
        pointer: format!("/{pointer}"),
        message: format!("`{TAG}: {tag}` needs `{missing}` in `{SPEAKS_FIRST_CONFIG}`"),
        help: format!("add `{missing}` inside `{SPEAKS_FIRST_CONFIG}:`"),
    })
}

fn steps_count_from_one(fields: &Map<String, Value>) -> Option<Breach> {
    let steps = fields.get(JOURNEY_STEPS)?.as_array()?;
    let (index, step, expected) =
        steps
            .iter()
            .zip(1_u64..)
            .enumerate()
            .find_map(|(index, (step, expected))| {
                let step = step.get(STEP)?.as_u64()?;
                (step != expected).then_some((index, step, expected))
            })?;
    Some(Breach {
        pointer: format!("/{JOURNEY_STEPS}/{index}/{STEP}"),
        message: format!("step {step} stands where step {expected} is expected"),
        help: "number the steps from 1 without gaps, in their order".to_owned(),
    })
}
