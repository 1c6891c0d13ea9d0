//! The spelling of observed values in a file: what means the same stays as it is written.

use serde_json::{Map, Value, json};

use super::left::LeftReason;
use super::text::{ValueOf, escaped, respelled};
use crate::import::Keys;
use crate::resource::body::Body;
use crate::resource::field::{Field, Order, Shape, ValueType};
use crate::resource::{Kind, is_alike};
use crate::spec::edit::align::{Step, align};

/// The setting whose text contains the ids of custom metrics.
const COMPOSITE: &str = "composite";

/// A value of a field, or an item of its list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    pub field: Option<&'static Field>,
    pub is_item: bool,
}

/// A value before the pull.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'a> {
    /// As the file writes it.
    pub raw: &'a Value,
    /// As the state has it, with ids in place of references.
    pub value: &'a Value,
}

/// Writes values as a file writes them.
pub(super) struct Speller<'a> {
    pub keys: &'a Keys,
    pub value_of: &'a ValueOf<'a>,
    /// The wanted state.
    pub wanted: &'a Body,
}

impl Meaning {
    pub fn of(kind: Kind, name: &str) -> Self {
        Self {
            field: kind.field_at(name),
            is_item: false,
        }
    }

    fn is_alike(self, one: &Value, other: &Value) -> bool {
        if self.is_item {
            return is_alike(self.field, &json!([one]), &json!([other]));
        }
        is_alike(self.field, one, other)
    }

    fn item(self) -> Self {
        Self {
            is_item: true,
            ..self
        }
    }

    fn shape(self) -> Option<&'static Shape> {
        match (self.field?.value, self.is_item) {
            (ValueType::Record(shape) | ValueType::Recurrence(shape), false)
            | (ValueType::Records { of: shape, .. }, true) => Some(shape),
            _ => None,
        }
    }

    fn inner(self, name: &str) -> Self {
        Self {
            field: self.shape().and_then(|shape| shape.field(name)),
            is_item: false,
        }
    }
}

