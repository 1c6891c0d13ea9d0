//! `validate`: reports all mistakes of all files, without the network.

mod environments;

use std::path::{Component, Path, PathBuf};

pub(super) use environments::needs_environment;
use environments::{Checked, load_all, take_diagnostics};

use super::load::{LoadOptions, Workspace, load};
use super::project::load_options;
use super::skip_drop;
use super::step;
use crate::cli::{GlobalArgs, ValidateArgs, ValidateFormat};
use crate::diagnostic::{self, Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::error::{CommandError, Exit};
use crate::report::{
    Output, diagnostics, diagnostics_json, diagnostics_junit, diagnostics_sarif, github, gitlab,
};
use crate::resource::Kind;
use crate::store;
use crate::store::writable::WritablePath;
use crate::suggestion::counted;

/// Loads all files, and reports the mistakes in the chosen paths, or in all files without
/// chosen paths. All files are loaded, because some mistakes involve two files.
pub(super) fn run(
    global: &GlobalArgs,
    args: &ValidateArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let options = load_options(global);
    let mut checked = if args.all_envs {
        refuse_one_environment(global)?;
        load_all(&options, load_anyway)
    } else {
        let environment = None;
        let workspace = load_anyway(&options);
        vec![Checked {
            environment,
            workspace,
        }]
    };
    if !args.paths.is_empty() {
        for one in &mut checked {
            narrow(&options, &mut one.workspace, &args.paths);
        }
    }
    let mut found = take_diagnostics(&mut checked);
    diagnostic::sort(&mut found);
    let found = &found[..];
    if let Some(path) = &args.json_into {
        let path = WritablePath::named(&options.directory.join(path));
        path.write(&diagnostics_json::text(found))?;
    }
    match args.format {
        ValidateFormat::Human => human(&checked, found, output),
        ValidateFormat::Json => output.result(&diagnostics_json::text(found)),
        ValidateFormat::Github => {
            output.result(&github::diagnostics(found, &step::folder(global)));
        }
        ValidateFormat::Sarif => {
            output.result(&diagnostics_sarif::text(found, &step::folder(global)));
            if let Some(cut) = diagnostics_sarif::cut(found) {
                output.note(cut);
            }
        }
        ValidateFormat::Gitlab => {
            output.result(&gitlab::code_quality(found, &step::folder(global)));
        }
        ValidateFormat::Junit => {
            let names = checked.first().map(|one| &one.workspace.file_names[..]);
            output.result(&diagnostics_junit::text(names.unwrap_or_default(), found));
        }
    }
    let has_errors = diagnostic::has_errors(found);
    skip_drop(checked);
    Ok(if has_errors {
        Exit::Failure
    } else {
        Exit::Success
    })
}

/// Returns an error if `--all-envs` stands beside one environment.
fn refuse_one_environment(global: &GlobalArgs) -> Result<(), CommandError> {
    if global.env.is_none() || global.is_env_inherited {
        return Ok(());
    }
    let error = CommandError::new("`--all-envs` and `--env` exclude each other");
    Err(error.help("leave `--env` out to check every environment"))
}

/// Writes mistakes to stderr, and the summary of valid files to stdout.
fn human(checked: &[Checked], found: &[Diagnostic], output: &mut Output) {
    let is_valid = !diagnostic::has_errors(found);
    if !(is_valid && output.is_quiet) {
        diagnostics::show(found, output);
    }
    for one in checked.iter().filter(|_| is_valid) {
        let resources = counts(&one.workspace);
        let files = counted(one.workspace.file_count, "file");
        let place = match &one.environment {
            Some(name) => format!("valid in {name}"),
            None => "valid".to_owned(),
        };
        let left_out = left_out(one);
        output.lines(&format!("{place}: {resources} in {files}{left_out}\n"));
    }
}

/// Returns how many documents are left out: `; the environment leaves out 2 documents`.
fn left_out(checked: &Checked) -> String {
    let documents = match checked.workspace.desired.left_out_files.len() {
        0 => return String::new(),
        count => counted(count, "document"),
    };
    match checked.workspace.settings.environment_name {
        Some(_) => format!("; the environment leaves out {documents}"),
        None => format!("; {documents} left out without an environment"),
    }
}

/// Returns the number of resources of each kind that is declared, or of simulations if
/// nothing is declared: `3 simulations, 12 digital humans`.
fn counts(workspace: &Workspace) -> String {
    let keys = || workspace.desired.resources.keys();
    let mut counts = Vec::new();
    for kind in Kind::ALL {
        let count = keys().filter(|key| key.kind() == kind).count();
        if count > 0 || (kind == Kind::Simulation && keys().next().is_none()) {
            counts.push(counted(count, kind.noun()));
        }
    }
    counts.join(", ")
}

/// Loads the workspace. A mistake on the command line becomes a diagnostic, so every
/// format reports it. An unknown environment does not hide other mistakes.
fn load_anyway(options: &LoadOptions) -> Workspace {
    let error = match load(options) {
        Ok(workspace) => return workspace,
        Err(error) => error,
    };
    let without = LoadOptions {
        environment: None,
        ..options.clone()
    };
    let mut workspace = load(&without).unwrap_or_default();
    // Unknown variables may belong to the unknown environment.
    let is_unknown = |found: &Diagnostic| {
        matches!(
            found.code,
            DiagnosticCode::UnknownVariable | DiagnosticCode::EnvironmentNotChosen
        )
    };
    workspace.diagnostics.retain(|found| !is_unknown(found));
    let project = options.shown(&options.project_path());
    workspace.diagnostics.push(misused(&project, &error));
    workspace
}

/// Returns the diagnostic for a mistake on the command line, at the file that the mistake
/// concerns.
fn misused(name: &str, error: &CommandError) -> Diagnostic {
    let place = Place::file(&SourceFile::unreadable(name));
    let mut diagnostic = Diagnostic::error(DiagnosticCode::CommandLine, place, error.to_string());
    for help in error.ways_out() {
        diagnostic = diagnostic.help(help);
    }
    diagnostic
}

/// Returns a chosen path for messages. Returns an error if the path does not exist.
fn chosen(options: &LoadOptions, path: &Path) -> Result<String, CommandError> {
    let full = options.directory.join(path);
    if store::exists(&full) {
        return Ok(options.shown(&below(&options.directory, &plain(&full))));
    }
    let name = path.display();
    Err(CommandError::new(format!("`{name}` does not exist"))
        .help("paths are relative to the folder given with `-C`, or else to the current one"))
}

/// Returns a path relative to the folder of all paths.
fn below(directory: &Path, path: &Path) -> PathBuf {
    if path.is_relative() {
        return path.to_owned();
    }
    let written = std::path::absolute(directory).unwrap_or_default();
    let found = path.strip_prefix(plain(&written)).map(Path::to_owned);
    let real = || {
        let path = store::canonical(path);
        let below = path.strip_prefix(store::canonical(directory));
        below.map(Path::to_owned).ok()
    };
    found
        .ok()
        .or_else(real)
        .map_or_else(|| path.to_owned(), |below| directory.join(below))
}

/// Returns a path without `.` and `..`.
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

/// Keeps the diagnostics of the chosen paths, of the project file and of the command
/// line.
fn narrow(options: &LoadOptions, workspace: &mut Workspace, paths: &[PathBuf]) {
    let project = options.shown(&options.project_path());
    let mut wrong = Vec::new();
    let mut chosen = Vec::new();
    for path in paths {
        let found = self::chosen(options, path);
        let found = found.and_then(|path| {
            check_is_below(options, workspace, &path)?;
            check_holds_simulations(options, workspace, &path)?;
            Ok(path)
        });
        match found {
            Ok(path) => chosen.push(path),
            Err(error) => wrong.push(misused(&path.to_string_lossy(), &error)),
        }
    }
    let is_chosen = |name: &str| chosen.iter().any(|path| is_below(name, path));
    workspace.diagnostics.retain(|diagnostic| {
        let related = diagnostic.related.iter().map(|related| &related.place);
        let mut places = std::iter::once(&diagnostic.place).chain(related);
        diagnostic.place.file.name == project || places.any(|place| is_chosen(&place.file.name))
    });
    workspace.file_names.retain(|name| is_chosen(name));
    workspace.file_count = workspace.file_names.len();
    let resources = &mut workspace.desired.resources;
    resources.retain(|_, resource| is_chosen(&resource.source.file));
    let left_out = &mut workspace.desired.left_out_files;
    left_out.retain(|file| is_chosen(file));
    workspace.diagnostics.append(&mut wrong);
}

/// Returns an error if a chosen path is outside the simulations folder.
fn check_is_below(
    options: &LoadOptions,
    workspace: &Workspace,
    path: &str,
) -> Result<(), CommandError> {
    let project = options.shown(&options.project_path());
    let folder = options.shown(&workspace.project.simulations);
    if is_below(path, &folder) || is_below(&folder, path) || path == project {
        return Ok(());
    }
    let message = format!("`{path}` is not below the simulations folder `{folder}`");
    Err(CommandError::new(message)
        .help("move the file there, or name its folder with `simulations:` in bluejay.yaml"))
}

/// Returns an error if a chosen path contains no simulation: `validate` would check
/// nothing.
fn check_holds_simulations(
    options: &LoadOptions,
    workspace: &Workspace,
    path: &str,
) -> Result<(), CommandError> {
    let is_project = |name: &str| name == options.shown(&options.project_path());
    let diagnosed = workspace.diagnostics.iter().map(|it| &it.place.file.name);
    let mut names = workspace.file_names.iter().chain(diagnosed);
    if is_project(path) || names.any(|name| is_below(name, path)) {
        return Ok(());
    }
    let folder = options.shown(&workspace.project.simulations);
    // A folder without simulations already has a diagnostic.
    if is_below(&folder, path) {
        return Ok(());
    }
    let message = if store::is_folder(&options.directory.join(path)) {
        format!("there is no simulation file below `{path}`")
    } else {
        format!("`{path}` is no simulation file of the project")
    };
    Err(CommandError::new(message).help(format!(
        "simulations are the `*.yaml` and `*.yml` files below `{folder}`, except hidden files"
    )))
}

fn is_below(name: &str, path: &str) -> bool {
    let rest = name.strip_prefix(path.trim_end_matches('/'));
    path == "." || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
