//! Tests of `import`.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::api::{CREATE, FakeApi, LIST, TestApi, created, failed, listed};
use crate::env::TestEnv;

/// The crash points of an import.
pub const POINTS: [&str; 5] = [
    "file.drafted",
    "file.published",
    "lockfile.before",
    "lockfile.after",
    "journal.cleared",
];

fn check_quiet(env: &TestEnv, api: &TestApi) {
    for args in [
        &["plan", "--format", "json"][..],
        &["plan", "--refresh", "--format", "json"],
    ] {
        let plan = env.run_at(&api.url(), args);
        assert_eq!(plan.code(0).json()["changes"], json!([]), "{plan}");
    }
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
}

#[test]
fn import_all_writes_and_records_every_untracked_simulation() {
    let (env, api) = (TestEnv::with(&["ours"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let one = api.create(
        json!({"agent_id": "42", "name": "Front Desk: Ä", "max_call_duration": 8,
        "description": "Two\nlines, ${brace} and: colons\n", "max_concurrent": 7,
        "digital_humans_settings": {"num_runs": 3, "default_language": "en"}}),
    );
    api.create(
        json!({"agent_id": "7", "name": "front desk ä", "max_call_duration": 90,
        "max_call_duration_units": "seconds"}),
    );
    api.create(json!({"agent_id": "7"}));
    let humans = format!("/v1/simulation/{one}/add-digital-humans");
    api.ask(
        "POST",
        &humans,
        Some(json!({"digital_human_ids": [102, 101]})),
    );
    let writes = api.write_count();
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0).says("Imported: 3 written, 1 already tracked.");
    assert_eq!(api.write_count(), writes);
    assert_eq!(
        env.read("simulations/front-desk-ä.yaml"),
        "# yaml-language-server: $schema=../schemas/simulation.schema.json\n\
         agent_id: '42'\n\
         name: 'Front Desk: Ä'\n\
         description: |\n  Two\n  lines, $${brace} and: colons\n\
         max_concurrent: 7\n\
         max_call_duration: 8\n\
         max_call_duration_units: minutes\n\
         digital_humans:\n- 101\n- 102\n\
         digital_humans_settings:\n  default_language: en\n  num_runs: 3\n"
    );
    let second = env.read("simulations/front-desk-ä-2.yaml");
    assert!(second.contains("max_call_duration: 90\n"), "{second}");
    assert!(env.exists("simulations/simulation-4.yaml"));
    check_quiet(&env, &api);
    env.run_at(&api.url(), &["import", "--all"])
        .code(0)
        .says("4 already tracked");
}

#[test]
fn import_writes_no_value_of_a_variable_that_no_file_sets() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    api.create(json!({"agent_id": "42", "name": "Desk s3cret-token",
        "description": "one\ntwo\nthree\ns3cret-token\n"}));
    api.create(json!({"agent_id": "42", "name": "Front", "description": "$s3cret-token"}));
    let run = |args: &[&str]| {
        let mut command = env.command(args);
        command.env("BLUEJAY_API_URL", api.url());
        command.env("BLUEJAY_VAR_TOKEN", "s3cret-token");
        crate::env::Run::of(command)
    };
    let import = run(&["import", "--all", "--texts-into", "texts"]);
    import
        .code(0)
        .says("`front`: `description` has the value of the variable `TOKEN`")
        .never_says("s3cret");
    assert_eq!(
        env.read("simulations/simulation-1.yaml"),
        "# yaml-language-server: $schema=../schemas/simulation.schema.json\n\
         agent_id: '42'\n\
         name: Desk ${var:TOKEN}\n\
         description: |\n  one\n  two\n  three\n  ${var:TOKEN}\n"
    );
    assert!(!env.read("simulations/front.yaml").contains("description"));
    assert!(!env.exists("texts"));
    let plan = run(&["plan", "--format", "json"]);
    assert_eq!(plan.code(0).json()["changes"], json!([]), "{plan}");
}

/// Returns an API with untracked simulations: two of one name, two identical ones, and one
/// without a name.
#[cfg(feature = "crash-points")]
fn untracked() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::new(), TestApi::start());
    for fields in [
        json!({"agent_id": "42", "name": "x", "max_concurrent": 7}),
        json!({"agent_id": "42", "name": "x", "max_concurrent": 8}),
        json!({"agent_id": "42", "name": "twin"}),
        json!({"agent_id": "42", "name": "twin"}),
        json!({"agent_id": "42", "max_concurrent": 9}),
    ] {
        api.create(fields);
    }
    (env, api)
}