impl Speller<'_> {
    /// Returns a value as the file writes it.
    pub fn spell(
        &self,
        meaning: Meaning,
        before: Option<Before<'_>>,
        new: &Value,
    ) -> Result<Value, LeftReason> {
        if let Some(before) = before
            && meaning.is_alike(before.value, new)
        {
            return Ok(before.raw.clone());
        }
        match (new, before.map(|before| (before.raw, before.value))) {
            (Value::String(new), Some((Value::String(raw), Value::String(old)))) => {
                self.spell_text(meaning, raw, old, new)
            }
            (Value::String(id), Some((Value::Number(_), _))) if is_agent_id(meaning) => Ok(id
                .parse()
                .map_or_else(|_| id.as_str().into(), |id: u64| id.into())),
            (Value::Array(new), Some((Value::Array(raw), Value::Array(old))))
                if raw.len() == old.len() =>
            {
                self.spell_items(meaning, raw, old, new)
            }
            (Value::Object(new), Some((Value::Object(raw), Value::Object(old)))) => {
                self.spell_fields(meaning, raw, old, new)
            }
            _ => self.spell_new(meaning, new),
        }
    }

    /// Returns the spelling of a value that the file did not have before.
    fn spell_new(&self, meaning: Meaning, new: &Value) -> Result<Value, LeftReason> {
        if let Some(reference) = self.reference(meaning, new) {
            return Ok(reference);
        }
        match new {
            Value::String(text) => Ok(self.with_formula_keys(meaning, escaped(text)).into()),
            Value::Array(items) => {
                let items = items.iter().filter(|item| !item.is_null());
                items
                    .map(|item| self.spell_new(meaning.item(), item))
                    .collect()
            }
            Value::Object(fields) => self.spell_fields(meaning, &Map::new(), &Map::new(), fields),
            other => Ok(other.clone()),
        }
    }

    /// Returns the key in place of an id that the lockfile knows.
    fn reference(&self, meaning: Meaning, id: &Value) -> Option<Value> {
        let field = meaning.field?;
        let key = self.keys.key_of(field.refers_to?, id)?;
        match field.value {
            ValueType::Set { .. } if meaning.is_item => Some(key.key().into()),
            ValueType::Id => Some(format!("${{{}:{}}}", key.kind().name(), key.key()).into()),
            _ => None,
        }
    }

    fn spell_text(
        &self,
        meaning: Meaning,
        raw: &str,
        old: &str,
        new: &str,
    ) -> Result<Value, LeftReason> {
        if let Some(reference) = self.reference(meaning, &new.into()) {
            return Ok(reference);
        }
        if is_formula(meaning) {
            return Ok(self.with_formula_keys(meaning, escaped(new)).into());
        }
        Ok(respelled(meaning.field, raw, old, new, self.value_of)?.into())
    }

    /// Replaces the ids of custom metrics in a formula by references.
    fn with_formula_keys(&self, meaning: Meaning, mut text: String) -> String {
        if is_formula(meaning) {
            for (id, key) in self.keys.of_kind(Kind::CustomMetric) {
                let reference = format!("\"${{{}:{}}}\"", key.kind().name(), key.key());
                text = text.replace(&format!("\"{id}\""), &reference);
            }
        }
        text
    }

    fn spell_fields(
        &self,
        meaning: Meaning,
        raw: &Map<String, Value>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Result<Value, LeftReason> {
        let is_known = meaning.shape().is_some();
        // A field that means the same as an absent field.
        let is_absent = |name: &str, value: &Value| {
            let one = json!({ name: value });
            is_known && meaning.is_alike(&one, &json!({}))
        };
        let mut spelled = Map::new();
        for (name, value) in new {
            let before = raw.get(name).zip(old.get(name));
            let before = before.map(|(raw, value)| Before { raw, value });
            if before.is_none() && is_absent(name, value) {
                continue;
            }
            let value = self.spell(meaning.inner(name), before, value)?;
            spelled.insert(name.clone(), value);
        }
        for (name, raw) in raw {
            let was_absent = old.get(name).is_none_or(|old| is_absent(name, old));
            if was_absent && !spelled.contains_key(name) {
                spelled.insert(name.clone(), raw.clone());
            }
        }
        Ok(spelled.into())
    }

    fn spell_items(
        &self,
        meaning: Meaning,
        raw: &[Value],
        old: &[Value],
        new: &[Value],
    ) -> Result<Value, LeftReason> {
        let item = meaning.item();
        // Items with the same meaning get the same number.
        let mut known: Vec<&Value> = Vec::new();
        let mut numbers = Vec::new();
        for value in old.iter().chain(new) {
            let found = known.iter().position(|known| item.is_alike(known, value));
            numbers.push(found.unwrap_or_else(|| {
                known.push(value);
                known.len() - 1
            }));
        }
        let (old_numbers, new_numbers) = numbers.split_at(old.len());
        let mut new: Vec<&Value> = new.iter().collect();
        let mut new_numbers = new_numbers.to_vec();
        if self.is_unordered(meaning) {
            let order = file_order(old_numbers, &new_numbers, is_set(meaning));
            new = order.iter().map(|at| new[*at]).collect();
            new_numbers = order.iter().map(|at| new_numbers[*at]).collect();
        }
        // An item that has moved keeps its spelling, too.
        let moved = |to: usize| {
            let number = new_numbers[to];
            let from = old_numbers.iter().position(|other| *other == number);
            from.map(|from| raw[from].clone())
        };
        let mut at = 0;
        let mut spelled = Vec::new();
        for step in align(old_numbers, &new_numbers) {
            let moved = match step {
                Step::Changed(to) | Step::Added(to) => moved(to),
                Step::Same | Step::Removed => None,
            };
            match step {
                _ if moved.is_some() => spelled.extend(moved),
                Step::Same => spelled.push(raw[at].clone()),
                Step::Changed(to) => {
                    let before = Before {
                        raw: &raw[at],
                        value: &old[at],
                    };
                    spelled.push(self.spell(item, Some(before), new[to])?);
                }
                Step::Added(to) => spelled.push(self.spell_new(item, new[to])?),
                Step::Removed => {}
            }
            at += usize::from(!matches!(step, Step::Added(_)));
        }
        Ok(spelled.into())
    }

    fn is_unordered(&self, meaning: Meaning) -> bool {
        match meaning.field.map(|field| field.value) {
            Some(ValueType::Records { order, .. }) => match order {
                Order::Kept => false,
                Order::Lost => true,
                Order::KeptIf(flag) => self.wanted.get(flag) != Some(&Value::Bool(true)),
            },
            _ => is_set(meaning),
        }
    }
}

/// Returns the positions of the new items in the order of the file: each item that stays at
/// its place, and the other new items in the places of removed items, then at the end. In a
/// set, equal items count as one, which stays at all its places.
fn file_order(old: &[usize], new: &[usize], is_set: bool) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..new.len()).collect();
    if is_set {
        rest.retain(|at| !new[..*at].contains(&new[*at]));
    }
    let staying: Vec<Option<usize>> = old
        .iter()
        .map(|number| {
            let found = rest.iter().position(|at| new[*at] == *number);
            let first = || new.iter().position(|other| other == number);
            match found {
                Some(found) => Some(rest.remove(found)),
                None if is_set => first(),
                None => None,
            }
        })
        .collect();
    let mut added = rest.into_iter();
    let mut order: Vec<usize> = staying
        .into_iter()
        .filter_map(|place| place.or_else(|| added.next()))
        .collect();
    order.extend(added);
    order
}

fn is_set(meaning: Meaning) -> bool {
    let value = meaning.field.map(|field| field.value);
    matches!(value, Some(ValueType::Set { .. }))
}

fn is_agent_id(meaning: Meaning) -> bool {
    meaning
        .field
        .is_some_and(|field| matches!(field.value, ValueType::AgentId))
}

