//! Chooses the environment by `BLUEJAY_ENV`, if the command line chooses no environment.

use std::env::VarError;

use super::load::ENVIRONMENT_VARIABLE;
use crate::cli::{Cli, Command};
use crate::error::CommandError;
use crate::report::suggestion;

/// Takes the environment from the variable. CI sets variables without a value to the empty
/// text, so an empty variable counts as unset. `init` ignores the variable: its `--env`
/// names environments to write.
pub(super) fn inherit(cli: &mut Cli) -> Result<(), CommandError> {
    let global = &mut cli.global;
    if global.env.is_some() || matches!(cli.command, Command::Init(_)) {
        return Ok(());
    }
    global.env = of_variable()?;
    if global.env.is_some() {
        global.is_env_inherited = true;
        suggestion::repeat(global);
    }
    Ok(())
}

/// Returns the name in the variable; `None` if the variable is unset or empty.
pub(super) fn of_variable() -> Result<Option<String>, CommandError> {
    match std::env::var(ENVIRONMENT_VARIABLE) {
        Ok(name) => Ok(Some(name).filter(|name| !name.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            let message = format!("the value of `{ENVIRONMENT_VARIABLE}` is not UTF-8");
            Err(CommandError::new(message).help("set it to the name of an environment"))
        }
    }
}
