//! Tests of `fmt`.

#[cfg(unix)]
use std::fs;
use std::path::Path;

use super::env::TestEnv;

const UNORDERED: &str = "name: Desk\nagent_id:   '42'\n";
const ORDERED: &str = "agent_id: '42'\nname: Desk\n";

#[test]
fn files_are_written_in_the_canonical_order() {
    let env = TestEnv::new();
    env.write("bluejay.yaml", "vars: {}\nsafety:\n    max_deletes: 5\n");
    env.write("simulations/a.yaml", &format!("\u{feff}{UNORDERED}"));
    env.write("simulations/b.yaml", ORDERED);
    let run = env.run(&["fmt", "--check"]);
    run.code(2);
    assert_eq!(
        run.stdout,
        "not formatted: bluejay.yaml\nnot formatted: simulations/a.yaml\n\
         2 files not formatted, 1 already formatted\n"
    );
    assert!(env.read("simulations/a.yaml").ends_with(UNORDERED));
    let run = env.run(&["fmt"]);
    run.code(0);
    assert_eq!(
        run.stdout,
        "formatted: bluejay.yaml\nformatted: simulations/a.yaml\n\
         2 files formatted, 1 already formatted\n"
    );
    assert_eq!(env.read("simulations/a.yaml"), format!("\u{feff}{ORDERED}"));
    assert_eq!(
        env.read("bluejay.yaml"),
        "vars: {}\nsafety:\n  max_deletes: 5\n"
    );
    let run = env.run(&["fmt", "--check"]);
    assert_eq!(run.code(0).stdout, "3 files already formatted\n");
}

#[test]
fn a_diff_shows_the_changes_and_writes_nothing() {
    let env = TestEnv::new();
    env.write("simulations/a.yaml", UNORDERED);
    let run = env.run(&["fmt", "--diff"]);
    run.code(2);
    assert_eq!(
        run.stdout,
        "--- a/simulations/a.yaml\n+++ b/simulations/a.yaml\n@@ -1,2 +1,2 @@\n\
         +agent_id: '42'\n name: Desk\n-agent_id:   '42'\n1 file not formatted\n"
    );
    assert_eq!(env.read("simulations/a.yaml"), UNORDERED);
}

#[test]
fn paths_select_files() {
    let env = TestEnv::new();
    for file in ["simulations/a.yaml", "simulations/b/c.yaml", "other.yaml"] {
        env.write(file, UNORDERED);
    }
    env.run(&["fmt", "simulations/b", "other.yaml"]).code(0);
    assert_eq!(env.read("simulations/a.yaml"), UNORDERED);
    assert_eq!(env.read("simulations/b/c.yaml"), ORDERED);
    assert_eq!(env.read("other.yaml"), ORDERED);
    env.run(&["fmt", "missing.yaml"])
        .code(1)
        .says("`missing.yaml` does not exist");
}

#[test]
fn a_file_that_is_named_twice_is_written_once() {
    let env = TestEnv::new();
    env.write("simulations/a.yaml", UNORDERED);
    let run = env.run(&["fmt", "simulations", "simulations/../simulations/a.yaml"]);
    assert_eq!(run.code(0).stdout.lines().last(), Some("1 file formatted"));
    assert_eq!(env.read("simulations/a.yaml"), ORDERED);
}

#[test]
fn files_that_can_not_be_formatted_stay_and_the_others_are_formatted() {
    let env = TestEnv::new();
    let twice = "name: a\nname: b\nagent_id: '1'\n";
    env.write("simulations/twice.yaml", twice);
    env.write("simulations/broken.yaml", "name: [\n");
    env.write("simulations/good.yaml", UNORDERED);
    let run = env.run(&["fmt"]);
    run.code(1)
        .says("`simulations/twice.yaml` stays as it is")
        .says("a mistake that changes how it is read")
        .says("simulations/broken.yaml:1");
    assert_eq!(env.read("simulations/twice.yaml"), twice);
    assert_eq!(env.read("simulations/good.yaml"), ORDERED);
}

#[cfg(unix)]
#[test]
fn the_file_behind_a_link_is_formatted_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = TestEnv::new();
    env.write("common/desk.yaml", UNORDERED);
    let shared = env.path("common/desk.yaml");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o640)).unwrap();
    fs::create_dir_all(env.path("simulations")).unwrap();
    std::os::unix::fs::symlink("../common/desk.yaml", env.path("simulations/desk.yaml")).unwrap();
    env.run(&["fmt"]).code(0);
    assert_eq!(env.read("common/desk.yaml"), ORDERED);
    assert!(env.path("simulations/desk.yaml").is_symlink());
    let mode = fs::metadata(&shared).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn the_files_of_init_and_of_this_repository_are_formatted() {
    let env = TestEnv::new();
    env.run(&["init"]).code(0);
    env.run(&["fmt", "--check"]).code(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.join("simulations").is_dir() {
        let root = root.to_string_lossy();
        env.run(&["-C", &root, "fmt", "--check"]).code(0);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_can_not_be_written_is_reported_and_the_others_are_formatted() {
    let env = TestEnv::new();
    env.write("other/.git/config", "");
    env.write("other/desk.yaml", UNORDERED);
    let outside = env.path("simulations/desk.yaml");
    fs::create_dir_all(env.path("simulations/.git")).unwrap();
    env.write("simulations/.git/a.yaml", UNORDERED);
    std::os::unix::fs::symlink(".git/a.yaml", &outside).unwrap();
    env.write("simulations/good.yaml", UNORDERED);
    let run = env.run(&["fmt", "simulations/desk.yaml", "simulations/good.yaml"]);
    run.code(1)
        .says("`simulations/desk.yaml` stays as it is")
        .says("formatted: simulations/good.yaml")
        .never_says("formatted: simulations/desk.yaml");
    assert_eq!(env.read("simulations/.git/a.yaml"), UNORDERED);
    assert_eq!(env.read("simulations/good.yaml"), ORDERED);
}
