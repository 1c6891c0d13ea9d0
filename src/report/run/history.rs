//! The earlier runs of simulations, as text with a sparkline and as JSON.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::report::Palette;
use crate::report::json::{self, FORMAT_VERSION};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::run::{COMPARED_RUNS, History, ListedRun, MeanScore, Score};
use crate::visible;

/// The earlier runs of one simulation.
#[derive(Debug, Clone)]
pub struct RunHistory {
    /// The key of the simulation.
    pub key: ResourceKey,
    /// The id of the simulation.
    pub simulation_id: RemoteId,
    /// The runs.
    pub history: History,
}

/// The output of `bluejayctl run history --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl run history --format json")]
pub struct HistoryDocument<'a> {
    /// The version of this format.
    format_version: &'static str,
    /// The simulations, by key.
    simulations: Vec<SimulationEntry<'a>>,
}

/// The last runs of a simulation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SimulationHistory")]
struct SimulationEntry<'a> {
    /// The key.
    key: &'a ResourceKey,
    /// The mean score of the last ten runs with a score, in percent; null without such runs.
    mean_of_last_runs: Option<f64>,
    /// The last runs, the oldest first.
    runs: Vec<RunEntry<'a>>,
    /// The id of the simulation.
    simulation_id: RemoteId,
}

/// A run of a simulation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EarlierRun")]
struct RunEntry<'a> {
    /// When the run was queued; null if the API shows no time.
    created_at: Option<String>,
    /// The id of the run.
    #[serde(rename = "run_id")]
    id: &'a str,
    /// The score in percent, rounded down to a tenth; null if the run did not complete or has
    /// no tests.
    score: Option<f64>,
    /// The last status that the API showed.
    status: &'a str,
    /// How many tests passed.
    tests_passed: u32,
    /// How many tests there are.
    total_tests: u32,
}

impl<'a> RunEntry<'a> {
    fn of(run: &'a ListedRun) -> Self {
        Self {
            created_at: run.created_at.and_then(time).map(|time| time.to_string()),
            id: &run.id.0,
            score: run.score().map(Score::percent),
            status: run.last.status.as_str(),
            tests_passed: run.last.tests.passed,
            total_tests: run.last.tests.total,
        }
    }
}

/// Returns the last runs of each simulation as JSON.
#[must_use]
pub fn json(histories: &[RunHistory], last: usize) -> String {
    let simulations = histories.iter().map(|simulation| SimulationEntry {
        key: &simulation.key,
        mean_of_last_runs: simulation
            .history
            .mean(COMPARED_RUNS)
            .map(MeanScore::percent),
        runs: simulation
            .history
            .newest(last)
            .iter()
            .map(RunEntry::of)
            .collect(),
        simulation_id: simulation.simulation_id,
    });
    json::text(&HistoryDocument {
        format_version: FORMAT_VERSION,
        simulations: simulations.collect(),
    })
}

/// Returns one line for each simulation, with a sparkline of its scores. If there is one
/// simulation, its runs follow.
#[must_use]
pub fn human(histories: &[RunHistory], last: usize, palette: Palette) -> String {
    let heads = ["KEY", "RUNS", "MEAN", "LAST", "SCORES"].map(str::to_owned);
    let mut rows = vec![heads];
    rows.extend(histories.iter().map(|simulation| {
        let runs = simulation.history.newest(last);
        [
            simulation.key.to_string(),
            runs.len().to_string(),
            shown(simulation.history.mean(COMPARED_RUNS)),
            shown(runs.last().and_then(ListedRun::score)),
            sparkline(runs),
        ]
    }));
    let mut text = table(&rows, &[false, true, true, true, false], palette);
    if let [simulation] = histories {
        let runs = simulation.history.newest(last);
        if !runs.is_empty() {
            let heads = ["TIME", "RUN", "STATUS", "PASSED", "SCORE"].map(str::to_owned);
            let mut rows = vec![heads];
            rows.extend(runs.iter().map(row));
            text += "\n";
            text += &table(&rows, &[false, false, false, true, true], palette);
        }
    }
    palette.shown(&text)
}

