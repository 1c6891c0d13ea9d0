//! `import`: writes files and lockfile entries for existing resources.
//!
//! This file decides about each resource. `read` and `used` read the API, `place` chooses
//! the key and the file of a resource, and `write` writes the file. A resource is imported
//! after the resources that it refers to, so its file can name them by key.
//!
//! Files are written before the lockfile, and each file is written atomically. After an
//! interrupted import, the next import recognises the files that declare exactly what it
//! would write, records their resources, and continues. The next apply adopts those
//! resources too, if they have a name.

mod environment;
mod found;
mod long_texts;
mod place;
mod read;
mod tally;
mod used;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::address;
use super::agents;
use super::id_argument::id_argument;
use super::key_proof::{CHECK, prove_key};
use super::load::Workspace;
use super::project::{load_options, load_valid_to_fill, state_files};
use super::remote::{self, Remote};
use super::signals::Signals;
use super::state::{apply_first, with_guard};
use crate::api::Client;
use crate::cli::{GlobalArgs, ImportArgs};
use crate::error::{CommandError, Exit};
use crate::import::{Imported, Keys};
use crate::journal::Replay;
use crate::lock::{ApiAddress, LockedResource, Lockfile};
use crate::plan::adopted_body;
use crate::report::requests::sentence as sentence_of_requests;
use crate::report::{Output, Status, diagnostics};
use crate::resource::Kind;
use crate::resource::body::NAME;
use crate::resource::desired::DesiredState;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::sandbox::Faults;
use crate::spec::selection::{Selection, with_meant_kind};
use crate::state::{Snapshot, StateFiles};
use crate::suggestion::{Message, Suggestion, Verb};
use environment::warn_of_bound;
use found::{Found, Read, Tracked, Wanted};
use place::{Place, Places};
use read::read;
use tally::{Tally, exit, sentence};

/// Reads the resources, writes their files, and records their ids.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &ImportArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(mut workspace) = load_valid_to_fill(global, output)? else {
        return Ok(Exit::Failure);
    };
    let wanted = wanted(args)?;
    // The texts that an import renders are checked, whatever the environment selects.
    let selection = workspace.settings.selection.take();
    let paths = state_files(&workspace, global);
    remote::check(global, &workspace, output)?;
    let remote = Remote::open(global, &workspace, Faults::default()).await?;
    let signals = Signals::of_reader();
    let requests = workspace.project.requests(&args.requests);
    let (client, status) = remote.shown_client(requests, signals.stop.clone(), output)?;
    let api = remote.target.recorded().clone();
    if !workspace.desired.named_agents().is_empty() {
        let recorded = paths.read()?;
        recorded.check_address(&api, &paths)?;
        let resolved = agents::resolve(&client, &recorded.replay.lock, &mut workspace);
        status.during(agents::LOOK_UP, &client, resolved).await;
        if workspace.has_errors() {
            diagnostics::show(&workspace.diagnostics, output);
            remote.close().await?;
            return Ok(Exit::Failure);
        }
    }
    let job = Job {
        wanted: &wanted,
        parallelism: requests.parallelism,
        workspace: &workspace,
        paths: &paths,
        api,
        selection,
        texts: args
            .texts_into
            .as_deref()
            .map(long_texts::below)
            .transpose()?,
    };
    let found = signals.cancel(Box::pin(job.read(&client, &status))).await;
    status.end();
    remote.close().await?;
    if let Some(sent) = sentence_of_requests(client.sent()) {
        output.note(sent);
    }
    let (found, organization) = found?;
    let lock = paths.read()?.replay.lock;
    let lockfile = load_options(global).shown(paths.lockfile());
    let mut destination = address::of(global, &workspace)?.destination(&lock, lockfile);
    destination.organization = organization.clone().or(destination.organization);
    let header = destination.header(output.layout());
    output.human(&format!("{header}\n"));
    with_guard(&paths, || {
        job.import_all(&found, organization.as_ref(), output)
    })
}

/// Returns the resources that the arguments name.
fn wanted(args: &ImportArgs) -> Result<Wanted, CommandError> {
    let (Some(text), Some(id)) = (&args.key, &args.id) else {
        return Ok(match &args.agent {
            Some(agent) => Wanted::Agent(agent.clone()),
            None => Wanted::All,
        });
    };
    let key = ResourceKey::named(text, |_| false);
    if let Some(problem) = ResourceKey::problem(key.key()) {
        return Err(CommandError::new(format!("`{text}` can't be a key")).caused_by(problem));
    }
    if key.kind() == Kind::Simulation
        && let Some(meant) = with_meant_kind(key.as_str())
    {
        let problem = "what stands before the colon is not the name of another kind";
        return Err(CommandError::new(format!("`{text}` can't be a key"))
            .caused_by(problem)
            .help(format!("did you mean `{meant}`?")));
    }
    let id = id_argument(key.kind(), id)?;
    Ok(Wanted::One(key, id))
}

