//! The fields of the changes of a plan, in a fold.

use super::escape::{code, fenced};
use super::page::{Page, shortened};
use crate::plan::{Action, Change, FieldChange};
use crate::report::plan::{created_fields, is_long};
use crate::report::style::Palette;
use crate::report::text_diff::{distinct, text_diff};
use crate::resource::FieldValue;

/// The largest number of lines of a diff.
const MAX_LINES: usize = 40;

/// The longest line or value, in characters.
const MAX_LENGTH: usize = 300;

/// The number of consecutive changes that may be too large for the room before the rest
/// is skipped.
const MAX_SKIPPED: usize = 10;

/// The omitted parts of the details.
#[derive(Debug, Default)]
pub struct Details {
    /// The number of changes without shown fields.
    pub left_out: usize,
    /// The number of shortened values.
    pub shortened: usize,
}

const OPENING: &str = "<details><summary>Fields</summary>\n\n";
const CLOSING: &str = "</details>\n\n";

impl Details {
    /// Adds the fields of changes as long as `reserve` bytes are left.
    pub fn push(page: &mut Page, changes: &[&Change], reserve: usize) -> Self {
        let mut details = Self::default();
        let reserve = reserve + OPENING.len() + CLOSING.len();
        let (mut is_open, mut misses) = (false, 0);
        for change in changes.iter().filter(|change| has_details(change)) {
            let block = if misses < MAX_SKIPPED {
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

/// Returns the sign of a change, as in the plan on a terminal.
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
                    .map(|line| block.shortened_value(line.trim_start()) + "\n")
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
        // The observed value has priority over the applied value.
        let there = field.observed.as_ref();
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
            value => code(&self.shortened_value(&distinct(&value.to_string()))),
        }
    }

    /// Returns the changed lines; lines beyond the limit are counted.
    fn diff(&mut self, before: &str, after: &str) -> String {
        let diff = text_diff(before, after, "", Palette::new(false));
        let mut lines: Vec<_> = diff
            .lines()
            .map(|line| self.shortened_value(line))
            .collect();
        if lines.len() > MAX_LINES {
            let more = lines.len() - MAX_LINES;
            lines.truncate(MAX_LINES);
            lines.push(format!("  ... {more} more lines of this diff"));
            self.shortened += 1;
        }
        fenced("diff", &lines.join("\n"))
    }

    fn shortened_value(&mut self, text: &str) -> String {
        let shown = shortened(text, MAX_LENGTH);
        self.shortened += usize::from(shown.len() != text.len());
        shown
    }
}
