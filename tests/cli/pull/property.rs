//! A property of many edits: after a pull there is no drift, and only the lines of drifted
//! values differ.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Scene;

const FILE: &str = "simulations/a.yaml";

/// The forms of each field, and the path by which its lines are known.
const FORMS: [(&str, &[&str]); 5] = [
    (
        "description",
        &[
            "",
            "description: old # d\n",
            "description: |\n  old\n\n  text\n",
            "description: >-\n  old\n  text\n",
            "description: \"old\\ntext\"\n",
        ],
    ),
    (
        "max_concurrent",
        &["", "max_concurrent: 5 # m\n", "\"max_concurrent\":  5\n"],
    ),
    (
        "tags",
        &[
            "",
            "tags: [x, y] # t\n",
            "tags:\n- x # x\n- y\n",
            "tags:\n    - x\n",
        ],
    ),
    ("ringing_timeout", &["", "ringing_timeout: 30 # r\n"]),
    ("name", &["name: a # n\n", "name: 'a'\n"]),
];

fn any_value(field: &'static str) -> BoxedStrategy<Value> {
    match field {
        "description" => prop::sample::select(
            &[
                "",
                "new",
                "new: #1",
                "new\ntext",
                "old\ntext",
                "  indented\n\nand ${more}",
                "- a\n- b\n\n\n",
                "tab\there",
            ][..],
        )
        .prop_map(Value::from)
        .boxed(),
        "max_concurrent" => (1_u64..500).prop_map(Value::from).boxed(),
        "tags" => prop::sample::subsequence(vec!["x", "y", "z", "a: b", "yes", "1"], 0..=4)
            .prop_map(|tags| json!(tags))
            .boxed(),
        "name" => prop::sample::select(&["b", "no", "a, b", "it's"][..])
            .prop_map(Value::from)
            .boxed(),
        _ => (1_u64..600).prop_map(Value::from).boxed(),
    }
}

fn any_scene() -> impl Strategy<Value = (Vec<String>, Map<String, Value>, bool)> {
    let forms = FORMS.map(|(_, forms)| prop::sample::select(forms).prop_map(str::to_owned));
    let edits = FORMS.map(|(field, _)| {
        prop::option::of(any_value(field)).prop_map(move |value| (field.to_owned(), value))
    });
    (forms.to_vec(), edits.to_vec(), any::<bool>()).prop_map(|(forms, edits, is_windows)| {
        let edits = edits.into_iter();
        let edits = edits.filter_map(|(field, value)| Some((field, value?)));
        (forms, edits.collect(), is_windows)
    })
}

/// Returns the lines of a file by the field of each.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut field = String::new();
    text.lines()
        .map(|line| {
            if line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '"' || c == '#') {
                let name = line.split(':').next().unwrap_or_default();
                name.trim_matches('"').clone_into(&mut field);
            }
            (field.clone(), line.to_owned())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_pull_ends_the_drift_and_changes_only_its_lines((forms, edits, is_windows) in any_scene()) {
        let mut before = format!("# head\nagent_id: \"42\"\n{}# tail\n", forms.concat());
        if is_windows {
            before = before.replace('\n', "\r\n");
        }
        let scene = Scene::of(&before);
        scene.edit("a", edits.clone().into());
        let run = scene.run(&["pull"]);
        prop_assert_eq!(run.code, Some(0), "{}\n{}", before, run);
        let after = scene.env.read(FILE);
        scene.check_in_sync();
        let unchanged = |text: &str| -> Vec<_> {
            let lines = fields(text).into_iter();
            lines.filter(|(field, _)| !edits.contains_key(field)).collect()
        };
        prop_assert_eq!(unchanged(&before), unchanged(&after));
        prop_assert_eq!(before.contains("\r\n"), after.contains("\r\n"));
    }
}