/// A written file and its resource.
struct Written {
    /// The name of the file.
    file: String,
    key: ResourceKey,
    entry: LockedResource,
    imported: Imported,
}

struct Job<'a> {
    wanted: &'a Wanted,
    parallelism: usize,
    workspace: &'a Workspace,
    paths: &'a StateFiles,
    api: ApiAddress,
    /// The resources that the chosen environment declares; `None` for all.
    selection: Option<Selection>,
    /// The folder of the files for long texts, below the folder of the project.
    texts: Option<PathBuf>,
}

impl Job<'_> {
    async fn read(
        &self,
        client: &Client,
        status: &Status,
    ) -> Result<(Read, Option<String>), CommandError> {
        let recorded = self.recorded()?;
        let lock = &recorded.replay.lock;
        let elsewhere = self.paths.neighbours(&self.api)?.claims().ids;
        let here = match self.wanted.key() {
            Some(_) => BTreeSet::new(),
            None => lock.ids().map(|(id, _)| id).collect(),
        };
        let tracked = Tracked { here, elsewhere };
        let proof = prove_key(client, lock, self.paths, status).await?;
        let organization = proof.organization_to_record(client, lock);
        let organization = status.during(CHECK, client, organization).await;
        let read = read(client, self.wanted, self.parallelism, &tracked);
        let read = status
            .during("reading the resources", client, Box::pin(read))
            .await?;
        Ok((read, organization))
    }

    /// Reads the recorded state. Returns an error if an intent is open.
    fn recorded(&self) -> Result<Snapshot, CommandError> {
        let recorded = self.paths.read()?;
        recorded.check_address(&self.api, self.paths)?;
        if !recorded.replay.open.is_empty() {
            return Err(
                CommandError::new("an earlier apply left an open intent").help(apply_first())
            );
        }
        Ok(recorded)
    }

    /// Writes the files and the lockfile.
    fn import_all(
        &self,
        read: &Read,
        organization: Option<&String>,
        output: &mut Output,
    ) -> Result<Exit, CommandError> {
        let Snapshot {
            mut replay, lock, ..
        } = self.recorded()?;
        let neighbours = self.paths.neighbours(&self.api)?;
        // The lock is held until the ids are recorded, so no other lockfile can record
        // one of these ids.
        let adoptions = neighbours.adoptions()?;
        let mut keys = declared_keys(&replay.lock, &self.workspace.desired);
        let mut tally = Tally::default();
        for (name, error) in &read.failed {
            tally.failed += 1;
            output.error(
                &CommandError::new(format!("could not read {name}")).caused_by(error.clone()),
            );
        }
        for found in read.found.chunk_by(|one, next| one.kind() == next.kind()) {
            let kind = found.first().map_or(Kind::Simulation, Found::kind);
            let lock = &replay.lock;
            let mut places = Places::new(
                self.workspace,
                self.selection.as_ref(),
                lock,
                kind,
                found,
                &keys,
            );
            for found in found {
                let id = found.observed.id;
                if adoptions.is_claimed(id) {
                    tally.failed += 1;
                    output.error(&CommandError::new(format!(
                        "another lockfile of this repository recorded {id:#} during the import"
                    )));
                    continue;
                }
                match self.import_one(found, &mut places, &mut replay, &mut keys, output) {
                    Ok(true) => tally.written += 1,
                    Ok(false) => tally.recorded += 1,
                    Err(error) if read.is_single() => return Err(error),
                    Err(error) => {
                        tally.failed += 1;
                        output.error(&error);
                    }
                }
            }
        }
        if tally.written + tally.recorded > 0 {
            replay.lock.api = Some(self.api.clone());
            if organization.is_some() {
                replay.lock.organization = organization.cloned();
            }
            self.paths.save(&replay, &lock)?;
        }
        output.lines(&sentence(&tally, read.tracked));
        Ok(exit(&tally))
    }

    /// Imports a resource, and adds its key to `keys`. Returns whether a file was written.
    fn import_one(
        &self,
        found: &Found,
        places: &mut Places<'_>,
        replay: &mut Replay,
        keys: &mut Keys,
        output: &mut Output,
    ) -> Result<bool, CommandError> {
        let (id, wanted) = (found.observed.id, self.wanted.key());
        if let Some((_, owner)) = replay.lock.ids().find(|(owned, _)| *owned == id) {
            let error = CommandError::new(format!("{id:#} belongs to `{owner}` already"));
            let renamed = wanted.filter(|key| key.kind() == owner.kind());
            return Err(match renamed.filter(|key| **key != *owner) {
                Some(key) => error.help(
                    Message::from("to give it another key, move it: ")
                        .command(Suggestion::new(Verb::StateMv).argument(owner).argument(key)),
                ),
                None => error,
            });
        }
        if let Some((key, locked)) = wanted.and_then(|key| replay.lock.resources.get_key_value(key))
        {
            return Err(already(key, locked.id));
        }
        if let Some(key) = wanted.filter(|key| self.workspace.desired.left_out.contains(*key)) {
            return Err(CommandError::new(format!(
                "a file declares `{key}`, but not in the chosen environment"
            ))
            .help(
                "declare it there with `environments` of the document or `select` of the \
                 environment, or choose another key",
            ));
        }
        if found.humans.is_none() {
            output.warn(format!(
                "could not read the digital humans of {id:#}; none are recorded"
            ));
        }
        match places.of(found, wanted, keys) {
            Place::DeclaredDocument(key, desired) => {
                self.check_owner(&key, &found.observed)?;
                let desired = desired.resolved(|key| keys.id_of(key));
                let applied = adopted_body(&desired.body, &found.observed);
                let entry = self.entry(&key, found, applied, &desired.digital_humans);
                record(replay, keys, key.clone(), entry);
                let file = &desired.source.file;
                output.lines(&format!("{key} ({id})  declared in {file}\n"));
                Ok(false)
            }
            Place::Ambiguous(keys) => Err(CommandError::new(format!(
                "{id:#} matches {}, which declare the same {}",
                keys.join(" or "),
                match id.kind() {
                    Kind::Simulation => "agent and name",
                    Kind::DigitalHuman | Kind::CustomMetric => NAME,
                    Kind::Schedule => "simulation and times",
                }
            ))
            .help(Message::from("choose the key: ").command(import_as(id)))),
            Place::New(new) => {
                let Written {
                    file,
                    key,
                    entry,
                    imported,
                } = self.write(found, &new, keys)?;
                for left in &imported.omitted {
                    output.warn(format!("`{key}`: {left}"));
                }
                let elsewhere = new.is_declared_elsewhere;
                warn_of_bound(&key, &imported, elsewhere, &self.workspace.settings, output);
                output.lines(&format!("{key} ({id})  written to {file}\n"));
                if imported.is_restricted {
                    keys.restrict(key.clone());
                }
                record(replay, keys, key, entry);
                Ok(true)
            }
        }
    }

    /// Returns a path for messages, relative to the folder of the project.
    fn shown(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.folder()).unwrap_or(path);
        let below = below.strip_prefix(".").unwrap_or(below);
        below.to_string_lossy().replace('\\', "/")
    }

    fn folder(&self) -> &Path {
        let lockfile = self.workspace.project.base_lockfile.parent();
        lockfile.unwrap_or_else(|| Path::new(""))
    }
}

