//! Tests of edited maps and lists.

use serde_json::json;

use super::{check, removed};

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
fn comments_above_the_lines_of_an_emptied_list_stay() {
    check(&[
        (
            "list: # why\n  - a # a\n  - b\nmax: 1\n",
            "list",
            json!([]),
            "list: [] # why\nmax: 1\n",
        ),
        (
            "map:\r\n  # why\r\n  a: 1\r\n# c\r\n",
            "map.a",
            removed(),
            "map: {}\r\n  # why\r\n# c\r\n",
        ),
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
fn a_text_that_keeps_its_line_ends_is_quoted_above_a_blank_line() {
    check(&[
        (
            "list:\n- a\n\n- b\n",
            "list",
            json!(["a", "x\ny\n\n", "b"]),
            "list:\n- a\n- \"x\\ny\\n\\n\"\n\n- b\n",
        ),
        (
            "name: a\n\nmax: 1\n",
            "description",
            json!("x\ny\n\n"),
            "name: a\ndescription: \"x\\ny\\n\\n\"\n\nmax: 1\n",
        ),
    ]);
}
