//! Runs as Markdown, for a comment or a job summary.

use super::{cells, result, summary};
use crate::run::{Gate, Judged};

/// What a comment may hold, with some room: GitHub takes 65,536 characters.
const MOST_CHARACTERS: usize = 60_000;

/// A line that sums up and a table: first the runs that failed, then those that
/// passed. What doesn't fit is counted.
#[must_use]
pub fn markdown(judged: &[Judged], gate: Gate) -> String {
    let sign = if judged.iter().all(|judged| judged.verdict.is_passed()) {
        "✅"
    } else {
        "❌"
    };
    let mut text = format!(
        "### {sign} {}\n\n| simulation | status | passed | score | result |\n\
         | --- | --- | ---: | ---: | --- |\n",
        summary(judged, gate.min_score)
    );
    let mut characters = text.chars().count();
    let (passed, failed): (Vec<_>, Vec<_>) =
        judged.iter().partition(|judged| judged.verdict.is_passed());
    let mut rest = failed.into_iter().chain(passed).peekable();
    while let Some(judged) = rest.peek() {
        let row = row(judged);
        characters += row.chars().count();
        if characters > MOST_CHARACTERS {
            break;
        }
        text += &row;
        rest.next();
    }
    match rest.count() {
        0 => text,
        more => text + &format!("\nand {more} more\n"),
    }
}

fn row(judged: &Judged) -> String {
    let [status, passed, score] = cells(judged);
    let (key, status, result) = (
        plain(judged.key.as_str()),
        plain(&status),
        plain(&result(judged)),
    );
    format!("| {key} | {status} | {passed} | {score} | {result} |\n")
}

/// A text that Markdown shows as it is, in one cell.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            // A mention or a reference would reach people.
            '@' | '#' => escaped += &format!("{character}<!-- -->"),
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
