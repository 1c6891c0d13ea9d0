//! Removes the API key from everything that leaves this module, because a server may repeat
//! the request.

use serde_json::Value;

use super::body::{self, BodyError};
use super::call::{Answer, Call, Effect};
use super::client::Client;
use super::error::{ApiError, ErrorDetails};
use super::wire;

/// The length of the shortest key that is searched for in data. A shorter text, such as the
/// key of a test server, can be a part of a name by chance.
const SHORTEST_KEY: usize = 8;

impl Client {
    /// Reads the body of a success.
    ///
    /// An answer with one object that contains the key is refused. Otherwise the key would
    /// be written to a file, or asterisks in its place would be compared with the file. In
    /// a list and in the answer to a write the key is replaced, because the rest of the
    /// answer is needed.
    pub(super) async fn read_answer<T>(
        &self,
        call: &Call<'_>,
        body: Result<Vec<u8>, BodyError>,
        read: &impl Fn(&Value) -> Result<T, String>,
    ) -> Result<T, ApiError> {
        let unreadable = |reason| ApiError::Unreadable { reason };
        let bytes = body.map_err(|error| match error {
            BodyError::TooLarge { .. } => ApiError::TooLarge {
                reason: error.to_string(),
            },
            BodyError::Broken(reason) => unreadable(reason),
        })?;
        let mut json = body::parse(bytes, call.answer).await.map_err(unreadable)?;
        if self.contains_key(&json) {
            let is_list = matches!(call.answer, Answer::Listing | Answer::Runs);
            let is_used_whole = matches!(call.effect, Effect::Read) && !is_list;
            if is_used_whole {
                return Err(ApiError::RepeatsKey);
            }
            json = self.json_without_key(&json);
        }
        let value = read(&json).map_err(|reason| unreadable(self.without_key(&reason)))?;
        self.limiter().on_success();
        if call.answer != Answer::Account {
            self.auth().record_success();
        }
        Ok(value)
    }

    /// Reads the body of a failure.
    pub(super) fn error_details(&self, body: &[u8]) -> ErrorDetails {
        // The key is replaced before any text is shortened, and again after parsing,
        // because the key may be written with escapes.
        let said = self.without_key(&String::from_utf8_lossy(body));
        let mut details = wire::error_details(said.as_bytes());
        details.message = self.without_key(&details.message);
        details.code = details.code.map(|code| self.without_key(&code));
        for field in &mut details.fields {
            field.message = self.without_key(&field.message);
        }
        details
    }

    /// Returns the text with the key replaced.
    pub(super) fn without_key(&self, text: &str) -> String {
        text.replace(self.key().expose(), "***")
    }

    /// Returns the answer with the key replaced in every text, whether or not it was
    /// escaped.
    pub(super) fn json_without_key(&self, answer: &Value) -> Value {
        match answer {
            Value::String(text) => self.without_key(text).into(),
            Value::Array(items) => items
                .iter()
                .map(|item| self.json_without_key(item))
                .collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| (self.without_key(name), self.json_without_key(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// Returns whether a text in an answer contains the key.
    fn contains_key(&self, answer: &Value) -> bool {
        let key = self.key().expose();
        key.len() >= SHORTEST_KEY && contains_text(answer, key)
    }
}

fn contains_text(answer: &Value, key: &str) -> bool {
    match answer {
        Value::String(text) => text.contains(key),
        Value::Array(items) => items.iter().any(|item| contains_text(item, key)),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains(key) || contains_text(value, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
