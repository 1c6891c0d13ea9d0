//! The fingerprints of diagnostics.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::Diagnostic;

/// The fingerprints by which a CI system recognises a result of an earlier report.
#[derive(Default)]
pub(super) struct Fingerprints<'a> {
    /// How many results of a file have a hash.
    counts: BTreeMap<(&'a str, String), usize>,
}

impl<'a> Fingerprints<'a> {
    /// Returns the fingerprint of the next result: a hash of its code and of its line,
    /// and how many results of the file have the hash so far. The number of the line
    /// does not count, so a line that moves keeps its fingerprint.
    pub(super) fn next(&mut self, diagnostic: &'a Diagnostic) -> String {
        let line = diagnostic.place.first_line();
        let line = line.map_or(diagnostic.summary.as_str(), |(_, line)| line);
        let hash = Sha256::digest(format!("{}\n{}", diagnostic.code.as_str(), line.trim()));
        let hash: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let file = diagnostic.place.file.name.as_str();
        let count = self.counts.entry((file, hash.clone())).or_default();
        *count += 1;
        format!("{hash}:{count}")
    }
}
