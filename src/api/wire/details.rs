//! The body of the answer to a failed call.

use serde_json::Value;

use crate::api::error::{ErrorDetails, FieldError, PathStep};

/// The largest number of characters of a server message that are shown.
const LONGEST_MESSAGE: usize = 300;

/// The longest code of an error that is shown.
const LONGEST_CODE: usize = 60;

/// Parses the body of the answer to a failed call. The message contains the code too.
#[must_use]
pub fn error_details(body: &[u8]) -> ErrorDetails {
    let text = String::from_utf8_lossy(body);
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return ErrorDetails {
            message: shorten(&text),
            ..ErrorDetails::default()
        };
    };
    let said = ["detail", "message", "error"]
        .iter()
        .find_map(|name| json.get(name));
    // Some errors are an object with a message and a code.
    let inner = said.filter(|said| said.is_object()).unwrap_or(&json);
    let said = ["detail", "message", "error"]
        .iter()
        .find_map(|name| inner.get(name))
        .or(said);
    let code = [inner, &json].iter().find_map(|place| code(place));
    let (mut message, fields) = message(said, &json);
    if let Some(code) = &code
        && !message.contains(code)
    {
        message = format!("{message} (`{code}`)");
    }
    ErrorDetails {
        message,
        code,
        fields,
    }
}

fn code(place: &Value) -> Option<String> {
    let code = place.get("code")?.as_str()?;
    let is_code = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_good = !code.is_empty() && code.len() <= LONGEST_CODE && code.chars().all(is_code);
    is_good.then(|| code.to_owned())
}

fn message(said: Option<&Value>, json: &Value) -> (String, Vec<FieldError>) {
    match said {
        Some(Value::String(text)) => (shorten(text), Vec::new()),
        Some(Value::Array(details)) => {
            let fields: Vec<_> = details.iter().filter_map(field_error).collect();
            let said: Vec<_> = fields.iter().map(describe).collect();
            let said = if said.is_empty() {
                json.to_string()
            } else {
                said.join("; ")
            };
            (shorten(&said), fields)
        }
        _ => (shorten(&json.to_string()), Vec::new()),
    }
}

fn describe(field: &FieldError) -> String {
    let path: Vec<_> = field
        .path
        .iter()
        .map(|step| match step {
            PathStep::Field(name) => name.clone(),
            PathStep::Index(index) => index.to_string(),
        })
        .collect();
    if path.is_empty() {
        field.message.clone()
    } else {
        format!("`{}`: {}", path.join("."), field.message)
    }
}

/// Returns the path of a field: a list of steps, or a text with dots between the steps.
fn location(loc: &Value) -> Option<Vec<PathStep>> {
    match loc {
        Value::Array(steps) => Some(steps.iter().filter_map(step).collect()),
        Value::String(text) => Some(
            text.split('.')
                .map(|step| match step.parse() {
                    Ok(index) => PathStep::Index(index),
                    Err(_) => PathStep::Field(step.to_owned()),
                })
                .collect(),
        ),
        _ => None,
    }
}

fn step(step: &Value) -> Option<PathStep> {
    match step {
        Value::String(name) => Some(PathStep::Field(name.clone())),
        Value::Number(index) => Some(PathStep::Index(usize::try_from(index.as_u64()?).ok()?)),
        _ => None,
    }
}

fn field_error(detail: &Value) -> Option<FieldError> {
    let mut path = location(detail.get("loc")?)?;
    if path.first() == Some(&PathStep::Field("body".to_owned())) {
        path.remove(0);
    }
    let message = shorten(
        detail
            .get("msg")
            .and_then(Value::as_str)
            .unwrap_or("refused"),
    );
    Some(FieldError { path, message })
}

/// Returns one line of limited length, with control characters escaped.
fn shorten(text: &str) -> String {
    let text: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    if text.is_empty() {
        return "(no message)".to_owned();
    }
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn error_details_contain_the_path_of_each_field() {
        let body = json!({"detail": [
            {"loc": ["body", "selected_custom_metrics", 1], "msg": "bad uuid", "type": "uuid"},
        ]});
        let ErrorDetails {
            message, fields, ..
        } = error_details(body.to_string().as_bytes());
        assert_eq!(message, "`selected_custom_metrics.1`: bad uuid");
        assert_eq!(
            fields[0].path,
            [
                PathStep::Field("selected_custom_metrics".into()),
                PathStep::Index(1)
            ]
        );
        assert_eq!(error_details(b"<html>\x1b[31m").message, "<html>[31m");
    }

    #[test]
    fn the_error_code_is_parsed_and_shown() {
        let code = "INSUFFICIENT_CREDITS";
        for body in [
            json!({"detail": "no", "code": code}),
            json!({"detail": {"message": "no", "code": code}}),
            json!({"error": {"message": "no", "code": code}}),
            json!({"error": "no", "code": code}),
        ] {
            let details = error_details(body.to_string().as_bytes());
            assert_eq!(details.code.as_deref(), Some(code), "{body}");
            assert_eq!(details.message, format!("no (`{code}`)"), "{body}");
        }
        for odd in [json!(403), json!("a b"), json!(""), json!("A".repeat(99))] {
            let body = json!({"detail": "no", "code": odd});
            assert_eq!(error_details(body.to_string().as_bytes()).code, None);
        }
    }
}
