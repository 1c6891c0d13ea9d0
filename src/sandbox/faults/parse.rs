//! Rules from text: one from a flag, many from a file.
//!
//! Both forms become the same names and texts first, so that they take the same
//! options and make the same complaints.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::state::Lag;
use super::rule::{Fault, FaultRule, Matching, RetryStyle, Span, When};

const FAULTS: &str = "error-after, error-before, garbage, keep-nulls, late-commit, latency, \
    lost-after, lost-before, redirect, slow-answer, stale-list, throttle, truncated, wrong-minutes";

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(String);

/// A rules file, before its rules are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    #[serde(default)]
    pub seed: u64,
    pub rules: Vec<RuleIn>,
}

/// A rule in a file: as an object, or as a flag would have it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RuleIn {
    Flag(String),
    Object(Map<String, Value>),
}

impl RuleIn {
    pub(super) fn rule(self) -> Result<FaultRule, FaultError> {
        match self {
            Self::Flag(flag) => flag.parse(),
            Self::Object(fields) => {
                let mut given = BTreeMap::new();
                for (name, value) in fields {
                    let text = match value {
                        Value::String(text) => text,
                        Value::Number(number) => number.to_string(),
                        _ => return Err(wrong(&name, &value.to_string(), "a text or a number")),
                    };
                    given.insert(name, text);
                }
                let fault = given
                    .remove("fault")
                    .ok_or_else(|| FaultError(format!("a rule needs a `fault`: {FAULTS}")))?;
                rule(fault, given)
            }
        }
    }
}

impl FromStr for FaultRule {
    type Err = FaultError;

    /// Reads `FAULT` or `FAULT:OPTION=VALUE,OPTION=VALUE`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (fault, options) = text.split_once(':').unwrap_or((text, ""));
        let mut given = BTreeMap::new();
        for option in options.split(',').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').ok_or_else(|| {
                FaultError(format!("`{option}`: expected an option, `NAME=VALUE`"))
            })?;
            let name = name.trim().to_owned();
            if given.insert(name, value.trim().to_owned()).is_some() {
                return Err(FaultError(format!("`{option}`: the option is given twice")));
            }
        }
        rule(fault.trim().to_owned(), given)
    }
}

fn rule(name: String, given: BTreeMap<String, String>) -> Result<FaultRule, FaultError> {
    let mut options = Options {
        given,
        known: Vec::new(),
    };
    let mut when = options.when()?;
    let mut matching = options.matching()?;
    let fault = match name.as_str() {
        "latency" => Fault::Latency(options.span()?),
        "slow-answer" => Fault::SlowAnswer(options.span()?),
        "lost-before" => Fault::LostBefore,
        "lost-after" => Fault::LostAfter,
        "late-commit" => {
            let status = options.take("status", "a status from 400 to 599", error_status)?;
            Fault::LateCommit(options.span()?, status)
        }
        "error-before" => Fault::ErrorBefore(options.error_status(503)?),
        "error-after" => Fault::ErrorAfter(options.error_status(502)?),
        "garbage" => Fault::Garbage,
        "truncated" => Fault::Truncated,
        "throttle" => {
            if when.lasting.is_none() && when.times.is_none() {
                when.lasting = Some(Duration::from_secs(1));
            }
            let status = options.error_status(429)?;
            let style = options.take("retry-after", "`seconds`, `date` or `none`", retry_style)?;
            let default = if status == 429 {
                RetryStyle::Seconds
            } else {
                RetryStyle::None
            };
            Fault::Throttle(status, style.unwrap_or(default))
        }
        "redirect" => {
            let is_redirect = |text: &str| text.parse().ok().filter(|n| (300..400).contains(n));
            let status = options.take("status", "a status from 300 to 399", is_redirect)?;
            let to = options.take("to", "an address", is_header)?;
            Fault::Redirect(
                status.unwrap_or(307),
                to.unwrap_or_else(|| "/login".to_owned()),
            )
        }
        "stale-list" => {
            matching.narrow("GET", "/get-");
            Fault::StaleList(options.lag()?)
        }
        "wrong-minutes" => {
            matching.narrow("POST", "/create-simulation");
            Fault::WrongMinutes
        }
        "keep-nulls" => {
            matching.narrow("PUT", "/simulation/");
            Fault::KeepNulls
        }
        _ => {
            return Err(FaultError(format!(
                "unknown fault `{name}`; there are: {FAULTS}"
            )));
        }
    };
    if let Some(unknown) = options.given.keys().next() {
        let known = options.known.join(", ");
        let message = format!("`{name}` has no option `{unknown}`; its options: {known}");
        return Err(FaultError(message));
    }
    Ok(FaultRule {
        fault,
        when,
        matching,
    })
}

