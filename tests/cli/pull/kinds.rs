//! Tests of digital humans, custom metrics, schedules, and references between resources.

use serde_json::json;

use super::Scene;
use crate::suite::{DECLARED, SUITE};

#[test]
fn every_kind_is_pulled_into_its_document() {
    let scene = Scene::applied(&[(SUITE, DECLARED)]);
    scene.edit(
        "digital_human:ann",
        json!({"intent": "book\nand pay", "voice_speed": "fast",
            "traits": [{"trait_name": "age", "trait_data_type": "NUMBER", "value": 40, "is_sip_header": false}]}),
    );
    scene.edit("custom_metric:landed", json!({"prompt": "Did it land?"}));
    scene.edit(
        "schedule:nightly",
        json!({"schedule": {"frequency": "daily", "time": "03:45"}}),
    );
    let expected = DECLARED
        .replace(
            "intent: book\n",
            "intent: |-\n  book\n  and pay\nvoice_speed: fast\ntraits:\n  - trait_name: age\n    trait_data_type: NUMBER\n    value: 40\n",
        )
        .replace("Did the transfer land?", "Did it land?")
        .replace("02:30", "03:45");
    scene.check_pulled(SUITE, &expected);
}

#[test]
fn the_window_of_a_schedule_stays_only_with_an_interval() {
    let with = |recurrence: &str| DECLARED.replace("frequency: daily, time: \"02:30\"", recurrence);
    let window = "window: { start_time: \"08:00\", end_time: \"18:00\" }";
    let interval = |n: u8| {
        with(&format!(
            "frequency: every_n_minutes, interval: {n}, {window}"
        ))
    };
    let scene = Scene::applied(&[(SUITE, &interval(5))]);
    scene.edit(
        "schedule:nightly",
        json!({"schedule": {"frequency": "every_n_minutes", "interval": 15}}),
    );
    scene.check_pulled(SUITE, &interval(15));
    scene.edit(
        "schedule:nightly",
        json!({"schedule": {"frequency": "daily", "time": "03:45"}}),
    );
    scene.check_pulled(SUITE, &with("frequency: daily, time: \"03:45\""));
}

#[test]
fn known_ids_become_keys_and_the_others_stay_ids() {
    let more = "---\nkind: custom_metric\nkey: polite\nname: Polite\nresponse_type: pass_fail\nprompt: Polite?\n";
    let declared = DECLARED.to_owned() + more;
    let scene = Scene::applied(&[(SUITE, &declared)]);
    let unknown = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    let (polite, landed) = (
        scene.id("custom_metric:polite"),
        scene.id("custom_metric:landed"),
    );
    let list = "selected_custom_metrics: [\"${custom_metric:landed}\"";
    let expected = declared.replace(list, &format!("{list}, polite"));
    let mut ids = vec![polite, landed];
    scene.edit("desk", json!({"selected_custom_metrics": ids}));
    scene.check_pulled(SUITE, &expected);
    ids.push(unknown.to_owned());
    scene.edit("desk", json!({"selected_custom_metrics": ids}));
    let expected = declared.replace(list, &format!("{list}, polite, {unknown}"));
    scene.check_pulled(SUITE, &expected);
}

#[test]
fn detached_digital_humans_leave_the_list() {
    let declared = DECLARED.replace(
        "digital_humans: [\"${digital_human:bob}\"]",
        "digital_humans: # callers\n  - ann # first\n  - bob",
    );
    let scene = Scene::applied(&[(SUITE, &declared)]);
    let ann: u64 = scene.id("digital_human:ann").parse().unwrap();
    let desk = scene.id("desk");
    scene.api.ask(
        "POST",
        &format!("/v1/simulation/{desk}/remove-digital-humans"),
        Some(json!({"digital_human_ids": [ann]})),
    );
    let expected = declared.replace("  - ann # first\n", "");
    scene.check_pulled(SUITE, &expected);
}

