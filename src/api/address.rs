//! Where the API is, and whether a key may be sent there.

use reqwest::Url;

use crate::lock::ApiAddress;
use crate::spec::address::{self, AddressError};

/// An address that a key may be sent to.
#[derive(Debug, Clone)]
pub struct Target {
    url: Url,
    recorded: ApiAddress,
}

impl Target {
    /// An address as a user writes it, with or without a trailing `/v1`.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        address::check(text)?;
        let recorded = ApiAddress::new(text);
        let url = address::check(recorded.as_str())?;
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

    /// The host, with its port where that is not the usual one.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether both are one scheme, host and port, whatever their paths.
    #[must_use]
    pub fn is_same_host(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// Whether the address is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        address::is_loopback(&self.url)
    }

    /// The address of a path such as `/v1/create-simulation`.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
