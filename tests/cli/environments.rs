//! Tests of environments: their defaults, resources and settings, and the types of variables.

use serde_json::{Value, json};

use super::api::TestApi;
use super::env::{Run, TestEnv};

/// Returns what a plan creates, by key.
fn created(env: &TestEnv, args: &[&str]) -> Value {
    let all = [&["plan", "--format", "json"], args].concat();
    let plan = env.run(&all).code(0).json();
    let changes = plan["changes"].as_array().unwrap().iter();
    changes
        .map(|change| {
            let key = change["key"].as_str().unwrap().to_owned();
            (key, change["after"].clone())
        })
        .collect()
}

/// Returns the keys that a plan names.
fn keys(env: &TestEnv, args: &[&str]) -> Vec<String> {
    let created = created(env, args);
    created.as_object().unwrap().keys().cloned().collect()
}

/// Checks that a document in a project creates this body, whatever form its values have.
#[track_caller]
fn check_form(project: &str, document: &str, args: &[&str], expected: &Value) {
    let env = TestEnv::new();
    env.write("bluejay.yaml", project);
    env.write("simulations/a.yaml", document);
    env.write("simulations/text.md", "Be\nkind.\n");
    assert_eq!(created(&env, args)["a"], *expected, "{project}{document}");
}

#[test]
fn a_value_in_every_form_gives_the_same_request() {
    let body = json!({"agent_id": "42", "max_concurrent": 5, "hangup_on_transfer": true,
        "description": "Be\nkind.\n", "extra_limit": 7});
    let literal = "agent_id: 42\nmax_concurrent: 5\nhangup_on_transfer: true\n\
                   description: |\n  Be\n  kind.\nextra: {extra_limit: 7}\n";
    let vars = "vars: {A: 42, M: 5, H: true, D: \"Be\\nkind.\\n\", X: 7}\n";
    let fields = "agent_id: ${var:A}\nmax_concurrent: ${var:M}\nhangup_on_transfer: ${var:H}\n\
                  description: ${var:D}\nextra: {extra_limit: \"${var:X}\"}\n";
    let environment = |more: &str| format!("environments:\n  staging:\n{}", indented(4, more));
    let staging: &[&str] = &["--env", "staging"];
    let defaults = |more: &str| format!("defaults:\n{}", indented(2, more));
    let without_extra = |text: &str| text.replace("extra: {extra_limit: 7}\n", "");
    let extra = "extra: {extra_limit: 7}\n";
    check_form("{}", literal, &[], &body);
    check_form(vars, fields, &[], &body);
    check_form(&environment(vars), fields, staging, &body);
    check_form(&defaults(&without_extra(literal)), extra, &[], &body);
    let overridden = "defaults: {max_concurrent: 1, agent: {name: Desk}}\n".to_owned();
    let layered = overridden + &environment(&defaults(&without_extra(literal)));
    check_form(&layered, extra, staging, &body);
    let replaced = fields.replace("${var:D}", "${file:text.md}");
    check_form(vars, &replaced, &[], &body);
    let shell = ["--var", "A=42", "--var", "M=5", "--var", "H=true"];
    let text = "vars: {M: many, H: perhaps, D: \"Be\\nkind.\\n\", X: 7}\n";
    check_form(text, fields, &shell, &body);
}

fn indented(by: usize, text: &str) -> String {
    let lines = text.lines();
    lines
        .map(|line| format!("{}{line}\n", " ".repeat(by)))
        .collect()
}

#[test]
fn a_variable_fills_the_ids_of_agents_and_the_fields_of_other_kinds() {
    let env = TestEnv::new();
    env.write("bluejay.yaml", "vars: {A: 42, HEAT: 0.2, RUNS: 3}\n");
    env.write(
        "simulations/a.yaml",
        "kind: custom_metric\nkey: m\nname: M\nresponse_type: pass_fail\nprompt: Polite?\n\
         agent_ids: [\"${var:A}\", 7]\ntemperature: ${var:HEAT}\n---\nkind: digital_human\nkey: h\n\
         name: H\nintent: Ask.\nnum_runs: ${var:RUNS}\n",
    );
    let created = created(&env, &[]);
    assert_eq!(created["custom_metric:m"]["agent_ids"], json!([42, 7]));
    assert_eq!(created["custom_metric:m"]["temperature"], json!(0.2));
    assert_eq!(created["digital_human:h"]["num_runs"], json!(3));
}

