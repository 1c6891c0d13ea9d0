//! The API that a command talks to: the real one with its key, or the sandbox.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::load::{Project, Workspace};
use super::settings::RequestOptions;
use super::{address, api_key};
use crate::api::{ApiKey, Client, ClientOptions, Notice, Target};
use crate::cli::GlobalArgs;
use crate::error::CommandError;
use crate::pace::Rate;
use crate::report::{Output, Status};
use crate::sandbox::{Faults, Sandbox, SandboxOptions};
use crate::store::limits;
use crate::store::writable::WritablePath;

/// The longest wait for another command that uses the data of the sandbox.
const SANDBOX_WAIT: Duration = Duration::from_secs(3);

/// The API that a command talks to.
pub(super) struct Remote {
    /// The address.
    pub target: Target,
    key: ApiKey,
    /// The request budget; `None` for no limit.
    rate: Option<u32>,
    sandbox: Option<Sandbox>,
}

/// The API key of the sandbox. The key is not secret.
const SANDBOX_KEY: &str = "key-of-the-sandbox";

/// Returns an error if the API key is missing or may not be sent to the address. Called
/// before a command has any effect.
pub(super) fn check(
    global: &GlobalArgs,
    workspace: &Workspace,
    output: &Output,
) -> Result<(), CommandError> {
    address::of(global, workspace)?.check()?;
    if !global.sandbox {
        api_key::read(global)?;
        api_key::warn_of_readable_file(global, output);
    }
    Ok(())
}

impl Remote {
    /// Connects to the API with the API key, or starts the sandbox.
    pub async fn open(
        global: &GlobalArgs,
        workspace: &Workspace,
        faults: Faults,
    ) -> Result<Self, CommandError> {
        if global.sandbox {
            let sandbox = start_sandbox(&workspace.project, faults).await?;
            return Self::of_sandbox(global, sandbox);
        }
        Self::of_address(global, workspace)
    }

    /// Connects like [`Remote::open`], and writes no file: the sandbox is empty, and its data
    /// is in memory only.
    pub async fn open_without_files(
        global: &GlobalArgs,
        workspace: &Workspace,
    ) -> Result<Self, CommandError> {
        if global.sandbox {
            let sandbox = crate::sandbox::start(SandboxOptions::default()).await;
            return Self::of_sandbox(global, sandbox.map_err(failed)?);
        }
        Self::of_address(global, workspace)
    }

    fn of_address(global: &GlobalArgs, workspace: &Workspace) -> Result<Self, CommandError> {
        let address = address::of(global, workspace)?;
        address.check()?;
        Ok(Self {
            rate: address.rate,
            target: address.target,
            key: api_key::read(global)?,
            sandbox: None,
        })
    }

    fn of_sandbox(global: &GlobalArgs, sandbox: Sandbox) -> Result<Self, CommandError> {
        Ok(Self {
            target: address::of_sandbox(&sandbox.url())?,
            key: ApiKey::new(SANDBOX_KEY).map_err(failed)?,
            rate: global.rate.and_then(Rate::per_minute),
            sandbox: Some(sandbox),
        })
    }

    /// Returns a client of the API. Returns an error if the process may not open enough
    /// files for the connections.
    pub fn client(
        &self,
        parallelism: usize,
        timeout: Duration,
        stop: watch::Receiver<bool>,
        observer: impl Fn(Notice) + Send + Sync + 'static,
    ) -> Result<Client, CommandError> {
        limits::check_connections(parallelism, self.sandbox.is_some())?;
        let options = ClientOptions {
            parallelism,
            timeout,
            rate: self.rate,
            stop,
            observer: Arc::new(observer),
        };
        Client::new(self.target.clone(), self.key.clone(), options).map_err(|reason| {
            CommandError::new("could not set up the connection to the API")
                .caused_by(reason)
                .help("check `SSL_CERT_FILE` and `SSL_CERT_DIR`, if they are set")
        })
    }

    /// Returns a client with the options of a project, and the display that shows its waits.
    pub fn shown_client(
        &self,
        requests: RequestOptions,
        stop: watch::Receiver<bool>,
        output: &Output,
    ) -> Result<(Client, Arc<Status>), CommandError> {
        let status = Arc::new(Status::of(output));
        let observer = Arc::clone(&status);
        let notice = move |notice: Notice| observer.notice(&notice);
        let client = self.client(requests.parallelism, requests.timeout, stop, notice)?;
        Ok((client, status))
    }

    /// Stops the sandbox, if one was started.
    pub async fn close(self) -> Result<(), CommandError> {
        match self.sandbox {
            Some(sandbox) => sandbox.shutdown().await.map_err(|error| {
                CommandError::new("the sandbox could not write its data").caused_by(error)
            }),
            None => Ok(()),
        }
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> CommandError {
    CommandError::new("the sandbox failed").caused_by(error)
}

async fn start_sandbox(project: &Project, faults: Faults) -> Result<Sandbox, CommandError> {
    let data = WritablePath::private(&project.bounds, &project.lockfile, "sandbox.json")?;
    let folder = project.lockfile.with_file_name(".bluejay");
    let options = SandboxOptions {
        data: Some(data),
        data_wait: SANDBOX_WAIT,
        faults,
        ..SandboxOptions::default()
    };
    crate::sandbox::start(options).await.map_err(|error| {
        let failed = format!("could not start the sandbox in `{}`", folder.display());
        CommandError::new(failed).caused_by(error).help(
            "if `bluejayctl sandbox` serves this data, connect to that server with \
             `--api-url`",
        )
    })
}
