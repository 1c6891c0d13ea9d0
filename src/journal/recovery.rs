//! What became of creates whose answer never came: decided by looking.
//!
//! An open create is compared with what the API lists for its agent. The list
//! must have been read whole: a failed read is the caller's error, never an
//! empty list.

use std::collections::BTreeSet;

use crate::resource::body::{Body, meant_name};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::resource::{Kind, Nulls, Observed, differences};

/// A create without an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenCreate {
    /// The number of its intent.
    pub seq: u64,
    /// The key it is for.
    pub key: SimulationKey,
    /// What was sent.
    pub body: Body,
    /// Simulations that were there before.
    pub known: BTreeSet<SimulationId>,
    /// Whether the settle time since the intent is over: what isn't there now
    /// was not made.
    pub is_settled: bool,
}

/// What is listed for an agent: enough to choose what to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: SimulationId,
    /// Its name; `None` when it has none.
    pub name: Option<String>,
}

/// What became of an open create.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is this simulation.
    Created(SimulationId),
    /// Not there yet: look again.
    Wait,
    /// It was not made.
    Absent,
    /// These could be it, and nothing that can be read decides.
    Undecided(Vec<Observed>),
}

/// The listed simulations that could be one of these creates: of the same name,
/// tracked by nobody, and not there before.
///
/// A create without a name can be any of them, since nobody knows what the API
/// calls it.
#[must_use]
pub fn candidates(
    open: &[OpenCreate],
    listed: &[Found],
    tracked: &BTreeSet<SimulationId>,
) -> Vec<SimulationId> {
    listed
        .iter()
        .filter(|found| !tracked.contains(&found.id))
        .filter(|found| {
            open.iter()
                .any(|create| could_be(create, found.id, found.name.as_deref()))
        })
        .map(|found| found.id)
        .collect()
}

fn could_be(create: &OpenCreate, id: SimulationId, name: Option<&str>) -> bool {
    !create.known.contains(&id)
        && create
            .body
            .name()
            .is_none_or(|wanted| Some(wanted) == name.and_then(meant_name))
}

/// Decides about the open creates of one agent, given its candidates as read
/// one by one, in the order of `open`.
///
/// Creates with the same body are interchangeable: as many simulations as
/// creates, or fewer, are given out in order. More than creates can't be told
/// apart.
///
/// What fits exactly is given out before what fits only if the API hides some
/// fields, and a name before none: else one create could take the simulation of
/// another, which would then be made a second time.
#[must_use]
pub fn verdicts(open: &[OpenCreate], candidates: &[Observed]) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Wait; open.len()];
    let mut used = BTreeSet::new();
    for fit in [Fit::Exact, Fit::Named, Fit::Any] {
        for index in 0..open.len() {
            let is_of_group = |other: &usize| open[*other].body == open[index].body;
            if (0..index).any(|other| is_of_group(&other)) {
                continue;
            }
            let group: Vec<_> = (index..open.len())
                .filter(is_of_group)
                .filter(|member| verdicts[*member] == Verdict::Wait)
                .collect();
            decide_group(open, &group, fit, candidates, &mut used, &mut verdicts);
        }
    }
    for (create, verdict) in open.iter().zip(&mut verdicts) {
        if create.is_settled && *verdict == Verdict::Wait {
            *verdict = given_up(create, candidates, &used);
        }
    }
    verdicts
}

/// Gives the simulations that fit to the creates of one body.
fn decide_group(
    open: &[OpenCreate],
    group: &[usize],
    fit: Fit,
    candidates: &[Observed],
    used: &mut BTreeSet<SimulationId>,
    verdicts: &mut [Verdict],
) {
    let fits = |create: &OpenCreate, candidate: &Observed| {
        could_be(create, candidate.id, candidate.name.as_deref()) && fit.holds(create, candidate)
    };
    let own: Vec<_> = candidates
        .iter()
        .filter(|candidate| !used.contains(&candidate.id))
        .filter(|candidate| group.iter().any(|member| fits(&open[*member], candidate)))
        .collect();
    for member in group {
        let create = &open[*member];
        if own.len() > group.len() {
            verdicts[*member] = undecided(&own);
        } else if let Some(candidate) = own
            .iter()
            .find(|candidate| !used.contains(&candidate.id) && fits(create, candidate))
        {
            used.insert(candidate.id);
            verdicts[*member] = Verdict::Created(candidate.id);
        }
    }
}

/// How closely a simulation has to fit a create, from the best fit on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Its name, or the lack of one, and all that is shown.
    Exact,
    /// Its name, and all that is shown and not null.
    Named,
    /// As before, and a create without a name may have been given any.
    Any,
}

impl Fit {
    fn holds(self, create: &OpenCreate, candidate: &Observed) -> bool {
        let nulls = match self {
            Self::Exact => Nulls::Unset,
            Self::Named | Self::Any => Nulls::Hidden,
        };
        let is_named = self == Self::Any
            || create.body.name() == candidate.name.as_deref().and_then(meant_name);
        is_named && differences(Kind::Simulation, &create.body, candidate, nulls).is_empty()
    }
}

/// After the settle time: absent, unless something of that name is left that
/// differs in what can be read.
fn given_up(
    create: &OpenCreate,
    candidates: &[Observed],
    used: &BTreeSet<SimulationId>,
) -> Verdict {
    let left: Vec<_> = candidates
        .iter()
        .filter(|candidate| !used.contains(&candidate.id))
        .filter(|candidate| {
            create.body.name().is_some()
                && could_be(create, candidate.id, candidate.name.as_deref())
        })
        .collect();
    if left.is_empty() {
        Verdict::Absent
    } else {
        undecided(&left)
    }
}

fn undecided(candidates: &[&Observed]) -> Verdict {
    Verdict::Undecided(
        candidates
            .iter()
            .map(|candidate| (*candidate).clone())
            .collect(),
    )
}