fn row(run: &ListedRun) -> [String; 5] {
    let time = run.created_at.and_then(time);
    let time = time.map(|time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string());
    let status = match run.last.status.as_str() {
        "" => "-".to_owned(),
        status => visible::line(status).into_owned(),
    };
    [
        time.unwrap_or_else(|| "-".to_owned()),
        visible::line(&run.id.0).into_owned(),
        status,
        format!("{}/{}", run.last.tests.passed, run.last.tests.total),
        shown(run.score()),
    ]
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn time(microseconds: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(microseconds).ok()
}

/// Returns rows in aligned columns, the first row in bold. `is_number` selects the columns
/// that are aligned right.
fn table<const N: usize>(rows: &[[String; N]], is_number: &[bool; N], palette: Palette) -> String {
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..N).map(width).collect();
    let lines = rows.iter().enumerate().map(|(index, row)| {
        let cells = row.iter().zip(&widths).zip(is_number);
        let cells: Vec<_> = cells
            .map(|((cell, width), is_number)| match is_number {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            })
            .collect();
        let line = cells.join("  ").trim_end().to_owned();
        let line = if index == 0 {
            palette.strong(line)
        } else {
            line
        };
        format!("{line}\n")
    });
    lines.collect()
}

/// The bars of a sparkline, from 0 to 100 percent.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns a bar for the score of each run, the oldest first; a dot for a run without a
/// score. Only a score of 100 has the full bar.
fn sparkline(runs: &[ListedRun]) -> String {
    let bar = |run: &ListedRun| match run.score() {
        Some(score) => {
            let eighths = score.percent() / 100.0 * 7.0;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let index = eighths as usize;
            BARS[index.min(BARS.len() - 1)]
        }
        None => '·',
    };
    runs.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunId, RunStatus, Snapshot, Tests};

    fn run(id: &str, second: i64, status: &str, passed: u32) -> ListedRun {
        let tests = Tests {
            total: 10,
            passed,
            completed: 10,
        };
        ListedRun {
            id: RunId(id.to_owned()),
            created_at: Some(1_772_323_200_000_000 + second * 1_000_000),
            last: Snapshot::of(RunStatus::read(status), tests),
        }
    }

    fn simulation(key: &str, runs: &[ListedRun]) -> RunHistory {
        RunHistory {
            key: ResourceKey::from(key),
            simulation_id: RemoteId::simulation(7),
            history: History::of(runs),
        }
    }

    #[test]
    fn one_simulation_is_shown_with_its_runs() {
        let runs = [
            run("run-9", 60, "COMPLETED", 10),
            run("run-7", 0, "COMPLETED", 9),
            run("run-8", 30, "INCOMPLETED", 2),
        ];
        let text = human(&[simulation("desk", &runs)], 20, Palette::new(false));
        insta::assert_snapshot!(text, @r"
        KEY   RUNS  MEAN   LAST  SCORES
        desk     3  95.0  100.0  ▇·█

        TIME                  RUN    STATUS       PASSED  SCORE
        2026-03-01 00:00:00Z  run-7  COMPLETED      9/10   90.0
        2026-03-01 00:00:30Z  run-8  INCOMPLETED    2/10      -
        2026-03-01 00:01:00Z  run-9  COMPLETED     10/10  100.0
        ");
    }

    #[test]
    fn several_simulations_have_one_line_each() {
        let runs = [run("run-7", 0, "COMPLETED", 0)];
        let both = [simulation("desk", &runs), simulation("night", &[])];
        let text = human(&both, 20, Palette::new(false));
        insta::assert_snapshot!(text, @r"
        KEY    RUNS  MEAN  LAST  SCORES
        desk      1   0.0   0.0  ▁
        night     0     -     -
        ");
        let json: serde_json::Value = serde_json::from_str(&json(&both, 20)).unwrap();
        assert_eq!(
            json["simulations"][0]["runs"][0]["created_at"],
            "2026-03-01T00:00:00Z"
        );
        assert_eq!(
            json["simulations"][1]["mean_of_last_runs"],
            serde_json::Value::Null
        );
    }
}
