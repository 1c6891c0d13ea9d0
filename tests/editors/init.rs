//! Tests of `init`: the written files work unchanged, and existing files are unchanged.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Runs the program in a folder, and returns the exit code and both streams.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bluejayctl"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// Runs the program and expects it to succeed.
#[track_caller]
fn succeed(folder: &Path, args: &[&str]) -> String {
    let (code, text) = run(folder, args);
    assert_eq!(code, Some(0), "{args:?}:\n{text}");
    text
}

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn write(folder: &TempDir, name: &str, text: &str) {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn a_project_of_init_works_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let text = succeed(folder.path(), &["init", "--ci", "github"]);
    insta::assert_snapshot!(text, @r#"
    created    simulations/example.yaml
    created    bluejay.yaml
    created    schemas/simulation.schema.json
    created    schemas/project.schema.json
    created    schemas/lockfile.schema.json
    created    .gitignore
    created    .gitattributes
    created    .vscode/settings.json
    created    .github/workflows/bluejay.yml
    created    .github/workflows/bluejay-drift.yml
    created    .github/workflows/bluejay-pull.yml

    Next:
      bluejayctl validate            check every file
      bluejayctl plan                see what an apply would do
      bluejayctl apply --sandbox     try it: no key, no network
      bluejayctl run --sandbox       play its calls there: this ends with a score
      git push                       CI applies pushes to main: EDIT the workflow
                                     first, and add the secret BLUEJAY_API_KEY

    Once in each clone, so that git joins two sides of a lockfile by itself:
      git config merge.bluejayctl.driver "bluejayctl state merge-driver %O %A %B %P"
    "#);
    let path = folder.path();
    assert_eq!(
        succeed(path, &["validate"]),
        "valid: 1 simulation, 2 digital humans, 1 custom metric, 1 schedule in 1 file\n"
    );
    assert!(succeed(path, &["plan"]).contains("Plan: 5 to create"));
    assert!(succeed(path, &["apply", "--sandbox"]).contains("5 created"));
    assert!(succeed(path, &["apply", "--sandbox"]).contains("No changes"));
    let run = succeed(path, &["run", "--sandbox"]);
    assert!(
        run.contains("example  COMPLETED     2/2  100.0  passed"),
        "{run}"
    );
    succeed(path, &["schema", "--check", "schemas"]);
}

#[test]
fn init_changes_no_existing_file() {
    let folder = tempfile::tempdir().unwrap();
    let mine = [
        ("bluejay.yaml", "# mine\n"),
        ("simulations/one.yaml", "agent_id: 1\n"),
        ("schemas/simulation.schema.json", "{}\n"),
        (".gitignore", "/target\n.bluejay/"),
        (".vscode/settings.json", "{}\n"),
        (".gitlab-ci.yml", "{}\n"),
    ];
    for (name, text) in mine {
        write(&folder, name, text);
    }
    let text = succeed(folder.path(), &["init", "--ci", "gitlab"]);
    insta::assert_snapshot!(text.split("\nNext:").next().unwrap(), @r"
    unchanged  simulations/
    unchanged  bluejay.yaml
    unchanged  schemas/simulation.schema.json
    created    schemas/project.schema.json
    created    schemas/lockfile.schema.json
    added to   .gitignore
    created    .gitattributes
    unchanged  .vscode/settings.json
    unchanged  .gitlab-ci.yml
    ");
    for (name, text) in mine.iter().filter(|(name, _)| *name != ".gitignore") {
        assert_eq!(read(&folder, name), *text);
    }
    assert_eq!(
        read(&folder, ".gitignore"),
        "/target\n.bluejay/\n*.lock.journal\nbluejay*.sandbox.lock\n*.plan\n"
    );
    assert!(!folder.path().join("simulations/example.yaml").exists());
}

#[test]
fn a_second_init_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["init"]);
    let ignored = read(&folder, ".gitignore");
    let text = succeed(folder.path(), &["init"]);
    assert!(!text.contains("created"), "{text}");
    assert!(!text.contains("added"), "{text}");
    assert_eq!(read(&folder, ".gitignore"), ignored);
    assert_eq!(
        read(&folder, ".gitattributes"),
        "bluejay*.lock merge=bluejayctl\n"
    );
}

#[test]
fn init_writes_the_example_if_no_simulation_exists() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["init"]);
    std::fs::remove_dir_all(folder.path().join("simulations")).unwrap();
    let text = succeed(folder.path(), &["init"]);
    assert!(
        text.contains("created    simulations/example.yaml"),
        "{text}"
    );
    write(&folder, "bluejay.yaml", "simulations: tests\n");
    std::fs::remove_dir_all(folder.path().join("simulations")).unwrap();
    succeed(folder.path(), &["init"]);
    assert!(!folder.path().join("simulations").exists());
}

