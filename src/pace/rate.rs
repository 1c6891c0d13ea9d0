//! The request limit of a project.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The limit of the vendor, in requests per minute and client address (documentation of
/// September 2026).
const VENDOR: u32 = 100;

/// The highest configurable limit, in requests per minute.
const MAX_RATE: u32 = 100_000;

/// The largest number of requests per minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// At most this number.
    PerMinute(u32),
    /// No limit.
    Off,
}

impl Rate {
    /// The documented limit of the API.
    pub const VENDOR: Self = Self::PerMinute(VENDOR);

    /// Returns the requests per minute; `None` for no limit.
    #[must_use]
    pub fn per_minute(self) -> Option<u32> {
        match self {
            Self::PerMinute(rate) => Some(rate),
            Self::Off => None,
        }
    }

    fn of(rate: u64) -> Option<Self> {
        let rate = u32::try_from(rate).ok()?;
        (1..=MAX_RATE)
            .contains(&rate)
            .then_some(Self::PerMinute(rate))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerMinute(rate) => rate.fmt(f),
            Self::Off => f.write_str("off"),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rate = match text {
            "off" => Some(Self::Off),
            text => text.parse().ok().and_then(Self::of),
        };
        rate.ok_or_else(|| format!("expected a number from 1 to {MAX_RATE}, or `off`"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RateForm {
    Number(u64),
    Text(String),
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self {
            Self::PerMinute(rate) => RateForm::Number(u64::from(*rate)),
            Self::Off => RateForm::Text("off".to_owned()),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = match RateForm::deserialize(deserializer)? {
            RateForm::Number(rate) => rate.to_string().parse(),
            RateForm::Text(text) => text.parse(),
        };
        rate.map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Rate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": MAX_RATE },
                { "type": "string", "const": "off" },
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_or_off() {
        assert_eq!("20".parse(), Ok(Rate::PerMinute(20)));
        assert_eq!("off".parse(), Ok(Rate::Off));
        for wrong in ["0", "-1", "1.5", "100001", "on", ""] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn yaml_and_the_command_line_read_the_same() {
        for text in ["100", "off"] {
            let read: Rate = serde_yaml::from_str(text).unwrap();
            assert_eq!(Ok(read), text.parse());
            assert_eq!(read.to_string(), text);
        }
        assert!(serde_yaml::from_str::<Rate>("0").is_err());
    }
}
