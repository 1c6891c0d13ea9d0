//! What holds for every lockfile and for every two of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::resource::Kind;
use crate::resource::agent::{AgentIds, AgentSelector};
use crate::resource::body::Body;
use crate::resource::key::{DigitalHumanId, PlainId, RemoteId, ResourceKey};

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn body() -> impl Strategy<Value = Body> {
    let text = "[ -~äß\n\"\\\\]{0,12}";
    (text, 0..3_i64, any::<bool>()).prop_map(|(text, number, is_nested)| {
        let settings = json!({"num_runs": number, "default_name": text});
        let more = if is_nested { settings } else { json!([text]) };
        [
            ("agent_id".to_owned(), json!("42")),
            ("name".to_owned(), text.into()),
            ("more".to_owned(), more),
        ]
        .into_iter()
        .collect()
    })
}

/// Pinned agents; most lockfiles have none.
fn agents() -> impl Strategy<Value = AgentIds> {
    let selectors = ["external_id:a", "name:A b: \"c\""];
    let selectors = prop::sample::select(selectors.map(AgentSelector::parse).to_vec());
    let pin = (selectors, 1..4_u64);
    let pin = pin.prop_map(|(selector, id)| (selector.unwrap(), id.to_string()));
    prop::collection::vec(pin, 0..3).prop_map(|pins| pins.into_iter().collect())
}

/// Lockfiles whose ids never meet: those of key 3 are 30 to 34.
fn lockfile() -> impl Strategy<Value = Lockfile> {
    let humans = btree_set((1..9_u64).prop_map(DigitalHumanId), 0..3);
    let entry = (
        0..5_u64,
        btree_set(0..5_u64, 0..3),
        body(),
        any::<bool>(),
        humans,
    );
    let resources = btree_map(0..6_u64, entry, 0..6);
    (resources, agents()).prop_map(|(entries, agents)| Lockfile {
        agents,
        api: Some(ApiAddress::new("https://api.example")),
        organization: Some("org".to_owned()),
        resources: entries
            .into_iter()
            .map(
                |(number, (own, replaced, applied, protect, digital_humans))| {
                    let id = |n: u64| RemoteId::simulation(number * 10 + n + 1);
                    let locked = LockedResource {
                        adopted: BTreeSet::new(),
                        applied,
                        digital_humans,
                        protect,
                        replaced: replaced.into_iter().filter(|n| *n != own).map(id).collect(),
                        id: id(own),
                    };
                    let key = format!("team/\"{number}\"");
                    (ResourceKey::from(key.as_str()), locked)
                },
            )
            .collect(),
    })
}

fn ids(lockfile: &Lockfile) -> BTreeSet<RemoteId> {
    lockfile.ids().map(|(id, _)| id).collect()
}

/// Everything but what the side decides whose fields are taken.
fn shape(lockfile: &Lockfile) -> BTreeMap<&ResourceKey, (RemoteId, Vec<RemoteId>)> {
    let simulations = lockfile.resources.iter();
    simulations
        .map(|(key, locked)| (key, (locked.id, locked.replaced.clone())))
        .collect()
}

/// A text as it is when it is not written in pieces.
fn in_one_go(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap() + "\n"
}

#[test]
fn a_large_lockfile_is_read_back() {
    for count in [1, 63, 64, 65, 1000] {
        let simulations = (1..=count).map(|number| {
            let key = ResourceKey::from(format!("k{number:04}").as_str());
            let applied = [("agent_id".to_owned(), json!("42"))].into_iter().collect();
            (
                key,
                LockedResource::new(RemoteId::simulation(number), applied),
            )
        });
        let lockfile = Lockfile {
            api: Some(ApiAddress::new("https://api.example")),
            organization: Some("\"simulations\": {}".to_owned()),
            resources: simulations.collect(),
            ..Lockfile::default()
        };
        let text = render(&lockfile).unwrap();
        assert_eq!(text, in_one_go(&text));
        assert_eq!(parse(&text).unwrap(), lockfile);
    }
}

