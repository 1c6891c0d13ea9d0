//! Tests of the errors about low limits of the system.

use std::process::{Command, Stdio};

use super::env::{Run, TestEnv};

#[test]
fn a_low_limit_of_open_files_is_an_error_with_help() {
    let env = TestEnv::with(&["a"]);
    for limit in [5, 8, 12, 16, 20] {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n $1; exec \"$0\" apply --sandbox"])
            .arg(env!("CARGO_BIN_EXE_bluejayctl"))
            .arg(limit.to_string())
            .current_dir(env.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let run = Run::of(command);
        run.code(1)
            .says("error: could not open 20 files at a time")
            .says("help: raise the limit of open files: `ulimit -n 256`");
    }
}
