//! Tests of `completions` and `man`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::env::TestEnv;
use super::tools::has;

#[test]
fn every_shell_has_completions_with_all_commands() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = env.run(&["completions", shell]);
        run.code(0);
        for command in ["apply", "validate", "completions", "min-score"] {
            assert!(run.stdout.contains(command), "{command} for {shell}");
        }
    }
    env.run(&["completions", "tcsh"]).code(1).says("elvish");
}

#[test]
fn bash_can_read_its_completions() {
    let script = TestEnv::new().run(&["completions", "bash"]).stdout;
    if !has(&["bash"]) {
        return;
    }
    let mut bash = Command::new("bash");
    let mut bash = bash.arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = bash.stdin.take().unwrap();
    stdin.write_all(script.as_bytes()).unwrap();
    drop(stdin);
    assert!(bash.wait().unwrap().success());
}

#[test]
fn the_man_page_is_printed() {
    let run = TestEnv::new().run(&["man"]);
    run.code(0).says(".TH bluejayctl 1").says("BLUEJAY_API_KEY");
}

#[test]
fn all_man_pages_are_written() {
    let env = TestEnv::new();
    let run = env.run(&["man", "--dir", "share/man1"]);
    run.code(0).says("man pages in");
    assert_eq!(run.stdout, "");
    for page in ["bluejayctl", "bluejayctl-apply", "bluejayctl-state-list"] {
        let text = env.read(&format!("share/man1/{page}.1"));
        assert!(text.contains(&format!(".TH {page} 1")), "{text}");
    }
    let run_page = env.read("share/man1/bluejayctl-run.1");
    let version = concat!("\"bluejayctl ", env!("CARGO_PKG_VERSION"), "\"");
    assert!(run_page.contains(version), "{run_page}");
    assert!(run_page.contains("min\\-score"), "{run_page}");
    let written = env.files().len();
    env.run(&["-C", "share", "man", "--dir", "man1"]).code(0);
    assert_eq!(env.files().len(), written);
}
