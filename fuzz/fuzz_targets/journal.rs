//! The journal: the bytes as they are, and the entries that their lines hold
//! with good checksums, whole and cut off at every place.

#![no_main]

use bluejayctl::journal::{self, Entry, Replay};
use bluejayctl::lock::Lockfile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = journal::read(bytes) {
        assert!(read.length <= bytes.len());
    }
    let entries: Vec<Entry> = bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .filter(is_written)
        .take(20)
        .collect();
    let mut text = Vec::new();
    for entry in &entries {
        journal::write_line(entry, &mut text);
    }
    let read = journal::read(&text).expect("what was written can be read");
    assert_eq!(read.entries, entries);
    for cut in 0..text.len() {
        let read = journal::read(&text[..cut]).expect("a cut is no damage");
        assert_eq!(read.entries, entries[..read.entries.len()]);
    }
    for length in 0..=entries.len() {
        check(&entries[..length]);
    }
});

/// The program writes no newer version and no invalid key, so it reads neither.
fn is_written(entry: &Entry) -> bool {
    let mut line = Vec::new();
    journal::write_line(entry, &mut line);
    journal::read(&line).is_ok()
}

/// A history that can be replayed leaves open what it says it leaves open.
fn check(entries: &[Entry]) {
    let Ok(replay) = Replay::of(Lockfile::default(), entries) else {
        return;
    };
    let _ = replay.unknown_fields();
    let Some(api) = replay.lock.api.clone() else {
        return;
    };
    let left = replay.open_entries(api, &replay.lock, "bluejay.lock".to_owned());
    let again = Replay::of(replay.lock.clone(), &left).expect("what is left can be replayed");
    assert_eq!(again.open.len(), replay.open.len());
    assert_eq!(again.lock, replay.lock);
}
