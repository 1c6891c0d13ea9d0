//! Validates numbers, choices and objects: the rest of the [`Checker`].

use serde_json::{Map, Value, json};

use super::coerce::{Checker, Part, Problem};

impl Checker {
    pub(super) fn number(
        &mut self,
        (least, most): (f64, f64),
        value: &Value,
        at: &[Value],
    ) -> Option<Value> {
        let parsed = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
            _ => {
                let message = "Input should be a valid number";
                return self.refuse(at, "float_type", message, value);
            }
        };
        let Some(number) = parsed.filter(|number| number.is_finite()) else {
            let message = "Input should be a valid number, unable to parse string as a number";
            return self.refuse(at, "float_parsing", message, value);
        };
        let broken = [
            (number < least, "greater_than_equal", "greater", "ge", least),
            (number > most, "less_than_equal", "less", "le", most),
        ];
        for (is_broken, kind, words, name, bound) in broken {
            if is_broken {
                let message = format!("Input should be {words} than or equal to {bound}");
                let problem = Problem::new(at, kind, &message, value);
                return self.note(problem.with_context(name, json!(bound)));
            }
        }
        match value {
            Value::Number(_) => Some(value.clone()),
            _ => Some(json!(number)),
        }
    }

    pub(super) fn one_of(
        &mut self,
        choices: &[&str],
        value: &Value,
        at: &[Value],
    ) -> Option<Value> {
        if value.as_str().is_some_and(|text| choices.contains(&text)) {
            return Some(value.clone());
        }
        let quoted: Vec<_> = choices.iter().map(|choice| format!("'{choice}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => quoted.concat(),
        };
        let message = format!("Input should be {expected}");
        let problem = Problem::new(at, "enum", &message, value);
        self.note(problem.with_context("expected", expected.into()))
    }

    pub(super) fn object(&mut self, parts: &[Part], value: &Value, at: &[Value]) -> Option<Value> {
        let Value::Object(given) = value else {
            let message = "Input should be a valid dictionary or object to extract fields from";
            return self.refuse(at, "model_attributes_type", message, value);
        };
        let before = self.problems.len();
        let mut taken = Map::new();
        for part in parts {
            let place = [at, &[part.name.into()]].concat();
            match given.get(part.name) {
                None if part.is_required => {
                    self.note(Problem::new(&place, "missing", "Field required", value));
                }
                None => {}
                Some(Value::Null) if !part.is_required => {
                    taken.insert(part.name.to_owned(), Value::Null);
                }
                Some(value) => {
                    let stored = self.take(part.kind, value, &place);
                    taken.insert(part.name.to_owned(), stored.unwrap_or_default());
                }
            }
        }
        (self.problems.len() == before).then_some(Value::Object(taken))
    }

    pub(super) fn tagged(
        &mut self,
        tag: &str,
        shapes: &[(&str, &[Part])],
        value: &Value,
        at: &[Value],
    ) -> Option<Value> {
        let Some(name) = value.get(tag).and_then(Value::as_str) else {
            let message = format!("Unable to extract tag using discriminator '{tag}'");
            return self.refuse(at, "union_tag_not_found", &message, value);
        };
        let Some((name, parts)) = shapes.iter().find(|(shape, _)| *shape == name) else {
            let names: Vec<_> = shapes.iter().map(|(name, _)| format!("'{name}'")).collect();
            let message = format!(
                "Input tag '{name}' found using '{tag}' does not match any of the expected tags: {}",
                names.join(", ")
            );
            return self.refuse(at, "union_tag_invalid", &message, value);
        };
        let mut taken = self.object(parts, value, at)?;
        taken[tag] = (*name).into();
        Some(taken)
    }
}
