//! `schema`: the committed schemas are those of the types.

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_schemas_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("schemas").is_dir() {
        // A package from the registry has the sources alone.
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
