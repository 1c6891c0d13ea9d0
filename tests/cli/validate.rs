//! Tests of `validate`.

use serde_json::json;

use super::env::{Run, TestEnv};

/// Runs the program in a folder below the repository.
fn run_in(env: &TestEnv, folder: &str, args: &[&str]) -> Run {
    let mut command = env.command(args);
    command.current_dir(env.path(folder));
    Run::of(command)
}

#[test]
fn validate_accepts_files_and_folders() {
    let env = TestEnv::with(&["desk", "night/one", "night/two"]);
    env.write("bluejay.yaml", "simulations: simulations\n");
    for (paths, valid) in [
        (vec![], "valid: 3 simulations in 3 files\n"),
        (vec!["."], "valid: 3 simulations in 3 files\n"),
        (
            vec!["simulations/night"],
            "valid: 2 simulations in 2 files\n",
        ),
        (
            vec!["simulations/desk.yaml", "bluejay.yaml"],
            "valid: 1 simulation in 1 file\n",
        ),
        (
            vec!["./simulations/../simulations/desk.yaml"],
            "valid: 1 simulation in 1 file\n",
        ),
    ] {
        let args: Vec<_> = ["validate"].into_iter().chain(paths).collect();
        assert_eq!(env.run(&args).code(0).stdout, valid, "{args:?}");
    }
}

#[test]
fn counts_resources_of_every_kind() {
    let env = TestEnv::with(&["desk"]);
    env.write(
        "simulations/people/callers.yaml",
        "kind: digital_human\nkey: marta\nname: Marta\nintent: ${file:../../texts/marta.md}\n---\n\
         kind: digital_human\nkey: jan\nname: Jan\nintent: Wants to book\n",
    );
    env.write("texts/marta.md", "Wants her money back.\n");
    env.write(
        "simulations/nightly.yaml",
        "kind: schedule\nsimulation: desk\nschedule: {frequency: daily, time: '02:30'}\n",
    );
    assert_eq!(
        env.run(&["validate"]).code(0).stdout,
        "valid: 1 simulation, 2 digital humans, 1 schedule in 3 files\n"
    );
    env.run(&["validate", "simulations/people"])
        .code(0)
        .says("valid: 2 digital humans in 1 file");
    env.remove("texts/marta.md");
    env.write("texts/martha.md", "Wants her money back.\n");
    env.run(&["validate"])
        .code(1)
        .says("error: there is no file `texts/marta.md`")
        .says("did you mean `${file:../../texts/martha.md}`?")
        .says("simulations/people/callers.yaml:4:9");
}

#[test]
fn a_path_without_simulations_is_an_error() {
    let env = TestEnv::with(&["desk"]);
    for file in [
        "simulations/notes.txt",
        "simulations/.hidden.yaml",
        "simulations/desk.yaml.orig",
        "simulations/docs/notes.md",
    ] {
        env.write(file, "agent_id: 1\n");
        let run = env.run(&["validate", file]);
        run.code(1)
            .says(&format!(
                "error: `{file}` is no simulation file of the project"
            ))
            .says("files below")
            .never_says("valid:");
    }
    env.run(&["validate", "simulations/docs"])
        .code(1)
        .says("there is no simulation file below `simulations/docs`");
    env.write("other/desk.yaml", "agent_id: 1\n");
    env.run(&["validate", "other/desk.yaml"])
        .code(1)
        .says("`other/desk.yaml` is not below the simulations folder `simulations`");
    env.run(&["validate", "nowhere.yaml"])
        .code(1)
        .says("`nowhere.yaml` does not exist");
    // A valid path does not hide an invalid path.
    env.run(&["validate", "simulations/desk.yaml", "simulations/notes.txt"])
        .code(1);
}

#[test]
fn an_invalid_file_can_be_selected() {
    let env = TestEnv::with(&["desk"]);
    env.write("simulations/empty.yaml", "");
    env.run(&["validate", "simulations/empty.yaml"])
        .code(1)
        .says("declares no simulation");
    env.run(&["validate", "simulations/desk.yaml"]).code(0);
}

#[test]
fn an_empty_project_suggests_init() {
    let env = TestEnv::new();
    // The folders above the tests may be in a repository.
    env.write(".git/HEAD", "");
    let run = env.run(&["validate"]);
    run.code(0)
        .says("warning: no `*.yaml` or `*.yml` file below `simulations`")
        .says("bluejayctl init");
    env.write("bluejay.yaml", "");
    env.run(&["validate"])
        .code(0)
        .says("valid: 0 simulations in 0 files");
    std::fs::remove_dir(env.path("simulations")).unwrap();
    env.run(&["validate"])
        .code(1)
        .says("the simulations folder `simulations` does not exist");
    env.remove("bluejay.yaml");
    env.run(&["validate"])
        .code(1)
        .says("run `bluejayctl init` to create a project here");
    env.run(&["-C", "nowhere", "validate"])
        .code(1)
        .says("there is no folder `nowhere`");
}

#[test]
fn a_folder_below_the_project_suggests_the_project_folder() {
    let env = TestEnv::with(&["desk"]);
    env.write("docs/deep/notes.md", "");
    for verb in ["validate", "plan", "apply"] {
        run_in(&env, "simulations", &[verb])
            .code(1)
            .says("add `-C ..`");
    }
    run_in(&env, "docs/deep", &["validate"])
        .code(1)
        .says("add `-C ../..`");
    env.run(&["-C", "docs", "validate"])
        .code(1)
        .says("add `-C docs/..`");
    run_in(&env, "docs", &["-C", "..", "validate"]).code(0);
    // A separate repository is independent of the folders above it.
    env.write("docs/deep/.git/HEAD", "");
    run_in(&env, "docs/deep", &["validate"])
        .code(1)
        .never_says("-C ..")
        .says("init");
}

