//! Merges the prior state of one resource: fields and sets of ids.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::resource::Kind;
use crate::resource::body::Body;

/// The result of a merge of fields.
pub(super) struct Fields {
    /// The fields on which both sides agree, or which one side changed.
    pub merged: Body,
    /// The fields that both sides changed differently.
    pub clashes: Vec<String>,
}

/// Merges fields. The settings of digital humans are one field, as at the API.
pub(super) fn merge_fields(kind: Kind, base: Option<&Body>, ours: &Body, theirs: &Body) -> Fields {
    let base = base.cloned().unwrap_or_default();
    let mut fields = Fields {
        merged: Body::default(),
        clashes: Vec::new(),
    };
    let mut done = BTreeSet::new();
    for field in ours.0.keys().chain(theirs.0.keys()) {
        let group = match kind.group(field) {
            group if group.is_empty() => vec![field.as_str()],
            group => group,
        };
        if done.insert(group[0].to_owned()) {
            fields.merge_group(kind, &group, [&base, ours, theirs]);
        }
    }
    fields
}

impl Fields {
    fn merge_group(&mut self, kind: Kind, group: &[&str], [base, ours, theirs]: [&Body; 3]) {
        let of = |body: &Body| -> Map<String, Value> {
            let given = group.iter();
            let given =
                given.filter_map(|field| Some(((*field).to_owned(), body.0.get(*field)?.clone())));
            given.collect()
        };
        let (before, our_way, their_way) = (of(base), of(ours), of(theirs));
        if our_way == their_way || before == their_way {
            self.merged.fields_mut().extend(our_way);
        } else if before == our_way {
            self.merged.fields_mut().extend(their_way);
        } else if kind.replaces(group[0]) {
            // A missing field would count as changed, and the plan would replace the resource.
            let text = |fields: &Map<String, Value>| Value::Object(fields.clone()).to_string();
            let [first, second] = [our_way, their_way];
            let lesser = if text(&first) < text(&second) {
                first
            } else {
                second
            };
            self.merged
                .fields_mut()
                .extend(if before.is_empty() { lesser } else { before });
        } else {
            self.clashes.extend(
                group
                    .iter()
                    .map(|field| (*field).to_owned())
                    .filter(|field| our_way.contains_key(field) || their_way.contains_key(field)),
            );
        }
    }
}

/// Merges sets: keeps items of both sides and items that one side added, and drops
/// items that one side removed.
pub(super) fn merge_sets<T: Ord + Clone>(
    base: &BTreeSet<T>,
    ours: &BTreeSet<T>,
    theirs: &BTreeSet<T>,
) -> BTreeSet<T> {
    let both = ours.union(theirs);
    both.filter(|item| !base.contains(item) || (ours.contains(item) && theirs.contains(item)))
        .cloned()
        .collect()
}
