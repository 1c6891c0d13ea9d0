//! Tests of the sandbox with a client over real connections.

use std::net::SocketAddr;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::{Sandbox, SandboxOptions, start};

mod api;
mod faults;
mod persistence;
mod suite;
mod tables;

/// A sandbox and a client that never reuses a broken connection.
struct TestSandbox {
    sandbox: Sandbox,
    client: Client,
}

impl TestSandbox {
    async fn new() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    async fn with(options: SandboxOptions) -> Self {
        Self {
            sandbox: start(options).await.unwrap(),
            client: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}/v1/{path}", self.sandbox.url()))
            .header("X-API-Key", "any")
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(method, path).json(&body)).await
    }

    /// Creates a simulation of agent 42, and returns its id.
    async fn create(&self, name: &str) -> u64 {
        let body = json!({ "agent_id": "42", "name": name });
        let (status, answer) = self.send(Method::POST, "create-simulation", body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["simulation_id"].as_u64().unwrap()
    }

    /// Returns the names of the simulations of agent 42.
    async fn names(&self) -> Vec<String> {
        let (_, listed) = self.get("get-simulations-by-agent/42").await;
        listed["simulations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|simulation| simulation["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}
