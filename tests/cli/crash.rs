//! Tests that crash an apply at every crash point, and check what the next apply does. The
//! rows are collected into `docs/crash-matrix.md`.

mod suite;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::api::TestApi;
use super::env::{Run, TestEnv};

const ARGS: [&str; 6] = ["apply", "--prune", "--settle", "1s", "--parallelism", "1"];

/// The arguments of an apply that reads the observed state first.
const REFRESH: [&str; 7] = [
    "apply",
    "--prune",
    "--settle",
    "1s",
    "--parallelism",
    "1",
    "--refresh",
];

/// A repository and an API in which the next apply reaches the crash point.
type Scene = (TestEnv, TestApi);

/// A crash of an apply at one crash point.
struct Row {
    /// The operation of the apply.
    doing: &'static str,
    scene: fn() -> Scene,
    point: &'static str,
    /// How often the crash point is passed before the crash.
    passes: usize,
    /// The description of the crash point.
    place: &'static str,
    /// The names of the simulations that exist in the end.
    ends_with: &'static [&'static str],
}

const ROWS: &[Row] = &[
    row(
        "create",
        create,
        "journal.torn",
        0,
        "while the journal is created",
    ),
    row(
        "create",
        create,
        "journal.begun",
        0,
        "when the journal is created",
    ),
    row(
        "create",
        create,
        "intent.before",
        0,
        "before the intent is written",
    ),
    row(
        "create",
        create,
        "journal.torn",
        1,
        "while the intent is written",
    ),
    row(
        "create",
        create,
        "intent.after",
        0,
        "before the request is sent",
    ),
    row(
        "create",
        create,
        "create.answered",
        0,
        "when the answer has arrived",
    ),
    row(
        "create",
        create,
        "journal.torn",
        2,
        "while the id is written",
    ),
    row(
        "create",
        create,
        "create.recorded",
        0,
        "when the id is written",
    ),
    row(
        "create",
        create,
        "lockfile.before",
        0,
        "before the lockfile is written",
    ),
    row(
        "create",
        create,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "create",
        create,
        "journal.cleared",
        0,
        "when the journal is removed",
    ),
    row(
        "create, answer lost",
        lost,
        "settle.before",
        0,
        "when the simulation is found in the list",
    ),
    row(
        "create, answer lost",
        lost,
        "settle.after",
        0,
        "when the found id is written",
    ),
    row(
        "create, not executed",
        unmade,
        "intent.before",
        1,
        "before the request is sent again",
    ),
    row(
        "create, not executed",
        unmade,
        "create.answered",
        1,
        "when the second answer has arrived",
    ),
    row(
        "create, second crash",
        cut_create,
        "settle.before",
        0,
        "when the simulation is found in the list",
    ),
    row(
        "create, second crash",
        cut_create,
        "settle.after",
        0,
        "when the found id is written",
    ),
    row(
        "create, second crash",
        cut_create,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "update",
        update,
        "intent.after",
        0,
        "before the request is sent",
    ),
    row(
        "update",
        update,
        "update.answered",
        0,
        "when the answer has arrived",
    ),
    row(
        "update",
        update,
        "update.recorded",
        0,
        "when the outcome is written",
    ),
    row(
        "update",
        update,
        "lockfile.before",
        0,
        "before the lockfile is written",
    ),
    row(
        "update",
        update,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "replace",
        replace,
        "create.answered",
        0,
        "when the new simulation is created",
    ),
    row(
        "replace",
        replace,
        "create.recorded",
        0,
        "when the new id is written",
    ),
    row(
        "replace",
        replace,
        "delete.answered",
        0,
        "when the old instance is deleted",
    ),
    row(
        "replace",
        replace,
        "delete.recorded",
        0,
        "when the outcome is written",
    ),
    row(
        "replace",
        replace,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "intent.after",
            0,
            "before the request is sent",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "delete.answered",
            0,
            "when the answer has arrived",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "delete.recorded",
            0,
            "when the outcome is written",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "lockfile.after",
            0,
            "when the lockfile is written",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete, second crash",
            cut_delete,
            "recover.delete",
            0,
            "when the simulation is found deleted",
        )
    },
    Row {
        ends_with: &["b"],
        ..row(
            "move",
            rename,
            "move.recorded",
            0,
            "when the new key is written",
        )
    },
    Row {
        ends_with: &["b"],
        ..row(
            "move",
            rename,
            "lockfile.after",
            0,
            "when the lockfile is written",
        )
    },
    row(
        "adopt",
        adopt,
        "adopt.recorded",
        0,
        "when the id is written",
    ),
    row(
        "adopt",
        adopt,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "create, then update and attach",
        create_all,
        "create.recorded",
        0,
        "when the id is written",
    ),
    row(
        "create, then update and attach",
        create_all,
        "update.answered",
        0,
        "when the update is answered",
    ),
    row(
        "create, then update and attach",
        create_all,
        "update.recorded",
        0,
        "when the update is recorded",
    ),
    row(
        "create, then update and attach",
        create_all,
        "humans.answered",
        0,
        "when the digital humans are attached",
    ),
    row(
        "attach and detach",
        exchange,
        "humans.attached",
        0,
        "when one digital human is attached and none is detached",
    ),
    row(
        "attach and detach",
        exchange,
        "humans.answered",
        0,
        "when both requests are answered",
    ),
    row(
        "attach and detach",
        exchange,
        "humans.recorded",
        0,
        "when both outcomes are written",
    ),
    row(
        "create again after a delete",
        gone,
        "create.answered",
        0,
        "when the answer has arrived",
    ),
    row(
        "create again after a delete",
        gone,
        "create.recorded",
        0,
        "when the id is written",
    ),
];

