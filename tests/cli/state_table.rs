//! Tests of the combinations of desired, prior and observed state: each is absent, the
//! same, or changed. The rows are collected into `docs/state-table.md`.

mod kinds;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::api::TestApi;
use super::env::{Run, TestEnv};

/// One of the three states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Absent,
    Same,
    Changed,
}

use Is::{Absent, Changed, Same};

impl Is {
    fn word(self) -> &'static str {
        match self {
            Absent => "absent",
            Same => "same",
            Changed => "changed",
        }
    }

    /// Returns `max_concurrent` in this state. If all three states are changed, the values
    /// differ.
    fn value(self, changed: u64) -> Option<u64> {
        match self {
            Absent => None,
            Same => Some(5),
            Changed => Some(changed),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    local: Is,
    recorded: Is,
    remote: Is,
}

/// The repository and the API of a row.
struct Scene {
    env: TestEnv,
    api: TestApi,
    /// A simulation of the same agent that belongs to another user.
    other: u64,
    /// The simulation of the row, if it exists.
    id: Option<u64>,
}

impl Scene {
    fn of(row: Row) -> Self {
        let (env, api) = (TestEnv::new(), TestApi::start());
        let fields = |value: u64| json!({"agent_id": "42", "name": "a", "max_concurrent": value});
        let other = api.create(json!({"agent_id": "42", "name": "another's"}));
        let mut id = None;
        if let Some(value) = row.recorded.value(7) {
            env.simulation("a", &format!("max_concurrent: {value}"));
            env.run_at(&api.url(), &["apply"]).code(0);
            id = Some(env.ids()["a"]);
            let path = format!("/v1/simulation/{}", env.ids()["a"]);
            match row.remote.value(8) {
                Some(value) => drop(api.ask("PUT", &path, Some(fields(value)))),
                None => drop(api.ask("DELETE", &path, None)),
            }
            env.undeclare("a");
        } else if let Some(value) = row.remote.value(8) {
            id = Some(api.create(fields(value)));
        }
        if let Some(value) = row.local.value(6) {
            env.simulation("a", &format!("max_concurrent: {value}"));
        }
        Self {
            env,
            api,
            other,
            id,
        }
    }

    /// Applies, and returns the requests and the result.
    fn apply(&self, args: &[&str]) -> (String, Run) {
        let owned: BTreeSet<_> = self.env.ids().into_values().collect();
        let before = self.api.requests().len();
        let run = self.env.run_at(&self.api.url(), args);
        let requests = self.api.requests();
        let mut words = Vec::new();
        for request in &requests[before..] {
            let id = request.path.rsplit('/').next().unwrap().parse::<u64>();
            match request.method.as_str() {
                "GET" => continue,
                "POST" => words.push("create"),
                "PUT" => words.push("update"),
                _ => words.push("delete"),
            }
            if let (Ok(id), "PUT" | "DELETE") = (id, request.method.as_str()) {
                let now: BTreeSet<_> = self.env.ids().into_values().collect();
                let is_ours = owned.contains(&id) || now.contains(&id);
                assert!(is_ours, "{id} is nobody's: {run}");
            }
        }
        if words.is_empty() {
            words.push("nothing");
        }
        (words.join(", "), run)
    }

    /// Returns what the lockfile has for the key.
    fn recorded(&self) -> &'static str {
        match (self.env.ids().get("a"), self.id) {
            (None, _) => "nothing",
            (Some(now), Some(id)) if *now == id => "its id",
            _ => "a new id",
        }
    }

    fn plan(&self, args: &[&str]) -> Value {
        self.env.run_at(&self.api.url(), args).json()
    }

    /// Checks what holds after every apply.
    fn check(&self, row: Row, run: &Run) {
        let other = self.api.get(self.other);
        assert_eq!(other["name"], "another's", "{row:?}");
        if row.recorded == Absent && row.local == Absent {
            // The apply must not change an untracked simulation.
            let there = self.id.map(|id| self.api.get(id)["max_concurrent"].clone());
            assert_eq!(there, row.remote.value(8).map(Value::from), "{row:?}");
        }
        if let (Some(0), Some(wanted)) = (run.code, row.local.value(6)) {
            // The declared simulation exists once, and a further apply has nothing to do.
            let plan = self.plan(&["plan", "--format", "json"]);
            assert_eq!(plan["changes"], json!([]), "{row:?}: {run}");
            let alive = self.api.alive().into_values().filter(|name| name == "a");
            assert!(alive.count() <= 1, "{row:?}");
            let _ = wanted;
        }
    }

    /// Checks that after a refresh the API has the desired state, and that a further
    /// refresh finds no difference.
    fn check_refreshed(&self, row: Row, run: &Run) {
        if run.code != Some(0) || row.local == Absent {
            return;
        }
        let plan = self.plan(&["plan", "--refresh", "--format", "json"]);
        assert_eq!(plan["changes"], json!([]), "{row:?}: {run}");
        let there = self.api.get(self.env.ids()["a"]);
        assert_eq!(
            json!(row.local.value(6)),
            there["max_concurrent"],
            "{row:?}"
        );
        self.env.run_at(&self.api.url(), &["drift"]).code(0);
    }
}

/// The arguments of the three applies of a row.
const APPLIES: [&[&str]; 3] = [
    &["apply"],
    &["apply", "--refresh"],
    &["apply", "--refresh", "--prune", "--force"],
];

impl Row {
    fn words(self) -> [&'static str; 3] {
        [self.local, self.recorded, self.remote].map(Is::word)
    }

