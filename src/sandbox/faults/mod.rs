//! Fault injection, decided for each request.
//!
//! A rule has a fault, options, and a selection of requests:
//! `lost-after:every=2,match=POST:create` loses the answer to every second
//! create, after it was done. In a rules file the same is
//! `{"fault": "lost-after", "every": 2, "match": "POST:create"}`.
//!
//! | fault | what happens | own options |
//! | --- | --- | --- |
//! | `latency` | waits, then executes the request and answers | `delay=20ms`, `delay=5ms..50ms` |
//! | `slow-answer` | executes the request at once, waits, then answers | `delay` |
//! | `lost-before` | closes the connection without executing the request | |
//! | `lost-after` | executes the request, then closes the connection | |
//! | `late-commit` | closes the connection or answers `status`; executes the request `delay` later | `delay`, `status` |
//! | `error-before` | answers `status` without executing the request | `status=503` |
//! | `error-after` | executes the request, then answers `status` | `status=502` |
//! | `garbage` | executes the request, then answers 200 with a body that is not JSON | |
//! | `truncated` | executes the request; the answer ends halfway | |
//! | `throttle` | answers `status` without executing the request | `status=429`, `retry-after=seconds\|date\|none` |
//! | `redirect` | answers `status` without executing the request | `status=307`, `to=/login` |
//! | `stale-list` | lists omit the newest simulations | `lag=5s` or `creates=3` |
//! | `wrong-minutes` | a create reads minutes as hours | |
//! | `keep-nulls` | an update ignores explicit nulls | |
//! | `bulk-errors` | a bulk request refuses each `items`-th of its items | `items=2` |
//! | `bulk-reversed` | a bulk create answers in the reverse order | |
//! | `run-score` | a run passes only `score` percent of its tests | `score=0` |
//! | `run-status` | a run ends with `status`; with `RUNNING` it never ends | `status=INCOMPLETE` |
//!
//! | option of every rule | meaning |
//! | --- | --- |
//! | `match=METHOD:PART-OF-PATH` | counts these requests; either part may be omitted: `POST`, `:create` |
//! | `after=N` | skips the first N requests |
//! | `every=N` | injects into each N-th of the remaining requests |
//! | `times=N` | injects at most N times |
//! | `chance=P` | injects with this probability |
//! | `for=DURATION` | after the first injection, injects into every request for this time |
//!
//! A `throttle` without `for` and `times` has `for=1s`.

mod error;
mod injector;
mod options;
mod parse;
mod quirks;
mod rule;

pub use error::FaultError;
pub(super) use injector::{Fate, Injector, Script};
pub(super) use quirks::Quirks;
pub use rule::FaultRule;
pub(super) use rule::RetryStyle;

/// The rules of a sandbox. By default, there are no rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// The rules in order. The first rule that decides an answer wins.
    pub rules: Vec<FaultRule>,
    /// The seed of `chance`. The same seed gives the same faults.
    pub seed: u64,
}

impl Faults {
    /// Reads a rules file: `{"seed": 7, "rules": [RULE, …]}`. A rule is an object
    /// with a `fault` and its options, or a text as in a flag.
    pub fn from_json(file: serde_json::Value) -> Result<Self, FaultError> {
        let file: parse::RulesFile = serde_json::from_value(file)?;
        let rules = file.rules.into_iter().map(parse::RuleIn::rule);
        Ok(Self {
            seed: file.seed,
            rules: rules.collect::<Result<_, _>>()?,
        })
    }
}