/// The options of a rule; each is taken out when it is read.
struct Options {
    given: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

impl Options {
    fn take<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FaultError> {
        self.known.push(name);
        match self.given.remove(name) {
            None => Ok(None),
            Some(text) => match read(&text) {
                Some(value) => Ok(Some(value)),
                None => Err(wrong(name, &text, expected)),
            },
        }
    }

    fn when(&mut self) -> Result<When, FaultError> {
        let default = When::default();
        let is_chance = |text: &str| text.parse().ok().filter(|n| (0.0..=1.0).contains(n));
        Ok(When {
            after: self.take("after", "a count", integer)?.unwrap_or_default(),
            every: self
                .take("every", "a count from 1", |text| {
                    integer(text).filter(|n| *n > 0)
                })?
                .unwrap_or(default.every),
            times: self.take("times", "a count", integer)?,
            chance: self
                .take("chance", "a probability from 0 to 1", is_chance)?
                .unwrap_or(default.chance),
            lasting: self.take("for", "a duration such as `2s`", duration)?,
        })
    }

    fn matching(&mut self) -> Result<Matching, FaultError> {
        let expected = "`METHOD`, `METHOD:PATH` or `:PATH`, where `PATH` is a part of the path";
        let found = self.take("match", expected, |text| {
            let (method, path) = text.split_once(':').unwrap_or((text, ""));
            method
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic())
                .then(|| Matching {
                    method: (!method.is_empty()).then(|| method.to_ascii_uppercase()),
                    path: path.to_owned(),
                })
        })?;
        Ok(found.unwrap_or_default())
    }

    fn error_status(&mut self, default: u16) -> Result<u16, FaultError> {
        let status = self.take("status", "a status from 400 to 599", error_status)?;
        Ok(status.unwrap_or(default))
    }

    fn span(&mut self) -> Result<Span, FaultError> {
        let expected = "a duration such as `20ms`, or two: `5ms..50ms`";
        let found = self.take("delay", expected, |text| {
            let (shortest, longest) = text.split_once("..").unwrap_or((text, text));
            let (shortest, longest) = (duration(shortest)?, duration(longest)?);
            (shortest <= longest).then_some(Span { shortest, longest })
        })?;
        found.ok_or_else(|| FaultError(format!("a `delay` is needed: {expected}")))
    }

    fn lag(&mut self) -> Result<Lag, FaultError> {
        let age = self.take("lag", "a duration such as `5s`", duration)?;
        let creates = self.take("creates", "a count", integer)?;
        match (age, creates) {
            (Some(age), None) => SignedDuration::try_from(age)
                .map(Lag::Age)
                .map_err(|_| FaultError("the `lag` is too long".to_owned())),
            (None, Some(creates)) => Ok(Lag::Creates(creates)),
            _ => Err(FaultError(
                "`stale-list` needs either `lag=DURATION` or `creates=COUNT`".to_owned(),
            )),
        }
    }
}

