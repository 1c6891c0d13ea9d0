//! `graph`: prints what refers to what.

use super::project::load_valid;
use super::selection;
use crate::cli::{GlobalArgs, GraphArgs, GraphFormat};
use crate::error::{CommandError, Exit};
use crate::report::{self, Output};
use crate::resource::graph::Graph;

/// Prints the graph of the declared resources, or the part around the targets.
pub(super) fn run(
    global: &GlobalArgs,
    args: &GraphArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let Some(workspace) = load_valid(global, output)? else {
        return Ok(Exit::Failure);
    };
    let whole = Graph::of(&workspace.desired);
    let graph = if args.targets.is_empty() {
        whole
    } else {
        whole.around(&selection::declared(&args.targets, &workspace.desired)?)
    };
    let text = match args.format {
        GraphFormat::Dot => report::graph::dot(&graph),
        GraphFormat::Mermaid => report::graph::mermaid(&graph),
        GraphFormat::Json => report::graph::json(&graph),
    };
    output.result(&text);
    Ok(Exit::Success)
}
