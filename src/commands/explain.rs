//! `explain`: explains a kind or a field, from the tables of fields.

use crate::cli::{ExplainArgs, ExplainFormat};
use crate::error::{CommandError, Exit};
use crate::report::{Output, explain};
use crate::spec::lookup::{self, Found};

/// Explains a kind or a field, or lists the kinds.
pub(super) fn run(args: &ExplainArgs, output: &mut Output) -> Result<Exit, CommandError> {
    let found = args.name.as_deref().map(find).transpose()?;
    match args.format {
        ExplainFormat::Human => {
            let text = explain::human(found.as_ref(), output.layout());
            output.human(&text);
        }
        ExplainFormat::Json => output.result(&explain::json(found.as_ref())),
    }
    Ok(Exit::Success)
}

fn find(name: &str) -> Result<Found, CommandError> {
    lookup::find(name)
        .map_err(|help| CommandError::new(format!("there is no kind or field `{name}`")).help(help))
}
