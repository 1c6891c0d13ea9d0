//! Tests of every kind of mistake, with the expected output beside the file.
//!
//! `tests/fixtures/invalid/NAME.yaml` is one file of simulations. A folder `NAME/` is a
//! project with its `bluejay.yaml`. `NAME.stderr` is the expected output. With `BLESS=1` in
//! the environment, the test writes the expected output.

use std::path::{Path, PathBuf};

use bluejayctl::report::diagnostics;
use bluejayctl::spec::schema;

use crate::check::check;

#[test]
fn every_mistake_is_shown_at_its_place() {
    let mut wrong = Vec::new();
    for case in cases() {
        let expected_path = case.with_extension("stderr");
        let found = check(&case);
        let shown = diagnostics::human(&found, false);
        let name = case
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if found.len() != 1 && !name.starts_with("many_") {
            wrong.push(format!("{name}: one mistake gives one diagnostic\n{shown}"));
        }
        if found.iter().any(|found| found.help.is_empty()) {
            wrong.push(format!("{name}: no way out\n{shown}"));
        }
        let is_source = |line: &str| line.contains(" | ");
        let is_wide = |line: &&str| !is_source(line) && line.chars().count() > 80;
        wrong.extend(
            shown
                .lines()
                .find(is_wide)
                .map(|line| format!("{name}: too wide: {line}")),
        );
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&expected_path, &shown).expect("the fixture can be written");
        } else if std::fs::read_to_string(&expected_path).ok().as_deref() != Some(&shown) {
            wrong.push(format!("{name}:\n{shown}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "not as in the fixtures:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn ten_mistakes_give_ten_diagnostics() {
    let found = check(&fixtures().join("many_ten_mistakes.yaml"));
    assert_eq!(found.len(), 10);
}

#[test]
fn the_schemas_in_the_repository_are_current() {
    for schema in [schema::DOCUMENT, schema::PROJECT] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("schemas")
            .join(schema.file_name());
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            written,
            schema.text(),
            "write it with `bluejayctl schema --write schemas`"
        );
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/invalid")
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(fixtures()).expect("there are fixtures");
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    cases.retain(|path| path.is_dir() || path.extension().is_some_and(|ending| ending == "yaml"));
    cases.sort();
    assert!(cases.len() >= 40);
    cases
}
