//! The runs as `JUnit` XML: one test case per simulation.

use super::{cells, result};
use crate::report::diagnostics_junit::escape;
use crate::run::{Judged, Verdict};

/// Returns the runs as test cases. A run below the gate is a failure; a run that did not
/// measure its simulation is an error.
#[must_use]
pub fn junit(judged: &[Judged]) -> String {
    let count = |is_result: bool| {
        let failed = judged.iter().filter(|judged| match &judged.verdict {
            Verdict::Passed(_) => false,
            Verdict::Failed(reason) => reason.is_result() == is_result,
        });
        failed.count()
    };
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        judged.len(),
        count(true),
        count(false)
    );
    let cases: String = judged.iter().map(test_case).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"bluejayctl run\" {counts}>\n  \
         <testsuite name=\"bluejayctl run\" {counts} skipped=\"0\">\n\
         {cases}  </testsuite>\n</testsuites>\n"
    )
}

fn test_case(judged: &Judged) -> String {
    let [status, passed, score] = cells(judged);
    let run = judged.outcome.run().map_or("-", |run| run.0.as_str());
    let name = escape(judged.key.as_str());
    let said = escape(&format!(
        "simulation {}, run {run}: {status}, {passed} tests passed, score {score}",
        judged.simulation_id
    ));
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
    format!("    <testcase name=\"{name}\" classname=\"run\">\n{end}    </testcase>\n")
}
