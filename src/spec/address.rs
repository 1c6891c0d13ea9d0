//! Checks the address of an API: whether the API key may be sent there.
//!
//! The rules are the same for `api_url`, `--api-url` and `BLUEJAY_API_URL`. Messages
//! never show the password of an address.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};
use url::{Host, Url};

use crate::diagnostic::SourceFile;
use crate::resource::document_fields::ENVIRONMENTS;

/// The setting with an address of the dashboard.
pub(super) const DASHBOARD_URL: &str = "dashboard_url";

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressError {
    /// The text is not an address.
    Invalid(String),
    /// The address is not HTTPS, so the API key would be sent without encryption.
    NotHttps(String),
    /// The address contains a user or a password.
    Credentials(String),
    /// The address contains `?` or `#`, so no path can be appended.
    Query(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => write!(f, "`{text}` is not the address of an API"),
            Self::NotHttps(text) => write!(
                f,
                "`{text}` is not https, and the key is only sent over https or to this machine"
            ),
            Self::Credentials(text) => write!(
                f,
                "`{text}` contains a user or a password, but the API only uses the key"
            ),
            Self::Query(text) => {
                write!(
                    f,
                    "`{text}` is not the address of an API: it has a `?` or `#`"
                )
            }
        }
    }
}

impl std::error::Error for AddressError {}

/// Parses an address, and returns an error if the API key may not be sent there.
pub fn check(text: &str) -> Result<Url, AddressError> {
    let shown = || without_password(text);
    let trimmed = text.trim();
    let invalid = || AddressError::Invalid(shown());
    let url = Url::parse(trimmed).map_err(|_| invalid())?;
    // The URL parser accepts `https:/x`, which is a typing mistake.
    if url.host_str().is_none() || !trimmed.contains("://") {
        return Err(invalid());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials(shown()));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(AddressError::NotHttps(shown())),
        _ => return Err(invalid()),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(AddressError::Query(shown()));
    }
    Ok(url)
}

/// Returns whether an address refers to this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns a valid address that is similar to a refused address.
#[must_use]
pub fn proposed_address(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if ["http", "https"].contains(&scheme) => rest,
        Some((_, rest)) if rest.starts_with('/') => return None,
        _ => text,
    };
    let url = format!("https://{}", rest.trim_start_matches('/'));
    let url = url.split(['?', '#']).next().unwrap_or_default();
    check(url).is_ok().then(|| url.to_owned())
}

/// Returns an address for messages, with its password replaced by `***`.
#[must_use]
pub fn without_password(text: &str) -> String {
    match secret(text) {
        Some(range) => format!("{}***{}", &text[..range.start], &text[range.end..]),
        None => text.to_owned(),
    }
}

/// Returns the file with asterisks in place of the passwords of its addresses. The
/// positions of all other characters are unchanged. Snippets of the file are made from
/// the result.
#[must_use]
pub fn hide_passwords(file: &Arc<SourceFile>, fields: &Map<String, Value>) -> Arc<SourceFile> {
    let environments = fields.get(ENVIRONMENTS).and_then(Value::as_object);
    let inner = environments.into_iter().flat_map(Map::values);
    let inner = inner.filter_map(Value::as_object).chain([fields]);
    let addresses = inner.flat_map(|one| {
        let settings = one.get("settings");
        let dashboard = settings.and_then(|settings| settings.get(DASHBOARD_URL));
        [one.get("api_url"), dashboard]
    });
    let mut text = file.text.as_deref().unwrap_or_default().to_owned();
    for address in addresses.flatten().filter_map(Value::as_str) {
        if let Some(secret) = secret(address) {
            // The replacement includes the characters around the password, so that no
            // other text matches.
            let whole = &address[secret.start.saturating_sub(1)..=secret.end];
            let stars = "*".repeat(secret.len());
            text = text.replace(whole, &whole.replace(&address[secret], &stars));
        }
    }
    if file.text.as_deref() == Some(text.as_str()) {
        return Arc::clone(file);
    }
    Arc::new(SourceFile {
        name: file.name.clone(),
        text: Some(text.into()),
        skipped: file.skipped,
    })
}

/// Returns the range of the password of an address, or of the user if there is no
/// password.
fn secret(text: &str) -> Option<Range<usize>> {
    let start = text.find("://").map_or(0, |at| at + "://".len());
    let end = text.rfind('@').filter(|end| *end >= start)?;
    let colon = text[start..end].find(':').map(|at| start + at + 1);
    Some(colon.unwrap_or(start)..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_addresses_are_accepted() {
        for good in [
            "https://api.getbluejay.ai",
            " https://api.getbluejay.ai/v1/",
            "http://127.0.0.1:8080",
            "http://localhost:1/v1",
            "http://[::1]:80",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.getbluejay.ai",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "api.getbluejay.ai",
            "https:/api.getbluejay.ai",
            "https://user:secret@api.getbluejay.ai",
            "https://token@api.getbluejay.ai",
            "https://api.getbluejay.ai?x=1",
            "https://a b",
            "https://",
            "",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            (
                "https://user:secret@a.example/v1",
                "https://user:***@a.example/v1",
            ),
            ("https://secret@a.example", "https://***@a.example"),
            ("user:secret@a.example", "user:***@a.example"),
            (
                "https://user:sec/ret@a.example",
                "https://user:***@a.example",
            ),
            ("https://a.example", "https://a.example"),
        ] {
            assert_eq!(without_password(text), shown);
            if let Err(error) = check(text) {
                assert!(!error.to_string().contains("ret@"), "{error}");
            }
        }
    }

    #[test]
    fn only_valid_addresses_are_proposed() {
        for (text, address) in [
            ("api.example", Some("https://api.example")),
            ("https:/api.example", Some("https://api.example")),
            ("http://api.example/v1", Some("https://api.example/v1")),
            ("ftp://api.example", None),
            ("https://a b", None),
            ("https://u:p@api.example", None),
        ] {
            assert_eq!(proposed_address(text).as_deref(), address, "{text}");
        }
    }
}
