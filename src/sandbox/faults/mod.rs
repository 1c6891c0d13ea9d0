//! Faults: what goes wrong, decided request by request.
//!
//! A rule is a fault, options, and the requests that it is about:
//! `lost-after:every=2,match=POST:create` loses the answer to every second
//! create, after it was done. In a rules file the same is
//! `{"fault": "lost-after", "every": 2, "match": "POST:create"}`.
//!
//! | fault | what happens | own options |
//! | --- | --- | --- |
//! | `latency` | waits, then does and answers | `delay=20ms`, `delay=5ms..50ms` |
//! | `slow-answer` | does it at once, waits, then answers | `delay` |
//! | `lost-before` | closes the connection, nothing done | |
//! | `lost-after` | does it, closes the connection | |
//! | `late-commit` | closes the connection or answers `status`; does it `delay` later | `delay`, `status` |
//! | `error-before` | answers `status`, nothing done | `status=503` |
//! | `error-after` | does it, answers `status` | `status=502` |
//! | `garbage` | does it, answers 200 with no JSON | |
//! | `truncated` | does it, the answer breaks off halfway | |
//! | `throttle` | answers `status`, nothing done | `status=429`, `retry-after=seconds\|date\|none` |
//! | `redirect` | answers `status`, nothing done | `status=307`, `to=/login` |
//! | `stale-list` | lists miss the newest simulations | `lag=5s` or `creates=3` |
//! | `wrong-minutes` | a create takes its minutes for hours | |
//! | `keep-nulls` | an update ignores explicit nulls | |
//! | `bulk-errors` | a bulk request refuses each `items`-th of its items | `items=2` |
//! | `bulk-reversed` | a bulk create answers in the reverse order | |
//! | `run-score` | a run passes only `score` percent of its tests | `score=0` |
//! | `run-status` | a run ends with `status`; with `RUNNING` it never ends | `status=INCOMPLETE` |
//!
//! Every rule takes: `match=METHOD:PART-OF-PATH` (either may be missing: `POST`,
//! `:create`), which requests it counts; `after=N`, leave the first N alone;
//! `every=N`, strike each N-th of the rest; `times=N`, strike so often and no
//! more; `chance=P`, strike with a probability; `for=DURATION`, once struck,
//! strike everything for so long and then count from the start. A `throttle`
//! without `for` and `times` has `for=1s`.

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

/// The rules that make a sandbox misbehave; by default it behaves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// In order; where several would decide over one answer, the first does.
    pub rules: Vec<FaultRule>,
    /// Decides what is left to chance: the same seed, the same faults.
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
