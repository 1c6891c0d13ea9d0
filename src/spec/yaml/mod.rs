//! Converts YAML text into JSON values. Only this module uses `serde_yaml`.
//!
//! Three readers follow each other, each for the texts that the previous reader
//! refuses:
//!
//! 1. `direct` converts the parser's events into JSON, and refuses everything that JSON
//!    can't represent. This reader reads nearly every file.
//! 2. `generic` reads through `serde_yaml::Value`: merge keys, tags, field names that
//!    are not texts.
//! 3. `from_tree` continues after a mistake, where `serde_yaml` stops, so that one run
//!    shows all mistakes.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Number, Value};
use serde_yaml::Value as Yaml;

use super::problem::Problems;
use super::syntax;
use super::tree::{NodeId, Shape, TextStyle, Tree, TreeError};
use crate::diagnostic::{Diagnostic, SourceFile};

mod block;
mod direct;
mod escape;
mod from_tree;
mod generic;
mod mistake;
mod quote;

pub use escape::{double_quoted, fits_block, is_readable};

/// A YAML document.
#[derive(Debug, Default)]
pub struct Document {
    /// The content; `Null` for an empty document.
    pub value: Value,
    /// The parts that JSON can't represent: tags, duplicate fields, infinite numbers.
    pub problems: Problems,
}

/// Reads all documents of a file. Returns the diagnostic of a text that is not YAML.
pub fn parse(file: &Arc<SourceFile>) -> Result<Vec<Document>, Box<Diagnostic>> {
    let text = file.text.as_deref().unwrap_or_default();
    let explained = |error| Box::new(syntax::explain(file, error));
    if looks_like_a_bomb(text)
        && let Err(bound) = Tree::build(text)
    {
        return Err(explained(bound));
    }
    if let Some(documents) = direct::read(text) {
        return Ok(documents);
    }
    if let Ok(documents) = generic::read(text) {
        return Ok(documents);
    }
    let tree = Tree::build(text).map_err(explained)?;
    let tops = tree.documents().iter();
    let documents: Vec<_> = tops.map(|top| from_tree::read(text, &tree, *top)).collect();
    if documents
        .iter()
        .all(|document| document.problems.is_empty())
    {
        // The only remaining cause is the number of uses of aliases, which the parser
        // of values limits.
        let heaviest = tree.heaviest_alias().unwrap_or_default();
        return Err(explained(TreeError::TooManyAliases(heaviest)));
    }
    Ok(documents)
}

/// Renders a document with these fields in this order. Multi-line texts become block
/// scalars.
#[must_use]
pub fn render(fields: &[(String, Value)]) -> String {
    fields.iter().map(render_field).collect()
}

fn render_field((field, value): &(String, Value)) -> String {
    let block = value.as_str().and_then(|text| block::block(field, text));
    block.unwrap_or_else(|| quote::field(field, value))
}

/// Renders the items of a list; an empty text for an empty list.
#[must_use]
pub fn items(items: &[Value]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let field = quote::field("a", &Value::from(items));
    field.strip_prefix("a:\n").unwrap_or(&field).to_owned()
}

/// Renders a value without parts in one line. A text of several lines has no such form.
#[must_use]
pub fn scalar(value: &Value) -> String {
    let field = quote::field("a", value);
    let text = field.strip_prefix("a:").unwrap_or(&field);
    text.trim_matches([' ', '\n']).to_owned()
}

/// Returns whether a text may nest deeply or expand a lot, so that its size is measured
/// before it is parsed.
fn looks_like_a_bomb(text: &str) -> bool {
    let bytes = text.as_bytes();
    (bytes.contains(&b'*') && bytes.contains(&b'&'))
        || bytes.iter().filter(|b| matches!(b, b'[' | b'{')).count() > 500
}

/// Returns the text of a field name; `None` if the name is not a scalar.
fn field_name(key: Yaml) -> Option<String> {
    match key {
        Yaml::String(text) => Some(text),
        Yaml::Number(number) => Some(number.to_string()),
        Yaml::Bool(flag) => Some(flag.to_string()),
        Yaml::Null => Some("null".to_owned()),
        Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => None,
    }
}

/// Returns the field name that [`parse`] reads from a key: `~` is `null`, `0x1f` is
/// `31`. Returns `None` if the key is not a scalar.
#[must_use]
pub fn name_of(tree: &Tree, key: NodeId) -> Option<Cow<'_, str>> {
    let node = tree.node(tree.target(key));
    let Shape::Scalar { text, style } = &node.shape else {
        return None;
    };
    // Most names are words and need no conversion.
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["null", "true", "false"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    if *style != TextStyle::Plain || is_word {
        return Some(Cow::Borrowed(text));
    }
    Some(match plain_value(text) {
        Ok(yaml @ (Yaml::Null | Yaml::Bool(_) | Yaml::Number(_))) => {
            Cow::Owned(field_name(yaml).unwrap_or_default())
        }
        _ => Cow::Borrowed(text),
    })
}

/// The length of the longest text that [`read_scalar`] reads.
const MAX_SCALAR: usize = 64;

/// Returns the number or flag in a text, read as a YAML scalar; `None` for any other text.
#[must_use]
pub fn read_scalar(text: &str) -> Option<Value> {
    if text.len() > MAX_SCALAR || text.contains('\n') {
        return None;
    }
    match plain_value(text).ok()? {
        Yaml::Bool(flag) => Some(flag.into()),
        Yaml::Number(number) => json_number(&number).map(Value::Number),
        _ => None,
    }
}

