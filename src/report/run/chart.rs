//! Charts as SVG inside a page: the score against the gate, and the scores of the last runs.
//!
//! Classes give the colours, so that a chart follows the colours of the page. A chart has no
//! style attributes, which the content security policy of the page forbids.

use maud::{Markup, html};

use crate::run::{Gate, Judged, Score, Verdict};

use super::score;

/// The number of runs before this run that a chart shows.
const SHOWN_RUNS: usize = 19;

/// The width and height of the plot, and the width of the labels at its left.
const PLOT: (f64, f64) = (300.0, 60.0);
const LABELS: f64 = 28.0;
const MARGIN: f64 = 8.0;

/// Returns a bar with the score and the required score.
pub(super) fn meter(judged: &Judged, gate: Gate) -> Markup {
    let percent = score(judged).map_or(0.0, Score::percent);
    let required = gate.min_score.percent();
    let class = if judged.verdict.is_passed() {
        "good"
    } else {
        "bad"
    };
    html! {
        svg.meter viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="1" width="100" height="6" {}
            rect.(class) x="0" y="1" width=(number(percent)) height="6" {}
            line.gate x1=(number(required)) x2=(number(required)) y1="0" y2="8" {}
        }
    }
}

/// Returns a chart of the scores of the last runs and of this run; a sentence if there are
/// no earlier runs.
pub(super) fn course(judged: &Judged, gate: Gate) -> Markup {
    let Some(history) = &judged.history else {
        return html! { p.faint { "The earlier runs could not be listed." } };
    };
    let mut scores: Vec<_> = history
        .scored()
        .take(SHOWN_RUNS)
        .map(|(_, score)| score.percent())
        .collect();
    scores.reverse();
    if scores.is_empty() {
        return html! { p.faint { "There are no earlier runs with a score." } };
    }
    let earlier = scores.len();
    scores.extend(score(judged).map(Score::percent));
    let has_current = scores.len() > earlier;
    let points: Vec<_> = scores
        .iter()
        .enumerate()
        .map(|(index, score)| (x(index, scores.len()), y(*score)))
        .collect();
    let line: Vec<_> = points
        .iter()
        .map(|(x, y)| format!("{},{}", number(*x), number(*y)))
        .collect();
    let (width, height) = (LABELS + PLOT.0 + MARGIN, PLOT.1 + 2.0 * MARGIN);
    let class = match &judged.verdict {
        Verdict::Passed(_) => "current good",
        Verdict::Failed(_) => "current bad",
    };
    html! {
        svg.course viewBox={ "0 0 " (number(width)) " " (number(height)) } role="img" {
            title { (described(&scores, has_current)) }
            @for percent in [0.0, 50.0, 100.0] {
                line.grid x1=(number(LABELS)) x2=(number(width - MARGIN))
                    y1=(number(y(percent))) y2=(number(y(percent))) {}
                text.label x=(number(LABELS - 5.0)) y=(number(y(percent) + 3.0)) {
                    (number(percent))
                }
            }
            line.gate x1=(number(LABELS)) x2=(number(width - MARGIN))
                y1=(number(y(gate.min_score.percent()))) y2=(number(y(gate.min_score.percent()))) {}
            polyline.line points=(line.join(" ")) {}
            @for (index, (x, y)) in points.iter().enumerate() {
                @let is_current = has_current && index + 1 == points.len();
                circle.(if is_current { class } else { "point" }) cx=(number(*x)) cy=(number(*y))
                    r=(if is_current { "4" } else { "2.5" }) {}
            }
        }
    }
}

/// Returns the position of a run; a single run is in the middle.
fn x(index: usize, count: usize) -> f64 {
    let share = match count {
        0 | 1 => 0.5,
        #[expect(clippy::cast_precision_loss)]
        count => index as f64 / (count - 1) as f64,
    };
    LABELS + MARGIN + share * (PLOT.0 - 2.0 * MARGIN)
}

fn y(percent: f64) -> f64 {
    MARGIN + PLOT.1 * (1.0 - percent / 100.0)
}

/// Returns a number with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns the chart in words.
fn described(scores: &[f64], has_current: bool) -> String {
    let shown: Vec<_> = scores.iter().map(|score| format!("{score:.1}")).collect();
    let last = if has_current {
        "; the last is this run"
    } else {
        ""
    };
    format!(
        "Scores of the last runs, the oldest first: {}{last}",
        shown.join(", ")
    )
}
