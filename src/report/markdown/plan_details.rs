//! The fields of the changes of a plan, in a fold.

use super::escape::{code, fenced, prose};
use super::page::{Page, shortened};
use crate::plan::{Action, Change};
use crate::report::model::{self, Content, Detail, FieldView, Row, Shown, UNLIMITED_ROOM};

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
pub fn headline_sign(change: &Change) -> String {
    format!("`{}`", model::sign(&change.action))
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
        let fields = model::fields(change, Detail::default());
        let new: Vec<_> = fields
            .iter()
            .filter_map(|field| match &field.content {
                Content::New(shown) => Some((field.path.as_str(), shown)),
                _ => None,
            })
            .collect();
        if !new.is_empty() {
            block.new_fields(&new);
        }
        for field in &fields {
            block.changed_field(field);
        }
        block
    }

    fn new_fields(&mut self, fields: &[(&str, &Shown)]) {
        let longest = fields.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
        let lines = fields.iter().map(|(path, shown)| {
            let label = format!("{path}:");
            let value = shown.preview(UNLIMITED_ROOM);
            let line = format!("{label:<width$}  {value}", width = longest + 1);
            self.shortened_value(&line) + "\n"
        });
        let lines: String = lines.collect();
        self.text.push_str(&fenced("", &lines));
        self.text.push('\n');
    }

    fn changed_field(&mut self, field: &FieldView) {
        let path = code(&field.path);
        let note = match field.note.as_str() {
            "" => String::new(),
            note => format!(" ({})", prose(&self.shortened_value(note))),
        };
        match &field.content {
            Content::New(_) => {}
            Content::Pair { before, after } => {
                let [before, after] = [before, after].map(|value| self.shortened_value(value));
                let (before, after) = (code(&before), code(&after));
                self.text
                    .push_str(&format!("{path}: {before} → {after}{note}\n\n"));
            }
            Content::Rows(rows) => {
                let diff = self.diff(rows);
                self.text.push_str(&format!("{path}{note}\n\n{diff}\n"));
            }
        }
    }

    /// Returns the rows; rows beyond the limit are counted.
    fn diff(&mut self, rows: &[Row]) -> String {
        let shown = rows.iter().take(MAX_LINES);
        let mut lines: Vec<_> = shown
            .map(|row| self.shortened_value(&format!("{}{}", row.sign(), row.text())))
            .collect();
        if let Some(more @ 1..) = rows.len().checked_sub(MAX_LINES) {
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