#[test]
fn a_variable_of_the_wrong_type_is_reported_where_it_is_given() {
    let env = TestEnv::new();
    env.write("bluejay.yaml", "vars:\n  MAX: \"5\"\n");
    env.write(
        "simulations/a.yaml",
        "agent_id: 1\nmax_concurrent: ${var:MAX}\n",
    );
    let run = env.run(&["validate"]);
    run.code(1)
        .says("bluejay.yaml:2:8")
        .says("remove the quotes: `5`")
        .says("`MAX` is used here");
    env.run(&["validate", "--var", "MAX=many"])
        .code(1)
        .says("`max_concurrent` must be an integer")
        .says("`MAX` comes from `--var MAX=…`");
    env.write(
        "simulations/a.yaml",
        "agent_id: 1\nmax_concurrent: ${var:MAX}0\n",
    );
    env.run(&["validate"])
        .code(1)
        .says("a text with a variable in it is a string");
    env.write(
        "simulations/a.yaml",
        "agent_id: 1\nmax_concurrent: ${var:MIX}\n",
    );
    let run = env.run(&["validate"]);
    run.code(1)
        .says("unknown variable `MIX`")
        .never_says("integer");
}

/// Returns a project with the environments `staging`, which has only the clinic, and
/// `prod`.
fn clinic_and_law() -> TestEnv {
    let env = TestEnv::new();
    env.write(
        "bluejay.yaml",
        "defaults: {max_concurrent: 10, ringing_timeout: 60}\n\
         kinds: {digital_human: {defaults: {background_noise: office}}}\n\
         environments:\n\
         \x20 staging:\n\
         \x20   select: ['clinic/**', 'digital_human:clinic/**']\n\
         \x20   defaults: {max_concurrent: 2, ringing_timeout: null}\n\
         \x20   kinds: {digital_human: {defaults: {background_noise: none}}}\n\
         \x20 prod: {}\n",
    );
    env.write(
        "simulations/clinic/desk.yaml",
        "agent_id: 1\ndigital_humans: [clinic/ann]\n",
    );
    env.write(
        "simulations/clinic/ann.yaml",
        "kind: digital_human\nname: Ann\nintent: Ask.\n",
    );
    env.write(
        "simulations/clinic/load.yaml",
        "agent_id: 1\nenvironments: [staging]\n",
    );
    env.write("simulations/law/desk.yaml", "agent_id: 2\n");
    env
}

#[test]
fn an_environment_has_its_own_defaults() {
    let env = clinic_and_law();
    let staging = created(&env, &["-e", "staging"]);
    assert_eq!(staging["clinic/desk"]["max_concurrent"], json!(2));
    assert_eq!(staging["clinic/desk"]["ringing_timeout"], Value::Null);
    let human = "digital_human:clinic/ann";
    assert_eq!(staging[human]["background_noise"], "none");
    let prod = created(&env, &["-e", "prod"]);
    assert_eq!(prod["clinic/desk"]["max_concurrent"], json!(10));
    assert_eq!(prod["clinic/desk"]["ringing_timeout"], json!(60));
    assert_eq!(prod[human]["background_noise"], "office");
}

#[test]
fn an_environment_declares_only_what_it_selects() {
    let env = clinic_and_law();
    let staging = ["clinic/desk", "clinic/load", "digital_human:clinic/ann"];
    assert_eq!(keys(&env, &["-e", "staging"]), staging);
    let all = ["clinic/desk", "digital_human:clinic/ann", "law/desk"];
    assert_eq!(keys(&env, &["-e", "prod"]), all);
    assert_eq!(keys(&env, &[]), all);
    env.run(&["plan", "-e", "staging", "--target", "law/desk"])
        .code(1)
        .says("the chosen environment declares nothing that matches `law/desk`");
}

