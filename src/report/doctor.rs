//! The report of `doctor`, for people and for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{self, FORMAT_VERSION};
use super::layout::{Layout, Part};
use super::style::{Paint, Palette};
use super::suggestion;
use crate::doctor::{Outcome, Status};
use crate::visible;

/// The output of `bluejayctl doctor --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl doctor --format json")]
pub struct Document {
    /// The checks, in a fixed order.
    checks: Vec<JsonCheck>,
    /// The version of this format.
    format_version: &'static str,
    /// The number of checks by status.
    summary: Summary,
}

/// One check.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Check")]
struct JsonCheck {
    /// The ways to mend it.
    help: Vec<String>,
    /// What was found.
    message: String,
    /// The name of the check.
    name: &'static str,
    /// The result.
    status: JsonStatus,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Status")]
enum JsonStatus {
    /// Nothing is wrong.
    Ok,
    /// Something is wrong.
    Problem,
    /// The check was not possible.
    Skipped,
    /// Something may be wrong.
    Warning,
}

/// The number of checks by status.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    ok: usize,
    problem: usize,
    skipped: usize,
    warning: usize,
}

impl From<Status> for JsonStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::Warning => Self::Warning,
            Status::Problem => Self::Problem,
            Status::Skipped => Self::Skipped,
        }
    }
}

fn count(outcomes: &[(&str, Outcome)], status: Status) -> usize {
    let found = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.status == status);
    found.count()
}

/// Returns the report as JSON.
#[must_use]
pub fn json(outcomes: &[(&'static str, Outcome)]) -> String {
    let checks = outcomes.iter().map(|(name, outcome)| JsonCheck {
        help: outcome.help.iter().map(suggestion::text).collect(),
        message: suggestion::text(&outcome.message),
        name,
        status: outcome.status.into(),
    });
    json::text(&Document {
        checks: checks.collect(),
        format_version: FORMAT_VERSION,
        summary: Summary {
            ok: count(outcomes, Status::Ok),
            problem: count(outcomes, Status::Problem),
            skipped: count(outcomes, Status::Skipped),
            warning: count(outcomes, Status::Warning),
        },
    })
}

/// Returns the report as text: a line for each check, with its help below it.
#[must_use]
pub fn human(outcomes: &[(&str, Outcome)], layout: Layout) -> String {
    const TEXT: usize = "problem  ".len();
    let palette = layout.palette;
    let mut text = String::new();
    for (name, outcome) in outcomes {
        let word = word(outcome.status, palette);
        let message = suggestion::text(&outcome.message);
        let message = format!(": {}", visible::line(&message));
        let parts = [
            Part::new(Paint::Strong, name),
            Part::new(Paint::Plain, &message),
        ];
        let message = layout.paragraph(&parts, TEXT, TEXT);
        text += &format!("{word}  {message}\n");
        for help in &outcome.help {
            let help = suggestion::text(help);
            let help = format!(
                "{:TEXT$}{}: {}\n",
                "",
                palette.help("help"),
                visible::line(&help)
            );
            text += &layout.hanging(help);
        }
    }
    text += &format!("\n{}\n", palette.strong(conclusion(outcomes)));
    palette.shown(&text)
}

/// Returns the word for a status, in a column of seven characters.
fn word(status: Status, palette: Palette) -> String {
    match status {
        Status::Ok => palette.added("ok     "),
        Status::Warning => palette.warning("warning"),
        Status::Problem => palette.error("problem"),
        Status::Skipped => palette.faint("skipped"),
    }
}

/// Returns the last line.
fn conclusion(outcomes: &[(&str, Outcome)]) -> String {
    let words = [
        (Status::Problem, "problem", "problems"),
        (Status::Warning, "warning", "warnings"),
        (Status::Skipped, "check skipped", "checks skipped"),
    ];
    let found = words
        .into_iter()
        .filter_map(|(status, one, many)| match count(outcomes, status) {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        });
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return "No problems.".to_owned();
    }
    if count(outcomes, Status::Problem) == 0 {
        return format!("No problems; {}.", found.join(", "));
    }
    format!("{}.", found.join(", "))
}
