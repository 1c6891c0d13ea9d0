//! Tests of the comment, the issue and the installation, against a GitHub server on this
//! machine.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::super::api::TestApi;
use super::super::env::{KEY, Run, TestEnv};
use super::shell::{command, git, script};
use crate::tools::has;

const TOKEN: &str = "ghs-test-token-77aa";

/// The state of the GitHub server: comments of one pull request, and issues.
#[derive(Default)]
struct Held {
    comments: Vec<Value>,
    issues: Vec<Value>,
    pulls: Vec<Value>,
    /// The status of every write, if writes are refused.
    refusal: Option<u16>,
    /// The number of POST requests that are executed and answered with 502.
    lost: usize,
    /// The number of POST requests that are answered with 503 and not executed.
    down: usize,
    /// The comment or issue that another job writes directly before the next POST request
    /// is executed.
    rival: Option<Value>,
    /// The number of comments and issues ever made, so that no number is reused.
    made: usize,
}

/// Returns a comment or an issue of the job's own token.
fn own(id: usize, body: &Value) -> Value {
    json!({
        "id": id, "number": id, "state": "open", "body": body["body"], "title": body["title"],
        "user": {"type": "Bot", "login": "github-actions[bot]"},
    })
}

impl Held {
    /// Makes a comment or an issue. Returns it, and whether the answer arrives.
    fn make(
        &mut self,
        body: &Value,
        first: usize,
        list: fn(&mut Self) -> &mut Vec<Value>,
    ) -> ResponseTemplate {
        if self.down > 0 {
            self.down -= 1;
            return ResponseTemplate::new(503);
        }
        for body in self.rival.take().iter().chain([body]) {
            let made = own(first + self.made, body);
            self.made += 1;
            list(self).push(made);
        }
        if self.lost > 0 {
            self.lost -= 1;
            return ResponseTemplate::new(502);
        }
        let made = list(self).last().cloned();
        ResponseTemplate::new(201).set_body_json(made)
    }
}

#[derive(Clone, Default)]
struct State(Arc<Mutex<Held>>);

impl State {
    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }
}

fn page(all: &[Value], request: &Request) -> ResponseTemplate {
    let query: std::collections::BTreeMap<_, _> = request.url.query_pairs().collect();
    let page: usize = query["page"].parse().unwrap();
    let per_page: usize = query["per_page"].parse().unwrap();
    let items: Vec<_> = all
        .iter()
        .skip((page - 1) * per_page)
        .take(per_page)
        .collect();
    ResponseTemplate::new(200).set_body_json(items)
}

