//! The journal as text: a checksum and a JSON object on each line.

use std::fmt;

use super::entry::Entry;
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

/// A line that no crash explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the journal is damaged", self.line)
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

/// Reads a journal.
///
/// A last line without its newline was being written when the process or the
/// machine stopped: it was never waited for, so it is as if it were not there.
/// Any other line that doesn't add up is damage.
pub fn read(bytes: &[u8]) -> Result<Journal, Damage> {
    let mut journal = Journal::default();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(line_text) = line.strip_suffix(b"\n") else {
            break;
        };
        let entry = read_line(line_text).ok_or(Damage { line: index + 1 })?;
        journal.entries.push(entry);
        journal.length += line.len();
    }
    Ok(journal)
}

fn read_line(line: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(line).ok()?;
    let (checksum, json) = text.split_once(' ')?;
    let checksum = u32::from_str_radix(checksum, 16).ok()?;
    if crc32fast::hash(json.as_bytes()) != checksum {
        return None;
    }
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
}
