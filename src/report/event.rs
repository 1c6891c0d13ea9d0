//! The messages on stderr as events, for `--log-format json`.

use serde_json::{Value, json};

/// The level of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Progress.
    Info,
    /// A warning.
    Warn,
    /// An error that ends a command, or a part of its work.
    Error,
}

impl Level {
    /// Returns the level in the form of log lines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// A message on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The level.
    pub level: Level,
    /// The message, in one line.
    pub message: String,
    /// The causes, the nearest first.
    pub causes: Vec<String>,
    /// The lines below the message, such as a snippet of a file.
    pub detail: String,
    /// The help texts.
    pub help: Vec<String>,
}

impl Event {
    /// Returns an event with only a message.
    #[must_use]
    pub fn new(level: Level, message: impl Into<String>) -> Self {
        Self {
            level,
            message: message.into(),
            causes: Vec::new(),
            detail: String::new(),
            help: Vec::new(),
        }
    }

    /// Returns the fields beside level and message. Empty fields are left out.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, Value)> {
        let list = |name: &str, items: &[String]| {
            (!items.is_empty()).then(|| (name.to_owned(), json!(items)))
        };
        let detail = self.detail.trim_end();
        let detail = (!detail.is_empty()).then(|| ("detail".to_owned(), json!(detail)));
        [
            list("caused_by", &self.causes),
            detail,
            list("help", &self.help),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Parses a text without colours into events. Each line that starts with `error`,
/// `warning` or `refused` starts an event, which includes the lines below.
#[must_use]
pub fn events(text: &str) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for line in text.lines() {
        if let Some((level, message)) = headline(line) {
            events.push(Event::new(level, message));
            continue;
        }
        let Some(event) = events.last_mut() else {
            if !line.trim().is_empty() {
                events.push(Event::new(Level::Warn, line));
            }
            continue;
        };
        if let Some(help) = below(line, "help: ") {
            event.help.push(help.to_owned());
        } else if let Some(cause) = below(line, "caused by: ") {
            event.causes.push(cause.to_owned());
        } else if !(line.is_empty() && event.detail.is_empty()) {
            event.detail.push_str(line);
            event.detail.push('\n');
        }
    }
    events
}

/// Parses `error[code]: message` into level and message.
fn headline(line: &str) -> Option<(Level, &str)> {
    let (word, message) = line.split_once(": ")?;
    let word = word.split('[').next().unwrap_or(word);
    let level = match word {
        "error" | "refused" => Level::Error,
        "warning" => Level::Warn,
        _ => return None,
    };
    Some((level, message))
}

/// Returns the text after a label; the bars and signs of a snippet before the label are
/// skipped.
fn below<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    line.trim_start_matches([' ', '|', '=', '│', '╰', '╭'])
        .strip_prefix(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_event_has_its_detail_causes_and_help() {
        let text = "error[out-of-range]: too many\n --> a.yaml:3:1\n  |\n  = help: at most 5\n\n\
                    error: second\n  caused by: no disk\nhelp: free some\n";
        let found = events(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].message, "too many");
        assert_eq!(found[0].help, ["at most 5"]);
        assert_eq!(found[0].detail.trim_end(), " --> a.yaml:3:1\n  |");
        assert_eq!(found[1].causes, ["no disk"]);
        assert_eq!(found[1].help, ["free some"]);
        let names: Vec<_> = found[1]
            .fields()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["caused_by", "help"]);
    }

    #[test]
    fn a_line_without_a_level_is_a_warning() {
        assert_eq!(
            events("run 7 may still go on"),
            [Event::new(Level::Warn, "run 7 may still go on")]
        );
        assert_eq!(events("\n"), []);
    }
}
