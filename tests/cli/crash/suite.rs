//! Crashes of an apply that manages resources of every kind: a suite of two digital humans,
//! a custom metric, a simulation and a schedule, each of which refers to earlier ones.

use std::collections::BTreeSet;

use super::{ARGS, REFRESH, forced};
use crate::api::TestApi;
use crate::env::TestEnv;
use crate::suite::{DECLARED, SUITE};

type Scene = (TestEnv, TestApi);

/// A crash of an apply of the suite at one crash point.
pub(super) struct Row {
    doing: &'static str,
    scene: fn() -> Scene,
    pub(super) point: &'static str,
    passes: usize,
    place: &'static str,
}

macro_rules! rows {
    ($($doing:literal, $scene:ident { $($point:literal * $passes:literal: $place:literal;)* })*) => {
        pub(super) const ROWS: &[Row] = &[$($(Row {
            doing: $doing,
            scene: $scene,
            point: $point,
            passes: $passes,
            place: $place,
        },)*)*];
    };
}

rows! {
    "create", create {
        "intent.after" * 0: "before the digital humans are sent in one request";
        "create.answered" * 0: "when the digital humans are created";
        "create.recorded" * 0: "when one of both digital humans is recorded";
        "create.recorded" * 1: "between the digital humans and the metric";
        "create.answered" * 1: "when the metric is created";
        "create.recorded" * 2: "between the metric and the simulation";
        "create.answered" * 2: "when the simulation is created";
        "create.recorded" * 3: "when the simulation is recorded";
        "humans.answered" * 0: "when the digital human is attached";
        "humans.recorded" * 0: "between the simulation and the schedule";
        "create.answered" * 3: "when the schedule is created";
        "create.recorded" * 4: "when the schedule is recorded";
        "lockfile.after" * 0: "when the lockfile is written";
    }
    "create, bulk answer lost", bulk_lost {
        "settle.before" * 0: "when both digital humans are found in the list";
        "settle.after" * 0: "when the first found id is written";
        "create.answered" * 1: "when the metric is created";
    }
    "create, bulk request not executed", bulk_unmade {
        "create.answered" * 1: "when the second answer has arrived";
    }
    "create, bulk answer cut", bulk_cut {
        "settle.after" * 1: "when both found ids are written";
    }
    "create, bulk answer with an error", bulk_error {
        "create.recorded" * 0: "when the created digital human is recorded";
        "create.answered" * 1: "when the refused digital human is created by itself";
    }
    "create, bulk answer out of order", bulk_reversed {
        "create.recorded" * 0: "when the first digital human is recorded";
    }
    "create, answer for the metric lost", metric_lost {
        "settle.before" * 0: "when the metric is found in the list";
        "settle.after" * 0: "when the found id is written";
    }
    "create, answer for the schedule lost", schedule_lost {
        "settle.before" * 0: "when the schedule is found in the list";
        "settle.after" * 0: "when the found id is written";
    }
    "create of equal digital humans, bulk answer lost", twins_lost {
        "settle.after" * 0: "when the first found id is written";
    }
    "create with markers, bulk answer lost", marked_lost {
        "settle.after" * 0: "when the first found id is written";
    }
    "create, second crash", bulk_crashed {
        "settle.after" * 0: "when the first digital human is found and recorded";
        "create.answered" * 0: "when the metric is created";
    }
    "update of a digital human", update {
        "update.answered" * 0: "when the answer has arrived";
        "update.recorded" * 0: "when the outcome is written";
        "lockfile.after" * 0: "when the lockfile is written";
    }
    "update of both digital humans", update_both {
        "intent.after" * 0: "before both are sent in one request";
        "update.answered" * 0: "when both are updated";
        "update.recorded" * 0: "when one of both is recorded";
        "update.recorded" * 1: "when both are recorded";
    }
    "update of both digital humans, answer lost", update_both_lost {
        "update.recorded" * 0: "when the repeated request is answered and one of both is recorded";
    }
    "update of both digital humans, answer with an error", update_both_error {
        "update.recorded" * 0: "when the executed update is recorded";
        "update.answered" * 1: "when the refused update is sent by itself";
    }
    "replace of an attached digital human", replace_human {
        "create.answered" * 0: "when the new digital human is created";
        "create.recorded" * 0: "when the new id is written";
        "humans.attached" * 0: "when the new digital human is attached";
        "humans.answered" * 0: "when the old instance is detached";
        "humans.recorded" * 0: "when both outcomes are written";
        "delete.answered" * 0: "when the old instance is deleted";
        "delete.recorded" * 0: "when the outcome is written";
    }
    "replace of a simulation and its schedule", replace_simulation {
        "create.answered" * 0: "when the new simulation is created";
        "create.recorded" * 0: "when the new id is written";
        "humans.recorded" * 0: "when the digital human is attached";
        "create.answered" * 1: "when the new schedule is created";
        "delete.answered" * 0: "when the old schedule is deleted";
        "delete.recorded" * 0: "between both deletes";
        "delete.answered" * 1: "when the old simulation is deleted";
    }
    "replace of a schedule", replace_schedule {
        "create.recorded" * 0: "when the new id is written";
        "delete.answered" * 0: "when the old instance is deleted";
    }
    "delete", prune {
        "delete.answered" * 0: "when the schedule is deleted";
        "delete.recorded" * 0: "between the schedule and the simulation";
        "delete.recorded" * 1: "between the simulation and the metric";
        "delete.recorded" * 2: "between the metric and the digital humans";
        "delete.recorded" * 4: "when all outcomes are written";
    }
    "delete, bulk answer lost", prune_lost {
        "delete.answered" * 3: "when the repeated request of both digital humans is answered";
        "delete.answered" * 4: "when a delete of one of both is answered with 404";
    }
    "delete, bulk answer with an error", prune_error {
        "delete.recorded" * 3: "when the deleted digital human is recorded";
        "delete.answered" * 4: "when the refused digital human is deleted by itself";
    }
    "move of a digital human", rename {
        "move.recorded" * 0: "when the new key is written";
    }
    "adopt", adopt {
        "adopt.recorded" * 0: "when the first id is written";
        "lockfile.after" * 0: "when the lockfile is written";
    }
    "create again after a delete", gone {
        "create.answered" * 0: "when the digital human is created";
        "create.recorded" * 0: "when the id is written";
    }
}

