//! Where the API is, and whether a key may be sent there.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::lock::ApiAddress;

/// An address that a key may be sent to.
#[derive(Debug, Clone)]
pub struct Target {
    url: Url,
    recorded: ApiAddress,
}

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressError {
    /// It is no address at all.
    Invalid(String),
    /// A key would travel in the clear.
    NotHttps(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => write!(f, "`{text}` is not the address of an API"),
            Self::NotHttps(text) => write!(
                f,
                "`{text}` is not https, and the key is only sent over https or to this machine"
            ),
        }
    }
}

impl std::error::Error for AddressError {}

impl Target {
    /// An address as a user writes it, with or without a trailing `/v1`.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let recorded = ApiAddress::new(text);
        let invalid = || AddressError::Invalid(text.to_owned());
        let url = Url::parse(recorded.as_str()).map_err(|_| invalid())?;
        if url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
            return Err(invalid());
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(AddressError::NotHttps(text.to_owned())),
            _ => return Err(invalid()),
        }
        Ok(Self { url, recorded })
    }

    /// The same server under the name that the lockfile records: the sandbox,
    /// whose port changes from run to run.
    #[must_use]
    pub fn recorded_as(mut self, name: &str) -> Self {
        self.recorded = ApiAddress::new(name);
        self
    }

    /// What the lockfile records.
    #[must_use]
    pub fn recorded(&self) -> &ApiAddress {
        &self.recorded
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The address of a path such as `/v1/create-simulation`.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_travel_only_over_https_or_to_this_machine() {
        for good in [
            "https://api.getbluejay.ai",
            "https://api.getbluejay.ai/v1/",
            "http://127.0.0.1:8080",
            "http://localhost:1/v1",
            "http://[::1]:80",
        ] {
            assert!(Target::new(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.getbluejay.ai",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "api.getbluejay.ai",
            "https://user:secret@api.getbluejay.ai",
            "",
        ] {
            assert!(Target::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_api_is_one_address() {
        let spelled = [
            "https://a.example/v1/",
            "https://a.example/",
            " https://a.example",
            "https://A.Example:443/v1",
        ];
        for text in spelled {
            let target = Target::new(text).unwrap();
            assert_eq!(target.recorded().as_str(), "https://a.example");
            assert_eq!(target.join("/v1/x"), "https://a.example/v1/x");
        }
    }
}
