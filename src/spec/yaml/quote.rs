//! Renders a field so that YAML 1.1 and YAML 1.2 read the same value.
//!
//! `serde_yaml` writes YAML 1.2, where `no`, `1:30` and `2024-01-01` are unquoted
//! texts. YAML 1.1 reads them as a boolean, a number and a date.

use serde_json::Value;

use super::escape::{double_quoted, ends_blank, is_readable};

/// Words that YAML 1.1 reads as a boolean, a null, a merge key, a default or a number,
/// in lower case and without a sign.
const WORDS: [&str; 14] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "=", ".inf", ".nan",
];

/// Renders a field. Texts that YAML 1.1 reads differently are in single quotes. Texts with
/// characters that some readers change are in double quotes.
pub(super) fn field(name: &str, value: &Value) -> String {
    let mut marks = Marks {
        mark: unused_mark(name, value),
        escaped: Vec::new(),
    };
    let value = serde_yaml::to_value(marks.value(value)).unwrap_or_default();
    let name = marks.text(name);
    let mapping: serde_yaml::Mapping = [(name.into(), value)].into_iter().collect();
    // Texts, numbers, lists and maps always have a form.
    marks.replaced(serde_yaml::to_string(&mapping).unwrap_or_default())
}

/// Returns a private-use character that the value does not contain.
fn unused_mark(name: &str, value: &Value) -> char {
    let text = value.to_string();
    let is_unused = |mark: &char| !text.contains(*mark) && !name.contains(*mark);
    let mut marks = '\u{e000}'..='\u{f8ff}';
    marks.find(is_unused).unwrap_or('\u{e000}')
}

/// The texts to quote. They are marked before the rendering, because `serde_yaml` can't be
/// told which texts to quote: `serde_yaml` renders the marks without quotes.
struct Marks {
    /// A character that no text contains.
    mark: char,
    /// The texts in double quotes, which are rendered as their numbers.
    escaped: Vec<String>,
}

impl Marks {
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(name, value)| (self.text(name), self.value(value)));
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mark = self.mark;
        if needs_escape(text) {
            self.escaped.push(double_quoted(text));
            self.number(self.escaped.len() - 1)
        } else if is_ambiguous(text) {
            format!("{mark}{text}{mark}")
        } else {
            text.to_owned()
        }
    }

    fn number(&self, index: usize) -> String {
        let mark = self.mark;
        format!("{mark}{mark}{index}{mark}")
    }

    /// Puts the quotes in place of the marks.
    fn replaced(&self, mut text: String) -> String {
        for (index, escaped) in self.escaped.iter().enumerate() {
            text = text.replace(&self.number(index), escaped);
        }
        text.replace(self.mark, "'")
    }
}

/// Returns whether a text needs escapes that `serde_yaml` may not write.
fn needs_escape(text: &str) -> bool {
    ends_blank(text) || text.chars().any(|c| c != '\n' && !is_readable(c))
}

/// Returns whether YAML 1.1 may read an unquoted text differently.
fn is_ambiguous(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    // `serde_yaml` quotes these texts itself.
    let needs_quotes = text.contains(": ") || text.ends_with(':');
    !needs_quotes && (WORDS.contains(&unsigned) || is_numeric(unsigned))
}

/// Returns whether a text consists of characters of a number, a date or a time.
fn is_numeric(text: &str) -> bool {
    if let Some(digits) = ["0x", "0o", "0b"]
        .iter()
        .find_map(|it| text.strip_prefix(it))
    {
        return digits.chars().all(|c| c.is_ascii_hexdigit() || c == '_');
    }
    let digits = text.strip_prefix('.').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || "_.:+-etz ".contains(c))
        && text.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::spec::decode::decode;
    use crate::spec::fmt::{FileRole, format};
    use crate::spec::yaml::{parse, render, scalar};

    #[test]
    fn texts_that_yaml_1_1_reads_differently_are_quoted() {
        for text in [
            "no",
            "No",
            "OFF",
            "y",
            "1:30",
            "190:20:30.15",
            "2024-01-01",
            "2001-12-14 21:59:43.10 -5",
            "2001-12-14t21:59:43.10-05:00",
            "<<",
            "=",
            "~",
            "null",
            "0o14",
            "014",
            "0b1_0",
            "0x_1F",
            "1_000",
            "1e3",
            "-.inf",
            "+1",
            ".5",
            "12",
            "true",
        ] {
            assert_eq!(field("a", &text.into()), format!("a: '{text}'\n"));
            let nested = json!([{ text: text }]);
            assert_eq!(field("a", &nested), format!("a:\n- '{text}': '{text}'\n"));
        }
    }

    #[test]
    fn unambiguous_texts_are_not_quoted() {
        for text in [
            "Nora",
            "on call",
            "3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "v1.2",
            "10 minutes",
            "\u{e000}no",
        ] {
            assert_eq!(field("a", &text.into()), format!("a: {text}\n"));
        }
    }

    #[test]
    fn characters_that_readers_change_are_escaped() {
        for (text, expected) in [
            ("a\u{2028}b", "\"a\\u2028b\""),
            ("a\u{2029}\n", "\"a\\u2029\\n\""),
            ("\u{85}", "\"\\u0085\""),
            ("\u{feff}a", "\"\\ufeffa\""),
            ("a\u{7f}\u{9b}\u{ffff}", "\"a\\u007f\\u009b\\uffff\""),
            ("\t", "\"\\t\""),
            ("\u{a0}", "\u{a0}"),
        ] {
            assert_eq!(field("a", &text.into()), format!("a: {expected}\n"));
            assert_eq!(field(text, &1.into()), format!("{expected}: 1\n"));
        }
    }

    /// Checks that the bytes of a rendered field have the value, and that only characters of
    /// ASCII are control characters or line breaks.
    fn check_read_back(written: &str, value: &Value) {
        let file = decode("a.yaml", written.into()).expect("the bytes are accepted");
        let documents = parse(&file).expect("it is YAML");
        assert_eq!(documents[0].value, json!({ "a": value }), "{written:?}");
        assert!(
            written
                .chars()
                .all(|c| c == '\n' || c == '\t' || is_readable(c)),
            "{written:?}"
        );
        let is_formatted = format(&file, FileRole::Documents).is_ok();
        assert!(is_formatted, "{written:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rendered_fields_are_read_back(text in "([0-9.:_+~=<-]|no|on|y|e|0x|'|\"| |: |#|\\n|\\r|\\t|[\u{80}-\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}\u{7f}]|\u{e000}|[a-z]|\\PC|(?s).){0,8}") {
            for value in [json!(text), json!([text, {"b": text}]), json!({ text.as_str(): text })] {
                check_read_back(&field("a", &value), &value);
            }
            check_read_back(&render(&[("a".to_owned(), text.as_str().into())]), &text.as_str().into());
            let line = format!("a: {}\n", scalar(&text.as_str().into()));
            if !text.contains('\n') {
                check_read_back(&line, &text.as_str().into());
            }
        }
    }
}
