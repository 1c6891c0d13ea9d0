//! Reads the options of a rule.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use super::super::lag::Lag;
use super::error::FaultError;
use super::rule::{RequestFilter, RetryStyle, Schedule, Span};

/// The options of a rule. Reading an option removes it.
pub(super) struct Options {
    given: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

impl Options {
    pub(super) fn new(given: BTreeMap<String, String>) -> Self {
        Self {
            given,
            known: Vec::new(),
        }
    }

    /// Returns an error for an option that was not read.
    pub(super) fn finish(self, fault: &str) -> Result<(), FaultError> {
        match self.given.keys().next() {
            None => Ok(()),
            Some(unknown) => Err(FaultError(format!(
                "`{fault}` has no option `{unknown}`; its options: {}",
                self.known.join(", ")
            ))),
        }
    }

    pub(super) fn take<T>(
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

    pub(super) fn schedule(&mut self) -> Result<Schedule, FaultError> {
        let default = Schedule::default();
        let is_chance = |text: &str| text.parse().ok().filter(|n| (0.0..=1.0).contains(n));
        Ok(Schedule {
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

    pub(super) fn request_filter(&mut self) -> Result<RequestFilter, FaultError> {
        let expected = "`METHOD`, `METHOD:PATH` or `:PATH`, where `PATH` is a part of the path";
        let found = self.take("match", expected, |text| {
            let (method, path) = text.split_once(':').unwrap_or((text, ""));
            method
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic())
                .then(|| RequestFilter {
                    method: (!method.is_empty()).then(|| method.to_ascii_uppercase()),
                    path: path.to_owned(),
                })
        })?;
        Ok(found.unwrap_or_default())
    }

    pub(super) fn error_status(&mut self, default: u16) -> Result<u16, FaultError> {
        let status = self.take("status", "a status from 400 to 599", error_status)?;
        Ok(status.unwrap_or(default))
    }

    pub(super) fn span(&mut self) -> Result<Span, FaultError> {
        let expected = "a duration such as `20ms`, or two: `5ms..50ms`";
        let found = self.take("delay", expected, |text| {
            let (shortest, longest) = text.split_once("..").unwrap_or((text, text));
            let (shortest, longest) = (duration(shortest)?, duration(longest)?);
            (shortest <= longest).then_some(Span { shortest, longest })
        })?;
        found.ok_or_else(|| FaultError(format!("a `delay` is needed: {expected}")))
    }

    pub(super) fn lag(&mut self) -> Result<Lag, FaultError> {
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

impl RequestFilter {
    /// Returns the selection of a rule without `match`.
    pub(super) fn narrow(&mut self, method: &str, path: &str) {
        if *self == Self::default() {
            self.method = Some(method.to_owned());
            path.clone_into(&mut self.path);
        }
    }
}

fn integer(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// Reads a duration of at most a year, so no sum of durations overflows.
fn duration(text: &str) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    let parsed = humantime::parse_duration(text.trim()).ok();
    parsed.filter(|duration| *duration <= LONGEST)
}

pub(super) fn error_status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|n| (400..600).contains(n))
}

pub(super) fn retry_style(text: &str) -> Option<RetryStyle> {
    match text {
        "seconds" => Some(RetryStyle::Seconds),
        "date" => Some(RetryStyle::Date),
        "none" => Some(RetryStyle::None),
        _ => None,
    }
}

/// Reads a text that is a valid header value.
pub(super) fn header(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && !text.is_empty()).then(|| text.to_owned())
}

pub(super) fn wrong(name: &str, value: &str, expected: &str) -> FaultError {
    FaultError(format!("`{name}={value}`: expected {expected}"))
}
