//! Tests of edits, byte by byte.

mod collections;
mod scalars;

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
fn other_lines_keep_their_line_ends() {
    check(&[
        (
            "name: |\r\n  a\n  b\r\n  c\nmax: 1\r\n",
            "name",
            json!("a\nx\nc\nd\n"),
            "name: |\r\n  a\n  x\r\n  c\n  d\nmax: 1\r\n",
        ),
        (
            "name: a\r\nmax: 1\nlist:\n- a\n- b\r\n",
            "list",
            json!(["a", "c", "b", "d"]),
            "name: a\r\nmax: 1\nlist:\n- a\n- c\n- b\r\n- d\r\n",
        ),
        (
            "agent_id: 1\r\nname: a\nextra: 1\r\n",
            "max",
            json!(1),
            "agent_id: 1\r\nname: a\nmax: 1\nextra: 1\r\n",
        ),
    ]);
}

#[test]
fn an_item_below_its_dash_is_removed_with_its_comments() {
    check(&[
        (
            "list:\n- # a\n  # b\n  x: 1\n- x: 2\n",
            "list",
            json!([{"x": 2}]),
            "list:\n- x: 2\n",
        ),
        (
            "list:\n- &a 1 # a\n- 2\n",
            "list",
            json!([2]),
            "list:\n- 2\n",
        ),
        (
            "list:\n-   # a\n    x: 1\n",
            "list.0.x",
            json!("a\nb\n"),
            "list:\n-   # a\n    x: |\n      a\n      b\n",
        ),
    ]);
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

#[test]
fn a_refusal_is_placed_in_the_text_before_all_edits() {
    let text = "name: a\nlist: [\n  b, # c\n  d\n]\n";
    let long = Edit {
        document: 0,
        path: path("name"),
        value: Some(json!("long ".repeat(100))),
    };
    let refused = Edit {
        document: 0,
        path: path("list"),
        value: Some(json!(["d"])),
    };
    let found = edit(text, &[long, refused], &order).unwrap_err();
    assert_eq!(found.reason, Reason::Layout);
    assert!(text[found.at..].starts_with('['), "{}", found.at);
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
