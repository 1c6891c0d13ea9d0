//! Compares the verdicts on two thousand mutated documents with the request model of the
//! API.
//!
//! A document that the model refuses must be refused at the line of the value. A document
//! that the model accepts must be accepted, except for unknown fields, coercions such as
//! `"5"` for 5, an `agent_id` that is empty or has white space or a sign before it, and
//! crossed thresholds. The documents are the same in every run.
//!
//! With `MUTATED_DOCUMENTS=FILE` in the environment, the test writes the documents to a
//! file, one JSON object per line with the verdict and the body. The file allows a
//! comparison of this model with a model that is generated from the vendor's `OpenAPI`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::api_model::{SIMULATION, Type, Verdict, judge};
use crate::check::check_bytes;

const COUNT: u64 = 2_000;

/// A generator of pseudo-random numbers (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn good() -> Map<String, Value> {
    let body = json!({
        "agent_id": "42",
        "name": "Front desk",
        "description": "Booking,\nand more: é 🙂",
        "prompt_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        "knowledge_base_id": "3C90C3CC0D444B5088888DD25736052A",
        "sequential_calling": false,
        "max_concurrent": 25,
        "hangup_on_transfer": true,
        "max_call_duration": 8,
        "max_call_duration_units": "minutes",
        "ringing_timeout": 60,
        "digital_humans_settings": {
            "default_name": "random",
            "default_caller_number": "+15550100",
            "default_language": "en",
            "default_background_noise": "none",
            "first_message": "Hello",
            "num_runs": 3,
        },
        "selected_custom_metrics": [
            "3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "{3c90c3cc-0d44-4b50-8888-8dd25736052b}",
        ],
        "custom_metrics_failing_threshold": 40,
        "custom_metrics_passing_threshold": 80,
        "always_on": false,
    });
    body.as_object().expect("it is one").clone()
}

/// Returns values of every type, at and beyond every bound.
fn values() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(false),
        json!([]),
        json!({}),
        json!([null]),
        json!(["x"]),
        json!({"num_runs": 2}),
        json!({"x": 1}),
        json!([{}]),
        json!([[1]]),
        json!(0.5),
        json!(-0.5),
        json!(1.0),
        json!(0.0),
        json!(25.0),
        json!(100.5),
        json!(1e3),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1_000_000),
    ];
    values.extend([-500, -2, -1, 0, 1, 2, 99, 100, 101, 499, 500, 501].map(|number| json!(number)));
    values.extend(
        [
            "",
            " ",
            "x",
            "25",
            " 25 ",
            "+5",
            "-1",
            "0",
            "1",
            "5.0",
            "5.5",
            "1e3",
            "501",
            "true",
            "True",
            "FALSE",
            "yes",
            "no",
            "on",
            "Off",
            "y",
            "n",
            "t",
            "f",
            "null",
            "~",
            "minutes",
            "seconds",
            "Minutes",
            "minute",
            "hours",
            "random",
            "none",
            "a: b",
            "# no",
            "- x",
            "é 🙂",
            "two\nlines",
            "3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "3c90c3cc0d444b5088888dd25736052a",
            "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
            "urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "{3c90c3cc0d444b5088888dd25736052a}",
            "URN:UUID:3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "3c90c3cc-0d44-4b50-8888-8dd25736052",
            "3c90c3cc-0d44-4b50-8888-8dd25736052g",
            "3c90c3cc0d44-4b50-8888-8dd25736052a",
            " 3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "00000000-0000-0000-0000-000000000000",
        ]
        .map(|text| json!(text)),
    );
    values
}

/// Returns the document with this number: a valid document with one to four changes.
fn document(number: u64) -> Map<String, Value> {
    let mut dice = Dice(number);
    let (mut body, values) = (good(), values());
    for _ in 0..=dice.below(4) {
        mutate(&mut body, &mut dice, &values);
    }
    body
}

fn mutate(body: &mut Map<String, Value>, dice: &mut Dice, values: &[Value]) {
    let (field, kind) = *dice.pick(SIMULATION);
    let value = dice.pick(values).clone();
    match (dice.below(10), kind, body.get_mut(field)) {
        (0, _, _) => {
            body.remove(field);
        }
        (1, _, _) => {
            body.insert(
                (*dice.pick(&["nam", "maxConcurrent", "colour"])).to_owned(),
                value,
            );
        }
        (2..7, Type::Object(known), Some(Value::Object(inner))) => {
            let (name, _) = *dice.pick(known);
            inner.insert(name.to_owned(), value);
        }
        (7, Type::Object(_), Some(Value::Object(inner))) => {
            inner.insert("pace".to_owned(), value);
        }
        (2..7, Type::Uuids, Some(Value::Array(items))) => {
            let at = dice.below(items.len() + 1);
            items.insert(at, value);
        }
        _ => {
            body.insert(field.to_owned(), value);
        }
    }
}