    fn line(self) -> String {
        let mut cells = self.words().map(str::to_owned).to_vec();
        for args in APPLIES {
            let scene = Scene::of(self);
            let (sent, run) = scene.apply(args);
            scene.check(self, &run);
            if args.len() > 1 {
                scene.check_refreshed(self, &run);
            }
            let code = match run.code {
                Some(0) => String::new(),
                code => format!("; exit {}", code.unwrap()),
            };
            cells.push(format!("{sent}; {}{code}", scene.recorded()));
        }
        format!("| {} |\n", cells.join(" | "))
    }

    /// Compares the row with the committed page.
    fn check(self) {
        if is_updating() {
            return;
        }
        let page = fs::read_to_string(page_path()).unwrap();
        let (simulations, kinds) = page.split_once(KINDS).unwrap();
        for (table, line) in [(simulations, self.line()), (kinds, self.line_of_kinds())] {
            assert!(
                table.contains(&line),
                "this is not in docs/state-table.md; update it with `UPDATE_DOCS=1`:\n{line}"
            );
        }
    }
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/state-table.md")
}

fn is_updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

const INTRODUCTION: &str = "\
# The combinations of desired, prior and observed state

A simulation has three states: the desired state in a file, the prior state in the
lockfile, and the observed state at the API. Each state is *absent*, *same*, or
*changed*; two changed states differ from each other. The 27 rows list what an apply
sends, and what the lockfile has for the key afterwards: *its id*, *a new id*, or
*nothing*.

- `apply` trusts the lockfile and does not read tracked simulations. An edit in the
  dashboard stays until `drift`, `plan --refresh` or `apply --refresh` reads the API.
- `apply --refresh` reads the API first, and restores the desired state.
- `apply --refresh --prune` also deletes simulations that no file declares.

In no row does `apply` update or delete an untracked simulation. If an untracked
simulation of the same name differs from the desired state, `apply` stops the key and
suggests commands (exit code 1: nothing was changed).

The tests write the table, one test run for each row: `UPDATE_DOCS=1 cargo test state_table`.

| desired | prior | observed | `apply` | `apply --refresh` | `apply --refresh --prune` |
| --- | --- | --- | --- | --- | --- |
";

const KINDS: &str = "
## Digital humans, custom metrics and schedules

The same rows for the other kinds. *Undecided* marks a key for which an apply needs a decision
of a person. A kind in brackets differs from the others. A schedule has no name: an untracked
schedule of the same simulation and the same times is adopted, and a schedule with other times
is another schedule.

| desired | prior | observed | `apply` | `apply --refresh` | `apply --refresh --prune` |
| --- | --- | --- | --- | --- | --- |
";

macro_rules! rows {
    ($($name:ident: $local:ident, $recorded:ident, $remote:ident;)*) => {
        const ROWS: &[Row] = &[$(Row { local: $local, recorded: $recorded, remote: $remote }),*];
        $(
            #[test]
            fn $name() {
                Row { local: $local, recorded: $recorded, remote: $remote }.check();
            }
        )*
    };
}

rows! {
    absent_absent_absent: Absent, Absent, Absent;
    absent_absent_same: Absent, Absent, Same;
    absent_absent_changed: Absent, Absent, Changed;
    absent_same_absent: Absent, Same, Absent;
    absent_same_same: Absent, Same, Same;
    absent_same_changed: Absent, Same, Changed;
    absent_changed_absent: Absent, Changed, Absent;
    absent_changed_same: Absent, Changed, Same;
    absent_changed_changed: Absent, Changed, Changed;
    same_absent_absent: Same, Absent, Absent;
    same_absent_same: Same, Absent, Same;
    same_absent_changed: Same, Absent, Changed;
    same_same_absent: Same, Same, Absent;
    same_same_same: Same, Same, Same;
    same_same_changed: Same, Same, Changed;
    same_changed_absent: Same, Changed, Absent;
    same_changed_same: Same, Changed, Same;
    same_changed_changed: Same, Changed, Changed;
    changed_absent_absent: Changed, Absent, Absent;
    changed_absent_same: Changed, Absent, Same;
    changed_absent_changed: Changed, Absent, Changed;
    changed_same_absent: Changed, Same, Absent;
    changed_same_same: Changed, Same, Same;
    changed_same_changed: Changed, Same, Changed;
    changed_changed_absent: Changed, Changed, Absent;
    changed_changed_same: Changed, Changed, Same;
    changed_changed_changed: Changed, Changed, Changed;
}

#[test]
fn the_page_has_every_row_once() {
    assert_eq!(ROWS.len(), 27);
    if is_updating() {
        let lines: String = ROWS.iter().map(|row| row.line()).collect();
        let of_kinds: String = ROWS.iter().map(|row| row.line_of_kinds()).collect();
        let page = format!("{INTRODUCTION}{lines}{KINDS}{of_kinds}");
        fs::write(page_path(), page).unwrap();
    }
    let page = fs::read_to_string(page_path()).unwrap();
    let tables = page
        .strip_prefix(INTRODUCTION)
        .and_then(|tables| tables.split_once(KINDS))
        .expect("update it with `UPDATE_DOCS=1`");
    let expected = ROWS
        .iter()
        .map(|row| format!("| {}", row.words().join(" | ")));
    let expected: Vec<_> = expected.collect();
    for table in [tables.0, tables.1] {
        let rows: Vec<String> = table
            .lines()
            .map(|line| line.split(" | ").take(3).collect::<Vec<_>>().join(" | "))
            .collect();
        assert_eq!(rows, expected);
    }
}
