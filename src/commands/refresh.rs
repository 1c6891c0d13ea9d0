//! Reads the observed state for commands.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Client, Sent};
use crate::apply::{Depth, Known, Lookup, Refreshed, Search, look_up_all, refresh};
use crate::cli::RequestArgs;
use crate::error::CommandError;
use crate::lock::Lockfile;
use crate::plan::{
    AdoptionPolicy, Observed, ObservedState, ObservedStates, Plan, PlanInput, PlanOptions,
    UndecidedReason, UnknownFieldsByKey, plan, read_requests,
};
use crate::report::requests::EstimatedRequests;
use crate::report::{self, Output};
use crate::resource::Kind;
use crate::resource::desired::DesiredState;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::sandbox::Faults;
use crate::state::{Neighbours, Snapshot};

use super::key_proof::{KeyProof, could_not_ask, prove_key};
use super::load::Workspace;
use super::project::state_files;
use super::remote::{self, Remote};
use super::signals::Signals;
use crate::cli::GlobalArgs;

/// The progress text of a read of the observed state.
pub(super) const READ: &str = "reading the observed state";

/// The progress text of a search for existing resources.
pub(super) const SEARCH: &str = "searching for existing resources";

/// The progress text of the decision about requests without an answer.
pub(super) const SETTLE: &str = "settling requests without an answer";

/// The observed state, and whether a missing resource counts as deleted.
#[derive(Debug, Default)]
pub(super) struct ApiState {
    /// The observed state of tracked resources.
    pub refreshed: Refreshed,
    /// The existing resources that match creates of the plan.
    pub lookup: Lookup,
    /// Whether the key certainly belongs to the organisation of the lockfile.
    pub is_same_organization: bool,
    /// The requests that were sent.
    pub sent: Sent,
}

/// Reads the observed state of selected keys.
pub(super) struct StateReader<'a> {
    /// The client of the API.
    pub client: &'a Client,
    /// The other lockfiles.
    pub neighbours: &'a Neighbours,
    /// The desired state.
    pub desired: &'a DesiredState,
    /// The selected keys; `None` for all keys.
    pub targets: Option<&'a BTreeSet<ResourceKey>>,
    /// How much of the resources is read.
    pub depth: Depth,
    /// The largest number of concurrent requests.
    pub parallelism: usize,
}

/// The purpose for which a command reads the API.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// The comparison with the prior state.
    Compare(Depth),
    /// A plan, for whose creates matches are looked up too.
    Plan(&'a Planned<'a>, AdoptionPolicy),
}

