//! Decides which untracked resources a plan adopts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::resource::body::Body;
use crate::resource::key::{RemoteId, ResourceKey};
use crate::resource::{NullMeaning, Observed, identity, is_same_but_name, mismatches};

/// What an apply does about an untracked resource with the wanted name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdoptionPolicy {
    /// Adopt the resource if all observed fields match, otherwise stop.
    #[default]
    Identical,
    /// Adopt the resource because of its name. The differences are then updated.
    Name,
    /// Create another resource.
    Never,
}

/// A resource that is about to be created.
#[derive(Debug, Clone, Copy)]
pub struct WantedResource<'a> {
    /// The key.
    pub key: &'a ResourceKey,
    /// The body that the create would send.
    pub body: &'a Body,
}

/// The decision about one wanted resource.
#[derive(Debug, Clone, PartialEq)]
pub enum AdoptionDecision {
    /// Create the resource, because no candidate exists.
    Create,
    /// Adopt this resource.
    Adopt(RemoteId),
    /// A person has to decide.
    Undecided(Undecided),
}

/// The candidates between which a person has to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Undecided {
    /// The candidates.
    pub candidates: Vec<Observed>,
    /// Why none of the candidates is adopted.
    pub reason: UndecidedReason,
}

/// Why a person has to decide about candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndecidedReason {
    /// The candidates have the wanted name, and they differ from the wanted resource
    /// or equal each other.
    SameName,
    /// The candidates match the wanted resource in everything but the name, and a
    /// server may have normalised the name.
    OtherName,
    /// The wanted resource has no name, so a candidate can't be recognised.
    Nameless,
    /// The candidates have the wanted name, and the marker of another project.
    OtherOwner,
}

/// Pairs each wanted body with the first unused candidate that matches in every
/// observed field. The result is `None` for a body without such a candidate.
fn pair(wanted: &[&Body], found: &[&Observed]) -> Vec<Option<RemoteId>> {
    let mut used = BTreeSet::new();
    wanted
        .iter()
        .map(|body| {
            let fits = found
                .iter()
                .find(|observed| !used.contains(&observed.id) && is_identical(body, observed))?;
            used.insert(fits.id);
            Some(fits.id)
        })
        .collect()
}

