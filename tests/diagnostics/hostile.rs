//! Tests of hostile input: no panic, no hang, and every place is in the file.

use std::time::{Duration, Instant};

use bluejayctl::diagnostic::{Diagnostic, Severity, has_errors};
use bluejayctl::report::{
    diagnostics, diagnostics_json, diagnostics_junit, diagnostics_sarif, github,
};
use proptest::prelude::*;

use crate::check::{check_bytes, check_project_bytes};

const SIMULATION: &str = r#"# A comment: é
key: front-desk
agent_id: "42"
name: &name Front "desk" ü
description: |
  Booking ${var:CITY},
  and more.
max_concurrent: 25
digital_humans_settings: {default_language: en, num_runs: 3}
selected_custom_metrics:
  - 3c90c3cc-0d44-4b50-8888-8dd25736052a
extra: {title: *name, list: [1, 2.5, null]}
---
key: other
agent_id: 43
"#;

const PROJECT: &str = r#"simulations: sims
defaults:
  max_concurrent: 5
  digital_humans_settings: {default_language: "${var:A}"}
vars: {A: en, B: 1.10}
environments:
  staging: {vars: {A: de}, protect: true}
safety: {max_deletes: 30%}
"#;

/// Returns texts with a meaning in YAML or for this program.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        ":",
        ": ",
        "\n",
        "\n  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "#",
        " #",
        "&x ",
        "*x",
        "*name",
        "!t ",
        "|",
        ">",
        "%",
        "@",
        "\t",
        "---\n",
        "...\n",
        "<<: ",
        "? ",
        "${",
        "${var:A}",
        "${digital_human:A}",
        "${file:A}",
        "kind: ",
        "digital_human",
        "$${",
        "}",
        "null",
        "~",
        "true",
        ".inf",
        "1e999",
        "99999999999999999999",
        "-1",
        "0x1f",
        "é",
        "\u{85}",
        "\u{2028}",
        "\r",
        "\r\n",
        "\u{feff}",
        "agent_id: ",
        "key: ",
        "extra:\n",
        "num_runs: 0\n",
    ]);
    prop_oneof![
        known.prop_map(str::to_owned),
        any::<char>().prop_map(String::from)
    ]
}