fn is_formula(meaning: Meaning) -> bool {
    meaning.field.is_some_and(|field| field.name == COMPOSITE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::{PlainId, RemoteId, ResourceKey};

    const UUID: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    const OTHER: &str = "3c90c3cc-0d44-4b50-8888-8dd25736052b";

    #[track_caller]
    fn check(kind: Kind, name: &str, raw: Value, old: Value, new: Value, expected: Value) {
        let mut keys = Keys::default();
        for (kind, id, key) in [
            (Kind::CustomMetric, PlainId::text(UUID).unwrap(), "polite"),
            (Kind::DigitalHuman, PlainId::Number(7), "marta"),
        ] {
            keys.insert(RemoteId::of(kind, id), ResourceKey::of(kind, key));
        }
        let writer = Speller {
            keys: &keys,
            value_of: &|_| None,
            wanted: &Body::default(),
        };
        let before = Before {
            raw: &raw,
            value: &old,
        };
        let spelled = writer.spell(Meaning::of(kind, name), Some(before), &new);
        assert_eq!(spelled, Ok(expected));
    }

    #[test]
    fn a_set_keeps_the_order_and_the_spelling_of_the_file() {
        let (simulation, metrics) = (Kind::Simulation, "selected_custom_metrics");
        check(
            simulation,
            metrics,
            json!([OTHER.to_uppercase(), "other-key"]),
            json!([OTHER.to_uppercase(), "3c90c3cc-0d44-4b50-8888-8dd25736052c"]),
            json!([UUID, OTHER]),
            json!([OTHER.to_uppercase(), "polite"]),
        );
        check(
            simulation,
            "tags",
            json!(["b", "a", "c"]),
            json!(["b", "a", "c"]),
            json!(["a", "c", "d", "b", "e"]),
            json!(["b", "a", "c", "d", "e"]),
        );
        check(
            simulation,
            "digital_humans",
            json!([8]),
            json!([8]),
            json!([7, 8]),
            json!([8, "marta"]),
        );
    }

    #[test]
    fn equal_items_of_a_list_are_counted() {
        let human = Kind::DigitalHuman;
        let row = |name: &str| json!({"trait_name": name, "trait_data_type": "STRING", "value": 1});
        let (a, b, c) = (row("a"), row("b"), row("c"));
        for (old, new, expected) in [
            (json!([a, a, b]), json!([a, b]), json!([a, b])),
            (json!([a, b]), json!([a, a, b]), json!([a, b, a])),
            (json!([b, a, a]), json!([a, a, a, b]), json!([b, a, a, a])),
            (json!([a, b, a]), json!([c, a, c]), json!([a, c, c])),
            (json!([a, a]), json!([b, b, b]), json!([b, b, b])),
        ] {
            check(human, "traits", old.clone(), old, new, expected);
        }
        check(
            Kind::Simulation,
            "tags",
            json!(["a", "b", "a"]),
            json!(["a", "b", "a"]),
            json!(["a", "c", "c"]),
            json!(["a", "c", "a"]),
        );
    }

    #[test]
    fn an_item_that_moves_keeps_its_spelling() {
        check(
            Kind::DigitalHuman,
            "hangup_phrases",
            json!(["Bye ", "${var:X}", "c"]),
            json!(["Bye ", "x", "c"]),
            json!(["x", "d", "Bye"]),
            json!(["${var:X}", "d", "Bye "]),
        );
    }

    #[test]
    fn a_record_keeps_what_means_the_same() {
        let raw = json!([
            {"trait_name": "a", "trait_data_type": "NUMBER", "value": 1},
            {"trait_name": "b", "trait_data_type": "STRING", "value": "x\n", "is_sip_header": false},
        ]);
        let new = json!([
            {"trait_name": "b", "trait_data_type": "STRING", "value": "y", "is_sip_header": false},
            {"trait_name": "a", "trait_data_type": "NUMBER", "value": 1, "is_sip_header": false},
        ]);
        let expected = json!([
            {"trait_name": "a", "trait_data_type": "NUMBER", "value": 1},
            {"trait_name": "b", "trait_data_type": "STRING", "value": "y\n", "is_sip_header": false},
        ]);
        check(
            Kind::DigitalHuman,
            "traits",
            raw.clone(),
            raw,
            new,
            expected,
        );
    }

    #[test]
    fn ids_of_a_formula_become_references() {
        check(
            Kind::CustomMetric,
            "settings.composite",
            json!("1"),
            json!("1"),
            json!(format!("\"{UUID}\" + \"{OTHER}\"")),
            json!(format!("\"${{custom_metric:polite}}\" + \"{OTHER}\"")),
        );
    }

    #[test]
    fn an_agent_id_stays_a_number() {
        check(
            Kind::Simulation,
            "agent_id",
            json!(42),
            json!("42"),
            json!("43"),
            json!(43),
        );
    }
}
