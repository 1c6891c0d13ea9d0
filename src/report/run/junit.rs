//! The runs as `JUnit` XML: one test case per simulation.

use super::{RunReport, cells, result};
use crate::report::diagnostics_junit::escape;
use crate::run::{Judged, Verdict};

/// Returns the runs as test cases, with their times in seconds. A run below the gate is a
/// failure; a run that did not measure its simulation is an error.
#[must_use]
pub fn junit(report: &RunReport<'_>) -> String {
    let judged = report.judged;
    let count = |is_result: bool| {
        let failed = judged.iter().filter(|judged| match &judged.verdict {
            Verdict::Passed(_) => false,
            Verdict::Failed(reason) => reason.is_result() == is_result,
        });
        failed.count()
    };
    let time: f64 = judged.iter().map(seconds).sum();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{time:.3}\"",
        judged.len(),
        count(true),
        count(false)
    );
    let cases: String = judged
        .iter()
        .map(|judged| test_case(report, judged))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"bluejayctl run\" {counts}>\n  \
         <testsuite name=\"bluejayctl run\" {counts} skipped=\"0\">\n\
         {cases}  </testsuite>\n</testsuites>\n"
    )
}

fn seconds(judged: &Judged) -> f64 {
    judged.took.as_secs_f64()
}

fn test_case(report: &RunReport<'_>, judged: &Judged) -> String {
    let [status, passed, score] = cells(judged);
    let run = judged
        .outcome
        .run()
        .map_or_else(|| "run -".to_owned(), |run| format!("{run:#}"));
    let name = escape(judged.key.as_str());
    let mut said = format!(
        "simulation {}, {run}: {status}, {passed} tests passed, score {score}",
        judged.simulation_id
    );
    for failure in report.failed(judged) {
        said += &format!("\n{failure}");
    }
    let said = escape(&said);
    let end = match &judged.verdict {
        Verdict::Passed(_) => format!("      <system-out>{said}</system-out>\n"),
        Verdict::Failed(reason) => {
            let element = if reason.is_result() {
                "failure"
            } else {
                "error"
            };
            let (kind, message) = (judged.verdict.word(), escape(&result(judged)));
            format!("      <{element} type=\"{kind}\" message=\"{message}\">{said}</{element}>\n")
        }
    };
    let time = seconds(judged);
    format!(
        "    <testcase name=\"{name}\" classname=\"run\" time=\"{time:.3}\">\n{end}    </testcase>\n"
    )
}