#[test]
fn init_works_in_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["-C", "voice/tests", "init"]);
    let inside = folder.path().join("voice/tests");
    assert!(inside.join("bluejay.yaml").is_file());
    succeed(&inside, &["validate"]);
    succeed(
        folder.path(),
        &["-C", "voice/tests", "schema", "--check", "schemas"],
    );
}

#[test]
fn init_reports_a_workflow_below_the_top_of_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let top = succeed(folder.path(), &["init", "--ci", "github"]);
    assert!(!top.contains("warning"), "{top}");
    let below = succeed(folder.path(), &["-C", "voice", "init", "--ci", "github"]);
    assert!(below.contains("to the root of the repository"), "{below}");
}

#[test]
fn an_unwritable_file_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, ".vscode", "a file\n");
    let (code, text) = run(folder.path(), &["init"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("could not create `.vscode`"), "{text}");
}

#[test]
fn the_editor_settings_name_the_schemas() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["init"]);
    let settings: Value = serde_json::from_str(&read(&folder, ".vscode/settings.json")).unwrap();
    let schemas = settings["yaml.schemas"].as_object().unwrap();
    for path in schemas.keys() {
        assert!(folder.path().join(path).is_file(), "{path}");
    }
    for file in ["bluejay.yaml", "simulations/example.yaml"] {
        let text = read(&folder, file);
        let modeline = text.lines().next().unwrap();
        let (_, schema) = modeline
            .split_once("# yaml-language-server: $schema=")
            .unwrap();
        let path = folder.path().join(file).parent().unwrap().join(schema);
        assert!(path.is_file(), "{}", path.display());
    }
}

#[test]
fn only_the_apply_job_of_github_has_the_key() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["init", "--ci", "github"]);
    let text = read(&folder, ".github/workflows/bluejay.yml");
    let workflow = yaml(&text);
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(workflow["env"]["BLUEJAYCTL_REF"], version);
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    let (plan, apply) = (&workflow["jobs"]["plan"], &workflow["jobs"]["apply"]);
    assert_eq!(
        plan["permissions"],
        serde_json::json!({"contents": "read", "pull-requests": "write"})
    );
    assert_eq!(
        apply["permissions"],
        serde_json::json!({"contents": "write"})
    );
    assert_eq!(apply["concurrency"]["cancel-in-progress"], false);
    let with_key = |job: &Value| {
        let steps = job["steps"].as_array().unwrap();
        let keys = steps
            .iter()
            .filter(|step| step["with"]["api-key"].is_string());
        keys.map(|step| step["with"]["command"].clone())
            .collect::<Vec<_>>()
    };
    assert!(with_key(plan).is_empty());
    assert_eq!(with_key(apply), ["apply"]);
    assert_eq!(text.matches("secrets.").count(), 1);
}

#[test]
fn each_environment_has_a_job_and_the_last_one_waits() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["init", "--ci", "github", "--env", "staging, eu.prod"];
    succeed(folder.path(), &args);
    let workflow = yaml(&read(&folder, ".github/workflows/bluejay.yml"));
    let jobs = &workflow["jobs"];
    let names: Vec<_> = jobs.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["apply-eu-prod", "apply-staging", "plan", "validate"]
    );
    let matrix = &jobs["plan"]["strategy"]["matrix"]["environment"];
    assert_eq!(*matrix, serde_json::json!(["staging", "eu.prod"]));
    let arguments = &jobs["validate"]["steps"][2]["with"]["args"];
    assert_eq!(arguments, "--all-envs");
    assert_eq!(jobs["apply-staging"]["needs"], Value::Null);
    let last = &jobs["apply-eu-prod"];
    assert_eq!(last["needs"], "apply-staging");
    assert_eq!(last["environment"], "eu.prod");
    assert_eq!(last["steps"][2]["with"]["env"], "eu.prod");
    assert_eq!(last["concurrency"]["group"], "bluejay-apply-eu.prod");
    let drift = yaml(&read(&folder, ".github/workflows/bluejay-drift.yml"));
    let drift = &drift["jobs"]["drift"];
    assert_eq!(drift["environment"], "${{ matrix.environment }}-drift");
    for name in ["bluejay.yml", "bluejay-drift.yml"] {
        let text = read(&folder, &format!(".github/workflows/{name}"));
        for placeholder in [
            "{branch}",
            "{environment",
            "{needs}",
            "{sequence}",
            "{last}",
        ] {
            assert!(!text.contains(placeholder), "{text}");
        }
    }
    let valid = succeed(folder.path(), &["validate", "--all-envs"]);
    assert!(valid.contains("valid in eu.prod: 1 simulation"), "{valid}");
}

