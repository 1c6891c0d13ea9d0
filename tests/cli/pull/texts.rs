//! Tests of odd files: comments, quotes, line ends, documents, block scalars.

use serde_json::{Value, json};

use super::Scene;

const FILE: &str = "simulations/a.yaml";

/// Applies a file, edits the simulation in the dashboard, pulls, and compares the file.
#[track_caller]
fn check(before: &str, edit: Value, after: &str) {
    let scene = Scene::of(before);
    scene.edit("a", edit);
    scene.check_pulled(FILE, after);
}

#[test]
fn comments_order_quotes_and_blank_lines_stay() {
    check(
        "# yaml-language-server: $schema=../schemas/simulation.schema.json\n\n\
         max_concurrent:   5   # calls at once\n\n\
         \"name\": 'Front  desk' # quoted\n# agent\nagent_id: 42\n\n\n# end\n",
        json!({"max_concurrent": 7, "name": "It's open"}),
        "# yaml-language-server: $schema=../schemas/simulation.schema.json\n\n\
         max_concurrent:   7   # calls at once\n\n\
         \"name\": 'It''s open' # quoted\n# agent\nagent_id: 42\n\n\n# end\n",
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_stay() {
    check(
        "\u{feff}agent_id: \"42\"\r\nname: a\r\ndescription: |\r\n  one\r\n  two\r\nmax_concurrent: 5\r\n",
        json!({"description": "one\r\nthree", "ringing_timeout": 30}),
        "\u{feff}agent_id: \"42\"\r\nname: a\r\ndescription: |\r\n  one\r\n  three\r\nmax_concurrent: 5\r\nringing_timeout: 30\r\n",
    );
}

#[test]
fn block_scalars_keep_their_style() {
    for (header, end, ends) in [
        ("|", "\n", ""),
        ("|-", "", ""),
        ("|+", "\n\n", "\n"),
        ("| # text", "\n", ""),
    ] {
        let text = |line: &str| {
            format!(
                "agent_id: \"42\"\nname: a\ndescription: {header}\n    One.  \n\n      {line}\n    Three.\n{ends}# next\nmax_concurrent: 5\n"
            )
        };
        let shown = format!("One.\n\n  2\nThree.{end}");
        check(&text("Two."), json!({"description": shown}), &text("2"));
    }
    check(
        "agent_id: \"42\"\nname: a\ndescription: >-\n  a long\n  paragraph\n\n  and another\n  one\nmax_concurrent: 5\n",
        json!({"description": "a long paragraph\nand a shorter one"}),
        "agent_id: \"42\"\nname: a\ndescription: >-\n  a long\n  paragraph\n\n  and a shorter one\nmax_concurrent: 5\n",
    );
}

#[test]
fn flow_style_and_several_documents_stay() {
    check(
        "{agent_id: \"42\", name: a, tags: [x, y]} # one line\n",
        json!({"tags": ["y", "z, 1"], "ringing_timeout": 30}),
        "{agent_id: \"42\", name: a, ringing_timeout: 30, tags: ['z, 1', y]} # one line\n",
    );
    let text = |name: &str| {
        format!(
            "# first\nkey: b\nagent_id: \"42\"\nname: b\n\n---\n# second\nkey: a\nagent_id: \"42\"\nname: {name}\n...\n---\nkey: c\nagent_id: \"42\"\nname: c"
        )
    };
    check(&text("a"), json!({"name": "new"}), &text("new"));
}

#[test]
fn new_and_removed_fields_take_their_lines() {
    check(
        "agent_id: \"42\"\nname: a\ndescription: text # why\n# more\nmax_concurrent: 5\ndigital_humans_settings:\n  num_runs: 3\n",
        json!({"description": null, "settings": {"digital_humans_settings": {}}, "hangup_on_transfer": true, "digital_humans_settings": {"num_runs": 1}}),
        "agent_id: \"42\"\nname: a\n# more\nmax_concurrent: 5\nhangup_on_transfer: true\ndigital_humans_settings:\n  num_runs: 1\n",
    );
}

#[test]
fn a_duration_keeps_its_unit() {
    let text = |duration: &str| format!("agent_id: \"42\"\nname: a\n{duration}\n");
    check(
        &text("max_call_duration: 8"),
        json!({"max_call_duration": 12, "max_call_duration_units": "minutes"}),
        &text("max_call_duration: 12"),
    );
    check(
        &text("max_call_duration: 8"),
        json!({"max_call_duration": 90, "max_call_duration_units": "seconds"}),
        &text("max_call_duration: 90\nmax_call_duration_units: seconds"),
    );
    check(
        &text("max_call_duration: 45 # s\nmax_call_duration_units: seconds"),
        json!({"max_call_duration": 2, "max_call_duration_units": "minutes"}),
        &text("max_call_duration: 120 # s\nmax_call_duration_units: seconds"),
    );
}

#[test]
fn references_and_escapes_stay_in_a_text() {
    let scene = Scene::applied(&[
        ("bluejay.yaml", "vars:\n  CITY: Bern\n"),
        (
            FILE,
            "agent_id: \"42\"\nname: a\ndescription: |\n  We are in ${var:CITY}.\n  It costs $${5}.\n  Bye.\n",
        ),
    ]);
    let shown = "We are in Bern, always.\nIt costs ${5}.\nBye ${you}.";
    scene.edit("a", json!({"description": shown}));
    scene.check_pulled(
        FILE,
        "agent_id: \"42\"\nname: a\ndescription: |\n  We are in ${var:CITY}, always.\n  It costs $${5}.\n  Bye $${you}.\n",
    );
}

#[test]
fn what_can_not_be_edited_safely_is_left_alone() {
    let text = "agent_id: \"42\"\nname: &name a\ndescription: *name\nmax_concurrent: 5\n";
    let scene = Scene::of(text);
    scene.edit(
        "a",
        json!({"name": "new", "description": "new", "max_concurrent": 9}),
    );
    let run = scene.run(&["pull"]);
    run.code(3)
        .says("name  # simulations/a.yaml:2:7")
        .says("an alias repeats the value of the anchor `&name`")
        .says("description  # simulations/a.yaml:3:14")
        .says("the value is an alias of another value")
        .says("1 value pulled into 1 file, 2 left alone.");
    let expected = text.replace("max_concurrent: 5", "max_concurrent: 9");
    assert_eq!(scene.env.read(FILE), expected);
    scene.run(&["drift"]).code(2);
}
