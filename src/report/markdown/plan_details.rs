//! The fields of the changes of a plan, in a fold.

use super::escape::{code, fenced};
use super::page::{Page, cut};
use crate::plan::{Action, Change, FieldChange};
use crate::report::plan::{created_fields, is_long};
use crate::report::style::Palette;
use crate::report::text_diff::{distinct, text_diff};
use crate::resource::FieldValue;

/// The most lines of a text's diff.
const MAX_LINES: usize = 40;

/// The most characters of a line or a value.
const MAX_LENGTH: usize = 300;

/// How many changes in a row may be too large for the room that is left before
/// the rest isn't looked at.
const PATIENCE: usize = 10;

/// What of the details did not get onto the page.
#[derive(Debug, Default)]
pub struct Details {
    /// Changes whose fields are not shown.
    pub left_out: usize,
    /// Values that are shown in part.
    pub shortened: usize,
}

const OPENING: &str = "<details><summary>Fields</summary>\n\n";
const CLOSING: &str = "</details>\n\n";

impl Details {
    /// Adds the fields of as many changes as fit and leave `reserve` bytes.
    pub fn push(page: &mut Page, changes: &[&Change], reserve: usize) -> Self {
        let mut details = Self::default();
        let reserve = reserve + OPENING.len() + CLOSING.len();
        let (mut is_open, mut misses) = (false, 0);
        for change in changes.iter().filter(|change| has_details(change)) {
            let block = if misses < PATIENCE {
                Block::of(change)
            } else {
                details.left_out += 1;
                continue;
            };
            if block.text.len() + reserve > page.room() {
                details.left_out += 1;
                misses += 1;
                continue;
            }
            if !is_open {
                page.push(OPENING);
                is_open = true;
            }
            page.push(&block.text);
            details.shortened += block.shortened;
        }
        if is_open {
            page.push(CLOSING);
        }
        details
    }
}

fn has_details(change: &Change) -> bool {
    !change.fields.is_empty() || (change.action == Action::Create && change.after.is_some())
}

/// The sign of a change as people know it from the plan in a terminal.
pub fn headline_sign(change: &Change) -> &'static str {
    match change.action {
        Action::Create => "`+`",
        Action::Update { .. } => "`~`",
        Action::Replace { .. } => "`-/+`",
        Action::Delete => "`-`",
        Action::Orphan => "`!`",
        Action::Move => "`>`",
        Action::Adopt => "`=`",
    }
}

/// The fields of one change.
struct Block {
    text: String,
    shortened: usize,
}

impl Block {
    fn of(change: &Change) -> Self {
        let key = code(change.key.as_str());
        let mut block = Self {
            text: format!("{} **{key}**\n\n", headline_sign(change)),
            shortened: 0,
        };
        match (&change.action, &change.after) {
            (Action::Create, Some(after)) => {
                let fields = created_fields(change, after, Palette::new(false));
                let lines: String = fields
                    .lines()
                    .map(|line| block.shown(line.trim_start()) + "\n")
                    .collect();
                block.text.push_str(&fenced("", &lines));
                block.text.push('\n');
            }
            _ => change.fields.iter().for_each(|field| block.field(field)),
        }
        block
    }

    fn field(&mut self, field: &FieldChange) {
        let path = code(&field.path);
        // What was seen at the API counts for more than what was applied.
        let there = field.there.as_ref();
        let before = there.unwrap_or(&field.before);
        if let (Some(before), Some(after)) = (before.as_text(), field.after.as_text())
            && (is_long(before) || is_long(after))
        {
            let diff = self.diff(before, after);
            let note = if there.is_some() {
                " (changed at the API)"
            } else {
                ""
            };
            self.text.push_str(&format!("{path}{note}\n\n{diff}\n"));
            return;
        }
        let (from, to) = (self.value(before), self.value(&field.after));
        self.text.push_str(&format!("{path}: {from} → {to}"));
        if there.is_some() {
            let applied = self.value(&field.before);
            let note = format!(" (changed at the API: {applied} was applied)");
            self.text.push_str(&note);
        }
        self.text.push_str("\n\n");
    }

    fn value(&mut self, value: &FieldValue) -> String {
        match value {
            FieldValue::NotSet | FieldValue::Unknown => value.to_string(),
            value => code(&self.shown(&distinct(&value.to_string()))),
        }
    }

    /// The differing lines; those behind the limit are a count.
    fn diff(&mut self, before: &str, after: &str) -> String {
        let diff = text_diff(before, after, "", Palette::new(false));
        let mut lines: Vec<_> = diff.lines().map(|line| self.shown(line)).collect();
        if lines.len() > MAX_LINES {
            let more = lines.len() - MAX_LINES;
            lines.truncate(MAX_LINES);
            lines.push(format!("  ... {more} more lines of this diff"));
            self.shortened += 1;
        }
        fenced("diff", &lines.join("\n"))
    }

    fn shown(&mut self, text: &str) -> String {
        let shown = cut(text, MAX_LENGTH);
        self.shortened += usize::from(shown.len() != text.len());
        shown
    }
}