/// Returns the value of an unquoted text. The leading space prevents that `---` or
/// `...` ends the document.
fn plain_value(text: &str) -> Result<Yaml, serde_yaml::Error> {
    serde_yaml::from_str(&format!(" {text}"))
}

/// Returns a number as JSON; `None` for infinities and `.nan`.
fn json_number(number: &serde_yaml::Number) -> Option<Number> {
    if let Some(number) = number.as_u64() {
        return Some(number.into());
    }
    if let Some(number) = number.as_i64() {
        return Some(number.into());
    }
    number.as_f64().and_then(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::decode::decode;
    use proptest::prelude::*;
    use serde_json::json;

    fn values(text: &str) -> Vec<Value> {
        match parse(&SourceFile::new("a.yaml", text)) {
            Ok(documents) => documents.into_iter().map(|d| d.value).collect(),
            Err(diagnostic) => vec![Value::String(diagnostic.summary)],
        }
    }

    #[test]
    fn a_text_with_trailing_blanks_is_rendered_as_a_block() {
        for (text, expected) in [
            ("One. \nTwo.\n", "d: |\n  One. \n  Two.\n"),
            ("One. \n\nTwo.", "d: |-\n  One. \n\n  Two.\n"),
            (" \n  One.\n\n\n", "d: |2+\n   \n    One.\n\n\n"),
            ("One.\nTwo.\n", "d: |\n  One.\n  Two.\n"),
            ("One.\r\nTwo. \n", "d: \"One.\\r\\nTwo. \\n\"\n"),
            ("One. ", "d: 'One. '\n"),
        ] {
            let rendered = render(&[("d".to_owned(), text.into())]);
            assert_eq!(rendered, expected);
            assert_eq!(values(&rendered), [json!({"d": text})]);
        }
    }

    #[test]
    fn reads_documents_and_merges() {
        assert_eq!(
            values("b: &b {n: 1, m: 1}\nu:\n  <<: *b\n  m: 2\n---\n1: true\n"),
            [
                json!({"b": {"n": 1, "m": 1}, "u": {"n": 1, "m": 2}}),
                json!({"1": true})
            ]
        );
    }

    #[test]
    fn reading_continues_after_a_duplicate_field() {
        let text = "a: 1\nb: 0o17\na: 2\nc: '3'\nd: 99999999999999999999\na: 4\n---\nx: &x {z: 1}\ny: {<<: *x, w: yes}\n";
        let file = SourceFile::new("a.yaml", text);
        let mut documents = parse(&file).unwrap_or_default();
        let problems = std::mem::take(&mut documents[0].problems);
        assert_eq!(problems.into_vec().len(), 3);
        assert_eq!(
            documents[0].value,
            json!({"a": 1, "b": 15, "c": "3", "d": null})
        );
        assert_eq!(
            documents[1].value,
            json!({"x": {"z": 1}, "y": {"z": 1, "w": "yes"}})
        );
    }

    /// Checks that every text with values has a tree, and that every mistake has a place.
    fn check_places(text: &str) {
        let Ok(file) = decode("a.yaml", text.into()) else {
            return;
        };
        match parse(&file) {
            Ok(_) => {
                let text = file.text.as_deref().unwrap_or_default();
                assert!(Tree::build(text).is_ok(), "{text:?}");
            }
            Err(diagnostic) => assert!(diagnostic.place.span.is_some(), "{text:?}"),
        }
    }

    #[test]
    fn unusual_texts_have_places() {
        for text in [
            "?",
            "!'a_!t x",
            "!a&b!c",
            "a: 1\n&am: x\nb: 2\n",
            "\"\\",
            "[!, ",
            ">\n #",
            "*x",
            "\u{ff03}: 1",
            "\u{2028}-,|+---\n,\r---\na, @b",
            "\u{85}?,",
            "\u{2028}...,\u{e9}- a---\n!!str -@\n",
            "k: [\u{2029}-,]",
        ] {
            check_places(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_has_places(pieces in prop::collection::vec(prop::sample::select(PIECES), 1..20)) {
            check_places(&pieces.concat());
        }
    }

    const PIECES: &[&str] = &[
        "a",
        "b",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n ",
        "- ",
        "-",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "#",
        " #",
        "&x ",
        "*x",
        "!t ",
        "!t",
        "!",
        "!!str ",
        "!!int ",
        "|",
        "|2",
        "|+",
        ">",
        "%",
        "%YAML 1.1\n",
        "%TAG ! x\n",
        "@",
        "\t",
        "---\n",
        "---",
        "...\n",
        "...",
        "<<: ",
        "? ",
        "?",
        "${",
        "~",
        "1",
        "\u{e9}",
        "\u{85}",
        "\u{2028}",
        "\r",
        "\r\n",
        "\u{feff}",
        "\\",
        ",",
        ", ",
        "`",
        "\\u",
        "\\x4",
        "%41",
        "%c3",
        "<",
        ">",
        "&",
        "*",
        "=",
        "\u{a0}",
        "\u{1f600}",
        " ",
        "  ",
        "!a!b",
        "!<x>",
    ];
}
