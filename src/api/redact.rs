//! Keeps the key out of everything that leaves this module: a server may repeat
//! what it was sent.

use serde_json::Value;

use super::body::{self, BodyError};
use super::call::{Answer, Call, Effect};
use super::client::Client;
use super::error::{ApiError, ErrorDetails};
use super::wire;

/// The shortest key that is looked for in data. A shorter text, such as the key of
/// a test server, stands in names by chance.
const SHORTEST_KEY: usize = 8;

impl Client {
    /// Reads the body of a success.
    ///
    /// A read of one object that holds the key is refused, so that the key gets
    /// neither into a file nor, replaced by stars, into a comparison. In a list and
    /// in the answer to a write the key is replaced: the rest is needed.
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
        if self.holds_key(&json) {
            let is_used_whole =
                matches!(call.effect, Effect::Read) && call.answer != Answer::Listing;
            if is_used_whole {
                return Err(ApiError::RepeatsKey);
            }
            json = self.json_without_key(&json);
        }
        let value = read(&json).map_err(|reason| unreadable(self.without_key(&reason)))?;
        self.limiter().succeeded();
        if call.answer != Answer::Account {
            self.auth().prove();
        }
        Ok(value)
    }

    /// Reads the body of a failure.
    pub(super) fn error_details(&self, body: &[u8]) -> ErrorDetails {
        // Once before anything is shortened, and once more for a key that was
        // written with escapes.
        let said = self.without_key(&String::from_utf8_lossy(body));
        let mut details = wire::error_details(said.as_bytes());
        details.message = self.without_key(&details.message);
        details.code = details.code.map(|code| self.without_key(&code));
        for field in &mut details.fields {
            field.message = self.without_key(&field.message);
        }
        details
    }

    /// The text without the key.
    pub(super) fn without_key(&self, text: &str) -> String {
        text.replace(self.key().expose(), "***")
    }

    /// The same for every text in an answer, however it was escaped.
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

    /// Whether a text in an answer holds the key.
    fn holds_key(&self, answer: &Value) -> bool {
        let key = self.key().expose();
        key.len() >= SHORTEST_KEY && holds(answer, key)
    }
}

fn holds(answer: &Value, key: &str) -> bool {
    match answer {
        Value::String(text) => text.contains(key),
        Value::Array(items) => items.iter().any(|item| holds(item, key)),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains(key) || holds(value, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