const fn row(
    doing: &'static str,
    scene: fn() -> Scene,
    point: &'static str,
    passes: usize,
    place: &'static str,
) -> Row {
    Row {
        doing,
        scene,
        point,
        passes,
        place,
        ends_with: &["a"],
    }
}

fn create() -> Scene {
    (TestEnv::with(&["a"]), TestApi::start())
}

fn lost() -> Scene {
    let rules = ["lost-after:match=POST:create,times=1"];
    (TestEnv::with(&["a"]), TestApi::with_faults(&rules))
}

fn unmade() -> Scene {
    let rules = ["lost-before:match=POST:create,times=1"];
    (TestEnv::with(&["a"]), TestApi::with_faults(&rules))
}

fn cut_create() -> Scene {
    let scene = create();
    cut(&scene, "create.answered=return");
    scene
}

fn applied() -> Scene {
    let (env, api) = create();
    env.run_at(&api.url(), &ARGS).code(0);
    (env, api)
}

fn update() -> Scene {
    let (env, api) = applied();
    env.simulation("a", "description: changed");
    (env, api)
}

fn replace() -> Scene {
    let (env, api) = applied();
    env.simulation("a", "agent_id: \"43\"");
    (env, api)
}

fn delete() -> Scene {
    let (env, api) = applied();
    env.undeclare("a");
    (env, api)
}

fn cut_delete() -> Scene {
    let scene = delete();
    cut(&scene, "delete.answered=return");
    scene
}

fn rename() -> Scene {
    let (env, api) = applied();
    env.undeclare("a");
    env.simulation("b", "name: a");
    (env, api)
}

fn adopt() -> Scene {
    let (env, api) = applied();
    env.remove("bluejay.lock");
    (env, api)
}

/// The create contains neither of these fields.
fn create_all() -> Scene {
    let (env, api) = create();
    env.simulation("a", "tags: [x]\ndigital_humans: [102]");
    (env, api)
}

fn exchange() -> Scene {
    let (env, api) = create();
    env.simulation("a", "digital_humans: [101]");
    env.run_at(&api.url(), &ARGS).code(0);
    env.simulation("a", "digital_humans: [102]");
    (env, api)
}

fn gone() -> Scene {
    let (env, api) = applied();
    let id = env.ids()["a"];
    api.ask("DELETE", &format!("/v1/simulation/{id}"), None);
    (env, api)
}

/// Returns the arguments, with `--force` if no file declares a simulation: a prune of all
/// simulations needs it.
fn forced<'a>(env: &TestEnv, args: &[&'a str]) -> Vec<&'a str> {
    let folder = std::fs::read_dir(env.path("simulations")).unwrap();
    let force = (folder.count() == 0).then_some("--force");
    args.iter().copied().chain(force).collect()
}

