//! The log lines of `-v`, and the format of every line on stderr.

use std::ffi::OsString;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::event::Event as Said;
use super::stderr::Stderr;
use crate::cli::{GlobalArgs, LogFormat, option_of};
use crate::visible;

/// The log format of this process, and the id of the run.
static LINE: OnceLock<Line> = OnceLock::new();

/// Sends the log lines of this crate to stderr: requests with `-v`, more with `-vv`. All
/// other messages use the same format: see [`as_json`].
///
/// Log lines of other crates are dropped, because some crates log headers, and headers
/// contain the key.
pub fn listen(global: &GlobalArgs) {
    let line = LINE.get_or_init(|| Line::new(global.log_format));
    let filter = match global.verbose {
        0 => return,
        1 => "bluejayctl=info",
        _ => "bluejayctl=trace",
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(|| Stderr)
        .with_ansi(false)
        .event_format(line);
    // The process sets only one subscriber, so the call can't fail.
    let _ = subscriber.try_init();
}

/// Sets the log format from arguments that can't be parsed.
pub fn listen_for(args: impl IntoIterator<Item = OsString>) {
    let form = match option_of(args, &["--log-format"]).as_deref() {
        Some("json") => LogFormat::Json,
        _ => LogFormat::Text,
    };
    LINE.get_or_init(|| Line::new(form));
}

/// Returns whether stderr is in JSON.
#[must_use]
pub fn is_json() -> bool {
    LINE.get().is_some_and(|line| line.form == LogFormat::Json)
}

/// Returns an event as a line of JSON; `None` if stderr is for people.
#[must_use]
pub fn as_json(event: &Said) -> Option<String> {
    let line = LINE.get().filter(|_| is_json())?;
    let fields = Fields {
        message: event.message.trim_start_matches("... ").to_owned(),
        others: event.fields(),
    };
    let json = line.json(jiff::Timestamp::now(), event.level.word(), fields);
    Some(json.to_string())
}

/// The format of a line: time, level, run, message, and then the fields in their given
/// order.
struct Line {
    form: LogFormat,
    run_id: String,
}

impl Line {
    fn new(form: LogFormat) -> Self {
        Self {
            form,
            run_id: new_run_id(),
        }
    }
}

/// Returns the id of this process in log lines: eight random hex digits.
fn new_run_id() -> String {
    // The system seeds each process differently.
    let random = RandomState::new().build_hasher().finish();
    format!("{:08x}", random >> 32)
}

impl<S, N> FormatEvent<S, N> for &'static Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (now, level) = (jiff::Timestamp::now(), event.metadata().level().as_str());
        let line = match self.form {
            LogFormat::Text => visible::terminal(&self.text(now, level, &fields), false),
            LogFormat::Json => visible::json(&self.json(now, level, fields).to_string()),
        };
        writeln!(writer, "{line}")
    }
}

impl Line {
    fn text(&self, now: jiff::Timestamp, level: &str, fields: &Fields) -> String {
        let mut line = format!("{now:.3} {level:>5} {} {}", self.run_id, fields.message);
        for (name, value) in &fields.others {
            line.push_str(&format!(" {name}="));
            match value {
                Value::String(text) if is_plain(text) => line.push_str(text),
                // The value is quoted, and control characters are escaped.
                value => line.push_str(&value.to_string()),
            }
        }
        line
    }

    fn json(&self, now: jiff::Timestamp, level: &str, fields: Fields) -> Value {
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), json!(format!("{now:.3}")));
        line.insert("level".to_owned(), json!(level));
        line.insert("run_id".to_owned(), json!(self.run_id));
        line.insert("message".to_owned(), json!(fields.message));
        line.extend(fields.others);
        Value::Object(line)
    }
}

fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"' && c != '\\';
    !text.is_empty() && text.chars().all(is_plain)
}

/// The message and the fields of an event.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(String, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        self.others.push((field.name().to_owned(), value));
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, json!(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.add(field, json!(format!("{value:?}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(form: LogFormat) -> Line {
        Line {
            form,
            run_id: "00ff00ff".to_owned(),
        }
    }

    fn fields() -> Fields {
        Fields {
            message: "answered".to_owned(),
            others: vec![
                ("status".to_owned(), json!(200)),
                ("path".to_owned(), json!("/v1/x")),
                ("reason".to_owned(), json!("a \u{1b}[31m\"b\"")),
            ],
        }
    }

    #[test]
    fn control_characters_are_escaped_in_text_lines() {
        let text = line(LogFormat::Text).text(jiff::Timestamp::UNIX_EPOCH, "INFO", &fields());
        assert_eq!(
            text,
            "1970-01-01T00:00:00.000Z  INFO 00ff00ff answered status=200 path=/v1/x \
             reason=\"a \\u001b[31m\\\"b\\\"\""
        );
    }

    #[test]
    fn a_line_of_json_is_one_object() {
        let json = line(LogFormat::Json).json(jiff::Timestamp::UNIX_EPOCH, "INFO", fields());
        assert_eq!(json["run_id"], "00ff00ff");
        assert_eq!(json["timestamp"], "1970-01-01T00:00:00.000Z");
        assert_eq!(json["status"], 200);
        assert!(!json.to_string().contains('\n'));
    }

    #[test]
    fn every_process_has_a_different_run_id() {
        assert_ne!(new_run_id(), new_run_id());
        assert_eq!(new_run_id().len(), 8);
    }
}
