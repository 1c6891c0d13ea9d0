//! Properties of formatted documents.

use proptest::prelude::*;

use super::*;

/// A document of different fields, with comments and values in many forms.
fn document() -> impl Strategy<Value = String> {
    let names = Just(NAMES.to_vec()).prop_shuffle();
    let values = prop::sample::select(VALUES);
    let above = prop::sample::select(vec![
        "",
        "# c\n",
        "\n",
        "\n# d\n\n",
        "  # deep\n",
        "     # deeper\n # e\n   # f\n",
        "# g\n   # h\n\n  # i\n",
        "#- x\n",
    ]);
    let beside = prop::sample::select(vec!["", "  # beside", " "]);
    let fields = prop::collection::vec((above, values, beside), 0..7);
    (names, fields).prop_map(|(names, fields)| {
        let fields = names.iter().zip(fields);
        let fields = fields.map(|(name, (above, value, beside))| {
            let (first, rest) = value.split_once('\n').unwrap_or((value, ""));
            format!("{above}{name}:{first}{beside}\n{rest}")
        });
        fields.collect()
    })
}

const NAMES: &[&str] = &[
    "name",
    "agent_id",
    "description",
    "tags",
    "max_concurrent",
    "kind",
    "key",
    "extra",
    "digital_humans_settings",
    "unknown_field",
    "\"pinned\"",
    "'max_turns'",
];

const VALUES: &[&str] = &[
    " x",
    "   'y'",
    " \"z # no\"",
    " 5",
    "",
    " [a, b]",
    " {b: 1, a: 2}",
    " |\n  a\n   # b\n",
    " |+\n    a\n\n\n",
    " >-\n  a\n\n  b\n",
    "\n  - a\n  - b\n",
    "\n- a\n# - c\n- b\n",
    "\n    b: 1\n    a:\n        - x\n",
    "\n      # f\n    b: 1\n        # g\n  # h\n",
    "\n        num_runs: 1\n    # i\n      # j\n        default_name: x\n   # k\n",
    "\n-    b: 1\n     # l\n   # m\n-   x\n    # n\n",
    " |-\n    x\n",
    "\n-   # o\n    # p\n    b: 1\n    a: 2\n-   # q\n  x\n",
    "\n  -   b: 1\n      a: 2\n  # c\n  - b: |\n       x\n",
    " \"two\n  lines\"\n",
    " plain\n   text\n",
    " [a,\n  # in\n  b]\n",
    " &x y",
    " *x",
    " !!str 5",
    "\n  num_runs: 1\n  # c\n  default_name: x\n",
    " |2\n     a\n    b\n",
    "\n  <<: {a: 1}\n  b: 2\n",
];

/// Checks that a text that can be formatted keeps its meaning, its comments and its line
/// ends, and that nothing changes the second time.
fn check_properties(text: &str) {
    let file = SourceFile::new("a.yaml", text);
    for role in [FileRole::Documents, FileRole::Project] {
        let Ok(once) = format(&file, role) else {
            continue;
        };
        let after = SourceFile::new("a.yaml", once.as_str());
        let (Ok(before), Ok(same)) = (Meaning::of(&file), Meaning::of(&after)) else {
            panic!("{once:?} is not YAML, of {text:?}");
        };
        assert_eq!(before.values, same.values, "{text:?}");
        assert_eq!(before.comments, same.comments, "{text:?}");
        let returns = text.matches("\r\n").count();
        if returns > 0 && returns == text.matches('\n').count() {
            let (returns, feeds) = (once.matches("\r\n").count(), once.matches('\n').count());
            assert_eq!(returns, feeds, "{text:?}");
        }
        let twice = format(&after, role).ok();
        assert_eq!(twice.as_deref(), Some(once.as_str()), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_keep_their_meaning(
        documents in prop::collection::vec(document(), 1..3),
        has_returns in any::<bool>(),
        is_cut in any::<bool>(),
    ) {
        let text = documents.join("---\n");
        let text = if is_cut { text.trim_end().to_owned() } else { text };
        check_properties(&if has_returns { text.replace('\n', "\r\n") } else { text });
    }

    #[test]
    fn any_text_keeps_its_meaning(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..20),
    ) {
        check_properties(&pieces.concat());
    }
}

const PIECES: &[&str] = &[
    "name",
    "agent_id",
    "a",
    ": ",
    ":",
    "\n",
    "\n  ",
    "\n    ",
    "\n\n",
    "- ",
    "-",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "#",
    " # c",
    "&x ",
    "*x",
    "!!str ",
    "|",
    "|2",
    "|+",
    ">",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "<<: ",
    "? ",
    "~",
    "1",
    "\u{e9}",
    "\t",
    "\r\n",
    ", ",
    " ",
    "  ",
    "x\n",
    "name: x\n",
    "agent_id: '1'\n",
];
