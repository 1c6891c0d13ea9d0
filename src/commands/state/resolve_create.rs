//! `state resolve KEY ID`: records the outcome of an open create that a person found.

use super::super::id_argument::id_argument;
use super::with_guard;
use crate::error::{CommandError, Exit};
use crate::journal::{Entry, HistoryError, Intent, OpenIntent, Replay};
use crate::lock::Lockfile;
use crate::report::Output;
use crate::resource::Kind;
use crate::resource::body::{Body, NAME};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::state::{Parts, StateFiles};
use crate::suggestion::{Message, Suggestion, Verb};

/// Records the outcome of an open create.
pub(super) fn run(
    paths: &StateFiles,
    key: &str,
    id: &str,
    output: &Output,
) -> Result<Exit, CommandError> {
    let named = ResourceKey::named(key, |_| false);
    let (key, kind) = (named.as_str(), named.kind());
    let noun = kind.noun();
    let id = match id {
        "none" => None,
        id => Some(
            id_argument(kind, id)
                .map_err(|error| error.help(format!("pass `none` if no {noun} was created")))?,
        ),
    };
    with_guard(paths, || {
        let Parts { lock, journal } = paths.parts()?;
        let mut replay = match Replay::of(lock.clone(), &journal.entries) {
            Err(HistoryError::TwoIds {
                key: of,
                locked,
                created,
            }) if of.as_str() == key => {
                let kept = keep_one(lock.clone(), &journal.entries, &of, [locked, created], id)?;
                paths.replace_lockfile(&kept)?;
                output.note(format!(
                    "`{key}` keeps the chosen id; the other {noun} stays recorded as replaced \
                     until `apply --prune` deletes it"
                ));
                return Ok(Exit::Success);
            }
            replay => replay
                .map_err(|error| CommandError::new("could not use the journal").caused_by(error))?,
        };
        let open = replay.open.values().find_map(|open| sent(open, key));
        let open = open.ok_or_else(|| {
            CommandError::new(format!("no create of `{key}` is open")).help(
                Message::default()
                    .command(Suggestion::new(Verb::StateList))
                    .text(" shows what the lockfile holds"),
            )
        })?;
        // The lock is held until the id is recorded, so no other lockfile can record the
        // id.
        let adoptions = match &replay.lock.api {
            Some(api) => Some(paths.neighbours(api)?.adoptions()?),
            None => None,
        };
        if let (Some(id), Some(adoptions)) = (id, &adoptions)
            && adoptions.is_claimed(id)
        {
            return Err(CommandError::new(format!(
                "{id:#} is tracked by another lockfile of this repository"
            )));
        }
        let seq = open.seq;
        if let Some(locked) = open.locked_meanwhile(&replay.lock) {
            let note = choose(&mut replay, &open, locked, id)?;
            paths.save(&replay, &lock)?;
            output.note(note);
            return Ok(Exit::Success);
        }
        let entry = match id {
            Some(simulation_id) => Entry::Created {
                seq,
                simulation_id,
                applied: Some(name_alone(open.key.kind(), &open.body)),
            },
            None => decided(seq),
        };
        check_unowned(&replay, id)?;
        replay
            .apply(&entry)
            .map_err(|error| CommandError::new("could not record the decision").caused_by(error))?;
        paths.save(&replay, &lock)?;
        output.note(match id {
            Some(id) => Message::from(format!(
                "`{key}` is {id:#}; the next apply sends all fields again, because they \
                 were not compared"
            )),
            None => Message::from(format!(
                "`{key}` was not created; the next apply creates it. If that apply stops at a \
                 {noun} of the same name: "
            ))
            .command(
                Suggestion::new(Verb::Apply)
                    .option("--target", key)
                    .option("--adopt", "never"),
            ),
        });
        Ok(Exit::Success)
    })
}

/// The values of an open create.
struct OpenCreate {
    seq: u64,
    key: ResourceKey,
    body: Body,
    replaces: Option<RemoteId>,
}

