//! Tests of `pull`: the files after it, byte by byte, and the state that it records.

mod conflicts;
mod environments;
mod kinds;
mod property;
mod races;
mod secrets;
mod sources;
mod texts;

use serde_json::Value;

use super::api::TestApi;
use super::env::{Run, TestEnv};

/// A repository that was applied, and the API.
pub(super) struct Scene {
    pub env: TestEnv,
    pub api: TestApi,
}

impl Scene {
    /// Returns an empty repository.
    pub fn new() -> Self {
        Self {
            env: TestEnv::new(),
            api: TestApi::start(),
        }
    }

    /// Writes the files and applies them.
    pub fn applied(files: &[(&str, &str)]) -> Self {
        Self::new().with(files)
    }

    /// Writes the files and applies them, at an API whose simulations are read slowly.
    pub fn slow(files: &[(&str, &str)]) -> Self {
        let api = TestApi::with_faults(&["latency:match=GET:simulation/,delay=1s"]);
        Self { api, ..Self::new() }.with(files)
    }

    fn with(self, files: &[(&str, &str)]) -> Self {
        for (name, text) in files {
            self.env.write(name, text);
        }
        self.run(&["apply", "--quiet"]).code(0);
        self
    }

    /// Applies one file, `simulations/a.yaml`.
    pub fn of(text: &str) -> Self {
        Self::applied(&[("simulations/a.yaml", text)])
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.env.run_at(&self.api.url(), args)
    }

    /// Changes a resource as in the dashboard: `digital_human:ann`, or the key of a
    /// simulation.
    pub fn edit(&self, key: &str, fields: Value) {
        let path = match key.split_once(':') {
            None => format!("/v1/simulation/{}", self.id(key)),
            Some(("digital_human", _)) => format!("/v1/update-digital-human/{}", self.id(key)),
            Some(("custom_metric", _)) => format!("/v1/update-metric/{}", self.id(key)),
            Some((_, _)) => format!("/v1/update-schedule/{}", self.id(key)),
        };
        self.api.ask("PUT", &path, Some(fields));
    }

    /// Returns the id of a key in the lockfile.
    pub fn id(&self, key: &str) -> String {
        let lockfile = self.env.lockfile().unwrap();
        if let Some(id) = lockfile["simulations"][key]["simulation_id"].as_u64() {
            return id.to_string();
        }
        let key = if key.contains(':') {
            key.to_owned()
        } else {
            format!("simulation:{key}")
        };
        self.env.resources()[&key].clone()
    }

    /// Pulls, checks the file, and checks that nothing is left to pull or to apply.
    #[track_caller]
    pub fn check_pulled(&self, file: &str, expected: &str) {
        let check = self.run(&["pull", "--check"]);
        check.code(2);
        self.run(&["pull"]).code(0);
        assert_eq!(self.env.read(file), expected);
        self.check_in_sync();
    }

    #[track_caller]
    pub fn check_in_sync(&self) {
        self.run(&["drift"]).code(0);
        self.run(&["plan", "--detailed-exitcode"]).code(0);
        self.run(&["pull", "--check"])
            .code(0)
            .says("Nothing to pull");
        let writes = self.api.write_count();
        self.run(&["apply"]).code(0).says("No changes");
        assert_eq!(self.api.write_count(), writes);
    }
}

#[test]
fn check_writes_nothing_and_shows_the_lines() {
    let text = "agent_id: \"42\"\nname: a\nmax_concurrent: 5 # calls\n";
    let scene = Scene::of(text);
    scene.run(&["pull", "--check"]).code(0);
    scene.edit("a", serde_json::json!({"max_concurrent": 9}));
    let lockfile = scene.env.read("bluejay.lock");
    let run = scene.run(&["pull", "--check"]);
    run.code(2)
        .says("- max_concurrent: 5 # calls")
        .says("+ max_concurrent: 9 # calls")
        .says("1 value to pull into 1 file.");
    assert_eq!(scene.env.read("simulations/a.yaml"), text);
    assert_eq!(scene.env.read("bluejay.lock"), lockfile);
    let run = scene.run(&["pull", "--format", "json"]);
    let report = run.code(0).json();
    assert_eq!(report["files"], serde_json::json!(["simulations/a.yaml"]));
    let field = &report["pulled"][0]["fields"][0];
    assert_eq!(field["there"], 9);
    assert_eq!(field["edited"], true);
    scene.check_in_sync();
}

#[test]
fn no_line_of_the_report_ends_in_a_blank() {
    let text = "agent_id: \"42\"\n\nname: a\nmax_concurrent: 5\n\ndescription: d\n";
    let scene = Scene::of(text);
    scene.edit("a", serde_json::json!({"max_concurrent": 9}));
    let run = scene.run(&["pull", "--check"]);
    run.code(2)
        .says("+ max_concurrent: 9\n\n          description: d\n");
    assert!(run.stdout.lines().all(|line| line == line.trim_end()));
}

#[test]
fn only_selected_keys_are_pulled_and_read() {
    let one = "agent_id: \"42\"\nname: one\n";
    let two = "agent_id: \"42\"\nname: two\n";
    let scene = Scene::applied(&[
        ("simulations/x/one.yaml", one),
        ("simulations/two.yaml", two),
    ]);
    for key in ["x/one", "two"] {
        scene.edit(key, serde_json::json!({"description": "by hand"}));
    }
    let before = scene.api.requests().len();
    scene.run(&["pull", "x/*"]).code(0).says("1 value pulled");
    let expected = "agent_id: \"42\"\nname: one\ndescription: by hand\n";
    assert_eq!(scene.env.read("simulations/x/one.yaml"), expected);
    assert_eq!(scene.env.read("simulations/two.yaml"), two);
    let read = |key: &str| {
        let path = format!("/v1/simulation/{}", scene.id(key));
        let requests = scene.api.requests();
        requests[before..]
            .iter()
            .any(|request| request.path == path)
    };
    assert!(read("x/one") && !read("two"));
    scene.run(&["drift"]).code(2);
    scene
        .run(&["pull", "nothing"])
        .code(1)
        .says("no simulation matches `nothing`");
}

#[test]
fn a_pull_reads_as_much_as_a_drift_and_writes_nothing_to_the_api() {
    let scene = Scene::of("agent_id: \"42\"\nname: a\n");
    scene.edit("a", serde_json::json!({"description": "by hand"}));
    let (reads, writes) = (scene.api.count("GET"), scene.api.write_count());
    scene.run(&["drift"]).code(2);
    let of_drift = scene.api.count("GET") - reads;
    scene.run(&["pull"]).code(0);
    assert_eq!(scene.api.count("GET") - reads, 2 * of_drift);
    assert_eq!(scene.api.write_count(), writes);
}
