//! The crash-safety argument as properties: whatever is cut off, wherever.

mod cuts;
mod history;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::lock::{ApiAddress, Lockfile};
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, RemoteId, ResourceKey};
use history::{History, Step, step};

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    }
}

fn address() -> ApiAddress {
    ApiAddress::new("https://api.example")
}

fn begin() -> Entry {
    Entry::Begin {
        version: JOURNAL_VERSION,
        api: address(),
        organization: None,
        lockfile: None,
        origin: None,
    }
}

fn key(number: usize) -> ResourceKey {
    ResourceKey::from(format!("k{number}").as_str())
}

/// A body of one agent: few names and few contents, so that keys share them.
/// Name 0 is none at all, and so is content 0.
fn body(name: u8, content: u8) -> Body {
    let mut fields = vec![("agent_id".to_owned(), json!("42"))];
    if name > 0 {
        fields.push(("name".to_owned(), format!("n{name}").into()));
    }
    if content > 0 {
        fields.push(("description".to_owned(), format!("c{content}").into()));
    }
    fields.into_iter().collect()
}

fn bytes(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        write_line(entry, &mut bytes);
    }
    bytes
}

proptest! {
    #![proptest_config(config())]

    /// Whatever stands in the file: an answer, never a panic, and what is read
    /// is a prefix of what was written.
    #[test]
    fn no_bytes_are_too_odd(text in vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        let _ = read(&text);
        let entries = [begin(), Entry::Done { seq: 3, applied: None }, begin()];
        let mut whole = bytes(&entries);
        let at = at.index(whole.len());
        whole.splice(at..at, text);
        if let Ok(journal) = read(&whole) {
            let _ = Replay::of(Lockfile::default(), &journal.entries);
        }
    }

    /// A lockfile that holds a journal is not changed by it, whatever the runs
    /// did that the journal is of.
    #[test]
    fn a_lockfile_that_holds_the_journal_stays_as_it_is(
        before in vec(step(), 0..10),
        steps in vec(step(), 0..25),
        after in vec(step(), 0..4),
    ) {
        let mut history = History::default();
        history.take_all(&before);
        let old = history.replay.lock.clone();
        let from = history.entries.len();
        history.take_all(&steps);
        let mut entries = vec![begin()];
        entries.extend_from_slice(&history.entries[from..]);
        // Exactly the entries, onto the lockfile that they began with.
        let folded = Replay::of(old.clone(), &entries).unwrap();
        prop_assert_eq!(&folded.lock.resources, &history.replay.lock.resources);
        prop_assert!(folded.lock.shared_id().is_none());

        let lockfile = checksum_of(&folded.lock);
        entries.push(Entry::Saved { lockfile });
        let again = Replay::of(folded.lock.clone(), &entries).unwrap();
        prop_assert_eq!(&again, &folded);
        // The lockfile could not be replaced after all.
        prop_assert_eq!(&Replay::of(old, &entries).unwrap(), &folded);

        // Another run came after that, and was cut off too.
        let until = history.entries.len();
        history.take_all(&after);
        entries.push(begin());
        entries.extend_from_slice(&history.entries[until..]);
        let last = Replay::of(folded.lock, &entries).unwrap();
        prop_assert_eq!(&last.lock.resources, &history.replay.lock.resources);
        prop_assert_eq!(last.open, history.replay.open);
    }

    /// The same without a checksum, for what one run can do.
    #[test]
    fn one_run_folds_onto_what_holds_it_already(before in vec(step(), 0..10), steps in vec(step(), 0..25)) {
        let mut history = History::default();
        history.take_all(&before);
        let old = history.replay.lock.clone();
        history.entries = vec![begin()];
        history.one_run(&steps);
        let folded = Replay::of(old, &history.entries).unwrap();
        let again = Replay::of(folded.lock.clone(), &history.entries).unwrap();
        prop_assert_eq!(again.lock, folded.lock);
    }

    /// An entry that does not fit is not half folded, whatever came before it.
    #[test]
    fn an_entry_that_does_not_fit_changes_nothing(
        steps in vec(step(), 0..15),
        intended in 0..4_usize,
        number in 0..4_usize,
        id in 1..6_u64,
        kind in 0..6_u8,
        seq in 0..40_u64,
    ) {
        let mut history = History::default();
        history.take_all(&steps);
        let open = Intent::Create {
            key: key(intended),
            body: body(1, 0),
            replaces: None,
            is_gone: false,
            existing: Vec::new(),
        };
        let last = history.intend(open);
        let simulation_id = RemoteId::simulation(id);
        let entry = match kind {
            0 => Entry::Created { seq: last, simulation_id, applied: None },
            1 => Entry::Created { seq, simulation_id, applied: None },
            2 => Entry::Done { seq, applied: None },
            3 => Entry::Adopted {
                key: key(number),
                simulation_id,
                applied: body(1, 1),
                replaces: None,
                is_gone: false,
            },
            4 => Entry::Sending { seq, at: 1 },
            _ => Entry::Begin {
                version: JOURNAL_VERSION,
                api: ApiAddress::new("https://other.example"),
                organization: None,
                lockfile: None,
                origin: None,
            },
        };
        let before = history.replay.clone();
        if history.offer(&entry).is_err() {
            prop_assert_eq!(&history.replay, &before);
        }
        prop_assert!(history.knows_owners());
        prop_assert!(history.replay.lock.shared_id().is_none());
    }

    /// Entries that are missing, doubled or of the wrong kind are noticed.
    #[test]
    fn a_history_that_no_run_wrote_is_refused(steps in vec(step(), 1..15), at in any::<prop::sample::Index>()) {
        let mut history = History::default();
        history.take_all(&steps);
        let entries = &history.entries;
        let numbered: Vec<_> = (0..entries.len())
            .filter(|index| !matches!(entries[*index], Entry::Moved { .. } | Entry::Adopted { .. } | Entry::Begin { .. }))
            .collect();
        prop_assume!(!numbered.is_empty());
        let index = numbered[at.index(numbered.len())];
        let mut doubled = entries.clone();
        doubled.insert(index, entries[index].clone());
        prop_assert!(Replay::of(Lockfile::default(), &doubled).is_err());
        if matches!(entries[index], Entry::Intended { .. }) && entries.len() > index + 1 {
            let mut missing = entries.clone();
            missing.remove(index);
            prop_assert!(Replay::of(Lockfile::default(), &missing).is_err());
        }
    }
}

