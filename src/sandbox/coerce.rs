//! Validates single values. The messages are those of the API's validation library.

use serde_json::{Value, json};

use super::scalar;

/// One problem of a request: an entry of `detail` in a 422 answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem(pub Value);

/// The type of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Uuid,
    Flag,
    Integer(Range),
    /// `minutes` or `seconds`.
    Units,
    /// The settings of digital humans in a create: known fields, with defaults.
    Humans,
    /// Any object, stored unchanged.
    FreeMap,
    Texts,
    Uuids,
    Integers,
    /// A number between two bounds, both included.
    Number(f64, f64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A list of values of this type.
    List(&'static Kind),
    /// An object with these fields; other fields are dropped.
    Object(&'static [Part]),
    /// An object whose fields depend on the text of this field.
    Tagged(&'static str, &'static [(&'static str, &'static [Part])]),
    /// Any value, stored unchanged.
    Any,
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub name: &'static str,
    pub kind: Kind,
    pub is_required: bool,
}

/// The bounds of an integer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    pub more_than: Option<i64>,
    pub at_least: Option<i64>,
    pub at_most: Option<i64>,
}

/// No bounds.
pub(super) const ANY: Range = Range {
    more_than: None,
    at_least: None,
    at_most: None,
};

/// Checks one request and collects its problems.
#[derive(Debug, Default)]
pub(super) struct Checker {
    pub problems: Vec<Problem>,
}

impl Problem {
    pub(super) fn new(location: &[Value], kind: &str, message: &str, input: &Value) -> Self {
        Self(json!({ "type": kind, "loc": location, "msg": message, "input": input }))
    }

    /// Returns the same problem with this prefix of its place.
    pub(super) fn under(mut self, place: &[Value]) -> Self {
        let within = self.0["loc"].as_array().cloned().unwrap_or_default();
        let within = within.into_iter().skip(1);
        self.0["loc"] = place.iter().cloned().chain(within).collect();
        self
    }

    pub(super) fn with_context(mut self, name: &str, value: Value) -> Self {
        self.0["ctx"] = json!({ name: value });
        self
    }
}

impl Checker {
    /// Returns the value in the stored form; `None` after recording a problem.
    pub(super) fn take(&mut self, kind: Kind, value: &Value, at: &[Value]) -> Option<Value> {
        match kind {
            Kind::Text => match value {
                Value::String(_) => Some(value.clone()),
                _ => self.refuse(at, "string_type", "Input should be a valid string", value),
            },
            Kind::Uuid => self.uuid(value, at),
            Kind::Flag => self.flag(value, at),
            Kind::Integer(range) => self.integer(range, value, at),
            Kind::Units => self.units(value, at),
            Kind::Humans => self.humans(value, at),
            Kind::FreeMap => match value {
                Value::Object(_) => Some(value.clone()),
                _ => self.refuse(at, "dict_type", "Input should be a valid dictionary", value),
            },
            Kind::Texts => self.each(Kind::Text, value, at),
            Kind::Uuids => self.each(Kind::Uuid, value, at),
            Kind::Integers => self.each(Kind::Integer(ANY), value, at),
            Kind::Number(least, most) => self.number((least, most), value, at),
            Kind::OneOf(choices) => self.one_of(choices, value, at),
            Kind::List(kind) => self.each(*kind, value, at),
            Kind::Object(parts) => self.object(parts, value, at),
            Kind::Tagged(tag, shapes) => self.tagged(tag, shapes, value, at),
            Kind::Any => Some(value.clone()),
        }
    }

    pub(super) fn note(&mut self, problem: Problem) -> Option<Value> {
        self.problems.push(problem);
        None
    }

    pub(super) fn refuse(
        &mut self,
        at: &[Value],
        kind: &str,
        message: &str,
        input: &Value,
    ) -> Option<Value> {
        self.note(Problem::new(at, kind, message, input))
    }

    fn units(&mut self, value: &Value, at: &[Value]) -> Option<Value> {
        if let Some("minutes" | "seconds") = value.as_str() {
            return Some(value.clone());
        }
        let expected = "'minutes' or 'seconds'";
        let message = format!("Input should be {expected}");
        let problem = Problem::new(at, "literal_error", &message, value);
        self.note(problem.with_context("expected", expected.into()))
    }

    fn each(&mut self, kind: Kind, value: &Value, at: &[Value]) -> Option<Value> {
        let Value::Array(items) = value else {
            return self.refuse(at, "list_type", "Input should be a valid list", value);
        };
        let mut taken = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let place = [at, &[index.into()]].concat();
            taken.extend(self.take(kind, item, &place));
        }
        (taken.len() == items.len()).then_some(Value::Array(taken))
    }

    fn humans(&mut self, value: &Value, at: &[Value]) -> Option<Value> {
        let one_or_more = Range {
            at_least: Some(1),
            ..ANY
        };
        let fields = [
            ("default_name", Kind::Text, json!("random")),
            ("default_caller_number", Kind::Text, json!("random")),
            ("default_language", Kind::Text, json!("random")),
            ("default_background_noise", Kind::Text, json!("none")),
            ("first_message", Kind::Text, json!("ai_generated")),
            ("num_runs", Kind::Integer(one_or_more), json!(1)),
        ];
        let Value::Object(given) = value else {
            let message = "Input should be a valid dictionary or object to extract fields from";
            return self.refuse(at, "model_attributes_type", message, value);
        };
        let before = self.problems.len();
        let mut taken = serde_json::Map::new();
        for (name, kind, default) in fields {
            let stored = match given.get(name) {
                None => Some(default),
                Some(Value::Null) => Some(Value::Null),
                Some(value) => self.take(kind, value, &[at, &[name.into()]].concat()),
            };
            taken.insert(name.to_owned(), stored.unwrap_or_default());
        }
        (self.problems.len() == before).then_some(Value::Object(taken))
    }

    fn flag(&mut self, value: &Value, at: &[Value]) -> Option<Value> {
        match scalar::flag(value) {
            Ok(flag) => Some(flag.into()),
            Err((kind, message)) => self.refuse(at, kind, message, value),
        }
    }

    pub(super) fn integer(&mut self, range: Range, value: &Value, at: &[Value]) -> Option<Value> {
        let number = match scalar::integer(value) {
            Ok(number) => number,
            Err((kind, message)) => return self.refuse(at, kind, message, value),
        };
        let broken = [
            (
                range.more_than,
                "greater_than",
                "greater than",
                "gt",
                range.more_than < Some(number),
            ),
            (
                range.at_least,
                "greater_than_equal",
                "greater than or equal to",
                "ge",
                range.at_least <= Some(number),
            ),
            (
                range.at_most,
                "less_than_equal",
                "less than or equal to",
                "le",
                range.at_most.is_none_or(|most| number <= most),
            ),
        ];
        for (bound, kind, words, name, holds) in broken {
            if let (Some(bound), false) = (bound, holds) {
                let message = format!("Input should be {words} {bound}");
                let problem = Problem::new(at, kind, &message, value);
                return self.note(problem.with_context(name, bound.into()));
            }
        }
        Some(number.into())
    }

    fn uuid(&mut self, value: &Value, at: &[Value]) -> Option<Value> {
        let Value::String(text) = value else {
            let message = "UUID input should be a string, bytes or UUID object";
            return self.refuse(at, "uuid_type", message, value);
        };
        match scalar::uuid(text) {
            Ok(uuid) => Some(uuid.into()),
            Err(cause) => {
                let message = format!("Input should be a valid UUID, {cause}");
                let problem = Problem::new(at, "uuid_parsing", &message, value);
                self.note(problem.with_context("error", cause.into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, value: &Value, expected: &Result<Value, &str>) {
        let mut checker = Checker::default();
        let taken = checker.take(kind, value, &["body".into(), "field".into()]);
        match expected {
            Ok(expected) => {
                assert_eq!(taken.as_ref(), Some(expected), "{value}");
                assert_eq!(checker.problems, []);
            }
            Err(kind) => {
                assert_eq!(taken, None, "{value}");
                assert_eq!(checker.problems.len(), 1, "{value}");
                assert_eq!(checker.problems[0].0["type"], *kind, "{value}");
                assert_eq!(checker.problems[0].0["input"], *value);
            }
        }
    }

    #[test]
    fn integers_are_coerced() {
        let range = Range {
            more_than: Some(0),
            at_most: Some(500),
            ..ANY
        };
        for (value, expected) in [
            (json!(5), Ok(json!(5))),
            (json!("5"), Ok(json!(5))),
            (json!(" +1_0.0 "), Ok(json!(10))),
            (json!(5.0), Ok(json!(5))),
            (json!(true), Ok(json!(1))),
            (json!(0), Err("greater_than")),
            (json!(501), Err("less_than_equal")),
            (json!(5.5), Err("int_from_float")),
            (json!("five"), Err("int_parsing")),
            (json!("1__0"), Err("int_parsing")),
            (json!(1e30), Err("int_parsing_size")),
            (json!(u64::MAX), Err("int_parsing_size")),
            (json!([]), Err("int_type")),
            (json!(null), Err("int_type")),
        ] {
            check(Kind::Integer(range), &value, &expected);
        }
    }

    #[test]
    fn booleans_texts_and_units_are_validated() {
        for (kind, value, expected) in [
            (Kind::Flag, json!("Yes"), Ok(json!(true))),
            (Kind::Flag, json!(0), Ok(json!(false))),
            (Kind::Flag, json!(2), Err("bool_parsing")),
            (Kind::Flag, json!({}), Err("bool_type")),
            (Kind::Text, json!(42), Err("string_type")),
            (Kind::Units, json!("Minutes"), Err("literal_error")),
            (Kind::FreeMap, json!([]), Err("dict_type")),
            (Kind::Uuids, json!("a"), Err("list_type")),
        ] {
            check(kind, &value, &expected);
        }
    }

    #[test]
    fn uuids_are_normalised() {
        let stored = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
        for text in [
            stored.to_owned(),
            stored.to_uppercase(),
            stored.replace('-', ""),
            format!("urn:uuid:{stored}"),
            format!("{{{stored}}}"),
        ] {
            check(Kind::Uuid, &json!(text), &Ok(json!(stored)));
        }
        for odd in ["", "nope", "3c90c3cc0-d44-4b50-8888-8dd25736052a", "é"] {
            check(Kind::Uuid, &json!(odd), &Err("uuid_parsing"));
        }
        check(Kind::Uuid, &json!(5), &Err("uuid_type"));
    }
}