#[test]
#[cfg(feature = "crash-points")]
fn a_crashed_import_is_completed_by_the_next() {
    let mut cuts = 0;
    for point in POINTS {
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
                assert!(passes > 0, "`{point}` was not reached: {run}");
                break;
            }
            cuts += 1;
            env.run(&["validate"]).code(0);
            env.run_at(&api.url(), &["import", "--all"]).code(0);
            assert_eq!(env.ids().into_values().collect::<Vec<_>>().len(), 5);
            let files = env.files();
            let of_simulations = files.iter().filter(|path| {
                path.parent()
                    .is_some_and(|folder| folder.ends_with("simulations"))
            });
            assert_eq!(of_simulations.count(), 5, "{point} {passes}: {files:?}");
            check_quiet(&env, &api);
        }
    }
    // The `.gitignore` of the private folder, and a file for each simulation.
    assert_eq!(cuts, 2 * (1 + 5) + 3);
}

#[test]
fn a_text_of_an_environment_is_written_as_a_variable() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "bluejay.yaml",
        "vars: { SHARED: en }\n\
         environments:\n  staging:\n    vars: { AGENT: \"9002\", CLINIC: Cedar Rehearsal }\n",
    );
    let id = api.create(json!({"agent_id": "9002", "name": "Cedar Rehearsal",
        "description": "Cedar Rehearsal calls", "digital_humans_settings":
        {"default_name": "Cedar Rehearsal", "default_language": "en"}}));
    env.run_at(
        &api.url(),
        &["-e", "staging", "import", "a", &id.to_string()],
    )
    .code(0)
    .never_says("bound to this environment");
    let text = env.read("simulations/a.yaml");
    for line in [
        "agent_id: ${var:AGENT}\n",
        "name: ${var:CLINIC}\n",
        "description: Cedar Rehearsal calls\n",
        "  default_name: ${var:CLINIC}\n",
        "  default_language: en\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn long_texts_are_written_into_files() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let long = "One.\n\nTwo: ${not a reference}\nThree.\nFour.\n";
    let id = api.create(json!({"agent_id": "5", "name": "a", "description": long}));
    let short = api.create(json!({"agent_id": "5", "name": "b", "description": "One.\nTwo.\n"}));
    let id = id.to_string();
    let args = ["import", "clinic/a", &id, "--texts-into", "prompts"];
    env.write("prompts/clinic/a.description.md", "Mine.\n");
    env.run_at(&api.url(), &args)
        .code(1)
        .says("`prompts/clinic/a.description.md` exists already");
    assert!(!env.exists("simulations/clinic/a.yaml"));
    assert_eq!(env.read("prompts/clinic/a.description.md"), "Mine.\n");
    // A file with the same text is that of an interrupted import.
    env.write("prompts/clinic/a.description.md", long);
    env.run_at(&api.url(), &args).code(0);
    let text = env.read("simulations/clinic/a.yaml");
    let line = "description: ${file:../../prompts/clinic/a.description.md}\n";
    assert!(text.contains(line), "{text}");
    let args = ["import", "b", &short.to_string(), "--texts-into", "prompts"];
    env.run_at(&api.url(), &args).code(0);
    assert!(env.read("simulations/b.yaml").contains("  One.\n"));
    check_quiet(&env, &api);
    for (folder, problem) in [
        ("../prompts", "is not below the folder of the project"),
        ("texts/.prompts", "is a hidden folder"),
    ] {
        let args = ["import", "c", &id, "--texts-into", folder];
        env.run_at(&api.url(), &args)
            .code(1)
            .says(&format!("`{folder}` {problem}"));
    }
}

