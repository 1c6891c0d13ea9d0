//! The address that gets the requests and the API key.

use crate::plan::Plan;
use crate::report::requests::EstimatedRequests;
use crate::report::style::Palette;

/// The address of the API that a plan is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destination {
    /// The address, in the form of the lockfile.
    pub api: String,
    /// The name of the environment.
    pub environment: Option<String>,
    /// The address that the lockfile records, if it differs.
    pub recorded: Option<String>,
    /// Whether the server is neither Bluejay's nor on this machine.
    pub is_foreign: bool,
    /// The host, if an apply needs `--allow-api-url` for it.
    pub needs_permission: Option<String>,
    /// The largest number of requests per minute; `None` for no limit.
    pub rate: Option<u32>,
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

    /// Returns the first lines of a plan for people.
    pub(super) fn human(&self, palette: Palette) -> String {
        let mut text = format!("API: {}\n", self.api);
        for warning in self.warnings() {
            text.push_str(&format!("{} {warning}\n", palette.removed("  !")));
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_begins_with_warnings_about_its_address() {
        let quiet = Destination {
            api: "https://api.getbluejay.ai".to_owned(),
            ..Destination::default()
        };
        let palette = Palette::new(false);
        assert_eq!(quiet.human(palette), "API: https://api.getbluejay.ai\n\n");
        let loud = Destination {
            api: "https://evil.example".to_owned(),
            environment: None,
            recorded: Some("https://api.getbluejay.ai".to_owned()),
            is_foreign: true,
            needs_permission: Some("evil.example".to_owned()),
            rate: None,
        };
        insta::assert_snapshot!(loud.human(palette).trim_end(), @r"
        API: https://evil.example
          ! the address of the API changes from https://api.getbluejay.ai, which the lockfile records, to https://evil.example
          ! an apply would send the API key to https://evil.example, which is not Bluejay's address; the apply is refused without `--allow-api-url evil.example`
        ");
    }
}
