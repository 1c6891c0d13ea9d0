//! Tests of the pull request with the edits of the dashboard.

use serde_json::{Value, json};

use super::super::env::Run;
use super::github::Github;
use super::shell::git;
use crate::tools::has;

impl Github {
    /// Makes the folder of the runner a clone of a repository with one file, and writes the
    /// file again with this text.
    fn pulled(&self, text: &str) {
        let folder = self.env.path(".");
        if !self.env.exists(".git") {
            git(&folder, &["init", "--quiet", "--bare", "remote"]);
            git(&folder, &["init", "--quiet", "--initial-branch=main"]);
            git(&folder, &["remote", "add", "origin", "remote"]);
            self.env.write(".gitignore", "remote\nreport.md\n");
            self.env.write("a.yaml", "one\n");
            git(&folder, &["add", ".gitignore", "a.yaml"]);
            git(&folder, &["commit", "--quiet", "--message", "first"]);
        }
        git(&folder, &["checkout", "--quiet", "--force", "main"]);
        self.env.write("a.yaml", text);
    }

    fn pull_request(&self, report: &str, exit_code: &str) -> Run {
        let more = [("BRANCH", "main"), ("EXIT_CODE", exit_code)];
        self.run("pull-request.sh", report, &more)
    }

    fn pulls(&self) -> Vec<(Value, Value)> {
        let held = self.state.held();
        let pulls = held.pulls.iter();
        pulls
            .map(|pull| (pull["state"].clone(), pull["body"].clone()))
            .collect()
    }
}

#[test]
fn one_pull_request_is_opened_updated_and_closed() {
    let Some(github) = Github::new() else { return };
    if !has(&["git"]) {
        return;
    }
    github.pulled("one\n");
    github
        .pull_request("nothing\n", "0")
        .code(0)
        .says("nothing to pull");
    assert!(github.pulls().is_empty());

    github.pulled("two\n");
    github
        .pull_request("first night\n", "0")
        .code(0)
        .says("opened pull request 1");
    github.pulled("three\n");
    github
        .pull_request("second night\n", "3")
        .code(0)
        .says("updated pull request 1");
    assert_eq!(github.pulls(), [(json!("open"), json!("second night\n"))]);
    let remote = github.env.path("remote");
    let branch = git(&remote, &["show", "bluejay-pull:a.yaml"]);
    assert_eq!(branch, "three\n", "the branch has what is there now");
    let count = git(&remote, &["rev-list", "--count", "bluejay-pull"]);
    assert_eq!(count.trim(), "2");

    github.pulled("one\n");
    github.pull_request("nothing\n", "1").code(0);
    assert_eq!(github.pulls()[0].0, "open", "nothing is known");
    github
        .pull_request("nothing\n", "0")
        .code(0)
        .says("closed pull request 1");
    assert_eq!(github.pulls()[0].0, "closed");
}

#[test]
fn a_refused_pull_request_is_a_warning_that_names_the_setting() {
    let Some(github) = Github::new() else { return };
    if !has(&["git"]) {
        return;
    }
    github.pulled("two\n");
    github.state.held().refusal = Some(403);
    github
        .pull_request("night\n", "0")
        .code(0)
        .says("::warning")
        .says("Actions, General");
    let branch = git(&github.env.path("remote"), &["show", "bluejay-pull:a.yaml"]);
    assert_eq!(branch, "two\n");
}
