//! Tests that the key is sent only to the API and never shown.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::api::{CREATE, FakeApi, LIST, TestApi, listed};
use super::env::{KEY, Run, TestEnv};

/// Checks that neither the output nor any file of the repository contains the key.
#[track_caller]
fn check_hidden(env: &TestEnv, run: &Run) {
    run.never_says(KEY);
    for file in env.files() {
        let bytes = std::fs::read(&file).unwrap();
        let is_found = bytes
            .windows(KEY.len())
            .any(|window| window == KEY.as_bytes());
        assert!(!is_found, "the key stands in {}", file.display());
    }
}

#[test]
fn no_log_and_no_file_contains_the_key() {
    for args in [
        &["apply", "-vv"][..],
        &["apply", "-vv", "--log-format", "json"],
        &["apply", "-vv", "--format", "json"],
    ] {
        let rules = [
            "error-after:match=POST,every=2",
            "throttle:match=POST,after=1,times=1",
        ];
        let (env, api) = (
            TestEnv::with(&["a", "b", "c"]),
            TestApi::with_faults(&rules),
        );
        let run = env.run_at(&api.url(), args);
        run.code(0);
        check_hidden(&env, &run);
    }
}

#[test]
fn a_server_that_repeats_the_key_does_not_show_it() {
    for status in [400, 401, 403, 422, 500] {
        let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
        let echo = json!({"detail": format!("the key {KEY} is not good")});
        api.always("GET", LIST, listed(&[]));
        let answer = ResponseTemplate::new(status).set_body_json(echo);
        // After a success, the answer would mean throttling.
        if status == 401 {
            api.first("GET", LIST, answer);
        } else {
            api.always("POST", CREATE, answer);
        }
        let run = env.run_at(&api.url(), &["apply", "-vv", "--settle", "100ms"]);
        run.code(if status == 500 { 3 } else { 1 });
        check_hidden(&env, &run);
    }
}

#[test]
fn a_refused_field_that_repeats_the_key_does_not_show_it() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let detail = json!({"detail": [{
        "loc": ["body", "name"], "msg": format!("not with {KEY}"), "type": "value_error",
    }]});
    api.on("GET", LIST, 1, listed(&[]));
    api.on(
        "POST",
        CREATE,
        1,
        ResponseTemplate::new(422).set_body_json(detail),
    );
    let run = env.run_at(&api.url(), &["apply", "-vv"]);
    run.code(1);
    check_hidden(&env, &run);
}

#[test]
fn data_that_repeats_the_key_is_not_recorded() {
    let (env, api) = (TestEnv::with(&["a"]), FakeApi::start());
    let answer = |body| ResponseTemplate::new(200).set_body_json(body);
    let organization = json!({"organization_id": format!("org-{KEY}")});
    api.always("GET", "/v1/integrations", answer(organization));
    let stranger = json!({"id": 3, "agent_id": 42, "name": format!("of {KEY}")});
    api.always("GET", LIST, listed(std::slice::from_ref(&stranger)));
    let created = json!({"simulation_id": 7, "message": format!("for {KEY}")});
    api.on("POST", CREATE, 1, answer(created));
    let run = env.run_at(&api.url(), &["apply", "-vv"]);
    run.code(0);
    check_hidden(&env, &run);

    api.always("GET", "/v1/simulation/3", answer(stranger));
    for args in [&["import", "b", "3"][..], &["import", "--agent", "42"]] {
        let run = env.run_at(&api.url(), args);
        run.code(1).says("the answer repeats the API key");
        check_hidden(&env, &run);
    }
}

/// Applies with a key file with these bytes, readable only for its owner.
fn apply_with_key_file(env: &TestEnv, url: &str, bytes: &[u8]) -> Run {
    std::fs::write(env.path("key"), bytes).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(
        env.path("key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    let mut command = env.command(&["apply", "--api-key-file", "key"]);
    command
        .env("BLUEJAY_API_URL", url)
        .env_remove("BLUEJAY_API_KEY");
    Run::of(command)
}

#[test]
fn a_key_file_may_have_a_byte_order_mark_and_blank_lines() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let text = format!("\u{feff}{KEY}\r\n\r\n");
    let run = apply_with_key_file(&env, &api.url(), text.as_bytes());
    run.code(0).never_says("warning");
}

#[test]
fn an_invalid_key_is_refused_and_not_shown() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    for (bytes, said) in [
        (&b""[..], "`key` is empty"),
        (b"\xef\xbb\xbf \r\n", "`key` is empty"),
        (b"s3cret-one\ns3cret-two\n", "character 11"),
        ("s3cr\u{e9}t".as_bytes(), "character 5"),
        (b"s3cret\x07", "character 7"),
        (b"\xff\xfes\x003\x00", "not UTF-8"),
    ] {
        let run = apply_with_key_file(&env, &api.url(), bytes);
        run.code(1).says(said).says("`key`").never_says("s3cr");
    }
    let mut command = env.command(&["apply", "--api-url", &api.url()]);
    command.env("BLUEJAY_API_KEY", "s3cret\u{200b}");
    let run = Run::of(command);
    run.code(1).says("`BLUEJAY_API_KEY`").says("character 7");
    run.never_says("s3cr");
    assert_eq!(api.request_count(), 0);
}

#[cfg(unix)]
#[test]
fn a_key_file_readable_by_all_users_causes_a_warning() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    apply_with_key_file(&env, &api.url(), KEY.as_bytes()).code(0);
    let all = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(env.path("key"), all).unwrap();
    let run = env.run_at(&api.url(), &["apply", "--api-key-file", "key"]);
    run.code(0)
        .says("every user of this machine can read the API key in `key`");
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (env, api, elsewhere) = (TestEnv::with(&["a"]), FakeApi::start(), TestApi::start());
        let to = format!("{}{CREATE}", elsewhere.url());
        api.always("GET", LIST, listed(&[]));
        let answer = ResponseTemplate::new(status).insert_header("location", to.as_str());
        api.on("POST", CREATE, 4, answer);
        let run = env.run_at(&api.url(), &["apply", "--settle", "1ms"]);
        run.says("redirect");
        assert_ne!(run.code, Some(0));
        assert_eq!(elsewhere.request_count(), 0, "{status}");
    }
}

#[test]
fn a_key_is_not_sent_over_http() {
    let env = TestEnv::with(&["a"]);
    for url in [
        "http://192.0.2.1",
        "http://api.getbluejay.ai/v1",
        "http://localhost.example",
    ] {
        let run = env.run_at(url, &["apply"]);
        run.code(1).says("https");
        assert!(!env.has_journal());
    }
}

#[test]
fn a_proxy_of_the_environment_does_not_see_the_key_for_this_machine() {
    let (env, api, proxy) = (TestEnv::with(&["a"]), TestApi::start(), TestApi::start());
    let mut command = env.command(&["apply", "--api-url", &api.url()]);
    command
        .env("http_proxy", proxy.url())
        .env("HTTP_PROXY", proxy.url());
    command.env("ALL_PROXY", proxy.url());
    Run::of(command).code(0);
    assert_eq!(proxy.request_count(), 0);
}