#[test]
fn init_notes_the_environments_that_a_project_lacks() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "bluejay.yaml", "environments: {staging: {}}\n");
    let said = succeed(folder.path(), &["init", "--env", "staging,prod"]);
    assert!(said.contains("    environments:\n      prod: {}"), "{said}");
    for (name, expected) in [
        ("a b", "can't be the name"),
        ("sandbox", "choose another name"),
        ("a,a.sandbox", "uses the lockfile of this name"),
    ] {
        let (code, text) = run(folder.path(), &["init", "--env", name]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn the_drift_workflow_runs_at_night_and_may_only_write_issues() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["init", "--ci", "github"]);
    let workflow = yaml(&read(&folder, ".github/workflows/bluejay-drift.yml"));
    let job = &workflow["jobs"]["drift"];
    assert!(workflow["on"]["schedule"][0]["cron"].is_string());
    assert_eq!(
        job["permissions"],
        serde_json::json!({"contents": "read", "issues": "write"})
    );
}

#[test]
fn the_gitlab_pipeline_applies_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["init", "--ci", "gitlab"]);
    let pipeline = yaml(&read(&folder, ".gitlab-ci.yml"));
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(pipeline["variables"]["BLUEJAYCTL_REF"], version);
    let apply = &pipeline["bluejay apply"];
    assert_eq!(apply["resource_group"], "bluejay-apply");
    assert_eq!(apply["interruptible"], false);
    for job in ["bluejay plan", "bluejay apply", "bluejay drift"] {
        for line in pipeline[job]["script"].as_array().unwrap() {
            assert!(line.is_string(), "{line}");
        }
    }
}

#[test]
fn init_prints_the_lines_for_an_existing_pipeline() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, ".gitlab-ci.yml", "stages: [test]\n");
    let said = succeed(folder.path(), &["init", "--ci", "gitlab"]);
    assert!(
        said.contains("CI applies once .gitlab-ci.yml includes"),
        "{said}"
    );
    let (_, snippet) = said.split_once("with OWNER replaced:\n").unwrap();
    let lines = snippet.lines().take_while(|line| line.starts_with("    "));
    let snippet: String = lines.map(|line| format!("{}\n", &line[4..])).collect();
    let include = yaml(&snippet);
    let remote = include["include"][0]["remote"].as_str().unwrap();
    assert!(remote.ends_with("/.gitlab/bluejayctl.yml"), "{remote}");
    // After the line is added, `init` prints nothing about it.
    write(
        &folder,
        ".gitlab-ci.yml",
        &format!("stages: [test]\n{snippet}"),
    );
    let said = succeed(folder.path(), &["init", "--ci", "gitlab"]);
    assert!(!said.contains("add to it"), "{said}");
}

#[test]
fn the_workflows_use_the_default_branch() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, ".git/HEAD", "ref: refs/heads/master\n");
    let said = succeed(folder.path(), &["init", "--ci", "github"]);
    assert!(said.contains("CI applies pushes to master:"), "{said}");
    let text = read(&folder, ".github/workflows/bluejay.yml");
    let workflow = yaml(&text);
    assert_eq!(
        workflow["on"]["push"]["branches"],
        serde_json::json!(["master"])
    );
    assert!(
        !text.contains("main") && !text.contains("{branch}"),
        "{text}"
    );
    let apply = &workflow["jobs"]["apply"];
    assert!(
        apply["if"]
            .as_str()
            .unwrap()
            .ends_with("'refs/heads/master'")
    );
    let steps = apply["steps"].as_array().unwrap();
    assert_eq!(steps[0]["with"]["ref"], "master");
    assert_eq!(steps[2]["with"]["branch"], "master");
}

#[test]
fn init_writes_the_example_into_the_configured_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "bluejay.yaml", "simulations: tests/sims\n");
    let text = succeed(folder.path(), &["init"]);
    assert!(
        text.contains("created    tests/sims/example.yaml"),
        "{text}"
    );
    let example = read(&folder, "tests/sims/example.yaml");
    assert!(
        example.contains("$schema=../../schemas/simulation.schema.json"),
        "{example}"
    );
    let settings = read(&folder, ".vscode/settings.json");
    assert!(settings.contains("\"tests/sims/**/*.yaml\""), "{settings}");
    succeed(folder.path(), &["validate"]);
    assert!(!folder.path().join("simulations").exists());
}

#[test]
fn init_prints_the_lines_for_existing_editor_settings() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder,
        ".vscode/settings.json",
        "{\"editor.tabSize\": 2}\n",
    );
    let said = succeed(folder.path(), &["init"]);
    assert!(
        said.contains("add these lines:") && said.contains("\"yaml.schemas\""),
        "{said}"
    );
    assert_eq!(
        read(&folder, ".vscode/settings.json"),
        "{\"editor.tabSize\": 2}\n"
    );
    // After the line is added, `init` prints nothing about it.
    let settings = include_str!("../../src/commands/init/vscode.json");
    write(&folder, ".vscode/settings.json", settings);
    assert!(!succeed(folder.path(), &["init"]).contains("add to it:"));
}