#[test]
fn what_an_environment_does_not_select_is_no_orphan() {
    let env = TestEnv::with(&["clinic/a", "clinic/b", "law/c"]);
    env.write("bluejay.yaml", "environments: {staging: {}}\n");
    let api = TestApi::start();
    let staging = |args: &[&str]| -> Run {
        let all = [args, &["-e", "staging"]].concat();
        env.run_at(&api.url(), &all)
    };
    staging(&["apply"]).code(0);
    env.write(
        "bluejay.yaml",
        "environments: {staging: {select: ['clinic/**']}}\n",
    );
    let text = env.read("simulations/clinic/b.yaml");
    env.write(
        "simulations/clinic/b.yaml",
        &format!("{text}environments: []\n"),
    );
    staging(&["plan"])
        .code(1)
        .says("`environments` names no environment");
    env.write(
        "bluejay.yaml",
        "environments: {staging: {select: ['clinic/a']}, prod: {}}\n",
    );
    env.write(
        "simulations/clinic/b.yaml",
        &format!("{text}environments: [prod]\n"),
    );
    let before = env.read("bluejay.staging.lock");
    staging(&["apply", "--prune", "--force"])
        .code(0)
        .never_says("law/c")
        .never_says("clinic/b");
    assert_eq!(env.read("bluejay.staging.lock"), before);
    env.undeclare("law/c");
    let plan = staging(&["plan", "--prune", "--force"]);
    plan.code(0).says("law/c").never_says("clinic/b");
    staging(&["destroy", "--yes", "--target", "clinic/b"]).code(0);
    let left = env.read("bluejay.staging.lock");
    assert!(
        !left.contains("clinic/b") && left.contains("law/c"),
        "{left}"
    );
}

#[test]
fn a_reference_to_what_the_environment_leaves_out_names_the_reason() {
    let env = clinic_and_law();
    env.write(
        "simulations/clinic/desk.yaml",
        "agent_id: 1\ndigital_humans: [bob, clinic/cas]\n",
    );
    env.write(
        "simulations/bob.yaml",
        "kind: digital_human\nname: Bob\nintent: Ask.\n",
    );
    env.write(
        "simulations/clinic/cas.yaml",
        "kind: digital_human\nname: Cas\nintent: Ask.\nenvironments: [prod]\n",
    );
    let run = env.run(&["validate", "-e", "staging"]);
    run.code(1)
        .says("the environment `staging` does not declare the digital human `bob`")
        .says("add `digital_human:bob` to `select`")
        .says("bluejay.yaml:5:5")
        .says("add `staging` there")
        .says("simulations/clinic/cas.yaml:4:15");
    env.run(&["validate", "-e", "prod"]).code(0);
    env.run(&["validate"])
        .code(1)
        .never_says("digital human `bob`")
        .says("without an environment, the digital human");
    // What is left out must not refer to nothing either: it still exists at the API.
    env.write(
        "simulations/law/desk.yaml",
        "agent_id: 2\ndigital_humans: [nobody]\n",
    );
    env.run(&["validate", "-e", "staging"])
        .code(1)
        .says("unknown digital human `nobody`");
}

#[test]
fn a_document_that_is_left_out_needs_no_variables_but_is_checked() {
    let env = TestEnv::new();
    env.write(
        "bluejay.yaml",
        "environments:\n  staging: {}\n  prod: {vars: {AGENT: 7}, defaults: {ringing_timeout: 9}}\n",
    );
    env.write(
        "simulations/a.yaml",
        "agent_id: ${var:AGENT}\nmax_concurrent: ${var:MAX}\nenvironments: [prod]\n",
    );
    for args in [&["validate"][..], &["validate", "-e", "staging"]] {
        env.run(args).code(0);
    }
    env.run(&["validate", "-e", "prod", "--var", "MAX=3"])
        .code(0);
    env.run(&["validate", "--all-envs"])
        .code(1)
        .says("unknown variable `MAX`")
        .says("only in the environment `prod`");
    env.write(
        "simulations/a.yaml",
        "agent_id: ${var:AGENT}\nmax_concurrent: 0\nenvironments: [prod, stagin]\n",
    );
    env.run(&["validate", "-e", "staging"])
        .code(1)
        .says("`max_concurrent` must be between 1 and 500")
        .says("unknown environment `stagin`")
        .says("did you mean `staging`?");
}

