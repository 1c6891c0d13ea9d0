//! The values of a field.

use serde_json::Value;

use super::element::{element, spaced_json};
use super::row::Row;
use super::white_space::{distinct, unchanged_line};
use super::{Detail, LONG, is_long, map_rows};
use crate::resource::FieldValue;
use crate::spec::yaml;
use crate::visible;

/// The shown content of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// The value of a new resource.
    New(Shown),
    /// Two values, each in one line.
    Pair {
        /// The value before.
        before: String,
        /// The value after.
        after: String,
    },
    /// A diff.
    Rows(Vec<Row>),
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A value in one line.
    Line(String),
    /// The lines of a text, as they are.
    Text(Vec<String>),
    /// The elements of a list.
    List(Vec<String>),
}

/// The longest value in one line, in characters, unless whole values are shown.
const LONGEST: usize = 4_000;

/// Returns a value in one line.
#[must_use]
pub fn in_one_line(value: &FieldValue, is_full: bool) -> String {
    let text = match value {
        FieldValue::Given(value) => return json_in_one_line(value, is_full),
        FieldValue::Pending(value) => format!("{} (known after apply)", spaced_json(value)),
        value => value.to_string(),
    };
    shortened(&text, is_full)
}

fn json_in_one_line(value: &Value, is_full: bool) -> String {
    shortened(&spaced_json(value), is_full)
}

fn shortened(text: &str, is_full: bool) -> String {
    if is_full {
        distinct(text)
    } else {
        distinct(&visible::bounded(text, LONGEST))
    }
}

/// Returns a duration in the unit of another duration, if the number stays whole. The API
/// shows every duration in seconds.
#[must_use]
pub fn in_unit_of(value: &FieldValue, other: &FieldValue) -> FieldValue {
    if let (FieldValue::Duration { number, unit }, FieldValue::Duration { unit: wanted, .. }) =
        (value, other)
        && (unit.as_str(), wanted.as_str()) == ("seconds", "minutes")
        && let Some(seconds) = number.as_u64()
        && seconds % 60 == 0
    {
        return FieldValue::Duration {
            number: (seconds / 60).into(),
            unit: wanted.clone(),
        };
    }
    value.clone()
}

impl Shown {
    /// Returns the value of a field of a new resource.
    #[must_use]
    pub fn of(value: &Value, detail: Detail) -> Self {
        match value {
            Value::String(text) if is_long(text) => {
                Self::Text(text.lines().map(str::to_owned).collect())
            }
            Value::Array(items) if detail.is_full && has_maps(items) => {
                Self::of_yaml(&yaml::items(items))
            }
            Value::Array(items) if !items.is_empty() => {
                let items = items.iter().map(|item| element(item, detail.is_full));
                Self::List(items.collect())
            }
            Value::Object(map) if detail.is_full && !map.is_empty() => {
                Self::of_yaml(&map_rows::yaml(map))
            }
            value => Self::Line(json_in_one_line(value, detail.is_full)),
        }
    }

    fn of_yaml(text: &str) -> Self {
        Self::Text(text.lines().map(str::to_owned).collect())
    }

    /// Returns the lines of the whole value.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Line(line) => vec![line.clone()],
            Self::Text(lines) => lines
                .iter()
                .map(|line| unchanged_line(line, true))
                .collect(),
            Self::List(items) => items.iter().map(|item| format!("- {item}")).collect(),
        }
    }

    /// Returns the value in one line of at most `room` characters, as far as words can be
    /// left out.
    #[must_use]
    pub fn preview(&self, room: usize) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Text(lines) => {
                let more = match lines.len() {
                    0 | 1 => String::new(),
                    count => format!(" ({count} lines)"),
                };
                let room = room.saturating_sub(more.len() + "\"...\"".len());
                let first = lines.first().map_or("", String::as_str);
                let start = start_of(first, room.max(SHORTEST));
                let dots = if lines.len() > 1 || start.len() < first.len() {
                    "..."
                } else {
                    ""
                };
                let quoted = Value::from(format!("{start}{dots}")).to_string();
                format!("{}{more}", visible::line(&quoted))
            }
            Self::List(items) => {
                let whole = format!("[{}]", items.join(", "));
                if items.len() == 1 || whole.chars().count() <= room {
                    return whole;
                }
                let first = items.first().map_or("", String::as_str);
                let more = format!(", ... {} in all", items.len());
                let room = room.saturating_sub(more.len() + "[]".len());
                let start = start_of(first, room.max(SHORTEST));
                let dots = if start.len() < first.len() { "..." } else { "" };
                format!("[{start}{dots}{more}]")
            }
        }
    }
}

fn has_maps(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(Value::is_object)
}

/// The shortest start of a text that is shown.
const SHORTEST: usize = 12;

/// Returns the first words of a text, in at most `most` characters.
fn start_of(text: &str, most: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let start = &text[..end];
    let is_cut_in_word = !text[end..].starts_with(' ');
    match start.rfind(' ') {
        // A long word is cut, so that something is shown.
        Some(at) if is_cut_in_word && at >= most / 2 => start[..at].trim_end(),
        _ => start.trim_end(),
    }
}

/// The room of a preview where the width is not limited.
pub const UNLIMITED_ROOM: usize = LONG + "\"...\" (100 lines)".len();

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: Value, room: usize, expected: &str) {
        let shown = Shown::of(&value, Detail::default());
        assert_eq!(shown.preview(room), expected);
    }

    #[test]
    fn a_preview_ends_between_words() {
        let text = "A caller books an appointment, then moves it to another day, and calls again";
        check(
            json!(text),
            40,
            "\"A caller books an appointment, then...\"",
        );
        check(
            json!("A caller books an appointment,\nthen moves it."),
            80,
            "\"A caller books an appointment,...\" (2 lines)",
        );
        check(json!("short"), 80, "\"short\"");
        check(json!("one line\n"), 80, "\"one line\"");
    }

    #[test]
    fn a_whole_map_is_shown_as_yaml() {
        let lines = |value: Value, is_full| {
            let has_emphasis = false;
            let detail = Detail {
                is_full,
                has_emphasis,
            };
            Shown::of(&value, detail).lines()
        };
        let map = json!({"days": ["monday"], "start_time": "08:00"});
        let yaml = ["days:", "- monday", "start_time: '08:00'"];
        assert_eq!(lines(map.clone(), true), yaml);
        assert_eq!(lines(json!([map]), true)[..2], ["- days:", "  - monday"]);
        assert_eq!(lines(json!({"a": 1}), false), ["{\"a\": 1}"]);
    }

    #[test]
    fn an_observed_duration_has_the_unit_that_was_written() {
        let duration = |number: u64, unit: &str| FieldValue::Duration {
            number: number.into(),
            unit: unit.to_owned(),
        };
        let minutes = duration(8, "minutes");
        for (seconds, expected) in [(600, "10 minutes"), (90, "90 seconds")] {
            let shown = in_unit_of(&duration(seconds, "seconds"), &minutes);
            assert_eq!(shown.to_string(), expected);
        }
    }

    #[test]
    fn a_list_is_shown_as_far_as_there_is_room() {
        let list = json!(["politeness", "tone", "speed"]);
        check(list.clone(), 80, "[politeness, tone, speed]");
        check(list, 20, "[politeness, ... 3 in all]");
        check(json!(["one"]), 80, "[one]");
        check(json!(["one two three"]), 4, "[one two three]");
    }
}
