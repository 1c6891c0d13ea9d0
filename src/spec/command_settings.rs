//! The defaults of options of the command line in the project file, and the links of reports.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::DASHBOARD_URL;
use super::dashboard::{self, DashboardUrl};
use super::path::Path;
use super::problem::Problem;
use crate::diagnostic::DiagnosticCode;

/// Defaults of options of the command line, and the links of reports. An option wins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSettings {
    /// The largest number of concurrent requests, and of concurrent runs of `run`:
    /// `--parallelism`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 512), extend("default" = 8))]
    pub parallelism: Option<u16>,
    /// How long the API may still execute a request whose answer was lost: `--settle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "30s"))]
    pub settle: Option<Time>,
    /// The longest duration of one request: `--timeout`. It has no effect on `run`, whose
    /// `--timeout` is the longest wait for all runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "60s"))]
    pub timeout: Option<Time>,
    /// How long to wait for another apply on the same lockfile: `--lock-timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "0s"))]
    pub lock_timeout: Option<Time>,
    /// The lowest score that passes, in percent of the tests of a run: `--min-score`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100), extend("default" = 80))]
    pub min_score: Option<f64>,
    /// The address of a resource in the dashboard of Bluejay, with `{id}` in place of the id
    /// and `{kind}` in place of the kind: `simulation`, `digital_human`, `custom_metric` or
    /// `schedule`. Without `{kind}`, only simulations have an address. Plans and reports link
    /// to these addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard_url: Option<DashboardUrl>,
}

impl CommandSettings {
    /// Returns these settings. A missing setting is taken from `below`.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            parallelism: self.parallelism.or(below.parallelism),
            settle: self.settle.or(below.settle),
            timeout: self.timeout.or(below.timeout),
            lock_timeout: self.lock_timeout.or(below.lock_timeout),
            min_score: self.min_score.or(below.min_score),
            dashboard_url: self.dashboard_url.or(below.dashboard_url),
        }
    }
}

/// A length of time, such as `90s` or `1m 30s`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Time(
    #[schemars(
        regex(pattern = r"^ *[0-9]+ *[a-zA-Z]+( *[0-9]+ *[a-zA-Z]+)* *$"),
        extend("patternErrorMessage" = "expected a time, such as `90s` or `1m 30s`")
    )]
    String,
);

impl Time {
    /// Returns the duration; `None` for an invalid text.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        humantime::parse_duration(&self.0).ok()
    }
}

/// The lowest score that passes.
const MIN_SCORE: &str = "min_score";

/// The settings that are times.
const TIMES: [&str; 3] = ["settle", "timeout", "lock_timeout"];

/// How to write a time.
pub(super) const TIME_HELP: &str = "write a number and a unit: `30s`, `5m`, `1m 30s`";

/// Returns whether a field of the project file is a time.
pub(super) fn is_time(field: &str) -> bool {
    TIMES.contains(&field)
}

/// Returns the mistakes in the times, the score and the address of the `settings` at a path.
/// Values of a wrong type or form are skipped, because the schema reports them.
pub(super) fn check(settings: Option<&Value>, path: &Path) -> Vec<Problem> {
    let wrong = TIMES.into_iter().filter_map(|name| {
        let value = settings?.get(name)?;
        let time: Time = serde_json::from_value(value.clone()).ok()?;
        if time.duration().is_some() {
            return None;
        }
        let summary = format!("`{name}` is not a time: `{}`", value.as_str()?);
        let problem = Problem::error(DiagnosticCode::BadFormat, path.field(name), summary);
        Some(problem.help(TIME_HELP))
    });
    let score = settings.and_then(|settings| fine_score(settings.get(MIN_SCORE)?, path));
    let address = settings.and_then(|settings| settings.get(DASHBOARD_URL)?.as_str());
    let address = address.and_then(|text| dashboard::check(path.field(DASHBOARD_URL), text));
    wrong.chain(score).chain(address).collect()
}

/// Returns the problem of a score with more decimals than `--min-score` takes: a rounded score
/// could fail a run that reaches the score.
fn fine_score(score: &Value, path: &Path) -> Option<Problem> {
    let score = score.as_f64().filter(|it| (0.0..=100.0).contains(it))?;
    let score = score.to_string();
    let (_, decimals) = score.split_once('.')?;
    (decimals.len() > 2).then(|| {
        let summary = format!("`{MIN_SCORE}` has more than two decimals: `{score}`");
        let problem = Problem::error(DiagnosticCode::BadFormat, path.field(MIN_SCORE), summary);
        problem.help("write at most two decimals, such as `66.66`")
    })
}
