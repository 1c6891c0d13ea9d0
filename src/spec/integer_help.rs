//! The help for a value that is not a whole number: units, shares, fractions.
//!
//! A proposed number has the meaning of the written value. If no number has that
//! meaning, no number is proposed.

use crate::resource::Kind;
use crate::resource::field::{Measure, ValueType};

/// Returns what to write in place of a text.
#[must_use]
pub fn text_for_integer(field: &str, text: &str) -> Option<String> {
    let written = text;
    let text = text.trim();
    if let Some(number) = plain_number(text) {
        return Some(if number.to_string() == written {
            format!("remove the quotes: `{number}`")
        } else {
            format!("`{text}` is a string in YAML: write `{number}`")
        });
    }
    let value = value_type(field);
    if let Some(ValueType::Duration { unit }) = value
        && is_clock(text)
    {
        return Some(format!(
            "write whole minutes, or seconds with `{unit}: seconds`"
        ));
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok()?;
    let unit = unit.trim();
    if unit.starts_with('#') {
        return Some("a comment needs a space before `#`".to_owned());
    }
    if ["%", ",", ";"].contains(&unit) {
        return Some(format!("write the number alone: `{number}`"));
    }
    if let Some(seconds) = seconds_of(unit) {
        return duration(value, number.checked_mul(seconds)?, seconds == 1);
    }
    let is_word = unit.chars().count() > 1 && unit.chars().all(char::is_alphabetic);
    is_word.then(|| format!("write a number alone, without `{unit}`"))
}

/// Returns what to write in place of a number with a fraction.
#[must_use]
pub fn fraction_for_integer(field: &str, number: f64) -> String {
    let percent = (number * 100.0).round();
    let is_share = number > 0.0 && number < 1.0 && (number * 100.0 - percent).abs() < 1e-9;
    if field == "max_deletes" && is_share {
        return format!("write the percentage with `%`: `{percent:.0}%`");
    }
    if is_score(field) && is_share {
        return format!("scores go from 0 to 100: write `{percent:.0}`");
    }
    let (below, above) = (number.floor(), number.ceil());
    if below < 1.0 {
        return "write a whole number, such as `5`".to_owned();
    }
    format!("write a whole number, such as `{below:.0}` or `{above:.0}`")
}

/// Parses a whole number with group separators.
fn plain_number(text: &str) -> Option<i64> {
    let is_grouped = |mark: char| {
        let mut groups = text.split(mark);
        let first = groups.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
    };
    let plain = text.replace('_', "");
    let mark = [',', ' '].into_iter().find(|mark| plain.contains(*mark));
    match mark {
        Some(mark) if is_grouped(mark) => plain.replace(mark, "").parse().ok(),
        Some(_) => plain.trim().parse().ok(),
        None => plain.parse().ok(),
    }
}

/// Returns whether a text looks like `1:30`, which can mean minutes and seconds or
/// hours and minutes.
fn is_clock(text: &str) -> bool {
    text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || c == ':')
}

fn seconds_of(unit: &str) -> Option<i64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
        _ => return None,
    })
}

fn value_type(field: &str) -> Option<ValueType> {
    let mut kinds = Kind::ALL.into_iter();
    let field = kinds.find_map(|kind| kind.field_anywhere(field));
    field.map(|field| field.value)
}

/// Returns whether a field is a score from 0 to 100.
fn is_score(field: &str) -> bool {
    matches!(value_type(field), Some(ValueType::Integer(range)) if range.measure == Measure::Score)
}

fn duration(value: Option<ValueType>, seconds: i64, is_in_seconds: bool) -> Option<String> {
    match value? {
        ValueType::Duration { unit } if is_in_seconds => {
            Some(format!("write `{seconds}`, and `{unit}: seconds`"))
        }
        ValueType::Duration { unit } => {
            let minutes = seconds / 60;
            Some(format!("write `{minutes}`, and `{unit}: minutes`"))
        }
        ValueType::Integer(range) if range.measure == Measure::Seconds => {
            Some(format!("write the seconds alone: `{seconds}`"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number_in(help: Option<String>) -> String {
        let help = help.unwrap_or_default();
        let mut parts = help.split('`');
        let last = parts.nth_back(1).unwrap_or_default();
        last.to_owned()
    }

    #[test]
    fn a_proposed_number_has_the_written_meaning() {
        for (field, text, proposed) in [
            ("max_concurrent", "1,000", "1000"),
            ("max_concurrent", "25\n", "25"),
            ("max_concurrent", "25;", "25"),
            ("max_concurrent", "25#fast", "#"),
            ("max_concurrent", "79,5", ""),
            ("max_concurrent", "0x10", ""),
            ("max_concurrent", "1e3", ""),
            ("max_concurrent", "2k", ""),
            ("max_concurrent", "5-10", ""),
            ("max_concurrent", "5 calls", "calls"),
            ("ringing_timeout", "2m", "120"),
            ("ringing_timeout", "30 seconds", "30"),
            (
                "max_call_duration",
                "90 sec",
                "max_call_duration_units: seconds",
            ),
            (
                "max_call_duration",
                "1:30",
                "max_call_duration_units: seconds",
            ),
        ] {
            let found = number_in(text_for_integer(field, text));
            assert_eq!(found, proposed, "{field}: {text}");
        }
    }

    #[test]
    fn fractions_are_not_rounded() {
        for (field, number, help) in [
            ("max_deletes", 0.3, "write the percentage with `%`: `30%`"),
            (
                "custom_metrics_passing_threshold",
                0.8,
                "scores go from 0 to 100: write `80`",
            ),
            ("num_runs", 0.5, "write a whole number, such as `5`"),
            ("num_runs", 2.5, "write a whole number, such as `2` or `3`"),
        ] {
            assert_eq!(fraction_for_integer(field, number), help);
        }
    }
}
