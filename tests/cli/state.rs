//! Tests of `state`, which shows and edits the lockfile without the API.

use super::api::TestApi;
use super::env::TestEnv;

fn applied() -> (TestEnv, TestApi) {
    let (env, api) = (TestEnv::with(&["desk", "night"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    (env, api)
}

#[test]
fn list_and_show_print_the_prior_state() {
    let (env, _api) = applied();
    let ids = env.ids();
    let list = env.run(&["state", "list"]);
    list.code(0);
    let expected = format!("desk   {}\nnight  {}\n", ids["desk"], ids["night"]);
    assert_eq!(list.stdout, expected);
    let json = env.run(&["state", "list", "--json"]).code(0).json();
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["simulations"][1]["key"], "night");
    assert_eq!(json["simulations"][1]["simulation_id"], ids["night"]);
    let shown = env.run(&["state", "show", "desk", "--json"]).code(0).json();
    env.run(&["state", "show", "desk"])
        .code(0)
        .says("key: desk\nsimulation_id: ")
        .says("\napplied:\n  agent_id: '42'\n");
    assert_eq!(shown["applied"]["name"], "desk");
    env.run(&["state", "show", "dezk"]).code(1).says("`desk`");
}

#[test]
fn entries_are_found_by_key_id_or_name() {
    let (env, api) = (TestEnv::new(), TestApi::start());
    env.simulation("clinic/desk", "name: Front Desk");
    env.simulation("clinic/night", "name: Night line");
    env.simulation("law/desk", "agent_id: \"43\"\nname: Front desk");
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["clinic/night"].to_string();
    let keys = |args: &[&str]| -> Vec<String> {
        let run = env.run(args);
        let lines = run.code(0).stdout.lines();
        lines
            .map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(keys(&["list"]).len(), 3);
    assert_eq!(keys(&["list", &id]), ["clinic/night"]);
    assert_eq!(
        keys(&["state", "list", "front desk"]),
        ["clinic/desk", "law/desk"]
    );
    assert_eq!(keys(&["list", "DESK"]), ["clinic/desk", "law/desk"]);
    assert_eq!(keys(&["list", "clinic/*", "law/desk"]).len(), 3);
    assert_eq!(keys(&["list", "simulation:law/desk"]), ["law/desk"]);
    let json = env.run(&["list", "--json", &id]).code(0).json();
    assert_eq!(json["simulations"].as_array().unwrap().len(), 1);
    env.run(&["list", "law/dezk"]).code(1).says("`law/desk`");
    for text in ["clinic/night", "simulation:clinic/night", &id, "night LINE"] {
        env.run(&["state", "show", text])
            .code(0)
            .says("key: clinic/night\n");
    }
    env.run(&["state", "show", "Front desk"])
        .code(1)
        .says("`Front desk` finds 2 entries")
        .says("`clinic/desk` and `law/desk`");
}

#[test]
fn an_empty_state_is_no_error() {
    let env = TestEnv::new();
    let list = env.run(&["state", "list"]);
    list.code(0);
    assert_eq!(list.stdout, "");
    assert_eq!(
        list.stderr,
        "`bluejay.lock` records no resource; `bluejayctl apply` records the declared ones\n"
    );
    let quiet = env.run(&["state", "list", "-q"]);
    quiet.code(0);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
    assert!(!env.exists("bluejay.lock"));
}

#[test]
fn list_shows_old_instances() {
    let (env, api) = applied();
    let old = env.ids()["desk"];
    env.simulation("desk", "agent_id: \"43\"");
    env.run_at(&api.url(), &["apply"]).code(0);
    let new = env.ids()["desk"];
    let line = format!("desk   {new}  (replaced, still at the API: {old})\n");
    env.run(&["state", "list"]).code(0).says(&line);
}

#[test]
fn mv_renames_an_entry() {
    let (env, api) = applied();
    let id = env.ids()["desk"];
    env.run(&["state", "mv", "desk", "front/desk"])
        .code(0)
        .says("`desk` is now `front/desk`");
    assert_eq!(env.ids()["front/desk"], id);
    assert!(!env.ids().contains_key("desk"));
    env.run(&["state", "mv", "night", "front/desk"])
        .code(1)
        .says("already");
    env.run(&["state", "mv", "nobody", "x"])
        .code(1)
        .says("nobody");
    env.run(&["state", "mv", "night", " "]).code(1);
    assert_eq!(env.ids().len(), 2);
    assert_eq!(api.write_count(), 2);
}

#[test]
fn rm_removes_the_entry_and_keeps_the_simulation() {
    let (env, api) = applied();
    let id = env.ids()["desk"];
    let run = env.run(&["state", "rm", "desk"]);
    run.code(0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr,
        format!("`desk` is no longer tracked; simulation {id} is unchanged\n")
    );
    assert_eq!(env.ids().keys().collect::<Vec<_>>(), ["night"]);
    assert!(api.alive().contains_key(&id));
    let before = env.read("bluejay.lock");
    env.run(&["state", "rm", "night", "nobody"]).code(1);
    assert_eq!(env.read("bluejay.lock"), before, "half of it was done");
}

#[test]
fn resolve_without_conflict_markers_changes_nothing() {
    let (env, _api) = applied();
    let before = env.read("bluejay.lock");
    env.run(&["state", "resolve"]).code(0);
    env.run(&["state", "resolve", "desk", "none"])
        .code(1)
        .says("no create of `desk` is open");
    env.run(&["state", "resolve", "desk", "many"]).code(1);
    assert_eq!(env.read("bluejay.lock"), before);
}

#[test]
fn an_import_tracks_an_existing_simulation() {
    let (env, api) = applied();
    env.run(&["state", "rm", "desk"]).code(0);
    let writes = api.write_count();
    let night = env.ids()["night"].to_string();
    let desk = api
        .alive()
        .into_iter()
        .find(|(_, name)| name == "desk")
        .unwrap()
        .0;
    let url = api.url();
    env.run_at(&url, &["import", "desk", "99999"])
        .code(1)
        .says("no simulation 99999");
    env.run_at(&url, &["import", "desk", &night])
        .code(1)
        .says("belongs to `night`");
    env.run_at(&url, &["import", "desk", &desk.to_string()])
        .code(0);
    env.run_at(&url, &["apply"]).code(0).says("No changes");
    assert_eq!(api.write_count(), writes);
}

#[test]
fn rm_names_the_id_and_all_old_instances() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let old = env.ids()["a"];
    env.simulation("a", "agent_id: \"43\"");
    env.run_at(&api.url(), &["apply"]).code(0);
    let new = env.ids()["a"];
    env.run(&["state", "rm", "a"]).code(0).says(&format!(
        "simulation {new} is unchanged, and so are its old instances: {old}"
    ));
}
