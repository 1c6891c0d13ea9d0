//! The address of the API, and whether an API key may be sent to an address.

use reqwest::Url;

use crate::lock::ApiAddress;
use crate::spec::address::{self, AddressError};

/// An address to which an API key may be sent.
#[derive(Debug, Clone)]
pub struct Target {
    url: Url,
    recorded: ApiAddress,
}

impl Target {
    /// Parses an address that a user wrote, with or without a trailing `/v1`.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        address::check(text)?;
        let recorded = ApiAddress::new(text);
        let url = address::check(recorded.as_str())?;
        Ok(Self { url, recorded })
    }

    /// Returns the same server with another name for the lockfile. The port of the sandbox
    /// changes from run to run, so the lockfile records a name.
    #[must_use]
    pub fn recorded_as(mut self, name: &str) -> Self {
        self.recorded = ApiAddress::new(name);
        self
    }

    /// Returns the address that the lockfile records.
    #[must_use]
    pub fn recorded(&self) -> &ApiAddress {
        &self.recorded
    }

    /// Returns the host, and the port if it is not the default port of the scheme.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Returns whether both addresses have the same scheme, host and port. The paths may
    /// differ.
    #[must_use]
    pub fn is_same_host(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// Returns whether the address refers to this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        address::is_loopback(&self.url)
    }

    /// Returns the URL of a path such as `/v1/create-simulation`.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_addresses_compare_equal() {
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
