//! Tests of each fault.

use std::time::{Duration, Instant};

use reqwest::header::{LOCATION, RETRY_AFTER};

use super::*;
use crate::sandbox::Faults;
use crate::store::writable::WritablePath;

impl TestSandbox {
    async fn with_fault_flags(flags: &[&str]) -> Self {
        let rules = flags.iter().map(|flag| flag.parse().unwrap()).collect();
        Self::with(SandboxOptions {
            faults: Faults { rules, seed: 1 },
            log_requests: true,
            ..SandboxOptions::default()
        })
        .await
    }

    async fn try_create(&self, name: &str) -> reqwest::Result<reqwest::Response> {
        let body = json!({ "agent_id": "42", "name": name, "max_call_duration": 8 });
        let request = self.request(Method::POST, "create-simulation");
        request.json(&body).send().await
    }
}

#[tokio::test]
async fn lost_answers_close_the_connection() {
    for (flag, expected) in [
        (
            "lost-before:every=2,match=POST:create",
            ["one", "three"].as_slice(),
        ),
        (
            "lost-after:every=2,match=POST:create",
            &["one", "two", "three"],
        ),
    ] {
        let api = TestSandbox::with_fault_flags(&[flag]).await;
        assert!(api.try_create("one").await.is_ok());
        let error = api.try_create("two").await.unwrap_err();
        assert!(error.is_request() && !error.is_connect(), "{error:?}");
        assert!(api.try_create("three").await.is_ok());
        assert_eq!(api.names().await, expected, "{flag}");
        assert_eq!(api.sandbox.requests()[1].status, None);
    }
}

#[tokio::test]
async fn errors_are_answered_before_or_after_the_execution() {
    for (flag, status, names) in [
        ("error-before:times=1", 503, [].as_slice()),
        ("error-before:times=1,status=500", 500, &[]),
        ("error-after:times=1", 502, &["one"]),
    ] {
        let api = TestSandbox::with_fault_flags(&[flag]).await;
        let answer = api.try_create("one").await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(api.names().await, names, "{flag}");
        assert_eq!(api.sandbox.requests()[0].status, Some(status));
    }
}

#[tokio::test]
async fn unreadable_answers_have_a_success_status() {
    for flag in ["garbage:match=POST", "truncated:match=POST"] {
        let api = TestSandbox::with_fault_flags(&[flag]).await;
        let answer = api.try_create("one").await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.json::<Value>().await.is_err(), "{flag}");
        assert_eq!(api.names().await, ["one"]);
    }
}

#[tokio::test]
async fn a_late_commit_is_executed_after_its_answer() {
    let flag = "late-commit:delay=30ms,status=504,match=POST";
    let api = TestSandbox::with_fault_flags(&[flag]).await;
    let answer = api.try_create("one").await.unwrap();
    assert_eq!(answer.status(), 504);
    assert_eq!(api.names().await, [""; 0]);
    let started = Instant::now();
    while api.names().await.is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "never committed"
        );
    }
    let api = TestSandbox::with_fault_flags(&["late-commit:delay=1ms,match=POST"]).await;
    assert!(api.try_create("one").await.is_err());
}

#[tokio::test]
async fn a_late_commit_is_executed_at_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("sandbox.json");
    let rules = vec!["late-commit:delay=1h,match=POST".parse().unwrap()];
    let api = TestSandbox::with(SandboxOptions {
        data: Some(WritablePath::named(&data)),
        faults: Faults { rules, seed: 0 },
        ..SandboxOptions::default()
    })
    .await;
    assert!(api.try_create("one").await.is_err());
    api.sandbox.shutdown().await.unwrap();
    let api = TestSandbox::with(SandboxOptions {
        data: Some(WritablePath::named(&data)),
        ..SandboxOptions::default()
    })
    .await;
    assert_eq!(api.names().await, ["one"]);
}

#[tokio::test]
async fn latency_delays_a_request_that_is_executed_even_if_the_client_leaves() {
    let slow = "latency:delay=20ms..30ms,match=POST";
    let api = TestSandbox::with_fault_flags(&[slow]).await;
    let started = Instant::now();
    api.create("one").await;
    assert!(started.elapsed() >= Duration::from_millis(20));
    let body = json!({ "agent_id": "42", "name": "two" });
    let request = api.request(Method::POST, "create-simulation").json(&body);
    let timeout = Duration::from_millis(5);
    assert!(
        request
            .timeout(timeout)
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    let started = Instant::now();
    while api.names().await.len() < 2 {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "never committed"
        );
    }
}

#[tokio::test]
async fn a_slow_answer_is_executed_at_once() {
    let api = TestSandbox::with_fault_flags(&["slow-answer:delay=1h,match=POST"]).await;
    let pending = api.try_create("one");
    let seen = async { while api.names().await.is_empty() {} };
    tokio::select! {
        _ = pending => panic!("answered"),
        () = seen => {}
    }
}

#[tokio::test]
async fn throttling_begins_after_the_given_number_of_requests() {
    let api = TestSandbox::with_fault_flags(&["throttle:after=2,for=90s"]).await;
    api.create("one").await;
    api.create("two").await;
    let answer = api.try_create("three").await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()[RETRY_AFTER], "90");

    let api = TestSandbox::with_fault_flags(&["throttle:times=1,retry-after=date"]).await;
    let answer = api.try_create("one").await.unwrap();
    let date = answer.headers()[RETRY_AFTER].to_str().unwrap();
    assert!(httpdate::parse_http_date(date).is_ok(), "{date}");
    api.create("two").await;

    let api = TestSandbox::with_fault_flags(&["throttle:after=1,times=1,status=401"]).await;
    api.create("one").await;
    let answer = api.try_create("two").await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(!answer.headers().contains_key(RETRY_AFTER));
    api.create("three").await;
    assert_eq!(api.names().await, ["one", "three"]);
}

#[tokio::test]
async fn stale_lists_omit_new_simulations() {
    for flag in ["stale-list:lag=1h,times=1", "stale-list:creates=1,times=1"] {
        let api = TestSandbox::with_fault_flags(&[flag]).await;
        api.create("one").await;
        assert_eq!(api.names().await, [""; 0], "{flag}");
        assert_eq!(api.names().await, ["one"], "{flag}");
    }
}

#[tokio::test]
async fn a_redirected_request_is_not_executed() {
    let api = TestSandbox::with_fault_flags(&["redirect:match=POST,to=http://127.0.0.1:1/"]).await;
    let answer = api.try_create("one").await.unwrap();
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()[LOCATION], "http://127.0.0.1:1/");
    assert_eq!(api.names().await, [""; 0]);
}

#[tokio::test]
async fn quirks_change_the_stored_values() {
    let api = TestSandbox::with_fault_flags(&["wrong-minutes", "keep-nulls:times=1"]).await;
    let created: Value = api.try_create("one").await.unwrap().json().await.unwrap();
    let path = format!("simulation/{}", created["simulation_id"]);
    let (_, read) = api.get(&path).await;
    assert_eq!(read["settings"]["max_call_duration"], 28800);
    for expected in ["one", ""] {
        let (_, updated) = api.send(Method::PUT, &path, json!({ "name": null })).await;
        assert_eq!(updated["name"], expected);
    }
}
