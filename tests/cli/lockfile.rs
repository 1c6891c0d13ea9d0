//! Tests of the lockfile and the journal: consistent files are used, other files are
//! refused with help, and no file counts as empty.

use serde_json::{Value, json};

use super::api::TestApi;
use super::env::{Run, TestEnv};

const ADDRESS: &str = "https://api.getbluejay.ai";

fn entry(id: u64, name: &str) -> Value {
    json!({"applied": {"agent_id": "42", "name": name}, "simulation_id": id})
}

fn lockfile(api: &str, simulations: Value) -> String {
    let value = json!({"api": api, "simulations": simulations, "version": 1});
    format!("{value:#}\n")
}

/// Checks that plan and apply refuse the lockfile with these messages, send nothing and
/// change nothing.
#[track_caller]
fn check_refused(text: &str, said: &[&str]) {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write("bluejay.lock", text);
    for verb in ["plan", "apply"] {
        let run = env.run_at(&api.url(), &[verb]);
        run.code(1);
        for text in said {
            run.says(text);
        }
    }
    assert_eq!(env.read("bluejay.lock"), text);
    assert_eq!(api.request_count(), 0);
    assert!(!env.has_journal());
}

#[test]
fn damaged_lockfiles_are_refused() {
    check_refused("", &["empty"]);
    let whole = lockfile(ADDRESS, json!({"a": entry(1, "a")}));
    check_refused(&whole[..whole.len() / 2], &["torn", "help:"]);
    check_refused("{}\n", &["help:"]);
    check_refused(
        &whole.replace("\"version\": 1", "\"version\": 99"),
        &["version 99", "up to 2"],
    );
}

#[test]
fn an_id_under_two_keys_is_refused_and_state_rm_corrects_it() {
    let shared = lockfile(ADDRESS, json!({"a": entry(7, "a"), "b": entry(7, "b")}));
    check_refused(&shared, &["7", "`a`", "`b`", "state rm"]);
    let env = TestEnv::with(&["a"]);
    env.write("bluejay.lock", &shared);
    env.run(&["state", "rm", "b"]).code(0);
    assert_eq!(env.ids(), [("a".to_owned(), 7)].into());
}

#[test]
fn apply_refuses_the_lockfile_of_another_api() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write(
        "bluejay.lock",
        &lockfile(ADDRESS, json!({"a": entry(1, "a")})),
    );
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1).says(ADDRESS).says(&api.url()).says("--api-url");
    assert_eq!(api.request_count(), 0);
    env.run_at(&api.url(), &["plan"]).code(0).says("refused");
}

/// Returns a lockfile with git conflict markers.
fn conflicted(ours: u64, theirs: u64) -> String {
    let text = |id| lockfile(ADDRESS, json!({"a": entry(id, "a")}));
    let (ours, theirs) = (text(ours), text(theirs));
    format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> feature\n")
}

#[test]
fn conflict_markers_suggest_state_resolve() {
    check_refused(&conflicted(1, 2), &["conflict", "state resolve"]);
}

#[test]
fn resolve_merges_both_sides() {
    let env = TestEnv::with(&["a", "b"]);
    let ours = "    \"a\": {\"applied\": {\"agent_id\": \"42\"}, \"simulation_id\": 1}\n";
    let theirs = "    \"b\": {\"applied\": {\"agent_id\": \"42\"}, \"simulation_id\": 2}\n";
    env.write(
        "bluejay.lock",
        &format!(
            "{{\n  \"api\": \"{ADDRESS}\",\n  \"simulations\": {{\n<<<<<<< HEAD\n{ours}\
             ||||||| base\n=======\n{theirs}>>>>>>> feature\n  }},\n  \"version\": 1\n}}\n"
        ),
    );
    let run = env.run(&["state", "resolve"]);
    run.code(0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr,
        "merged both sides: 2 simulations; now `git add ./bluejay.lock`\n"
    );
    assert_eq!(env.ids(), [("a".to_owned(), 1), ("b".to_owned(), 2)].into());
}

