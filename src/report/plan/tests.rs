//! Tests of the plan for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{human, refusals, write_human};
use crate::plan::{Action, Change, FieldChange, OldInstance, Plan, Refusal};
use crate::report::destination::staging;
use crate::report::{Destination, Layout, Palette};
use crate::resource::FieldValue;
use crate::resource::body::Body;
use crate::resource::desired::Source;
use crate::resource::key::{RemoteId, ResourceKey};

/// Counts the writes, and keeps the length of the longest.
#[derive(Default)]
struct Pieces {
    count: usize,
    longest: usize,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.count += 1;
        self.longest = self.longest.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_plan_is_written_change_by_change() {
    let change = |number: usize| {
        let key = ResourceKey::new(format!("team/{number}"));
        Change::new(key, Action::Delete)
    };
    let plan = Plan {
        changes: (0..1_000).map(change).collect(),
        ..Plan::default()
    };
    let mut pieces = Pieces::default();
    let layout = Layout::unlimited();
    write_human(&mut pieces, &plan, &Destination::default(), layout).unwrap();
    assert!(pieces.count > 1_000, "{}", pieces.count);
    assert!(pieces.longest < 200, "{}", pieces.longest);
}

fn body(fields: Value) -> Body {
    serde_json::from_value(fields).unwrap()
}

fn field(path: &str, before: Value, after: Value) -> FieldChange {
    FieldChange {
        path: path.to_owned(),
        before: Some(before).into(),
        after: Some(after).into(),
        observed: None,
    }
}

fn seconds(number: u64, unit: &str) -> FieldValue {
    FieldValue::Duration {
        number: number.into(),
        unit: unit.to_owned(),
    }
}

fn change(key: &str, action: Action, fields: Vec<FieldChange>) -> Change {
    let is_new = action == Action::Create;
    let file = format!("simulations/clinic/reception/{key}.yaml");
    Change {
        id: (!is_new).then(|| RemoteId::simulation(1284)),
        fields,
        source: Some(Source {
            file: file.into(),
            document: 0,
            line: 3,
        }),
        ..Change::new(ResourceKey::new(format!("clinic/reception/{key}")), action)
    }
}

fn update(fields: Vec<FieldChange>) -> Change {
    let patch = Body::default();
    change("opening-hours", Action::Update { patch }, fields)
}

const DESCRIPTION: &str = "A caller who is in a hurry asks for the opening hours of the clinic \
                           on a public holiday, and wants to hear them twice.";

/// Returns a plan with every kind of change and every kind of value.
fn every_change() -> Plan {
    let mut created = change("front-desk", Action::Create, Vec::new());
    created.after = Some(body(json!({
        "agent_id": "42",
        "description": format!("{DESCRIPTION}\nThen the caller hangs up.\n"),
        "digital_humans_settings": {"default_language": "en", "num_runs": 3},
        "max_call_duration": 8,
        "name": "Front desk regression",
        "selected_custom_metrics": ["politeness", "tone of voice", "speed", "accuracy"],
    })));
    created.named_humans = json!(["angry-caller", 101]);
    created.keys_by_id = BTreeMap::from([("speed".to_owned(), "quick-enough".to_owned())]);
    let updated = update(vec![
        field(
            "description",
            json!(DESCRIPTION),
            json!(DESCRIPTION.replace("twice", "again")),
        ),
        field("max_concurrent", json!(25), json!(10)),
        field(
            "name",
            json!("Opening hours on public holidays, asked twice"),
            json!("Opening hours on public holidays, asked again"),
        ),
        field(
            "selected_custom_metrics",
            json!(["a", "b", "c", "politeness"]),
            json!(["a", "b", "c", "tone"]),
        ),
        field(
            "steps",
            json!(["first", "second"]),
            json!(["second", "first"]),
        ),
        field("test_name", json!("Two  blanks"), json!("Two blanks ")),
    ]);
    let mut drifted = update(vec![FieldChange {
        path: "max_call_duration".to_owned(),
        before: seconds(8, "minutes"),
        after: seconds(8, "minutes"),
        observed: Some(seconds(600, "seconds")),
    }]);
    drifted.key = ResourceKey::new("clinic/reception/drifted");
    let because = vec!["agent_id".to_owned(), "always_on".to_owned()];
    let old_instance = OldInstance::Delete;
    let replace = Action::Replace {
        because,
        old_instance,
    };
    let mut replaced = change("voicemail", replace, Vec::new());
    replaced.fields = vec![field("agent_id", json!("42"), json!("43"))];
    let mut deleted = change("adopted", Action::Delete, Vec::new());
    deleted.is_adopted = true;
    let mut moved = change("waiting-list", Action::Move, Vec::new());
    moved.moved_from = Some(ResourceKey::new("clinic/waiting-list-of-patients"));
    let mut orphan = change("orphan", Action::Orphan, Vec::new());
    orphan.before = Some(Body::default());
    let adopted = change("found", Action::Adopt, Vec::new());
    Plan {
        changes: vec![
            created, updated, drifted, replaced, deleted, moved, orphan, adopted,
        ],
        unchanged: 3,
        ..Plan::default()
    }
}

fn shown(layout: Layout) -> String {
    human(&every_change(), &staging(), layout)
}

#[test]
fn a_plan_at_80_columns() {
    let text = shown(Layout::of_width(80));
    let too_long: Vec<_> = text
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_plan_at_140_columns() {
    insta::assert_snapshot!(shown(Layout::of_width(140)));
}

#[test]
fn a_full_plan_at_80_columns() {
    let layout = Layout::of_width(80);
    insta::assert_snapshot!(shown(Layout {
        is_full: true,
        ..layout
    }));
}

#[test]
fn a_plan_in_a_pipe_has_one_line_for_each_value() {
    insta::assert_snapshot!(shown(Layout::unlimited()));
}

#[test]
fn a_narrow_terminal_breaks_no_word() {
    for width in [1, 20, 40, 60] {
        let text = shown(Layout::of_width(width));
        for word in [
            "selected_custom_metrics",
            "simulations/clinic",
            "politeness",
        ] {
            assert!(text.contains(word), "{word} at {width}: {text}");
        }
    }
}

#[test]
fn references_outside_the_targets_are_refused_once_for_each_key() {
    let refusal = |key: &str, missing: &str| Refusal::ReferenceNeedsTarget {
        key: key.into(),
        missing: missing.into(),
    };
    let plan = Plan {
        refusals: vec![
            refusal("desk", "custom_metric:polite"),
            refusal("desk", "digital_human:marta"),
            refusal("night", "digital_human:marta"),
        ],
        ..Plan::default()
    };
    insta::assert_snapshot!(refusals(&plan, "error", Palette::new(false)), @r"
    error: `desk` refers to resources that do not exist yet and are not among the targets: `custom_metric:polite`, `digital_human:marta`
    help: target all: `bluejayctl apply --target desk --target custom_metric:polite --target digital_human:marta`
    error: `night` refers to `digital_human:marta`, which does not exist yet and is not among the targets
    help: target both: `bluejayctl apply --target night --target digital_human:marta`
    ");
}
