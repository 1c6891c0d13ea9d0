//! Tests of digital humans, custom metrics and schedules.

use super::*;
use crate::store::writable::WritablePath;

fn caller(name: &str) -> Value {
    json!({ "name": name, "test_name": name, "intent": "Books an appointment." })
}

async fn with_faults(rules: &[&str]) -> TestSandbox {
    let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let faults = crate::sandbox::Faults { rules, seed: 0 };
    TestSandbox::with(SandboxOptions {
        faults,
        ..SandboxOptions::default()
    })
    .await
}

async fn create(api: &TestSandbox, path: &str, body: Value) -> Value {
    let (status, answer) = api.send(Method::POST, path, body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

fn names(rows: &Value) -> Vec<&str> {
    let rows = rows.as_array().unwrap();
    rows.iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_digital_human_is_created_read_updated_and_deleted() {
    let api = TestSandbox::new().await;
    let simulation = api.create("one").await;
    let body = json!({ "digital_human": caller("Ada"), "simulation_ids": [simulation] });
    let created = create(&api, "create-digital-human", body).await;
    assert_eq!(created["simulation_ids"], json!([simulation]));
    let human = &created["digital_human"];
    assert_eq!(human["language"], "en");
    assert_eq!(human.get("num_runs"), None, "it is never shown");
    let id = human["id"].as_u64().unwrap();

    let (_, listed) = api
        .get(&format!("digital-humans-by-simulation/{simulation}"))
        .await;
    assert_eq!(names(&listed["digital_humans"]), ["Ada"]);
    assert_eq!(listed["digital_humans"][0].get("test_name"), None);
    let (_, found) = api.get("digital-human-by-test-name/Ada").await;
    assert_eq!(found["digital_human"]["id"], id);

    let path = format!("update-digital-human/{id}");
    let (_, updated) = api
        .send(Method::PUT, &path, json!({ "voice_speed": "fast" }))
        .await;
    assert_eq!(updated["digital_human"]["voice_speed"], "fast");
    assert_eq!(updated["digital_human"]["intent"], "Books an appointment.");
    let (_, moved) = api
        .send(Method::PUT, &path, json!({ "simulation_ids": [] }))
        .await;
    assert_eq!(
        moved["simulation_ids"],
        json!([]),
        "memberships are replaced"
    );

    let path = format!("digital-human/{id}");
    let (status, _) = answer(api.request(Method::DELETE, &path)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = api.get(&path).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_rules_of_digital_humans_are_checked() {
    let api = TestSandbox::new().await;
    for (human, status) in [
        (json!({ "name": "No intent" }), 400),
        (json!({ "tag": "voicemail-custom" }), 400),
        (
            json!({ "tag": "voicemail-custom", "speaks_first_config": { "speaks_first": false, "message": "Hello" } }),
            200,
        ),
        (json!({ "journey_steps": [{ "step": 2 }] }), 400),
        (json!({ "intent": "x", "creativity": 2.5 }), 422),
        (json!({ "intent": "x", "gender": "other" }), 422),
        (
            json!({ "intent": "x", "traits": [{ "trait_name": "age" }] }),
            422,
        ),
        (
            json!({ "intent": "x", "interruptions": { "type": "keywords" } }),
            422,
        ),
        (json!({ "intent": "x", "silence_timeout": 14 }), 422),
        (json!({ "intent": "x", "background_noise": "custom" }), 400),
    ] {
        let body = json!({ "digital_human": human });
        let (found, answer) = api.send(Method::POST, "create-digital-human", body).await;
        assert_eq!(found, status, "{human}: {answer}");
    }
    let body = json!({ "digital_human": { "intent": 5 } });
    let (_, answer) = api.send(Method::POST, "create-digital-human", body).await;
    let place = json!(["body", "digital_human", "intent"]);
    assert_eq!(answer["detail"][0]["loc"], place);
}

#[tokio::test]
async fn a_bulk_create_answers_item_by_item() {
    let api = with_faults(&["bulk-errors:items=3", "bulk-reversed"]).await;
    let humans: Vec<_> = ["a", "b", "c", "d"].map(caller).into();
    let body = json!({ "digital_humans": humans });
    let made = create(&api, "create-digital-humans", body).await;
    let created = made["created"].as_array().unwrap();
    let created: Vec<_> = created
        .iter()
        .map(|made| &made["digital_human"]["name"])
        .collect();
    assert_eq!(created, ["d", "b", "a"]);
    assert_eq!(made["errors"][0]["index"], 2);
    let (_, page) = api.get("digital-humans?page=1&page_size=2").await;
    assert_eq!(
        names(&page["digital_humans"]),
        ["d", "b"],
        "the newest first"
    );
    assert_eq!(
        (&page["total_count"], &page["total_pages"]),
        (&json!(3), &json!(2))
    );
    let (status, _) = api.get("digital-humans?page=3&page_size=2").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn items_of_a_bulk_create_are_not_wrapped() {
    let api = TestSandbox::new().await;
    let wrapped = json!({ "digital_humans": [{ "digital_human": caller("a") }] });
    let (status, _) = api
        .send(Method::POST, "create-digital-humans", wrapped)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mistyped = json!({ "digital_humans": [caller("a"), { "intent": 1 }] });
    let (_, answer) = api
        .send(Method::POST, "create-digital-humans", mistyped)
        .await;
    let place = json!(["body", "digital_humans", 1, "intent"]);
    assert_eq!(answer["detail"][0]["loc"], place);
}

#[tokio::test]
async fn digital_humans_are_updated_and_deleted_in_bulk() {
    let api = TestSandbox::new().await;
    let body = json!({ "digital_humans": [caller("a"), caller("b")] });
    create(&api, "create-digital-humans", body).await;
    let (_, page) = api.get("digital-humans").await;
    let ids: Vec<_> = page["digital_humans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    let wanted = json!({ "updates": [
        { "digital_human_id": ids[0], "update": { "fluency": "beginner" } },
        { "digital_human_id": 7, "update": { "fluency": "beginner" } },
    ] });
    let (_, updated) = api.send(Method::PUT, "update-digital-humans", wanted).await;
    assert_eq!(
        updated["updated"][0]["digital_human"]["fluency"],
        "beginner"
    );
    assert_eq!(updated["errors"][0]["detail"], "Digital human not found");
    let path = format!("delete-digital-humans?digital_human_ids={},7", ids[1]);
    let (_, deleted) = answer(api.request(Method::DELETE, &path)).await;
    assert_eq!(names(&deleted["deleted"]), ["a"]);
    assert_eq!(deleted["errors"][0]["id"], 7);
}

#[tokio::test]
async fn metrics_have_old_and_new_paths_and_names() {
    let api = TestSandbox::new().await;
    let body = json!({
        "name": "Politeness", "response_type": "pass_fail", "description": "Polite?", "agent_id": 42,
    });
    let made = create(&api, "create-custom-metric", body).await;
    assert_eq!(made["prompt"], "Polite?");
    assert_eq!(made["agent_ids"], json!([42]));
    assert_eq!(made["id"], made["bluejay_as_code_id"]);
    let path = format!("update-metric/{}", made["id"].as_str().unwrap());
    let (_, updated) = api
        .send(Method::PUT, &path, json!({ "eval_modality": "TEXT" }))
        .await;
    assert_eq!(updated["eval_route"], "TEXT");
    let (_, listed) = api.get("metrics?agent_id=42").await;
    assert_eq!(names(&listed["metrics"]), ["Politeness"]);
    let (_, none) = api.get("metrics?agent_id=4").await;
    assert_eq!(none["total_count"], 0);
    for (body, status) in [
        (
            json!({ "name": "x", "response_type": "quantitative", "prompt": "?" }),
            400,
        ),
        (
            json!({ "name": "x", "response_type": "enum", "prompt": "?" }),
            400,
        ),
        (
            json!({ "name": "x", "response_type": "tool_call", "prompt": "?" }),
            422,
        ),
        (json!({ "name": "x", "prompt": "?" }), 422),
    ] {
        let (found, answer) = api.send(Method::POST, "create-metric", body).await;
        assert_eq!(found, status, "{answer}");
    }
    let ids = json!({ "custom_metric_ids": [made["id"], "unknown"] });
    let (status, _) = api.send(Method::POST, "delete-metrics", ids).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "all or none");
    let ids = json!({ "custom_metric_ids": [made["id"]] });
    let (_, deleted) = api.send(Method::POST, "delete-metrics", ids).await;
    assert_eq!(deleted["deleted_count"], 1);
}

#[tokio::test]
async fn a_schedule_is_read_as_a_cron_expression_and_deleted_with_its_simulation() {
    let api = TestSandbox::new().await;
    let simulation = api.create("one").await;
    let body = json!({
        "simulation_id": simulation.to_string(),
        "schedule": { "frequency": "daily", "time": "02:30" },
        "timezone": "Europe/Berlin",
    });
    let made = create(&api, "create-schedule", body.clone()).await;
    assert_eq!(made["cron_expression"], "30 2 * * *");
    assert_eq!(made.get("timezone"), None);
    let twin = create(&api, "create-schedule", body).await;
    assert_ne!(twin["id"], made["id"], "equal schedules are not refused");
    let path = format!("update-schedule/{}", made["id"].as_str().unwrap());
    let (_, updated) = api
        .send(Method::PUT, &path, json!({ "enabled": false }))
        .await;
    assert_eq!(updated["timezone"], "Europe/Berlin");
    assert_eq!(updated["enabled"], false);
    for schedule in [
        json!({ "frequency": "daily", "time": "25:00" }),
        json!({ "frequency": "every_n_minutes", "interval": 60 }),
        json!({ "frequency": "yearly" }),
    ] {
        let body = json!({ "simulation_id": simulation.to_string(), "schedule": schedule });
        let (status, _) = api.send(Method::POST, "create-schedule", body).await;
        assert!(status.is_client_error(), "{schedule}");
    }
    answer(api.request(Method::DELETE, &format!("simulation/{simulation}"))).await;
    let (_, left) = api.get("schedules").await;
    assert_eq!(left, json!({ "schedules": [] }));
}

#[tokio::test]
async fn a_run_has_a_conversation_for_each_digital_human() {
    let api = with_faults(&["run-score:score=50"]).await;
    let simulation = api.create("one").await;
    let humans =
        json!({ "digital_humans": [caller("a"), caller("b")], "simulation_ids": [simulation] });
    let made = create(&api, "create-digital-humans", humans).await;
    let first = made["created"][0]["digital_human"]["id"].clone();
    let metric =
        json!({ "name": "Tone", "response_type": "yes_no", "prompt": "?", "agent_ids": [42] });
    create(&api, "create-metric", metric).await;
    let queued = json!({ "simulation_id": simulation.to_string() });
    let queued = create(&api, "queue-simulation-run", queued).await;
    let path = format!(
        "retrieve-simulation-results/{}",
        queued["simulation_run_id"].as_str().unwrap()
    );
    let mut read = Value::Null;
    for _ in 0..4 {
        (_, read) = api.get(&path).await;
    }
    assert_eq!(read["simulation_run"]["total_tests"], 2);
    assert_eq!(read["simulation_run"]["tests_passed"], 1);
    let results = read["simulation_results"].as_array().unwrap();
    assert_eq!(results[0]["digital_human_id"], first);
    let scored = &results[0]["evaluations"][0];
    assert_eq!(scored["goal_success"], true);
    assert_eq!(scored["custom_metrics"][0]["response_value"], "yes");
    assert_eq!(results[1]["evaluations"][0]["goal_success"], false);
    assert_eq!(
        queued["simulation_result_ids"][0],
        results[0]["id"].to_string()
    );
    let url = results[0]["transcript_url"].as_str().unwrap();
    let transcript: Value = api
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(transcript[0]["role"], "agent");
    let one = format!("retrieve-simulation-result/{}", results[0]["id"]);
    let (_, one) = api.get(&one).await;
    assert_eq!(one["simulation_result"], results[0]);
    let (status, _) = api.get("retrieve-simulation-result/100003").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let chosen = json!({
        "simulation_id": simulation.to_string(), "digital_human_ids": [first.to_string()],
    });
    let chosen = create(&api, "queue-simulation-run", chosen).await;
    assert_eq!(chosen["simulation_result_ids"], json!(["200001"]));
    let (_, part) = api.get(&format!("{path}?limit=1&offset=1")).await;
    assert_eq!(part["simulation_results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_selected_metrics_of_the_agent_score_a_run() {
    let api = TestSandbox::new().await;
    let simulation = api.create("one").await;
    let human = json!({ "digital_human": caller("a"), "simulation_ids": [simulation] });
    create(&api, "create-digital-human", human).await;
    let mut ids = Vec::new();
    for (name, agent) in [("Tone", 42), ("Pace", 42), ("Other", 43)] {
        let metric = json!({
            "name": name, "response_type": "enum", "enum_options": ["a", "b", "c"],
            "prompt": "?", "agent_ids": [agent],
        });
        ids.push(create(&api, "create-metric", metric).await["id"].clone());
    }
    let path = format!("simulation/{simulation}");
    let selected = json!({ "selected_custom_metrics": [ids[1], ids[2]] });
    api.send(Method::PUT, &path, selected).await;
    let mut values = Vec::new();
    for number in 1..=2 {
        let queued = json!({ "simulation_id": simulation.to_string() });
        create(&api, "queue-simulation-run", queued).await;
        let path = format!("retrieve-simulation-results/run-{number}");
        let mut read = Value::Null;
        for _ in 0..4 {
            (_, read) = api.get(&path).await;
        }
        let scored = &read["simulation_results"][0]["evaluations"][0]["custom_metrics"];
        assert_eq!(names(scored), ["Pace"]);
        values.push(scored[0]["response_value"].clone());
    }
    assert_eq!(values[0], values[1], "equal runs have equal scores");
}

#[tokio::test]
async fn records_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || SandboxOptions {
        data: Some(WritablePath::named(&folder.path().join("sandbox.json"))),
        data_wait: std::time::Duration::from_secs(5),
        ..SandboxOptions::default()
    };
    let api = TestSandbox::with(options()).await;
    let body = json!({ "digital_human": caller("Ada") });
    create(&api, "create-digital-human", body.clone()).await;
    api.sandbox.shutdown().await.unwrap();
    let api = TestSandbox::with(options()).await;
    let (_, listed) = api.get("digital-humans").await;
    assert_eq!(names(&listed["digital_humans"]), ["Ada"]);
    let next = create(&api, "create-digital-human", body).await;
    assert_ne!(
        next["digital_human"]["id"],
        listed["digital_humans"][0]["id"]
    );
}

#[tokio::test]
async fn agents_are_found_by_their_external_id() {
    let api = TestSandbox::new().await;
    let (_, all) = api.get("all-agents").await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    let (_, found) = api.get("agent-by-external-id/clinic").await;
    assert_eq!(found["id"], 4201);
    let (status, _) = api.get("agent-by-external-id/unknown").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
