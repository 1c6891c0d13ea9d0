//! The runs as a table for people.

use super::{RunReport, cells, result, summary};
use crate::report::Layout;
use crate::report::layout::Part;
use crate::report::style::Paint;
use crate::run::Judged;
use crate::visible;

/// The largest number of different failures that are listed of one run.
const MOST_LISTED: usize = 10;

/// The smallest width of a column whose text is continued in the column.
const LEAST_WIDTH: usize = 24;

/// The column in which other texts are continued.
const INDENT: usize = 4;

/// Returns a table of all runs, the failed conversations, and a summary line. No line is
/// longer than the width of the layout, if the words allow it.
#[must_use]
pub fn human(report: &RunReport<'_>, layout: Layout) -> String {
    let palette = layout.palette;
    let heads = ["KEY", "STATUS", "PASSED", "SCORE"].map(str::to_owned);
    let rows: Vec<_> = report.judged.iter().map(row).collect();
    let widest = |column: usize| {
        let cells = rows.iter().chain([&heads]);
        let lengths = cells.map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths = [widest(0), widest(1), widest(2), widest(3)];
    let column = widths.iter().sum::<usize>() + 2 * widths.len();
    // Below the table if the column is narrow.
    let is_narrow = layout.room(column).is_some_and(|room| room < LEAST_WIDTH);
    let mut text = format!("{}\n", palette.strong(line(&heads, widths, "RESULT")));
    for (judged, row) in report.judged.iter().zip(&rows) {
        let paint = if judged.verdict.is_passed() {
            Paint::Added
        } else {
            Paint::Removed
        };
        let result = result(judged);
        let result = [Part::new(paint, &result)];
        let key = &row[0];
        let line = if is_narrow && !layout.fits(&result, column) {
            let line = line(row, widths, "");
            let result = layout.paragraph(&result, INDENT, INDENT);
            format!("{}\n{:INDENT$}{result}", line.trim_end(), "")
        } else {
            line(row, widths, &layout.paragraph(&result, column, column))
        };
        let address = report.destination.link(judged.simulation_id);
        let linked = palette.linked(address.as_deref(), key.clone());
        text += &line.replacen(key.as_str(), &linked, 1);
        text.push('\n');
    }
    text += &failed_conversations(report, layout);
    text += &format!("\n{}.\n", summary(report.judged, report.gate.min_score));
    palette.shown(&text)
}

fn row(judged: &Judged) -> [String; 4] {
    let [status, passed, score] = cells(judged);
    [judged.key.to_string(), status, passed, score]
}

/// Returns a line of the table, with words aligned left and numbers aligned right.
fn line([key, status, passed, score]: &[String; 4], widths: [usize; 4], result: &str) -> String {
    let [key_width, status_width, passed_width, score_width] = widths;
    format!(
        "{key:<key_width$}  {status:<status_width$}  {passed:>passed_width$}  \
         {score:>score_width$}  {result}"
    )
}

/// Returns the failed conversations with their digital humans and reasons, by run.
fn failed_conversations(report: &RunReport<'_>, layout: Layout) -> String {
    let mut text = String::new();
    for judged in report.judged {
        let failures = report.failed(judged);
        if failures.is_empty() {
            continue;
        }
        let title = layout.palette.strong(format!("Failed in {}:", judged.key));
        text += &format!("\n{title}\n");
        for failure in failures.iter().take(MOST_LISTED) {
            let failure = format!("  {}", visible::line(&failure.to_string()));
            let parts = [Part::new(Paint::Plain, &failure)];
            text += &format!("{}\n", layout.paragraph(&parts, 0, INDENT));
        }
        if failures.len() > MOST_LISTED {
            text += &format!("  and {} more\n", failures.len() - MOST_LISTED);
        }
    }
    text
}
