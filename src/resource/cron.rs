//! Compiles the `schedule` of a document to a cron expression, and back.
//!
//! The API takes a map and shows only the expression, so two schedules are equal if
//! their expressions are.

use serde_json::{Map, Value, json};

/// The field that names the form of a schedule.
pub const FREQUENCY: &str = "frequency";
/// The field with the distance of two runs.
pub const INTERVAL: &str = "interval";
/// The field with the time of day.
pub const TIME: &str = "time";
/// The field with the day of the week.
pub const DAY_OF_WEEK: &str = "day_of_week";
/// The field with the day of the month.
pub const DAY_OF_MONTH: &str = "day_of_month";
/// The field with a cron expression.
pub const EXPRESSION: &str = "expression";

/// Every few minutes.
pub const EVERY_N_MINUTES: &str = "every_n_minutes";
/// Every few hours.
pub const EVERY_N_HOURS: &str = "every_n_hours";
/// Once a day.
pub const DAILY: &str = "daily";
/// Once a week.
pub const WEEKLY: &str = "weekly";
/// Once a month.
pub const MONTHLY: &str = "monthly";
/// As a cron expression says.
pub const CRON: &str = "cron";

/// The days of a week, in the order of cron.
pub const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// The months of a year as cron abbreviates them.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Returns the five-field cron expression of a schedule, in canonical spelling.
/// Returns `None` if a field is missing or has a value that the schema refuses.
#[must_use]
pub fn compile(schedule: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| schedule.get(name).and_then(Value::as_str);
    let number = |name: &str| schedule.get(name).and_then(Value::as_u64);
    let time = || time_of(text(TIME)?);
    let compiled = match text(FREQUENCY)? {
        EVERY_N_MINUTES => format!("*/{} * * * *", number(INTERVAL)?),
        EVERY_N_HOURS => format!("0 */{} * * *", number(INTERVAL)?),
        DAILY => {
            let (hour, minute) = time()?;
            format!("{minute} {hour} * * *")
        }
        WEEKLY => {
            let (hour, minute) = time()?;
            let name = text(DAY_OF_WEEK)?;
            let day = DAYS.iter().position(|day| *day == name)?;
            format!("{minute} {hour} * * {day}")
        }
        MONTHLY => {
            let (hour, minute) = time()?;
            format!("{minute} {hour} {} * *", number(DAY_OF_MONTH)?)
        }
        CRON => text(EXPRESSION)?.to_owned(),
        _ => return None,
    };
    let canonical = canonical(&compiled);
    is_expression(&canonical).then_some(canonical)
}

/// Returns whether a text has the five fields of a cron expression.
#[must_use]
pub fn is_expression(text: &str) -> bool {
    text.split_whitespace().count() == 5
}

/// Returns a cron expression with one space between the fields, numbers without leading
/// zeros, `*` in place of `*/1`, and numbers in place of the names of days and months.
/// Sunday is 0.
#[must_use]
pub fn canonical(expression: &str) -> String {
    let fields = expression.split_whitespace().enumerate();
    let fields: Vec<_> = fields
        .map(|(at, field)| canonical_field(at, field))
        .collect();
    fields.join(" ")
}

fn canonical_field(at: usize, field: &str) -> String {
    let items = field.split(',').map(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let ends: Vec<_> = range.split('-').map(|end| canonical_end(at, end)).collect();
        // `5-7` must not become `5-0`.
        let ends = match &ends[..] {
            [first, last] if at == 4 && last == "0" => format!("{first}-7"),
            _ => ends.join("-"),
        };
        match canonical_number(step).as_str() {
            "1" => ends,
            step => format!("{ends}/{step}"),
        }
    });
    items.collect::<Vec<_>>().join(",")
}

/// Returns an end of a range: the field at index 3 is the month, at index 4 the day of
/// the week.
fn canonical_end(at: usize, end: &str) -> String {
    let name = end.to_ascii_lowercase();
    let month = || MONTHS.iter().position(|month| *month == name);
    let day = || {
        DAYS.iter()
            .position(|day| name.len() == 3 && day.starts_with(&name))
    };
    let number = match at {
        3 => month().map(|month| month + 1),
        4 => day(),
        _ => None,
    };
    let number = number.map_or_else(|| canonical_number(end), |number| number.to_string());
    if at == 4 && number == "7" {
        return "0".to_owned();
    }
    number
}

fn canonical_number(text: &str) -> String {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.trim_start_matches('0') {
        "" if is_number => "0".to_owned(),
        digits if is_number => digits.to_owned(),
        _ => text.to_owned(),
    }
}

