//! Symbolic links are committed by whoever writes a pull request: they are
//! followed inside the repository, once, and never out of it.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::env::TestEnv;

const SECRET: &str = "hunter2-is-a-secret";

/// A repository as a checkout leaves it: git's own settings hold a token.
fn repository() -> TestEnv {
    let env = TestEnv::with(&["a"]);
    env.write(".git/config", &format!("token: {SECRET}\n"));
    env.write(".env", &format!("token: {SECRET}\n"));
    env
}

#[test]
fn a_link_that_leads_out_shows_nothing_of_what_is_there() {
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("credentials.yaml");
    std::fs::write(&file, format!("token: {SECRET}\n")).unwrap();
    let targets = [
        file.to_str().unwrap(),
        "/proc/self/environ",
        "../.git/config",
        "../.env",
    ];
    for (target, link) in targets
        .iter()
        .flat_map(|target| ["simulations/b.yaml", "bluejay.yaml"].map(|link| (target, link)))
    {
        let env = repository();
        let target = target.trim_start_matches(if link == "bluejay.yaml" { "../" } else { "" });
        symlink(target, env.path(link)).unwrap();
        for args in [
            &["validate"][..],
            &["validate", "--format", "json"],
            &["plan"],
            &["plan", "--format", "markdown"],
            &["apply", "--sandbox", "--yes"],
        ] {
            let mut command = env.command(args);
            command.env("OTHER_SECRET", SECRET);
            let run = super::env::Run::of(command);
            run.code(1).never_says(SECRET).says("leads out");
            run.says(link);
        }
    }
}

#[test]
fn a_linked_folder_that_leads_out_is_told_of_once() {
    let outside = tempfile::tempdir().unwrap();
    for name in ["one.yaml", "two.yaml"] {
        std::fs::write(outside.path().join(name), format!("token: {SECRET}\n")).unwrap();
    }
    let env = repository();
    symlink(outside.path(), env.path("simulations/shared")).unwrap();
    env.run(&["validate"])
        .code(1)
        .never_says(SECRET)
        .says("`simulations/shared` is a link that leads out")
        .says("1 error in 1 file");
    // The folder of simulations itself may be one.
    std::fs::remove_dir_all(env.path("simulations")).unwrap();
    symlink(outside.path(), env.path("simulations")).unwrap();
    env.run(&["validate"]).code(1).never_says(SECRET);
}

#[test]
fn links_inside_the_repository_are_followed() {
    let env = repository();
    env.write("project/simulations/own.yaml", "agent_id: 1\n");
    env.write("team/one.yaml", "agent_id: 1\n");
    env.write("templates/two.yaml", "agent_id: 1\n");
    symlink("../../team", env.path("project/simulations/team")).unwrap();
    symlink(
        "../../templates/two.yaml",
        env.path("project/simulations/two.yaml"),
    )
    .unwrap();
    let run = env.run(&["-C", "project", "plan"]);
    run.code(0)
        .says("+ own ")
        .says("+ team/one ")
        .says("+ two ")
        .says("3 to create");
}

#[test]
fn without_git_links_lead_no_further_than_the_folder_that_is_worked_in() {
    let env = TestEnv::with(&["a"]);
    env.write("team/one.yaml", "agent_id: 1\n");
    symlink("../team", env.path("simulations/team")).unwrap();
    env.run(&["validate"]).code(0).says("2 simulations");
    env.write("inner/simulations/a.yaml", "agent_id: 1\n");
    symlink("../../team", env.path("inner/simulations/team")).unwrap();
    env.run(&["-C", "inner", "validate"])
        .code(1)
        .says("leads out");
}

#[test]
fn each_real_folder_is_come_to_once() {
    // Two links in each folder to the next one: 2^30 ways to the last.
    let env = TestEnv::with(&[]);
    for level in 0..30 {
        let folder = format!("simulations/d{level}");
        std::fs::create_dir(env.path(&folder)).unwrap();
        let outer = format!("outer/d{level}");
        std::fs::create_dir_all(env.path(&outer)).unwrap();
        for (folder, link) in [(&folder, "x"), (&folder, "y"), (&outer, "x"), (&outer, "y")] {
            let next = format!("../d{}", level + 1);
            symlink(next, env.path(&format!("{folder}/{link}"))).unwrap();
        }
    }
    env.write("simulations/d30/z.yaml", "agent_id: 1\nname: inner\n");
    env.write("outer/d30/z.yaml", "agent_id: 1\nname: outer\n");
    symlink("../outer/d0", env.path("simulations/outer")).unwrap();
    env.run(&["validate"])
        .code(0)
        .says("valid: 2 simulations in 2 files");

    // Links that lead to each other's folder make no twins.
    let env = TestEnv::with(&["a/one", "b/two"]);
    symlink("../b", env.path("simulations/a/b")).unwrap();
    symlink("../a", env.path("simulations/b/a")).unwrap();
    env.run(&["validate"])
        .code(0)
        .says("valid: 2 simulations in 2 files");
}

#[test]
fn a_simulations_folder_that_is_none_is_an_error() {
    let env = TestEnv::new();
    std::fs::remove_dir(env.path("simulations")).unwrap();
    env.write("simulations", "x\n");
    for args in [
        &["validate"][..],
        &["plan"],
        &["apply", "--sandbox", "--prune"],
    ] {
        env.run(args).code(1).says("`simulations` is no folder");
    }
    env.remove("simulations");
    let made = Command::new("mkfifo").arg(env.path("simulations")).status();
    assert!(made.unwrap().success());
    env.run(&["validate"])
        .code(1)
        .says("`simulations` is no folder");
}

#[test]
fn nothing_is_written_through_a_link_that_leads_out() {
    for name in [
        "bluejay.sandbox.lock",
        "bluejay.sandbox.lock.journal",
        ".bluejay",
    ] {
        let env = repository();
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target");
        symlink(&target, env.path(name)).unwrap();
        let run = env.run(&["apply", "--sandbox", "--yes"]);
        run.code(1).says(name).says("leads out");
        assert!(!target.exists(), "{name}");
    }
}
