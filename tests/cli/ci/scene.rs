//! The scene of the CI tests: a bare repository, an API on this machine, and jobs between
//! them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::super::api::TestApi;
use super::super::env::{KEY, Run};
use super::shell::{command, git, script};
use crate::tools::has;

/// A bare repository, and the API of its simulations.
pub struct Scene {
    pub folder: TempDir,
    pub api: TestApi,
}

/// A checkout of a job, and the files of its runner.
pub struct Job<'a> {
    scene: &'a Scene,
    pub checkout: PathBuf,
}

impl Scene {
    /// Returns `None` if a program is missing.
    pub fn new() -> Option<Self> {
        Self::with_faults(&[])
    }

    /// Returns a scene with faults of the API, in the form of the option `--fault`.
    pub fn with_faults(rules: &[&str]) -> Option<Self> {
        if !has(&["git", "bash"]) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        git(
            folder.path(),
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                "remote",
            ],
        );
        git(folder.path(), &["clone", "--quiet", "remote", "author"]);
        let scene = Self {
            folder,
            api: TestApi::with_faults(rules),
        };
        git(
            &scene.path("author"),
            &["checkout", "--quiet", "-b", "main"],
        );
        scene.merge(".gitignore", ".bluejay/\n*.lock.journal\n");
        Some(scene)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file for the next merge.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path("author").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Merges a file into main.
    pub fn merge(&self, name: &str, text: &str) {
        let author = self.path("author");
        self.write(name, text);
        git(&author, &["add", "--all"]);
        git(&author, &["commit", "--quiet", "--message", name]);
        git(&author, &["fetch", "--quiet", "origin"]);
        if !git(&author, &["branch", "--remotes"]).is_empty() {
            git(&author, &["rebase", "--quiet", "origin/main"]);
        }
        git(&author, &["push", "--quiet", "origin", "main"]);
    }

    pub fn merge_simulation(&self, key: &str) {
        let text = format!("agent_id: 42\nname: Test {key}\n");
        self.merge(&format!("simulations/{key}.yaml"), &text);
    }

    /// Returns a job with a shallow checkout of the tip of main, as in CI.
    pub fn job(&self, name: &str) -> Job<'_> {
        let checkout = self.path(name);
        let url = format!("file://{}", self.path("remote").display());
        git(
            self.folder.path(),
            &["clone", "--quiet", "--depth=1", &url, name],
        );
        Job {
            scene: self,
            checkout,
        }
    }

    /// Returns the ids in the lockfile on main of the bare repository.
    pub fn ids_on_main(&self) -> BTreeMap<String, u64> {
        let text = git(&self.path("remote"), &["show", "main:bluejay.lock"]);
        let lockfile: Value = serde_json::from_str(&text).unwrap();
        let simulations = lockfile["simulations"].as_object().unwrap();
        let ids = simulations
            .iter()
            .map(|(key, entry)| (key.clone(), entry["simulation_id"].as_u64().unwrap()));
        ids.collect()
    }

    /// Checks that every key has one simulation at the API, and that its id is on main.
    #[track_caller]
    pub fn check_whole(&self, keys: &[&str]) {
        let ids = self.ids_on_main();
        let on_main: BTreeMap<u64, String> = ids
            .iter()
            .map(|(key, id)| (*id, format!("Test {key}")))
            .collect();
        assert_eq!(on_main, self.api.alive());
        assert_eq!(ids.keys().map(String::as_str).collect::<Vec<_>>(), keys);
    }

    /// Makes main refuse pushes.
    pub fn protect(&self) {
        let refuse = "if grep -q refs/heads/main; then echo protected >&2; exit 1; fi";
        self.hook("pre-receive", refuse);
    }

    /// Installs a hook of the remote with these shell commands.
    pub fn hook(&self, name: &str, lines: &str) {
        self.program(&format!("remote/hooks/{name}"), lines);
    }

    /// Writes a program with these shell commands.
    pub fn program(&self, name: &str, lines: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        let mut chmod = command("chmod", self.folder.path());
        chmod.arg("755").arg(path);
        Run::of(chmod).code(0);
    }

    /// Returns the refs of the lock. No test may leave such a ref behind.
    pub fn lock(&self) -> String {
        git(&self.path("remote"), &["for-each-ref", "refs/bluejayctl"])
    }

    pub fn unprotect(&self) {
        fs::remove_file(self.path("remote/hooks/pre-receive")).unwrap();
    }
}

impl Job<'_> {
    pub fn step(&self, name: &str, more: &[(&str, &str)]) -> Run {
        Run::of(self.step_command(name, more))
    }

    pub fn step_command(&self, name: &str, more: &[(&str, &str)]) -> Command {
        let mut bash = command("bash", &self.checkout);
        bash.arg(script(name))
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", self.file("summary"))
            .env("GITHUB_OUTPUT", self.file("outputs"))
            .env("RUNNER_TEMP", self.file("temp"))
            .env("BRANCH", "main")
            .envs(more.iter().copied());
        fs::create_dir_all(self.file("temp")).unwrap();
        bash
    }

    /// Returns the path of a file of the runner, beside the checkout.
    pub fn file(&self, name: &str) -> PathBuf {
        let checkout = self.checkout.file_name().unwrap().to_string_lossy();
        self.scene.path(&format!("{checkout}-{name}"))
    }

    pub fn apply(&self, args: &str) -> Run {
        let more = [
            ("COMMAND", "apply"),
            ("ARGS", args),
            ("BLUEJAY_API_KEY", KEY),
            ("BLUEJAY_API_URL", &self.scene.api.url()),
        ];
        self.step("run.sh", &more)
    }

    /// Runs the whole apply job: with the lock, and with the commit.
    pub fn merge_with(&self, more: &[(&str, &str)]) -> Run {
        Run::of(self.merge_command(more))
    }

    pub fn merge_command(&self, more: &[(&str, &str)]) -> Command {
        let url = self.scene.api.url();
        let all = [
            ("COMMAND", "apply"),
            ("COMMIT", "true"),
            ("BLUEJAY_API_KEY", KEY),
            ("BLUEJAY_API_URL", &url),
        ];
        self.step_command("run.sh", &[&all[..], more].concat())
    }

    pub fn merge(&self) -> Run {
        self.merge_with(&[])
    }

    pub fn commit(&self) -> Run {
        self.step("commit-lockfile.sh", &[])
    }

    pub fn summary(&self) -> String {
        fs::read_to_string(self.file("summary")).unwrap()
    }
}
