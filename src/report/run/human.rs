//! The runs as a table for people.

use super::{cells, result, summary};
use crate::report::Palette;
use crate::run::{Gate, Judged};
use crate::visible;

/// Returns a table of all runs and a summary line.
#[must_use]
pub fn human(judged: &[Judged], gate: Gate, palette: Palette) -> String {
    let heads = ["KEY", "STATUS", "PASSED", "SCORE"].map(str::to_owned);
    let rows: Vec<_> = judged.iter().map(row).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&heads]);
        let lengths = cells.map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let mut text = format!("{}\n", palette.strong(line(&heads, widths, "RESULT")));
    for (judged, row) in judged.iter().zip(&rows) {
        let result = if judged.verdict.is_passed() {
            palette.added(result(judged))
        } else {
            palette.removed(result(judged))
        };
        text += &format!("{}\n", line(row, widths, &result));
    }
    text += &format!("\n{}.\n", summary(judged, gate.min_score));
    visible::terminal(&text, palette.is_coloured())
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