#[test]
fn an_open_update_follows_its_simulation() {
    let mut history = History::default();
    history.take(&Step::Create(0, 0));
    let simulation_id = history.locked(0).unwrap().id;
    let update = |of: usize| Intent::Update {
        key: key(of),
        simulation_id,
        fields: vec!["description".to_owned()],
        body: body(1, 1),
    };
    history.intend(update(0));
    history.take(&Step::Move(0, 1));
    let unknown = history.replay.unknown_fields();
    assert_eq!(unknown.keys().collect::<Vec<_>>(), [&key(1)]);
    history.intend(update(1));
    assert_eq!(history.replay.open.len(), 1);
    history.take(&Step::Replace(1, false));
    assert!(history.replay.open.is_empty());
    assert!(history.replay.unknown_fields().is_empty());
}

#[test]
fn a_refused_update_does_not_answer_for_an_open_one() {
    let mut history = History::default();
    history.take(&Step::Create(0, 1));
    let locked = history.locked(0).unwrap();
    let simulation_id = locked.id;
    let update = |content| Intent::Update {
        key: key(0),
        simulation_id,
        fields: vec!["description".to_owned()],
        body: body(1, content),
    };
    let refused = |seq| Entry::NotDone {
        seq,
        reason: "422".to_owned(),
    };
    let before = history.locked(0).unwrap().applied.clone();
    let seq = history.intend(update(2));
    assert!(!history.replay.is_in_doubt(seq));
    history.replay.apply(&refused(seq)).unwrap();
    assert_eq!(history.locked(0).unwrap().applied, before);
    history.intend(update(2));
    let seq = history.intend(update(3));
    assert!(history.replay.is_in_doubt(seq));
    history.replay.apply(&refused(seq)).unwrap();
    let applied = history.locked(0).unwrap().applied.clone();
    assert_eq!(applied.get("description"), None, "one of two values");
    assert_eq!(applied.name(), before.name());
    assert!(history.replay.open.is_empty());
}