fn sent(open: &OpenIntent, wanted: &str) -> Option<OpenCreate> {
    match &open.intent {
        Intent::Create {
            key,
            body,
            replaces,
            ..
        } if key.as_str() == wanted => Some(OpenCreate {
            seq: open.seq,
            key: key.clone(),
            body: body.clone(),
            replaces: *replaces,
        }),
        _ => None,
    }
}

impl OpenCreate {
    /// Returns the resource that another branch recorded for the key after the create
    /// was sent.
    fn locked_meanwhile(&self, lock: &Lockfile) -> Option<RemoteId> {
        let locked = lock.resources.get(&self.key)?.id;
        (self.replaces != Some(locked)).then_some(locked)
    }
}

fn decided(seq: u64) -> Entry {
    let reason = "decided by a person".to_owned();
    Entry::NotDone { seq, reason }
}

/// Decides between the recorded resource and the resource of the open create. The
/// recorded resource stays tracked, as replaced. Returns the result for people.
fn choose(
    replay: &mut Replay,
    open: &OpenCreate,
    locked: RemoteId,
    keep: Option<RemoteId>,
) -> Result<String, CommandError> {
    let key = &open.key;
    let other = keep.filter(|keep| *keep != locked);
    check_unowned(replay, other)?;
    let closed = replay.apply(&decided(open.seq));
    closed.map_err(|error| CommandError::new("could not record the decision").caused_by(error))?;
    let (Some(id), Some(entry)) = (other, replay.lock.resources.get_mut(key)) else {
        let noun = key.kind().noun();
        return Ok(format!(
            "`{key}` stays {locked:#}; if the create made a {noun}, that {noun} is \
             untracked: delete it in the dashboard"
        ));
    };
    entry.replaced.push(locked);
    entry.id = id;
    entry.applied = name_alone(key.kind(), &open.body);
    entry.digital_humans.clear();
    Ok(format!(
        "`{key}` is {id:#}; {locked:#} stays recorded as replaced until `apply \
         --prune` deletes it"
    ))
}

/// Returns the certain fields of a resource that a person named. The resource was not
/// read, so the next apply sends all other fields.
fn name_alone(kind: Kind, sent: &Body) -> Body {
    let is_sure = |field: &str| field == NAME || kind.replaces(field);
    let fields = sent.0.iter();
    fields
        .filter(|(field, _)| is_sure(field))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}

/// Decides about a key with one id in the lockfile and another id in the journal. Both
/// resources stay tracked, so the journal can be folded onto the lockfile.
fn keep_one(
    mut lock: Lockfile,
    entries: &[Entry],
    key: &ResourceKey,
    [locked, created]: [RemoteId; 2],
    keep: Option<RemoteId>,
) -> Result<Lockfile, CommandError> {
    if keep != Some(locked) && keep != Some(created) {
        return Err(
            CommandError::new(format!("`{key}` is {locked:#} or {created:#}")).help(
                Message::from("choose one id: ").command(
                    Suggestion::new(Verb::StateResolve)
                        .argument(key)
                        .argument(created),
                ),
            ),
        );
    }
    // The journal without the lockfile has the fields that were sent for its id.
    let alone = Replay::of(Lockfile::default(), entries)
        .map_err(|error| CommandError::new("could not use the journal").caused_by(error))?;
    if let Some(entry) = lock.resources.get_mut(key) {
        if keep == Some(created) {
            entry.replaced.push(locked);
            entry.id = created;
            let sent = alone.lock.resources.get(key);
            if let Some(sent) = sent.filter(|sent| sent.id == created) {
                entry.applied = sent.applied.clone();
                entry.digital_humans.clone_from(&sent.digital_humans);
            }
        } else {
            entry.replaced.push(created);
        }
    }
    Ok(lock)
}

fn check_unowned(replay: &Replay, id: Option<RemoteId>) -> Result<(), CommandError> {
    match replay.lock.ids().find(|(owned, _)| Some(*owned) == id) {
        Some((id, key)) => Err(CommandError::new(format!(
            "{id:#} belongs to `{key}` already"
        ))),
        None => Ok(()),
    }
}