/// Returns the schedule that a file declares for a cron expression: the form with a
/// name, or else the expression.
#[must_use]
pub fn decompile(expression: &str) -> Value {
    let expression = canonical(expression);
    let parts: Vec<_> = expression.split(' ').collect();
    let named = match parts[..] {
        [minute, hour, day, "*", weekday] => named_form(minute, hour, day, weekday),
        _ => None,
    };
    named
        .filter(|named| named.as_object().and_then(compile).as_ref() == Some(&expression))
        .unwrap_or_else(|| json!({ FREQUENCY: CRON, EXPRESSION: expression }))
}

fn named_form(minute: &str, hour: &str, day: &str, weekday: &str) -> Option<Value> {
    let every = |text: &str, most: u64| match text {
        "*" => Some(1),
        text => {
            let interval = text.strip_prefix("*/")?.parse().ok()?;
            (interval <= most).then_some(interval)
        }
    };
    let time = || Some(format!("{:0>2}:{:0>2}", hour.parse::<u8>().ok()?, minute));
    Some(match (hour, day, weekday) {
        (_, "*", "*") if minute == "0" && every(hour, 23).is_some() => {
            json!({ FREQUENCY: EVERY_N_HOURS, INTERVAL: every(hour, 23)? })
        }
        ("*", "*", "*") => json!({ FREQUENCY: EVERY_N_MINUTES, INTERVAL: every(minute, 59)? }),
        (_, "*", "*") => json!({ FREQUENCY: DAILY, TIME: time()? }),
        (_, "*", weekday) => {
            let name = DAYS.get(weekday.parse::<usize>().ok()?)?;
            json!({ FREQUENCY: WEEKLY, DAY_OF_WEEK: name, TIME: time()? })
        }
        (_, day, "*") => {
            let day = day.parse::<u64>().ok()?;
            json!({ FREQUENCY: MONTHLY, DAY_OF_MONTH: day, TIME: time()? })
        }
        _ => return None,
    })
}

/// Returns the hour and the minute of a text `HH:MM`; `None` for any other text.
#[must_use]
pub fn time_of(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let part = |text: &str, below: u8| {
        let is_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_digits)?;
        (number < below).then_some(number)
    };
    Some((part(hour, 24)?, part(minute, 60)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks an expression, and that the expression leads back to the schedule.
    #[track_caller]
    fn check(schedule: Value, expression: &str) {
        let compiled = compile(schedule.as_object().unwrap());
        assert_eq!(compiled.as_deref(), Some(expression));
        assert_eq!(decompile(expression), schedule);
    }

    #[test]
    fn every_frequency_has_an_expression() {
        check(
            json!({"frequency": "every_n_minutes", "interval": 15}),
            "*/15 * * * *",
        );
        check(
            json!({"frequency": "every_n_minutes", "interval": 1}),
            "* * * * *",
        );
        check(
            json!({"frequency": "every_n_hours", "interval": 6}),
            "0 */6 * * *",
        );
        check(
            json!({"frequency": "every_n_hours", "interval": 1}),
            "0 * * * *",
        );
        check(json!({"frequency": "daily", "time": "02:30"}), "30 2 * * *");
        check(
            json!({"frequency": "weekly", "day_of_week": "sunday", "time": "18:05"}),
            "5 18 * * 0",
        );
        check(
            json!({"frequency": "monthly", "day_of_month": 31, "time": "00:00"}),
            "0 0 31 * *",
        );
        check(
            json!({"frequency": "cron", "expression": "0 9 * * 1-5"}),
            "0 9 * * 1-5",
        );
    }

    #[test]
    fn spellings_of_one_expression_are_equal() {
        for (one, other) in [
            (" 0  9 * * MON-Fri ", "0 9 * * 1-5"),
            ("00 09 01 JAN *", "0 9 1 1 *"),
            ("*/1 */01 * * 7", "* * * * 0"),
            ("0 0 * * 5-7", "0 0 * * 5-7"),
            ("5,05/2 0 * * sun,wed", "5,5/2 0 * * 0,3"),
        ] {
            assert_eq!(canonical(one), other);
            assert_eq!(canonical(other), other);
        }
    }

    #[test]
    fn every_other_expression_stays_an_expression() {
        for text in [
            "*/90 * * * *",
            "0 0 1 1 *",
            "0 0 1 * 1",
            "5-9 2 * * *",
            "0 25 * * *",
            "@daily",
            "",
        ] {
            assert_eq!(
                decompile(text),
                json!({"frequency": "cron", "expression": text})
            );
        }
    }

    #[test]
    fn incomplete_schedules_have_no_expression() {
        for schedule in [
            json!({}),
            json!({"frequency": "daily"}),
            json!({"frequency": "daily", "time": "24:00"}),
            json!({"frequency": "weekly", "time": "12:00", "day_of_week": "Monday"}),
            json!({"frequency": "every_n_hours"}),
            json!({"frequency": "cron", "expression": "0 9 * *"}),
            json!({"frequency": "yearly"}),
        ] {
            assert_eq!(compile(schedule.as_object().unwrap()), None, "{schedule}");
        }
    }
}
