//! The rules beyond types that the API checks. The answer to a breach is a 400.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::record::Record;
use crate::sandbox::refusal::Refusal;

type Fields = Map<String, Value>;

/// The kinds of digital humans with a text that the server compiles. The compiled fields
/// can't be changed.
const COMPILED_TAGS: [&str; 2] = ["scenario", "workflow"];

/// The compiled fields.
const COMPILED_FIELDS: [&str; 5] = [
    "intent",
    "success_criteria",
    "role_description",
    "original_transcript",
    "formatted_transcript",
];

fn rule_error(sentence: &'static str) -> Refusal {
    Refusal::Detail(StatusCode::BAD_REQUEST, sentence)
}

/// Checks the required fields of a digital human, by kind.
pub(super) fn digital_human(fields: &Fields) -> Result<(), Refusal> {
    let is_set = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let message = &fields["speaks_first_config"]["message"];
    let mode = &fields["speaks_first_config"]["mode"];
    match fields["tag"].as_str() {
        Some("voicemail-custom") if message.as_str().is_none_or(str::is_empty) => Err(rule_error(
            "speaks_first_config.message is required for voicemail-custom",
        )),
        Some("voicemail-ai-generated") if mode != "ai_generated" => Err(rule_error(
            "speaks_first_config.mode must be ai_generated for voicemail-ai-generated",
        )),
        Some("voicemail-custom" | "voicemail-ai-generated") => Ok(()),
        _ if is_set("journey_steps") => steps(&fields["journey_steps"]),
        _ if is_set("intent") || is_set("original_transcript") => Ok(()),
        _ if is_set("formatted_transcript") => Ok(()),
        _ => Err(rule_error("intent is required")),
    }?;
    if fields["background_noise"] == "custom" && !is_set("custom_background_noise_url") {
        return Err(rule_error(
            "custom_background_noise_url is required for background_noise custom",
        ));
    }
    Ok(())
}

/// Checks that the steps of a journey count from 1 without gaps.
fn steps(steps: &Value) -> Result<(), Refusal> {
    let mut numbers = steps.as_array().into_iter().flatten().zip(1_i64..);
    if numbers.all(|(step, number)| step["step"] == number) {
        Ok(())
    } else {
        Err(rule_error(
            "journey_steps: step must count from 1 without gaps",
        ))
    }
}

/// Checks that an update changes no compiled field.
pub(super) fn change_of_digital_human(record: &Record, change: &Fields) -> Result<(), Refusal> {
    let tag = record.get("tag").as_str().unwrap_or_default();
    let is_compiled = COMPILED_TAGS.contains(&tag);
    if is_compiled
        && COMPILED_FIELDS
            .iter()
            .any(|name| change.contains_key(*name))
    {
        return Err(rule_error(
            "intent, success_criteria, role_description and transcripts of a compiled digital \
             human can't be changed",
        ));
    }
    Ok(())
}

/// Checks the required fields of a metric, by response type.
pub(super) fn metric(fields: &Fields) -> Result<(), Refusal> {
    let is_set = |name: &str| !fields.get(name).unwrap_or(&Value::Null).is_null();
    let bounds = (fields["min_value"].as_f64(), fields["max_value"].as_f64());
    match fields["response_type"].as_str() {
        Some("quantitative") => match bounds {
            (Some(least), Some(most)) if least < most => Ok(()),
            (Some(_), Some(_)) => Err(rule_error("min_value must be less than max_value")),
            _ => Err(rule_error(
                "min_value and max_value are required for quantitative metrics",
            )),
        },
        Some("enum") if !is_set("enum_options") => {
            Err(rule_error("enum_options are required for enum metrics"))
        }
        Some("json") if !is_set("json_schema") => {
            Err(rule_error("json_schema is required for json metrics"))
        }
        _ => Ok(()),
    }?;
    let is_judged = matches!(fields["metric_type"].as_str(), None | Some("llm_judge"));
    if is_set("prompt") || !is_judged {
        Ok(())
    } else {
        Err(rule_error("prompt is required"))
    }
}
