//! Runs shell scripts as in CI: without a terminal, and with only the path of the caller's
//! environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::env::Run;

/// Returns the path of a file of this repository.
pub fn part(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Returns the path of a script of the action.
pub fn script(name: &str) -> PathBuf {
    part(".github/actions/bluejayctl").join(name)
}

/// Returns a program in a folder, with only the path in its environment.
pub fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("BLUEJAYCTL", env!("CARGO_BIN_EXE_bluejayctl"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs git, which has to succeed, and returns its output.
#[track_caller]
pub fn git(folder: &Path, args: &[&str]) -> String {
    let mut git = command("git", folder);
    git.args(["-c", "user.name=t", "-c", "user.email=t@localhost"])
        .args(args);
    let run = Run::of(git);
    run.code(0);
    run.stdout
}
