//! Resolves the agents that files name by external id or by name.
//!
//! The lockfile pins the ids, so only an agent without a pin needs a request. With
//! `--refresh`, the pins are compared with the API.

use crate::api::{ApiError, Client};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::error::CommandError;
use crate::lock::Lockfile;
use crate::resource::agent::{AGENT, Agent, AgentFault, AgentIds, AgentSelector, resolve_agent};
use crate::resource::desired::DesiredState;
use crate::spec::nearest::{join_names, nearest};
use crate::spec::path::Path;

use super::load::Workspace;

/// The most names in a message.
const MAX_NAMES: usize = 10;

/// Writes the pinned ids into the desired state, and returns the agents to look up: those
/// without a pin, or all if the state is refreshed.
pub(super) fn resolve_pinned(
    desired: &mut DesiredState,
    lock: &Lockfile,
    is_refreshed: bool,
) -> Vec<AgentSelector> {
    desired.resolve_agents(&lock.agents);
    let named = desired.named_agents().into_keys();
    named
        .filter(|selector| is_refreshed || !lock.agents.contains_key(*selector))
        .cloned()
        .collect()
}

/// Writes the pinned ids into the desired state, and looks up the agents without a pin. The
/// mistakes become diagnostics of the workspace.
pub(super) async fn resolve(client: &Client, lock: &Lockfile, workspace: &mut Workspace) {
    let unknown = resolve_pinned(&mut workspace.desired, lock, false);
    workspace.diagnostics = look_up(client, &unknown, lock, workspace).await;
}

/// Looks up agents, and writes their ids into the desired state. Returns the mistakes, each
/// at the place that names the agent.
pub(super) async fn look_up(
    client: &Client,
    wanted: &[AgentSelector],
    lock: &Lockfile,
    workspace: &mut Workspace,
) -> Vec<Diagnostic> {
    let mut seen = Seen::default();
    let (mut found, mut mistakes) = (AgentIds::new(), Vec::new());
    for selector in wanted {
        let pinned = lock.agents.get(selector).map(String::as_str);
        let mistake = match seen.resolve(client, selector, pinned).await {
            Ok(Ok(id)) => {
                found.insert(selector.clone(), id);
                continue;
            }
            Ok(Err(fault)) => describe(selector, &fault),
            Err(error) => not_looked_up(selector, &error.to_string()),
        };
        mistakes.push(workspace.agent_mistake(selector, mistake));
    }
    workspace.desired.resolve_agents(&found);
    mistakes
}

/// Returns the mistakes of agents that can't be looked up for one reason.
pub(super) fn without_look_up(
    wanted: &[AgentSelector],
    error: &CommandError,
    workspace: &Workspace,
) -> Vec<Diagnostic> {
    let mistakes = wanted.iter().map(|selector| {
        let mistake = not_looked_up(selector, &error.to_string());
        let diagnostic = workspace.agent_mistake(selector, mistake);
        let help = error.ways_out().iter().cloned();
        help.fold(diagnostic, Diagnostic::help)
    });
    mistakes.collect()
}

/// The progress text of a look-up of agents.
pub(super) const LOOK_UP: &str = "looking up agents";

/// The agents that were read.
#[derive(Default)]
struct Seen {
    all: Option<Vec<Agent>>,
}

impl Seen {
    async fn resolve(
        &mut self,
        client: &Client,
        selector: &AgentSelector,
        pinned: Option<&str>,
    ) -> Result<Result<String, AgentFault>, ApiError> {
        if let AgentSelector::ExternalId(id) = selector {
            let agents = client.agents_by_external_id(id).await?;
            let found = resolve_agent(selector, pinned, &agents);
            if !matches!(found, Err(AgentFault::Unknown { .. })) {
                return Ok(found);
            }
        }
        // The list has the names that the message suggests.
        let all = self.all(client).await?;
        Ok(resolve_agent(selector, pinned, all))
    }

