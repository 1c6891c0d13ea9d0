//! Renders a field so that YAML 1.1 and YAML 1.2 read the same value.
//!
//! `serde_yaml` writes YAML 1.2, where `no`, `1:30` and `2024-01-01` are unquoted
//! texts. YAML 1.1 reads them as a boolean, a number and a date.

use serde_json::Value;

/// Words that YAML 1.1 reads as a boolean, a null, a merge key, a default or a number,
/// in lower case and without a sign.
const WORDS: [&str; 14] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "=", ".inf", ".nan",
];

/// Renders a field. Texts that YAML 1.1 reads differently are in single quotes.
pub(super) fn field(name: &str, value: &Value) -> String {
    let mark = unused_mark(name, value);
    let value = serde_yaml::to_value(mark_texts(value, mark)).unwrap_or_default();
    let name = marked_text(name, mark);
    let mapping: serde_yaml::Mapping = [(name.into(), value)].into_iter().collect();
    // Texts, numbers, lists and maps always have a form.
    let text = serde_yaml::to_string(&mapping).unwrap_or_default();
    text.replace(mark, "'")
}

/// Returns a private-use character that the value does not contain. The marks become
/// quotes after the rendering, because `serde_yaml` can't be told which texts to quote.
fn unused_mark(name: &str, value: &Value) -> char {
    let text = value.to_string();
    let is_unused = |mark: &char| !text.contains(*mark) && !name.contains(*mark);
    let mut marks = '\u{e000}'..='\u{f8ff}';
    marks.find(is_unused).unwrap_or('\u{e000}')
}

fn mark_texts(value: &Value, mark: char) -> Value {
    match value {
        Value::String(text) => marked_text(text, mark).into(),
        Value::Array(items) => items.iter().map(|item| mark_texts(item, mark)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields =
                fields.map(|(name, value)| (marked_text(name, mark), mark_texts(value, mark)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

fn marked_text(text: &str, mark: char) -> String {
    if is_ambiguous(text) {
        format!("{mark}{text}{mark}")
    } else {
        text.to_owned()
    }
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
    use crate::diagnostic::SourceFile;
    use crate::spec::yaml::parse;

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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rendered_fields_are_read_back(text in "([0-9.:_+~=<-]|no|on|y|e|0x|'|\"| |: |#|\\n|\u{e000}|[a-z]|\\PC){0,8}") {
            for value in [json!(text), json!([text, {"b": text}]), json!({ text.as_str(): text })] {
                let written = field("a", &value);
                let documents = parse(&SourceFile::new("a.yaml", written.as_str())).expect("it is YAML");
                prop_assert_eq!(&documents[0].value, &json!({ "a": value }), "{}", written);
            }
        }
    }
}
