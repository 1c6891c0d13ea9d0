//! Tests of the files of the CI integration: complete, pinned, and with the least
//! permissions.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::super::api::TestApi;
use super::super::env::{Run, TestEnv};
use super::shell::{command, part, script};
use crate::tools::has;

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn read(name: &str) -> String {
    fs::read_to_string(part(name)).unwrap()
}

/// Returns every workflow: of this repository, and of `init`.
fn workflows() -> Vec<(String, Value)> {
    let env = TestEnv::new();
    env.run(&["init", "--ci", "github"]).code(0);
    let written = ["bluejay.yml", "bluejay-drift.yml", "bluejay-pull.yml"].map(|name| {
        (
            name.to_owned(),
            env.read(&format!(".github/workflows/{name}")),
        )
    });
    let own = ["ci.yml", "release.yml"]
        .map(|name| (name.to_owned(), read(&format!(".github/workflows/{name}"))));
    let all = written.into_iter().chain(own);
    all.map(|(name, text)| (name, yaml(&text))).collect()
}

fn action() -> Value {
    yaml(&fs::read_to_string(script("action.yml")).unwrap())
}

/// Collects every mapping in a document.
fn mappings<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.push(value);
            fields.values().for_each(|field| mappings(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| mappings(item, found)),
        _ => {}
    }
}

/// Returns the values of a field at any level of a document.
fn all_of<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    mappings(value, &mut found);
    let values = found
        .into_iter()
        .filter_map(|fields| fields[field].as_str());
    values.collect()
}

fn documents() -> Vec<(String, Value)> {
    let mut all = workflows();
    all.push(("action.yml".to_owned(), action()));
    all
}

#[test]
fn every_action_is_pinned() {
    for (name, document) in documents() {
        for used in all_of(&document, "uses") {
            let is_ours = used.starts_with("./.bluejay/tool/");
            let version = used.split_once('@').map(|(_, version)| version);
            let is_pinned = version.is_some_and(|version| {
                version.len() == 40 && version.chars().all(|c| c.is_ascii_hexdigit())
            });
            assert!(is_ours || is_pinned, "{name}: {used}");
        }
    }
}

#[test]
fn no_workflow_runs_on_a_retired_image() {
    let retired = [
        "ubuntu-20.04",
        "macos-12",
        "macos-13",
        "macos-14",
        "windows-2019",
    ];
    for (name, document) in workflows() {
        let (runs_on, matrix) = (all_of(&document, "runs-on"), all_of(&document, "runner"));
        for image in runs_on.iter().chain(&matrix) {
            assert!(!retired.contains(image), "{name}: {image}");
        }
    }
}

#[test]
fn every_workflow_declares_permissions_and_concurrency() {
    for (name, workflow) in workflows() {
        let top = &workflow["permissions"];
        assert!(top.is_object(), "{name}");
        for (right, level) in top.as_object().unwrap() {
            assert_eq!(
                (right.as_str(), level.as_str()),
                ("contents", Some("read")),
                "{name}"
            );
        }
        for (job_name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].is_u64(), "{name}: {job_name}");
        }
    }
    let all = workflows();
    for (name, job, is_cancelled) in [
        ("bluejay.yml", "plan", true),
        ("bluejay.yml", "apply", false),
        ("bluejay-drift.yml", "drift", false),
        ("bluejay-pull.yml", "pull", false),
    ] {
        let (_, workflow) = all.iter().find(|(found, _)| found == name).unwrap();
        let queue = &workflow["jobs"][job]["concurrency"];
        assert_eq!(queue["cancel-in-progress"], is_cancelled, "{name}: {job}");
        assert!(queue["group"].is_string(), "{name}: {job}");
    }
}

#[test]
fn no_script_of_a_workflow_contains_text_of_an_event() {
    for (name, document) in documents() {
        for run in all_of(&document, "run") {
            assert!(!run.contains("${{"), "{name}: {run}");
        }
    }
}

#[test]
fn the_action_maps_every_output_that_the_program_sets() {
    let action = action();
    let (env, api) = (TestEnv::with_callers(&["desk"]), TestApi::start());
    for args in [&["apply"][..], &["plan"], &["run", "--poll", "1ms"]] {
        let mut step = env.command(args);
        step.args(["--api-url", &api.url()])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", env.path("outputs"));
        Run::of(step).code(0);
    }
    let outputs = env.read("outputs");
    let names: Vec<_> = outputs
        .lines()
        .filter_map(|line| line.strip_suffix("<<BLUEJAYCTL_END"))
        .collect();
    for name in ["unchanged", "failed", "passed", "scores"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for name in names {
        let value = &action["outputs"][name]["value"];
        assert_eq!(*value, format!("${{{{ steps.run.outputs.{name} }}}}"));
    }
    for step in action["runs"]["steps"].as_array().unwrap() {
        if let Some(run) = step["run"].as_str() {
            assert_eq!(step["shell"], "bash", "{run}");
            let name = run.split("$GITHUB_ACTION_PATH/").nth(1).unwrap();
            assert!(script(name.split('"').next().unwrap()).is_file(), "{run}");
        }
    }
}

fn scripts() -> Vec<PathBuf> {
    let folder = fs::read_dir(script("")).unwrap();
    let mut scripts: Vec<_> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "sh"))
        .collect();
    scripts.extend(
        [
            "run",
            "pack",
            "lint",
            "fuzz",
            "release",
            "sbom",
            "set-repository",
            "installer.sh",
        ]
        .map(|name| part(".ci").join(name)),
    );
    scripts
}

