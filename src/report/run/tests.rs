//! Tests of the reports with runs of every kind.

use super::{human, json, junit, markdown};
use crate::error::Exit;
use crate::report::Palette;
use crate::report::markdown::COMMENT_LIMIT;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::run::{Gate, Judged, Outcome, RunId, RunStatus, Snapshot, Tests};

fn gate() -> Gate {
    Gate {
        min_score: "80".parse().unwrap(),
    }
}

fn judged(key: &str, outcome: Outcome) -> Judged {
    Judged {
        key: ResourceKey::from(key),
        simulation_id: RemoteId::simulation(7),
        verdict: gate().judge(&outcome),
        outcome,
    }
}

fn ended(key: &str, status: &str, passed: u32, total: u32) -> Judged {
    let tests = Tests {
        total,
        passed,
        completed: total,
    };
    let status = RunStatus::read(status);
    let outcome = Outcome::Ended {
        run: RunId("r-1".to_owned()),
        last: Snapshot { status, tests },
    };
    judged(key, outcome)
}

fn every_kind() -> Vec<Judged> {
    vec![
        ended("clinic/booking", "COMPLETED", 9, 10),
        ended("clinic/hours", "COMPLETED", 79, 100),
        ended("empty", "COMPLETED", 0, 0),
        ended("poor", "INSUFFICIENT_FUNDS", 0, 12),
        judged(
            "refused",
            Outcome::NotQueued {
                reason: "the API refused the request (400): <no | humans>".to_owned(),
            },
        ),
        judged(
            "unknown",
            Outcome::Undecided {
                reason: "the connection broke; there is more than one new run".to_owned(),
                candidates: vec![RunId("r-8".to_owned()), RunId("r-9".to_owned())],
            },
        ),
    ]
}

#[test]
fn the_table_is_aligned() {
    let text = human(&every_kind(), gate(), Palette::new(false));
    insta::assert_snapshot!(text, @r"
    KEY             STATUS              PASSED  SCORE  RESULT
    clinic/booking  COMPLETED             9/10   90.0  passed
    clinic/hours    COMPLETED           79/100   79.0  below 80
    empty           COMPLETED              0/0      -  the run has no tests
    poor            INSUFFICIENT_FUNDS    0/12    0.0  ended as INSUFFICIENT_FUNDS
    refused         -                        -      -  not queued: the API refused the request (400): <no | humans>
    unknown         -                        -      -  unknown whether the run was queued: the connection broke; there is more than one new run

    1 of 6 runs passed with a score of at least 80.
    ");
}

#[test]
fn the_json_has_every_run() {
    let text = json(&every_kind(), gate(), Exit::Incomplete);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["passed"], false);
    assert_eq!(json["exit_code"], 3);
    assert_eq!(json["min_score"], 80.0);
    assert_eq!(json["summary"]["failed"], 5);
    let words: Vec<_> = json["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["result"].as_str().unwrap())
        .collect();
    assert_eq!(
        words,
        [
            "passed",
            "below_min_score",
            "no_tests",
            "bad_end",
            "not_queued",
            "undecided"
        ]
    );
    assert_eq!(json["runs"][0]["score"], 90.0);
    assert_eq!(json["runs"][2]["score"], serde_json::Value::Null);
    assert_eq!(json["runs"][5]["candidates"][1], "r-9");
}

#[test]
fn junit_distinguishes_failures_from_errors() {
    let text = junit(&every_kind());
    assert!(
        text.contains("tests=\"6\" failures=\"1\" errors=\"4\""),
        "{text}"
    );
    assert!(text.contains("<failure type=\"below_min_score\" message=\"below 80\">"));
    assert!(text.contains(
        "message=\"not queued: the API refused the request (400): &lt;no | humans&gt;\""
    ));
}

#[test]
fn markdown_shows_failures_first_and_keeps_its_table() {
    let text = markdown(&every_kind(), gate(), COMMENT_LIMIT);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "### ❌ 1 of 6 runs passed with a score of at least 80"
    );
    assert_eq!(
        lines[4],
        "| <code>clinic/hours</code> | COMPLETED | 79/100 | 79.0 | below 80 |"
    );
    assert_eq!(
        lines[7],
        "| <code>refused</code> | - | - | - | not queued: the API refused the request (400): &#60;no \
         &#124; humans&#62; |"
    );
    assert!(lines[9].contains("clinic/booking"), "{text}");
}

#[test]
fn the_size_of_markdown_is_limited() {
    let many: Vec<_> = (0..10_000)
        .map(|n| ended(&format!("clinic/simulation-{n:05}"), "COMPLETED", 9, 10))
        .collect();
    let text = markdown(&many, gate(), COMMENT_LIMIT);
    assert!(text.chars().count() < 65_000);
    let shown = text.matches("clinic/").count();
    assert!(
        text.ends_with(&format!("and {} more\n", 10_000 - shown)),
        "{shown}"
    );
}
