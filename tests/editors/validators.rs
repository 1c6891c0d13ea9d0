//! Tests that other validators read the schemas and agree with `validate`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::cases::{INVALID, VALID, documents, root, simulations};
use super::programs::has;
use super::tools;

/// Writes all documents as JSON, one file each. The names of valid documents begin with
/// `good-`.
fn json_files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, document: &Value| {
        let path = folder.path().join(format!("{name}.json"));
        std::fs::write(path, document.to_string()).unwrap();
    };
    for case in INVALID {
        write(case.name, &documents(case.text)[0]);
    }
    let own = simulations()
        .into_iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    let good = own.chain(VALID.map(str::to_owned));
    for (index, document) in good.flat_map(|text| documents(&text)).enumerate() {
        write(&format!("good-{index}"), &document);
    }
    folder
}

/// Returns the names of all invalid documents.
fn invalid_names() -> BTreeSet<String> {
    INVALID.iter().map(|case| case.name.to_owned()).collect()
}

fn schemas() -> Vec<PathBuf> {
    let folder = root().join("schemas");
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn simulation_schema() -> PathBuf {
    root().join("schemas/simulation.schema.json")
}

fn name(path: &str) -> String {
    let path = Path::new(path);
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    command.env_remove("NODE_OPTIONS").output().unwrap()
}

#[test]
fn validate_refuses_the_same_documents_at_the_same_line() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("simulations");
    std::fs::create_dir(&below).unwrap();
    for case in INVALID {
        std::fs::write(below.join(format!("{}.yaml", case.name)), case.text).unwrap();
    }
    for (index, text) in VALID.into_iter().enumerate() {
        std::fs::write(below.join(format!("good-{index}.yaml")), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_bluejayctl"));
    command
        .args(["validate", "--format", "json", "--var", "UNITS=minutes"])
        .current_dir(folder.path());
    let output = run(&mut command);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let diagnostics = report["diagnostics"].as_array().unwrap();
    let errors = diagnostics
        .iter()
        .filter(|found| found["severity"] == "error");
    let found: BTreeSet<_> = errors
        .map(|found| {
            let file = found["range"]["filename"].as_str().unwrap();
            (
                name(file),
                found["range"]["start"]["line"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected: BTreeSet<_> = INVALID
        .iter()
        .map(|case| (case.name.to_owned(), case.line))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn ajv_agrees() {
    let Some(script) = tools::node_script("ajv-cli", "dist/index.js") else {
        return;
    };
    let files = json_files();
    let ajv = |verb: &str| tools::strict_ajv(&script, files.path(), verb);
    for schema in schemas() {
        let output = run(ajv("compile").arg(&schema));
        assert!(output.status.success(), "{output:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("strict mode"));
    }
    let data = format!("{}/*.json", files.path().display());
    let output = run(ajv("validate")
        .arg(simulation_schema())
        .args(["--errors=no", "-d", &data]));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    let refused: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_suffix(" invalid"))
        .map(name)
        .collect();
    assert_eq!(refused, invalid_names(), "{text}");
}

#[test]
fn check_jsonschema_agrees() {
    if !has(&["check-jsonschema"]) {
        return;
    }
    let output = run(Command::new("check-jsonschema")
        .arg("--check-metaschema")
        .args(schemas()));
    assert!(output.status.success(), "{output:?}");
    let files = json_files();
    let entries = std::fs::read_dir(files.path()).unwrap();
    let output = run(Command::new("check-jsonschema")
        .args(["--output-format", "json", "--schemafile"])
        .arg(simulation_schema())
        .args(entries.map(|entry| entry.unwrap().path())));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = report["errors"].as_array().unwrap();
    let refused: BTreeSet<_> = errors
        .iter()
        .map(|error| name(error["filename"].as_str().unwrap()))
        .collect();
    assert_eq!(refused, invalid_names(), "{report:#}");
}
