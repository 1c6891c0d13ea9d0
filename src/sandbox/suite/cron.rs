//! Compiles the schedule of a request to a cron expression.

use serde_json::Value;

const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// Returns the expression with five fields for a checked schedule. The error names the
/// invalid part.
pub(super) fn compile(schedule: &Value) -> Result<String, &'static str> {
    let interval = schedule["interval"].as_i64().unwrap_or(1);
    let (hour, minute) = time(&schedule["time"])?;
    Ok(match schedule["frequency"].as_str().unwrap_or_default() {
        "every_n_minutes" => format!("*/{interval} * * * *"),
        "every_n_hours" => format!("0 */{interval} * * *"),
        "daily" => format!("{minute} {hour} * * *"),
        "weekly" => {
            let name = schedule["day_of_week"].as_str().unwrap_or_default();
            let day = DAYS.iter().position(|day| *day == name).unwrap_or(0);
            format!("{minute} {hour} * * {day}")
        }
        "monthly" => format!("{minute} {hour} {} * *", schedule["day_of_month"]),
        _ => {
            let expression = schedule["expression"].as_str().unwrap_or_default();
            let fields: Vec<_> = expression.split_whitespace().collect();
            if fields.len() != 5 {
                return Err("Invalid cron expression: five fields are needed");
            }
            fields.join(" ")
        }
    })
}

/// Returns hour and minute of `HH:MM`; midnight for a missing time.
fn time(value: &Value) -> Result<(u32, u32), &'static str> {
    let Some(text) = value.as_str() else {
        return Ok((0, 0));
    };
    let wrong = "Invalid time: expected HH:MM";
    let (hour, minute) = text.split_once(':').ok_or(wrong)?;
    let part = |text: &str, most: u32| {
        let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|number| is_two_digits && *number <= most)
            .ok_or(wrong)
    };
    Ok((part(hour, 23)?, part(minute, 59)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schedule: &Value, expected: Result<&str, &str>) {
        let compiled = compile(schedule);
        assert_eq!(compiled.as_deref().map_err(|error| *error), expected);
    }

    #[test]
    fn every_frequency_has_its_expression() {
        check(
            &json!({"frequency": "every_n_minutes", "interval": 15}),
            Ok("*/15 * * * *"),
        );
        check(
            &json!({"frequency": "every_n_hours", "interval": 6}),
            Ok("0 */6 * * *"),
        );
        check(
            &json!({"frequency": "daily", "time": "02:30"}),
            Ok("30 2 * * *"),
        );
        let weekly = json!({"frequency": "weekly", "day_of_week": "friday", "time": "18:05"});
        check(&weekly, Ok("5 18 * * 5"));
        let monthly = json!({"frequency": "monthly", "day_of_month": 31, "time": "00:00"});
        check(&monthly, Ok("0 0 31 * *"));
        check(
            &json!({"frequency": "cron", "expression": " 0  9 * * 1-5 "}),
            Ok("0 9 * * 1-5"),
        );
    }

    #[test]
    fn invalid_times_are_refused() {
        for time in ["24:00", "12:60", "9:00", "ab:cd", "12"] {
            let daily = json!({"frequency": "daily", "time": time});
            check(&daily, Err("Invalid time: expected HH:MM"));
        }
        let short = json!({"frequency": "cron", "expression": "0 9 * *"});
        check(
            &short,
            Err("Invalid cron expression: five fields are needed"),
        );
    }
}