fn with_faults(rules: &[&str]) -> Scene {
    let env = TestEnv::new();
    env.write(SUITE, DECLARED);
    (env, TestApi::with_faults(rules))
}

fn create() -> Scene {
    with_faults(&[])
}

fn bulk_lost() -> Scene {
    with_faults(&["lost-after:match=POST:create-digital-humans,times=1"])
}

/// Nothing distinguishes the digital humans, so each may have either id.
fn twins_lost() -> Scene {
    let (env, api) = bulk_lost();
    let text = DECLARED.replace("name: Bob\nintent: cancel", "name: Ann\nintent: book");
    env.write(SUITE, &text);
    (env, api)
}

/// The digital humans are equal except for their markers.
fn marked_lost() -> Scene {
    let (env, api) = twins_lost();
    env.write("bluejay.yaml", "project: clinic\nownership: marker\n");
    (env, api)
}

fn bulk_unmade() -> Scene {
    with_faults(&["lost-before:match=POST:create-digital-humans,times=1"])
}

fn bulk_cut() -> Scene {
    with_faults(&["truncated:match=POST:create-digital-humans,times=1"])
}

fn bulk_error() -> Scene {
    with_faults(&["bulk-errors:items=2"])
}

fn bulk_reversed() -> Scene {
    with_faults(&["bulk-reversed"])
}

fn metric_lost() -> Scene {
    with_faults(&["lost-after:match=POST:create-metric,times=1"])
}

fn schedule_lost() -> Scene {
    with_faults(&["lost-after:match=POST:create-schedule,times=1"])
}

fn bulk_crashed() -> Scene {
    let scene = create();
    cut(&scene, &ARGS, "create.answered=return");
    scene
}