#[test]
fn a_misspelt_kind_is_no_key() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.run_at(&api.url(), &["import", "digital_humn:x", "5"])
        .code(1)
        .says("did you mean `digital_human:x`?");
}

#[test]
fn a_resource_with_a_twin_in_another_environment_is_declared_in_the_chosen_one() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write("bluejay.yaml", "environments: { x: {}, y: {} }\n");
    let twin = "kind: digital_human\nkey: ann\nname: Ann\nintent: Calls.\nenvironments: [y]\n";
    env.write("simulations/ann.yaml", twin);
    let ann = json!({"name": "Ann", "intent": "Asks."});
    let both = json!({"digital_humans": [ann, ann]});
    api.ask("POST", "/v1/create-digital-humans", Some(both));
    let imported = env.run_at(&api.url(), &["-e", "x", "import", "--all"]);
    imported
        .code(0)
        .says("`digital_human:ann` may be declared by another document for other environments");
    let first = env.read("simulations/digital-humans/ann-2.yaml");
    let second = env.read("simulations/digital-humans/ann-3.yaml");
    for (text, key) in [(first, "key: ann\n"), (second, "key: ann-3\n")] {
        assert!(text.contains(key), "{text}");
        assert!(text.contains("environments:\n- x\n"), "{text}");
    }
    env.run(&["validate", "--all-envs"]).code(0);
    let plan = ["-e", "y", "plan", "--format", "json"];
    let plan = env.run_at(&api.url(), &plan).code(0).json();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1);
    let plan = ["-e", "x", "plan", "--detailed-exitcode"];
    env.run_at(&api.url(), &plan).code(0);
}

#[test]
fn an_import_without_an_environment_warns_of_a_document_of_one() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write("bluejay.yaml", "environments: { x: {}, y: {} }\n");
    env.write(
        "simulations/desk.yaml",
        "agent_id: 7\nname: Desk\nenvironments: [y]\n",
    );
    api.create(json!({"agent_id": "7", "name": "Desk"}));
    env.run_at(&api.url(), &["import", "--all"])
        .code(0)
        .says("every environment declares `desk-2`");
}

#[test]
fn an_id_of_an_environment_is_written_as_a_variable() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "bluejay.yaml",
        "environments:\n  staging:\n    vars: { AGENT: \"9002\", OTHER: \"7\" }\n  prod:\n    vars: { AGENT: \"1\" }\n",
    );
    let staging = api.create(json!({"agent_id": "9002", "name": "a"}));
    let shared = api.create(json!({"agent_id": "5", "name": "b"}));
    let import = |key: &str, id: u64| {
        let id = id.to_string();
        let args = ["-e", "staging", "import", key, &id];
        env.run_at(&api.url(), &args)
    };
    import("a", staging)
        .code(0)
        .never_says("other environments");
    assert!(
        env.read("simulations/a.yaml")
            .contains("agent_id: ${var:AGENT}")
    );
    import("b", shared)
        .code(0)
        .says("`b` is bound to this environment: the ids in `agent_id` are written as they are")
        .says("so its document has `environments: [staging]`");
    assert!(
        env.read("simulations/b.yaml")
            .contains("environments:\n- staging\n")
    );
    for environment in ["staging", "prod"] {
        env.run_at(&api.url(), &["-e", environment, "validate"])
            .code(0);
    }
    let plan = ["-e", "prod", "plan", "--format", "json"];
    let plan = env.run_at(&api.url(), &plan).code(0).json();
    assert_eq!(plan["changes"][0]["after"]["agent_id"], "1");
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1);
}