#[test]
fn resolve_stops_at_a_key_with_two_ids() {
    let env = TestEnv::with(&["a"]);
    env.write("bluejay.lock", &conflicted(1, 2));
    let run = env.run(&["state", "resolve"]);
    run.code(1)
        .says("simulation 1")
        .says("simulation 2")
        .says("--keep");
    env.run(&["state", "resolve", "--keep", "2"]).code(0);
    assert_eq!(env.ids()["a"], 2);
    assert_eq!(env.replaced("a"), [1]);
}

#[test]
fn other_line_endings_count_as_equal() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.run(&["schema", "--write", "schemas"]).code(0);
    // The line endings of a checkout on Windows.
    for file in ["bluejay.lock", "schemas/simulation.schema.json"] {
        env.write(file, &env.read(file).replace('\n', "\r\n"));
    }
    let checked_out = env.read("bluejay.lock");
    env.run_at(&api.url(), &["apply"])
        .code(0)
        .says("No changes");
    assert_eq!(env.read("bluejay.lock"), checked_out);
    env.run(&["schema", "--check", "schemas"]).code(0);
}

/// Returns two sides between conflict markers.
fn between_markers(ours: &str, theirs: &str) -> String {
    format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> feature\n")
}

#[test]
fn the_chosen_simulation_keeps_its_digital_humans() {
    let env = TestEnv::new();
    env.simulation("a", "digital_humans: [7]");
    let side = |id: u64, human: u64| {
        let mut entry = entry(id, "a");
        entry["digital_humans"] = json!([human]);
        lockfile(ADDRESS, json!({"a": entry}))
    };
    env.write("bluejay.lock", &between_markers(&side(1, 7), &side(2, 8)));
    env.run(&["state", "resolve", "--keep", "2"]).code(0);
    let entry = &env.lockfile().unwrap()["simulations"]["a"];
    assert_eq!(entry["simulation_id"], 2);
    assert_eq!(entry["digital_humans"], json!([8]));
    env.run(&["plan"]).code(0).says("digital_humans");
}

#[test]
fn sides_of_two_organisations_are_not_merged() {
    let env = TestEnv::with(&["a", "b"]);
    let side = |organization: &str, key: &str, id: u64| {
        let mut lockfile: Value =
            serde_json::from_str(&lockfile(ADDRESS, json!({key: entry(id, key)}))).unwrap();
        lockfile["organization"] = organization.into();
        format!("{lockfile:#}\n")
    };
    let text = between_markers(&side("mine", "a", 1), &side("theirs", "b", 2));
    env.write("bluejay.lock", &text);
    env.run(&["state", "resolve"])
        .code(1)
        .says("different organisations");
    assert_eq!(env.read("bluejay.lock"), text);
}

/// Returns a line of the journal.
pub fn line(entry: &Value) -> String {
    let entry: bluejayctl::journal::Entry = serde_json::from_value(entry.clone()).unwrap();
    let mut bytes = Vec::new();
    bluejayctl::journal::write_line(&entry, &mut bytes);
    String::from_utf8(bytes).unwrap()
}

pub fn begin(api: &str) -> String {
    line(&json!({"entry": "begin", "version": 1, "api": api}))
}

pub fn intended(seq: u64, key: &str, at: u64) -> String {
    line(&json!({
        "entry": "intended", "seq": seq, "at": at,
        "intent": {"do": "create", "key": key, "body": {"agent_id": "42", "name": key}},
    }))
}

pub fn created(seq: u64, id: u64) -> String {
    line(&json!({"entry": "created", "seq": seq, "simulation_id": id}))
}

const JOURNAL: &str = ".bluejay/bluejay.lock.journal";

