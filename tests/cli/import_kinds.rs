//! Tests of `import` with resources of every kind.

use std::fs;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::api::{FakeApi, TestApi, failed, listed};
use crate::env::TestEnv;
#[cfg(feature = "crash-points")]
use crate::filled_api::metric;
use crate::filled_api::{HUMANS, METRICS, SCHEDULES, attach, fill, human, keys, schedule};

fn check_quiet(env: &TestEnv, api: &TestApi) {
    let writes = api.write_count();
    for args in [
        &["plan", "--format", "json"][..],
        &["plan", "--refresh", "--format", "json"],
    ] {
        let plan = env.run_at(&api.url(), args);
        assert_eq!(plan.code(0).json()["changes"], json!([]), "{plan}");
    }
    let apply = env.run_at(&api.url(), &["apply", "--yes"]);
    apply.code(0).says("No changes");
    assert_eq!(api.write_count(), writes);
}

/// Returns the imported files, without the line for the editor.
fn written(env: &TestEnv) -> String {
    let files = env.files();
    let mut files: Vec<_> = files
        .iter()
        .filter_map(|path| {
            let path = path.to_str()?.replace('\\', "/");
            let at = path.find("simulations/")?;
            Some(path[at..].to_owned())
        })
        .collect();
    files.sort();
    let texts = files.iter().map(|file| {
        let text = env.read(file);
        let (modeline, rest) = text.split_once('\n').unwrap();
        let up = "../".repeat(file.matches('/').count());
        let schema = format!("# yaml-language-server: $schema={up}schemas/simulation.schema.json");
        assert_eq!(modeline, schema, "{file}");
        format!("## {file}\n{rest}")
    });
    texts.collect()
}

/// Checks the imported files. With `BLESS=1` in the environment, the check writes the
/// expected files.
#[track_caller]
fn check_written(env: &TestEnv, name: &str) {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/tests/fixtures/imported/{name}.txt");
    let written = written(env);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &written).unwrap();
    }
    assert_eq!(written, fs::read_to_string(&path).unwrap());
}

#[test]
fn import_all_writes_resources_of_every_kind() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    fill(&api);
    let writes = api.write_count();
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0)
        .says("Imported: 15 written.")
        .never_says("left out");
    assert_eq!(api.write_count(), writes);
    check_written(&env, "every_kind");
    check_quiet(&env, &api);
    env.run_at(&api.url(), &["drift"]).code(0);
    env.run_at(&api.url(), &["import", "--all"])
        .code(0)
        .says("15 already tracked");
}

#[test]
fn import_agent_brings_what_the_simulations_use() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let suite = fill(&api);
    env.run_at(&api.url(), &["import", "--agent", "42"]).code(0);
    assert_eq!(
        keys(&env),
        [
            "back-office",
            "custom_metric:politeness",
            "custom_metric:transfer",
            "digital_human:digital-human-101",
            "digital_human:wants-her-money-back",
            "front-desk",
            "schedule:back-office-cron",
            "schedule:back-office-every-15-minutes",
            "schedule:back-office-weekly",
            "schedule:front-desk-daily",
            "schedule:front-desk-daily-2",
        ]
    );
    check_quiet(&env, &api);
    // A new schedule of a tracked simulation is used as well.
    let hourly = json!({"frequency": "every_n_hours", "interval": 1});
    schedule(&api, suite.front, hourly, json!({}));
    env.run_at(&api.url(), &["import", "--agent", "42"])
        .code(0)
        .says("schedule:front-desk-every-hour")
        .says("Imported: 1 written");
    check_quiet(&env, &api);
}

