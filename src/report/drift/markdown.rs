//! Drift for an issue.

use serde_json::Value;

use super::Shown;
use crate::visible;

/// The most rows: an issue's text is bounded.
const MOST_ROWS: usize = 200;

/// The longest value in a cell, in characters.
const LONGEST: usize = 80;

/// The report as markdown.
#[must_use]
pub fn markdown(shown: &Shown<'_>) -> String {
    let mut rows = Vec::new();
    for drifted in &shown.report.drifted {
        let (key, id) = (drifted.key.as_str(), drifted.simulation_id);
        if drifted.is_gone {
            rows.push(format!("| {} | {id} | | | | gone |", cell(key)));
        }
        for field in &drifted.fields {
            rows.push(format!(
                "| {} | {id} | {} | {} | {} | {} |",
                cell(key),
                cell(&field.path),
                value(field.written.as_ref()),
                value(field.applied.as_ref()),
                value(field.there.as_ref()),
            ));
        }
    }
    for one in shown.untracked {
        rows.push(format!(
            "| {} | {} | | | | untracked, of the same name |",
            cell(one.looks_like.as_str()),
            one.id
        ));
    }
    for (key, error) in shown.failed {
        let reason = cell(&error.to_string());
        rows.push(format!(
            "| {} | | | | | could not be read: {reason} |",
            cell(key.as_str())
        ));
    }
    let mut text = format!("**{}**\n", shown.sentence());
    if !rows.is_empty() {
        text.push_str("\n| simulation | id | field | written | applied | there |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for row in rows.iter().take(MOST_ROWS) {
            text.push_str(row);
            text.push('\n');
        }
        if rows.len() > MOST_ROWS {
            text.push_str(&format!("\nand {} more rows\n", rows.len() - MOST_ROWS));
        }
    }
    if let Some(hidden) = shown.hidden() {
        text.push_str(&format!("\n{}\n", cell(&hidden)));
    }
    text
}

fn value(value: Option<&Value>) -> String {
    value.map_or_else(|| "*not set*".to_owned(), |value| cell(&value.to_string()))
}

/// Text that stays in its cell and means nothing to markdown.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for character in text.chars().take(LONGEST) {
        match character {
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' => {
                cell.push('\\');
                cell.push(character);
            }
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '&' => cell.push_str("&amp;"),
            // A mention would call people.
            '@' => cell.push_str("@\u{200b}"),
            other if visible::is_unseen('é', other) => cell.push(' '),
            other => cell.push(other),
        }
    }
    if text.chars().count() > LONGEST {
        cell.push('…');
    }
    cell
}