#[test]
fn a_journal_without_a_lockfile_is_folded() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    let journal = begin(&api.url()) + &intended(0, "a", 1) + &created(0, id);
    env.write(JOURNAL, &journal);
    let writes = api.write_count();
    env.run_at(&api.url(), &["plan"])
        .code(0)
        .says("an earlier apply was interrupted: the outcomes for 1 simulation")
        .says("No changes");
    assert_eq!(env.read(JOURNAL), journal, "a plan wrote");
    env.run_at(&api.url(), &["apply"]).code(0);
    assert_eq!(env.ids(), [("a".to_owned(), id)].into());
    assert_eq!(api.write_count(), writes);
    assert!(!env.has_journal());
}

#[test]
fn an_incomplete_last_line_counts_as_not_written() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let half = created(0, 77);
    let journal = begin(&api.url()) + &intended(0, "a", 1) + &half[..half.len() / 2];
    env.write(JOURNAL, &journal);
    env.run_at(&api.url(), &["apply", "--settle", "10ms"])
        .code(0);
    assert_eq!(api.count("POST"), 1);
    assert_eq!(
        env.ids().into_values().collect::<Vec<_>>(),
        api.alive().into_keys().collect::<Vec<_>>()
    );
    assert!(!env.has_journal());
}

#[test]
fn a_damaged_journal_is_refused_and_the_suggested_command_helps() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let id = api.create(json!({"agent_id": "42", "name": "a"}));
    let journal = begin(&api.url()) + &intended(0, "a", 1).replace("42", "43") + &created(0, id);
    env.write(JOURNAL, &journal);
    let writes = api.write_count();
    for verb in ["plan", "apply"] {
        let run = env.run_at(&api.url(), &[verb]);
        run.code(1).says("line 2").says("mv ");
    }
    assert_eq!(env.read(JOURNAL), journal);
    assert_eq!(api.write_count(), writes);
    std::fs::rename(env.path(JOURNAL), env.path("damaged")).unwrap();
    env.run_at(&api.url(), &["apply"]).code(0).says("1 adopted");
    assert_eq!(env.ids()["a"], id);
    assert_eq!(api.write_count(), writes);
}

#[test]
fn a_journal_of_a_newer_program_is_refused() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let newer = line(&json!({"entry": "begin", "version": 9, "api": api.url()}));
    env.write(JOURNAL, &newer);
    env.run_at(&api.url(), &["apply"]).code(1).says("version 9");
    assert_eq!(env.read(JOURNAL), newer);
    assert_eq!(api.request_count(), 0);
}

#[test]
fn a_journal_of_another_api_is_refused() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write(JOURNAL, &(begin(ADDRESS) + &intended(0, "a", 1)));
    env.run_at(&api.url(), &["apply"]).code(1).says(ADDRESS);
    assert_eq!(api.request_count(), 0);
}

#[test]
fn a_key_that_two_machines_created_needs_a_decision() {
    // The lockfile came from git. The journal belongs to an apply that was interrupted
    // here.
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    let ours = api.create(json!({"agent_id": "42", "name": "a"}));
    let theirs = api.create(json!({"agent_id": "42", "name": "a"}));
    let writes = api.write_count();
    env.write(
        "bluejay.lock",
        &lockfile(&api.url(), json!({"a": entry(theirs, "a")})),
    );
    env.write(
        JOURNAL,
        &(begin(&api.url()) + &intended(0, "a", 1) + &created(0, ours)),
    );
    let run = env.run_at(&api.url(), &["apply"]);
    run.code(1)
        .says("state resolve")
        .says(&ours.to_string())
        .says(&theirs.to_string());
    assert_eq!(api.write_count(), writes);

    let keep = ours.to_string();
    let mut command = env.command(&["state", "resolve", "a", &keep]);
    command.args(["--api-url", &api.url()]);
    Run::of(command).code(0);
    assert_eq!(env.ids()["a"], ours);
    assert_eq!(env.replaced("a"), [theirs]);
    env.run_at(&api.url(), &["apply", "--prune"]).code(0);
    assert_eq!(api.alive().into_keys().collect::<Vec<_>>(), [ours]);
}

