//! Tests of edits, byte by byte.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const FIELDS: [&str; 8] = [
    "agent_id",
    "name",
    "description",
    "max",
    "map",
    "list",
    "humans",
    "extra",
];

fn order(_: usize, path: &Path, name: &str) -> Option<usize> {
    let is_top = path.is_top();
    FIELDS.iter().position(|field| is_top && *field == name)
}

/// Returns a path from its text: `map.inner`, `list.0`.
fn path(text: &str) -> Path {
    let steps = text.split('.').map(|step| match step.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Field(step.to_owned()),
    });
    Path(steps.collect())
}

fn edited(text: &str, document: usize, at: &str, value: Option<Value>) -> Result<String, Reason> {
    let edits = [Edit {
        document,
        path: path(at),
        value,
    }];
    edit(text, &edits, &order).map_err(|refused| refused.reason)
}

/// Checks the texts after one edit each. The value of each is read as JSON.
#[track_caller]
fn check(rows: &[(&str, &str, Value, &str)]) {
    for (before, at, value, after) in rows {
        let value = Some(value.clone()).filter(|value| *value != json!("REMOVED"));
        let found = edited(before, 0, at, value);
        assert_eq!(found.as_deref(), Ok(*after), "{before}");
    }
}

fn removed() -> Value {
    json!("REMOVED")
}

#[test]
fn a_scalar_keeps_its_style_and_its_surroundings() {
    check(&[
        ("max: 5 # calls\n", "max", json!(9), "max: 9 # calls\n"),
        ("name:   a  \n", "name", json!("b c"), "name:   b c  \n"),
        ("name: a\n", "name", json!("yes"), "name: 'yes'\n"),
        ("name: a\n", "name", json!("a: b #c"), "name: 'a: b #c'\n"),
        ("name: 'a'\n", "name", json!("it's"), "name: 'it''s'\n"),
        (
            "name: \"a\"\n",
            "name",
            json!("b\t\"c\""),
            "name: \"b\\t\\\"c\\\"\"\n",
        ),
        (
            "name: \"a\\nb\"\n",
            "name",
            json!("b\nc"),
            "name: \"b\\nc\"\n",
        ),
        ("\"max\" : 5\n", "max", json!(6), "\"max\" : 6\n"),
        (
            "{name: a, max: 5}\n",
            "name",
            json!("b, c"),
            "{name: 'b, c', max: 5}\n",
        ),
        ("name: a", "name", json!("b"), "name: b"),
        (
            "name: a\r\nmax: 5\r\n",
            "name",
            json!("b"),
            "name: b\r\nmax: 5\r\n",
        ),
        ("? name\n: a\n", "name", json!("b"), "? name\n: b\n"),
        (
            "name: a\n  b\n  c # d\n",
            "name",
            json!("e"),
            "name: e # d\n",
        ),
        ("name: &x a\n", "name", json!("b"), "name: &x b\n"),
        ("name:\nmax: 1\n", "name", json!("b"), "name: b\nmax: 1\n"),
        (
            "name: # c\nmax: 1\n",
            "name",
            json!("b"),
            "name: b # c\nmax: 1\n",
        ),
        ("max: 0x1f\n", "max", json!(1.5), "max: 1.5\n"),
        ("name: a\n", "name", json!(true), "name: true\n"),
        (
            "name: a # c\n",
            "name",
            json!("x\ny\n"),
            "name: | # c\n  x\n  y\n",
        ),
    ]);
}

#[test]
fn a_text_that_becomes_long_is_a_literal_block() {
    check(&[
        (
            "name: a\nmax: 1\n",
            "name",
            json!("x\ny\n"),
            "name: |\n  x\n  y\nmax: 1\n",
        ),
        (
            "name: 'a'\n",
            "name",
            json!("x\n\ny"),
            "name: |-\n  x\n\n  y\n",
        ),
        (
            "map:\n  a: \"b\"\n",
            "map.a",
            json!("x\ny\n\n"),
            "map:\n  a: |+\n    x\n    y\n\n",
        ),
        (
            "list: [a]\n",
            "list.0",
            json!("x\ny"),
            "list: [\"x\\ny\"]\n",
        ),
        (
            "list:\n- a\n- b\n",
            "list.0",
            json!("x\ny"),
            "list:\n- |-\n  x\n  y\n- b\n",
        ),
        (
            "name: a\n",
            "name",
            json!("x\r\ny\u{1}"),
            "name: \"x\\r\\ny\\u0001\"\n",
        ),
        (
            "name: a\n",
            "name",
            json!(" x\ny\n"),
            "name: |2\n   x\n  y\n",
        ),
    ]);
}

