//! The paths and answers of runs.

use serde_json::{Map, Value};

use super::conversations::conversations;
use super::routes::encode_segment;
use super::text;
use crate::resource::body::Body;
use crate::resource::key::RemoteId;
use crate::run::{ListedRun, RunId, RunStatus, Snapshot, Tests};

/// `POST`: queue a run of a simulation.
pub const QUEUE: &str = "/v1/queue-simulation-run";

/// `GET`: a run and its results.
#[must_use]
pub fn results(run: &RunId) -> String {
    format!("/v1/retrieve-simulation-results/{}", encode_segment(&run.0))
}

/// `GET`: a run and a part of its results. The API shows at most a hundred at once.
#[must_use]
pub fn results_from(run: &RunId, offset: usize) -> String {
    format!("{}?limit=100&offset={offset}", results(run))
}

/// `GET`: the runs of a simulation.
#[must_use]
pub fn runs_of(id: RemoteId) -> String {
    format!("/v1/get-simulation-runs/{id}")
}

/// Returns the body of a queue request: the id as a text.
#[must_use]
pub fn queue_body(id: RemoteId) -> Body {
    let field = ("simulation_id".to_owned(), Value::from(id.to_string()));
    Body::from_iter([field])
}

/// Returns the run in the answer to a queue request: documented as `simulation_run_id`. The
/// other places are those where the id of a create has been seen.
pub fn parse_queued_run(answer: &Value) -> Result<RunId, String> {
    [
        "/simulation_run_id",
        "/simulation_run/id",
        "/run_id",
        "/id",
        "/data/simulation_run_id",
        "/data/id",
    ]
    .iter()
    .find_map(|pointer| text(answer.pointer(pointer)))
    .map(RunId)
    .ok_or_else(|| "it contains no id of a run".to_owned())
}

/// Returns the observed state in the answer to a read of a run.
pub fn snapshot(answer: &Value) -> Result<Snapshot, String> {
    let shown = match answer.get("simulation_run") {
        Some(Value::Object(inner)) => inner,
        _ => answer.as_object().ok_or("it is not an object")?,
    };
    let status = text(shown.get("status")).ok_or("it contains no status of a run")?;
    Ok(Snapshot {
        conversations: conversations(answer),
        ..state(&status, shown)
    })
}

/// Returns the state of a run with this status, without its conversations.
fn state(status: &str, shown: &Map<String, Value>) -> Snapshot {
    let count = |name: &str| {
        let number = shown.get(name).and_then(Value::as_u64);
        number.map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    };
    let passed = count("tests_passed").unwrap_or(0);
    let ended = passed.saturating_add(count("tests_failed").unwrap_or(0));
    let tests = Tests {
        total: count("total_tests").unwrap_or(ended),
        passed,
        completed: count("tests_completed").unwrap_or(ended),
    };
    Snapshot::of(RunStatus::read(status), tests)
}

/// Returns the runs of a list. The error describes the mistake in the list. The reference
/// documents no form, so a list without a surrounding object is also accepted. An answer
/// without a list is never an empty list.
pub fn parse_runs(answer: &Value) -> Result<Vec<ListedRun>, String> {
    let runs = ["simulation_runs", "runs", "data"]
        .iter()
        .find_map(|name| answer.get(name))
        .unwrap_or(answer)
        .as_array()
        .ok_or("it contains no list of runs")?;
    runs.iter()
        .map(|run| {
            let id = text(run.get("id")).or_else(|| text(run.get("simulation_run_id")));
            Ok(ListedRun {
                id: RunId(id.ok_or("it lists a run without an id")?),
                created_at: text(run.get("created_at")).and_then(|text| microseconds(&text)),
                last: state(
                    &text(run.get("status")).unwrap_or_default(),
                    run.as_object().unwrap_or(&Map::new()),
                ),
            })
        })
        .collect()
}

/// Parses a time into microseconds since 1970. A time without a zone is in UTC.
fn microseconds(text: &str) -> Option<i64> {
    let time: Result<jiff::Timestamp, _> = text.parse().or_else(|_| format!("{text}Z").parse());
    time.ok().map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_of_a_queued_run_is_found_in_every_observed_place() {
        for answer in [
            json!({"simulation_run_id": "r-1", "status": "200", "id": "x"}),
            json!({"simulation_run": {"id": "r-1"}}),
            json!({"data": {"simulation_run_id": "r-1"}}),
        ] {
            assert_eq!(
                parse_queued_run(&answer),
                Ok(RunId("r-1".into())),
                "{answer}"
            );
        }
        let number = json!({"simulation_run_id": 7});
        assert_eq!(parse_queued_run(&number), Ok(RunId("7".into())));
        for odd in [json!({}), json!({"simulation_run_id": null}), json!("r-1")] {
            assert!(parse_queued_run(&odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_run_needs_a_status_but_no_counts() {
        let run = json!({"simulation_run": {"status": "COMPLETED", "tests_passed": 3,
            "tests_failed": 1, "total_tests": null}, "simulation_results": []});
        let tests = Tests {
            total: 4,
            passed: 3,
            completed: 4,
        };
        assert_eq!(snapshot(&run).unwrap().tests, tests);
        let bare = snapshot(&json!({"status": "novel"})).unwrap();
        assert_eq!(bare.status, RunStatus::Ended("NOVEL".to_owned()));
        assert_eq!(bare.tests, Tests::default());
        for odd in [
            json!([]),
            json!({}),
            json!({"simulation_run": {"status": null}}),
        ] {
            assert!(snapshot(&odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn an_invalid_list_is_an_error() {
        for odd in [
            json!({}),
            json!({"runs": null}),
            json!([{"status": "x"}]),
            json!(""),
        ] {
            assert!(parse_runs(&odd).is_err(), "{odd}");
        }
        assert_eq!(parse_runs(&json!([])), Ok(Vec::new()));
        let listed = json!({"simulation_runs": [
            {"id": 7, "created_at": "2026-03-01T00:00:00.5Z"},
            {"id": "8", "created_at": "2026-03-01T00:00:00"},
            {"simulation_run_id": "9", "created_at": "yesterday"},
        ]});
        let listed = parse_runs(&listed).unwrap();
        let times: Vec<_> = listed.iter().map(|run| run.created_at).collect();
        let second = 1_772_323_200_000_000;
        assert_eq!(times, [Some(second + 500_000), Some(second), None]);
        let listed = json!([{"id": 7, "status": "COMPLETED", "tests_passed": 3, "total_tests": 4}]);
        let listed = parse_runs(&listed).unwrap();
        assert_eq!(listed[0].last.status, RunStatus::Completed);
        assert_eq!(
            (listed[0].last.tests.passed, listed[0].last.tests.total),
            (3, 4)
        );
    }
}
