//! `sandbox`: the API emulator alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use super::signals::Signals;
use crate::cli::{GlobalArgs, SandboxArgs};
use crate::error::{CommandError, Exit};
use crate::report::Output;
use crate::sandbox::{Faults, SandboxOptions, start};
use crate::store::writable::WritablePath;

/// Serves until a signal arrives.
pub(super) async fn run(
    global: &GlobalArgs,
    args: &SandboxArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let faults = faults(global, args)?;
    let options = SandboxOptions {
        data: args
            .data
            .as_deref()
            .map(|path| WritablePath::named(&global.path(path))),
        faults,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)),
        ..SandboxOptions::default()
    };
    let signals = Signals::of_reader();
    let sandbox = start(options).await.map_err(|error| {
        CommandError::new(format!("could not serve on port {}", args.port)).caused_by(error)
    })?;
    let url = sandbox.url();
    output.result(&format!("{url}\n"));
    output.note(format!(
        "point a command at it: `BLUEJAY_API_KEY=any bluejayctl apply --api-url {url}`"
    ));
    signals.stopped().await;
    sandbox.shutdown().await.map_err(|error| {
        CommandError::new("the sandbox could not write its data").caused_by(error)
    })?;
    Ok(Exit::Success)
}

/// Returns the faults of the file, then the faults of the command line.
fn faults(global: &GlobalArgs, args: &SandboxArgs) -> Result<Faults, CommandError> {
    let mut faults = match &args.faults_file {
        Some(path) => read_faults(&global.path(path))?,
        None => Faults::default(),
    };
    faults.rules.extend(args.faults.iter().cloned());
    Ok(faults)
}

fn read_faults(path: &Path) -> Result<Faults, CommandError> {
    let wrong = || CommandError::new(format!("could not use the faults in `{}`", path.display()));
    let text = crate::store::read_text(path)?;
    let json = serde_json::from_str(&text).map_err(|error| wrong().caused_by(error))?;
    Faults::from_json(json).map_err(|error| wrong().caused_by(error))
}
