//! The decision about open creates.
//!
//! An open create is compared with the listing of its agent. The listing must be complete:
//! the caller must treat a failed read as an error, not as an empty listing. The caller must
//! also prove with [`super::presence()`] that a listed candidate without a read is absent.

use std::collections::BTreeSet;

use crate::resource::body::{Body, normalized_name};
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::simulation::MARKER;
use crate::resource::{NullMeaning, Observed, identity, is_same_but_name, mismatches};

/// A create without an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenCreate {
    /// The number of the intent.
    pub seq: u64,
    /// The key.
    pub key: ResourceKey,
    /// The body of the request.
    pub body: Body,
    /// Resources that existed before the create.
    pub existing: BTreeSet<RemoteId>,
    /// Whether the settle time is over, so that a create without a resource was not
    /// executed.
    pub is_settled: bool,
}

/// A row of a listing: enough to choose the resources to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The id.
    pub id: RemoteId,
    /// The name; `None` without a name.
    pub name: Option<String>,
}

/// The decision about an open create.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The create made this resource.
    Created(RemoteId),
    /// The resource may still appear: list again.
    Wait,
    /// The create was not executed.
    Absent,
    /// The create may have made one of these resources, and their fields do not decide.
    Undecided(Vec<Observed>),
}

/// Returns the candidates of these creates: the listed resources that have the same name,
/// are untracked and did not exist before.
///
/// The resource of a create without a name may have any name, because the API may choose
/// one.
#[must_use]
pub fn candidates(
    open: &[OpenCreate],
    listed: &[Found],
    tracked: &BTreeSet<RemoteId>,
) -> Vec<RemoteId> {
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
    /// Returns whether the create may have made the resource of this id and name.
    #[must_use]
    pub fn could_be(&self, id: RemoteId, name: Option<&str>) -> bool {
        let named = self.name();
        !self.existing.contains(&id)
            && named.is_none_or(|wanted| Some(wanted.as_str()) == name.and_then(normalized_name))
    }

    /// Returns the name by which the resource is recognised.
    fn name(&self) -> Option<String> {
        identity(self.key.kind(), &self.body)
    }

    /// Returns whether a resource did not exist before and equals the create in every
    /// readable field but the name.
    fn is_same_but_name(&self, candidate: &Observed) -> bool {
        !self.existing.contains(&candidate.id)
            && is_same_but_name(
                self.key.kind(),
                &self.body,
                candidate,
                NullMeaning::NotShown,
            )
    }

    /// Returns whether a candidate has the marker that the create sent: no other create
    /// sends that marker.
    fn is_marked(&self, candidate: &Observed) -> bool {
        let sent = self.body.text(MARKER);
        sent.is_some() && sent == candidate.marker() && !self.existing.contains(&candidate.id)
    }
}

/// Returns the listed resources that the API may have created with a changed name: the
/// untracked resources that did not exist before.
#[must_use]
pub fn renamed_candidates(
    open: &[&OpenCreate],
    listed: &[Found],
    tracked: &BTreeSet<RemoteId>,
) -> Vec<RemoteId> {
    listed
        .iter()
        .filter(|found| !tracked.contains(&found.id))
        .filter(|found| {
            open.iter()
                .any(|create| !create.existing.contains(&found.id))
        })
        .map(|found| found.id)
        .collect()
}

/// Decides about a create that [`verdicts`] calls absent, given the resources of
/// [`renamed_candidates`]. A server may have normalised the name, so the create is
/// undecided if a candidate equals it in everything but the name. If one candidate has the
/// marker of the create, it is the created resource.
#[must_use]
pub fn absent_unless_renamed(create: &OpenCreate, candidates: &[Observed]) -> Verdict {
    let mut marked = candidates.iter().filter(|one| create.is_marked(one));
    if let (Some(one), None) = (marked.next(), marked.next()) {
        return Verdict::Created(one.id);
    }
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

/// Decides about the open creates of one agent, given its candidates. The decisions are in
/// the order of `open`.
///
/// Creates with the same body are interchangeable. If they have no more candidates than
/// creates, the candidates are assigned in order. If they have more, the creates are
/// undecided.
///
/// Candidates that match exactly are assigned before candidates that match only if the API
/// hides some fields. Otherwise one create could get the resource of another create, which
/// would then be sent again. A create without a name gets no resource: a matching
/// resource may belong to somebody else, so a person decides.
#[must_use]
pub fn verdicts(open: &[OpenCreate], candidates: &[Observed]) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Wait; open.len()];
    let mut used = BTreeSet::new();
    for nulls in [NullMeaning::NotSet, NullMeaning::NotShown] {
        for index in 0..open.len() {
            let is_of_group = |other: &usize| open[*other].body == open[index].body;
            let is_grouped = (0..index).any(|other| is_of_group(&other));
            if is_grouped || open[index].name().is_none() {
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

/// Assigns the matching candidates to the creates of one body.
fn decide_group(
    open: &[OpenCreate],
    group: &[usize],
    nulls: NullMeaning,
    candidates: &[Observed],
    used: &mut BTreeSet<RemoteId>,
    verdicts: &mut [Verdict],
) {
    let fits = |create: &OpenCreate, candidate: &Observed| {
        create.could_be(candidate.id, candidate.identity().as_deref())
            && mismatches(create.key.kind(), &create.body, candidate, nulls).is_empty()
    };
    let fitting: Vec<_> = candidates
        .iter()
        .filter(|candidate| !used.contains(&candidate.id))
        .filter(|candidate| group.iter().any(|member| fits(&open[*member], candidate)))
        .collect();
    for member in group {
        let create = &open[*member];
        // Nothing distinguishes two resources without names that have the same content.
        let is_named = create.key.kind().identity().name.is_some();
        if is_named && fitting.len() > group.len() {
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

/// Decides about a create without an assigned candidate, given the other candidates.
///
/// A create without a name is undecided if a candidate matches. A create with a name is
/// undecided if a candidate of this name is left after the settle time; its fields differ.
fn without_a_match(create: &OpenCreate, left: &[&Observed]) -> Verdict {
    let is_nameless = create.name().is_none();
    let left: Vec<_> = left
        .iter()
        .copied()
        .filter(|candidate| {
            if is_nameless {
                create.is_same_but_name(candidate)
            } else {
                create.could_be(candidate.id, candidate.identity().as_deref())
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
