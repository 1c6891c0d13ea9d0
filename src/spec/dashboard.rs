//! The addresses of resources in the dashboard of the vendor.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::address::{self, AddressError};
use super::path::Path;
use super::problem::Problem;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::key::RemoteId;

/// The placeholder for an id in a template.
const ID: &str = "{id}";

/// The placeholder for a kind in a template.
const KIND: &str = "{kind}";

/// How to write a template.
const HELP: &str = "write an address with `{id}`, such as \
                    `https://dashboard.example/{kind}/{id}`";

/// The template of the addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct DashboardUrl(String);

impl DashboardUrl {
    /// Returns a template; `None` for an invalid text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        fault(text).is_none().then(|| Self(text.to_owned()))
    }

    /// Returns the address of a resource. The address has only characters that addresses
    /// allow, and neither brackets nor quotes. `None` if the template is not for this kind
    /// of resource: without `{kind}`, a template is for simulations.
    #[must_use]
    pub fn address_of(&self, id: RemoteId) -> Option<String> {
        if id.kind() != Kind::Simulation && !self.0.contains(KIND) {
            return None;
        }
        let encoded = id.plain().to_string();
        let encoded: String = form_urlencoded::byte_serialize(encoded.as_bytes()).collect();
        let address = self.0.replace(KIND, id.kind().name());
        Some(address.replace(ID, &encoded))
    }
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplateFault {
    Address(AddressError),
    /// A character that addresses do not have, or that Markdown would interpret.
    Character(char),
    NoId,
    /// An unknown name in braces.
    Unknown(String),
    /// A placeholder in the host.
    InHost,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(AddressError::Credentials(_)) => {
                f.write_str("it contains a user or a password")
            }
            Self::Address(AddressError::NotHttps(_)) => f.write_str("it is not https"),
            Self::Address(_) => f.write_str("it is not an address"),
            Self::Character(character) => {
                write!(f, "it has the character U+{:04X}", u32::from(*character))
            }
            Self::NoId => f.write_str("it has no `{id}`"),
            Self::Unknown(name) => write!(f, "`{{{name}}}` stands for nothing"),
            Self::InHost => f.write_str("its host is not fixed"),
        }
    }
}

/// Returns why a text is not a template.
fn fault(text: &str) -> Option<TemplateFault> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&*+,;=%{}".contains(c);
    if let Some(character) = text.chars().find(|c| !is_plain(*c)) {
        return Some(TemplateFault::Character(character));
    }
    let filled = text.replace(KIND, "a").replace(ID, "1");
    if let Some((_, rest)) = filled.split_once('{') {
        let name = rest.split('}').next().unwrap_or_default();
        return Some(TemplateFault::Unknown(name.to_owned()));
    }
    match address::check(&filled) {
        // A page of a dashboard may be chosen by a query or a fragment.
        Ok(_) | Err(AddressError::Query(_)) => {}
        Err(error) => return Some(TemplateFault::Address(error)),
    }
    if !text.contains(ID) {
        return Some(TemplateFault::NoId);
    }
    let host = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    let other = text.replace(KIND, "b").replace(ID, "2");
    (host(&filled) != host(&other)).then_some(TemplateFault::InHost)
}

/// Returns the mistake in a template at a path.
pub(super) fn check(path: Path, text: &str) -> Option<Problem> {
    let fault = fault(text)?;
    let summary = format!("`{path}` is not the template of an address: {fault}");
    let help = match fault {
        TemplateFault::Unknown(_) => "`{id}` stands for the id, and `{kind}` for the kind",
        _ => HELP,
    };
    Some(Problem::error(DiagnosticCode::BadFormat, path, summary).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::key::PlainId;

    #[test]
    fn an_address_has_the_kind_and_the_id() {
        let address = |template: &str, id| {
            let template = DashboardUrl::new(template).unwrap();
            template.address_of(id)
        };
        let simulation = RemoteId::simulation(7);
        let metric = PlainId::text("a/b)|?\u{22}").unwrap();
        let metric = RemoteId::of(Kind::CustomMetric, metric);
        let plain = "https://dashboard.example/simulations/{id}";
        assert_eq!(
            address(plain, simulation).as_deref(),
            Some("https://dashboard.example/simulations/7")
        );
        assert_eq!(address(plain, metric), None, "an id of another kind");
        assert_eq!(
            address("http://localhost:3000/?{kind}={id}#x", metric).as_deref(),
            Some("http://localhost:3000/?custom_metric=a%2Fb%29%7C%3F%22#x")
        );
    }

    #[test]
    fn only_safe_templates_are_accepted() {
        for (template, reason) in [
            ("http://dashboard.example/{id}", "it is not https"),
            ("ftp://dashboard.example/{id}", "it is not an address"),
            ("dashboard.example/{id}", "it is not an address"),
            ("javascript:alert({id})", "it has the character U+0028"),
            (
                "https://u:p@dashboard.example/{id}",
                "it contains a user or a password",
            ),
            ("https://dashboard.example/", "it has no `{id}`"),
            (
                "https://dashboard.example/{id}/{name}",
                "`{name}` stands for nothing",
            ),
            (
                "https://dashboard.example/{id}/{",
                "`{}` stands for nothing",
            ),
            ("https://{id}.dashboard.example/", "its host is not fixed"),
            ("https://dashboard.example:{id}/", "its host is not fixed"),
            (
                "https://dashboard.example/{id}\u{1b}\\",
                "it has the character U+001B",
            ),
            (
                "https://dashboard.example/{id}\n",
                "it has the character U+000A",
            ),
            (
                "https://dashboard.example/{id}\u{202e}",
                "it has the character U+202E",
            ),
            (
                "https://dashboard.example/<{id}>",
                "it has the character U+003C",
            ),
            (
                "https://dashboard.example/a|{id}",
                "it has the character U+007C",
            ),
            ("", "it is not an address"),
        ] {
            let found = fault(template).map(|fault| fault.to_string());
            assert_eq!(found.as_deref(), Some(reason), "{template:?}");
        }
    }
}
