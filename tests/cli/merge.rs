//! Tests of the merge driver: branches that created simulations merge without manual work.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::api::TestApi;
use crate::env::TestEnv;
use crate::tools::has;

/// A git repository with the merge driver.
struct Repository {
    env: TestEnv,
    api: TestApi,
}

impl Repository {
    fn new(keys: &[&str]) -> Option<Self> {
        if !has(&["git"]) {
            return None;
        }
        let (env, api) = (TestEnv::with(keys), TestApi::start());
        let repository = Self { env, api };
        repository.git(&["init", "-q", "-b", "main"]);
        let program = env!("CARGO_BIN_EXE_bluejayctl");
        let driver = format!("'{program}' state merge-driver %O %A %B %P");
        repository.git(&["config", "merge.bluejayctl.driver", &driver]);
        repository
            .env
            .write(".gitattributes", "bluejay*.lock merge=bluejayctl\n");
        repository.env.write(".gitignore", ".bluejay/\n*.journal\n");
        repository.apply("base");
        Some(repository)
    }

    fn output(&self, args: &[&str]) -> Output {
        Command::new("git")
            .args(args)
            .current_dir(self.env.path("."))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([
                ("GIT_AUTHOR_NAME", "t"),
                ("GIT_AUTHOR_EMAIL", "t@example.com"),
                ("GIT_COMMITTER_NAME", "t"),
                ("GIT_COMMITTER_EMAIL", "t@example.com"),
                ("GIT_EDITOR", "true"),
            ])
            .output()
            .unwrap()
    }

    #[track_caller]
    fn git(&self, args: &[&str]) -> String {
        let output = self.output(args);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "git {args:?}: {said}");
        said
    }

    /// Applies, and commits all files.
    fn apply(&self, message: &str) {
        self.env
            .run_at(&self.api.url(), &["apply", "--prune", "--force"])
            .code(0);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// Makes a change on a new branch from main, applies and commits.
    fn branch(&self, name: &str, change: impl FnOnce(&TestEnv)) {
        self.git(&["checkout", "-q", "-b", name, "main"]);
        change(&self.env);
        self.apply(name);
    }

    fn entry(&self, key: &str) -> Value {
        self.env.lockfile().unwrap()["simulations"][key].clone()
    }

    #[track_caller]
    fn check_quiet(&self, keys: &[&str]) {
        assert_eq!(self.env.ids().keys().collect::<Vec<_>>(), keys);
        let plan = self
            .env
            .run_at(&self.api.url(), &["plan", "--refresh", "--format", "json"]);
        assert_eq!(plan.code(0).json()["changes"], json!([]));
        assert_eq!(self.api.alive().len(), keys.len());
    }
}

#[test]
fn branches_that_created_simulations_merge() {
    let Some(it) = Repository::new(&["m"]) else {
        return;
    };
    it.branch("one", |env| env.simulation("a", ""));
    it.branch("two", |env| {
        env.simulation("b", "");
        env.simulation("m", "description: changed");
    });
    it.git(&["checkout", "-q", "main"]);
    it.git(&["merge", "-q", "--no-edit", "one"]);
    it.git(&["merge", "-q", "--no-edit", "two"]);
    it.check_quiet(&["a", "b", "m"]);
}

#[test]
fn a_branch_with_a_lockfile_is_rebased() {
    let Some(it) = Repository::new(&["m"]) else {
        return;
    };
    it.branch("one", |env| {
        env.simulation("a", "");
        env.simulation("z", "");
    });
    it.branch("two", |env| env.simulation("b", ""));
    it.git(&["rebase", "-q", "one"]);
    it.check_quiet(&["a", "b", "m", "z"]);
}

#[test]
fn a_move_and_a_change_on_two_sides_are_merged() {
    let Some(it) = Repository::new(&["m", "n"]) else {
        return;
    };
    let id = it.env.ids()["m"];
    it.branch("one", |env| {
        env.undeclare("m");
        env.simulation("moved", "name: m");
    });
    it.branch("two", |env| env.simulation("m", "max_concurrent: 7"));
    it.git(&["checkout", "-q", "one"]);
    // Git detects the rename of the file only for similar contents. This test is about the
    // lockfile.
    it.output(&["merge", "-q", "--no-edit", "two"]);
    let lockfile: Value = serde_json::from_str(&it.env.read("bluejay.lock")).unwrap();
    let simulations = lockfile["simulations"].as_object().unwrap();
    assert_eq!(simulations.keys().collect::<Vec<_>>(), ["moved", "n"]);
    assert_eq!(it.entry("moved")["simulation_id"], id);
    assert_eq!(it.entry("moved")["applied"]["max_concurrent"], 7);
}

#[test]
fn a_key_with_two_ids_needs_a_decision() {
    let Some(it) = Repository::new(&["m"]) else {
        return;
    };
    it.branch("one", |env| env.simulation("a", "description: one"));
    let first = it.env.ids()["a"];
    it.git(&["checkout", "-q", "-b", "two", "main"]);
    it.env.simulation("a", "description: two");
    it.env
        .run_at(&it.api.url(), &["apply", "--adopt", "never"])
        .code(0);
    it.git(&["add", "-A"]);
    it.git(&["commit", "-q", "-m", "two"]);
    let second = it.env.ids()["a"];
    let merged = it.output(&["merge", "--no-edit", "one"]);
    assert!(!merged.status.success());
    let said = String::from_utf8_lossy(&merged.stderr).into_owned();
    assert!(
        said.contains("bluejayctl state resolve --keep ID"),
        "{said}"
    );
    let text = it.env.read("bluejay.lock");
    for id in [first, second] {
        assert!(text.contains(&id.to_string()), "{text}");
    }
    it.env.run(&["state", "list"]).code(1).says("state resolve");
    let keep = second.to_string();
    it.env.run(&["state", "resolve", "--keep", &keep]).code(0);
    assert_eq!(it.env.ids()["a"], second);
    assert_eq!(it.env.replaced("a"), [first]);
}

#[test]
fn the_merge_driver_needs_no_project_and_keeps_unreadable_files() {
    let env = TestEnv::new();
    let lock = |key: &str, id: u64| {
        let entry = json!({"applied": {"agent_id": "1"}, "simulation_id": id});
        json!({"api": "sandbox", "simulations": {key: entry}, "version": 1}).to_string()
    };
    env.write("x/ours", &lock("a", 1));
    env.write("x/theirs", &lock("b", 2));
    std::fs::remove_dir_all(env.path("simulations")).unwrap();
    let args = ["state", "merge-driver", "x/none", "x/ours", "x/theirs"];
    env.run(&args).code(0);
    let merged: Value = serde_json::from_str(&env.read("x/ours")).unwrap();
    assert_eq!(merged["simulations"].as_object().unwrap().len(), 2);
    env.write("x/ours", "{ torn");
    env.run(&args).code(1).says("our side");
    let text = env.read("x/ours");
    assert!(
        text.contains("{ torn") && text.contains("<<<<<<<"),
        "{text}"
    );
    assert!(Path::new(&env.path("x/theirs")).exists());
}