#[test]
fn one_key_may_have_a_document_for_each_environment() {
    let env = TestEnv::new();
    env.write("bluejay.yaml", "environments: {staging: {}, prod: {}}\n");
    env.write(
        "simulations/a.yaml",
        "key: desk\nagent_id: 1\nenvironments: [staging]\n---\n\
         key: desk\nagent_id: 2\nenvironments: [prod]\n",
    );
    assert_eq!(created(&env, &["-e", "staging"])["desk"]["agent_id"], "1");
    assert_eq!(created(&env, &["-e", "prod"])["desk"]["agent_id"], "2");
    env.run(&["validate", "--all-envs"]).code(0);
    let text = env
        .read("simulations/a.yaml")
        .replace("[staging]", "[staging, prod]");
    env.write("simulations/a.yaml", &text);
    env.run(&["validate", "--all-envs"])
        .code(1)
        .says("two simulations have the key `desk`")
        .says("only in the environment `prod`");
}

#[test]
fn validate_checks_every_environment() {
    let env = TestEnv::with(&["a"]);
    let all = || env.run(&["validate", "--all-envs"]);
    assert_eq!(all().code(0).stdout, "valid: 1 simulation in 1 file\n");
    env.write(
        "bluejay.yaml",
        "environments: {staging: {select: [a]}, prod: {}}\n",
    );
    assert_eq!(
        all().code(0).stdout,
        "valid: 1 simulation in 1 file\n\
         valid in prod: 1 simulation in 1 file\n\
         valid in staging: 1 simulation in 1 file\n"
    );
    env.simulation("b", "environments: [prod]");
    assert_eq!(
        all().code(0).stdout,
        "valid: 1 simulation in 2 files; 1 document left out without an environment\n\
         valid in prod: 2 simulations in 2 files\n\
         valid in staging: 1 simulation in 2 files; the environment leaves out 1 document\n"
    );
    let staging = env.run(&["validate", "-e", "staging", "simulations/a.yaml"]);
    assert_eq!(staging.code(0).stdout, "valid: 1 simulation in 1 file\n");
    env.undeclare("b");
    env.write(
        "bluejay.yaml",
        "environments: {staging: {select: [b]}, prod: {}}\n",
    );
    all()
        .code(1)
        .says("no simulation matches `b`")
        .says("only in the environment `staging`");
    env.write(
        "bluejay.yaml",
        "environments: {staging: {defaults: {max_concurrent: 0}}, prod: {}}\n",
    );
    // A mistake that every environment has is shown once.
    let run = all();
    run.code(1).never_says("only in");
    assert_eq!(run.stderr.matches("error: ").count(), 1);
    env.run(&["validate", "--all-envs", "-e", "prod"])
        .code(1)
        .says("`--all-envs` and `--env` exclude each other");
}

#[test]
fn files_that_need_an_environment_are_valid_in_every_environment() {
    let env = TestEnv::new();
    env.write(
        "bluejay.yaml",
        "environments: {staging: {defaults: {agent_id: 1}}, prod: {defaults: {agent_id: 2}}}\n",
    );
    env.write("simulations/a.yaml", "name: Desk\n");
    env.run(&["validate"])
        .code(1)
        .says("`agent_id` is missing")
        .says("only the environments `prod` and `staging` have a value");
    let run = env.run(&["validate", "--all-envs"]);
    run.code(0).never_says("valid:");
}

/// Runs the program with an environment chosen by the variable.
fn with_variable(env: &TestEnv, name: &str, args: &[&str]) -> Run {
    let mut command = env.command(args);
    command.env("BLUEJAY_ENV", name);
    Run::of(command)
}

