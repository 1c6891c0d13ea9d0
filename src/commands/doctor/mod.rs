//! `doctor`: gathers facts about the project, and reports what is wrong.

mod git;
mod problem;
mod remote;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use problem::problem;

use super::load::{LoadOptions, Project, Workspace, load};
use super::project::{load_options, state_files};
use super::recorded::shown;
use super::{address, api_key, schema};
use crate::cli::{DoctorArgs, DoctorFormat, GlobalArgs};
use crate::diagnostic::Severity;
use crate::doctor::{
    Facts, KeyFacts, Known, LockfileFacts, ProjectFacts, Recorded, RemoteFacts, SchemaCopies,
    Status, WantedAgent, run_checks,
};
use crate::error::{CommandError, Exit};
use crate::report::{self, Output};
use crate::resource::Kind;
use crate::resource::agent::AgentIds;
use crate::resource::body::Body;
use crate::state::{Snapshot, StateFiles};
use crate::store;

/// The folder of the copies that `init` writes.
const SCHEMA_FOLDER: &str = "schemas";

/// Runs `doctor`. Writes no file.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &DoctorArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let facts = facts(global, output).await;
    let outcomes = run_checks(&facts);
    let text = match args.format {
        DoctorFormat::Human => report::doctor::human(&outcomes, output.layout()),
        DoctorFormat::Json => report::doctor::json(&outcomes),
    };
    output.result(&text);
    let is_wrong = |(_, outcome): &(_, crate::doctor::Outcome)| outcome.status == Status::Problem;
    Ok(if outcomes.iter().any(is_wrong) {
        Exit::Failure
    } else {
        Exit::Success
    })
}

async fn facts(global: &GlobalArgs, output: &Output) -> Facts {
    let key = key(global);
    let options = load_options(global);
    let workspace = match load(&options) {
        Ok(workspace) => workspace,
        Err(error) => {
            return Facts {
                project: Err(problem(&error)),
                key,
                remote: RemoteFacts::NotAsked("the project can't be read".to_owned()),
            };
        }
    };
    let paths = state_files(&workspace, global);
    let recorded = paths.read().map_err(CommandError::from);
    let project = project(global, &options, &workspace, &paths, recorded);
    let remote = if key.is_err() {
        RemoteFacts::NotAsked("needs the API key".to_owned())
    } else if project.address.is_err() {
        RemoteFacts::NotAsked("the address of the API can't be used".to_owned())
    } else {
        let has_agents = !global.sandbox && !project.agents.is_empty();
        remote::ask(global, &workspace, has_agents, output).await
    };
    Facts {
        project: Ok(project),
        key,
        remote,
    }
}

fn key(global: &GlobalArgs) -> Known<KeyFacts> {
    if global.sandbox {
        return Ok(KeyFacts::NotNeeded);
    }
    api_key::read(global).map_err(|error| problem(&error))?;
    let file = global.api_key_file.as_ref();
    Ok(KeyFacts::Present {
        is_readable_by_all: file.is_some_and(|file| store::is_readable_by_all(&global.path(file))),
    })
}

fn project(
    global: &GlobalArgs,
    options: &LoadOptions,
    workspace: &Workspace,
    paths: &StateFiles,
    recorded: Result<Snapshot, CommandError>,
) -> ProjectFacts {
    let found = &workspace.diagnostics;
    let errors = found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count();
    let address = usable_address(global, workspace, paths, recorded.as_ref().ok());
    let pins = recorded
        .as_ref()
        .ok()
        .map(|recorded| &recorded.replay.lock.agents);
    let file = workspace.project.file.as_ref();
    ProjectFacts {
        file: file.map(|file| file.name.clone()),
        file_count: workspace.file_count,
        errors,
        warnings: found.len() - errors,
        repository: git::repository(paths.lockfile()),
        schemas: schemas(options, &workspace.project),
        address: address.map_err(|error| problem(&error)),
        agents: agents(workspace, pins),
        lockfile: LockfileFacts {
            base_name: file_name(&workspace.project.base_lockfile),
            name: file_name(paths.lockfile()),
            path: shown(paths.lockfile()),
            exists: store::exists(paths.lockfile()),
            is_of_sandbox: global.sandbox,
            is_in_use: paths.is_in_use(),
            recorded: recorded
                .map(|recorded| Recorded {
                    resources: recorded.replay.lock.resources.len(),
                    organization: recorded.replay.lock.organization.clone(),
                    left_open: recorded.left_open(),
                })
                .map_err(|error| problem(&error)),
        },
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the address, if the key may be sent to it and the lockfile belongs to it.
fn usable_address(
    global: &GlobalArgs,
    workspace: &Workspace,
    paths: &StateFiles,
    recorded: Option<&Snapshot>,
) -> Result<String, CommandError> {
    let address = address::of(global, workspace)?;
    address.check()?;
    let api = address.target.recorded();
    if let Some(recorded) = recorded {
        recorded.check_address(api, paths)?;
    }
    Ok(api.to_string())
}

fn schemas(options: &LoadOptions, project: &Project) -> SchemaCopies {
    let folder = store::folder_of(&project.base_lockfile).join(SCHEMA_FOLDER);
    let mut copies = SchemaCopies {
        folder: options.shown(&folder),
        ..SchemaCopies::default()
    };
    for schema in schema::all() {
        let path = folder.join(schema.file_name());
        if store::exists(&path) {
            copies.count += 1;
            if !store::holds(&path, &schema.text()) {
                copies.stale.push(schema.file_name());
            }
        }
    }
    copies
}

/// Returns the agents that the files name, each once, with the first resource that names
/// it.
fn agents(workspace: &Workspace, pins: Option<&AgentIds>) -> Vec<WantedAgent> {
    let mut wanted = BTreeMap::new();
    for (key, resource) in &workspace.desired.resources {
        let selector = resource.agent.clone();
        let ids = match (&selector, key.kind()) {
            (Some(selector), _) => vec![pins.and_then(|pins| pins.get(selector).cloned())],
            (None, Kind::Simulation) => vec![Some(resource.body.agent_id().to_owned())],
            (None, Kind::CustomMetric) => scored_agents(&resource.body),
            (None, _) => Vec::new(),
        };
        for id in ids {
            let first = wanted.entry((selector.clone(), id));
            first.or_insert_with(|| key.to_string());
        }
    }
    let wanted = wanted.into_iter();
    wanted
        .map(|((selector, id), key)| WantedAgent { id, selector, key })
        .collect()
}

/// Returns the agents whose conversations a custom metric scores.
fn scored_agents(body: &Body) -> Vec<Option<String>> {
    let ids = body.get("agent_ids").and_then(Value::as_array);
    let ids = ids.into_iter().flatten();
    ids.map(|id| Some(id.to_string().trim_matches('"').to_owned()))
        .collect()
}
