//! The journal as text: a checksum and a JSON object on each line.

use std::fmt;

use serde::Deserialize;

use super::entry::{Entry, JOURNAL_VERSION};
use crate::lock::{self, Lockfile};
use crate::resource::key::SimulationKey;

/// A journal that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// How many bytes of the file they take. What stands after them is a line
    /// that was cut off, and is overwritten.
    pub length: usize,
}

/// Why a journal can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// A line that no crash explains.
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// A newer program began a run in it.
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

/// The checksum by which a lockfile's text is known again, taken piece by piece.
///
/// A lockfile that was read is rendered for it, so that another layout on the
/// disk doesn't matter.
#[derive(Debug, Clone, Default)]
pub struct Checksum(crc32fast::Hasher);

impl Checksum {
    /// Adds a piece.
    pub fn add(&mut self, piece: &str) {
        self.0.update(piece.as_bytes());
    }

    /// The checksum of all pieces.
    #[must_use]
    pub fn finish(self) -> u32 {
        self.0.finalize()
    }
}

/// Returns the checksum of the text of a lockfile; the checksum of an empty text
/// for an empty lockfile.
#[must_use]
pub fn checksum_of(lock: &Lockfile) -> u32 {
    let mut checksum = Checksum::default();
    for piece in lock::pieces(lock) {
        checksum.add(&piece);
    }
    checksum.finish()
}

/// Reads a journal.
///
/// A last line without its newline was being written when the process or the
/// machine stopped: it was never waited for, so it is as if it were not there.
/// Any other line that doesn't add up is damage. The version of a beginning is read
/// before anything else of it, so that a newer journal is never taken for a damaged one.
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

/// The entries of the lines that can be read, whatever stands between them: enough to
/// know which ids a journal claims.
#[must_use]
pub fn read_whole_lines(bytes: &[u8]) -> Vec<Entry> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| read_entry(checked(line)?))
        .collect()
}

/// The JSON of a line whose checksum is right.
fn checked(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?;
    let (checksum, json) = text.split_once(' ')?;
    let checksum = u32::from_str_radix(checksum, 16).ok()?;
    (crc32fast::hash(json.as_bytes()) == checksum).then_some(json)
}

/// The version of a beginning that only a newer program knows.
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
    // A key that nobody could declare was written by somebody else.
    let is_key = |key: &SimulationKey| SimulationKey::problem(key.as_str()).is_none();
    let is_good = entry.keys().all(is_key);
    is_good.then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::SimulationId;

    fn lines() -> Vec<u8> {
        let mut bytes = Vec::new();
        for seq in 0..3 {
            let simulation_id = SimulationId(seq + 10);
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
    fn every_cut_keeps_the_whole_lines() {
        let bytes = lines();
        for cut in 0..=bytes.len() {
            let whole = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            let journal = read(&bytes[..cut]).unwrap();
            assert_eq!(journal.entries.len(), whole);
            assert_eq!(journal.length, bytes.len() / 3 * whole);
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = lines();
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut broken = bytes.clone();
                broken[position] ^= 1 << bit;
                let read = read(&broken);
                let lost = read.as_ref().is_ok_and(|journal| journal.entries.len() < 3);
                let same = read == super::read(&bytes);
                // Upper or lower case of a checksum digit is no damage; a
                // broken last newline looks like a cut.
                assert!(read.is_err() || same || (lost && position == bytes.len() - 1));
            }
        }
    }

    #[test]
    fn a_newer_journal_is_not_a_damaged_one() {
        let json = r#"{"entry":"begin","version":99,"of_the_future":{"a":1}}"#;
        let line = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        assert_eq!(read(line.as_bytes()), Err(Damage::Newer { found: 99 }));
    }
}
