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
