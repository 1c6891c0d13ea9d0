//! Tests without faults.

use super::*;

#[tokio::test]
async fn a_simulation_is_created_read_updated_and_deleted() {
    let api = TestSandbox::new().await;
    let body = json!({
        "agent_id": "42", "name": "Front desk", "max_concurrent": "25", "max_call_duration": 8,
        "digital_humans_settings": { "num_runs": 3 },
    });
    let (status, created) = api.send(Method::POST, "create-simulation", body).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(created["status"], "200");
    let path = format!("simulation/{}", created["simulation_id"]);

    let (_, read) = api.get(&path).await;
    assert_eq!(read["agent_id"], 42);
    assert_eq!(read["max_concurrent"], 25);
    assert_eq!(read["settings"]["max_call_duration"], 480);
    let humans = &read["settings"]["digital_humans_settings"];
    assert_eq!(humans["num_runs"], 3);
    assert_eq!(humans["default_name"], "random");

    let (_, updated) = api
        .send(Method::PUT, &path, json!({ "pinned": true }))
        .await;
    assert_eq!(updated["pinned"], true);
    assert_eq!(updated["name"], "Front desk");

    let (status, deleted) = answer(api.request(Method::DELETE, &path)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(deleted["deleted_simulation_id"], created["simulation_id"]);
    for request in [
        api.request(Method::DELETE, &path),
        api.request(Method::GET, &path),
        api.request(Method::PUT, &path).json(&json!({})),
    ] {
        let (status, gone) = answer(request).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(gone, json!({ "detail": "Simulation not found" }));
    }
}

#[tokio::test]
async fn lists_contain_created_simulations() {
    let api = TestSandbox::new().await;
    api.create("one").await;
    api.create("two").await;
    let other = json!({ "agent_id": "agent seven" });
    api.send(Method::POST, "create-simulation", other).await;
    assert_eq!(api.names().await, ["one", "two"]);
    let (_, other) = api.get("get-simulations-by-agent/agent%20seven").await;
    assert_eq!(other["simulations"][0]["agent_id"], Value::Null);
    let (_, all) = api.get("get-all-simulations").await;
    assert_eq!(all["simulations"].as_array().unwrap().len(), 3);
    let (_, none) = api.get("get-simulations-by-agent/1").await;
    assert_eq!(none, json!({ "simulations": [] }));
}

#[tokio::test]
async fn digital_humans_are_attached_and_detached() {
    let api = TestSandbox::new().await;
    let id = api.create("one").await;
    for (path, ids) in [
        ("add", [101, 102]),
        ("add", [102, 103]),
        ("remove", [101, 7]),
    ] {
        let path = format!("simulation/{id}/{path}-digital-humans");
        let body = json!({ "digital_human_ids": ids });
        let (status, _) = api.send(Method::POST, &path, body).await;
        assert_eq!(status, StatusCode::OK);
    }
    let (_, humans) = api.get(&format!("digital-humans-by-simulation/{id}")).await;
    assert_eq!(humans["total"], 2);
    assert_eq!(humans["digital_humans"][0]["id"], 102);
    assert_eq!(humans["simulation_id"], id);
}

#[tokio::test]
async fn invalid_requests_get_the_answers_of_the_api() {
    let api = TestSandbox::new().await;
    let create = |body: &'static str| {
        api.request(Method::POST, "create-simulation")
            .header("Content-Type", "application/json")
            .body(body)
    };
    let text = api.request(Method::POST, "create-simulation").body("hello");
    for (request, status, kind, location) in [
        (create("{}"), 422, "missing", json!(["body", "agent_id"])),
        (
            create("{\n \"a\": x}"),
            422,
            "json_invalid",
            json!(["body", 8]),
        ),
        (create(""), 422, "missing", json!(["body"])),
        (
            text.header("Content-Type", "text/plain"),
            422,
            "model_attributes_type",
            json!(["body"]),
        ),
        (
            api.request(Method::GET, "simulation/x"),
            422,
            "int_parsing",
            json!(["path", "simulation_id"]),
        ),
    ] {
        let (found, answer) = answer(request).await;
        assert_eq!(found, status, "{answer}");
        assert_eq!(answer["detail"][0]["type"], kind);
        assert_eq!(answer["detail"][0]["loc"], location);
    }
    let versions = r#"{"agent_id": "1", "prompt_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "agent_version_id": "3c90c3cc-0d44-4b50-8888-8dd25736052b"}"#;
    for (request, status) in [
        (create(versions), 400),
        (api.request(Method::GET, "nowhere"), 404),
        (api.request(Method::PATCH, "simulation/1"), 405),
    ] {
        let (found, answer) = answer(request).await;
        assert_eq!(found, status);
        assert!(answer["detail"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn a_request_without_a_key_is_refused() {
    let open = TestSandbox::new().await;
    let closed = TestSandbox::with(SandboxOptions {
        key: Some("secret".to_owned()),
        ..SandboxOptions::default()
    })
    .await;
    let ask = |api: &TestSandbox, key: Option<&str>| {
        let url = format!("{}/v1/integrations", api.sandbox.url());
        let request = api.client.get(url);
        match key {
            Some(key) => request.header("X-API-Key", key),
            None => request,
        }
    };
    for (request, status) in [
        (ask(&open, Some("any")), 200),
        (ask(&open, Some("")), 401),
        (ask(&open, None), 401),
        (ask(&closed, Some("any")), 401),
        (ask(&closed, Some("secret")), 200),
    ] {
        assert_eq!(answer(request).await.0, status);
    }
    let (_, integrations) = open.get("integrations").await;
    assert!(integrations["organization_id"].is_string());
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = SandboxOptions {
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
        ..SandboxOptions::default()
    };
    let refused = start(options).await.err().map(|error| error.kind());
    assert_eq!(refused, Some(std::io::ErrorKind::InvalidInput));
}

#[tokio::test]
async fn requests_are_counted_and_logged_on_demand() {
    let api = TestSandbox::with(SandboxOptions {
        log_requests: true,
        ..SandboxOptions::default()
    })
    .await;
    api.create("one").await;
    api.get("simulation/9").await;
    assert_eq!(api.sandbox.request_count(), 2);
    let logged = api.sandbox.requests();
    assert_eq!(logged[0].method, "POST");
    assert_eq!(logged[1].path, "/v1/simulation/9");
    assert_eq!(logged[1].status, Some(404));
}
