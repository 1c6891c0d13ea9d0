//! Proves the API key with one cheap read, before a command uses the key.

use crate::api::{ApiError, Client};
use crate::error::CommandError;
use crate::lock::Lockfile;
use crate::report::Status;
use crate::state::StateFiles;

/// The progress text of a proof of the API key.
pub(super) const CHECK: &str = "checking the organisation of the API key";

/// The result of a proof of the API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyProof {
    /// The organisation of the key; `None` if the API does not name the organisation.
    pub organization: Option<String>,
}

/// Reads the organisation of the API key. An error means that no other call can succeed,
/// or that the lockfile records another organisation.
pub(super) async fn prove_key(
    client: &Client,
    lock: &Lockfile,
    paths: &StateFiles,
    status: &Status,
) -> Result<KeyProof, CommandError> {
    let organization = status
        .during(CHECK, client, client.organization())
        .await
        .map_err(|error| could_not_ask(&error))?;
    match (&lock.organization, &organization) {
        (Some(recorded), Some(found)) if recorded != found => Err(CommandError::new(format!(
            "the ids in `{}` belong to organisation {recorded}, and this key to organisation \
             {found}",
            paths.lockfile().display()
        ))
        .help("use the key of that organisation, or another lockfile: `--env NAME`")),
        _ => Ok(KeyProof { organization }),
    }
}

impl KeyProof {
    /// Returns whether the key certainly belongs to the organisation of the lockfile.
    pub fn is_of(&self, lock: &Lockfile) -> bool {
        self.organization.is_some() && self.organization == lock.organization
    }

    /// Returns the organisation that the lockfile may record. A lockfile without an
    /// organisation may hold ids of another organisation, so the key must see one of its
    /// simulations first.
    pub async fn organization_to_record(self, client: &Client, lock: &Lockfile) -> Option<String> {
        let organization = self.organization?;
        let is_safe = lock.organization.is_some()
            || lock.resources.is_empty()
            || can_see_one_of(client, lock).await;
        is_safe.then_some(organization)
    }
}

/// Returns whether the key sees one of the first simulations of the lockfile.
async fn can_see_one_of(client: &Client, lock: &Lockfile) -> bool {
    const SAMPLE: usize = 3;
    for locked in lock.resources.values().take(SAMPLE) {
        match client.read(locked.id).await {
            Ok(Some(_)) => return true,
            Ok(None) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Returns the error for a failed read without which a command can't continue.
pub(super) fn could_not_ask(error: &ApiError) -> CommandError {
    let is_whole = error.concerns_every_call() || matches!(error, ApiError::Unreachable { .. });
    let shown = if is_whole {
        CommandError::new(error.to_string())
    } else {
        CommandError::new("could not ask the API").caused_by(error.clone())
    };
    match error.help() {
        Some(help) => shown.help(help),
        None => shown,
    }
}