#[test]
fn a_lockfile_that_was_never_for_any_api_has_no_text() {
    assert_eq!(render(&Lockfile::default()), None);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_lockfile_is_read_as_it_was_written(lockfile in lockfile()) {
        let text = render(&lockfile).unwrap();
        prop_assert_eq!(&text, &in_one_go(&text));
        let read = parse(&text).unwrap();
        prop_assert_eq!(render(&read).unwrap(), text);
        prop_assert_eq!(read, lockfile);
    }

    #[test]
    fn a_torn_lockfile_is_never_read(lockfile in lockfile(), at in any::<prop::sample::Index>()) {
        let text = render(&lockfile).unwrap();
        let whole = text.trim_end();
        let cut = at.index(whole.len());
        if whole.is_char_boundary(cut) {
            prop_assert!(parse(&whole[..cut]).is_err());
        }
    }

    #[test]
    fn joining_a_lockfile_to_itself_changes_nothing(lockfile in lockfile()) {
        let joined = join(&lockfile, &lockfile, &BTreeSet::new());
        prop_assert_eq!(joined.conflicts, []);
        prop_assert_eq!(joined.merged, lockfile);
    }

    #[test]
    fn every_conflict_can_be_decided(ours in lockfile(), theirs in lockfile()) {
        let undecided = join(&ours, &theirs, &BTreeSet::new());
        let keep: BTreeSet<_> = undecided.conflicts
            .iter()
            .filter_map(|conflict| match conflict.reason {
                Reason::TwoIds { theirs, .. } => Some(theirs),
                _ => None,
            })
            .collect();
        let joined = join(&ours, &theirs, &keep);
        prop_assert_eq!(&joined.conflicts, &[]);
        // Without an ancestor nothing counts as deleted.
        let both: BTreeSet<_> = ids(&ours).union(&ids(&theirs)).copied().collect();
        prop_assert_eq!(ids(&joined.merged), both);
        for (key, theirs) in &theirs.resources {
            if keep.contains(&theirs.id) {
                // What is kept is theirs as a whole.
                let replaced = joined.merged.resources[key].replaced.clone();
                let expected = LockedResource { replaced, ..theirs.clone() };
                prop_assert_eq!(&joined.merged.resources[key], &expected);
            }
        }
    }

    #[test]
    fn the_two_sides_of_a_conflict_are_those_that_git_joined(ours in lockfile(), theirs in lockfile()) {
        let (ours, theirs) = (render(&ours).unwrap(), render(&theirs).unwrap());
        let text = format!("<<<<<<< HEAD\n{ours}||||||| base\n{{}}\n=======\n{theirs}>>>>>>> other\n");
        prop_assert_eq!(has_conflict_markers(&text), Some(1));
        prop_assert_eq!(split_conflict_sides(&text), (ours, theirs));
    }

    #[test]
    fn what_only_one_side_changed_is_taken(base in lockfile(), side in lockfile()) {
        for merge in [merge3(&base, &side, &base), merge3(&base, &base, &side)] {
            prop_assert_eq!(merge.conflicts, []);
            prop_assert_eq!(merge.clashes, []);
            prop_assert_eq!(merge.merged, side.clone());
        }
    }

    #[test]
    fn a_merge_loses_no_id_that_nobody_deleted_and_takes_no_side(
        base in lockfile(),
        ours in lockfile(),
        theirs in lockfile(),
    ) {
        let merge = merge3(&base, &ours, &theirs);
        let other = merge3(&base, &theirs, &ours);
        prop_assert_eq!(shape(&merge.merged), shape(&other.merged));
        let keys = |merge: &Merge3| -> Vec<_> {
            merge.conflicts.iter().map(|conflict| conflict.keys.clone()).collect()
        };
        prop_assert_eq!(keys(&merge), keys(&other));
        let [one, two] = merge.sides(&ours, &theirs);
        let kept: BTreeSet<_> = ids(&one).union(&ids(&two)).copied().collect();
        let (ours, theirs, base) = (ids(&ours), ids(&theirs), ids(&base));
        for id in ours.union(&theirs) {
            let is_deleted = base.contains(id) && !(ours.contains(id) && theirs.contains(id));
            prop_assert!(is_deleted || kept.contains(id), "{id} is lost");
        }
        // What was merged can be read again, whoever decides about the rest.
        prop_assert!(merge.merged.shared_id().is_none());
    }
}

/// A lockfile as version 1 of the format wrote it. It stays readable for ever.
#[test]
fn a_frozen_lockfile_of_version_1_is_read_and_written_byte_for_byte() {
    let text = include_str!("../../tests/fixtures/v1/lockfile.json");
    let lockfile = parse(text).unwrap();
    assert_eq!(render(&lockfile).as_deref(), Some(text));
    let sales = &lockfile.resources["sales/Ünïcode “quoted”"];
    assert_eq!(sales.replaced, [RemoteId::simulation(4)]);
    let front = &lockfile.resources["front-desk"];
    assert!(front.protect && front.digital_humans.len() == 2);
}

#[test]
fn ids_are_found_in_a_text_that_is_no_lockfile_any_more() {
    let text = "<<<<<<< HEAD\n\"a\": {\"replaced\": [\n  4,\n  5\n], \"simulation_id\": 7}\n\
                =======\n\"simulation_id\" : 8, \"replaced\": [\n>>>>>>> x\n";
    let ids: BTreeSet<_> = ids_in_text(text)
        .into_iter()
        .filter_map(RemoteId::number)
        .collect();
    assert_eq!(ids, [4, 5, 7, 8].into());
    assert!(ids_in_text("[[package]]\nversion = 3\n").is_empty());
    let text = "\"resources\": {\n<<<<<<< HEAD\n\"a\": {\"id\": \"u-1\", \"replaced\": [\"u-2\"]}";
    let metric = |id| RemoteId::of(Kind::CustomMetric, PlainId::text(id).unwrap());
    let ids = ids_in_text(text);
    assert!(ids.contains(&metric("u-1")) && ids.contains(&metric("u-2")));
}

fn resource(kind: Kind, id: &str) -> LockedResource {
    let id = match id.parse() {
        Ok(number) => PlainId::Number(number),
        Err(_) => PlainId::text(id).unwrap(),
    };
    let applied = [("name".to_owned(), json!("a"))].into_iter().collect();
    LockedResource::new(RemoteId::of(kind, id), applied)
}

