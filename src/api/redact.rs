//! Keeps the key out of what is shown: a server may repeat what it was sent.

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::client::Client;

impl Client {
    /// The text without the key.
    pub(super) fn without_key(&self, text: &str) -> String {
        text.replace(self.key().expose_secret(), "***")
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
}
