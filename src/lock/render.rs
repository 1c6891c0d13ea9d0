//! The text of the lockfile, in pieces, so that no caller holds a large text as a
//! whole.

use serde::{Serialize, Serializer};

use super::format::FORMAT_VERSION;
use super::lockfile::{ApiAddress, LockedSimulation, Lockfile};
use crate::resource::key::SimulationKey;

/// The number of simulations in a piece.
const CHUNK: usize = 64;

/// The text before and after the simulations, and between two pieces.
const OPENING: &str = "\"simulations\": {\n";
const SEAM: &str = ",\n";
const CLOSING: &str = "\n  }";

type Entry<'a> = (&'a SimulationKey, &'a LockedSimulation);

/// The lockfile without its simulations.
#[derive(Serialize)]
struct Frame<'a> {
    // In the order of their names, as in every object of the file.
    api: &'a ApiAddress,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a str>,
    simulations: Entries<'a>,
    version: u64,
}

/// Some simulations, with the indentation of the file.
#[derive(Serialize)]
struct Chunk<'a> {
    simulations: Entries<'a>,
}

struct Entries<'a>(&'a [Entry<'a>]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Returns the text of a lockfile; `None` for a lockfile without an address.
#[must_use]
pub fn render(lockfile: &Lockfile) -> Option<String> {
    let text: String = pieces(lockfile).collect();
    (!text.is_empty()).then_some(text)
}

/// Returns the text of a lockfile in pieces, in order.
pub fn pieces(lockfile: &Lockfile) -> impl Iterator<Item = String> {
    let (before, after) = frame(lockfile).unwrap_or_default();
    let simulations: Vec<_> = match lockfile.api {
        Some(_) => lockfile.simulations.iter().collect(),
        None => Vec::new(),
    };
    let count = simulations.len().div_ceil(CHUNK);
    let piece = move |index: usize| {
        let last = simulations.len().min((index + 1) * CHUNK);
        chunk(&simulations[index * CHUNK..last], index == 0)
    };
    std::iter::once(before)
        .chain((0..count).map(piece))
        .chain([after])
}

/// Returns the text before and the text after the simulations.
fn frame(lockfile: &Lockfile) -> Option<(String, String)> {
    let frame = Frame {
        api: lockfile.api.as_ref()?,
        organization: lockfile.organization.as_deref(),
        simulations: Entries(&[]),
        version: FORMAT_VERSION,
    };
    let text = pretty(&frame) + "\n";
    if lockfile.simulations.is_empty() {
        return Some((text, String::new()));
    }
    // Within a text its quotes would be escaped.
    let (before, after) = text.split_once("\"simulations\": {}")?;
    Some((before.to_owned() + OPENING, CLOSING.to_owned() + after))
}

/// Returns the text of one piece; `is_first` for the first piece of the file.
fn chunk(simulations: &[Entry<'_>], is_first: bool) -> String {
    let simulations = Entries(simulations);
    let text = pretty(&Chunk { simulations });
    // Around them stand the chunk's own braces.
    let start = "{\n  ".len() + OPENING.len();
    let end = text.len() - CLOSING.len() - "\n}".len();
    let seam = if is_first { "" } else { SEAM };
    [seam, &text[start..end]].concat()
}

/// Maps with text keys and plain values always serialize.
fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
