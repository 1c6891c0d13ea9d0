//! The text of a journal: each line has a checksum and a JSON object.

use std::fmt;

use serde::Deserialize;

use super::entry::{Entry, JOURNAL_VERSION};
use crate::lock::{self, Lockfile};
use crate::resource::key::ResourceKey;

/// A journal that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// The number of bytes of the complete lines. An incomplete last line follows, and the
    /// next run overwrites it.
    pub length: usize,
}

/// The reason why a journal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// A damaged line that no crash explains.
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// A newer program wrote a run to the journal.
    Newer {
        /// The version of that run.
        found: u64,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line } => write!(f, "line {line} of the journal is damaged"),
            Self::Newer { found } => write!(
                f,
                "the journal has version {found}, and this program knows up to {JOURNAL_VERSION}"
            ),
        }
    }
}

impl std::error::Error for Damage {}

/// Appends the line of an entry.
pub fn write_line(entry: &Entry, out: &mut Vec<u8>) {
    // An enum of plain values always serializes.
    let json = serde_json::to_string(entry).unwrap_or_default();
    let line = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
    out.extend_from_slice(line.as_bytes());
}

/// Returns the CRC-32 checksum of the text of a lockfile.
#[must_use]
pub fn checksum(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

/// Returns the checksum of the rendered text of a lockfile; the checksum of an empty text
/// for an empty lockfile. The layout of the file on the disk does not matter.
#[must_use]
pub fn checksum_of(lock: &Lockfile) -> u32 {
    checksum(&lock::render(lock).unwrap_or_default())
}

/// Reads a journal.
///
/// A last line without a newline is ignored: the process or the machine stopped during the
/// write, so no request depends on the line. Any other line with a wrong checksum or content
/// is damage. The version of a beginning is read first, so that a newer journal is never
/// reported as damaged.
pub fn read(bytes: &[u8]) -> Result<Journal, Damage> {
    let mut journal = Journal::default();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(line_text) = line.strip_suffix(b"\n") else {
            break;
        };
        let damage = Damage::Line { line: index + 1 };
        let json = checked(line_text).ok_or(damage.clone())?;
        if let Some(found) = newer_version(json) {
            return Err(Damage::Newer { found });
        }
        journal.entries.push(read_entry(json).ok_or(damage)?);
        journal.length += line.len();
    }
    Ok(journal)
}

/// Returns the entries of all readable lines, and skips damaged lines. The result suffices
/// to find the ids that a journal claims.
#[must_use]
pub fn read_undamaged_lines(bytes: &[u8]) -> Vec<Entry> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| read_entry(checked(line)?))
        .collect()
}

/// Returns the JSON of a line; `None` if the checksum is wrong.
fn checked(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?;
    let (checksum, json) = text.split_once(' ')?;
    let checksum = u32::from_str_radix(checksum, 16).ok()?;
    (crc32fast::hash(json.as_bytes()) == checksum).then_some(json)
}

/// Returns the version of a beginning that only a newer program can read.
fn newer_version(json: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Begin {
        entry: String,
        version: u64,
    }
    let begin: Begin = serde_json::from_str(json).ok()?;
    (begin.entry == "begin" && begin.version > JOURNAL_VERSION).then_some(begin.version)
}

fn read_entry(json: &str) -> Option<Entry> {
    let entry: Entry = serde_json::from_str(json).ok()?;
    // No bluejayctl writes an invalid key.
    let is_key = |key: &ResourceKey| ResourceKey::problem(key.key()).is_none();
    let is_good = entry.keys().all(is_key);
    is_good.then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::RemoteId;

    fn lines() -> Vec<u8> {
        let mut bytes = Vec::new();
        for seq in 0..3 {
            let simulation_id = RemoteId::simulation(seq + 10);
            write_line(
                &Entry::Created {
                    seq,
                    simulation_id,
                    applied: None,
                },
                &mut bytes,
            );
        }
        bytes
    }

    #[test]
    fn a_truncated_journal_keeps_its_complete_lines() {
        let bytes = lines();
        for cut in 0..=bytes.len() {
            let whole = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            let journal = read(&bytes[..cut]).unwrap();
            assert_eq!(journal.entries.len(), whole);
            assert_eq!(journal.length, bytes.len() / 3 * whole);
        }
    }

    #[test]
    fn every_flipped_bit_is_detected() {
        let bytes = lines();
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut broken = bytes.clone();
                broken[position] ^= 1 << bit;
                let read = read(&broken);
                let lost = read.as_ref().is_ok_and(|journal| journal.entries.len() < 3);
                let same = read == super::read(&bytes);
                // The case of a checksum digit is no damage. A damaged last newline looks
                // like an incomplete line.
                assert!(read.is_err() || same || (lost && position == bytes.len() - 1));
            }
        }
    }

    #[test]
    fn entries_of_every_kind_are_read_back() {
        let mut bytes = Vec::new();
        let moved = ["a", "digital_human:a", "custom_metric:a b", "schedule:c/d"].map(|key| {
            let entry = Entry::Moved {
                from: ResourceKey::from(key),
                to: ResourceKey::from(key),
            };
            write_line(&entry, &mut bytes);
            entry
        });
        assert_eq!(
            read(&bytes).map(|journal| journal.entries),
            Ok(moved.into())
        );
        let invalid = Entry::Moved {
            from: ResourceKey::from("a"),
            to: ResourceKey::from("digital_human:"),
        };
        write_line(&invalid, &mut bytes);
        assert_eq!(read(&bytes), Err(Damage::Line { line: 5 }));
    }

    #[test]
    fn a_newer_journal_is_not_a_damaged_one() {
        let json = r#"{"entry":"begin","version":99,"of_the_future":{"a":1}}"#;
        let line = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        assert_eq!(read(line.as_bytes()), Err(Damage::Newer { found: 99 }));
    }
}
