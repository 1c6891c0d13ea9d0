//! Tests of releases: the action installs what the release script packs, and reuses a build
//! only for the same source.

use std::fs;

use super::super::env::{Run, TestEnv};
use super::shell::{command, part, script};
use crate::tools::has;

/// Packs this program as a release, below `releases/v1.2.3`.
fn packed(env: &TestEnv) -> String {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let built = format!("target/{target}/release");
    fs::create_dir_all(env.path(&built)).unwrap();
    let program = env.path(&built).join("bluejayctl");
    fs::copy(env!("CARGO_BIN_EXE_bluejayctl"), program).unwrap();
    let mut pack = command("bash", &env.path("."));
    pack.arg(part(".ci/pack"))
        .env("CARGO_TARGET_DIR", env.path("target"))
        .env("TARGET", &target)
        .env("TAG", "v1.2.3")
        .env("DIST", env.path("releases/v1.2.3"));
    Run::of(pack).code(0);
    format!("releases/v1.2.3/bluejayctl-1.2.3-{target}.tar.gz")
}

fn install(env: &TestEnv) -> Run {
    let mut bash = command("bash", &env.path("."));
    bash.arg(script("install.sh"))
        .arg("install")
        .env("VERSION", "v1.2.3")
        .env(
            "RELEASES",
            format!("file://{}", env.path("releases").display()),
        )
        .env("RUNNER_TEMP", env.path("runner"))
        .env("GITHUB_PATH", env.path("path"));
    Run::of(bash)
}

#[test]
fn a_release_is_installed_only_if_its_checksum_matches() {
    if !has(&["bash", "curl", "tar", "sha256sum"]) {
        return;
    }
    let env = TestEnv::new();
    let archive = packed(&env);
    install(&env)
        .code(0)
        .says(concat!("bluejayctl ", env!("CARGO_PKG_VERSION")));
    let path = env.read("path");
    assert!(path.trim_end().ends_with("runner/bluejayctl/bin"), "{path}");
    let mut bytes = fs::read(env.path(&archive)).unwrap();
    bytes.push(0);
    fs::write(env.path(&archive), bytes).unwrap();
    install(&env).code(1).says("is not what its checksum says");
}

#[test]
fn a_release_has_licences_completions_and_man_pages() {
    if !has(&["bash", "tar"]) {
        return;
    }
    let env = TestEnv::new();
    let archive = packed(&env);
    let mut tar = command("tar", &env.path("."));
    tar.args(["-tzf", &archive]);
    let files = Run::of(tar).code(0).stdout.clone();
    for file in [
        "bluejayctl",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "README.md",
        "completions/bluejayctl.bash",
        "completions/_bluejayctl",
        "man/man1/bluejayctl.1",
        "man/man1/bluejayctl-apply.1",
    ] {
        assert!(files.lines().any(|line| line == file), "{file} in {files}");
    }
}

/// Copies the files that `install.sh` reads, with a `cargo` that logs each build.
fn source(env: &TestEnv) {
    for (name, text) in [
        ("source/Cargo.toml", ""),
        ("source/Cargo.lock", ""),
        ("source/src/main.rs", ""),
        ("source/schemas/a.json", ""),
        ("source/.gitlab/bluejayctl.yml", "jobs"),
        (
            "bin/cargo",
            "#!/bin/sh\necho built >> \"$LOG\"\nmkdir -p \"$ROOT/bin\"\n",
        ),
    ] {
        env.write(name, text);
    }
    let install = fs::read_to_string(script("install.sh")).unwrap();
    env.write("source/.github/actions/bluejayctl/install.sh", &install);
    let mut chmod = command("chmod", &env.path("."));
    chmod.args(["755", "bin/cargo"]);
    Run::of(chmod).code(0);
}

#[test]
fn a_cached_build_is_reused_only_for_the_same_source() {
    if !has(&["bash", "sha256sum"]) {
        return;
    }
    let env = TestEnv::new();
    source(&env);
    let path = std::env::var("PATH").unwrap();
    let builds = || {
        let mut bash = command("bash", &env.path("."));
        bash.arg("source/.github/actions/bluejayctl/install.sh")
            .args(["build", "built"])
            .env("PATH", format!("{}:{path}", env.path("bin").display()))
            .env("LOG", env.path("log"))
            .env("ROOT", env.path("built"));
        Run::of(bash).code(0);
        env.read("log").lines().count()
    };
    assert_eq!((builds(), builds()), (1, 1));
    // The file is compiled into the program, so its content counts. The fetched branch is
    // the same.
    env.write("source/.gitlab/bluejayctl.yml", "other jobs");
    assert_eq!((builds(), builds()), (2, 2));
}

#[test]
fn the_cache_key_depends_on_the_content_of_the_source() {
    if !has(&["bash", "sha256sum"]) {
        return;
    }
    let env = TestEnv::new();
    let name = || {
        let mut bash = command("bash", &env.path("."));
        bash.arg(script("install.sh"))
            .arg("name")
            .env("RUNNER_TEMP", env.path("."))
            .env("GITHUB_OUTPUT", env.path("outputs"));
        Run::of(bash).code(0);
        env.read("outputs")
    };
    let first = name();
    let text = first.strip_prefix("name=").unwrap().trim_end();
    assert!(
        text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{first}"
    );
    assert_eq!(name(), first.repeat(2));
}
