//! The API that a command talks to: the real one with its key, or the sandbox.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;

use super::load::Workspace;
use crate::api::{Client, ClientOptions, Notice, Target};
use crate::cli::GlobalArgs;
use crate::error::CommandError;
use crate::sandbox::{Faults, Sandbox, SandboxOptions};
use crate::store::private_folder::create_private_folder;

/// The address of the real API.
const DEFAULT_API: &str = "https://api.getbluejay.ai";

/// What the lockfile of the sandbox says instead of an address, since its port
/// changes from run to run.
const SANDBOX: &str = "sandbox";

/// How long another command may still be using the sandbox's data.
const SANDBOX_WAIT: Duration = Duration::from_secs(3);

/// The variable that holds the key.
const KEY_VARIABLE: &str = "BLUEJAY_API_KEY";

/// The variable that holds the address.
const URL_VARIABLE: &str = "BLUEJAY_API_URL";

/// The API that a command talks to.
pub(super) struct Remote {
    /// Where it is.
    pub target: Target,
    key: SecretString,
    sandbox: Option<Sandbox>,
}

/// The address that a lockfile has to be for.
pub(super) fn target(global: &GlobalArgs, workspace: &Workspace) -> Result<Target, CommandError> {
    if global.sandbox {
        return sandbox_target("http://127.0.0.1");
    }
    let variable = std::env::var(URL_VARIABLE).ok();
    let url = global.api_url.as_ref().or(variable.as_ref());
    // A variable that CI leaves empty is a variable that isn't set.
    let url = url.filter(|url| !url.is_empty());
    let url = url.or(workspace.project.api_url.as_ref());
    Target::new(url.map_or(DEFAULT_API, String::as_str)).map_err(|error| {
        CommandError::new("could not use the address of the API")
            .caused_by(error)
            .help("it stands in `--api-url`, `BLUEJAY_API_URL` or `api_url` of bluejay.yaml")
    })
}

fn sandbox_target(url: &str) -> Result<Target, CommandError> {
    let target = Target::new(url);
    let target =
        target.map_err(|error| CommandError::new("the sandbox failed").caused_by(error))?;
    Ok(target.recorded_as(SANDBOX))
}

/// Refuses a command that lacks a key or an address, before it does anything.
pub(super) fn check(global: &GlobalArgs, workspace: &Workspace) -> Result<(), CommandError> {
    target(global, workspace)?;
    if !global.sandbox {
        key(global)?;
    }
    Ok(())
}

impl Remote {
    /// The real API with its key, or the sandbox, started.
    pub async fn open(
        global: &GlobalArgs,
        workspace: &Workspace,
        faults: Faults,
    ) -> Result<Self, CommandError> {
        if !global.sandbox {
            return Ok(Self {
                target: target(global, workspace)?,
                key: key(global)?,
                sandbox: None,
            });
        }
        let sandbox = start_sandbox(&workspace.project.lockfile, faults).await?;
        Ok(Self {
            target: sandbox_target(&sandbox.url())?,
            key: SecretString::from("sandbox"),
            sandbox: Some(sandbox),
        })
    }

    /// A client of it.
    pub fn client(
        &self,
        parallelism: usize,
        timeout: Duration,
        stop: watch::Receiver<bool>,
        observer: impl Fn(Notice) + Send + Sync + 'static,
    ) -> Result<Client, CommandError> {
        let options = ClientOptions {
            parallelism,
            timeout,
            stop,
            observer: std::sync::Arc::new(observer),
        };
        Client::new(self.target.clone(), self.key.clone(), options).map_err(|reason| {
            CommandError::new("could not set up the connection to the API").caused_by(reason)
        })
    }

    /// Ends the sandbox, where there is one.
    pub async fn close(self) -> Result<(), CommandError> {
        match self.sandbox {
            Some(sandbox) => sandbox.shutdown().await.map_err(|error| {
                CommandError::new("the sandbox could not write its data").caused_by(error)
            }),
            None => Ok(()),
        }
    }
}

async fn start_sandbox(lockfile: &Path, faults: Faults) -> Result<Sandbox, CommandError> {
    let folder = lockfile.with_file_name(".bluejay");
    create_private_folder(&folder)?;
    let options = SandboxOptions {
        data: Some(folder.join("sandbox.json")),
        data_wait: SANDBOX_WAIT,
        faults,
        ..SandboxOptions::default()
    };
    crate::sandbox::start(options).await.map_err(|error| {
        let failed = format!("could not start the sandbox in `{}`", folder.display());
        CommandError::new(failed)
            .caused_by(error)
            .help("where `bluejayctl sandbox` is running on this data, use it with `--api-url`")
    })
}

/// The key, from a file or from the environment. It is never shown.
fn key(global: &GlobalArgs) -> Result<SecretString, CommandError> {
    let text = match &global.api_key_file {
        Some(path) => crate::store::read_text(&global.path(path))?,
        None => std::env::var(KEY_VARIABLE).unwrap_or_default(),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(CommandError::new("no API key")
            .help(format!(
                "set `{KEY_VARIABLE}`, or name a file with `--api-key-file FILE`"
            ))
            .help("to try everything without a key: `--sandbox`"));
    }
    Ok(SecretString::from(text.to_owned()))
}
