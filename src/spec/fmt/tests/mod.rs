mod properties;

use super::*;

#[track_caller]
fn formatted(text: &str, role: FileRole) -> String {
    let format = |text: &str| match format(&SourceFile::new("a.yaml", text), role) {
        Ok(text) => text,
        Err(Unformatted::Invalid(diagnostic)) => panic!("{}\n{text}", diagnostic.summary),
        Err(Unformatted::Refused(reason)) => panic!("{reason}\n{text}"),
    };
    let once = format(text);
    assert_eq!(format(&once), once, "the second time, of {text:?}");
    once
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(formatted(text, FileRole::Documents), expected);
}

#[track_caller]
fn check_project(text: &str, expected: &str) {
    assert_eq!(formatted(text, FileRole::Project), expected);
}

#[test]
fn fields_move_with_their_comments_and_values() {
    check(
        "# yaml-language-server: $schema=x\n\
         # Above the name.\n\
         name: Front desk  # beside the name\n\
         \n\
         # Above the description.\n\
         description: |\n\
         \x20   Two lines,\n\
         \x20     # no comment\n\
         tags:\n\
         - a\n\
         # - b\n\
         \n\
         # Above the agent,\n\
         # in two lines.\n\
         agent_id: '42'\n\
         # At the end.\n",
        "# yaml-language-server: $schema=x\n\
         # Above the agent,\n\
         # in two lines.\n\
         agent_id: '42'\n\
         # Above the name.\n\
         name: Front desk  # beside the name\n\
         \n\
         # Above the description.\n\
         description: |\n\
         \x20   Two lines,\n\
         \x20     # no comment\n\
         tags:\n\
         - a\n\
         # - b\n\
         # At the end.\n",
    );
}

#[test]
fn comments_above_a_blank_line_belong_to_the_document() {
    check(
        "# What this file is.\n\nname: a\nagent_id: '1'\n---\n# Another.\n\nname: b\nagent_id: '1'\n",
        "# What this file is.\n\nagent_id: '1'\nname: a\n---\n# Another.\n\nagent_id: '1'\nname: b\n",
    );
}

#[test]
fn maps_and_lists_of_maps_are_ordered_too() {
    check(
        "kind: digital_human\n\
         name: A\n\
         expected_tool_calls:\n\
         \x20 # The first.\n\
         \x20 - output: x\n\
         \x20   # Above the name.\n\
         \x20   name: n  # beside\n\
         \x20 # The second.\n\
         \x20 - name: m\n\
         \x20   output: {b: 1, a: 2}\n\
         interruptions:\n\
         \x20 # A comment.\n\
         \x20 type: high\n",
        "kind: digital_human\n\
         name: A\n\
         interruptions:\n\
         \x20 # A comment.\n\
         \x20 type: high\n\
         expected_tool_calls:\n\
         \x20 # The first.\n\
         \x20 # Above the name.\n\
         \x20 - name: n  # beside\n\
         \x20   output: x\n\
         \x20 # The second.\n\
         \x20 - name: m\n\
         \x20   output: {b: 1, a: 2}\n",
    );
    check(
        "agent_id: '1'\ndigital_humans_settings:\n  num_runs: 1\n  # c\n\n  default_name: x\n    # d\n# e\n",
        "agent_id: '1'\ndigital_humans_settings:\n  # c\n\n  default_name: x\n    # d\n  num_runs: 1\n# e\n",
    );
}

#[test]
fn a_text_that_keeps_its_line_ends_moves_above_a_field_with_a_blank_line() {
    check(
        "description: |+\n  a\n\nagent_id: '1'\n\n# c\ntags: [a]\n\n\n# end\n",
        "agent_id: '1'\ndescription: |+\n  a\n\n# c\ntags: [a]\n\n# end\n",
    );
    check(
        "kind: digital_human\nname: A\nintent: b\ntraits:\n- value: |+\n    a\n\n  trait_name: t\n\n- trait_name: u\n",
        "kind: digital_human\nname: A\nintent: b\ntraits:\n- trait_name: t\n  value: |+\n    a\n\n- trait_name: u\n",
    );
}

#[test]
fn a_blank_line_below_the_comment_of_an_item_stays_empty() {
    check(
        "kind: digital_human\n\
         name: A\n\
         expected_tool_calls:\n\
         \x20 - output: x\n\
         \x20   # Above the name.\n\
         \n\
         \x20   name: y\n",
        "kind: digital_human\n\
         name: A\n\
         expected_tool_calls:\n\
         \x20 # Above the name.\n\
         \n\
         \x20 - name: y\n\
         \x20   output: x\n",
    );
}