impl Respond for State {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let authorization = request.headers.get("Authorization").unwrap();
        assert_eq!(authorization.to_str().unwrap(), format!("Bearer {TOKEN}"));
        let mut held = self.held();
        let path: Vec<_> = request.url.path().split('/').skip(1).collect();
        let body = || serde_json::from_slice::<Value>(&request.body).unwrap();
        if request.method.as_str() != "GET"
            && let Some(status) = held.refusal
        {
            return ResponseTemplate::new(status).set_body_json(json!({"message": "no"}));
        }
        match (request.method.as_str(), &path[..]) {
            // The token of a job can't read the account.
            ("GET", ["user"]) => ResponseTemplate::new(403).set_body_json(json!({})),
            ("GET", ["repos", "o", "r", "issues", "5", "comments"]) => {
                page(&held.comments, request)
            }
            ("POST", ["repos", "o", "r", "issues", "5", "comments"]) => {
                held.make(&body(), 1000, |held| &mut held.comments)
            }
            ("DELETE", ["repos", "o", "r", "issues", "comments", id]) => {
                let id: u64 = id.parse().unwrap();
                held.comments.retain(|comment| comment["id"] != id);
                ResponseTemplate::new(204)
            }
            ("PATCH", ["repos", "o", "r", "issues", "comments", id]) => {
                let id: u64 = id.parse().unwrap();
                let comment = held.comments.iter_mut().find(|found| found["id"] == id);
                comment.unwrap()["body"] = body()["body"].clone();
                ResponseTemplate::new(200).set_body_json(json!({}))
            }
            ("GET", ["repos", "o", "r", "issues"]) => {
                let open = held.issues.iter().filter(|issue| issue["state"] == "open");
                page(&open.cloned().collect::<Vec<_>>(), request)
            }
            ("POST", ["repos", "o", "r", "issues"]) => {
                held.make(&body(), 1, |held| &mut held.issues)
            }
            ("GET", ["repos", "o", "r", "pulls"]) => {
                let open = held.pulls.iter().filter(|pull| pull["state"] == "open");
                page(&open.cloned().collect::<Vec<_>>(), request)
            }
            ("POST", ["repos", "o", "r", "pulls"]) => held.make(&body(), 1, |held| &mut held.pulls),
            ("PATCH", ["repos", "o", "r", "pulls", number]) => {
                let number: u64 = number.parse().unwrap();
                let mut pulls = held.pulls.iter_mut();
                let pull = pulls.find(|pull| pull["number"] == number).unwrap();
                for (field, value) in body().as_object().unwrap() {
                    pull[field] = value.clone();
                }
                ResponseTemplate::new(200).set_body_json(json!({}))
            }
            ("POST", ["repos", "o", "r", "issues", _, "comments"]) => {
                ResponseTemplate::new(201).set_body_json(json!({}))
            }
            ("PATCH", ["repos", "o", "r", "issues", number]) => {
                let number: u64 = number.parse().unwrap();
                let mut issues = held.issues.iter_mut();
                let issue = issues.find(|issue| issue["number"] == number).unwrap();
                for (field, value) in body().as_object().unwrap() {
                    issue[field] = value.clone();
                }
                ResponseTemplate::new(200).set_body_json(json!({}))
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A GitHub server, and the folder of a runner.
struct Github {
    state: State,
    server: MockServer,
    env: TestEnv,
    _runtime: Runtime,
}

impl Github {
    /// Returns `None` if a program is missing.
    fn new() -> Option<Self> {
        if !has(&["bash", "curl", "jq"]) {
            return None;
        }
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        let state = State::default();
        let mock = Mock::given(any()).respond_with(state.clone());
        runtime.block_on(mock.mount(&server));
        Some(Self {
            state,
            server,
            env: TestEnv::new(),
            _runtime: runtime,
        })
    }

    fn run(&self, name: &str, report: &str, more: &[(&str, &str)]) -> Run {
        self.env.write("report.md", report);
        let mut bash = command("bash", &self.env.path("."));
        bash.arg(script(name))
            .env("GITHUB_API_URL", self.server.uri())
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_TOKEN", TOKEN)
            .env("NO_PROXY", "*")
            .env("REPORT", "report.md")
            .env("NUMBER", "5")
            .envs(more.iter().copied());
        let run = Run::of(bash);
        run.never_says(TOKEN);
        run
    }

    fn comments(&self) -> Vec<String> {
        let held = self.state.held();
        let bodies = held.comments.iter().map(|comment| &comment["body"]);
        bodies
            .map(|body| body.as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn one_comment_is_written_and_then_updated() {
    let Some(github) = Github::new() else { return };
    let filler = |id| json!({"id": id, "user": {"type": "User"}, "body": "hello"});
    github.state.held().comments.extend((0..150).map(filler));
    // The comment looks like a comment of the program, but has another author.
    github.state.held().comments[3]["body"] = "<!-- bluejayctl:plan -->\nmine".into();
    let first = "<!-- bluejayctl:plan -->\n`one` \"two\" \\ $(three)\n";
    github
        .run("comment.sh", first, &[])
        .code(0)
        .says("wrote comment");
    let second = "<!-- bluejayctl:plan -->\ntwo\n";
    github
        .run("comment.sh", second, &[])
        .code(0)
        .says("updated comment");
    let staging = "<!-- bluejayctl:plan:staging -->\nthree\n";
    github
        .run("comment.sh", staging, &[])
        .code(0)
        .says("wrote comment");
    let comments = github.comments();
    assert_eq!(comments.len(), 152);
    assert_eq!(comments[3], "<!-- bluejayctl:plan -->\nmine");
    assert_eq!(comments[150].trim_end(), second.trim_end());
    assert_eq!(comments[151].trim_end(), staging.trim_end());
}

#[test]
fn each_folder_of_a_repository_has_a_separate_comment() {
    let Some(github) = Github::new() else { return };
    let report = "<!-- bluejayctl:plan -->\none\n";
    for folder in [".", "voice/a", "voice/b", "voice/a"] {
        github
            .run("comment.sh", report, &[("DIRECTORY", folder)])
            .code(0);
    }
    let first_lines: Vec<_> = github
        .comments()
        .iter()
        .map(|body| body.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        first_lines,
        [
            "<!-- bluejayctl:plan -->",
            "<!-- bluejayctl:plan in voice/a -->",
            "<!-- bluejayctl:plan in voice/b -->"
        ]
    );
}

#[test]
fn a_plan_without_changes_creates_no_comment_but_updates_one() {
    let Some(github) = Github::new() else { return };
    let report = "<!-- bluejayctl:plan -->\nnothing\n";
    let quiet = [("IS_QUIET", "true")];
    github
        .run("comment.sh", report, &quiet)
        .code(0)
        .says("no comment");
    assert!(github.comments().is_empty());
    let loud = "<!-- bluejayctl:plan -->\nsomething\n";
    github.run("comment.sh", loud, &[]).code(0);
    github.run("comment.sh", report, &quiet).code(0);
    assert_eq!(github.comments().len(), 1);
    assert!(github.comments()[0].contains("nothing"));
}

const PLAN: &str = "<!-- bluejayctl:plan -->\none\n";

#[test]
fn a_comment_with_a_lost_answer_is_not_written_twice() {
    let Some(github) = Github::new() else { return };
    github.state.held().lost = 3;
    github.run("comment.sh", PLAN, &[]).code(0);
    assert_eq!(github.comments().len(), 1);
    assert_eq!(github.state.held().lost, 2, "it was sent again");
}

#[test]
fn a_failed_comment_is_sent_again() {
    let Some(github) = Github::new() else { return };
    github.state.held().down = 1;
    github
        .run("comment.sh", PLAN, &[])
        .code(0)
        .says("wrote comment");
    assert_eq!(github.comments().len(), 1);
}

#[test]
fn of_two_concurrent_comments_one_is_kept() {
    let Some(github) = Github::new() else { return };
    github.state.held().rival = Some(json!({"body": "<!-- bluejayctl:plan -->\nrival"}));
    let other = json!({"id": 7, "body": PLAN, "user": {"type": "Bot", "login": "other[bot]"}});
    github
        .run("comment.sh", PLAN, &[])
        .code(0)
        .says("updated comment 1000");
    assert_eq!(github.comments(), [PLAN]);
    // The comment of another bot must not be deleted.
    github.state.held().comments.push(other);
    github.run("comment.sh", PLAN, &[]).code(0);
    assert_eq!(github.comments().len(), 2);
}

#[test]
fn surplus_issues_are_closed() {
    let Some(github) = Github::new() else { return };
    let drifted = [("EXIT_CODE", "2")];
    github.state.held().lost = 1;
    github.run("issue.sh", "night\n", &drifted).code(0);
    assert_eq!(github.state.held().issues.len(), 1);
    let marked = json!({"title": "x", "body": "<!-- bluejayctl:drift -->\nold"});
    github.state.held().issues.push(own(9, &marked));
    github
        .run("issue.sh", "next night\n", &drifted)
        .code(0)
        .says("updated issue 1");
    let states = |github: &Github| -> Vec<_> {
        let held = github.state.held();
        held.issues
            .iter()
            .map(|issue| issue["state"].clone())
            .collect()
    };
    assert_eq!(states(&github), ["open", "closed"]);
    github.state.held().issues[1]["state"] = "open".into();
    github
        .run("issue.sh", "", &[("EXIT_CODE", "0")])
        .code(0)
        .says("closed issue 1")
        .says("closed issue 9");
    assert_eq!(states(&github), ["closed", "closed"]);
}

#[test]
fn a_read_only_token_does_not_fail_the_job() {
    let Some(github) = Github::new() else { return };
    github.state.held().refusal = Some(403);
    github
        .run("comment.sh", "<!-- bluejayctl:plan -->\none\n", &[])
        .code(0)
        .says("::notice title=bluejayctl::no comment");
}

#[test]
fn a_comment_of_maximum_size_is_accepted() {
    let Some(github) = Github::new() else { return };
    let env = &github.env;
    for number in 0..3_000 {
        env.write(
            &format!("simulations/{}.yaml", number / 100),
            &(0..100)
                .map(|n| document(number / 100 * 100 + n))
                .collect::<String>(),
        );
    }
    let plan = env.run(&["plan", "--format", "markdown"]);
    assert!(plan.code(0).stdout.chars().count() < 65_000);
    github
        .run("comment.sh", &plan.stdout, &[])
        .code(0)
        .says("wrote comment");
    assert!(github.comments()[0].chars().count() < 65_000);
}

fn document(number: usize) -> String {
    format!("---\nkey: key-{number}\nagent_id: 1\nname: Simulation {number}\n")
}

#[test]
fn one_issue_is_opened_for_drift_and_closed_afterwards() {
    let Some(github) = Github::new() else { return };
    let drifted = [("EXIT_CODE", "2")];
    github
        .run("issue.sh", "first night\n", &drifted)
        .code(0)
        .says("opened issue 1");
    github
        .run("issue.sh", "second night\n", &drifted)
        .code(0)
        .says("updated issue 1");
    let staging = [("EXIT_CODE", "2"), ("ENVIRONMENT", "staging")];
    github
        .run("issue.sh", "elsewhere\n", &staging)
        .code(0)
        .says("opened issue 2");
    // A failed drift check says nothing about drift.
    github.run("issue.sh", "", &[("EXIT_CODE", "1")]).code(0);
    let clean = [("EXIT_CODE", "0")];
    github
        .run("issue.sh", "", &clean)
        .code(0)
        .says("closed issue 1");
    github
        .run("issue.sh", "", &clean)
        .code(0)
        .says("no issue about any");
    let held = github.state.held();
    let body = |at: usize| held.issues[at]["body"].as_str().unwrap();
    assert_eq!(held.issues.len(), 2);
    assert_eq!(body(0), "<!-- bluejayctl:drift -->\nsecond night\n");
    assert_eq!(body(1), "<!-- bluejayctl:drift:staging -->\nelsewhere\n");
    let states: Vec<_> = held.issues.iter().map(|issue| &issue["state"]).collect();
    assert_eq!(states, ["closed", "open"]);
}

/// Runs `run.sh` of the action on a runner.
fn run_step(env: &TestEnv, more: &[(&str, &str)]) -> Run {
    let mut bash = command("bash", &env.path("."));
    bash.arg(script("run.sh"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", env.path("."))
        .env("GITHUB_STEP_SUMMARY", env.path("summary"))
        .env("GITHUB_OUTPUT", env.path("outputs"))
        .env("RUNNER_TEMP", env.path("."))
        .envs(more.iter().copied());
    Run::of(bash)
}

#[test]
fn a_plan_step_reports_once_and_annotates_lines() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::with(&["desk"]);
    let run = run_step(&env, &[("COMMAND", "plan"), ("ARGS", "--target des*")]);
    run.code(0)
        .says("::notice file=simulations/desk.yaml,line=1,");
    let report = env.read("bluejayctl-report.md");
    assert!(report.starts_with("<!-- bluejayctl:plan -->\n"));
    assert_eq!(
        env.read("summary")
            .matches("<!-- bluejayctl:plan -->")
            .count(),
        1
    );
    let outputs = env.read("outputs");
    assert_eq!(outputs.matches("changes<<").count(), 1);
    assert!(outputs.contains("exit-code=0\n"), "{outputs}");
}

#[test]
fn a_plan_step_of_files_with_mistakes_fails_and_still_reports() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::new();
    env.simulation("desk", "max_concurrent: lots");
    let run = run_step(&env, &[("COMMAND", "plan")]);
    run.code(1)
        .says("::error file=simulations/desk.yaml,line=3,");
    assert!(
        env.read("bluejayctl-report.md")
            .contains("The files are not valid")
    );
    let outputs = env.read("outputs");
    assert!(outputs.contains("report=") && outputs.contains("exit-code=1\n"));
}

#[test]
fn a_run_step_fails_below_the_score_and_reports_once() {
    if !has(&["bash"]) {
        return;
    }
    let (env, api) = (TestEnv::with_callers(&["desk"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let url = api.url();
    let step = |args: &str| {
        let more = [
            ("COMMAND", "run"),
            ("ARGS", args),
            ("BLUEJAY_API_KEY", KEY),
            ("BLUEJAY_API_URL", &url),
        ];
        run_step(&env, &more)
    };
    step("--poll 1ms").code(0);
    assert_eq!(env.read("summary").matches("runs passed").count(), 1);
    assert!(
        env.read("bluejayctl-report.md")
            .contains("1 of 1 runs passed")
    );
    assert!(env.read("outputs").contains("passed<<"));
    step("--poll 1ms --min-score 100 nobody").code(1);
    assert!(env.read("outputs").ends_with("exit-code=1\n"));
}

#[test]
fn a_plan_that_can_not_begin_is_reported_in_the_comment() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::with(&["desk"]);
    let more = [
        ("COMMAND", "plan"),
        ("ARGS", "--nonsense"),
        ("ENVIRONMENT", "a--b"),
    ];
    run_step(&env, &more).code(1);
    let report = env.read("bluejayctl-report.md");
    assert!(
        report.starts_with("<!-- bluejayctl:plan:a-_b -->\n"),
        "{report}"
    );
    assert!(report.contains("There is no plan: bluejayctl ended with exit code 1."));
}

#[test]
fn a_validate_step_annotates_files_below_its_folder() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::new();
    env.write("voice/simulations/a.yaml", "agent_id: 1\nname: 5\n");
    let more = [("COMMAND", "validate"), ("DIRECTORY", "voice")];
    run_step(&env, &more)
        .code(1)
        .says("::error file=voice/simulations/a.yaml,line=2,");
}

#[test]
fn arguments_of_the_action_are_never_run_as_commands() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::with(&["desk"]);
    let more = [
        ("COMMAND", "plan"),
        ("ARGS", "$(touch hit) ; touch hit `touch hit`"),
    ];
    run_step(&env, &more).code(1);
    assert!(!env.exists("hit"));
}

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
