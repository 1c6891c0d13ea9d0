//! Tests of the errors about low limits of the system.

use std::process::{Command, Stdio};

use super::env::{Run, TestEnv};

/// Runs a command with at most this many open files.
fn with_open_files(env: &TestEnv, limit: u32, args: &str) -> Run {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -n {limit}; exec \"$0\" {args}")])
        .arg(env!("CARGO_BIN_EXE_bluejayctl"))
        .current_dir(env.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Run::of(command)
}

#[test]
fn a_low_limit_of_open_files_is_an_error_with_help() {
    let env = TestEnv::with(&["a"]);
    for limit in [5, 8, 12, 16, 20] {
        let run = with_open_files(&env, limit, "apply --sandbox");
        run.code(1)
            .says("error: could not open 20 files at a time")
            .says("help: raise the limit of open files: `ulimit -n 256`");
    }
}

#[test]
fn too_few_files_for_the_connections_stop_a_command_before_it_sends_anything() {
    let keys: Vec<_> = (0..20).map(|number| format!("s{number}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let mut outcomes = Vec::new();
    for limit in [28, 32, 36, 40, 44, 48, 52, 56, 72] {
        let env = TestEnv::with(&keys);
        let run = with_open_files(&env, limit, "apply --sandbox");
        if run.code == Some(0) {
            run.says("20 created");
        } else {
            run.code(1)
                .says("more files at a time, which 8 requests at a time need")
                .says("help: lower `--parallelism`");
            assert!(!env.exists("bluejay.sandbox.lock"));
            let run = with_open_files(&env, limit, "apply --sandbox --parallelism 1");
            run.code(0).says("20 created");
        }
        outcomes.push(run.code);
    }
    assert_eq!(outcomes.first(), Some(&Some(1)));
    assert_eq!(outcomes.last(), Some(&Some(0)));
}

/// Whether this process may set the limits of another user's processes.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

#[test]
fn too_few_threads_are_an_error_with_a_way_out() {
    // The limit does not bind the processes of root.
    if !is_root() || !super::tools::has(&["setpriv", "prlimit"]) {
        return;
    }
    let (user, env) = ("65534", TestEnv::with(&["a"]));
    let command = |threads: u32, args: &str| {
        let line = format!(
            "cp \"$0\" ./program; chown -R {user} .; chmod 755 .; exec setpriv --reuid {user} \
             --clear-groups prlimit --nproc={threads} ./program {args}"
        );
        let mut command = Command::new("sh");
        command
            .args(["-c", &line])
            .arg(env!("CARGO_BIN_EXE_bluejayctl"))
            .current_dir(env.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Run::of(command)
    };
    for args in ["plan", "validate --sandbox", "apply --sandbox"] {
        for threads in [1, 2, 3, 4] {
            command(threads, args)
                .code(1)
                .says("threads, which every command needs")
                .says("help: raise the limit of processes");
        }
        command(1_000, args).code(0);
    }
}