#[test]
fn layout_is_indented_by_two_spaces() {
    check(
        "agent_id :   '1'\n\
         name:    x   # c\t\n\
         \n\n\n\
         digital_humans:\n\
         \x20   -   a\n\
         \x20       # deeper\n\
         \x20   - b\n\
         extra:\n\
         \x20    # inside\n\
         \x20    deep:\n\
         \x20         list:\n\
         \x20         -  a: 1\n\
         \x20            b: [1,\n\
         \x20                2]\n\
         \x20         - - c\n\
         \x20           -\n\n\n",
        "agent_id: '1'\n\
         name: x   # c\n\
         \n\
         digital_humans:\n\
         \x20 - a\n\
         \x20   # deeper\n\
         \x20 - b\n\
         extra:\n\
         \x20 # inside\n\
         \x20 deep:\n\
         \x20   list:\n\
         \x20   - a: 1\n\
         \x20     b: [1,\n\
         \x20         2]\n\
         \x20   - - c\n\
         \x20     -\n",
    );
}

#[test]
fn multi_line_texts_stay_as_they_are() {
    for text in [
        "agent_id: '1'\ndescription: |+\n      a  \n\n       # b\n\n\n",
        "agent_id: '1'\ndescription: |\n  without a line break at the end",
        "agent_id: '1'\nname: \"a  \n\n   b\"\n",
        "agent_id: '1'\nname: a\n      b\n",
        "agent_id: '1'\ndescription: |2-\n     a\n    b\n",
        "agent_id: '1'\ndescription: >-  # c\n  a\n   b\n\n  c\n",
    ] {
        check(text, text);
    }
    check(
        "description: |\n\n  a\n\n\n\nagent_id: '1'\n",
        "agent_id: '1'\ndescription: |\n\n  a\n",
    );
    check(
        "agent_id: '1'\ndigital_humans_settings:\n    first_message: |\n        Hello\n          there\n",
        "agent_id: '1'\ndigital_humans_settings:\n  first_message: |\n        Hello\n          there\n",
    );
}

#[test]
fn multi_line_texts_move_where_their_field_would_lose_them() {
    check(
        "agent_id:   '1'\ndigital_humans_settings:\n first_message: |\n  a\n\n   b\n default_name: a\n  b\n",
        "agent_id: '1'\ndigital_humans_settings:\n  default_name: a\n   b\n  first_message: |\n   a\n\n    b\n",
    );
    check(
        "agent_id:   '1'\ntags:\n    - >2-\n        a\n    - 'a\n\n      b'\n",
        "agent_id: '1'\ntags:\n  - >2-\n      a\n  - 'a\n\n      b'\n",
    );
    check(
        "    agent_id: '1'\n    description: |2\n       a\n      \n",
        "agent_id: '1'\ndescription: |2\n   a\n",
    );
}

#[test]
fn a_document_whose_aliases_would_come_first_keeps_its_order() {
    check(
        "description: &d x\nname: *d\nagent_id:  '1'\n---\nname: b\nagent_id: '1'\n",
        "description: &d x\nname: *d\nagent_id: '1'\n---\nagent_id: '1'\nname: b\n",
    );
    check(
        "agent_id: '1'\ntags: &t [a]\nname: x\n",
        "agent_id: '1'\nname: x\ntags: &t [a]\n",
    );
}

#[test]
fn a_document_that_keeps_its_order_does_not_hinder_the_others() {
    let (wrong, right) = ("name: a\nagent_id: '1'\n", "agent_id: '1'\nname: a\n");
    let with_alias = "name: &x a\nagent_id: *x\n";
    let file = |other: &str| [other, with_alias, other, other].join("---\n");
    check(&file(wrong), &file(right));
}

#[test]
fn the_steps_hardly_grow_with_the_number_of_documents() {
    let steps = std::cell::Cell::new(0);
    let ordered = |_: &str, documents: Range<usize>| {
        steps.set(steps.get() + 1);
        let text = if documents.contains(&700) {
            "bad"
        } else {
            "good"
        };
        Some(text.to_owned())
    };
    let is_good = |text: &String| text == "good";
    in_order(String::new(), 0..700, &ordered, &is_good);
    assert_eq!(steps.take(), 1);
    in_order(String::new(), 0..1000, &ordered, &is_good);
    assert!(steps.get() < 30, "{}", steps.get());
}

