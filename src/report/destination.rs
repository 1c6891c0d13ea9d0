//! Where a command works: the environment, the address that gets the requests and the API
//! key, the organisation, and the lockfile.

use crate::plan::Plan;
use crate::report::layout::{Layout, Part};
use crate::report::markdown::escape::{code, linked};
use crate::report::requests::EstimatedRequests;
use crate::report::style::Paint;
use crate::resource::key::RemoteId;
use crate::spec::dashboard::DashboardUrl;
use crate::visible;

/// Where a command works. A plan begins with the header. A summary begins with the header
/// too, unless its plan is above: then question and summary have the short form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destination {
    /// The address, in the form of the lockfile.
    pub api: String,
    /// The name of the environment.
    pub environment: Option<String>,
    /// The organisation that the lockfile records.
    pub organization: Option<String>,
    /// The path of the lockfile, for people.
    pub lockfile: String,
    /// The address that the lockfile records, if it differs.
    pub recorded: Option<String>,
    /// Whether the server is neither Bluejay's nor on this machine.
    pub is_foreign: bool,
    /// The host, if an apply needs `--allow-api-url` for it.
    pub needs_permission: Option<String>,
    /// The largest number of requests per minute; `None` for no limit.
    pub rate: Option<u32>,
    /// The template of addresses in the dashboard.
    pub dashboard: Option<DashboardUrl>,
}

impl Destination {
    /// Returns warnings about the address for a reviewer of the plan, as prominent as a
    /// delete.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let Self { api, .. } = self;
        let moved = self.recorded.as_ref().map(|recorded| {
            format!(
                "the address of the API changes from {recorded}, which the lockfile records, \
                 to {api}"
            )
        });
        let foreign = self.is_foreign.then(|| match &self.needs_permission {
            Some(host) => format!(
                "an apply would send the API key to {api}, which is not Bluejay's address; the \
                 apply is refused without `--allow-api-url {host}`"
            ),
            None => format!(
                "an apply sends the API key to {api}, which is not Bluejay's address; the command \
                 line or the environment allows it"
            ),
        });
        moved.into_iter().chain(foreign).collect()
    }

    /// Returns the address of a resource in the dashboard.
    #[must_use]
    pub fn link(&self, id: RemoteId) -> Option<String> {
        self.dashboard.as_ref()?.address_of(id)
    }

    /// Returns an id for Markdown, as a link to the dashboard.
    pub(super) fn markdown_id(&self, id: RemoteId) -> String {
        linked(&id.to_string(), self.link(id).as_deref())
    }

    /// Returns whether a person must check the address before an apply: the address
    /// changes, or nothing outside the repository allows it.
    #[must_use]
    pub fn needs_review(&self) -> bool {
        self.recorded.is_some() || (self.is_foreign && self.needs_permission.is_some())
    }

    /// Returns the duration of an apply whose requests have to wait: `about 140 requests,
    /// 1m at 100 a minute`.
    #[must_use]
    pub fn cost(&self, plan: &Plan) -> Option<String> {
        self.requests(plan).text()
    }

    /// Returns the estimated requests of an apply.
    #[must_use]
    pub fn requests(&self, plan: &Plan) -> EstimatedRequests {
        EstimatedRequests::new(plan.requests(), self.rate)
    }

    /// Returns the parts of the header, each with its label.
    fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parts = [
            ("Environment", self.environment.as_deref()),
            ("API", Some(self.api.as_str())),
            ("Organisation", self.organization.as_deref()),
            ("Lockfile", Some(self.lockfile.as_str())),
        ];
        let parts = parts.into_iter();
        parts.filter_map(|(label, value)| Some((label, value?)))
    }

    /// Returns the header for people: one line, or several lines if the line does not fit.
    #[must_use]
    pub fn header(&self, layout: Layout) -> String {
        let (mut text, mut column) = (String::new(), 0);
        for (label, value) in self.parts() {
            let value = visible::line(value);
            let length = label.len() + 2 + value.chars().count();
            if column > 0 && column + 2 + length > layout.width {
                text.push('\n');
                column = 0;
            } else if column > 0 {
                text.push_str("  ");
                column += 2;
            }
            text.push_str(&format!("{label}: {}", layout.palette.strong(value)));
            column += length;
        }
        text.push('\n');
        text
    }

    /// Returns the values of the header in short: for a question and a summary below a plan
    /// that has the header.
    #[must_use]
    pub fn short(&self) -> String {
        let mut values: Vec<_> = self
            .parts()
            .map(|(_, value)| visible::line(value))
            .collect();
        // In the sandbox, address and organisation are the same word.
        values.dedup();
        values.join(", ")
    }

    /// Returns the header as a paragraph of Markdown.
    pub(super) fn markdown(&self) -> String {
        let parts = self.parts();
        let parts: Vec<_> = parts
            .map(|(label, value)| format!("{label}: {}", code(value)))
            .collect();
        format!("{}\n\n", parts.join(" · "))
    }

    /// Returns the first lines of a plan for people.
    pub(super) fn human(&self, layout: Layout) -> String {
        let mut text = self.header(layout);
        for warning in self.warnings() {
            let parts = [
                Part::new(Paint::Removed, "  !"),
                Part::new(Paint::Plain, " "),
                Part::new(Paint::Plain, &warning),
            ];
            text.push_str(&layout.paragraph(&parts, 0, "  ! ".len()));
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

/// Returns the destination of the tests.
#[cfg(test)]
pub(super) fn staging() -> Destination {
    Destination {
        api: "https://api.getbluejay.ai".to_owned(),
        environment: Some("staging".to_owned()),
        organization: Some("acme".to_owned()),
        lockfile: "bluejay.staging.lock".to_owned(),
        ..Destination::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_where_a_command_works() {
        assert_eq!(
            staging().header(Layout::unlimited()),
            "Environment: staging  API: https://api.getbluejay.ai  Organisation: acme  \
             Lockfile: bluejay.staging.lock\n"
        );
        assert_eq!(
            staging().header(Layout::of_width(80)),
            "Environment: staging  API: https://api.getbluejay.ai  Organisation: acme\n\
             Lockfile: bluejay.staging.lock\n"
        );
        assert_eq!(
            staging().short(),
            "staging, https://api.getbluejay.ai, acme, bluejay.staging.lock"
        );
        assert_eq!(
            staging().markdown(),
            "Environment: <code>staging</code> · API: <code>https&#58;//api.getbluejay.ai</code> \
             · Organisation: <code>acme</code> · Lockfile: <code>bluejay.staging.lock</code>\n\n"
        );
    }

    #[test]
    fn an_organisation_can_not_forge_a_line() {
        let organization = Some("a\nAPI: https://api.getbluejay.ai".to_owned());
        let forged = Destination {
            organization,
            ..staging()
        };
        assert_eq!(forged.header(Layout::unlimited()).lines().count(), 1);
    }

    #[test]
    fn the_plan_begins_with_warnings_about_its_address() {
        let loud = Destination {
            api: "https://evil.example".to_owned(),
            lockfile: "bluejay.lock".to_owned(),
            recorded: Some("https://api.getbluejay.ai".to_owned()),
            is_foreign: true,
            needs_permission: Some("evil.example".to_owned()),
            ..Destination::default()
        };
        insta::assert_snapshot!(loud.human(Layout::unlimited()).trim_end(), @r"
        API: https://evil.example  Lockfile: bluejay.lock
          ! the address of the API changes from https://api.getbluejay.ai, which the lockfile records, to https://evil.example
          ! an apply would send the API key to https://evil.example, which is not Bluejay's address; the apply is refused without `--allow-api-url evil.example`
        ");
    }
}