impl StateReader<'_> {
    /// Estimates the requests of [`Self::read`], the request for the organisation
    /// included.
    fn estimate(&self, lock: &Lockfile, rate: Option<u32>) -> EstimatedRequests {
        let keys = self.keys(lock);
        let read = lock.resources.iter().filter(|(key, _)| keys.contains(*key));
        let count = read_requests(read, self.depth == Depth::Whole, |key| {
            let wanted = self.desired.resources.get(key);
            wanted.is_some_and(|wanted| wanted.is_exclusive || !wanted.digital_humans.is_empty())
        });
        EstimatedRequests::new(count, rate)
    }

    /// Reads the selected resources of the lockfile. The failed read of one resource
    /// is part of the result. An error means that every read would fail.
    pub async fn read(&self, lock: &Lockfile, proof: &KeyProof) -> Result<ApiState, CommandError> {
        let keys = self.keys(lock);
        let mut tracked = self.neighbours.claims().ids;
        tracked.extend(lock.ids().map(|(id, _)| id));
        let with_humans = self.desired.resources.iter();
        let with_humans: BTreeSet<_> = with_humans
            .filter(|(_, wanted)| wanted.is_exclusive || !wanted.digital_humans.is_empty())
            .map(|(key, _)| key.clone())
            .collect();
        let is_same_organization = proof.is_of(lock);
        let mut refreshed = refresh(
            self.client,
            lock,
            &keys,
            &with_humans,
            &tracked,
            (self.depth, self.parallelism),
        )
        .await;
        if let Some(error) = refreshed.failed.values().find(|error| error.is_final()) {
            return Err(could_not_ask(error));
        }
        let is_blind = are_all_gone(&refreshed.observed);
        if is_blind && !is_same_organization {
            let others = self.read_sample(lock, &keys, &tracked).await;
            refreshed.observed.extend(others);
        }
        Ok(ApiState {
            refreshed,
            lookup: Lookup::default(),
            is_same_organization,
            sent: Sent::default(),
        })
    }

    /// Reads a sample of unselected resources. If the key sees one of them, the missing
    /// resources were deleted.
    async fn read_sample(
        &self,
        lock: &Lockfile,
        keys: &BTreeSet<ResourceKey>,
        tracked: &BTreeSet<RemoteId>,
    ) -> ObservedStates {
        const SAMPLE: usize = 3;
        let others = lock.resources.keys().filter(|key| !keys.contains(*key));
        let others: BTreeSet<_> = others.take(SAMPLE).cloned().collect();
        let nobody = BTreeSet::new();
        let depth = (Depth::Whole, SAMPLE);
        let seen = refresh(self.client, lock, &others, &nobody, tracked, depth).await;
        seen.observed
    }

    /// Looks up existing resources that match creates of the plan.
    async fn search(
        &self,
        lock: &Lockfile,
        plan: &Plan,
        (adopt, known): (AdoptionPolicy, Known),
        plan_with: impl Fn(&BTreeMap<ResourceKey, Observed>) -> Plan,
    ) -> Lookup {
        let search = Search {
            client: self.client,
            adopt,
            parallelism: self.parallelism,
            tracked: lock.ids().map(|(id, _)| id).collect(),
            neighbours: self.neighbours,
            desired: self.desired,
            known,
        };
        look_up_all(search, plan, &BTreeSet::new(), plan_with).await
    }

    /// Returns the selected keys, and the keys from which they were moved.
    fn keys(&self, lock: &Lockfile) -> BTreeSet<ResourceKey> {
        let Some(targets) = self.targets else {
            return lock.resources.keys().cloned().collect();
        };
        let moved = self.moved_to(targets, lock);
        let targeted = lock.resources.keys();
        targeted
            .filter(|key| targets.contains(*key))
            .cloned()
            .chain(moved)
            .collect()
    }

    /// Returns the old keys of the selected keys, from `moved_from` or from equal
    /// content, as a plan without the API finds them.
    fn moved_to(&self, targets: &BTreeSet<ResourceKey>, lock: &Lockfile) -> Vec<ResourceKey> {
        let unknown = UnknownFieldsByKey::new();
        let input = PlanInput::offline(self.desired, lock, &unknown);
        let options = PlanOptions {
            targets: Some(targets.clone()),
            ..PlanOptions::default()
        };
        let changes = plan(input, &options).changes.into_iter();
        changes.filter_map(|change| change.moved_from).collect()
    }
}

/// Makes the plan of a command from the observed state and the resources to adopt.
pub(super) type Planned<'a> = dyn Fn(&ApiState, &BTreeMap<ResourceKey, Observed>) -> Plan + 'a;

/// Reads the API, for a command that changes nothing. For a plan, the plan without
/// adoptions is returned too.
pub(super) async fn read_api(
    global: &GlobalArgs,
    workspace: &Workspace,
    recorded: &Snapshot,
    targets: Option<&BTreeSet<ResourceKey>>,
    requests: &RequestArgs,
    output: &Output,
    purpose: Purpose<'_>,
) -> Result<(ApiState, Option<Plan>), CommandError> {
    let paths = state_files(workspace, global);
    remote::check(global, workspace, output)?;
    let remote = Remote::open(global, workspace, Faults::default()).await?;
    let api = remote.target.recorded().clone();
    recorded.check_address(&api, &paths)?;
    let signals = Signals::of_reader();
    let requests = workspace.project.requests(requests);
    let (client, status) = remote.shown_client(requests, signals.stop.clone(), output)?;
    let lock = &recorded.replay.lock;
    let neighbours = paths.neighbours(&api)?;
    let all = StateReader {
        client: &client,
        neighbours: &neighbours,
        desired: &workspace.desired,
        targets,
        depth: match purpose {
            Purpose::Compare(depth) => depth,
            Purpose::Plan(..) => Depth::Whole,
        },
        parallelism: requests.parallelism,
    };
    if let Purpose::Compare(_) = purpose
        && let Some(text) = all.estimate(lock, client.sent().rate).text()
    {
        output.note(format!("... {text}"));
    }
    let work = async {
        let proof = prove_key(&client, lock, &paths, &status).await?;
        let read = all.read(lock, &proof);
        let mut seen = status.during(READ, &client, Box::pin(read)).await?;
        let Purpose::Plan(plan_of, adopt) = purpose else {
            return Ok((seen, None));
        };
        let known = std::mem::take(&mut seen.refreshed.known);
        let plan = plan_of(&seen, &BTreeMap::new());
        let plan_with = |found: &BTreeMap<_, _>| plan_of(&seen, found);
        let search = all.search(lock, &plan, (adopt, known), plan_with);
        seen.lookup = status.during(SEARCH, &client, Box::pin(search)).await;
        Ok((seen, Some(plan)))
    };
    let mut seen = signals.cancel(Box::pin(work)).await;
    if let Ok((seen, _)) = &mut seen {
        seen.sent = client.sent();
    }
    status.end();
    remote.close().await?;
    seen
}