fn applied() -> Scene {
    applied_with(&[])
}

fn applied_with(rules: &[&str]) -> Scene {
    let (env, api) = with_faults(rules);
    env.run_at(&api.url(), &ARGS).code(0);
    (env, api)
}

/// Returns an applied suite whose declaration was changed afterwards.
fn changed(from: &str, to: &str) -> Scene {
    changed_with(&[], from, to)
}

fn changed_with(rules: &[&str], from: &str, to: &str) -> Scene {
    let (env, api) = applied_with(rules);
    assert!(DECLARED.contains(from));
    env.write(SUITE, &DECLARED.replace(from, to));
    (env, api)
}

fn update() -> Scene {
    changed("intent: cancel", "intent: cancel politely")
}

fn update_both() -> Scene {
    changed("\nintent:", "\nintent: politely")
}

fn update_both_lost() -> Scene {
    let lost = "lost-after:match=PUT:update-digital-humans,times=1";
    changed_with(&[lost], "\nintent:", "\nintent: politely")
}

fn update_both_error() -> Scene {
    let error = "bulk-errors:items=2,match=PUT:update-digital-humans";
    changed_with(&[error], "\nintent:", "\nintent: politely")
}

fn replace_human() -> Scene {
    changed("intent: cancel", "intent: cancel\ntags: [vip]")
}

fn replace_simulation() -> Scene {
    changed("agent_id: \"42\"", "agent_id: \"43\"")
}

/// Another simulation runs at these times.
fn replace_schedule() -> Scene {
    let other = "kind: simulation\nkey: other\nagent_id: \"42\"\nname: Other\n---\n";
    let text = DECLARED.replace("kind: schedule", &format!("{other}kind: schedule"));
    let (env, api) = create();
    env.write(SUITE, &text);
    env.run_at(&api.url(), &ARGS).code(0);
    env.write(
        SUITE,
        &text.replace("simulation: desk", "simulation: other"),
    );
    (env, api)
}

fn prune() -> Scene {
    pruned_with(&[])
}

fn prune_lost() -> Scene {
    pruned_with(&["lost-after:match=DELETE:delete-digital-humans,times=1"])
}

fn prune_error() -> Scene {
    pruned_with(&["bulk-errors:items=2,match=DELETE:delete-digital-humans"])
}

fn pruned_with(rules: &[&str]) -> Scene {
    let (env, api) = applied_with(rules);
    env.remove(SUITE);
    (env, api)
}

fn rename() -> Scene {
    let (env, api) = applied();
    env.write(
        SUITE,
        &DECLARED
            .replace("key: bob", "key: rob")
            .replace("human:bob", "human:rob"),
    );
    (env, api)
}

fn adopt() -> Scene {
    let (env, api) = applied();
    env.remove("bluejay.lock");
    (env, api)
}

fn gone() -> Scene {
    let (env, api) = applied();
    let id = &env.resources()["digital_human:bob"];
    api.ask("DELETE", &format!("/v1/digital-human/{id}"), None);
    (env, api)
}

/// Applies, and crashes at these points.
fn cut((env, api): &Scene, args: &[&str], points: &str) {
    env.crash_at(&api.url(), &forced(env, args), points);
}

impl Row {
    fn failpoints(&self) -> String {
        match self.passes {
            0 => format!("{}=return", self.point),
            passes => format!("{}={passes}*off->return", self.point),
        }
    }

    /// Crashes an apply at this point, applies once, checks the result, and returns the row.
    pub(super) fn line(&self) -> String {
        let scene = (self.scene)();
        let (env, api) = &scene;
        let args: &[&str] = match self.doing {
            "create again after a delete" => &REFRESH,
            _ => &ARGS,
        };
        let before = env.lockfile();
        cut(&scene, args, &self.failpoints());
        let lockfile = match env.lockfile() {
            None => "none",
            lockfile if lockfile == before => "as before",
            Some(_) => "new",
        };
        let journal = journal(env);
        let seen = api.requests().len();
        let run = env.run_at(&api.url(), &forced(env, args));
        assert_eq!(run.code, Some(0), "{} {}: {run}", self.doing, self.place);
        let sent = sent(api, seen);
        let result = self.check_quiet(&scene);
        let Self {
            doing,
            point,
            place,
            ..
        } = self;
        format!("| {doing} | {place} (`{point}`) | {lockfile} | {journal} | {sent} | {result} |\n")
    }

