//! Tests that crash an apply at every crash point, and check what the next apply does. The
//! rows are collected into `docs/crash-matrix.md`.

mod rows;
mod scenes;
mod suite;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::env::TestEnv;
use rows::{ROWS, Row};
use scenes::{Scene, cut};

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

/// Returns the arguments, with `--force` if no file declares a simulation: a prune of all
/// simulations needs it.
fn forced<'a>(env: &TestEnv, args: &[&'a str]) -> Vec<&'a str> {
    let folder = std::fs::read_dir(env.path("simulations")).unwrap();
    let force = (folder.count() == 0).then_some("--force");
    args.iter().copied().chain(force).collect()
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
