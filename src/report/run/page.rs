//! The runs as one HTML page, which needs no other file and no server.
//!
//! Every text is escaped by its type: the macro `html!` escapes each value that is not
//! [`PreEscaped`], and only the constants [`STYLE`] and [`SCRIPT`] are. As a second barrier,
//! the content security policy of the page allows no request, and only the script and the
//! style with the hashes of these constants.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use sha2::{Digest as _, Sha256};

use super::{RunReport, cells, chart, conversations, result, summary};
use crate::run::{
    COMPARED_RUNS, Conversation, ConversationOutcome, Judged, MeanScore, MetricScore,
};
use crate::visible;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A text that the program did not write. Invisible characters, and characters that reorder
/// the text around them, are shown as escapes.
struct Untrusted<'a>(&'a str);

impl Render for Untrusted<'_> {
    fn render_to(&self, buffer: &mut String) {
        visible::lines(self.0).as_ref().render_to(buffer);
    }
}

/// Returns the page.
#[must_use]
pub fn page(report: &RunReport<'_>) -> String {
    let summary = summary(report.judged, report.gate.min_score);
    let is_passed = report
        .judged
        .iter()
        .all(|judged| judged.verdict.is_passed());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (summary) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1.(class(is_passed)) { (mark(is_passed)) " " (summary) }
                    (place(report))
                }
                main {
                    (overview(report))
                    (filter())
                    @for (index, judged) in report.judged.iter().enumerate() {
                        (run(report, index, judged))
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// Returns a policy that forbids every request, and every script and style but those of this
/// page.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn class(is_passed: bool) -> &'static str {
    if is_passed { "good" } else { "bad" }
}

fn mark(is_passed: bool) -> &'static str {
    if is_passed { "✓" } else { "✗" }
}

fn anchor(index: usize) -> String {
    format!("run-{}", index + 1)
}

/// Returns where and when the simulations ran.
fn place(report: &RunReport<'_>) -> Markup {
    let destination = report.destination;
    html! {
        p.faint {
            @if let Some(environment) = &destination.environment {
                "Environment: " (Untrusted(environment)) " · "
            }
            "API: " (Untrusted(&destination.api)) " · "
            (report.now.strftime("%Y-%m-%d %H:%M UTC").to_string())
            " · bluejayctl " (env!("CARGO_PKG_VERSION"))
        }
    }
}

/// Returns the table of all runs.
fn overview(report: &RunReport<'_>) -> Markup {
    html! {
        div.scroll {
            table.overview {
                thead {
                    tr {
                        th scope="col" { "Simulation" }
                        th.number scope="col" { "Passed" }
                        th.number scope="col" { "Score" }
                        th.wide scope="col" { "Against " (report.gate.min_score.to_string()) }
                        th.number scope="col" { "Mean before" }
                        th scope="col" { "Result" }
                    }
                }
                tbody {
                    @for (index, judged) in report.judged.iter().enumerate() {
                        (overview_row(report, index, judged))
                    }
                }
            }
        }
    }
}

fn overview_row(report: &RunReport<'_>, index: usize, judged: &Judged) -> Markup {
    let [_, passed, score] = cells(judged);
    let is_passed = judged.verdict.is_passed();
    html! {
        tr {
            th scope="row" {
                a href={ "#" (anchor(index)) } { (Untrusted(judged.key.as_str())) }
            }
            td.number.passed { (passed) }
            td.number.score { (score) }
            td.wide { (chart::meter(judged, report.gate)) }
            td.number.mean { (mean(judged).map_or_else(|| "-".to_owned(), |mean| mean.to_string())) }
            td.result.(class(is_passed)) { (mark(is_passed)) " " (Untrusted(&result(judged))) }
        }
    }
}

fn mean(judged: &Judged) -> Option<MeanScore> {
    judged.history.as_ref()?.mean(COMPARED_RUNS)
}

/// Returns the controls of the filter. The script shows them: without a script, every
/// conversation is visible.
fn filter() -> Markup {
    html! {
        form #filter hidden role="search" {
            label { "Search " input #text type="search" autocomplete="off"; }
            label {
                "Outcome "
                select #outcome {
                    option value="" { "all" }
                    @for outcome in OUTCOMES {
                        option value=(outcome.word()) { (words(outcome)) }
                    }
                }
            }
            output #count for="text outcome" {}
        }
    }
}

const OUTCOMES: [ConversationOutcome; 5] = [
    ConversationOutcome::Failed,
    ConversationOutcome::Passed,
    ConversationOutcome::NotJudged,
    ConversationOutcome::Running,
    ConversationOutcome::Queued,
];

fn words(outcome: ConversationOutcome) -> String {
    outcome.word().replace('_', " ")
}