#[test]
fn line_ends_stay() {
    check(
        "name: x\r\nagent_id: '1' \r\n\r\n\r\ntags: [a]",
        "agent_id: '1'\r\nname: x\r\n\r\ntags: [a]\r\n",
    );
}

#[test]
fn a_last_line_that_moves_up_gets_the_line_end_of_the_file() {
    check(
        "name: x\r\nkey: a\r\nagent_id: |-\r\n  1",
        "key: a\r\nagent_id: |-\r\n  1\r\nname: x\r\n",
    );
    check(
        "name: x\r\nagent_id: |\r\n  1",
        "name: x\r\nagent_id: |\r\n  1",
    );
}

#[test]
fn a_comment_may_stand_between_a_dash_and_its_item() {
    check(
        "x:\n   -   # one\n       # two\n       b: 1\n       a: 2\n   - # three\n     c\n",
        "x:\n  -   # one\n    # two\n    b: 1\n    a: 2\n  - # three\n    c\n",
    );
}

#[test]
fn a_comment_stays_in_its_field() {
    check(
        "digital_humans_settings:\n        num_runs: 1\n    # in the map\nagent_id: '1'\n",
        "agent_id: '1'\ndigital_humans_settings:\n  num_runs: 1\n  # in the map\n",
    );
    check(
        "digital_humans_settings:\n    num_runs: 1\n      # with the number\n    default_name: x\n",
        "digital_humans_settings:\n  default_name: x\n  num_runs: 1\n    # with the number\n",
    );
    check(
        "digital_humans_settings:\n      # above the number\n    num_runs: 1\n    default_name: x\n",
        "digital_humans_settings:\n  default_name: x\n  # above the number\n  num_runs: 1\n",
    );
    check(
        "  # above the name\nname: x\n# above the agent\n   # in two lines\nagent_id: '1'\n",
        "# above the agent\n   # in two lines\nagent_id: '1'\n# above the name\nname: x\n",
    );
    check(
        "digital_humans:\n-     a\n      # with the item\n-   b\n",
        "digital_humans:\n- a\n  # with the item\n- b\n",
    );
}

#[test]
fn an_unknown_field_stays_behind_the_field_before_it() {
    check(
        "name: x\nx-own: 1\nagent_id: '1'\n",
        "agent_id: '1'\nname: x\nx-own: 1\n",
    );
    check(
        "kind: unknown\nname: x\nagent_id: '1'\n",
        "kind: unknown\nname: x\nagent_id: '1'\n",
    );
}

#[test]
fn defaults_of_the_project_are_ordered() {
    check_project(
        "vars: {}\n\
         defaults:\n\
         \x20   ringing_timeout: 1\n\
         \x20   max_concurrent: 2\n\
         kinds:\n\
         \x20 digital_human:\n\
         \x20   defaults: # c\n\
         \x20     tag: x\n\
         \x20     name: y\n",
        "vars: {}\n\
         defaults:\n\
         \x20 max_concurrent: 2\n\
         \x20 ringing_timeout: 1\n\
         kinds:\n\
         \x20 digital_human:\n\
         \x20   defaults: # c\n\
         \x20     name: y\n\
         \x20     tag: x\n",
    );
}

#[test]
fn unusual_files_are_refused_or_stay() {
    let format = |text| format(&SourceFile::new("a.yaml", text), FileRole::Documents);
    assert!(matches!(format("a: [\n"), Err(Unformatted::Invalid(_))));
    assert!(matches!(
        format("a: 1\na: 2\n"),
        Err(Unformatted::Refused(_))
    ));
    assert!(matches!(
        format("a: !secret x\n"),
        Err(Unformatted::Refused(_))
    ));
    assert!(matches!(
        format("a: 1\rb: 2\n"),
        Err(Unformatted::Refused(_))
    ));
    for text in [
        "",
        "# only a comment\n",
        "--- {name: x, agent_id: '1'}\n",
        "- b\n- a\n",
        "x\n",
    ] {
        check(text, text);
    }
    check(
        "? name\n: x\n? agent_id\n: '1'\n",
        "? name\n: x\n? agent_id\n: '1'\n",
    );
}
