//! Tests of symbolic links, which the author of a pull request can commit: links are
//! followed inside the repository, once, and never out of it.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::env::TestEnv;

const SECRET: &str = "hunter2-is-a-secret";

/// Returns a repository like a checkout: the git configuration contains a token.
fn repository() -> TestEnv {
    let env = TestEnv::with(&["a"]);
    env.write(".git/config", &format!("token: {SECRET}\n"));
    env.write(".env", &format!("token: {SECRET}\n"));
    env
}

#[test]
fn a_link_out_of_the_repository_shows_no_content() {
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
fn a_linked_folder_out_of_the_repository_is_reported_once() {
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
    // The simulations folder itself may be a link.
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
fn without_git_links_may_lead_only_below_the_working_folder() {
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
fn each_real_folder_is_read_once() {
    // Two links in each folder to the next folder: 2^30 paths to the last one.
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

    // Links to each other's folder cause no duplicates.
    let env = TestEnv::with(&["a/one", "b/two"]);
    symlink("../b", env.path("simulations/a/b")).unwrap();
    symlink("../a", env.path("simulations/b/a")).unwrap();
    env.run(&["validate"])
        .code(0)
        .says("valid: 2 simulations in 2 files");
}

#[test]
fn a_simulations_folder_that_is_a_file_is_an_error() {
    let env = TestEnv::new();
    std::fs::remove_dir(env.path("simulations")).unwrap();
    env.write("simulations", "x\n");
    for args in [
        &["validate"][..],
        &["plan"],
        &["apply", "--sandbox", "--prune"],
    ] {
        env.run(args).code(1).says("`simulations` is not a folder");
    }
    env.remove("simulations");
    let made = Command::new("mkfifo").arg(env.path("simulations")).status();
    assert!(made.unwrap().success());
    env.run(&["validate"])
        .code(1)
        .says("`simulations` is not a folder");
}

/// A repository with one simulation that was applied to the sandbox, and a folder outside
/// of the repository with a file.
struct Hostile {
    env: TestEnv,
    outside: tempfile::TempDir,
}

impl Hostile {
    fn new() -> Self {
        let env = repository();
        env.run(&["apply", "--sandbox", "--yes"]).code(0);
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("victim"), SECRET).unwrap();
        Self { env, outside }
    }

    /// Replaces a file or a folder by a link.
    fn link(&self, name: &str, target: &str) {
        let target = self.outside.path().join(target);
        self.link_to(name, target.to_str().unwrap());
    }

    fn link_to(&self, name: &str, target: &str) {
        let link = self.env.path(name);
        if link.is_dir() {
            std::fs::remove_dir_all(&link).unwrap();
        }
        let _ = std::fs::remove_file(&link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }

    /// Checks that a command fails, and changes neither the folder outside nor the files of
    /// git.
    #[track_caller]
    fn check(&self, args: &[&str]) -> crate::env::Run {
        let run = self.env.run(args);
        run.code(1).never_says(SECRET);
        let left: Vec<_> = std::fs::read_dir(self.outside.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{args:?}: {left:?}");
        let victim = std::fs::read_to_string(self.outside.path().join("victim")).unwrap();
        assert_eq!(victim, SECRET, "{args:?}");
        assert_eq!(self.env.read(".git/config"), format!("token: {SECRET}\n"));
        assert_eq!(self.env.read(".env"), format!("token: {SECRET}\n"));
        run
    }
}

const APPLY: &[&str] = &["apply", "--sandbox", "--yes"];
const RM: &[&str] = &["--sandbox", "state", "rm", "a"];
const IMPORT: &[&str] = &["--sandbox", "import", "team/new", "1"];

#[test]
fn nothing_is_written_through_a_link() {
    for (name, commands) in [
        ("bluejay.sandbox.lock", &[APPLY, RM][..]),
        ("bluejay.sandbox.lock.journal", &[APPLY]),
        (".bluejay/bluejay.sandbox.lock.journal", &[APPLY, RM]),
        (".bluejay/bluejay.sandbox.lock.guard", &[APPLY]),
        (".bluejay/.gitignore", &[APPLY]),
        (".bluejay/sandbox.json", &[APPLY]),
        (".bluejay/sandbox.json.log", &[APPLY]),
        (".bluejay", &[APPLY, RM]),
    ] {
        for target in ["victim", "new"] {
            let hostile = Hostile::new();
            hostile.env.simulation("b", "");
            hostile.link(name, target);
            for args in commands {
                // A command that only changes the lockfile names the target of its link.
                let said = if args == &RM { "could not write" } else { name };
                hostile.check(args).says(said);
            }
        }
    }
}

#[test]
fn the_private_folder_is_not_written_through_links() {
    for name in [
        ".bluejay/bluejay.sandbox.lock.guard",
        ".bluejay/.gitignore",
        ".bluejay/sandbox.json",
        ".bluejay/sandbox.json.log",
    ] {
        for target in ["../.git/config", "../.env", "../README.md"] {
            let hostile = Hostile::new();
            hostile.env.simulation("b", "");
            hostile.link_to(name, target);
            hostile.check(APPLY).says(name).says("symbolic link");
            if !name.contains("sandbox.json") {
                hostile.check(RM).says(name).says("symbolic link");
            }
            assert!(!hostile.env.exists("README.md"));
        }
    }
    let hostile = Hostile::new();
    hostile.env.write("docs/a.md", "");
    hostile.link_to(".bluejay", "docs");
    hostile.check(APPLY).says("symbolic link");
    assert_eq!(
        std::fs::read_dir(hostile.env.path("docs")).unwrap().count(),
        1
    );
}

#[test]
fn a_lockfile_outside_of_the_repository_is_refused() {
    for name in [
        "../x.lock",
        "nowhere/../../x.lock",
        ".git/x.lock",
        "OUTSIDE/x.lock",
    ] {
        let hostile = Hostile::new();
        let name = name.replace("OUTSIDE", hostile.outside.path().to_str().unwrap());
        hostile
            .env
            .write("bluejay.yaml", &format!("lockfile: {name}\n"));
        for args in [APPLY, RM, IMPORT, &["plan"], &["validate"]] {
            hostile.check(args).says("lock");
        }
        assert!(!hostile.env.path("../x.lock").exists());
        assert!(!hostile.env.exists("nowhere"));
    }
    // In a folder above the project, but in the repository.
    let env = repository();
    env.write("calls/bluejay.yaml", "lockfile: ../state/calls.lock\n");
    env.write("calls/simulations/a.yaml", "agent_id: 1\nname: a\n");
    env.write("state/.keep", "");
    let run = env.run(&["-C", "calls", "apply", "--sandbox", "--yes"]);
    run.code(0).says("1 created");
    assert!(env.exists("state/calls.sandbox.lock"));
}

#[test]
fn an_import_writes_no_file_outside_of_the_repository() {
    let hostile = Hostile::new();
    hostile.link("simulations/team", "");
    hostile.check(IMPORT).says("leads out");
    let hostile = Hostile::new();
    hostile.link_to("simulations/team", "../.git");
    hostile.check(IMPORT);
    let hostile = Hostile::new();
    hostile.link("simulations", "");
    hostile.check(IMPORT);
}

#[test]
fn init_writes_nothing_through_a_link() {
    for (name, target) in [
        ("bluejay.yaml", "new"),
        ("schemas", ""),
        (".gitignore", "victim"),
        (".gitattributes", "new"),
        (".vscode", ""),
        (".github", ""),
        (".github/workflows/bluejay.yml", "new"),
    ] {
        let hostile = Hostile::new();
        hostile.link(name, target);
        hostile.check(&["init", "--ci", "github"]).says(name);
    }
}