impl Matching {
    /// What it matches where the user didn't say.
    fn narrow(&mut self, method: &str, path: &str) {
        if *self == Self::default() {
            self.method = Some(method.to_owned());
            path.clone_into(&mut self.path);
        }
    }
}

fn integer(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// Bounded to a year, so that no sum of times overflows.
fn duration(text: &str) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    let parsed = humantime::parse_duration(text.trim()).ok();
    parsed.filter(|duration| *duration <= LONGEST)
}

fn error_status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|n| (400..600).contains(n))
}

fn retry_style(text: &str) -> Option<RetryStyle> {
    match text {
        "seconds" => Some(RetryStyle::Seconds),
        "date" => Some(RetryStyle::Date),
        "none" => Some(RetryStyle::None),
        _ => None,
    }
}

/// A text that may stand in a header.
fn is_header(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && !text.is_empty()).then(|| text.to_owned())
}

fn wrong(name: &str, value: &str, expected: &str) -> FaultError {
    FaultError(format!("`{name}={value}`: expected {expected}"))
}

impl From<serde_json::Error> for FaultError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Faults;
    use super::*;

    #[test]
    fn a_flag_and_a_file_say_the_same() {
        let file = json!({ "seed": 7, "rules": [
            { "fault": "lost-after", "every": 2, "match": "post:create" },
            "lost-after:every=2,match=POST:create",
        ] });
        let faults = Faults::from_json(file).unwrap();
        assert_eq!(faults.seed, 7);
        assert_eq!(faults.rules[0], faults.rules[1]);
        assert_eq!(faults.rules[0].fault, Fault::LostAfter);
        assert_eq!(faults.rules[0].when.every, 2);
        assert_eq!(faults.rules[0].matching.method.as_deref(), Some("POST"));
    }

    #[test]
    fn every_fault_has_its_options() {
        for flag in [
            "latency:delay=20ms",
            "slow-answer:delay=1ms..1s,chance=0.5",
            "lost-before:times=3",
            "lost-after:after=10",
            "late-commit:delay=2s,status=504",
            "error-before:status=500",
            "error-after",
            "garbage:every=4",
            "truncated",
            "throttle:after=100,for=2s,retry-after=date",
            "throttle:after=150,status=401",
            "redirect:status=302,to=http://127.0.0.1:1/",
            "stale-list:lag=5s",
            "stale-list:creates=3,match=GET:by-agent",
            "wrong-minutes",
            "keep-nulls",
        ] {
            assert!(flag.parse::<FaultRule>().is_ok(), "{flag}");
            let fault = flag.split(':').next().unwrap_or_default();
            assert!(FAULTS.contains(fault), "{fault} is not in the list");
        }
    }

    #[test]
    fn mistakes_say_what_was_expected() {
        for (flag, message) in [
            ("lost", "unknown fault `lost`; there are: error-after, "),
            ("latency", "a `delay` is needed"),
            (
                "latency:delay=20",
                "`delay=20`: expected a duration such as",
            ),
            ("latency:delay=9ms..2ms", "`delay=9ms..2ms`: expected"),
            (
                "lost-after:evry=2",
                "`lost-after` has no option `evry`; its options: after, every,",
            ),
            ("lost-after:every=0", "`every=0`: expected a count from 1"),
            ("lost-after:every", "`every`: expected an option"),
            (
                "lost-after:every=1,every=2",
                "`every=2`: the option is given twice",
            ),
            (
                "error-after:status=200",
                "`status=200`: expected a status from 400",
            ),
            ("stale-list", "`stale-list` needs either"),
            ("redirect:to=a b", "`to=a b`: expected an address"),
        ] {
            let error = flag.parse::<FaultRule>().unwrap_err().to_string();
            assert!(error.starts_with(message), "{flag}: {error}");
        }
        for file in [json!(5), json!({}), json!({ "rules": [{ "every": 2 }] })] {
            assert!(Faults::from_json(file.clone()).is_err(), "{file}");
        }
    }
}
