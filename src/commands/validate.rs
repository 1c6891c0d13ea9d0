//! STUB
use crate::cli::{GlobalArgs, ValidateArgs};
use crate::error::{CommandError, Exit};
use crate::report::Output;
pub fn run(_: &GlobalArgs, _: &ValidateArgs, _: &mut Output) -> Result<Exit, CommandError> {
    Ok(Exit::Success)
}