#[test]
fn a_simulation_that_names_its_agent_is_pulled() {
    let file = "simulations/a.yaml";
    for agent in ["{external_id: clinic}", "{name: Clinic front desk}"] {
        let text = |max: u32| format!("agent: {agent}\nname: a\nmax_concurrent: {max} # calls\n");
        let scene = Scene::applied(&[(file, &text(5))]);
        let id = &scene.env.resources()["simulation:a"];
        let path = format!("/v1/simulation/{id}");
        scene
            .api
            .ask("PUT", &path, Some(json!({"max_concurrent": 9})));
        scene.check_pulled(file, &text(9));
    }
}

/// Detaches a digital human from the simulation `desk`.
fn detach(scene: &Scene, human: &str) {
    let id: u64 = scene.id(human).parse().unwrap();
    let desk = scene.id("desk");
    scene.api.ask(
        "POST",
        &format!("/v1/simulation/{desk}/remove-digital-humans"),
        Some(json!({"digital_human_ids": [id]})),
    );
}

#[test]
fn digital_humans_are_found_in_any_order_and_spelling() {
    let declared = DECLARED.replace(
        "digital_humans: [\"${digital_human:bob}\"]",
        "digital_humans:\n  - bob # second\n  - ann # first",
    );
    let scene = Scene::applied(&[(SUITE, &declared)]);
    detach(&scene, "digital_human:ann");
    scene.check_pulled(SUITE, &declared.replace("  - ann # first\n", ""));

    let scene = Scene::applied(&[(SUITE, &declared)]);
    detach(&scene, "digital_human:bob");
    // A digital human that no apply has created yet stays in the list.
    let more = "kind: digital_human\nkey: eve\nname: Eve\nintent: pay\n---\n";
    let new =
        more.to_owned() + &declared.replace("  - ann # first\n", "  - eve\n  - ann # first\n");
    scene.env.write(SUITE, &new);
    scene.run(&["pull"]).code(0);
    assert_eq!(scene.env.read(SUITE), new.replace("  - bob # second\n", ""));
}

#[test]
fn a_digital_human_of_a_variable_is_found_by_its_key() {
    let declared = DECLARED.replace(
        "digital_humans: [\"${digital_human:bob}\"]",
        "digital_humans: [\"${var:FIRST}\", ann]",
    );
    assert!(declared.contains("FIRST"));
    let project = ("bluejay.yaml", "vars: {FIRST: bob}\n");
    for (human, before, after) in [
        ("ann", "\"${var:FIRST}\", ann", "\"${var:FIRST}\""),
        ("bob", "\"${var:FIRST}\", ann", "ann"),
    ] {
        let scene = Scene::applied(&[project, (SUITE, &declared)]);
        detach(&scene, &format!("digital_human:{human}"));
        scene.check_pulled(SUITE, &declared.replace(before, after));
    }
}

#[test]
fn a_list_gets_the_observed_order_when_the_order_gets_a_meaning() {
    let row = |phrase: &str| {
        json!({"match_type": "exact", "match_phrase": phrase, "response_type": "phrase",
            "response_value": "x", "occurrence_mode": "always"})
    };
    let text = |flag: bool, rows: [&str; 2]| {
        let [first, second] = rows.map(|phrase| {
            format!(
                "- match_type: exact\n  match_phrase: {phrase}\n  response_type: phrase\n  \
                 response_value: x\n  occurrence_mode: always\n"
            )
        });
        format!(
            "kind: digital_human\nname: Ann\nintent: x\nscripted_responses:\n{first}{second}\
             scripted_responses_ordered: {flag} # o\n"
        )
    };
    let file = "simulations/ann.yaml";
    let scene = Scene::applied(&[(file, &text(false, ["a", "b"]))]);
    let rows = json!([row("b"), row("a")]);
    let edit = json!({"scripted_responses": rows, "scripted_responses_ordered": true});
    scene.edit("digital_human:ann", edit);
    scene.check_pulled(file, &text(true, ["b", "a"]));

    let scene = Scene::applied(&[(file, &text(true, ["a", "b"]))]);
    let rows = json!([row("b"), row("a")]);
    let edit = json!({"scripted_responses": rows, "scripted_responses_ordered": false});
    scene.edit("digital_human:ann", edit);
    scene.check_pulled(file, &text(false, ["a", "b"]));
}