/// Checks that bash accepts the syntax of a script.
#[track_caller]
fn check_syntax(env: &TestEnv, name: &str, text: &str) {
    env.write("script", text);
    let mut bash = command("bash", &env.path("."));
    bash.args(["-n", "script"]);
    let run = Run::of(bash);
    assert_eq!(run.code, Some(0), "{name}:\n{text}\n{run}");
}

#[test]
fn workflows_in_the_documentation_are_complete() {
    let action = action();
    let text = read("docs/ci.md");
    let blocks: Vec<_> = text.split("```yaml\n").skip(1).collect();
    assert!(blocks.len() >= 5);
    let mut count = 0;
    for block in blocks {
        let document = yaml(block.split("```").next().unwrap());
        let mut found = Vec::new();
        mappings(&document, &mut found);
        for step in found {
            let action_path = step["uses"].as_str().unwrap_or_default();
            if action_path.ends_with("/.github/actions/bluejayctl") {
                count += 1;
                for input in step["with"].as_object().unwrap().keys() {
                    assert!(action["inputs"][input].is_object(), "{input}");
                }
            }
        }
    }
    assert_eq!(count, 8);
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(
            text.contains(&format!("`{input}`")),
            "{input} is not in docs/ci.md"
        );
    }
}

#[test]
fn the_documentation_shows_what_init_writes() {
    let env = TestEnv::new();
    env.run(&["init", "--ci", "github"]).code(0);
    let text = read("docs/ci.md");
    for name in ["bluejay.yml", "bluejay-drift.yml", "bluejay-pull.yml"] {
        let written = env.read(&format!(".github/workflows/{name}"));
        let block = format!("```yaml\n{written}```\n");
        assert!(
            text.contains(&block),
            "{name} is not in docs/ci.md as init writes it"
        );
    }
}

#[test]
fn every_exit_code_is_documented_for_jobs() {
    let text = read("docs/ci.md");
    let (_, codes) = text.split_once("## Exit codes").unwrap();
    let codes = codes.split("\n## ").next().unwrap();
    for code in [
        "| 0 |",
        "| 1 |",
        "| 2 |",
        "| 3 | apply",
        "| 3 | `run`",
        "| 130, 143 |",
    ] {
        assert!(codes.contains(code), "{code}");
    }
}

#[test]
fn every_script_is_bash() {
    if !has(&["bash"]) {
        return;
    }
    let env = TestEnv::new();
    for path in scripts() {
        check_syntax(
            &env,
            &path.to_string_lossy(),
            &fs::read_to_string(&path).unwrap(),
        );
    }
    for (name, document) in documents() {
        for run in all_of(&document, "run") {
            check_syntax(&env, &name, run);
        }
    }
    let pipeline = yaml(&read(".gitlab/bluejayctl.yml"));
    let mut found = Vec::new();
    mappings(&pipeline, &mut found);
    for part in ["before_script", "script", "after_script"] {
        for lines in found.iter().filter_map(|fields| fields[part].as_array()) {
            let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
            check_syntax(&env, part, &lines.join("\n"));
        }
    }
}

#[test]
fn shellcheck_finds_nothing() {
    if !has(&["shellcheck"]) {
        return;
    }
    let mut shellcheck = command("shellcheck", &part("."));
    shellcheck.arg("--external-sources").args(scripts());
    let run = Run::of(shellcheck);
    run.code(0);
}

#[test]
fn the_gitlab_jobs_use_a_resource_group_and_this_version() {
    let pipeline = yaml(&read(".gitlab/bluejayctl.yml"));
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(pipeline["variables"]["BLUEJAYCTL_REF"], version);
    assert_eq!(pipeline["bluejay apply"]["resource_group"], "bluejay-apply");
    let drift = &pipeline["bluejay drift"]["allow_failure"]["exit_codes"];
    assert_eq!(*drift, serde_json::json!([2]));
}

#[test]
fn the_pre_commit_hooks_run() {
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    let env = TestEnv::with(&["desk"]);
    for hook in hooks.as_array().unwrap() {
        let entry: Vec<_> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(entry[0], "bluejayctl");
        assert_eq!(hook["pass_filenames"], false);
        env.run(&entry[1..]).code(0);
        check_hook_files(hook["files"].as_str().unwrap());
    }
}

/// Checks that the file pattern of a hook matches the files of a project in any folder, and
/// no others.
#[track_caller]
fn check_hook_files(pattern: &str) {
    if !has(&["bash"]) {
        return;
    }
    for (path, expected) in [
        ("bluejay.yaml", true),
        ("simulations/clinic/a.yml", true),
        ("calls/bluejay.yaml", true),
        ("teams/calls/simulations/clinic/a.yaml", true),
        ("other-bluejay.yaml", false),
        ("oldsimulations/a.yaml", false),
        ("simulations/a.json", false),
    ] {
        let mut bash = command("bash", &part("."));
        bash.args(["-c", "[[ $1 =~ $2 ]]", "bash", path, pattern]);
        assert_eq!(Run::of(bash).code == Some(0), expected, "{path}");
    }
}

#[test]
fn the_image_has_only_the_program_and_does_not_run_as_root() {
    let text = read(".ci/Dockerfile");
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch\n"));
    assert!(last.contains("\nUSER 65532:65532\n"));
    let copied = text.lines().filter(|line| line.starts_with("COPY "));
    for line in copied.filter(|line| !line.contains("--from")) {
        let mut words: Vec<_> = line.split_whitespace().skip(1).collect();
        words.pop();
        for word in words {
            assert!(part(word).exists(), "{line}");
            let kept = format!("!{word}");
            assert!(
                read(".ci/Dockerfile.dockerignore")
                    .lines()
                    .any(|line| line == kept)
            );
        }
    }
}
