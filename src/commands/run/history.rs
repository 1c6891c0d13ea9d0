//! `run history`: the scores of the last runs.

use futures_util::StreamExt as _;
use futures_util::stream;

use super::selected::Selected;
use crate::api::{ApiError, Client};
use crate::cli::{GlobalArgs, HistoryArgs, HistoryFormat};
use crate::commands::key_proof::could_not_ask;
use crate::commands::remote::Remote;
use crate::commands::signals::Signals;
use crate::error::{CommandError, Exit};
use crate::report::run::history::{RunHistory, human, json};
use crate::report::{Output, Status};
use crate::run::{History, ListedRun};
use crate::runner::Wanted;
use crate::sandbox::Faults;

/// The largest number of concurrent requests.
const PARALLELISM: usize = 8;

/// Runs `run history`: one request for each simulation.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &HistoryArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(selected) = Selected::read(global, &args.keys, output)? else {
        return Ok(Exit::Failure);
    };
    if matches!(args.format, HistoryFormat::Human) {
        selected.show_destination(output);
    }
    let Selected {
        workspace, wanted, ..
    } = selected;
    let remote = Remote::open(global, &workspace, Faults::default()).await?;
    let signals = Signals::of_reader();
    let timeout = workspace.project.request_timeout(None);
    let client = remote.client(PARALLELISM, timeout, signals.stop.clone(), |_| {})?;
    let status = Status::of(output);
    let read = status.during("reading the runs", &client, list(&client, wanted));
    let listed = signals.cancel(async { Ok(read.await) }).await;
    remote.close().await?;
    let listed = listed?;
    let mut histories = Vec::new();
    let mut exit = Exit::Success;
    for (wanted, listed) in listed {
        match listed {
            Ok(runs) => histories.push(RunHistory {
                key: wanted.key,
                simulation_id: wanted.id,
                history: History::of(&runs),
            }),
            Err(error) if error.concerns_every_call() => return Err(could_not_ask(&error)),
            Err(error) => {
                let shown = format!("could not list the runs of `{}`", wanted.key);
                output.error(&CommandError::new(shown).caused_by(error));
                exit = Exit::Failure;
            }
        }
    }
    let text = match args.format {
        HistoryFormat::Human => human(&histories, args.last, output.out_palette),
        HistoryFormat::Json => json(&histories, args.last),
    };
    output.result(&text);
    Ok(exit)
}

/// Lists the runs of each simulation, in the order of the keys.
async fn list(
    client: &Client,
    wanted: Vec<Wanted>,
) -> Vec<(Wanted, Result<Vec<ListedRun>, ApiError>)> {
    let lists = wanted.into_iter().map(async |wanted| {
        let listed = client.list_runs(wanted.id).await;
        (wanted, listed)
    });
    stream::iter(lists).buffered(PARALLELISM).collect().await
}