#[test]
fn an_import_writes_a_new_file_and_overwrites_none() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    let id = api
        .create(json!({"agent_id": "42", "name": "x", "max_concurrent": 7}))
        .to_string();
    env.run_at(&api.url(), &["import", "clinic/desk", &id])
        .code(0);
    let text = env.read("simulations/clinic/desk.yaml");
    assert!(text.contains("$schema=../../schemas/"), "{text}");
    check_quiet(&env, &api);

    let other = api
        .create(json!({"agent_id": "42", "name": "y"}))
        .to_string();
    env.write(
        "simulations/taken.yaml",
        "key: elsewhere\nagent_id: \"1\"\nname: e\n",
    );
    let before = env.read("simulations/taken.yaml");
    let run = env.run_at(&api.url(), &["import", "taken", &other]);
    run.code(1).says("exists already");
    assert_eq!(env.read("simulations/taken.yaml"), before);
    let odd = env.run_at(&api.url(), &["import", "a: b?", &other]);
    odd.code(0).says("simulations/y.yaml");
    assert!(env.read("simulations/y.yaml").contains("key: 'a: b?'"));
    env.run_at(&api.url(), &["import", "again", &other])
        .code(1)
        .says("belongs to `a: b?` already")
        .says("to give it another key, move it: `bluejayctl state mv 'a: b?' again`");
}

#[test]
fn defaults_of_the_project_do_not_change_what_is_imported() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.write(
        "bluejay.yaml",
        "defaults:\n  max_concurrent: 5\n  digital_humans_settings:\n    num_runs: 2\n    default_language: en\n",
    );
    let settings = json!({"num_runs": 3});
    api.create(json!({"agent_id": "42", "name": "a", "digital_humans_settings": settings}));
    api.create(json!({"agent_id": "42", "name": "b", "max_concurrent": 5}));
    env.run_at(&api.url(), &["import", "--agent", "42"]).code(0);
    check_quiet(&env, &api);
}

#[test]
fn an_import_records_the_id_for_a_file_that_declares_the_simulation() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let id = api.create(json!({"agent_id": "42", "name": "a", "max_concurrent": 9}));
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0).says("1 recorded for files that declare them");
    assert_eq!(env.ids()["a"], id);
    assert_eq!(
        env.files()
            .iter()
            .filter(|file| file.ends_with("a.yaml"))
            .count(),
        1
    );
}

#[test]
fn an_import_reports_unreadable_simulations_and_imports_the_others() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    let shown = json!({"id": 1, "agent_id": 42, "name": "a", "settings": {}});
    let shown = ResponseTemplate::new(200).set_body_json(shown);
    let list = [json!({"id": 1, "name": "a"}), json!({"id": 2, "name": "b"})];
    api.always("GET", "/v1/get-all-simulations", listed(&list))
        .always("GET", "/v1/simulation/1", shown)
        .always("GET", "/v1/simulation/2", failed(403, "not yours"));
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(3).says("1 written, 1 failed").says("not yours");
    assert_eq!(env.ids().len(), 1);
    env.run(&["import", "--all", "--agent", "1"]).code(1);
    env.run(&["import"]).code(1);
    env.run(&["import", "a"]).code(1);
}

/// Returns an API with one simulation of agent 42 with these fields.
fn holding(fields: Value, humans: ResponseTemplate) -> FakeApi {
    let api = FakeApi::start();
    let mut shown = json!({"id": 1, "agent_id": 42, "name": "a"});
    let fields = fields.as_object().unwrap().clone();
    shown.as_object_mut().unwrap().extend(fields);
    let one = [json!({"id": 1, "name": "a", "agent_id": 42})];
    api.always("GET", "/v1/get-all-simulations", listed(&one))
        .always("GET", "/v1/get-simulations-by-agent/42", listed(&one))
        .always(
            "GET",
            "/v1/simulation/1",
            ResponseTemplate::new(200).set_body_json(shown),
        )
        .always("GET", "/v1/digital-humans-by-simulation/1", humans);
    api
}

fn attached(ids: &[u64]) -> ResponseTemplate {
    let humans: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    ResponseTemplate::new(200).set_body_json(json!({"digital_humans": humans}))
}

fn check_settled(env: &TestEnv, api: &FakeApi) {
    env.run_at(&api.url(), &["drift"]).code(0);
    for args in [&["apply"][..], &["apply", "--refresh"]] {
        let run = env.run_at(&api.url(), args);
        run.code(0).says("No changes");
    }
    assert!(
        api.requests()
            .iter()
            .all(|request| request.method.as_str() == "GET")
    );
}

