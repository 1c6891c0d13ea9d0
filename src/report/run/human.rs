//! The runs as a table for people.

use super::{RunReport, cells, result, summary};
use crate::report::{Layout, Palette};
use crate::run::Judged;
use crate::visible;

/// The largest number of different failures that are listed of one run.
const MOST_LISTED: usize = 10;

/// The smallest width of a column whose text is continued below.
const LEAST_WIDTH: usize = 24;

/// Returns a table of all runs, the failed conversations, and a summary line. No line is
/// longer than the width of the layout, if the words allow it.
#[must_use]
pub fn human(report: &RunReport<'_>, layout: Layout) -> String {
    let Layout { palette, width, .. } = layout;
    let heads = ["KEY", "STATUS", "PASSED", "SCORE"].map(str::to_owned);
    let rows: Vec<_> = report.judged.iter().map(row).collect();
    let widest = |column: usize| {
        let cells = rows.iter().chain([&heads]);
        let lengths = cells.map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths = [widest(0), widest(1), widest(2), widest(3)];
    let column = widths.iter().sum::<usize>() + 2 * widths.len();
    let mut text = format!("{}\n", palette.strong(line(&heads, widths, "RESULT")));
    for (judged, row) in report.judged.iter().zip(&rows) {
        let result = wrapped(&result(judged), column, column, width).join("\n");
        let result = if judged.verdict.is_passed() {
            palette.added(result)
        } else {
            palette.removed(result)
        };
        text += &format!("{}\n", line(row, widths, &result));
    }
    text += &failed_conversations(report, palette, width);
    text += &format!("\n{}.\n", summary(report.judged, report.gate.min_score));
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

/// Returns the failed conversations with their digital humans and reasons, by run.
fn failed_conversations(report: &RunReport<'_>, palette: Palette, width: usize) -> String {
    let mut text = String::new();
    for judged in report.judged {
        let failures = report.failed(judged);
        if failures.is_empty() {
            continue;
        }
        text += &format!(
            "\n{}\n",
            palette.strong(format!("Failed in {}:", judged.key))
        );
        for failure in failures.iter().take(MOST_LISTED) {
            let lines = wrapped(&failure.to_string(), 2, 4, width);
            text += &format!("  {}\n", lines.join("\n"));
        }
        if failures.len() > MOST_LISTED {
            text += &format!("  and {} more\n", failures.len() - MOST_LISTED);
        }
    }
    text
}

/// Returns a text in lines of at most `width` characters. The first line begins at the
/// column `begin`, the others at the column `below`. Nothing is wrapped if the column would
/// be narrow.
fn wrapped(text: &str, begin: usize, below: usize, width: usize) -> Vec<String> {
    let text = visible::line(text);
    if width < below + LEAST_WIDTH {
        return vec![text.into_owned()];
    }
    let mut lines = Vec::new();
    let (mut line, mut column) = (String::new(), begin);
    for word in text.split(' ') {
        let length = word.chars().count();
        if !line.trim().is_empty() && column + 1 + length > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(below)));
            column = below;
        } else if !line.trim().is_empty() {
            line.push(' ');
            column += 1;
        }
        line.push_str(word);
        column += length;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_continues_below_its_column() {
        let text = "one two three four five six seven eight nine ten";
        let lines = wrapped(text, 2, 4, 28);
        assert_eq!(
            lines,
            ["one two three four five", "    six seven eight nine ten"]
        );
        assert_eq!(wrapped(text, 2, 4, 20), [text]);
        assert_eq!(wrapped(text, 2, 4, usize::MAX), [text]);
        let word = "x".repeat(40);
        assert_eq!(wrapped(&word, 2, 4, 30), [word.as_str()]);
    }
}