#[test]
fn an_open_update_ends_with_its_simulation() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    let id = env.ids()["a"];
    let update = json!({
        "entry": "intended", "seq": 0, "at": 1,
        "intent": {
            "do": "update", "key": "a", "simulation_id": id, "fields": ["description"],
            "body": {"agent_id": "42", "name": "a", "description": "new"},
        },
    });
    // The key is moved, deleted or replaced before the update is sent again.
    let cases: [(&str, &dyn Fn()); 3] = [
        ("moved", &|| {
            env.undeclare("a");
            env.simulation("c", "name: a\nmoved_from: a");
        }),
        ("replaced", &|| {
            env.simulation("c", "name: a\nagent_id: \"43\"\nmoved_from: a");
        }),
        ("deleted", &|| env.undeclare("c")),
    ];
    let mut key = "a";
    for (what, change) in cases {
        let id = env.ids()[key];
        let mut update = update.clone();
        update["intent"]["key"] = key.into();
        update["intent"]["simulation_id"] = id.into();
        env.write(JOURNAL, &(begin(&api.url()) + &line(&update)));
        change();
        let run = env.run_at(&api.url(), &["apply", "--prune"]);
        run.code(0);
        assert!(!env.has_journal(), "{what}: {run}");
        env.run_at(&api.url(), &["apply", "--prune"])
            .code(0)
            .says("No changes");
        key = "c";
    }
    assert_eq!(api.alive().into_values().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn a_duplicate_entry_is_refused() {
    let file = |simulations: &str| {
        format!(
            "{{\n\"api\": \"{ADDRESS}\",\n\"simulations\": {{\n{simulations}\n}},\n\"version\": 1\n}}\n"
        )
    };
    let one = |id: u64| {
        format!("\"a\": {{\"applied\": {{\"agent_id\": \"42\"}}, \"simulation_id\": {id}}}")
    };
    let twice = format!("{},\n{}", one(1), one(5));
    check_refused(&file(&twice), &["line 5", "`a` is given twice"]);
    let applied =
        "\"a\": {\"simulation_id\": 1, \"applied\": {\"agent_id\": \"42\",\n\"agent_id\": \"43\"}}";
    check_refused(&file(applied), &["line 5", "`agent_id` is given twice"]);
    let deep = "\"a\": {\"simulation_id\": 1, \"applied\": {\"x\": [{\"y\": 1,\n\"y\": 2}]}}";
    check_refused(&file(deep), &["line 5", "`y` is given twice"]);

    // The same with conflict markers.
    let env = TestEnv::with(&["a"]);
    let conflict = format!(
        "<<<<<<< HEAD\n{}=======\n{}>>>>>>> b\n",
        file(&twice),
        file(&one(1))
    );
    env.write("bluejay.lock", &conflict);
    env.run(&["state", "resolve"]).code(1).says("given twice");
    assert_eq!(env.read("bluejay.lock"), conflict);
}

#[test]
fn a_mistake_in_the_lockfile_is_reported_at_its_line() {
    let line =
        |third: &str| format!("{{\n  \"api\": \"{ADDRESS}\",\n  {third},\n  \"version\": 1\n}}\n");
    let entry = |entry: &str| line(&format!("\"simulations\": {{\"a\": {entry}}}"));
    for (text, said) in [
        (
            entry("{\"applied\": {}, \"simulation_id\": \"sekrit\"}"),
            "line 3: expected a whole number",
        ),
        (
            entry("{\"applied\": {}, \"simulation_id\": 0}"),
            "line 3: no simulation has the id 0",
        ),
        (
            entry("{\"applied\": {}}"),
            "line 3: `simulation_id` is missing",
        ),
        (entry("[{}, 1]"), "line 3: expected a map"),
        (
            line("\"simulations\": {}, \"x\": 1"),
            "line 3: the field `x` is not known",
        ),
        (
            line("\"simulations\": {\"a\\u0007\": {}}"),
            "line 3: `a\\u{7}` can't be a key",
        ),
        (line("\"simulations\": {} oops"), "line 3: this is not JSON"),
        (
            format!("[\"{ADDRESS}\", null, {{}}, 1]\n"),
            "line 1: expected a map",
        ),
    ] {
        check_refused(&text, &[said, "git checkout"]);
        let env = TestEnv::with(&["a"]);
        env.write("bluejay.lock", &text);
        env.run(&["plan"])
            .never_says("sekrit")
            .never_says("LockfileV1");
    }
    let env = TestEnv::with(&["a"]);
    std::fs::write(env.path("bluejay.lock"), b"{\n  \"api\": \"\xff\"\n}\n").unwrap();
    env.run(&["plan"]).code(1).says("not UTF-8, from line 2");
}

#[cfg(unix)]
#[test]
fn only_regular_files_of_bounded_size_are_read() {
    for name in ["bluejay.lock", JOURNAL, "saved.plan"] {
        let env = TestEnv::with(&["a"]);
        let args: &[&str] = if name == "saved.plan" {
            &["apply", name]
        } else {
            &["plan"]
        };
        std::fs::create_dir_all(env.path(".bluejay")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", env.path(name)).unwrap();
        let is_written = name != "saved.plan";
        let said = if is_written {
            "leads out"
        } else {
            "not a regular file"
        };
        env.run(args).code(1).says(said);
        env.remove(name);
        let made = std::process::Command::new("mkfifo")
            .arg(env.path(name))
            .status();
        assert!(made.unwrap().success());
        env.run(args).code(1).says("not a regular file");
        env.remove(name);
        let file = std::fs::File::create(env.path(name)).unwrap();
        file.set_len(300 * 1024 * 1024).unwrap();
        env.run(args).code(1).says(name).says("larger than 256 MiB");
    }
}

#[test]
fn a_journal_with_an_invalid_key_is_damaged() {
    let env = TestEnv::with(&["a"]);
    env.write(JOURNAL, &(begin(ADDRESS) + &intended(0, "a\u{1b}[31m", 1)));
    env.run(&["plan"])
        .code(1)
        .says("line 2")
        .never_says("\u{1b}");
}

#[test]
fn apply_and_destroy_warn_that_git_ignores_the_lockfile() {
    let (env, api) = (TestEnv::with(&["a"]), TestApi::start());
    env.write(".git/HEAD", "ref: refs/heads/main\n");
    env.write(".gitignore", "target\n*.lock\n");
    for args in [&["apply"][..], &["destroy", "--yes"]] {
        let run = env.run_at(&api.url(), args);
        run.code(0)
            .says("the line `*.lock`")
            .says("`!bluejay.lock`");
    }
    let plain = TestEnv::with(&["a"]);
    plain.write(".git/HEAD", "ref: refs/heads/main\n");
    let run = plain.run_at(&api.url(), &["apply"]);
    run.code(0).never_says("can't be committed");
}

#[test]
fn a_lost_lockfile_is_no_absence_of_drift() {
    let (env, api) = (TestEnv::with(&["a", "b"]), TestApi::start());
    env.run_at(&api.url(), &["apply"]).code(0);
    env.remove("bluejay.lock");
    for args in [&["drift"][..], &["drift", "--quick"]] {
        let run = env.run_at(&api.url(), args);
        run.code(1)
            .says("nothing was compared: the lockfile records none of 2 declared resources")
            .says("adopts or creates the resources, and records them")
            .never_says("No drift");
    }
    let json = env.run_at(&api.url(), &["drift", "--format", "json"]);
    json.code(1).says("\"not_recorded\": 2");
    env.run_at(&api.url(), &["apply"]).code(0);
    env.simulation("c", "");
    let some = env.run_at(&api.url(), &["drift"]);
    some.code(0).says(
        "No drift: 2 as applied; 1 declared resource is not in the lockfile, so it was not \
         compared.",
    );
    env.remove("bluejay.lock");
    for key in ["a", "b", "c"] {
        env.remove(&format!("simulations/{key}.yaml"));
    }
    env.run_at(&api.url(), &["drift"])
        .says("No drift: 0 as applied.");
}