    async fn all(&mut self, client: &Client) -> Result<&[Agent], ApiError> {
        if self.all.is_none() {
            self.all = Some(client.list_agents().await?);
        }
        Ok(self.all.as_deref().unwrap_or_default())
    }
}

/// A mistake in the name of an agent, and the ways to mend it.
struct Mistake {
    code: DiagnosticCode,
    summary: String,
    help: Vec<String>,
}

fn not_looked_up(selector: &AgentSelector, reason: &str) -> Mistake {
    Mistake {
        code: DiagnosticCode::UnresolvedAgent,
        summary: format!(
            "could not look up the agent with the {} `{}`: {reason}",
            selector.noun(),
            selector.text()
        ),
        help: vec![
            "an apply pins the id in the lockfile: commit that lockfile; or write `agent_id` in \
             place of `agent`"
                .to_owned(),
        ],
    }
}

fn describe(selector: &AgentSelector, fault: &AgentFault) -> Mistake {
    let (noun, text) = (selector.noun(), selector.text());
    let (summary, help) = match fault {
        AgentFault::Unknown { known } => (
            format!("no agent has the {noun} `{text}`"),
            suggestion(selector, known),
        ),
        AgentFault::Several(ids) => (
            format!(
                "{} agents have the {noun} `{text}`: {}",
                ids.len(),
                listed(ids)
            ),
            vec!["write the id of the one that is meant, as `agent_id`".to_owned()],
        ),
        AgentFault::Moved { pinned, now } => moved(selector, pinned, now),
    };
    Mistake {
        code: DiagnosticCode::UnresolvedAgent,
        summary,
        help,
    }
}

fn suggestion(selector: &AgentSelector, known: &[String]) -> Vec<String> {
    let noun = selector.noun();
    if let Some(near) = nearest(selector.text(), known.iter().map(String::as_str)) {
        return vec![format!("did you mean `{near}`?")];
    }
    vec![match known.len() {
        0 => format!("the API key sees no agent with a {noun}: check the key, or write `agent_id`"),
        1..=MAX_NAMES => format!(
            "the agents have the {noun}s {}",
            join_names(known.iter().map(String::as_str), "and")
        ),
        count => format!("write the {noun} of one of the {count} agents"),
    }]
}

fn moved(selector: &AgentSelector, pinned: &str, now: &[String]) -> (String, Vec<String>) {
    let (noun, text) = (selector.noun(), selector.text());
    let keep = format!("to keep agent {pinned}, write `agent_id: \"{pinned}\"`");
    if now.is_empty() {
        let summary =
            format!("no agent has the {noun} `{text}` any more; the lockfile pins agent {pinned}");
        return (summary, vec![keep]);
    }
    let ids = listed(now);
    let summary = format!(
        "the {noun} `{text}` leads to agent {ids} now, but the lockfile pins agent {pinned}"
    );
    let change = "to test the other agent, write its id as `agent_id`: the plan then replaces the \
                  simulations";
    (summary, vec![keep, change.to_owned()])
}

/// Returns the first ids of a list as a text.
fn listed(ids: &[String]) -> String {
    let shown = ids[..ids.len().min(MAX_NAMES)].join(", ");
    match ids.len().saturating_sub(MAX_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl Workspace {
    /// Returns the diagnostic of an agent, at the first place that names the agent.
    fn agent_mistake(&self, selector: &AgentSelector, mistake: Mistake) -> Diagnostic {
        let named = self.desired.named_agents();
        let path = Path::from([AGENT, selector.field()]);
        let place = named
            .get(selector)
            .map(|resource| self.place_in(&resource.source, &path));
        let place = place.unwrap_or_else(|| unreachable!("a resource names the agent"));
        let diagnostic = Diagnostic::error(mistake.code, place, mistake.summary);
        let help = mistake.help.into_iter();
        help.fold(diagnostic, Diagnostic::help)
    }
}
