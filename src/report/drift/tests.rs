use std::collections::BTreeMap;

use serde_json::json;

use super::{Shown, human, json, markdown};
use crate::api::Sent;
use crate::apply::Untracked;
use crate::plan::{Coverage, DriftReport, DriftedSimulation, FieldDrift};
use crate::report::Destination;
use crate::report::layout::Layout;
use crate::report::markdown::COMMENT_LIMIT;
use crate::resource::desired::Source;
use crate::resource::key::{RemoteId, ResourceKey};

fn field(path: &str, there: &str) -> FieldDrift {
    FieldDrift {
        path: path.to_owned(),
        written: Some(json!("as written")).into(),
        applied: Some(json!("as written")).into(),
        observed: Some(json!(there)).into(),
    }
}

fn drifted(key: &str, fields: Vec<FieldDrift>) -> DriftedSimulation {
    DriftedSimulation {
        key: ResourceKey::new(key.to_owned()),
        id: RemoteId::simulation(7),
        source: None,
        is_gone: fields.is_empty(),
        fields,
    }
}

fn shown_as_markdown(drifted: Vec<DriftedSimulation>) -> String {
    let report = DriftReport {
        drifted,
        in_sync: 3,
        not_visible: BTreeMap::from([("hangup_on_transfer".to_owned(), 2)]),
    };
    with_shown(&report, |shown| markdown(shown, COMMENT_LIMIT))
}

fn with_shown(report: &DriftReport, text: impl Fn(&Shown<'_>) -> String) -> String {
    let failed = BTreeMap::new();
    let destination = Destination::default();
    let shown = Shown {
        destination: &destination,
        coverage: Coverage::default(),
        plural: "simulations",
        is_quick: false,
        sent: Sent::default(),
        is_nothing_visible: false,
        report,
        untracked: &[],
        failed: &failed,
    };
    text(&shown)
}

#[test]
fn a_long_list_of_untracked_simulations_is_cut_for_people_alone() {
    let untracked = |id| Untracked {
        id: RemoteId::simulation(id),
        name: "Test".to_owned(),
        agent_id: "42".to_owned(),
        looks_like: ResourceKey::new("desk"),
    };
    let check = |count, lines, rest: Option<&str>| {
        let untracked: Vec<_> = (1..=count).map(untracked).collect();
        let destination = Destination::default();
        let shown = Shown {
            destination: &destination,
            coverage: Coverage::default(),
            plural: "simulations",
            is_quick: false,
            sent: Sent::default(),
            is_nothing_visible: false,
            report: &DriftReport::default(),
            untracked: &untracked,
            failed: &BTreeMap::new(),
        };
        let text = human(&shown, Layout::unlimited());
        assert_eq!(text.matches("is untracked").count(), lines, "{text}");
        assert!(
            text.contains(&format!("Drift: {count} untracked;")),
            "{text}"
        );
        assert_eq!(text.lines().find(|line| line.starts_with("  and")), rest);
        let json = json(&shown);
        assert_eq!(json.matches("\"looks_like\"").count() as u64, count);
    };
    check(20, 20, None);
    let rest = "  and 5 more untracked simulations; all of them: \
                `bluejayctl drift --format json`";
    check(25, 20, Some(rest));
}

#[test]
fn pull_is_suggested_for_what_a_file_declares() {
    let ways_out = |source: Option<Source>, fields: Vec<FieldDrift>| {
        let report = DriftReport {
            drifted: vec![DriftedSimulation {
                source,
                ..drifted("a", fields)
            }],
            ..DriftReport::default()
        };
        with_shown(&report, |shown| human(shown, Layout::unlimited()))
    };
    let source = || Source {
        file: "a.yaml".into(),
        document: 0,
        line: 1,
    };
    let pull = "help: `bluejayctl pull` writes the observed values into the files\n";
    let text = ways_out(Some(source()), vec![field("name", "x")]);
    assert!(text.ends_with(pull), "{text}");
    for text in [
        ways_out(Some(source()), vec![]),
        ways_out(None, vec![field("name", "x")]),
    ] {
        assert!(text.ends_with("restores the desired state\n"), "{text}");
    }
}

#[test]
fn the_drift_report_in_markdown() {
    let text = shown_as_markdown(vec![
        drifted("clinic/desk", vec![field("name", "by hand")]),
        drifted("clinic/night", vec![]),
    ]);
    insta::assert_snapshot!(text, @r#"
    **Drift: 1 drifted, 1 gone; 3 as applied.**

    API: <code></code> · Lockfile: <code></code>

    | simulation | id | field | declared | applied | observed |
    | --- | --- | --- | --- | --- | --- |
    | <code>clinic/desk</code> | 7 | <code>name</code> | <code>"as written"</code> | <code>"as written"</code> | <code>"by hand"</code> |
    | <code>clinic/night</code> | 7 | | | | gone |

    Fields not visible at the API, so not compared (and of how many simulations): hangup&#95;on&#95;transfer (2).
    "#);
}

#[test]
fn the_drift_report_has_no_mentions_and_no_references() {
    let hostile = "(#7) @octocat https://evil.example www.evil.example |`<b>\n# x";
    let text = shown_as_markdown(vec![drifted("a", vec![field("name", hostile)])]);
    for found in ["#7", "@octocat", "://", "www.", "<b>", "\n# x"] {
        assert!(!text.contains(found), "{found:?} in {text}");
    }
}

#[test]
fn a_long_drift_report_fits_into_an_issue_and_counts_omitted_rows() {
    let long = "a name of some length, ".repeat(20);
    let all = (0..5_000).map(|number| {
        let fields = ["name", "description"].map(|path| field(path, &long));
        drifted(&format!("clinic/{number:04}"), fields.to_vec())
    });
    let text = shown_as_markdown(all.collect());
    assert!(
        text.len() <= COMMENT_LIMIT && text.len() > 50_000,
        "{}",
        text.len()
    );
    let shown = text.matches("<code>clinic/").count();
    let cut = format!("Omitted: {} more rows.", 10_000 - shown);
    assert!(text.contains(&cut), "{shown}");
    assert!(text.contains("<summary>10000 rows</summary>"));
    assert!(text.contains("hangup"));
}