#[test]
fn a_literal_block_stays_a_literal_block() {
    check(&[
        (
            "name: | # why\n    a\n    b\n\n# c\nmax: 1\n",
            "name",
            json!("a\nx\n"),
            "name: | # why\n    a\n    x\n\n# c\nmax: 1\n",
        ),
        (
            "name: |-\n  a\nmax: 1\n",
            "name",
            json!("b"),
            "name: |-\n  b\nmax: 1\n",
        ),
        (
            "name: |\n  a\nmax: 1\n",
            "name",
            json!("b"),
            "name: |-\n  b\nmax: 1\n",
        ),
        (
            "name: |+\n  a\n\n\nmax: 1\n",
            "name",
            json!("b\nc\n\n\n"),
            "name: |+\n  b\n  c\n\n\nmax: 1\n",
        ),
        (
            "name: |2\n   a\nmax: 1\n",
            "name",
            json!("  b\nc\n"),
            "name: |2\n    b\n  c\nmax: 1\n",
        ),
        (
            "name: |\r\n  a\r\n  b\r\nmax: 1\r\n",
            "name",
            json!("a\nc\n"),
            "name: |\r\n  a\r\n  c\r\nmax: 1\r\n",
        ),
        ("name: |\n  a", "name", json!("b"), "name: |-\n  b"),
        (
            "name: |\n  a\n   \n  b\n",
            "name",
            json!("a\n \nc\n"),
            "name: |\n  a\n   \n  c\n",
        ),
        (
            "list:\n- |\n  a\n- b\n",
            "list.0",
            json!("c\n"),
            "list:\n- |\n  c\n- b\n",
        ),
        (
            "list:\n  - name: |\n      a\n    max: 1\n",
            "list.0.name",
            json!("c\n"),
            "list:\n  - name: |\n      c\n    max: 1\n",
        ),
        (
            "name: |\n  a\n",
            "name",
            json!("a\u{1}\n"),
            "name: \"a\\u0001\\n\"\n",
        ),
        ("name: |\n  a\n", "name", json!(""), "name: ''\n"),
        (
            "name: |\n\nmax: 1\n",
            "name",
            json!("a\n"),
            "name: |\n  a\n\nmax: 1\n",
        ),
    ]);
}

#[test]
fn a_folded_block_keeps_the_lines_of_unchanged_paragraphs() {
    check(&[
        (
            "name: >\n  one\n  two\n\n  three\n  four\n",
            "name",
            json!("one two\nfive six\n"),
            "name: >\n  one\n  two\n\n  five six\n",
        ),
        (
            "name: >-\n  one\n  two\n    - a\n    - b\n\n  three\n",
            "name",
            json!("one two\n  - a\n  - c\n\nthree"),
            "name: >-\n  one\n  two\n    - a\n    - c\n\n  three\n",
        ),
        (
            "name: >\n  one\n",
            "name",
            json!("word ".repeat(20).trim_end().to_owned() + "\n"),
            "name: >\n  word word word word word word word word word word word word word word word\n  word word word word word\n",
        ),
        (
            "name: >\n  one\n\n\n  two\n",
            "name",
            json!("one\n\nthree\n"),
            "name: >\n  one\n\n\n  three\n",
        ),
        (
            "name: >\n  one\n",
            "name",
            json!("a  b\n\n\n c\n"),
            "name: >\n  a  b\n\n\n   c\n",
        ),
    ]);
}