#[test]
fn tracked_resources_are_named_by_key_if_a_file_declares_them() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "simulations/callers.yaml",
        "kind: digital_human\nkey: caller/one\nname: One\nintent: x\n---\n\
         kind: custom_metric\nkey: tone\nname: Tone\nresponse_type: pass_fail\nprompt: x\n",
    );
    env.write(
        "simulations/orphan.yaml",
        "kind: digital_human\nname: Two\nintent: x\n",
    );
    env.run_at(&api.url(), &["apply", "--yes"]).code(0);
    env.remove("simulations/orphan.yaml");
    let metrics = api.ask("GET", METRICS, None);
    let tone = metrics["metrics"][0]["id"].as_str().unwrap();
    let id = api.create(json!({"agent_id": "42", "name": "a", "selected_custom_metrics": [tone]}));
    let humans = api.ask("GET", HUMANS, None);
    let humans = humans["digital_humans"].as_array().unwrap();
    let named = |name| humans.iter().find(|human| human["name"] == name).unwrap();
    let [one, two] = ["One", "Two"].map(|name| named(name)["id"].as_u64().unwrap());
    attach(&api, id, &[one, two]);
    for args in [
        &["import", "a", &id.to_string()][..],
        &["import", "--agent", "42"],
        &["import", "--all"],
    ] {
        let run = env.run_at(&api.url(), args);
        run.code(0).says("Imported: 1 written");
        assert_eq!(
            env.read("simulations/a.yaml").split_once('\n').unwrap().1,
            format!(
                "agent_id: '42'\nname: a\ndigital_humans:\n- {}\nselected_custom_metrics:\n- tone\n",
                if one < two {
                    format!("caller/one\n- {two}")
                } else {
                    format!("{two}\n- caller/one")
                }
            ),
        );
        env.remove("simulations/a.yaml");
        env.run(&["state", "rm", "a"]).code(0);
    }
}

#[test]
fn one_resource_of_any_kind_is_imported_under_its_key() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let suite = fill(&api);
    let schedules = api.ask("GET", SCHEDULES, None);
    let daily = schedules["schedules"][0]["id"].as_str().unwrap();
    let import = |key: &str, id: &str| env.run_at(&api.url(), &["import", key, id]);
    let before = api.requests().len();
    import("digital_human:clinic/marta", &suite.marta.to_string())
        .code(0)
        .says("simulations/digital-humans/clinic/marta.yaml");
    // The lists are not read.
    assert!(api.requests().len() <= before + 2, "{:?}", api.requests());
    import("custom_metric:a: b?", &suite.polite)
        .code(0)
        .says("simulations/metrics/politeness.yaml");
    import("desk", &suite.front.to_string()).code(0);
    import("schedule:nightly", daily)
        .code(0)
        .says("simulations/schedules/nightly.yaml");
    assert!(
        env.read("simulations/schedules/nightly.yaml")
            .contains("key: nightly\nsimulation: desk\n")
    );
    let desk = env.read("simulations/desk.yaml");
    assert!(desk.contains("- clinic/marta\n"), "{desk}");
    assert!(desk.contains("- 'a: b?'\n"), "{desk}");
    check_quiet(&env, &api);

    let before = env.read("bluejay.lock");
    import("digital_human:x", "abc")
        .code(1)
        .says("`abc` is not the id of a digital human");
    import("x", &suite.polite)
        .code(1)
        .says("is not the id of a simulation");
    import("schedule:x", "a b")
        .code(1)
        .says("is not the id of a schedule");
    import("custom_metric:x", "12")
        .code(1)
        .says("there is no custom metric 12");
    import("custom_metric:", &suite.polite)
        .code(1)
        .says("can't be a key");
    import("digital_human:12", "1").code(1);
    import("digital_human:clinic/marta", "1002")
        .code(1)
        .says(&format!(
            "`digital_human:clinic/marta` is digital human {} already",
            suite.marta
        ))
        .says("state mv digital_human:clinic/marta digital_human:clinic/marta-old");
    import("custom_metric:again", &suite.polite)
        .code(1)
        .says("belongs to `custom_metric:a: b?` already");
    assert_eq!(env.read("bluejay.lock"), before);
}

#[test]
fn an_import_records_the_ids_for_files_that_declare_the_resources() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    fill(&api);
    env.run_at(&api.url(), &["import", "--all"]).code(0);
    let files = written(&env);
    let recorded = keys(&env);
    env.remove("bluejay.lock");
    env.run_at(&api.url(), &["import", "--all"])
        .code(0)
        .says("Imported: 15 recorded for files that declare them.");
    assert_eq!((written(&env), keys(&env)), (files, recorded));
    check_quiet(&env, &api);
}

#[test]
fn an_imported_digital_human_with_the_marker_of_its_key_counts_as_created() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write("bluejay.yaml", "project: clinic\nownership: marker\n");
    env.write(
        "simulations/a.yaml",
        "kind: digital_human\nname: A\nintent: x\n",
    );
    env.run_at(&api.url(), &["apply", "--yes"]).code(0);
    env.remove("bluejay.lock");
    human(&api, json!({"name": "B", "intent": "x"}));
    env.run_at(&api.url(), &["import", "--all"])
        .code(0)
        .says("Imported: 1 written, 1 recorded for files that declare them.");
    let show = |key: &str| env.run(&["state", "show", key, "--json"]).code(0).json();
    assert_eq!(show("digital_human:a").get("adopted"), None);
    assert!(show("digital_human:b").get("adopted").is_some());
    check_quiet(&env, &api);
    // Another key would have another marker.
    env.remove("bluejay.lock");
    env.write(
        "simulations/a.yaml",
        "kind: digital_human\nkey: other\nname: A\nintent: x\n",
    );
    env.run_at(&api.url(), &["import", "--all"])
        .code(3)
        .says("has the marker of another project, environment or key")
        .says("1 recorded for files that declare them, 1 failed");
}