#[test]
fn a_plan_of_invalid_files_is_json() {
    let env = TestEnv::with(&["desk"]);
    env.write("simulations/bad.yaml", "agent_id: 1\nmax_concurrent: 900\n");
    let validated = env.run(&["validate", "--format", "json"]).code(1).json();
    let mut plan = env.run(&["plan", "--format", "json"]).code(1).json();
    assert_eq!(plan["applyable"], json!(false));
    plan.as_object_mut().unwrap().remove("applyable");
    assert_eq!(plan, validated);
    assert_eq!(plan["diagnostics"][0]["range"]["start"]["column"], 17);
    assert_eq!(env.run(&["plan"]).code(1).stdout, "");
}

#[test]
fn a_long_list_of_fields_is_shown_once() {
    let env = TestEnv::new();
    env.simulation("a", "colour: 1\nshade: 2");
    env.simulation("b", "colour: 1");
    let run = env.run(&["validate"]);
    run.code(1).says("3 errors in 2 files");
    assert_eq!(
        run.stderr.matches("`knowledge_base_id`").count(),
        1,
        "{run}"
    );
    assert_eq!(run.stderr.matches("(in full above)").count(), 2, "{run}");
    // Every mistake is complete, because programs read each mistake on its own.
    let all = env
        .run(&["validate", "--format", "json"])
        .code(1)
        .stdout
        .clone();
    assert_eq!(all.matches("`knowledge_base_id`").count(), 3);
}

#[test]
fn a_shortened_text_keeps_its_quotes() {
    let env = TestEnv::new();
    env.simulation("a", "description: |\n  said \"hello\"\n  and went");
    env.run(&["plan"])
        .code(0)
        .says(r#""said \"hello\"..." (2 lines)"#);
}

#[test]
fn similar_names_of_files_and_folders_are_suggested() {
    let env = TestEnv::with(&["desk"]);
    env.write("bluejay.yml", "simulations: elsewhere\n");
    env.run(&["validate"])
        .code(0)
        .says("warning: this file is not read, because the project file is `bluejay.yaml`");
    env.write("bluejay.yaml", "simulations: simulations/desk.yaml\n");
    env.run(&["validate"])
        .code(1)
        .says("the simulations folder `simulations/desk.yaml` is not a folder")
        .says("bluejay.yaml:1:14");
    env.write("below/simulation/desk.yaml", "agent_id: 1\n");
    env.run(&["-C", "below", "validate"])
        .code(1)
        .says("there is a folder `simulation`: rename it");
}

#[test]
fn byte_offsets_include_a_byte_order_mark() {
    let env = TestEnv::new();
    env.write(
        "simulations/a.yaml",
        "\u{feff}max_concurrent: 0\nagent_id: 1\n",
    );
    let run = env.run(&["validate", "--format", "json"]);
    let found = run.code(1).json();
    let start = &found["diagnostics"][0]["range"]["start"];
    assert_eq!(start, &json!({ "line": 1, "column": 17, "byte": 19 }));
}

#[test]
fn an_address_with_a_password_is_refused_and_never_shown() {
    let env = TestEnv::with(&["desk"]);
    env.write("bluejay.yaml", "api_url: https://user:s3cret@a.example\n");
    for args in [
        &["validate"][..],
        &["validate", "--format", "json"],
        &["validate", "--format", "sarif"],
        &["plan"],
        &["plan", "--api-url", "https://user:s3cret@a.example"],
    ] {
        env.run(args).code(1).never_says("s3cret");
    }
    env.write("bluejay.yaml", "simulations: simulations\n");
    env.run(&["plan", "--api-url", "https://user:s3cret@a.example"])
        .code(1)
        .says("`https://user:***@a.example` contains a user or a password")
        .never_says("s3cret");
}

#[test]
fn a_mistake_on_the_command_line_is_reported_in_every_format() {
    let env = TestEnv::new();
    env.simulation("bad", "max_concurrent: 900\ndescription: ${var:OF_STAGING}");
    env.write(
        "bluejay.yaml",
        "environments:\n  staging:\n    vars: {OF_STAGING: x}\n",
    );
    for (args, said, count) in [
        (&["nope.yaml"][..], "`nope.yaml` does not exist", 1),
        (
            &["nope.yaml", "simulations/bad.yaml", "-e", "staging"],
            "`nope.yaml`",
            2,
        ),
        (&["-e", "nope"], "unknown environment `nope`", 2),
        (&["--config", "nope.yaml"], "`nope.yaml` does not exist", 1),
    ] {
        let args = [
            &["validate", "--format", "json", "--json-into", "found"][..],
            args,
        ]
        .concat();
        let run = env.run(&args);
        let found = run.code(1).json();
        assert_eq!(found["error_count"], count, "{run}");
        assert_eq!(found["valid"], false);
        run.says(said);
        assert_eq!(env.read("found"), run.stdout);
        env.remove("found");
    }
    env.run(&["validate", "-e", "nope"])
        .code(1)
        .says("error: unknown environment `nope`")
        .says("`staging`")
        .says("max_concurrent");
}

#[test]
fn annotations_and_sarif_are_relative_to_the_top_of_the_repository() {
    let env = TestEnv::new();
    env.write(".git/HEAD", "");
    env.write(
        "sub/simulations/a.yaml",
        "agent_id: 1\nmax_concurrent: 900\n",
    );
    let github = env.run(&["-C", "sub", "validate", "--format", "github"]);
    github.code(1).says("file=sub/simulations/a.yaml,line=2");
    let sarif = env
        .run(&["-C", "sub", "validate", "--format", "sarif"])
        .code(1)
        .json();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "sub/simulations/a.yaml");
}
