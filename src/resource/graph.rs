//! What refers to what, among the declared resources.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::{DesiredResource, DesiredState};
use super::key::ResourceKey;

/// The declared resources, and the references between them.
#[derive(Debug, Clone, Default)]
pub struct Graph<'a> {
    /// The resources, in the order of the keys.
    pub nodes: BTreeMap<&'a ResourceKey, &'a DesiredResource>,
    /// The references, in the order of the keys: the resource that refers, and the resource
    /// that it refers to.
    pub edges: BTreeSet<(&'a ResourceKey, &'a ResourceKey)>,
}

impl<'a> Graph<'a> {
    /// Returns the graph of all declared resources.
    #[must_use]
    pub fn of(desired: &'a DesiredState) -> Self {
        let nodes: BTreeMap<_, _> = desired.resources.iter().collect();
        let edges = nodes.iter().flat_map(|(from, resource)| {
            let targets = resource.refers_to().into_iter();
            targets.filter_map(|to| Some((*from, *nodes.get_key_value(&to)?.0)))
        });
        Self {
            edges: edges.collect(),
            nodes: nodes.clone(),
        }
    }

    /// Returns the part of the graph around the selected resources: the selected
    /// resources, and all resources that they refer to or that refer to them, directly or
    /// through others.
    #[must_use]
    pub fn around(&self, selected: &BTreeSet<&'a ResourceKey>) -> Self {
        let targets = self.reachable(selected, |(from, to)| (from, to));
        let users = self.reachable(selected, |(from, to)| (to, from));
        let is_kept = |key: &ResourceKey| targets.contains(key) || users.contains(key);
        let nodes = self.nodes.iter().filter(|(key, _)| is_kept(key));
        // A reference between two users of a selected resource leads to that resource too.
        let edges = self.edges.iter().filter(|(from, to)| {
            let both = |keys: &BTreeSet<_>| keys.contains(from) && keys.contains(to);
            both(&targets) || both(&users)
        });
        Self {
            nodes: nodes.map(|(key, resource)| (*key, *resource)).collect(),
            edges: edges.copied().collect(),
        }
    }

    /// Returns the resources that can be reached from others, these included. `direction`
    /// returns the start and the end of a step.
    fn reachable(
        &self,
        from: &BTreeSet<&'a ResourceKey>,
        direction: impl Fn((&'a ResourceKey, &'a ResourceKey)) -> (&'a ResourceKey, &'a ResourceKey),
    ) -> BTreeSet<&'a ResourceKey> {
        let mut steps = BTreeMap::<_, Vec<_>>::new();
        for (start, end) in self.edges.iter().map(|edge| direction(*edge)) {
            steps.entry(start).or_default().push(end);
        }
        let mut reached = from.clone();
        let mut open: Vec<_> = from.iter().copied().collect();
        while let Some(key) = open.pop() {
            for end in steps.get(key).into_iter().flatten() {
                if reached.insert(end) {
                    open.push(end);
                }
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::body::Body;
    use crate::resource::reference::{Part, Reference};

    /// Returns a declared resource that refers to others.
    fn resource(refers_to: &[&str]) -> DesiredResource {
        let (humans, others): (Vec<_>, Vec<_>) = refers_to
            .iter()
            .map(|key| ResourceKey::from(*key))
            .partition(|key| key.as_str().starts_with("digital_human:"));
        let reference = |key| Reference {
            at: Vec::new(),
            parts: vec![Part::Id(key)],
            is_text: false,
        };
        DesiredResource {
            references: others.into_iter().map(reference).collect(),
            digital_human_keys: humans.into_iter().collect(),
            ..DesiredResource::in_a_file(Body::default())
        }
    }

    fn clinic() -> DesiredState {
        let declared = [
            ("day", &["digital_human:marta", "custom_metric:calm"][..]),
            ("night", &["digital_human:marta", "digital_human:lee"]),
            ("schedule:daily", &["day"]),
            ("digital_human:marta", &[]),
            ("digital_human:lee", &["custom_metric:calm"]),
            ("custom_metric:calm", &[]),
            ("alone", &[]),
        ];
        let declared = declared.map(|(key, to)| (ResourceKey::from(key), resource(to)));
        DesiredState {
            resources: declared.into_iter().collect(),
            ..DesiredState::default()
        }
    }

    /// Checks the resources and the number of references around one resource.
    #[track_caller]
    fn check(selected: &str, expected: &[&str], references: usize) {
        let desired = clinic();
        let graph = Graph::of(&desired);
        let selected = ResourceKey::from(selected);
        let around = graph.around(&BTreeSet::from([&selected]));
        let found: Vec<_> = around.nodes.keys().map(|key| key.as_str()).collect();
        assert_eq!(found, expected);
        assert_eq!(around.edges.len(), references, "{:?}", around.edges);
    }

    #[test]
    fn every_reference_is_an_edge() {
        let desired = clinic();
        let graph = Graph::of(&desired);
        assert_eq!((graph.nodes.len(), graph.edges.len()), (7, 6));
    }

    #[test]
    fn a_selection_has_what_it_uses_and_what_uses_it() {
        check("alone", &["alone"], 0);
        check(
            "day",
            &[
                "custom_metric:calm",
                "day",
                "digital_human:marta",
                "schedule:daily",
            ],
            3,
        );
        check(
            "custom_metric:calm",
            &[
                "custom_metric:calm",
                "day",
                "digital_human:lee",
                "night",
                "schedule:daily",
            ],
            4,
        );
        check(
            "digital_human:marta",
            &["day", "digital_human:marta", "night", "schedule:daily"],
            3,
        );
    }
}