#[test]
fn an_omitted_setting_is_unmanaged_and_an_unknown_setting_goes_to_extra() {
    let settings = json!({"num_runs": "3", "default_language": "en", "default_accent": "scottish"});
    let fields = json!({"settings": {"digital_humans_settings": settings},
                        "hangup_on_transfer": "true", "labels": ["x"]});
    let (env, api) = (TestEnv::new(), holding(fields, attached(&[])));
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0)
        .says("`digital_humans_settings.num_runs`")
        .says("`hangup_on_transfer`")
        .never_says("no `*.yaml`");
    let text = env.read("simulations/a.yaml");
    assert!(text.contains("  default_language: en\n"), "{text}");
    let carried = "extra:\n  digital_humans_settings:\n    default_accent: scottish\n";
    assert!(text.ends_with(carried), "{text}");
    check_settled(&env, &api);
}

#[test]
fn a_setting_in_extra_is_sent_with_the_others() {
    let (env, api) = (TestEnv::new(), FakeApi::start());
    env.simulation(
        "a",
        "digital_humans_settings:\n  num_runs: 3\n\
         extra:\n  digital_humans_settings:\n    default_accent: scottish",
    );
    api.on("POST", CREATE, 1, created(1))
        .always("GET", LIST, listed(&[]));
    env.run_at(&api.url(), &["apply"]).code(0);
    let sent = json!({"agent_id": "42", "name": "a", "digital_humans_settings":
                      {"num_runs": 3, "default_accent": "scottish"}});
    assert_eq!(api.bodies("POST"), [sent]);
    env.simulation(
        "a",
        "extra:\n  digital_humans_settings:\n    num_runs: 3\n    default_accent: x",
    );
    let run = env.run(&["validate"]);
    run.code(1)
        .says("`num_runs` is a known field")
        .says("a.yaml:5:5");
}

#[test]
fn digital_humans_of_a_declared_simulation_are_recorded() {
    let env = TestEnv::new();
    env.simulation("a", "digital_humans: [1, 2]");
    let api = holding(json!({}), attached(&[1, 2, 9]));
    env.run_at(&api.url(), &["import", "a", "1"]).code(0);
    check_settled(&env, &api);
}

#[test]
fn unreadable_digital_humans_are_reported_and_not_written() {
    let env = TestEnv::new();
    env.write("bluejay.yaml", "defaults:\n  digital_humans: [5]\n");
    let api = holding(json!({}), failed(403, "broken"));
    let run = env.run_at(&api.url(), &["import", "--all"]);
    run.code(0).says("the digital humans of simulation 1");
    let text = env.read("simulations/a.yaml");
    assert!(!text.contains("digital_humans"), "{text}");
}

#[test]
fn settings_that_the_schema_does_not_know_go_to_extra() {
    let settings = json!({"max_call_duration": 480, "barge_in": true, "unset": null, "note": "${x}",
        "voice_lab": {"mode": "fast", "levels": [1, 2.5]},
        "digital_humans_settings": {"num_runs": 3, "default_accent": "scottish"}});
    let fields = json!({"type": "VOICE", "organization_id": "o", "max_concurrent": 7,
        "settings": settings});
    let (env, api) = (TestEnv::new(), holding(fields, attached(&[])));
    env.run_at(&api.url(), &["import", "a", "1"]).code(0);
    let written = env.read("simulations/a.yaml");
    let (_, written) = written.split_once('\n').unwrap();
    insta::assert_snapshot!(written, @r"
    agent_id: '42'
    name: a
    max_concurrent: 7
    max_call_duration: 8
    max_call_duration_units: minutes
    digital_humans_settings:
      num_runs: 3
    extra:
      barge_in: true
      digital_humans_settings:
        default_accent: scottish
      note: $${x}
      voice_lab:
        levels:
        - 1
        - 2.5
        mode: fast
    ");
    check_settled(&env, &api);
}
