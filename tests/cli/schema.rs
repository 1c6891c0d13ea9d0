//! Tests of `schema`: the committed schemas are current.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::env::TestEnv;

#[test]
fn the_committed_schemas_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("schemas").is_dir() {
        // A package from the registry contains only the sources.
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_bluejayctl"))
        .args(["schema", "--check", "schemas"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "run `bluejayctl schema --write schemas` and commit what changes"
    );
}

#[test]
fn schema_write_writes_all_and_schema_check_needs_only_the_schemas_of_files() {
    let env = TestEnv::new();
    env.run(&["schema", "--write", "schemas"]).code(0);
    let written = fs::read_dir(env.path("schemas")).unwrap();
    let written: BTreeSet<_> = written.map(|file| file.unwrap().file_name()).collect();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    if committed.is_dir() {
        let committed = fs::read_dir(committed).unwrap();
        let committed: BTreeSet<_> = committed.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(written, committed);
    }
    env.remove("schemas/plan.schema.json");
    env.run(&["schema", "--check", "schemas"]).code(0);
    env.write("schemas/drift.schema.json", "{}");
    let run = env.run(&["schema", "--check", "schemas"]);
    run.code(1).says("drift.schema.json");
    env.run(&["schema", "--write", "schemas"]).code(0);
    env.remove("schemas/project.schema.json");
    env.run(&["schema", "--check", "schemas"]).code(1);
}