#[test]
fn a_schedule_is_imported_with_its_simulation_alone() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "bluejay.yaml",
        "environments:\n  staging:\n    vars: { A: b }\n  prod:\n    vars: { A: c }\n",
    );
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    let daily = json!({"frequency": "daily", "time": "02:30"});
    schedule(&api, id, daily, json!({}));
    let import = |args: &[&str]| env.run_at(&api.url(), &[&["import"], args].concat());
    import(&["-e", "staging", "a", &id.to_string()]).code(0);
    import(&["-e", "prod", "--all"])
        .code(0)
        .says("Imported: 1 already tracked.");
    import(&["-e", "staging", "--all"])
        .code(0)
        .says("schedule:a-daily")
        .says("Imported: 1 written, 1 already tracked.");
}

/// Returns an API with one simulation, and these answers to the lists of digital humans,
/// metrics and schedules.
fn listing(
    humans: ResponseTemplate,
    metrics: ResponseTemplate,
    schedules: ResponseTemplate,
) -> FakeApi {
    let api = FakeApi::start();
    let shown = json!({"id": 1, "agent_id": 42, "name": "a", "settings": {}});
    let answer = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    let one = [json!({"id": 1, "name": "a", "agent_id": 42})];
    let attached = json!({"digital_humans": [{"id": 7}]});
    api.always("GET", "/v1/get-all-simulations", listed(&one))
        .always("GET", "/v1/simulation/1", answer(shown))
        .always(
            "GET",
            "/v1/digital-humans-by-simulation/1",
            answer(attached),
        )
        .always("GET", HUMANS, humans)
        .always("GET", METRICS, metrics)
        .always("GET", SCHEDULES, schedules);
    api
}

fn rows(member: &str, rows: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ member: rows }))
}

#[test]
fn a_server_without_the_other_kinds_is_imported_as_before() {
    let (env, api) = (
        TestEnv::new(),
        listing(failed(404, "Not Found"), failed(405, "no"), failed(404, "")),
    );
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0);
    let header = format!("API: {}  Lockfile: bluejay.lock\n\n", api.url());
    let written = "a (1)  written to simulations/a.yaml\nImported: 1 written.\n";
    assert_eq!(run.stdout, header + written);
    assert_eq!(run.stderr, "");
    assert_eq!(env.lockfile().unwrap()["version"], 1);
    let text = env.read("simulations/a.yaml");
    assert!(text.ends_with("digital_humans:\n- 7\n"), "{text}");
    let requests = api.requests();
    let paths: Vec<_> = requests.iter().map(|request| request.url.path()).collect();
    let before = paths
        .iter()
        .position(|path| *path == "/v1/digital-humans-by-simulation/1");
    assert!(
        paths.iter().position(|path| *path == METRICS) > before,
        "{paths:?}"
    );
    assert_eq!(&paths[paths.len() - 3..], [METRICS, HUMANS, SCHEDULES]);
}

#[test]
fn a_list_that_can_not_be_read_is_never_an_empty_list() {
    let empty = || rows("schedules", json!([]));
    let api = listing(
        failed(403, "not yours"),
        rows("metrics", json!([])),
        empty(),
    );
    let env = TestEnv::new();
    env.run_at(&api.url(), &["import", "--all"])
        .code(3)
        .says("could not read the list of all digital humans")
        .says("1 written, 1 failed");
    let api = listing(
        rows("digital_humans", json!([])),
        rows("other", json!([])),
        empty(),
    );
    let env = TestEnv::new();
    env.run_at(&api.url(), &["import", "--all"])
        .code(1)
        .says("could not list all custom metrics");
    assert!(!env.exists("simulations/a.yaml"));
}

