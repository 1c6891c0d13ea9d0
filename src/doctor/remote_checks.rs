//! The checks of the API key and of the answers of the API.

use super::Outcome;
use super::facts::{Answers, Facts, KeyFacts, Problem, ProjectFacts, WantedAgent};
use crate::resource::agent::{Agent, AgentFault, resolve_agent};
use crate::suggestion::counted;

/// The difference of the clocks that is no problem, in seconds. The `Date` of an answer has
/// whole seconds, and the answer takes its time.
const CLOCK_TOLERANCE: i64 = 30;

/// The most missing agents that are named.
const MAX_NAMED: usize = 5;

/// Checks that there is a key.
pub(super) fn key(facts: &Facts) -> Outcome {
    match &facts.key {
        Err(problem) => problem.into(),
        Ok(KeyFacts::NotNeeded) => Outcome::ok("the sandbox needs no API key"),
        Ok(KeyFacts::Present {
            is_readable_by_all: true,
        }) => Outcome::warning("every user of this machine can read the file of the API key")
            .help("make the file private: `chmod 600 FILE`"),
        Ok(KeyFacts::Present { .. }) => Outcome::ok("there is an API key"),
    }
}

/// Checks that the key may be sent to the address, and that the ids of the lockfile belong to
/// the address.
pub(super) fn address(project: &ProjectFacts) -> Outcome {
    match &project.address {
        Err(problem) => problem.into(),
        Ok(address) => Outcome::ok(format!("the API is {address}")),
    }
}

/// Checks that the API accepts the key, and that the ids of the lockfile belong to its
/// organisation.
pub(super) fn organization(project: &ProjectFacts, answers: &Answers) -> Outcome {
    let found = match &answers.organization {
        Err(problem) => return problem.into(),
        Ok(found) => found,
    };
    let lockfile = &project.lockfile;
    let recorded = lockfile.recorded.as_ref().ok();
    let recorded = recorded.and_then(|recorded| recorded.organization.as_ref());
    match (found, recorded) {
        (None, _) => Outcome::warning("the API accepts the key, and does not name its organisation")
        .help("check in the dashboard that the key is of the right organisation"),
        (Some(found), Some(recorded)) if found != recorded => Outcome::problem(format!(
            "the key is of organisation {found}, and the ids in `{}` are of organisation {recorded}",
            lockfile.name
        ))
        .help("use the key of that organisation, or another lockfile: `--env NAME`"),
        (Some(found), _) => {
            Outcome::ok(format!("the API accepts the key, of organisation {found}"))
        }
    }
}

/// Checks that every agent exists that a file names.
pub(super) fn agents(project: &ProjectFacts, answers: &Answers) -> Outcome {
    if project.lockfile.is_of_sandbox {
        return Outcome::skipped("the sandbox accepts every agent");
    }
    let agents = match &answers.agents {
        None if project.agents.is_empty() => return Outcome::ok("no file names an agent"),
        None => {
            let asked = answers.organization.as_ref().err();
            let reason = asked.map_or("the API was not asked", |problem| &problem.message);
            return Outcome::skipped(reason);
        }
        Some(Err(problem)) => {
            let Problem { message, help } = problem;
            let outcome = Outcome::warning(format!("could not list the agents: {message}"));
            return help.iter().cloned().fold(outcome, Outcome::help);
        }
        Some(Ok(agents)) => agents,
    };
    let wanted = project.agents.iter();
    let problems: Vec<_> = wanted.filter_map(|wanted| wanted.problem(agents)).collect();
    if problems.is_empty() {
        return Outcome::ok("the API shows every agent that the files name");
    }
    let more = match problems.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let named = problems[..problems.len().min(MAX_NAMED)].join("; ");
    Outcome::problem(format!("{named}{more}"))
        .help("correct the agent in the file, or use the key of the workspace that has the agent")
}

impl WantedAgent {
    /// Returns what is wrong with the agent.
    fn problem(&self, agents: &[Agent]) -> Option<String> {
        let Self { id, selector, key } = self;
        let Some(selector) = selector else {
            let id = id.as_deref().unwrap_or_default();
            let exists = agents.iter().any(|agent| agent.id == id);
            return (!exists).then(|| format!("there is no agent {id}, which `{key}` names"));
        };
        let problem = resolve_agent(selector, id.as_deref(), agents).err()?;
        let named = format!(
            "the {} `{}`, which `{key}` names",
            selector.noun(),
            selector.text()
        );
        Some(match problem {
            AgentFault::Unknown { .. } => format!("no agent has {named}"),
            AgentFault::Several(ids) => {
                format!("{} agents have {named}", ids.len())
            }
            AgentFault::Moved { pinned, now } if now.is_empty() => {
                format!("agent {pinned} of the lockfile no longer has {named}")
            }
            AgentFault::Moved { pinned, .. } => {
                format!("another agent than {pinned} of the lockfile has {named}")
            }
        })
    }
}

/// Checks that the clocks of this machine and of the API agree.
pub(super) fn clock(_: &ProjectFacts, answers: &Answers) -> Outcome {
    let Some(ahead) = answers.clock_ahead else {
        return Outcome::skipped("no answer of the API has a `Date`");
    };
    let seconds = counted(
        usize::try_from(ahead.unsigned_abs()).unwrap_or(usize::MAX),
        "second",
    );
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    if ahead.abs() <= CLOCK_TOLERANCE {
        return Outcome::ok("the clock of this machine agrees with the clock of the API");
    }
    Outcome::problem(format!(
        "the clock of this machine is {seconds} {direction} the clock of the API"
    ))
    .help("set the clock, for example with NTP: `timedatectl set-ntp true`")
}
