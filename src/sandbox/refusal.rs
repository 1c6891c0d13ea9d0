//! The error answers of the API.

use std::io;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};

use super::coerce::Problem;

/// The reason why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// 422: these fields of the request are invalid.
    Invalid(Vec<Problem>),
    /// 404: there is no such simulation.
    NoSimulation,
    /// Another status, with a message.
    Detail(StatusCode, &'static str),
    /// 500: the data file can't be written.
    Storage(io::Error),
}

impl Refusal {
    /// 400: `prompt_id` and `agent_version_id` are names of one field.
    pub(super) const TWO_VERSIONS: Self = Self::Detail(
        StatusCode::BAD_REQUEST,
        "prompt_id and agent_version_id must be equal when both are given",
    );

    /// 422: a part of the request is missing.
    pub(super) fn missing(name: &str, body: &Value) -> Self {
        let at = [json!("body"), json!(name)];
        Self::Invalid(vec![Problem::new(&at, "missing", "Field required", body)])
    }

    /// 422: an item of a bulk create is wrapped like the body of a single create.
    pub(super) fn wrapped_item(index: usize, item: &Value) -> Self {
        let at = [
            json!("body"),
            json!("digital_humans"),
            json!(index),
            json!("digital_human"),
        ];
        let message = "Extra inputs are not permitted";
        Self::Invalid(vec![Problem::new(&at, "extra_forbidden", message, item)])
    }

    /// Returns the same refusal with this prefix of its place.
    pub(super) fn below(self, name: &str) -> Self {
        let place = [json!("body"), json!(name)];
        match self {
            Self::Invalid(problems) => {
                let moved = problems.into_iter().map(|problem| problem.under(&place));
                Self::Invalid(moved.collect())
            }
            other => other,
        }
    }

    pub(super) fn empty_body() -> Self {
        let problem = Problem::new(&[json!("body")], "missing", "Field required", &Value::Null);
        Self::Invalid(vec![problem])
    }

    pub(super) fn not_json(body: &[u8], error: &serde_json::Error) -> Self {
        let before: usize = body
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let place = before + error.column().saturating_sub(1);
        let mut problem = Problem::new(
            &[json!("body"), json!(place)],
            "json_invalid",
            "JSON decode error",
            &json!({}),
        );
        problem.0["ctx"] = json!({ "error": error.to_string() });
        Self::Invalid(vec![problem])
    }
}

impl Refusal {
    /// Returns the status and the `detail` of the answer.
    fn parts(self) -> (StatusCode, Value) {
        match self {
            Self::Invalid(problems) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                problems.into_iter().map(|problem| problem.0).collect(),
            ),
            Self::NoSimulation => (StatusCode::NOT_FOUND, json!("Simulation not found")),
            Self::Detail(status, detail) => (status, json!(detail)),
            Self::Storage(error) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!(format!("the sandbox can't write its data: {error}")),
            ),
        }
    }

    /// Returns the entry of a refused item in the answer to a bulk request.
    pub(super) fn detail(self) -> Value {
        self.parts().1
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail) = self.parts();
        (status, Json(json!({ "detail": detail }))).into_response()
    }
}

impl From<Vec<Problem>> for Refusal {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(problems)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Storage(error)
    }
}
