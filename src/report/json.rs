//! JSON documents for programs.
//!
//! A document is a struct whose fields are in the order of their names. A new version
//! may add fields; `format_version` changes when a field goes or changes its meaning.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::ApiError;
use crate::resource::Kind;
use crate::resource::key::{PlainId, RemoteId, ResourceKey};
use crate::visible;

/// The version of every document.
pub const FORMAT_VERSION: &str = "1.0";

/// The id of a resource, as members of a JSON object: `simulation_id` for a simulation,
/// `id` for a resource of another kind.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct IdMembers {
    /// The id of a resource that is not a simulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<PlainId>,
    /// The id of a simulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulation_id: Option<RemoteId>,
}

impl From<RemoteId> for IdMembers {
    fn from(id: RemoteId) -> Self {
        let is_simulation = id.kind() == Kind::Simulation;
        Self {
            id: (!is_simulation).then(|| id.plain()),
            simulation_id: is_simulation.then_some(id),
        }
    }
}

/// A resource that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unread<'a> {
    /// The key.
    key: &'a ResourceKey,
    /// The cause.
    reason: String,
}

impl<'a> Unread<'a> {
    /// Returns the member of a document.
    #[must_use]
    pub fn of((key, error): (&'a ResourceKey, &ApiError)) -> Self {
        Self {
            key,
            reason: error.to_string(),
        }
    }
}

/// Returns a document as text: two spaces, a newline at the end.
#[must_use]
pub fn text(document: &impl Serialize) -> String {
    let mut text = Vec::new();
    // Serialising fails only for a map whose names are not texts. No document has such a
    // map.
    let _ = write(&mut text, document);
    String::from_utf8(text).unwrap_or_default()
}

/// Writes the same text piece by piece.
pub fn write(writer: impl Write, document: &impl Serialize) -> io::Result<()> {
    let mut escaped = Escaped {
        writer,
        line: Vec::new(),
    };
    serde_json::to_writer_pretty(&mut escaped, document)?;
    escaped.write_all(b"\n")
}

/// Returns a document in one line, with sorted names.
#[must_use]
pub fn line(document: &impl Serialize) -> String {
    let value = serde_json::to_value(document).unwrap_or_default();
    visible::json(&format!("{value}\n"))
}

/// Escapes untrusted text of a JSON document line by line: see [`visible::json`].
struct Escaped<W> {
    writer: W,
    line: Vec<u8>,
}

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            self.line.extend_from_slice(bytes);
            return Ok(bytes.len());
        };
        self.line.extend_from_slice(&bytes[..=end]);
        let lines = std::str::from_utf8(&self.line).map_err(io::Error::other)?;
        self.writer.write_all(visible::json(lines).as_bytes())?;
        self.line.clear();
        self.line.extend_from_slice(&bytes[end + 1..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn untrusted_text_is_escaped_in_every_line() {
        let document = json!({"a\u{9b}": ["\u{202e}##[x]\n", "##vso[x]"], "b": "ä\u{200b}"});
        let text = text(&document);
        assert_eq!(text, visible::json(&format!("{document:#}\n")));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
