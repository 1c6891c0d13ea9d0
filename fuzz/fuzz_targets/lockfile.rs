//! The lockfile: what can be read prints and reads back the same, and the two
//! sides of a conflict can be joined or are told apart.

#![no_main]

use std::collections::BTreeSet;

use bluejayctl::lock;
use bluejayctl::resource::key::ResourceKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(lockfile) = lock::parse(text) {
        for key in lockfile.resources.keys() {
            assert!(ResourceKey::problem(key.key()).is_none());
        }
        let printed = lock::render(&lockfile).expect("what was read has an address");
        let again = lock::parse(&printed).expect("what was printed can be read");
        assert_eq!(again, lockfile);
        // No entry that stands in the text is forgotten.
        let count = |text: &str| text.matches("\"simulation_id\"").count();
        assert!(text.contains('\\') || count(text) == count(&printed));
    }
    let is_conflict = lock::has_conflict_markers(text).is_some();
    let (ours, theirs) = lock::split_conflict_sides(text);
    assert!(is_conflict || (ours == text && theirs == text));
    let sides = (
        lock::parse_allowing_shared_ids(&ours),
        lock::parse_allowing_shared_ids(&theirs),
    );
    if let (Ok(ours), Ok(theirs)) = sides {
        let joined = lock::join(&ours, &theirs, &BTreeSet::new());
        for key in ours.resources.keys().chain(theirs.resources.keys()) {
            let is_undecided = !joined.conflicts.is_empty();
            assert!(is_undecided || joined.merged.resources.contains_key(key));
        }
    }
});