    /// Checks that each key has one resource, that no other resource exists, and that an
    /// apply that reads the observed state has nothing to do: the references are right too.
    fn check_quiet(&self, (env, api): &Scene) -> &'static str {
        let place = format!("{} {}", self.doing, self.failpoints());
        let declared = if env.exists(SUITE) {
            env.read(SUITE).matches("key: ").count()
        } else {
            0
        };
        let recorded = env.resources();
        assert_eq!(recorded.len(), declared, "{place}");
        let recorded: BTreeSet<_> = recorded
            .into_iter()
            .map(|(key, id)| format!("{} {id}", key.split(':').next().unwrap()))
            .collect();
        assert_eq!(recorded, api.resources(), "{place}");
        assert!(!env.has_journal(), "{place}");
        let (writes, lockfile) = (api.write_count(), env.read("bluejay.lock"));
        assert!(!lockfile.contains("\"replaced\""), "{place}: {lockfile}");
        let run = env.run_at(&api.url(), &REFRESH);
        assert_eq!(run.code, Some(0), "{place}: {run}");
        run.says("No changes");
        assert_eq!(api.write_count(), writes, "{place}: not quiet: {run}");
        assert_eq!(env.read("bluejay.lock"), lockfile, "{place}");
        match declared {
            0 => "all deleted, and no longer recorded",
            _ => "one resource for each key, recorded",
        }
    }
}

/// Returns the entries of the journal in words, equal neighbours with their number.
fn journal(env: &TestEnv) -> String {
    let (entries, _) = env.journal();
    let words = entries
        .iter()
        .map(|entry| entry["entry"].as_str().unwrap().to_owned());
    counted(words)
}

/// Returns the requests since a moment in words.
fn sent(api: &TestApi, since: usize) -> String {
    let requests = api.requests();
    let words = requests[since..].iter().filter_map(|request| {
        let path = request.path.split('?').next().unwrap();
        let word = match request.method.as_str() {
            "GET" if path.ends_with("/integrations") => return None,
            "GET" if path.contains("/get-") => "lists simulations",
            "GET" if path.ends_with("/digital-humans") => "lists digital humans",
            "GET" if path.ends_with("/metrics") => "lists metrics",
            "GET" if path.ends_with("/schedules") => "lists schedules",
            "GET" => "reads",
            "POST" if path.contains("/add-") => "attaches",
            "POST" if path.contains("/remove-") => "detaches",
            "POST" => return Some(format!("creates {}", noun(path))),
            "PUT" => return Some(format!("updates {}", noun(path))),
            _ => return Some(format!("deletes {}", noun(path))),
        };
        Some(word.to_owned())
    });
    // How often a list is read depends on the time.
    let mut words: Vec<_> = words.collect();
    words.dedup();
    if words.is_empty() {
        words.push("sends no request".to_owned());
    }
    words.join(", ")
}

fn noun(path: &str) -> &'static str {
    let nouns = [
        ("digital-humans", "digital humans"),
        ("digital-human", "a digital human"),
        ("metric", "a metric"),
        ("simulation", "a simulation"),
        ("schedule", "a schedule"),
    ];
    let found = nouns.into_iter().find(|(part, _)| path.contains(part));
    found.unwrap().1
}

/// Joins words. Equal neighbours become one word with their number.
fn counted(words: impl Iterator<Item = String>) -> String {
    let mut groups: Vec<(String, usize)> = Vec::new();
    for word in words {
        match groups.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => groups.push((word, 1)),
        }
    }
    let groups = groups.into_iter().map(|(word, count)| match count {
        1 => word,
        count => format!("{word} × {count}"),
    });
    groups.collect::<Vec<_>>().join(", ")
}
