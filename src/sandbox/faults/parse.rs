//! Reads rules: one rule from an option, or many rules from a file.
//!
//! Both forms are converted to names and texts first, so both accept the same options
//! and give the same errors.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::FaultError;
use super::options::{Options, error_status, header, retry_style, wrong};
use super::rule::{Fault, FaultRule, RetryStyle};

const FAULTS: &str = "bulk-errors, bulk-reversed, error-after, error-before, garbage, keep-nulls, late-commit, latency, \
    lost-after, lost-before, redirect, run-score, run-status, slow-answer, stale-list, throttle, \
    truncated, wrong-minutes";

/// The part of the path of every queue request.
const QUEUE: &str = "/queue-simulation-run";

/// A rules file before its rules are parsed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    #[serde(default)]
    pub seed: u64,
    pub rules: Vec<RuleIn>,
}

/// A rule in a file: an object, or a text as in the option.
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
    let mut options = Options::new(given);
    let mut when = options.schedule()?;
    let mut matching = options.request_filter()?;
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
            let to = options.take("to", "an address", header)?;
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
        "bulk-errors" => {
            matching.narrow("POST", "/create-digital-humans");
            let is_count = |text: &str| text.parse().ok().filter(|n| *n > 0);
            let items = options.take("items", "a count from 1", is_count)?;
            Fault::BulkErrors(items.unwrap_or(2))
        }
        "bulk-reversed" => {
            matching.narrow("POST", "/create-digital-humans");
            Fault::BulkReversed
        }
        "run-score" => {
            matching.narrow("POST", QUEUE);
            let is_percent = |text: &str| text.parse().ok().filter(|n| (0..=100).contains(n));
            let expected = "a percentage from 0 to 100";
            let score = options.take("score", expected, is_percent)?;
            Fault::RunScore(score.unwrap_or(0))
        }
        "run-status" => {
            matching.narrow("POST", QUEUE);
            let status = options.take("status", "a word such as `INCOMPLETE`", header)?;
            Fault::RunStatus(status.unwrap_or_else(|| "INCOMPLETE".to_owned()))
        }
        _ => {
            return Err(FaultError(format!(
                "unknown fault `{name}`; the faults are: {FAULTS}"
            )));
        }
    };
    options.finish(&name)?;
    Ok(FaultRule {
        fault,
        when,
        matching,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Faults;
    use super::*;

    #[test]
    fn an_option_and_a_file_give_the_same_rule() {
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
    fn every_fault_accepts_only_its_options() {
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
            "bulk-errors:items=3,every=2",
            "bulk-reversed",
            "run-score:score=40",
            "run-status:status=ARCHIVED",
        ] {
            assert!(flag.parse::<FaultRule>().is_ok(), "{flag}");
            let fault = flag.split(':').next().unwrap_or_default();
            assert!(FAULTS.contains(fault), "{fault} is not in the list");
        }
    }

    #[test]
    fn errors_about_rules_name_the_expected_form() {
        for (flag, message) in [
            (
                "lost",
                "unknown fault `lost`; the faults are: bulk-errors, ",
            ),
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