#[test]
fn fields_that_the_schema_does_not_contain_go_to_extra() {
    let human = json!({"id": 7, "name": "Marta", "intent": "x", "created_at": "2026-01-01T00:00:00Z",
        "websocket_url": null, "mood": {"level": 2}, "note": "${x}", "unset": null,
        "tags": ["Customer Journey"], "bluejay_as_code_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "silence_timeout": 3, "simulation_ids": [1]});
    let metric = json!({"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "name": "Tone", "agent_ids": [42],
        "response_type": "pass_fail", "prompt": "x", "settings": {"window": 3, "case_sensitive": true},
        "weight": 0.5, "metric_type": "llm_judge"});
    let schedule = json!({"id": "s1", "simulation_id": 1, "cron_expression": "*/5 9-17 * * 1-5",
        "enabled": true, "timezone": "UTC", "owner": "x"});
    let unusable = json!({"id": "bad", "name": "Bad", "response_type": "tool_call", "prompt": "x"});
    let api = listing(
        rows("digital_humans", json!([human])),
        rows("metrics", json!([metric, unusable])),
        rows("schedules", json!([schedule])),
    );
    let env = TestEnv::new();
    env.run_at(&api.url(), &["import", "--all"])
        .code(3)
        .says("could not write a file for custom metric bad")
        .says("the API holds 3 for `silence_timeout`")
        .says("4 written, 1 failed");
    check_written(&env, "extra");
    let plan = env.run_at(&api.url(), &["plan"]);
    plan.code(0).says("No changes");
}

/// Returns an API with untracked resources: equal digital humans, equal schedules, and
/// metrics of which one contains the other.
#[cfg(feature = "crash-points")]
fn untracked() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let [one, two] = [(); 2].map(|()| human(&api, json!({"name": "twin", "intent": "x"})));
    let plain = metric(
        &api,
        json!({"name": "plain", "response_type": "pass_fail", "prompt": "x"}),
    );
    let composite = metric(
        &api,
        json!({"name": "both", "response_type": "pass_fail", "prompt": "x",
            "metric_type": "composite", "settings": {"composite": format!("\"{plain}\"")}}),
    );
    let id = api.create(json!({"agent_id": "42", "name": "a",
        "selected_custom_metrics": [plain, composite]}));
    attach(&api, id, &[one, two]);
    for _ in 0..2 {
        let daily = json!({"frequency": "daily", "time": "02:30"});
        schedule(&api, id, daily, json!({}));
    }
    (env, api)
}

#[test]
#[cfg(feature = "crash-points")]
fn a_crashed_import_of_every_kind_is_completed_by_the_next() {
    let mut cuts = 0;
    for point in crate::import::POINTS {
        for passes in 0.. {
            let (env, api) = untracked();
            let mut command = env.command(&["import", "--all", "--api-url", &api.url()]);
            let before = match passes {
                0 => String::new(),
                passes => format!("{passes}*off->"),
            };
            command.env("FAILPOINTS", format!("{point}={before}return"));
            let run = crate::env::Run::of(command);
            if !run.has_aborted() {
                run.code(0);
                break;
            }
            cuts += 1;
            env.run_at(&api.url(), &["import", "--all"]).code(0);
            assert_eq!(keys(&env).len(), 7, "{point} {passes}");
            let files = written(&env);
            assert_eq!(files.matches("## ").count(), 7, "{point} {passes}: {files}");
            let plan = env.run_at(&api.url(), &["plan", "--refresh", "--format", "json"]);
            assert_eq!(
                plan.code(0).json()["changes"],
                json!([]),
                "{point} {passes}"
            );
        }
    }
    // The `.gitignore` of the private folder, and a file for each resource.
    assert_eq!(cuts, 2 * (1 + 7) + 3);
}

#[test]
fn fields_that_the_listing_hides_are_read_one_by_one() {
    let row = |id: u64| json!({"id": id, "name": format!("H{id}"), "intent": "Ask."});
    let humans = rows("digital_humans", json!([row(7), row(8), row(9), row(10)]));
    let (metrics, schedules) = (rows("metrics", json!([])), rows("schedules", json!([])));
    let (env, api) = (TestEnv::new(), listing(humans, metrics, schedules));
    for id in 7..=10 {
        let mut whole = row(id);
        whole["hangup_phrases"] = json!([format!("Bye from {id}")]);
        let answer = ResponseTemplate::new(200).set_body_json(json!({"digital_human": whole}));
        api.always("GET", &format!("/v1/digital-human/{id}"), answer);
    }
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0).says("Imported: 5 written.");
    let text = written(&env);
    for id in 7..=10 {
        assert!(text.contains(&format!("Bye from {id}")), "{text}");
    }
}
