//! The pictures in docs/pictures are what the program shows on a terminal.
//!
//! `UPDATE_DOCS=1 cargo test --features crash-points pictures` draws them again.

use std::fs;
use std::path::Path;

use super::session::Session;
use super::{compare, svg};
use crate::tools::has;

/// The width of the terminal.
const COLUMNS: u16 = 88;

/// A picture: its name, its title, and the commands of its scene.
struct Scene {
    name: &'static str,
    title: &'static str,
    /// The commands before, whose output is not shown.
    setup: &'static str,
    command: &'static str,
}

/// The project of all scenes: a clinic with two callers, two metrics and a schedule.
const CLINIC: &[(&str, &str)] = &[
    (
        "bluejay.yaml",
        "defaults:\n  max_concurrent: 10\n  digital_humans: [angry-caller, hurried-caller]\n",
    ),
    (
        "simulations/front-desk.yaml",
        "agent_id: \"4201\"\nname: Front desk\ndescription: |\n  A caller books an appointment.\n  \
         The agent repeats the time.\nmax_call_duration: 8\n\
         selected_custom_metrics: [politeness, accuracy]\n",
    ),
    (
        "simulations/night-line.yaml",
        "agent_id: \"4201\"\nname: Night line\nmax_call_duration: 5\n\
         selected_custom_metrics: [politeness]\n",
    ),
    (
        "simulations/waiting-room.yaml",
        "agent_id: \"4201\"\nname: Waiting room\n",
    ),
    (
        "simulations/callers.yaml",
        "kind: digital_human\nkey: angry-caller\nname: Marta Kowalski\n\
         test_name: Wants her money back\nintent: You want a refund, today.\n\
         success_criteria: The refund is booked.\n---\n\
         kind: digital_human\nkey: hurried-caller\nname: Lee Park\n\
         test_name: Has two minutes\nintent: You book the first free appointment.\n",
    ),
    (
        "simulations/metrics.yaml",
        "kind: custom_metric\nkey: politeness\nname: Politeness\nresponse_type: pass_fail\n\
         prompt: Was the agent polite throughout?\n---\n\
         kind: custom_metric\nkey: accuracy\nname: Accuracy\nresponse_type: pass_fail\n\
         prompt: Did the agent repeat the time correctly?\n",
    ),
    (
        "simulations/nightly.yaml",
        "kind: schedule\nkey: nightly\nsimulation: front-desk\n\
         schedule: { frequency: daily, time: \"02:30\" }\ntimezone: Europe/Berlin\n",
    ),
];

/// Applies the project. One request at a time gives the same ids in every run.
const APPLY: &str = "bluejayctl apply --sandbox --yes --quiet --parallelism 1\n";

/// Changes the files: a value, a line of a text, a list of metrics; a new metric, a new key,
/// and a deleted simulation.
const EDIT: &str = r"
sed -i 's/max_call_duration: 8/max_call_duration: 12/; s/repeats the time/repeats day and time/' \
    simulations/front-desk.yaml
sed -i 's/\[politeness, accuracy\]/[accuracy, brevity]/' simulations/front-desk.yaml
printf -- '---\nkind: custom_metric\nkey: brevity\nname: Brevity\nresponse_type: pass_fail\nprompt: Were the answers short?\n' \
    >> simulations/metrics.yaml
mv simulations/night-line.yaml simulations/after-hours.yaml
echo 'moved_from: night-line' >> simulations/after-hours.yaml
rm simulations/waiting-room.yaml
";

/// Changes a simulation as somebody does in the dashboard, and deletes another.
const DASHBOARD: &str = r#"
serve --data .bluejay/sandbox.json
id() { bluejayctl list "$1" --sandbox | tr -s ' ' | cut -d ' ' -f 2; }
ask PUT "simulation/$(id front-desk)" '{"name": "Front desk (old)", "max_concurrent": 40}'
ask DELETE "simulation/$(id night-line)"
kill "$(cat "$STATE/servers")"
wait
rm "$STATE/servers"
unset BLUEJAY_API_URL
"#;

/// Makes two mistakes.
const MISTAKES: &str = r"
sed -i 's/max_call_duration: 8/max_call_duraton: 8 minutes/' simulations/front-desk.yaml
sed -i 's/\[politeness\]/[politness]/' simulations/night-line.yaml
";

const SCENES: [Scene; 5] = [
    Scene {
        name: "plan",
        title: "bluejayctl plan: what an apply would change",
        setup: EDIT,
        command: "bluejayctl plan --sandbox --prune",
    },
    Scene {
        name: "apply",
        title: "bluejayctl apply: the question, the changes and their ids",
        setup: EDIT,
        command: "bluejayctl apply --sandbox --prune --parallelism 1",
    },
    Scene {
        name: "drift",
        title: "bluejayctl drift: what somebody changed in the dashboard",
        setup: DASHBOARD,
        command: "bluejayctl drift --sandbox",
    },
    Scene {
        name: "mistake",
        title: "bluejayctl validate: two mistakes, at their lines",
        setup: MISTAKES,
        command: "bluejayctl validate",
    },
    Scene {
        name: "run",
        title: "bluejayctl run: the score of each simulation",
        setup: "",
        command: "bluejayctl run --sandbox --parallelism 1",
    },
];

/// Returns the picture of a scene.
fn picture(scene: &Scene) -> String {
    let mut session = Session::start();
    session.set_up("git init --quiet && printf '.bluejay/\\n' > .gitignore");
    for (path, text) in CLINIC {
        session.write(path, text);
    }
    session.set_up(&format!("{APPLY}{}", scene.setup));
    session.is_terminal = true;
    let command = format!("stty cols {COLUMNS} rows 50\n{}", scene.command);
    let mut printed = format!("\x1b[1m$ {}\x1b[0m\r\n", scene.command).into_bytes();
    printed.extend(session.terminal_bytes(&command, "[y/N] y"));
    svg::draw(&printed, COLUMNS, scene.title)
}

/// Draws a scene, and compares the picture with the one in docs.
#[track_caller]
fn check(name: &str) {
    if !has(&["bash", "curl", "git", "script"]) {
        return;
    }
    let scene = SCENES.iter().find(|scene| scene.name == name).unwrap();
    let drawn = picture(scene);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/pictures/{name}.svg"));
    let there = fs::read_to_string(&path).unwrap_or_default();
    if compare::correct(&there, &drawn) == there {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, drawn).unwrap();
        return;
    }
    panic!("docs/pictures/{name}.svg is not current (`UPDATE_DOCS=1` draws it):\n{drawn}");
}

#[test]
fn plan() {
    check("plan");
}

#[test]
fn apply() {
    check("apply");
}

#[test]
fn drift() {
    check("drift");
}

#[test]
fn mistake() {
    check("mistake");
}

#[test]
fn run() {
    check("run");
}

#[test]
fn every_picture_is_drawn_by_a_scene_and_shown_on_a_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("docs")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let pages = pages.chain([root.join("README.md")]);
    let pages: String = pages
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join("docs/pictures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(pages.contains(&format!("pictures/{name}")), "{name}");
        found.push(name.trim_end_matches(".svg").to_owned());
    }
    let mut scenes: Vec<_> = SCENES.iter().map(|scene| scene.name.to_owned()).collect();
    found.sort();
    scenes.sort();
    assert_eq!(found, scenes);
}
