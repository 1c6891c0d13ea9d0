//! The programs that tests need and cargo can't install.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Returns whether every program is on the path and runs. A missing program is
/// reported as a skipped test.
pub fn has(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| output(Command::new(program).arg("--version")).is_none())
        .collect();
    for program in &missing {
        skip(program);
    }
    missing.is_empty()
}

/// Returns the stdout of a command; `None` if the command fails or is missing.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let succeeded = output.status.success();
    succeeded.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reports that a test is skipped, because `program` is missing.
///
/// With `REQUIRE_TOOLS=1`, the test fails instead. `SKIPPED_TESTS` names a file to which
/// each skip is appended. `.ci/run` counts and prints these lines.
#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests should know which were left out"
)]
#[track_caller]
pub fn skip(program: &str) {
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test").to_owned();
    let required = std::env::var_os("REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(!required, "`{test}` needs `{program}`, which is missing");
    eprintln!("skipped: {test} needs {program}");
    if let Some(path) = std::env::var_os("SKIPPED_TESTS") {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        writeln!(file, "{test} needs {program}").unwrap();
    }
}
