//! Tests of the report at the end of an apply.

use super::candidates::NAMED_CANDIDATES;
use super::*;
use crate::plan::{Observed, UndecidedReason};
use crate::resource::Kind;
use crate::resource::key::PlainId;
use crate::suggestion::Invocation;

fn candidates(count: u64) -> Vec<Observed> {
    let ids = (1..=count).map(RemoteId::simulation);
    ids.map(|id| Observed {
        id,
        agent_id: None,
        name: Some("a".to_owned()),
        created_at: None,
        fields: std::collections::BTreeMap::new(),
        unknown_settings: std::collections::BTreeSet::new(),
    })
    .collect()
}

fn undecided(candidates: Vec<Observed>) -> Failure {
    let reason = UndecidedReason::SameName;
    Failure::Undecided(Undecided { candidates, reason })
}

#[test]
fn a_thousand_candidates_are_counted_and_not_listed() {
    let failed = Failed {
        key: "a".into(),
        operation: Operation::Create,
        failure: undecided(candidates(20_000)),
    };
    let text = problem(&failed, None, Palette::new(false));
    assert!(text.len() < 4_000, "{}", text.len());
    assert!(text.contains("  could be: simulation 10 \"a\""), "{text}");
    assert!(text.contains("  and 19990 more\n"), "{text}");
    assert_eq!(ways_out(&failed).len(), NAMED_CANDIDATES + 2);
}

#[test]
fn changes_that_were_not_started_are_named_up_to_a_limit() {
    let change = |number: usize| (ResourceKey::new(number.to_string()), Operation::Create);
    let palette = Palette::new(false);
    let few: Vec<_> = (0..2).map(change).collect();
    let expected = "not started: create 0\nnot started: create 1\n";
    assert_eq!(not_started(&few, palette), expected);
    let many: Vec<_> = (0..10_000).map(change).collect();
    let text = not_started(&many, palette);
    assert_eq!(text.lines().count(), NAMED_NOT_STARTED + 1);
    assert!(text.ends_with("and 9980 more were not started\n"));
}

#[test]
fn a_candidate_that_is_listed_twice_is_shown_once() {
    let twice = [candidates(2), candidates(2)].concat();
    assert_eq!(named_ids(&twice), "1, 2");
    let failure = undecided(twice);
    let (key, operation) = ("a".into(), Operation::Create);
    let ways = ways_out(&Failed {
        key,
        operation,
        failure,
    });
    let shown: Vec<_> = ways
        .iter()
        .map(|way| way.render(&Invocation::default().environment("staging")))
        .collect();
    assert_eq!(
        shown,
        [
            "to use simulation 1: `bluejayctl --env staging import a 1`",
            "to use simulation 2: `bluejayctl --env staging import a 2`",
            "to adopt the simulation by name and update it: \
             `bluejayctl --env staging apply --target a --adopt name`",
            "to create another simulation: \
             `bluejayctl --env staging apply --target a --adopt never`",
        ]
    );
}

#[test]
fn a_candidate_of_another_kind_is_named_by_its_kind() {
    let mut candidates = candidates(1);
    let id = PlainId::text("3c90c3cc-0d44-4b50-8888-8dd25736052a").unwrap();
    candidates[0].id = RemoteId::of(Kind::CustomMetric, id);
    let failed = Failed {
        key: "custom_metric:a".into(),
        operation: Operation::Create,
        failure: undecided(candidates),
    };
    let text = problem(&failed, None, Palette::new(false));
    let expected = "an untracked custom metric of the same name has other fields";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("simulation"), "{text}");
    let ways = ways_out(&failed);
    let shown = ways.iter().map(|way| way.render(&Invocation::default()));
    let shown: Vec<_> = shown.collect();
    assert!(shown[1].starts_with("to adopt the custom metric by name"));
    assert!(shown[2].starts_with("to create another custom metric"));
}

fn failed(key: usize, failure: Failure) -> Failed {
    Failed {
        key: ResourceKey::new(format!("key-{key}")),
        operation: Operation::Create,
        failure,
    }
}

fn unreachable() -> ApiError {
    ApiError::Unreachable {
        address: "https://api.getbluejay.ai".to_owned(),
        reason: "connection refused".to_owned(),
    }
}

fn ended(outcome: &Outcome, exit: Exit) -> Finished<'_> {
    Finished {
        outcome,
        unchanged: 0,
        orphans: Vec::new(),
        exit,
        sent: Sent::default(),
    }
}

#[track_caller]
fn problems(outcome: &Outcome, exit: Exit) -> String {
    let (desired, palette) = (DesiredState::default(), Palette::new(false));
    finished(&ended(outcome, exit), &desired, palette, |_, _| Vec::new()).problems
}

#[test]
fn equal_failures_share_a_message_with_the_address() {
    let mut outcome = Outcome::default();
    let refused = (1..=35).map(|key| failed(key, Failure::Api(unreachable())));
    outcome.failed.extend(refused);
    let by = |key: usize| ResourceKey::new(format!("key-{key}"));
    let blocked = (36..=38).map(|key| failed(key, Failure::Blocked { by: by(key - 35) }));
    outcome.failed.extend(blocked);
    insta::assert_snapshot!(problems(&outcome, Exit::Failure), @r"
    error: 35 changes failed: could not connect to https://api.getbluejay.ai: connection refused
      create key-1
      create key-2
      create key-3
      create key-4
      create key-5
      and 30 more
    help: check the network and the address: `--api-url`, `BLUEJAY_API_URL`, or `api_url` in bluejay.yaml
    error: 3 changes skipped: nothing was sent, because a resource that each needs failed
      create key-36, which needs key-1
      create key-37, which needs key-2
      create key-38, which needs key-3
    ");
}

#[test]
fn the_sentence_counts_each_change_once() {
    let key = |key: usize| ResourceKey::new(format!("key-{key}"));
    let outcome = Outcome {
        done: vec![
            (key(1), Operation::Create),
            (key(2), Operation::Create),
            (key(3), Operation::Update),
            (key(4), Operation::Replace),
            (key(4), Operation::Delete),
        ],
        failed: vec![
            failed(1, Failure::Api(unreachable())),
            failed(5, Failure::Open(unreachable())),
            failed(5, Failure::Api(unreachable())),
            failed(6, Failure::Blocked { by: key(1) }),
            failed(7, Failure::CutOff),
            failed(8, undecided(candidates(1))),
        ],
        not_started: vec![
            (key(2), Operation::Attach),
            (key(9), Operation::Create),
            (key(10), Operation::Create),
        ],
        has_changed: true,
    };
    let exit = Exit::Interrupted(crate::error::Signal::Interrupt);
    assert_eq!(
        sentence(&ended(&outcome, exit)),
        "Apply interrupted, state safe: 1 updated, 1 replaced, 1 failed, 2 open, 1 undecided, \
         1 skipped, 3 not started.\n"
    );
    let text = problems(&outcome, exit);
    let help = "help: repeat the command: it looks up open requests, and continues\n";
    assert!(text.ends_with(help), "{text}");
}