#[test]
fn an_attach_repeats_an_open_one_until_it_is_done() {
    let mut history = History::default();
    history.take(&Step::Create(0, 1));
    let simulation_id = history.locked(0).unwrap().id;
    let attach = || Intent::Attach {
        key: key(0),
        simulation_id,
        add: BTreeSet::from([DigitalHumanId(5)]),
        remove: BTreeSet::new(),
        humans: BTreeSet::from([DigitalHumanId(5)]),
    };
    let first = history.intend(attach());
    assert!(!history.replay.is_in_doubt(first));
    let second = history.intend(attach());
    assert!(history.replay.is_in_doubt(second));
    let done = Entry::Done {
        seq: second,
        applied: None,
    };
    history.replay.apply(&done).unwrap();
    let third = history.intend(attach());
    assert!(!history.replay.is_in_doubt(third));
}

#[test]
fn a_simulation_of_another_key_is_refused_and_the_create_stays_open() {
    let mut history = History::default();
    history.take(&Step::Create(0, 0));
    let simulation_id = history.locked(0).unwrap().id;
    let seq = history.intend(Intent::Create {
        key: key(1),
        body: body(2, 0),
        replaces: None,
        is_gone: false,
        existing: Vec::new(),
    });
    let refused = history.offer(&Entry::Created {
        seq,
        simulation_id,
        applied: None,
    });
    let owner = key(0);
    let id = simulation_id;
    assert_eq!(refused, Err(HistoryError::Owned { id, owner }));
    assert!(history.replay.open.contains_key(&seq));
}

#[test]
fn a_journal_of_another_organisation_is_refused() {
    let of = |organization: &str| Entry::Begin {
        version: JOURNAL_VERSION,
        api: address(),
        organization: Some(organization.to_owned()),
        lockfile: None,
        origin: None,
    };
    let mut replay = Replay::of(Lockfile::default(), &[of("ours")]).unwrap();
    assert!(matches!(
        replay.apply(&of("theirs")),
        Err(HistoryError::Organization { .. })
    ));
    assert_eq!(replay.lock.organization.as_deref(), Some("ours"));
}

#[test]
fn other_versions_and_addresses_are_refused() {
    let other = Entry::Begin {
        version: JOURNAL_VERSION + 1,
        api: address(),
        organization: None,
        lockfile: None,
        origin: None,
    };
    let lock = Lockfile {
        api: Some(ApiAddress::new("https://other.example")),
        ..Lockfile::default()
    };
    assert!(matches!(
        Replay::of(Lockfile::default(), &[other]),
        Err(HistoryError::Version { .. })
    ));
    assert!(matches!(
        Replay::of(lock, &[begin()]),
        Err(HistoryError::Address { .. })
    ));
}

/// A journal as version 1 of the format wrote it: two runs, half a line, and creates
/// without an answer. It stays readable for ever.
#[test]
fn a_frozen_journal_of_version_1_folds_to_what_it_folded_to() {
    let bytes = include_bytes!("../../tests/fixtures/v1/journal.txt");
    let lock = crate::lock::parse(include_str!("../../tests/fixtures/v1/lockfile.json")).unwrap();
    let expected: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/v1/state-list.json")).unwrap();
    let journal = read(bytes).unwrap();
    assert_eq!(
        (journal.entries.len(), bytes.len()),
        (27, journal.length + 4)
    );
    let replay = Replay::of(lock, &journal.entries).unwrap();
    let list: Vec<_> = replay
        .lock
        .resources
        .iter()
        .map(|(key, locked)| {
            json!({
                "key": key,
                "simulation_id": locked.id,
                "agent_id": locked.applied.agent_id(),
                "name": locked.applied.name(),
                "replaced": locked.replaced,
            })
        })
        .collect();
    assert_eq!(Value::from(list), expected["simulations"]);
    let open: Vec<_> = replay
        .open
        .values()
        .map(|open| open.intent.key().as_str())
        .collect();
    assert_eq!(open, ["open", "refused"]);
    assert!(
        replay
            .open
            .values()
            .all(|open| open.unanswered_at.is_some())
    );
}
