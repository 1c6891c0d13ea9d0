//! What became of creates whose answer never came: decided by looking.
//!
//! An open create is compared with what the API lists for its agent. The listing
//! must have been read whole: a failed read is the caller's error, never an
//! empty listing. A candidate that is listed and can't be read is the caller's to
//! prove absent first ([`super::presence()`]).

use std::collections::BTreeSet;

use crate::resource::body::{Body, normalized_name};
use crate::resource::key::{SimulationId, SimulationKey};
use crate::resource::{Kind, NullMeaning, Observed, mismatches};

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
                .any(|create| create.could_be(found.id, found.name.as_deref()))
        })
        .map(|found| found.id)
        .collect()
}

impl OpenCreate {
    /// Whether a simulation of this id and name may be the one that was created.
    #[must_use]
    pub fn could_be(&self, id: SimulationId, name: Option<&str>) -> bool {
        let named = self.body.name();
        !self.known.contains(&id)
            && named.is_none_or(|wanted| Some(wanted) == name.and_then(normalized_name))
    }

    /// Whether a simulation that was not there before is the one that was created, as
    /// far as can be read, whatever its name is.
    fn is_same_but_name(&self, candidate: &Observed) -> bool {
        !self.known.contains(&candidate.id)
            && mismatches(
                Kind::Simulation,
                &self.body,
                candidate,
                NullMeaning::NotShown,
            )
            .is_empty()
    }
}

/// Returns the listed simulations that a server may have made of these creates under
/// another name: untracked, and not there before.
#[must_use]
pub fn renamed_candidates(
    open: &[&OpenCreate],
    listed: &[Found],
    tracked: &BTreeSet<SimulationId>,
) -> Vec<SimulationId> {
    listed
        .iter()
        .filter(|found| !tracked.contains(&found.id))
        .filter(|found| open.iter().any(|create| !create.known.contains(&found.id)))
        .map(|found| found.id)
        .collect()
}

/// Decides about a create that [`verdicts`] calls absent, given the simulations of
/// [`renamed_candidates`]: one that equals it in everything but the name makes it
/// undecided, since a server may have normalised the name.
#[must_use]
pub fn absent_unless_renamed(create: &OpenCreate, candidates: &[Observed]) -> Verdict {
    let same: Vec<_> = candidates
        .iter()
        .filter(|candidate| create.is_same_but_name(candidate))
        .collect();
    if same.is_empty() {
        Verdict::Absent
    } else {
        undecided(&same)
    }
}

/// Decides about the open creates of one agent, given its candidates as read
/// one by one, in the order of `open`.
///
/// Creates with the same body are interchangeable: as many simulations as
/// creates, or fewer, are given out in order. More than creates can't be told
/// apart.
///
/// What fits exactly is given out before what fits only if the API hides some
/// fields: else one create could take the simulation of another, which would then be
/// made a second time. A create without a name is never given a simulation: one that
/// fits it may be anybody's, so a person decides.
#[must_use]
pub fn verdicts(open: &[OpenCreate], candidates: &[Observed]) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Wait; open.len()];
    let mut used = BTreeSet::new();
    for nulls in [NullMeaning::NotSet, NullMeaning::NotShown] {
        for index in 0..open.len() {
            let is_of_group = |other: &usize| open[*other].body == open[index].body;
            let is_grouped = (0..index).any(|other| is_of_group(&other));
            if is_grouped || open[index].body.name().is_none() {
                continue;
            }
            let group: Vec<_> = (index..open.len())
                .filter(is_of_group)
                .filter(|member| verdicts[*member] == Verdict::Wait)
                .collect();
            decide_group(open, &group, nulls, candidates, &mut used, &mut verdicts);
        }
    }
    let left: Vec<_> = candidates
        .iter()
        .filter(|candidate| !used.contains(&candidate.id))
        .collect();
    for (create, verdict) in open.iter().zip(&mut verdicts) {
        if *verdict == Verdict::Wait {
            *verdict = without_a_match(create, &left);
        }
    }
    verdicts
}

/// Gives the simulations that fit to the creates of one body.
fn decide_group(
    open: &[OpenCreate],
    group: &[usize],
    nulls: NullMeaning,
    candidates: &[Observed],
    used: &mut BTreeSet<SimulationId>,
    verdicts: &mut [Verdict],
) {
    let fits = |create: &OpenCreate, candidate: &Observed| {
        create.could_be(candidate.id, candidate.name.as_deref())
            && mismatches(Kind::Simulation, &create.body, candidate, nulls).is_empty()
    };
    let fitting: Vec<_> = candidates
        .iter()
        .filter(|candidate| !used.contains(&candidate.id))
        .filter(|candidate| group.iter().any(|member| fits(&open[*member], candidate)))
        .collect();
    for member in group {
        let create = &open[*member];
        if fitting.len() > group.len() {
            verdicts[*member] = undecided(&fitting);
        } else if let Some(candidate) = fitting
            .iter()
            .find(|candidate| !used.contains(&candidate.id) && fits(create, candidate))
        {
            used.insert(candidate.id);
            verdicts[*member] = Verdict::Created(candidate.id);
        }
    }
}

/// Decides about a create that was given no simulation, from those that are left.
///
/// One without a name is undecided as soon as one fits it. One with a name is
/// undecided after the settle time when one of its name is left, which then differs
/// in what can be read.
fn without_a_match(create: &OpenCreate, left: &[&Observed]) -> Verdict {
    let is_nameless = create.body.name().is_none();
    let left: Vec<_> = left
        .iter()
        .copied()
        .filter(|candidate| {
            if is_nameless {
                create.is_same_but_name(candidate)
            } else {
                create.could_be(candidate.id, candidate.name.as_deref())
            }
        })
        .collect();
    match (left.is_empty(), create.is_settled) {
        (false, is_settled) if is_nameless || is_settled => undecided(&left),
        (true, true) => Verdict::Absent,
        _ => Verdict::Wait,
    }
}

fn undecided(candidates: &[&Observed]) -> Verdict {
    let candidates = candidates.iter().copied();
    Verdict::Undecided(candidates.cloned().collect())
}