/// Decides about wanted resources of one scope and one name, in the order of
/// `wanted`.
///
/// `found` contains the untracked resources with that scope and name. `renamed`
/// contains the untracked resources whose name a server may have made of that name.
/// For wanted resources without a name, `renamed` contains all untracked resources
/// of the scope.
#[must_use]
pub fn decide_adoptions(
    wanted: &[WantedResource<'_>],
    found: &[Observed],
    renamed: &[Observed],
    adopt: AdoptionPolicy,
) -> Vec<AdoptionDecision> {
    if adopt == AdoptionPolicy::Never {
        return vec![AdoptionDecision::Create; wanted.len()];
    }
    let is_nameless = wanted
        .iter()
        .any(|wanted| identity(wanted.key.kind(), wanted.body).is_none());
    let by_name = if is_nameless {
        vec![AdoptionDecision::Create; wanted.len()]
    } else {
        adoption_by_name(wanted, found, adopt)
    };
    let reason = if is_nameless {
        UndecidedReason::Nameless
    } else {
        UndecidedReason::OtherName
    };
    let decided = by_name.into_iter().zip(wanted);
    decided
        .map(|(decision, wanted)| match decision {
            AdoptionDecision::Create => unless_renamed(wanted.body, renamed, reason),
            decision => decision,
        })
        .collect()
}

/// Returns a create, unless a renamed candidate matches the body in everything but the
/// name.
fn unless_renamed(body: &Body, renamed: &[Observed], reason: UndecidedReason) -> AdoptionDecision {
    let same = renamed.iter().filter(|observed| {
        is_same_but_name(observed.id.kind(), body, observed, NullMeaning::NotSet)
    });
    let candidates: Vec<_> = same.cloned().collect();
    if candidates.is_empty() {
        AdoptionDecision::Create
    } else {
        AdoptionDecision::Undecided(Undecided { candidates, reason })
    }
}

fn adoption_by_name(
    wanted: &[WantedResource<'_>],
    found: &[Observed],
    adopt: AdoptionPolicy,
) -> Vec<AdoptionDecision> {
    if found.is_empty() {
        return vec![AdoptionDecision::Create; wanted.len()];
    }
    if wanted
        .iter()
        .all(|wanted| wanted.key.kind().identity().name.is_none())
    {
        return adoption_by_content(wanted, found);
    }
    let undecided = |candidates| {
        let reason = UndecidedReason::SameName;
        AdoptionDecision::Undecided(Undecided { candidates, reason })
    };
    if adopt == AdoptionPolicy::Name && wanted.len() == 1 && found.len() == 1 {
        return vec![AdoptionDecision::Adopt(found[0].id)];
    }
    let bodies: Vec<_> = wanted.iter().map(|wanted| wanted.body).collect();
    let found_refs: Vec<_> = found.iter().collect();
    let pairs = pair(&bodies, &found_refs);
    let taken: BTreeSet<_> = pairs.iter().flatten().copied().collect();
    let left: Vec<_> = found
        .iter()
        .filter(|observed| !taken.contains(&observed.id))
        .cloned()
        .collect();
    pairs
        .iter()
        .zip(wanted)
        .map(|(pair, wanted)| {
            let rivals = rivals(wanted.body, &left);
            match pair {
                // Another candidate matches equally well, so a person has to decide.
                Some(id) if !rivals.is_empty() => {
                    let taken = found.iter().filter(|observed| observed.id == *id);
                    undecided(taken.chain(rivals).cloned().collect())
                }
                Some(id) => AdoptionDecision::Adopt(*id),
                None if left.is_empty() => AdoptionDecision::Create,
                None => undecided(left.clone()),
            }
        })
        .collect()
}

/// Adopts resources without names. Resources with the same content are interchangeable.
fn adoption_by_content(wanted: &[WantedResource<'_>], found: &[Observed]) -> Vec<AdoptionDecision> {
    let bodies: Vec<_> = wanted.iter().map(|wanted| wanted.body).collect();
    let pairs = pair(&bodies, &found.iter().collect::<Vec<_>>());
    let identical: BTreeSet<_> = pairs.iter().flatten().copied().collect();
    let others = found.iter().map(|observed| observed.id);
    let mut others = others.filter(|id| !identical.contains(id));
    pairs
        .into_iter()
        .map(|identical| match identical.or_else(|| others.next()) {
            Some(id) => AdoptionDecision::Adopt(id),
            None => AdoptionDecision::Create,
        })
        .collect()
}

fn rivals<'a>(body: &Body, left: &'a [Observed]) -> Vec<&'a Observed> {
    left.iter()
        .filter(|observed| is_identical(body, observed))
        .collect()
}

fn is_identical(body: &Body, observed: &Observed) -> bool {
    mismatches(observed.id.kind(), body, observed, NullMeaning::NotSet).is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(max_concurrent: u64) -> Body {
        serde_json::from_value(
            json!({"agent_id": "1", "name": "n", "max_concurrent": max_concurrent}),
        )
        .unwrap()
    }

    fn found(id: u64, max_concurrent: u64) -> Observed {
        Observed {
            id: RemoteId::simulation(id),
            agent_id: Some("1".into()),
            name: Some("n".into()),
            created_at: None,
            fields: [("max_concurrent".to_owned(), json!(max_concurrent))].into(),
            unknown_settings: std::collections::BTreeSet::new(),
        }
    }

    fn check(wanted: &[u64], found_ones: &[(u64, u64)], adopt: AdoptionPolicy, expected: &[&str]) {
        let bodies: Vec<_> = wanted.iter().map(|value| body(*value)).collect();
        let key = ResourceKey::from("k");
        let wanted: Vec<_> = bodies
            .iter()
            .map(|body| WantedResource { key: &key, body })
            .collect();
        let found: Vec<_> = found_ones
            .iter()
            .map(|(id, value)| found(*id, *value))
            .collect();
        let decided: Vec<_> = decide_adoptions(&wanted, &found, &[], adopt)
            .into_iter()
            .map(|decision| match decision {
                AdoptionDecision::Create => "create".to_owned(),
                AdoptionDecision::Adopt(id) => format!("take {id}"),
                AdoptionDecision::Undecided(undecided) => format!(
                    "undecided {:?}",
                    undecided
                        .candidates
                        .iter()
                        .filter_map(|candidate| candidate.id.number())
                        .collect::<Vec<_>>()
                ),
            })
            .collect();
        assert_eq!(decided, expected);
    }

    #[test]
    fn nothing_there_creates() {
        check(&[5], &[], AdoptionPolicy::Identical, &["create"]);
    }

    #[test]
    fn identical_is_taken_and_different_stops() {
        check(&[5], &[(9, 5)], AdoptionPolicy::Identical, &["take 9"]);
        check(
            &[5],
            &[(9, 6)],
            AdoptionPolicy::Identical,
            &["undecided [9]"],
        );
        check(&[5], &[(9, 6)], AdoptionPolicy::Name, &["take 9"]);
        check(&[5], &[(9, 5)], AdoptionPolicy::Never, &["create"]);
    }

    #[test]
    fn twins_stop_even_by_name() {
        check(
            &[5],
            &[(8, 5), (9, 5)],
            AdoptionPolicy::Identical,
            &["undecided [8, 9]"],
        );
        check(
            &[5],
            &[(8, 6), (9, 6)],
            AdoptionPolicy::Name,
            &["undecided [8, 9]"],
        );
    }

    #[test]
    fn two_wanted_of_one_name_are_told_apart_by_content() {
        check(
            &[5, 6],
            &[(8, 6)],
            AdoptionPolicy::Identical,
            &["create", "take 8"],
        );
        check(
            &[5, 5],
            &[(8, 5)],
            AdoptionPolicy::Identical,
            &["take 8", "create"],
        );
        check(
            &[5, 6],
            &[(8, 7)],
            AdoptionPolicy::Identical,
            &["undecided [8]", "undecided [8]"],
        );
    }
}