/// Applies, and crashes at these points.
fn cut((env, api): &Scene, points: &str) {
    let is_gone = !api
        .alive()
        .keys()
        .any(|id| env.ids().values().any(|own| own == id));
    let looks = is_gone && !env.ids().is_empty();
    let args: &[&str] = if looks { &REFRESH } else { &ARGS };
    let mut command = env.command(&forced(env, args));
    command
        .args(["--api-url", &api.url()])
        .env("FAILPOINTS", points);
    let run = Run::of(command);
    assert!(run.has_aborted(), "`{points}` was not reached: {run}");
}

impl Row {
    fn failpoints(&self) -> String {
        match self.passes {
            0 => format!("{}=return", self.point),
            passes => format!("{}={passes}*off->return", self.point),
        }
    }

    /// Crashes an apply at this point, applies until nothing changes, checks the result,
    /// and returns the row.
    fn line(&self) -> String {
        let scene = (self.scene)();
        let (env, api) = &scene;
        let before = env.lockfile();
        cut(&scene, &self.failpoints());
        let lockfile = match env.lockfile() {
            None => "none",
            lockfile if lockfile == before => "as before",
            Some(_) => "new",
        };
        let journal = journal(env);

        let seen = api.requests().len();
        let args: &[&str] = if self.doing.starts_with("create again") {
            &REFRESH
        } else {
            &ARGS
        };
        let args = forced(env, args);
        let mut last = env.run_at(&api.url(), &args);
        let sent = sent(&scene, seen);
        let mut runs = 1;
        while last.code != Some(0) && runs < 3 {
            last = env.run_at(&api.url(), &args);
            runs += 1;
        }
        last.code(0);
        let result = self.check_quiet(&scene);
        let Self {
            doing,
            point,
            place,
            ..
        } = self;
        let runs = if runs == 1 {
            ""
        } else {
            ", after a second apply"
        };
        format!(
            "| {doing} | {place} (`{point}`) | {lockfile} | {journal} | {sent} | {result}{runs} |\n"
        )
    }

    /// Checks that each key has one simulation, that no other simulation exists, that all
    /// are recorded, and that an apply has nothing to do.
    fn check_quiet(&self, (env, api): &Scene) -> &'static str {
        let place = self.failpoints();
        let ids = env.ids();
        let keys: Vec<_> = ids.keys().map(String::as_str).collect();
        assert_eq!(keys, self.ends_with, "{place}");
        let recorded: BTreeSet<_> = ids.values().copied().collect();
        let alive: BTreeSet<_> = api.alive().into_keys().collect();
        assert_eq!(recorded, alive, "{place}");
        for key in keys {
            assert_eq!(env.replaced(key), [0; 0], "{place}");
            let wanted = env.read(&format!("simulations/{key}.yaml"));
            let path = format!("/v1/digital-humans-by-simulation/{}", ids[key]);
            let total = api.ask("GET", &path, None)["total"].as_u64();
            let humans = u64::from(wanted.contains("[102]"));
            assert_eq!(total, Some(humans), "{place}");
            let tags = &api.get(ids[key])["tags"];
            assert_eq!(tags.is_array(), wanted.contains("tags:"), "{place}");
        }
        assert!(!env.has_journal(), "{place}");
        let (requests, bytes) = (api.request_count(), env.read("bluejay.lock"));
        let run = env.run_at(&api.url(), &ARGS);
        run.code(0).says("No changes");
        assert_eq!(api.request_count(), requests, "{place}: not quiet: {run}");
        assert_eq!(env.read("bluejay.lock"), bytes, "{place}");
        match alive.len() {
            0 => "deleted, and no longer recorded",
            _ => "one simulation, recorded",
        }
    }
}

/// Returns the lines of the journal in words.
fn journal(env: &TestEnv) -> String {
    let (entries, is_torn) = env.journal();
    let mut words: Vec<_> = entries
        .iter()
        .map(|entry| entry["entry"].as_str().unwrap().to_owned())
        .collect();
    if is_torn {
        words.push("half a line".to_owned());
    }
    if words.is_empty() {
        words.push("none".to_owned());
    }
    words.join(", ")
}