/// Returns the body as YAML, and the first line of each value by its path.
fn written(body: &Map<String, Value>) -> (String, Vec<(String, usize)>) {
    let (mut text, mut lines) = (String::new(), Vec::new());
    let note = |text: &str, path: String, lines: &mut Vec<_>| {
        lines.push((path, text.lines().count() + 1));
    };
    for (field, value) in body {
        note(&text, field.clone(), &mut lines);
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                writeln!(text, "{field}:").expect("it can be written");
                for (name, value) in inner {
                    note(&text, format!("{field}/{name}"), &mut lines);
                    writeln!(text, "  {name}: {value}").expect("it can be written");
                }
            }
            Value::Array(items) if !items.is_empty() => {
                writeln!(text, "{field}:").expect("it can be written");
                for (index, item) in items.iter().enumerate() {
                    note(&text, format!("{field}/{index}"), &mut lines);
                    writeln!(text, "- {item}").expect("it can be written");
                }
            }
            value => writeln!(text, "{field}: {value}").expect("it can be written"),
        }
    }
    (text, lines)
}

/// Returns the lines where a mistake must be reported, and the lines where a mistake may be
/// reported.
fn expected(body: &Map<String, Value>, lines: &[(String, usize)]) -> [BTreeSet<usize>; 2] {
    let (mut must, mut may) = (BTreeSet::new(), BTreeSet::new());
    for (path, verdict) in judge(body) {
        // A missing field is reported at the first line, and a value of several lines at
        // its first line.
        let is_block = |value: &Value| match value {
            Value::Object(inner) => !inner.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        let known = lines.iter().find(|(known, _)| *known == path);
        let line = known.map_or(1, |(_, line)| *line);
        let value_line = line + usize::from(body.get(&path).is_some_and(is_block));
        match verdict {
            // An empty id is a string, but not the id of an agent. An id with white space
            // around it or with a sign may be read as another id.
            Verdict::Takes if path == "agent_id" && is_odd_id(&body[&path]) => {
                may.insert(value_line);
            }
            Verdict::Takes => {}
            // The name of the field is the mistake.
            Verdict::Ignores => {
                must.insert(line);
            }
            Verdict::Coerces => {
                may.insert(value_line);
            }
            Verdict::Refuses => {
                // An id may be a number in YAML, and is sent as a string.
                let is_number = path == "agent_id" && body.get(&path).is_some_and(Value::is_number);
                let lines = if is_number { &mut may } else { &mut must };
                lines.insert(value_line);
            }
        }
    }
    [must, may]
}

fn is_odd_id(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.is_empty() || text.trim() != text || text.starts_with('+')
}

#[test]
fn two_thousand_mutated_documents_are_judged_as_by_the_api() {
    let mut wrong = Vec::new();
    let mut list = String::new();
    let (mut refused, mut taken) = (0, 0);
    for number in 0..COUNT {
        let body = document(number);
        let (text, lines) = written(&body);
        let [must, may] = expected(&body, &lines);
        let (_, found) = check_bytes(text.as_bytes());
        let told: BTreeSet<usize> = found
            .iter()
            .filter(|it| it.is_error() && it.code.as_str() != "thresholds-cross")
            .map(|it| it.place.span.map_or(0, |span| span.start.line))
            .collect();
        if !must.is_subset(&told)
            || !told
                .iter()
                .all(|line| must.contains(line) || may.contains(line))
        {
            wrong.push(format!(
                "document {number}: told {told:?}, must {must:?}, may {may:?}\n{text}"
            ));
        }
        let worst = judge(&body).into_iter().map(|(_, verdict)| verdict).max();
        match worst {
            Some(Verdict::Refuses) => refused += 1,
            Some(Verdict::Takes) => taken += 1,
            _ => {}
        }
        let line = json!({"body": body, "verdict": format!("{worst:?}")});
        writeln!(list, "{line}").expect("it can be written");
    }
    if let Some(path) = std::env::var_os("MUTATED_DOCUMENTS") {
        std::fs::write(path, list).expect("the list can be written");
    }
    assert!(
        wrong.is_empty(),
        "{} of {COUNT}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    // Otherwise the documents would test little.
    assert!(
        refused > 500 && taken > 150,
        "{refused} refused, {taken} taken"
    );
}
