//! The address of the API, its source, and the check whether the API key may be sent to
//! it.
//!
//! A merged pull request can change every file of the repository. If only a file names an
//! address, the API key is sent only to Bluejay's address and to this machine. Any other
//! address must be allowed from outside the repository.

use std::env::VarError;

use super::load::Workspace;
use crate::api::Target;
use crate::cli::GlobalArgs;
use crate::error::CommandError;
use crate::lock::Lockfile;
use crate::pace::Rate;
use crate::report::Destination;
use crate::spec::dashboard::DashboardUrl;

/// The address of Bluejay's API.
const BLUEJAY: &str = "https://api.getbluejay.ai";

/// The address that a lockfile of the sandbox records. The port of the sandbox changes
/// from run to run.
const SANDBOX: &str = "sandbox";

/// The variable that holds the address.
const URL_VARIABLE: &str = "BLUEJAY_API_URL";

/// The address of the API that a command uses.
pub(super) struct Address {
    /// The address.
    pub target: Target,
    /// Whether the command line or the environment allows the address.
    is_allowed: bool,
    /// The name of the environment.
    environment: Option<String>,
    /// The request budget; `None` for as many requests as the API takes.
    pub rate: Option<u32>,
    /// The template of addresses in the dashboard, which does not show the sandbox.
    dashboard: Option<DashboardUrl>,
}

/// Returns the address that the options, the environment and the project file name.
pub(super) fn of(global: &GlobalArgs, workspace: &Workspace) -> Result<Address, CommandError> {
    if global.sandbox {
        return Ok(Address {
            target: of_sandbox("http://127.0.0.1")?,
            is_allowed: true,
            environment: global.env.clone(),
            rate: global.rate.and_then(Rate::per_minute),
            dashboard: None,
        });
    }
    let variable = match std::env::var(URL_VARIABLE) {
        Err(VarError::NotUnicode(_)) => {
            let message = format!("the value of `{URL_VARIABLE}` is not UTF-8");
            return Err(CommandError::new(message).help("set it to the address, or unset it"));
        }
        variable => variable.ok(),
    };
    let outside = global.api_url.as_ref().or(variable.as_ref());
    // CI sets variables without a value to the empty text. An empty variable counts as
    // unset.
    let outside = outside.filter(|url| !url.is_empty());
    let url = outside.or(workspace.project.api_url.as_ref());
    let target = Target::new(url.map_or(BLUEJAY, String::as_str)).map_err(|error| {
        CommandError::new("could not use the address of the API")
            .caused_by(error)
            .help(
                "the address comes from `--api-url`, `BLUEJAY_API_URL` or `api_url` of \
                 bluejay.yaml",
            )
    })?;
    let mut is_allowed = outside.is_some();
    for allowed in &global.allow_api_url {
        is_allowed |= allowed_host(allowed)?.is_same_host(&target);
    }
    let rate = rate(global, workspace, &target);
    Ok(Address {
        target,
        is_allowed,
        environment: global.env.clone(),
        rate,
        dashboard: workspace.project.settings.dashboard_url.clone(),
    })
}

/// Returns the request budget of the command line, of the project, or else the limit of
/// the vendor. Requests to this machine are limited only by explicit choice.
fn rate(global: &GlobalArgs, workspace: &Workspace, target: &Target) -> Option<u32> {
    let asked = global.rate.or(workspace.project.rate);
    let default = if target.is_loopback() {
        Rate::Off
    } else {
        Rate::VENDOR
    };
    asked.unwrap_or(default).per_minute()
}

/// Returns the target of a sandbox at this URL.
pub(super) fn of_sandbox(url: &str) -> Result<Target, CommandError> {
    let target = Target::new(url);
    let target =
        target.map_err(|error| CommandError::new("the sandbox failed").caused_by(error))?;
    Ok(target.recorded_as(SANDBOX))
}

/// Reads the value of `--allow-api-url`: a URL, or a host.
fn allowed_host(text: &str) -> Result<Target, CommandError> {
    let target = if text.contains("://") {
        Target::new(text)
    } else {
        Target::new(&format!("https://{text}"))
    };
    target.map_err(|error| {
        CommandError::new(format!("could not use `--allow-api-url {text}`"))
            .caused_by(error)
            .help("expected a host or a URL: `--allow-api-url api.example.com`")
    })
}

impl Address {
    fn is_foreign(&self) -> bool {
        let is_bluejay = self.target.recorded().as_str() == BLUEJAY;
        !is_bluejay && !self.target.is_loopback()
    }

    /// Returns an error if the API key may not be sent to the address.
    pub fn check(&self) -> Result<(), CommandError> {
        if !self.is_foreign() || self.is_allowed {
            return Ok(());
        }
        let address = self.target.recorded();
        Err(CommandError::new(format!(
            "refused to send the API key to {address}, which is not Bluejay's address"
        ))
        .caused_by(
            "only `api_url` of bluejay.yaml names the address, so anyone who can merge a change \
             could redirect the key",
        )
        .help(format!(
            "if the address is right, allow it from outside the repository: `--allow-api-url {}`",
            self.target.host()
        ))
        .help(format!(
            "or pass the address yourself: `--api-url {address}`, or set `BLUEJAY_API_URL`"
        )))
    }

    /// Returns where a command with this lockfile works. `lockfile` is its path.
    pub fn destination(&self, lock: &Lockfile, lockfile: String) -> Destination {
        let (api, recorded) = (self.target.recorded(), lock.api.as_ref());
        Destination {
            api: api.to_string(),
            environment: self.environment.clone(),
            organization: lock.organization.clone(),
            lockfile,
            recorded: recorded
                .filter(|recorded| *recorded != api)
                .map(ToString::to_string),
            is_foreign: self.is_foreign(),
            needs_permission: (!self.is_allowed).then(|| self.target.host()),
            rate: self.rate,
            dashboard: self.dashboard.clone(),
        }
    }
}
