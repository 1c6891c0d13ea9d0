//! The formats of texts.

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// A time of a day: `02:30`.
    Time,
    /// The name of an IANA time zone: `Europe/Berlin`. Only the form of the name is
    /// checked.
    TimeZone,
    /// Keys of a telephone: `12*3#`. A comma is a pause.
    Keypad,
}

impl TextFormat {
    /// Returns the regular expression of the format.
    #[must_use]
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Time => "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            Self::TimeZone => "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$",
            Self::Keypad => "^[0-9*#,]+$",
        }
    }

    /// Returns whether a text has the format.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Time => super::cron::time_of(text).is_some(),
            Self::TimeZone => {
                let is_letter = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
                text.starts_with(|c: char| c.is_ascii_alphabetic())
                    && text
                        .split('/')
                        .all(|part| !part.is_empty() && part.chars().all(is_letter))
            }
            Self::Keypad => {
                !text.is_empty()
                    && text
                        .chars()
                        .all(|c| c.is_ascii_digit() || "*#,".contains(c))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn formats_accept_what_their_patterns_match() {
        for (format, good, bad) in [
            (
                TextFormat::Time,
                &["00:00", "23:59", "02:30"][..],
                &["24:00", "2:30", "02:60", "", "02:3a", "+2:30"][..],
            ),
            (
                TextFormat::TimeZone,
                &[
                    "UTC",
                    "Europe/Berlin",
                    "America/Argentina/Ushuaia",
                    "Etc/GMT+3",
                ],
                &["", "/", "Europe/", "2x", "Europe Berlin"],
            ),
            (TextFormat::Keypad, &["1", "12*3#,4"], &["", "a", "1 2"]),
        ] {
            let schema = serde_json::json!({ "type": "string", "pattern": format.pattern() });
            let validator = jsonschema::draft7::new(&schema).unwrap();
            for (texts, expected) in [(good, true), (bad, false)] {
                for text in texts {
                    assert_eq!(format.accepts(text), expected, "{format:?} {text:?}");
                    assert_eq!(
                        validator.is_valid(&Value::from(*text)),
                        expected,
                        "{text:?}"
                    );
                }
            }
        }
    }
}
