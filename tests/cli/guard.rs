//! Who may change a lockfile, and where it lies.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::Duration;

use bluejayctl::store::guard::{self, Taken};

use super::api::TestApi;
use super::env::TestEnv;

fn mode(env: &TestEnv, name: &str) -> u32 {
    fs::metadata(env.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_link_stays_one_and_what_it_leads_to_is_written() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    fs::create_dir(env.path("shared")).unwrap();
    symlink("shared/team.lock", env.path("bluejay.lock")).unwrap();
    env.run_at(&api.url(), &["apply"]).code(0);
    // It led nowhere; what was created is an ordinary file.
    assert_eq!(mode(&env, "shared/team.lock") & 0o111, 0);
    assert!(env.exists("shared/.bluejay/team.lock.guard"));
    assert!(!env.exists(".bluejay"));

    fs::set_permissions(env.path("shared/team.lock"), Permissions::from_mode(0o640)).unwrap();
    env.simulation("b", "");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert!(env.path("bluejay.lock").is_symlink());
    assert!(env.read("shared/team.lock").contains("\"b\""));
    assert_eq!(mode(&env, "shared/team.lock"), 0o640);
}

#[test]
fn two_links_to_one_lockfile_have_one_guard() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let target = env.path("shared/team.lock");
    fs::create_dir(env.path("shared")).unwrap();
    symlink(&target, env.path("bluejay.lock")).unwrap();
    let Taken::Ours(_guard) = guard::take(&target, Duration::ZERO, |_| {}).unwrap() else {
        panic!("nobody else has it");
    };
    env.run_at(&api.url(), &["apply"])
        .code(1)
        .says("another apply is at work");
    assert_eq!(api.request_count(), 0);
}
