//! The answers of the API, with at most two requests.

use std::time::{Duration, SystemTime};

use super::problem::problem;
use crate::api::{Client, ServerTime};
use crate::cli::GlobalArgs;
use crate::commands::key_proof::could_not_ask;
use crate::commands::load::Workspace;
use crate::commands::remote::Remote;
use crate::commands::signals::Signals;
use crate::doctor::{Answers, Problem, RemoteFacts};
use crate::error::CommandError;
use crate::report::Output;
use crate::report::Status;

/// The longest duration of one request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest wait for the API.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks the API for the organisation of the key and, if `has_agents`, for the agents.
pub(super) async fn ask(
    global: &GlobalArgs,
    workspace: &Workspace,
    has_agents: bool,
    output: &Output,
) -> RemoteFacts {
    match answers(global, workspace, has_agents, output).await {
        Ok(answers) => RemoteFacts::Asked(answers),
        Err(error) => RemoteFacts::Asked(unanswered(problem(&error))),
    }
}

fn unanswered(problem: Problem) -> Answers {
    Answers {
        organization: Err(problem),
        agents: None,
        clock_ahead: None,
    }
}

async fn answers(
    global: &GlobalArgs,
    workspace: &Workspace,
    has_agents: bool,
    output: &Output,
) -> Result<Answers, CommandError> {
    let signals = Signals::of_reader();
    let remote = Remote::open_without_files(global, workspace).await?;
    let status = Status::of(output);
    let client = remote.client(1, TIMEOUT, signals.stop.clone(), move |notice| {
        status.notice(&notice);
    })?;
    let asked = tokio::time::timeout(PATIENCE, both(&client, has_agents)).await;
    remote.close().await?;
    Ok(asked.unwrap_or_else(|_| {
        unanswered(Problem {
            message: format!("the API did not answer in {} seconds", PATIENCE.as_secs()),
            help: vec!["check the network and the address of the API".into()],
        })
    }))
}

async fn both(client: &Client, has_agents: bool) -> Answers {
    let organization = client.organization().await;
    let organization = organization.map_err(|error| problem(&could_not_ask(&error)));
    let agents = if has_agents && organization.is_ok() {
        let agents = client.list_agents().await;
        Some(agents.map_err(|error| problem(&could_not_ask(&error))))
    } else {
        None
    };
    Answers {
        organization,
        agents,
        clock_ahead: client.server_time().map(seconds_ahead),
    }
}

/// Returns the seconds by which the clock of this machine is ahead of the `Date` of an
/// answer.
fn seconds_ahead(server: ServerTime) -> i64 {
    let now = SystemTime::now();
    let received = now.checked_sub(server.received_at.elapsed()).unwrap_or(now);
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match received.duration_since(server.date) {
        Ok(ahead) => seconds(ahead),
        Err(error) => -seconds(error.duration()),
    }
}