#[test]
fn fields_are_added_in_the_order_of_the_table() {
    check(&[
        (
            "# top\nname: a # b\n\n# m\nmap: {}\n",
            "max",
            json!(1),
            "# top\nname: a # b\nmax: 1\n\n# m\nmap: {}\n",
        ),
        (
            "# top\nmax: 1\n",
            "name",
            json!("a"),
            "# top\nname: a\nmax: 1\n",
        ),
        (
            "key: k\nmax: 1\n",
            "name",
            json!("a"),
            "key: k\nname: a\nmax: 1\n",
        ),
        ("name: a", "max", json!(1), "name: a\nmax: 1"),
        (
            "name: |\n  a\n\n\nlist: []\n",
            "max",
            json!(1),
            "name: |\n  a\nmax: 1\n\n\nlist: []\n",
        ),
        (
            "name: |+\n  a\n\nlist: []\n",
            "max",
            json!(1),
            "name: |+\n  a\n\nmax: 1\nlist: []\n",
        ),
        (
            "name: a\r\nlist: []\r\n",
            "max",
            json!(1),
            "name: a\r\nmax: 1\r\nlist: []\r\n",
        ),
        (
            "{name: a, list: []}\n",
            "max",
            json!(1),
            "{name: a, max: 1, list: []}\n",
        ),
        (
            "{\"name\": \"a\"}\n",
            "max",
            json!(1),
            "{\"name\": \"a\", \"max\": 1}\n",
        ),
        (
            "name: a\n",
            "map.inner",
            json!(1),
            "name: a\nmap:\n  inner: 1\n",
        ),
        (
            "map:\n    x: 1\nlist: []\n",
            "map.w",
            json!("z"),
            "map:\n    x: 1\n    w: z\nlist: []\n",
        ),
        ("map:\n", "map.w", json!(1), "map:\n  w: 1\n"),
        ("map: {} # c\n", "map.w", json!(1), "map: {w: 1} # c\n"),
        (
            "name: a\n",
            "list",
            json!(["x", {"b": 1, "c": "p\nq"}]),
            "name: a\nlist:\n  - x\n  - b: 1\n    c: |-\n      p\n      q\n",
        ),
        (
            "humans:\n- 1\n",
            "list",
            json!(["x"]),
            "list:\n- x\nhumans:\n- 1\n",
        ),
    ]);
}

#[test]
fn fields_are_removed_with_their_lines() {
    check(&[
        (
            "name: a\nmax: 1 # c\n# d\nlist: []\n",
            "max",
            removed(),
            "name: a\n# d\nlist: []\n",
        ),
        ("name: |\n  a\n\nmax: 1\n", "name", removed(), "\nmax: 1\n"),
        ("max: 1\nname: a", "name", removed(), "max: 1"),
        (
            "map:\n  a: 1\n  b:\n    - c\nmax: 1\n",
            "map.b",
            removed(),
            "map:\n  a: 1\nmax: 1\n",
        ),
        (
            "map:\n  a: 1\nmax: 1\n",
            "map.a",
            removed(),
            "map: {}\nmax: 1\n",
        ),
        ("map: {a: 1, b: 2}\n", "map.a", removed(), "map: {b: 2}\n"),
        ("map: {a: 1, b: 2}\n", "map.b", removed(), "map: {a: 1}\n"),
        (
            "list:\n  - a: 1\n    b: 2\n",
            "list.0.a",
            removed(),
            "list:\n  - b: 2\n",
        ),
        (
            "list:\n  - a: 1\n    # c\n    b: 2\n",
            "list.0.a",
            removed(),
            "list:\n  -\n    # c\n    b: 2\n",
        ),
        ("name: a\n", "max", removed(), "name: a\n"),
    ]);
}

#[test]
fn lists_change_item_by_item() {
    check(&[
        (
            "list: # all\n  - a # first\n  - b\n  - c\nmax: 1\n",
            "list",
            json!(["a", "c", "d"]),
            "list: # all\n  - a # first\n  - c\n  - d\nmax: 1\n",
        ),
        (
            "list:\n- b\n",
            "list",
            json!(["a", "b"]),
            "list:\n- a\n- b\n",
        ),
        (
            "list: [a, b , c]\n",
            "list",
            json!(["b", "c", "d"]),
            "list: [b , c, d]\n",
        ),
        (
            "list: [\n  a,\n  b\n]\n",
            "list",
            json!(["a"]),
            "list: [\n  a\n]\n",
        ),
        (
            "list:\n  - a\nmax: 1\n",
            "list",
            json!([]),
            "list: []\nmax: 1\n",
        ),
        ("list: []\n", "list", json!(["a"]), "list: [a]\n"),
        (
            "list:\n  - x: 1\n    y: p # c\n  - x: 2\n",
            "list",
            json!([{"x": 1, "y": "q"}, {"x": 2}, {"x": 3}]),
            "list:\n  - x: 1\n    y: q # c\n  - x: 2\n  - x: 3\n",
        ),
        (
            "list:\n- - a\n  - b\n",
            "list.0",
            json!(["a", "c"]),
            "list:\n- - a\n  - c\n",
        ),
        (
            "list: null # c\n",
            "list",
            json!(["a"]),
            "list: # c\n  - a\n",
        ),
    ]);
}