/// Returns the requests since a moment in words, without repetitions.
fn sent((_, api): &Scene, since: usize) -> String {
    let requests = api.requests();
    let mut words: Vec<_> = requests[since..]
        .iter()
        .map(
            |request| match (request.method.as_str(), request.path.as_str()) {
                ("GET", path) if path.contains("/get-") => "lists",
                ("GET", path) if path.ends_with("/integrations") => "",
                ("GET", _) => "reads",
                ("POST", path) if path.contains("/add-") => "attaches",
                ("POST", path) if path.contains("/remove-") => "detaches",
                ("POST", _) => "creates",
                ("PUT", _) => "updates",
                _ => "deletes",
            },
        )
        .collect();
    // Every apply that sends requests first asks for the organisation of the key.
    words.retain(|word| !word.is_empty());
    words.dedup();
    if words.is_empty() {
        words.push("sends no request");
    }
    words.join(", ")
}

const INTRODUCTION: &str = "\
# What happens after a crash of an apply

An apply can end at any instruction: a CI runner dies, a machine loses power, a person
kills the process. This page lists each step of an apply, the files on the disk if the
apply ends at that step, and what the next `bluejayctl apply` does. The last column is
the promise: each key has one simulation, the lockfile has its id, and a further apply
has nothing to do.

Run `bluejayctl apply` again in the same working copy. Nothing else is needed. If the
working copy is lost, and the journal with it, `apply` finds untracked simulations by
their agent and name, and adopts identical ones (the rows *adopt*).

How to read the table:

- **Lockfile** and **journal** show the content of both files at that moment. The journal
  has *intended* before a request is sent, *created* or *done* after the answer,
  *unanswered* after a lost answer, and *saved* before the lockfile is replaced.
  *Half a line* is an incomplete last line, which counts as not written.
- **The next apply** shows its requests. *Lists* and *reads* look for a simulation whose
  id was lost. They are repeated during the settle time (`--settle`).
- A name such as `create.answered` is the name of the crash point in the sources.

The tests write the table. They end the real program at each crash point:
`UPDATE_DOCS=1 cargo test --features crash-points crash`.

| operation | crash | lockfile | journal | the next apply | result |
| --- | --- | --- | --- | --- | --- |
";

const SUITES: &str = "
## Crashes of an apply with resources of every kind

The rows are about a suite: two digital humans, a custom metric that names one of them, a
simulation that uses the other one and the metric, and a schedule of the simulation. The
digital humans are created with one request. What others refer to is created first and
deleted last. *intended × 2* stands for two entries.

| operation | crash | lockfile | journal | the next apply | result |
| --- | --- | --- | --- | --- | --- |
";

#[test]
fn an_apply_recovers_from_a_crash_at_every_point() {
    let simulations = table(ROWS, Row::line);
    let suites = table(suite::ROWS, suite::Row::line);
    check_page(&format!("{INTRODUCTION}{simulations}{SUITES}{suites}"));
}

/// Returns the lines of all rows, which are tested by several threads.
fn table<T: Sync>(rows: &[T], line: impl Fn(&T) -> String + Sync) -> String {
    let lines: Vec<_> = rows.iter().map(|_| Mutex::new(String::new())).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = rows.get(index) else { break };
                    *lines[index].lock().unwrap() = line(row);
                }
            });
        }
    });
    lines
        .into_iter()
        .map(|line| line.into_inner().unwrap())
        .collect()
}

/// Compares the page with the committed page, or writes the page.
fn check_page(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/crash-matrix.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    for (line, expected) in page.lines().zip(committed.lines()) {
        assert_eq!(line, expected, "update it with `UPDATE_DOCS=1`");
    }
    assert_eq!(
        page.len(),
        committed.len(),
        "update it with `UPDATE_DOCS=1`"
    );
}

#[test]
fn every_crash_point_of_the_sources_is_in_the_table() {
    let mut named = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for mark in ["crash_point!(\"", "fail_point!(\""] {
                for rest in text.split(mark).skip(1) {
                    named.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    // An apply writes no files of the user. The tests of `import` use these points.
    let of_import = crate::import::POINTS.iter().map(ToString::to_string);
    let of_suites = suite::ROWS.iter().map(|row| row.point);
    let of_apply = ROWS.iter().map(|row| row.point).chain(of_suites);
    let of_apply = of_apply.map(str::to_owned);
    let tested: BTreeSet<_> = of_apply.chain(of_import).collect();
    assert_eq!(named, tested);
}
