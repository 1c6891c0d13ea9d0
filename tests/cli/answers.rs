//! Tests of unusual and hostile answers.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::api::{CREATE, FakeApi, LIST, created, failed, listed};
use super::env::TestEnv;

const ORGANIZATION: &str = "/v1/integrations";

fn refused(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"detail": "not now", "code": code}))
}

#[test]
fn a_billing_error_ends_the_apply_at_once() {
    for (status, code, meaning) in [
        (402, "NO_PAYMENT_METHOD", "has no payment method"),
        (403, "INSUFFICIENT_CREDITS", "has no credits left"),
        (403, "SPEND_ALERT_REACHED", "has reached its spend limit"),
    ] {
        let (env, api) = (TestEnv::with(&["a", "b", "c"]), FakeApi::start());
        api.always("GET", LIST, listed(&[]));
        api.on("POST", CREATE, 1, refused(status, code));
        let run = env.run_at(&api.url(), &["apply", "--parallelism", "1"]);
        run.code(1).says(meaning).says(code).says("dashboard");
        assert_eq!(run.stderr.matches(meaning).count(), 1, "{run}");
        assert!(!env.has_journal());
    }
}

#[test]
fn a_billing_error_ends_the_lookup_before_creates() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    for agent in ["1", "2", "3"] {
        env.simulation(&format!("a{agent}"), &format!("agent_id: \"{agent}\""));
    }
    let first = "/v1/get-simulations-by-agent/1";
    api.on("GET", first, 1, refused(402, "NO_PAYMENT_METHOD"));
    let run = env.run_at(&api.url(), &["apply", "--parallelism", "1", "--yes"]);
    run.code(1).says("has no payment method");
    let others = api.requests();
    let others = others
        .iter()
        .filter(|request| request.url.path() != ORGANIZATION);
    assert_eq!(others.count(), 1);
}

#[test]
fn a_403_without_a_billing_code_suggests_checking_the_workspace() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, listed(&[]));
    api.on("POST", CREATE, 1, refused(403, "WRONG_WORKSPACE"));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1).says("WRONG_WORKSPACE").says("workspace");
    run.never_says("dashboard");
}

#[test]
fn a_read_waits_for_the_retry_after_of_a_503() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let busy = failed(503, "authentication unavailable").insert_header("retry-after", "1");
    api.first("GET", LIST, busy);
    api.always("GET", LIST, listed(&[]));
    api.on("POST", CREATE, 1, created(7));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(0)
        .says("authentication unavailable")
        .says("trying again in 1s");
}

#[test]
fn a_503_with_a_retry_after_of_an_hour_is_not_repeated() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let busy = failed(503, "maintenance").insert_header("retry-after", "3600");
    api.on("GET", LIST, 1, busy);
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1).says("3600 s");
}

/// Returns an answer of five million bytes, uncompressed or as a small gzip stream.
fn large(status: u16, is_compressed: bool) -> ResponseTemplate {
    let text = format!("{{\"detail\": \"{}\"}}", "x".repeat(5_000_000));
    let answer = ResponseTemplate::new(status);
    if !is_compressed {
        return answer.set_body_raw(text, "application/json");
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    answer
        .set_body_raw(encoder.finish().unwrap(), "application/json")
        .insert_header("content-encoding", "gzip")
}

#[test]
fn an_answer_above_the_size_limit_is_refused() {
    for is_compressed in [false, true] {
        let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
        api.always("GET", LIST, listed(&[]));
        api.on("POST", CREATE, 1, created(7));
        env.run_at(&api.url(), &["apply"]).code(0);
        api.on("GET", "/v1/simulation/7", 1, large(200, is_compressed));
        let run = env.run_at(&api.url(), &["drift"]);
        run.code(1).says("the answer is too large").says("4 MiB");
    }
}

#[test]
fn a_large_error_answer_is_reported_like_other_errors() {
    for is_compressed in [false, true] {
        let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
        api.on("GET", ORGANIZATION, 1, large(401, is_compressed));
        let run = env.run_at(&api.url(), &["apply"]);
        run.code(1).says("the API rejected the key").says("xxx");
        assert!(run.stderr.len() < 2000, "{}", run.stderr.len());
    }
}

#[test]
fn throttling_with_a_retry_after_of_zero_costs_few_requests() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    api.always("GET", LIST, listed(&[]));
    for _ in 0..2 {
        let throttled = failed(429, "Rate limit exceeded").insert_header("retry-after", "0");
        api.first("POST", CREATE, throttled);
    }
    api.on("POST", CREATE, 1, created(7));
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(0);
    assert_eq!(run.stderr.matches("throttles").count(), 1, "{run}");
}
