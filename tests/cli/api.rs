//! The servers of the tests, on this machine: an emulator of the API, and a server with
//! given answers.

use std::collections::{BTreeMap, BTreeSet};

use bluejayctl::sandbox::{Faults, LoggedRequest, Sandbox, SandboxOptions, start};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::env::KEY;

pub const CREATE: &str = "/v1/create-simulation";
pub const LIST: &str = "/v1/get-simulations-by-agent/42";

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// An emulator of the API, with faults if a test needs them.
pub struct TestApi {
    sandbox: Sandbox,
    // Dropped after the sandbox, whose tasks run on it.
    runtime: Runtime,
}

impl TestApi {
    pub fn start() -> Self {
        Self::with_faults(&[])
    }

    /// Starts the emulator with faults in the form of the option `--fault`.
    pub fn with_faults(rules: &[&str]) -> Self {
        let runtime = runtime();
        let options = SandboxOptions {
            faults: Faults {
                rules: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
                seed: 7,
            },
            key: Some(KEY.to_owned()),
            log_requests: true,
            ..SandboxOptions::default()
        };
        let sandbox = runtime.block_on(start(options)).unwrap();
        Self { sandbox, runtime }
    }

    pub fn url(&self) -> String {
        self.sandbox.url()
    }

    /// Returns the number of received requests.
    pub fn request_count(&self) -> u64 {
        self.sandbox.request_count()
    }

    /// Returns the number of received requests without an answer.
    pub fn unanswered_count(&self) -> u64 {
        let answered = self.requests().len() as u64;
        self.request_count() - answered
    }

    /// Returns all requests of the program.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.sandbox.requests()
    }

    /// Returns the number of requests that change something.
    pub fn write_count(&self) -> usize {
        let requests = self.requests();
        requests.iter().filter(|r| r.method != "GET").count()
    }

    /// Returns the number of requests with this method.
    pub fn count(&self, method: &str) -> usize {
        let requests = self.requests();
        requests.iter().filter(|r| r.method == method).count()
    }

    /// Sends a request as another client than the program.
    pub fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}{path}", self.url());
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut request = client
                .request(method.parse().unwrap(), url)
                .header("X-API-Key", KEY);
            if let Some(body) = body {
                request = request.json(&body);
            }
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            answer.json().await.unwrap()
        })
    }

    /// Creates an untracked simulation.
    pub fn create(&self, fields: Value) -> u64 {
        let answer = self.ask("POST", CREATE, Some(fields));
        answer["simulation_id"].as_u64().unwrap()
    }

    pub fn get(&self, id: u64) -> Value {
        self.ask("GET", &format!("/v1/simulation/{id}"), None)
    }

    /// Returns the existing resources of every kind: `KIND ID`.
    pub fn resources(&self) -> BTreeSet<String> {
        let lists = [
            ("simulation", "get-all-simulations", "simulations"),
            (
                "digital_human",
                "digital-humans?page_size=100",
                "digital_humans",
            ),
            ("custom_metric", "metrics?page_size=100", "metrics"),
            ("schedule", "schedules", "schedules"),
        ];
        let of_kind = |(kind, path, member): (&str, &str, &str)| {
            let answer = self.ask("GET", &format!("/v1/{path}"), None);
            let rows = answer[member].as_array().unwrap().iter();
            let ids = rows.map(|row| row["id"].to_string());
            ids.map(|id| format!("{kind} {}", id.trim_matches('"')))
                .collect::<Vec<_>>()
        };
        lists.into_iter().flat_map(of_kind).collect()
    }

    /// Returns the names of the existing simulations, by id.
    pub fn alive(&self) -> BTreeMap<u64, String> {
        let answer = self.ask("GET", "/v1/get-all-simulations", None);
        let simulations = answer["simulations"].as_array().unwrap();
        simulations
            .iter()
            .map(|found| {
                let name = found["name"].as_str().unwrap().to_owned();
                (found["id"].as_u64().unwrap(), name)
            })
            .collect()
    }
}

/// A server with given answers. Each mock expects a number of requests, and refuses a
/// request without the key.
pub struct FakeApi {
    server: Option<MockServer>,
    runtime: Runtime,
}

impl FakeApi {
    pub fn start() -> Self {
        let runtime = runtime();
        let server = Some(runtime.block_on(MockServer::start()));
        Self { server, runtime }
    }

    fn server(&self) -> &MockServer {
        self.server.as_ref().unwrap()
    }

    pub fn url(&self) -> String {
        self.server().uri()
    }

    /// Answers this request, and expects exactly `times` such requests.
    pub fn on(&self, verb: &str, at: &str, times: u64, answer: impl Respond + 'static) -> &Self {
        let mock = Mock::given(method(verb))
            .and(path(at))
            .and(header("X-API-Key", KEY))
            .respond_with(answer)
            .expect(times);
        self.runtime.block_on(mock.mount(self.server()));
        self
    }

    /// Answers this request once, before all other mocks of the request.
    pub fn first(&self, verb: &str, at: &str, answer: impl Respond + 'static) -> &Self {
        let mock = Mock::given(method(verb))
            .and(path(at))
            .and(header("X-API-Key", KEY))
            .respond_with(answer)
            .up_to_n_times(1)
            .with_priority(1)
            .expect(1);
        self.runtime.block_on(mock.mount(self.server()));
        self
    }

    /// Answers this request any number of times.
    pub fn always(&self, verb: &str, at: &str, answer: impl Respond + 'static) -> &Self {
        let mock = Mock::given(method(verb))
            .and(path(at))
            .and(header("X-API-Key", KEY))
            .respond_with(answer);
        self.runtime.block_on(mock.mount(self.server()));
        self
    }

    /// Returns all received requests.
    pub fn requests(&self) -> Vec<Request> {
        let received = self.runtime.block_on(self.server().received_requests());
        received.unwrap_or_default()
    }

    /// Returns the bodies of the requests with this method.
    pub fn bodies(&self, verb: &str) -> Vec<Value> {
        let requests = self.requests();
        requests
            .iter()
            .filter(|request| request.method.as_str() == verb)
            .map(|request| serde_json::from_slice(&request.body).unwrap())
            .collect()
    }
}

impl Drop for FakeApi {
    /// Compares the numbers of requests with the expected numbers.
    fn drop(&mut self) {
        let _context = self.runtime.enter();
        drop(self.server.take());
    }
}

/// Returns the answer to a create.
pub fn created(id: u64) -> ResponseTemplate {
    let body = json!({"simulation_id": id, "status": "200", "message": "created"});
    ResponseTemplate::new(200).set_body_json(body)
}

/// Returns the list of an agent.
pub fn listed(simulations: &[Value]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"simulations": simulations}))
}

/// Returns an error answer with a status and a message.
pub fn failed(status: u16, detail: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"detail": detail}))
}
