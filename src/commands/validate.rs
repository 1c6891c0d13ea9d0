//! `validate`: everything that is wrong, in one run, without the network.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::load::{LoadOptions, Workspace, load};
use crate::diagnostic::{self, Diagnostic};
use crate::error::{CommandError, Exit};
use crate::report::{diagnostics, diagnostics_json};
use crate::store::discover;

/// How mistakes are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ValidateFormat {
    /// For people, in the style of rustc, on the error output.
    #[default]
    Human,
    /// One JSON object, in the shape of Terraform's.
    Json,
}

/// Loads everything, and reports what is wrong in `paths`, or everywhere
/// without any. All files are loaded in any case: some mistakes are between two.
pub fn run(
    options: &LoadOptions,
    paths: &[PathBuf],
    format: ValidateFormat,
    out: &mut dyn Write,
    err: &mut dyn Write,
    colour: bool,
) -> Result<Exit, CommandError> {
    let chosen = chosen(options, paths)?;
    let mut workspace = load(options)?;
    if !chosen.is_empty() {
        narrow(&mut workspace, &chosen);
    }
    let Workspace { diagnostics, .. } = &workspace;
    let written = match format {
        ValidateFormat::Human => human(&workspace, out, err, colour),
        ValidateFormat::Json => diagnostics_json::write(out, diagnostics),
    };
    written.map_err(|error| CommandError::new("can't write the report").caused_by(error))?;
    Ok(if diagnostic::has_errors(diagnostics) {
        Exit::Failure
    } else {
        Exit::Success
    })
}

fn human(
    workspace: &Workspace,
    out: &mut dyn Write,
    err: &mut dyn Write,
    colour: bool,
) -> std::io::Result<()> {
    diagnostics::write(err, &workspace.diagnostics, colour)?;
    if workspace.has_errors() {
        return Ok(());
    }
    let simulations = diagnostics::number(workspace.desired.simulations.len(), "simulation");
    let files = diagnostics::number(workspace.file_count, "file");
    writeln!(out, "valid: {simulations} in {files}")
}

/// The chosen paths as they are shown, after a look whether they exist.
fn chosen(options: &LoadOptions, paths: &[PathBuf]) -> Result<Vec<String>, CommandError> {
    let shown = paths.iter().map(|path| {
        let full = options.directory.join(path);
        if discover::exists(&full) {
            Ok(options.shown(&plain(&full)))
        } else {
            let name = path.display();
            Err(CommandError::new(format!("`{name}` does not exist")).help(
                "paths are relative to the folder given with `-C`, or else to the current one",
            ))
        }
    });
    shown.collect()
}

/// The path without `.` and with `..` taken back.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn narrow(workspace: &mut Workspace, chosen: &[String]) {
    let is_chosen = |name: &str| chosen.iter().any(|path| is_below(name, path));
    let is_about = |diagnostic: &Diagnostic| {
        let related = diagnostic.related.iter().map(|related| &related.place);
        std::iter::once(&diagnostic.place)
            .chain(related)
            .any(|place| is_chosen(&place.file.name))
    };
    workspace.diagnostics.retain(is_about);
    workspace.file_names.retain(|name| is_chosen(name));
    workspace.file_count = workspace.file_names.len();
    let simulations = &mut workspace.desired.simulations;
    simulations.retain(|_, simulation| is_chosen(&simulation.source.file));
}

fn is_below(name: &str, path: &str) -> bool {
    let rest = name.strip_prefix(path.trim_end_matches('/'));
    path == "." || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
