//! Decides by their markers which of the found resources the project manages.

use std::collections::BTreeSet;

use super::adoption::{
    AdoptionDecision, AdoptionPolicy, Undecided, UndecidedReason, WantedResource, decide_adoptions,
};
use crate::resource::Observed;
use crate::resource::desired::DesiredState;
use crate::resource::ownership::Owner;

/// Decides like [`decide_adoptions`], and by the markers if the project uses them: a
/// resource with the marker of a wanted resource is that resource, whatever its name and
/// fields are. A resource with another marker is never adopted.
#[must_use]
pub fn adoption_by_owner(
    desired: &DesiredState,
    wanted: &[WantedResource<'_>],
    found: &[Observed],
    renamed: &[Observed],
    adopt: AdoptionPolicy,
) -> Vec<AdoptionDecision> {
    if desired.ownership.is_none() {
        return decide_adoptions(wanted, found, renamed, adopt);
    }
    let owned: Vec<Vec<&Observed>> = wanted
        .iter()
        .map(|wanted| {
            let all = found.iter().chain(renamed);
            all.filter(|observed| desired.owner(wanted.key, None, observed) == Owner::Ours)
                .collect()
        })
        .collect();
    let unmarked = |all: &[Observed]| -> Vec<Observed> {
        let unmarked = all.iter().filter(|observed| observed.marker().is_none());
        unmarked.cloned().collect()
    };
    let pending: Vec<_> = wanted
        .iter()
        .zip(&owned)
        .filter(|(_, owned)| owned.is_empty())
        .map(|(wanted, _)| *wanted)
        .collect();
    let ours: BTreeSet<_> = owned.iter().flatten().map(|observed| observed.id).collect();
    let of_others: Vec<_> = found
        .iter()
        .filter(|observed| observed.marker().is_some() && !ours.contains(&observed.id))
        .cloned()
        .collect();
    let mut decisions =
        decide_adoptions(&pending, &unmarked(found), &unmarked(renamed), adopt).into_iter();
    let decide = |owned: Vec<&Observed>| match owned[..] {
        [] => match decisions.next() {
            Some(AdoptionDecision::Create) | None if !of_others.is_empty() => {
                undecided(of_others.clone(), UndecidedReason::OtherOwner)
            }
            decision => decision.unwrap_or(AdoptionDecision::Create),
        },
        [one] => AdoptionDecision::Adopt(one.id),
        _ => undecided(
            owned.into_iter().cloned().collect(),
            UndecidedReason::SameName,
        ),
    };
    owned.into_iter().map(decide).collect()
}

fn undecided(candidates: Vec<Observed>, reason: UndecidedReason) -> AdoptionDecision {
    AdoptionDecision::Undecided(Undecided { candidates, reason })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::resource::body::Body;
    use crate::resource::key::{RemoteId, ResourceKey};
    use crate::resource::ownership::Ownership;
    use crate::resource::simulation::MARKER;

    const OTHER: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

    fn ownership() -> Ownership {
        Ownership {
            project: "clinic".to_owned(),
            environment: None,
        }
    }

    fn shown(id: u64, name: &str, marker: Option<&str>) -> Observed {
        Observed {
            id: RemoteId::simulation(id),
            agent_id: Some("42".to_owned()),
            name: Some(name.to_owned()),
            created_at: None,
            fields: BTreeMap::from([(MARKER.to_owned(), json!(marker))]),
            unknown_settings: BTreeSet::new(),
        }
    }

    /// The decision about `a`, of which these are found by name and by a similar name.
    #[track_caller]
    fn check(found: &[Observed], renamed: &[Observed], adopt: AdoptionPolicy, expected: &str) {
        let desired = DesiredState {
            ownership: Some(ownership()),
            ..DesiredState::default()
        };
        let key = ResourceKey::from("a");
        let body: Body = serde_json::from_value(json!({"agent_id": "42", "name": "a"})).unwrap();
        let wanted = WantedResource {
            key: &key,
            body: &body,
        };
        let decisions = adoption_by_owner(&desired, &[wanted], found, renamed, adopt);
        let decision = match &decisions[..] {
            [AdoptionDecision::Create] => "create".to_owned(),
            [AdoptionDecision::Adopt(id)] => format!("take {id}"),
            [AdoptionDecision::Undecided(undecided)] => format!("{:?}", undecided.reason),
            _ => format!("{decisions:?}"),
        };
        assert_eq!(decision, expected);
    }

    #[test]
    fn the_marker_decides_before_name_and_fields() {
        let own = ownership().marker(&ResourceKey::from("a"));
        let ours = |id, name| shown(id, name, Some(&own));
        let other = shown(8, "a", Some(OTHER));
        let free = shown(9, "a", None);
        let adopt = AdoptionPolicy::Identical;
        check(&[ours(1, "a")], &[], adopt, "take 1");
        check(&[], &[ours(1, "A")], adopt, "take 1");
        check(
            &[other.clone(), free.clone(), ours(1, "a")],
            &[],
            adopt,
            "take 1",
        );
        check(&[other.clone(), free.clone()], &[], adopt, "take 9");
        check(std::slice::from_ref(&other), &[], adopt, "OtherOwner");
        check(
            std::slice::from_ref(&other),
            &[],
            AdoptionPolicy::Name,
            "OtherOwner",
        );
        check(&[], &[shown(8, "A", Some(OTHER))], adopt, "create");
        check(&[ours(1, "a"), ours(2, "a")], &[], adopt, "SameName");
        check(&[], &[], adopt, "create");
    }
}