#[test]
fn a_variable_of_the_shell_chooses_the_environment() {
    let env = clinic_and_law();
    let plan = |name: &str, args: &[&str]| {
        let all = [&["plan", "--format", "json"], args].concat();
        with_variable(&env, name, &all).code(0).json()["environment"].clone()
    };
    assert_eq!(plan("staging", &[]), "staging");
    assert_eq!(plan("staging", &["-e", "prod"]), "prod");
    assert_eq!(plan("", &[]), Value::Null);
    with_variable(&env, "stagin", &["plan"])
        .code(1)
        .says("unknown environment `stagin`")
        .says("did you mean `staging`?")
        .says("`BLUEJAY_ENV` chooses the environment");
    with_variable(&env, "staging", &["validate", "--all-envs"]).code(0);
    // A suggested command works in a shell without the variable.
    with_variable(&env, "staging", &["plan", "--out", "p.json"]).says("--env staging apply p.json");
}

#[test]
fn a_saved_plan_knows_its_environment() {
    let env = clinic_and_law();
    env.run(&["plan", "--sandbox", "-e", "staging", "--out", "p.json"])
        .code(0);
    with_variable(&env, "prod", &["apply", "--sandbox", "p.json"])
        .code(1)
        .says("the plan `p.json` is for the environment `staging`, not for the environment `prod`")
        .says("`BLUEJAY_ENV` chooses the environment");
    env.run(&["apply", "--sandbox", "-e", "prod", "p.json"])
        .code(1)
        .says("leave `--env` out");
    env.run(&["apply", "--sandbox", "p.json"]).code(0);
    assert!(env.exists("bluejay.staging.sandbox.lock"));
    env.run(&["plan", "--sandbox", "--out", "p.json"]).code(0);
    with_variable(&env, "prod", &["apply", "--sandbox", "p.json"])
        .code(1)
        .says("the plan `p.json` is for no environment");
}

#[test]
fn a_setting_reaches_its_command_and_mistakes_are_reported() {
    let env = TestEnv::with(&["a"]);
    env.write(
        "bluejay.yaml",
        "settings: {min_score: 55, parallelism: 1, settle: 1s, timeout: 5s, lock_timeout: 1s}\n\
         environments: {strict: {settings: {min_score: 99.5}}}\n",
    );
    let score = |args: &[&str]| {
        let all = [&["run", "--sandbox", "--format", "json"], args].concat();
        env.run(&all).json()["min_score"].clone()
    };
    env.run(&["apply", "--sandbox"]).code(0);
    assert_eq!(score(&[]), json!(55.0));
    assert_eq!(score(&["--min-score", "10"]), json!(10.0));
    env.run(&["apply", "--sandbox", "-e", "strict"]).code(0);
    assert_eq!(score(&["-e", "strict"]), json!(99.5));
    for (settings, said) in [
        ("{settle: 30}", "write the unit, too: `30s`"),
        ("{settle: soon}", "`settings.settle` must be a time"),
        ("{settle: 3 parsecs}", "`settle` is not a time: `3 parsecs`"),
        ("{parallelism: 0}", "must be between 1 and 512"),
        ("{min_score: 101}", "must be between 0 and 100"),
        (
            "{min_score: 66.666}",
            "`min_score` has more than two decimals: `66.666`",
        ),
        ("{min_scor: 1}", "did you mean `min_score`?"),
    ] {
        env.write("bluejay.yaml", &format!("settings: {settings}\n"));
        env.run(&["validate"]).code(1).says(said);
    }
}

#[test]
fn an_import_does_not_write_a_second_file_for_a_key() {
    let env = TestEnv::with(&["a", "b"]);
    env.write("bluejay.yaml", "environments: {staging: {select: [b]}}\n");
    let api = TestApi::start();
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"].to_string();
    env.run(&["state", "rm", "a"]).code(0);
    env.run_at(&api.url(), &["import", "-e", "staging", "a", &id])
        .code(1)
        .says("a file declares `a`, but not in the chosen environment");
}