/// Returns the error for a key that has another id.
fn already(key: &ResourceKey, id: RemoteId) -> CommandError {
    let rename = Suggestion::new(Verb::StateMv)
        .argument(key)
        .argument(format!("{key}-old"));
    CommandError::new(format!("`{key}` is {id:#} already")).help(
        Message::from(format!(
            "to track both {}, rename the existing entry first: ",
            id.kind().plural()
        ))
        .command(rename),
    )
}

/// Returns the command that imports a resource, with a placeholder for the key.
fn import_as(id: RemoteId) -> Suggestion {
    let key = ResourceKey::of(id.kind(), "KEY");
    Suggestion::new(Verb::Import).argument(key).argument(id)
}

/// Returns the tracked resources that files declare. A file can't refer to the key of any
/// other resource.
fn declared_keys(lock: &Lockfile, desired: &DesiredState) -> Keys {
    let mut keys = Keys::default();
    for (key, locked) in &lock.resources {
        if desired.resources.contains_key(key) {
            keys.insert(locked.id, key.clone());
        }
    }
    desired
        .restricted
        .iter()
        .for_each(|key| keys.restrict(key.clone()));
    keys
}

fn record(replay: &mut Replay, keys: &mut Keys, key: ResourceKey, entry: LockedResource) {
    keys.insert(entry.id, key.clone());
    replay.lock.resources.insert(key, entry);
}
