//! Tests of edited texts, numbers and flags.

use serde_json::json;

use super::check;

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
fn characters_that_readers_change_are_escaped() {
    for before in [
        "name: a\n",
        "name: 'a'\n",
        "name: \"a\"\n",
        "name: |-\n  a\n  b\n",
    ] {
        check(&[
            (before, "name", json!("a\u{2028}b"), "name: \"a\\u2028b\"\n"),
            (
                before,
                "name",
                json!("a\n\u{85}b\u{ffff}"),
                "name: \"a\\n\\u0085b\\uffff\"\n",
            ),
            (before, "name", json!("\u{feff}a"), "name: \"\\ufeffa\"\n"),
        ]);
    }
    check(&[
        (
            "max: 1\n",
            "name",
            json!("a\u{2029}b"),
            "name: \"a\\u2029b\"\nmax: 1\n",
        ),
        ("name: a\n", "name", json!("a\u{a0}"), "name: a\u{a0}\n"),
        (
            "max: 1\n",
            "name",
            json!("a\n \n"),
            "name: \"a\\n \\n\"\nmax: 1\n",
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
            "name: |  # why\r\n  a\r\n",
            "name",
            json!(""),
            "name: ''  # why\r\n",
        ),
        (
            "list:\n- >- # why\n  a\n- b\n",
            "list",
            json!(["\u{2028}", "b"]),
            "list:\n- \"\\u2028\" # why\n- b\n",
        ),
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