/// Returns the text with a few removed ranges and inserted pieces.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..6_usize, piece());
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, cut, piece) in edits {
            let at = at.index(characters.len() + 1);
            let end = (at + cut).min(characters.len());
            characters.splice(at..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

/// Checks that every place is in its file, and that every format of the report can be
/// rendered.
fn assert_shown(found: &[Diagnostic]) {
    for diagnostic in found {
        let related = diagnostic.related.iter().map(|related| &related.place);
        for place in std::iter::once(&diagnostic.place).chain(related) {
            let (Some(span), Some(text)) = (place.span, place.file.text.as_deref()) else {
                continue;
            };
            assert!(span.start <= span.end, "{place}");
            assert!(
                text.get(span.start.byte..span.end.byte).is_some(),
                "{place}"
            );
        }
        assert!(!diagnostic.summary.contains('\n'), "{}", diagnostic.summary);
        assert!(diagnostic.summary.len() < 1_000, "{}", diagnostic.summary);
    }
    let shown = [
        diagnostics::human(found, true),
        github::diagnostics(found, ""),
        diagnostics_json::text(found),
        diagnostics_junit::text(&[], found),
        diagnostics_sarif::text(found, ""),
    ];
    assert!(found.is_empty() || shown.iter().all(|text| !text.is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn any_bytes_give_text_or_diagnostics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        assert_shown(&check_bytes(&bytes).1);
        assert_shown(&check_project_bytes(&bytes));
    }

    #[test]
    fn random_pieces_of_yaml_cause_no_panic(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        assert_shown(&check_bytes(text.as_bytes()).1);
        assert_shown(&check_project_bytes(text.as_bytes()));
    }

    #[test]
    fn mutated_simulations_cause_no_panic(text in mutated(SIMULATION)) {
        let (state, found) = check_bytes(text.as_bytes());
        assert_shown(&found);
        prop_assert!(has_errors(&found) || !state.resources.is_empty());
    }

    #[test]
    fn mutated_project_files_cause_no_panic(text in mutated(PROJECT)) {
        assert_shown(&check_project_bytes(text.as_bytes()));
    }
}

/// Texts at which earlier versions failed in the random tests above.
#[test]
fn unusual_texts_cause_no_panic() {
    for text in [
        "&\n",
        "a: \r\n{b: \"${var:A}\"}\nc: {d: e}\n",
        "a:\u{10000} 5\n  b: \r\n{c: d}\n",
    ] {
        assert_shown(&check_bytes(text.as_bytes()).1);
        assert_shown(&check_project_bytes(text.as_bytes()));
    }
}

/// Checks that the text is refused quickly and with a short message.
fn assert_refused_soon(text: &str, code: &str) {
    let begin = Instant::now();
    let found = check_bytes(text.as_bytes()).1;
    assert_shown(&found);
    let shown = diagnostics::human(&found, false);
    assert!(
        found
            .iter()
            .any(|diagnostic| diagnostic.code.as_str() == code),
        "{shown}"
    );
    assert!(
        found.len() <= 101 && shown.len() < 100_000,
        "{} bytes",
        shown.len()
    );
    // The limit is seconds on the slowest machine, not minutes.
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn deeply_nested_brackets_are_refused_soon() {
    for sign in ["[", "{a: ", "- ", "? "] {
        let text = sign.repeat(5_000);
        assert_refused_soon(&text, "too-deep");
    }
    let text = format!("agent_id: {}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_refused_soon(&text, "too-deep");
}

#[test]
fn alias_bombs_are_refused_soon() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &format!("a{level}: &a{level} [{before}]\n");
    }
    assert_refused_soon(&bomb, "alias-bomb");
    let wide = format!(
        "a: &a [{}]\nb: [{}]\n",
        ",1".repeat(100_000).trim_start_matches(','),
        "*a, ".repeat(50_000)
    );
    assert_refused_soon(&wide, "alias-bomb");
    assert_refused_soon("agent_id: &x [*x, *x]\n", "recursive-alias");
    let long = "x".repeat(100_000);
    let aliases = "*a, ".repeat(100_000);
    assert_refused_soon(&format!("a: &a {long}\nb: [{aliases}]\n"), "alias-bomb");
    let doubled = (1..16).map(|at| format!("a{at}: &a{at} [*a{}, *a{}]\n", at - 1, at - 1));
    let doubled = "a0: &a0 [x]\n".to_owned() + &doubled.collect::<String>();
    assert_refused_soon(&doubled, "alias-bomb");
}

#[test]
fn many_fields_are_refused_soon() {
    let million: String = (0..1_000_000).map(|at| format!("k{at}: 1\n")).collect();
    assert_refused_soon(&million, "too-large");
    let some: String = (0..100_000).map(|at| format!("k{at}: 1\n")).collect();
    assert_refused_soon(&some, "too-many-problems");
    let twice = some + "k5: 2\n";
    assert_refused_soon(&twice, "too-many-problems");
    assert_refused_soon(&"name: 1\n".repeat(100_000), "too-many-problems");
    let blank: String = (0..200_000).map(|at| format!("k{at}:\n")).collect();
    assert_refused_soon(&blank, "too-many-problems");
    let tags = "!a b, ".repeat(200_000);
    assert_refused_soon(
        &format!("agent_id: 1\ntags: [{tags}]\n"),
        "too-many-problems",
    );
    let unknown = "- \"${var:X}\"\n".repeat(40_000);
    assert_refused_soon(
        &format!("agent_id: 1\ntags:\n{unknown}"),
        "too-many-problems",
    );
}

#[test]
fn many_duplicate_documents_are_refused_soon() {
    let documents = |fields: &str, count| {
        let document = |at| format!("agent_id: 1\n{}", fields.replace('#', &format!("{at}")));
        (0..count).map(document).collect::<Vec<_>>().join("---\n")
    };
    for (fields, code) in [
        ("key: k\nname: n#\n", "duplicate-key"),
        ("key: k#\nname: n\n", "duplicate-name"),
        ("key: k#\nmoved_from: old\n", "bad-move"),
    ] {
        let begin = Instant::now();
        let found = check_bytes(documents(fields, 2_000).as_bytes()).1;
        assert_eq!(found.len(), 1_999, "each but the first");
        assert!(
            found
                .iter()
                .all(|diagnostic| diagnostic.code.as_str() == code)
        );
        assert!(begin.elapsed() < Duration::from_secs(30));
    }
    assert_refused_soon(&documents("name: n#\n", 100_000), "too-many-problems");
    let (state, found) = check_bytes(documents("key: k#\nname: n#\n", 50_000).as_bytes());
    assert_eq!((state.resources.len(), found.len()), (50_000, 0));
}

/// An error after very many warnings is reported.
#[test]
fn warnings_leave_room_for_errors() {
    let busy = (0..150).map(|at| format!("agent_id: 1\nkey: k{at}\nmax_concurrent: 60\n---\n"));
    let text = busy.collect::<String>() + "agent_id: 1\nkey: last\nmax_concurrent: 0\n";
    let found = check_bytes(text.as_bytes()).1;
    let errors: Vec<_> = found
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    assert_eq!(errors.len(), 1, "{found:?}");
    assert_eq!(errors[0].code.as_str(), "out-of-range");
    assert_eq!(
        found.len(),
        102,
        "a hundred warnings, and that there are more"
    );
}

#[test]
fn long_lines_are_refused_soon() {
    let long = format!("agent_id: [\"{}\"]\n", "x".repeat(1_000_000));
    assert_refused_soon(&long, "wrong-type");
    let long = format!("agent_id: 1\n{}: 1\n", "x".repeat(900));
    assert_refused_soon(&long, "unknown-field");
    let many = format!("agent_id: 1\nname: \"{}\"\n", "${x}".repeat(50_000));
    assert_refused_soon(&many, "bad-reference");
}