#[test]
fn each_document_is_edited_by_itself() {
    let text = "# one\nname: a\n---\n# two\nname: b\n...\n---\nname: c\n";
    let after = edited(text, 1, "name", Some(json!("x")));
    assert_eq!(
        after.as_deref(),
        Ok("# one\nname: a\n---\n# two\nname: x\n...\n---\nname: c\n")
    );
    let after = edited(text, 2, "max", Some(json!(1)));
    assert_eq!(
        after.as_deref(),
        Ok("# one\nname: a\n---\n# two\nname: b\n...\n---\nname: c\nmax: 1\n")
    );
}

#[test]
fn repeated_values_are_refused() {
    for (text, at, reason) in [
        ("name: &x a\nmax: *x\n", "name", Reason::Anchor("x".into())),
        ("name: &x a\nmax: *x\n", "max", Reason::Alias),
        (
            "map: &m {a: 1}\nextra: *m\n",
            "map.a",
            Reason::Anchor("m".into()),
        ),
        ("map: &m {a: 1}\nextra: *m\n", "extra.a", Reason::Alias),
        (
            "map: &m {a: 1}\nextra:\n  <<: *m\n  b: 2\n",
            "extra.a",
            Reason::Merge,
        ),
        ("name: !!str 5\n", "name", Reason::Tag),
        ("map: [a]\n", "map.b", Reason::Layout),
        ("list: [\n  a, # c\n  b\n]\n", "list", Reason::Layout),
    ] {
        let value = if at == "list" {
            json!(["b"])
        } else {
            json!("new")
        };
        let found = edited(text, 0, at, Some(value));
        assert_eq!(found, Err(reason), "{text}");
    }
    let text = "map: &m {a: 1}\nextra:\n  <<: *m\n  b: 2\n";
    let after = edited(text, 0, "extra.b", Some(json!(3)));
    assert_eq!(
        after.as_deref(),
        Ok("map: &m {a: 1}\nextra:\n  <<: *m\n  b: 3\n")
    );
}

/// Returns the lines of a text without the lines of other texts.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with('#')).collect()
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(
            &[
                "a", "word ", "\n", "\n\n", "  ", " ", "#", " # ", ": ", "- ", "'", "\"", "\\",
                "|", ">", "é", "\t", "{", "]", ", ", "0", "yes", "${", "&x", "*", "!", "%",
                "---\n", "\u{2028}",
            ][..],
        ),
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

fn any_style() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "a",
            "'a'",
            "\"a b\"",
            "|\n    a\n    b",
            "|-\n    a",
            ">\n    a\n    b\n\n    c",
            ">-\n    a",
            "|+\n    a\n",
            "",
        ][..],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back_and_nothing_else_changes(
        style in any_style(),
        text in any_text(),
        is_windows in any::<bool>(),
    ) {
        let mut before = format!("# one\nname: n\nmap:\n  # two\n  a: {style}\n  b: 2\n# three\nmax: 1\n");
        if is_windows {
            before = before.replace('\n', "\r\n");
        }
        let after = edited(&before, 0, "map.a", Some(json!(text)));
        prop_assert!(after.is_ok(), "{before:?} {text:?}");
        let after = after.unwrap_or_default();
        prop_assert_eq!(comments(&before), comments(&after));
        prop_assert!(after.starts_with(&before[..before.find("a: ").unwrap_or_default()]));
        prop_assert!(after.ends_with(&before[before.find("  b: 2").unwrap_or_default()..]), "{after:?}");
        prop_assert_eq!(after.contains("\r\n"), is_windows);
    }
}
