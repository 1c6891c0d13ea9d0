//! Compares texts up to the normalisation that servers apply.
//!
//! Servers trim and normalise stored texts. Two texts are equal if they differ only in
//! line endings, in white space at the ends of lines and of the text, and in the
//! Unicode normalisation form.

use std::borrow::Cow;

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Returns a text in the canonical form in which observed texts are compared.
#[must_use]
pub fn canonical(text: &str) -> Cow<'_, str> {
    let has_ends = text.contains('\r')
        || text
            .split('\n')
            .any(|line| line.ends_with(char::is_whitespace))
        || text.ends_with('\n');
    if !has_ends && (text.is_ascii() || is_nfc(text)) {
        return Cow::Borrowed(text);
    }
    let folded = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<_> = folded.split('\n').map(str::trim_end).collect();
    let joined = lines.join("\n");
    Cow::Owned(joined.trim_end().nfc().collect())
}

/// Returns whether an observed value equals the wanted value, with texts in canonical
/// form.
#[must_use]
pub fn same_value(wanted: &Value, shown: &Value) -> bool {
    match (wanted, shown) {
        (Value::String(wanted), Value::String(shown)) => {
            wanted == shown || canonical(wanted) == canonical(shown)
        }
        (Value::Array(wanted), Value::Array(shown)) => {
            let mut pairs = wanted.iter().zip(shown);
            wanted.len() == shown.len() && pairs.all(|(wanted, shown)| same_value(wanted, shown))
        }
        (Value::Object(wanted), Value::Object(shown)) => {
            let mut fields = wanted.iter();
            wanted.len() == shown.len()
                && fields.all(|(name, wanted)| {
                    shown
                        .get(name)
                        .is_some_and(|shown| same_value(wanted, shown))
                })
        }
        _ => wanted == shown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_form_of_a_text_counts_for_nothing() {
        for (wanted, shown) in [
            ("one\ntwo\n", "one\ntwo"),
            ("one  \ntwo\t\n\n", "one\r\ntwo\r\n"),
            ("e\u{301}", "\u{e9}"),
            ("a", "a"),
        ] {
            assert!(same_value(&json!([wanted]), &json!([shown])), "{wanted:?}");
        }
        for (wanted, shown) in [
            ("  one", "one"),
            ("one\n\ntwo", "one\ntwo"),
            ("One", "one"),
            ("\u{fb01}", "fi"),
        ] {
            assert!(!same_value(&json!(wanted), &json!(shown)), "{wanted:?}");
        }
    }
}