/// Warns of keys for which an apply needs a decision.
pub(super) fn warn_of_undecided(state: &ApiState, output: &Output) {
    for (key, undecided) in &state.lookup.undecided {
        let ids = report::apply::named_ids(&undecided.candidates);
        let noun = key.kind().noun();
        let (named, scope) = match key.kind() {
            Kind::Simulation => ("agent and name", " of the same agent"),
            Kind::DigitalHuman | Kind::CustomMetric => ("display name", ""),
            Kind::Schedule => ("times", ""),
        };
        let words = match undecided.reason {
            UndecidedReason::SameName => {
                format!("{noun} {ids} has the same {named}, but other fields")
            }
            UndecidedReason::OtherName => {
                format!("{noun} {ids} is identical except for the name")
            }
            UndecidedReason::OtherOwner => {
                format!("{noun} {ids} has its {named}, and the marker of another project")
            }
            UndecidedReason::Nameless => {
                format!("it has no name, and {noun} {ids}{scope} is identical")
            }
        };
        output.warn(format!(
            "`{key}`: {words}; an apply needs a decision about this key"
        ));
    }
    for (key, error) in &state.lookup.failed {
        output.warn(format!(
            "could not search for an existing simulation of `{key}`: {error}"
        ));
    }
}

fn are_all_gone(observed: &ObservedStates) -> bool {
    let mut observed = observed.values();
    observed.all(|observed| *observed == ObservedState::Gone)
}

/// How many resources a list of warnings names.
const NAMED: usize = 10;

/// Warns that invisible resources may belong to another organisation, unless the
/// organisation of the key is known.
pub(super) fn warn_of_gone(state: &ApiState, recorded: &Lockfile, output: &Output) {
    if state.is_same_organization {
        return;
    }
    let observed = state.refreshed.observed.iter();
    let gone = observed.filter(|(_, observed)| **observed == ObservedState::Gone);
    let gone: Vec<_> = gone
        .filter_map(|(key, _)| recorded.resources.get_key_value(key))
        .collect();
    for (key, locked) in gone.iter().take(NAMED) {
        output.warn(format!(
            "this API key can't see {:#} of `{key}`: it was deleted, or \
             belongs to another organisation",
            locked.id
        ));
    }
    warn_of_more(gone.len(), "can't be seen", output);
}

/// Warns that a list of warnings leaves out those beyond the first [`NAMED`].
fn warn_of_more(count: usize, what: &str, output: &Output) {
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        output.warn(format!("and {more} more {what}"));
    }
}

/// Warns of resources that look like tracked ones.
pub(super) fn warn_of_untracked(state: &ApiState, output: &Output) {
    let untracked = &state.refreshed.untracked;
    for untracked in untracked.iter().take(NAMED) {
        output.warn(format!(
            "{:#} is untracked and has the {} of `{}`: {:?}",
            untracked.id,
            match untracked.id.kind() {
                Kind::Simulation => "agent and the name",
                Kind::DigitalHuman | Kind::CustomMetric => "display name",
                Kind::Schedule => "times",
            },
            untracked.looks_like,
            untracked.name
        ));
    }
    warn_of_more(
        untracked.len(),
        "are untracked and look like tracked ones",
        output,
    );
}
