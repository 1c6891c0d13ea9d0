//! The execution of an apply so far. It outlives the steps if the grace after a signal ends
//! them.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::apply::{Failed, Ledger, Outcome};
use crate::error::CommandError;
use crate::plan::Plan;

/// The execution so far, which outlives the steps if the grace ends them.
#[derive(Default)]
pub(super) struct Execution {
    /// The plan; empty until a person confirmed the plan.
    pub plan: OnceLock<Plan>,
    pub outcome: Mutex<Outcome>,
    /// Set if the person has seen the plan with its header.
    pub shown: OnceLock<()>,
}

impl Execution {
    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a plan that is not executed, with the changes that could not be executed.
    pub fn stop(&self, plan: Plan, failed: Vec<Failed>, ledger: &Ledger) {
        self.outcome().failed.extend(failed);
        self.plan.get_or_init(|| plan);
        self.cut_off(ledger);
    }

    /// Adds the changes that were under way or not started when the steps were ended.
    pub fn cut_off(&self, ledger: &Ledger) {
        let Some(plan) = self.plan.get() else { return };
        let open = ledger.open();
        let open = open.iter().map(|open| open.intent.key().clone()).collect();
        self.outcome().cut_off(plan, &open);
    }
}

/// The end of the steps, and the execution so far.
pub(super) struct Ended {
    pub ended: Result<(), CommandError>,
    pub execution: Execution,
}