#[test]
fn other_kinds_need_version_2_which_keeps_every_id() {
    let mut lockfile = Lockfile {
        api: Some(ApiAddress::new("https://api.example")),
        ..Lockfile::default()
    };
    for (kind, id) in [
        (Kind::Simulation, "7"),
        (Kind::DigitalHuman, "7"),
        (Kind::CustomMetric, "3c90c3cc-0d44-4b50-8888-8dd25736052a"),
        (Kind::Schedule, "s-1"),
    ] {
        let key = ResourceKey::of(kind, "a");
        lockfile.resources.insert(key, resource(kind, id));
    }
    let text = render(&lockfile).unwrap();
    assert!(text.contains("\"version\": 2") && text.contains("\"digital_human\": {"));
    assert_eq!(parse(&text).unwrap(), lockfile);
    lockfile
        .resources
        .retain(|key, _| key.kind() == Kind::Simulation);
    assert!(render(&lockfile).unwrap().contains("\"version\": 1"));
}

#[test]
fn a_mistake_in_an_entry_is_reported_at_its_line() {
    let entry = |id: &str| {
        format!(
            "{{\n  \"api\": \"https://api.example\",\n  \"resources\": {{\n    \"schedule\": {{\n      \
             \"a\": {{\"applied\": {{}}, \"id\": \"s\"}},\n      \"b\": {{\"applied\": {{}},\n        \
             \"id\": {id}}}\n    }}\n  }},\n  \"version\": 2\n}}\n"
        )
    };
    assert!(parse(&entry("\"t\"")).is_ok());
    for (id, expected) in [("true", 7), ("\"\"", 7)] {
        match parse(&entry(id)) {
            Err(FormatError::Broken { line, .. }) => assert_eq!(line, expected, "{id}"),
            other => panic!("{id}: {other:?}"),
        }
    }
}

/// A lockfile with one simulation and these agents.
fn with_agents(agents: &[(&str, &str)]) -> Lockfile {
    let agents = agents.iter().map(|(selector, id)| {
        let selector = AgentSelector::parse(selector).unwrap();
        (selector, (*id).to_owned())
    });
    let applied = [("agent_id".to_owned(), json!("42"))].into_iter().collect();
    let locked = LockedResource::new(RemoteId::simulation(7), applied);
    Lockfile {
        api: Some(ApiAddress::new("https://api.example")),
        agents: agents.collect(),
        resources: [(ResourceKey::from("a"), locked)].into(),
        ..Lockfile::default()
    }
}

#[test]
fn pinned_agents_need_version_2() {
    let text = render(&with_agents(&[
        ("name:Desk", "7"),
        ("external_id:desk", "42"),
    ]))
    .unwrap();
    let expected = "{\n  \"agents\": {\n    \"external_id:desk\": \"42\",\n    \
                    \"name:Desk\": \"7\"\n  },\n  \"api\": \"https://api.example\",\n";
    assert_eq!(&text[..expected.len()], expected);
    assert!(text.contains("\"version\": 2"), "{text}");
    let without = render(&with_agents(&[])).unwrap();
    assert!(without.contains("\"version\": 1"), "{without}");
    for (wrong, reason) in [
        (
            text.replace("\"version\": 2", "\"version\": 1"),
            "the field `agents` is not known",
        ),
        (
            without.replacen('{', "{\"agents\": {},", 1),
            "the field `agents` is not known",
        ),
        (text.replace("name:Desk", "Desk"), "`Desk` names no agent"),
        (
            text.replace("name:Desk", "external_id:desk"),
            "`external_id:desk` is given twice",
        ),
        (text.replace("\"7\"", "{}"), "expected a text"),
    ] {
        let error = parse(&wrong).unwrap_err().to_string();
        assert!(error.ends_with(reason), "{error}");
    }
}

#[test]
fn a_merge_keeps_the_pinned_agents() {
    let merged = |base: &[(&str, &str)], ours: &[(&str, &str)], theirs: &[(&str, &str)]| {
        let [base, ours, theirs] = [base, ours, theirs].map(with_agents);
        let merge = merge3(&base, &ours, &theirs);
        assert_eq!(merge.conflicts, []);
        let pins = merge.merged.agents.into_iter();
        pins.map(|(selector, id)| format!("{selector}={id}"))
            .collect::<Vec<_>>()
    };
    let (desk, other) = (("name:Desk", "42"), ("external_id:x", "7"));
    let moved = ("name:Desk", "43");
    assert_eq!(
        merged(&[], &[desk], &[other]),
        ["external_id:x=7", "name:Desk=42"]
    );
    assert!(merged(&[desk], &[], &[desk]).is_empty());
    assert_eq!(merged(&[desk], &[], &[moved]), ["name:Desk=43"]);
    assert_eq!(merged(&[desk], &[moved], &[desk]), ["name:Desk=43"]);
    assert_eq!(merged(&[desk], &[desk], &[moved]), ["name:Desk=43"]);
    assert!(merged(&[], &[desk], &[moved]).is_empty());
}
