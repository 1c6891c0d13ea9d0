//! A GitHub server on this machine, for the tests of scripts that write to GitHub.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::super::env::{Run, TestEnv};
use super::shell::{command, script};
use crate::tools::has;

pub const TOKEN: &str = "ghs-test-token-77aa";

/// The state of the GitHub server: comments of one pull request, and issues.
#[derive(Default)]
pub struct Held {
    pub comments: Vec<Value>,
    pub issues: Vec<Value>,
    pub pulls: Vec<Value>,
    /// The status of every write, if writes are refused.
    pub refusal: Option<u16>,
    /// The number of POST requests that are executed and answered with 502.
    pub lost: usize,
    /// The number of POST requests that are answered with 503 and not executed.
    pub down: usize,
    /// The comment or issue that another job writes directly before the next POST request
    /// is executed.
    pub rival: Option<Value>,
    /// The number of comments and issues ever made, so that no number is reused.
    made: usize,
}

/// Returns a comment or an issue of the job's own token.
pub fn own(id: usize, body: &Value) -> Value {
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
pub struct State(Arc<Mutex<Held>>);

impl State {
    pub fn held(&self) -> std::sync::MutexGuard<'_, Held> {
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
pub struct Github {
    pub state: State,
    server: MockServer,
    pub env: TestEnv,
    _runtime: Runtime,
}

impl Github {
    /// Returns `None` if a program is missing.
    pub fn new() -> Option<Self> {
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

    pub fn run(&self, name: &str, report: &str, more: &[(&str, &str)]) -> Run {
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

    pub fn comments(&self) -> Vec<String> {
        let held = self.state.held();
        let bodies = held.comments.iter().map(|comment| &comment["body"]);
        bodies
            .map(|body| body.as_str().unwrap().to_owned())
            .collect()
    }
}
