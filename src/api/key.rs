//! The API key, checked before anything is sent.

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// The reason why a text is not an API key. The error never shows the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyError {
    /// The position of the first character that is invalid in a key, counted from 1.
    position: usize,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "character {} is white space, a control character or not ASCII, and can't be part of \
             a key",
            self.position
        )
    }
}

impl std::error::Error for KeyError {}

/// An API key that is a valid header value.
#[derive(Debug, Clone)]
pub struct ApiKey {
    text: SecretString,
    header: HeaderValue,
}

impl ApiKey {
    /// Parses a key of visible ASCII characters. The error has the position of the first
    /// other character.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let wrong = text.chars().position(|c| !c.is_ascii_graphic());
        let position = wrong.map(|index| index + 1);
        let header = HeaderValue::from_str(text).ok();
        let (None, Some(mut header)) = (position, header) else {
            return Err(KeyError {
                position: position.unwrap_or(1),
            });
        };
        header.set_sensitive(true);
        Ok(Self {
            text: SecretString::from(text),
            header,
        })
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(super) fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_only_visible_ascii_and_is_never_shown() {
        let key = ApiKey::new("bj-4f1d9c_A.b/=+").unwrap();
        assert!(!format!("{key:?}").contains("4f1d9c"));
        for (text, position) in [
            ("\u{feff}bj-1", 1),
            ("bj 1", 3),
            ("bj\u{7}", 3),
            ("bj\nx", 3),
            ("b\u{f6}", 2),
            ("b\u{200b}j", 2),
        ] {
            let error = ApiKey::new(text).unwrap_err();
            assert_eq!(error, KeyError { position }, "{text:?}");
            assert!(!error.to_string().contains("bj"), "{error}");
        }
    }
}