/// Returns the section of a run.
fn run(report: &RunReport<'_>, index: usize, judged: &Judged) -> Markup {
    let [status, passed, score] = cells(judged);
    let is_passed = judged.verdict.is_passed();
    let shown = conversations(judged);
    let total = judged
        .outcome
        .last()
        .map_or(0, |last| last.tests.total as usize);
    html! {
        section #(anchor(index)) {
            h2 { (Untrusted(judged.key.as_str())) }
            p {
                strong.(class(is_passed)) {
                    (mark(is_passed)) " " (Untrusted(&result(judged)))
                }
                " · score " (score) " · " (passed) " passed · " (Untrusted(&status))
                @if let Some(mean) = mean(judged) {
                    " · mean of " (if mean.runs == 1 { "the last run".to_owned() }
                        else { format!("the last {} runs", mean.runs) }) " " (mean.to_string())
                }
            }
            p.faint {
                "Simulation " (simulation_id(report, judged))
                @if let Some(run) = judged.outcome.run() { " · run " (Untrusted(&run.0)) }
                " · " (duration(judged.took))
            }
            (chart::course(judged, report.gate))
            @for conversation in sorted(shown) {
                (conversation_details(report, judged, conversation))
            }
            @if shown.len() < total {
                p.faint { (shown.len()) " of " (total) " conversations could be read." }
            }
        }
    }
}

/// Returns the id of a simulation, as a link to the dashboard.
fn simulation_id(report: &RunReport<'_>, judged: &Judged) -> Markup {
    let id = judged.simulation_id;
    html! {
        @if let Some(address) = report.destination.link(id) {
            a href=(address) rel="noopener" { (id.to_string()) }
        } @else {
            (id.to_string())
        }
    }
}

/// Returns the failed conversations first.
fn sorted(conversations: &[Conversation]) -> Vec<&Conversation> {
    let mut sorted: Vec<_> = conversations.iter().collect();
    sorted.sort_by_key(|conversation| conversation.outcome);
    sorted
}

fn conversation_details(
    report: &RunReport<'_>,
    judged: &Judged,
    conversation: &Conversation,
) -> Markup {
    let outcome = conversation.outcome;
    let is_failed = outcome == ConversationOutcome::Failed;
    html! {
        details.conversation open[is_failed] data-outcome=(outcome.word())
            data-run=(judged.key.as_str()) {
            summary {
                span.badge.(badge(outcome)) { (words(outcome)) }
                span.who { (caller(report, conversation)) }
                @if let Some(time) = conversation.duration {
                    span.time { (duration(time)) }
                }
            }
            div.inside {
                @if let Some(reason) = &conversation.reason {
                    p { (Untrusted(reason)) }
                }
                @if let Some(summary) = &conversation.summary {
                    p.faint { (Untrusted(summary)) }
                }
                @if !conversation.metrics.is_empty() { (metrics(&conversation.metrics)) }
                p.faint { "Result " (Untrusted(&conversation.id)) }
            }
        }
    }
}

fn badge(outcome: ConversationOutcome) -> &'static str {
    match outcome {
        ConversationOutcome::Failed => "bad",
        ConversationOutcome::Passed => "good",
        _ => "open",
    }
}

fn caller(report: &RunReport<'_>, conversation: &Conversation) -> Markup {
    let id = conversation.digital_human;
    let known = report.callers.get(id);
    html! {
        @match known.and_then(|caller| caller.name.as_deref()) {
            Some(name) => { (Untrusted(name)) " " span.faint { (report.callers.key(id)) } }
            None => (report.callers.key(id)),
        }
    }
}

fn metrics(metrics: &[MetricScore]) -> Markup {
    html! {
        div.scroll {
            table.metrics {
                thead {
                    tr {
                        th scope="col" { "Metric" }
                        th scope="col" { "Value" }
                        th scope="col" { "Reason" }
                    }
                }
                tbody {
                    @for metric in metrics {
                        tr {
                            th scope="row" { (Untrusted(&metric.name)) }
                            td { (Untrusted(&metric.value)) }
                            td { (Untrusted(metric.reason.as_deref().unwrap_or_default())) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns a time in minutes and seconds.
fn duration(time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0) => format!("{} ms", time.as_millis()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_the_script_and_the_style_of_the_page() {
        let policy = policy();
        for (directive, text) in [("style", STYLE), ("script", SCRIPT)] {
            let element = html! { script { (PreEscaped(text)) } }.into_string();
            let content = element.strip_prefix("<script>").unwrap();
            let content = content.strip_suffix("</script>").unwrap();
            let hash = BASE64_STANDARD.encode(Sha256::digest(content));
            assert!(
                policy.contains(&format!("{directive}-src 'sha256-{hash}'")),
                "{policy}"
            );
        }
    }

    #[test]
    fn style_and_script_can_stand_in_a_page() {
        for text in [STYLE, SCRIPT] {
            let lower = text.to_lowercase();
            assert!(!lower.contains("</") && !lower.contains("<!--"), "{text}");
            for outside in ["http:", "https:", "url(", "@import", "innerhtml", "eval("] {
                assert!(!lower.contains(outside), "{outside}");
            }
        }
    }
}
