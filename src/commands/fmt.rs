//! `fmt`: writes the files in the canonical order and layout.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::load::{LoadOptions, Workspace, load};
use super::project::load_options;
use crate::cli::{FmtArgs, GlobalArgs};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::error::{CommandError, Exit};
use crate::report::{Output, diagnostics, formatting};
use crate::spec::fmt::{FileRole, Unformatted, format};
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError, discover, source};

/// A file to format.
struct Target {
    name: String,
    path: PathBuf,
    role: FileRole,
}

/// The result of formatting one file.
enum Outcome {
    Unchanged,
    Changed {
        file: Arc<SourceFile>,
        text: String,
    },
    Invalid(Box<Diagnostic>),
    /// The file can't be formatted, for this reason.
    Refused(Box<dyn Error + Send + Sync>),
}

/// Formats the files, or compares them with their canonical form.
pub(super) fn run(
    global: &GlobalArgs,
    args: &FmtArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let options = load_options(global);
    let workspace = load(&options)?;
    let mut targets = targets(&options, &workspace, &args.paths)?;
    // Links and paths may name a file twice, which is written once.
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(store::canonical(&target.path)));
    let outcomes: Vec<Outcome> = targets
        .par_iter()
        .map(|target| outcome(target, &workspace))
        .collect();
    let is_dry = args.check || args.diff;
    let (mut changed, mut unchanged) = (0, 0);
    let mut invalid = Vec::new();
    let mut has_failed = false;
    for (target, outcome) in targets.iter().zip(outcomes) {
        let outcome = match outcome {
            Outcome::Changed { file, text } if !is_dry => written(target, file, text, &workspace),
            outcome => outcome,
        };
        match outcome {
            Outcome::Unchanged => unchanged += 1,
            Outcome::Changed { file, text } => {
                changed += 1;
                show(target, &file, &text, args, output);
            }
            Outcome::Invalid(diagnostic) => invalid.push(*diagnostic),
            Outcome::Refused(reason) => {
                has_failed = true;
                let name = &target.name;
                output.error(
                    &CommandError::new(format!("`{name}` stays as it is")).caused_by(reason),
                );
            }
        }
    }
    diagnostics::show(&invalid, output);
    output.lines(&formatting::sentence(changed, unchanged, is_dry));
    Ok(if has_failed || !invalid.is_empty() {
        Exit::Failure
    } else if is_dry && changed > 0 {
        Exit::Found
    } else {
        Exit::Success
    })
}

fn show(target: &Target, file: &SourceFile, text: &str, args: &FmtArgs, output: &mut Output) {
    if args.diff {
        let before = file.text.as_deref().unwrap_or_default();
        let diff = formatting::diff(&target.name, before, text, output.out_palette);
        output.human(&diff);
    } else {
        let verb = if args.check {
            "not formatted"
        } else {
            "formatted"
        };
        output.lines(&format!("{verb}: {}\n", target.name));
    }
}

fn outcome(target: &Target, workspace: &Workspace) -> Outcome {
    let file = match target.role {
        FileRole::Project => {
            source::read_project(&target.path, &target.name, &workspace.project.bounds)
        }
        FileRole::Documents => source::read(&target.path, &target.name),
    };
    let file = match file {
        Ok(file) => file,
        Err(diagnostic) => return Outcome::Invalid(diagnostic),
    };
    match format(&file, target.role) {
        Ok(text) if Some(text.as_str()) == file.text.as_deref() => Outcome::Unchanged,
        Ok(text) => Outcome::Changed { file, text },
        Err(Unformatted::Invalid(diagnostic)) => Outcome::Invalid(diagnostic),
        Err(Unformatted::Refused(reason)) => Outcome::Refused(reason.into()),
    }
}

/// Writes a formatted file, unless another program has written the file since it was read.
/// Returns what became of the file.
fn written(target: &Target, file: Arc<SourceFile>, text: String, workspace: &Workspace) -> Outcome {
    match write(target, &file, &text, workspace) {
        Ok(true) => Outcome::Changed { file, text },
        Ok(false) => Outcome::Refused("another program has changed the file meanwhile".into()),
        Err(error) => Outcome::Refused(error.into()),
    }
}

/// Replaces the content of a file atomically, if the file has not changed since it was read.
/// The file that a link leads to is written, not the link.
fn write(
    target: &Target,
    file: &SourceFile,
    text: &str,
    workspace: &Workspace,
) -> Result<bool, StoreError> {
    let path = store::canonical(&target.path);
    let path = WritablePath::within(&workspace.project.bounds, &path)?;
    let after = file.with_text(text).content();
    path.replace_unchanged(file.content().as_bytes(), after.as_bytes())
}

/// Returns the files to format: those below the paths, or all files of the project.
fn targets(
    options: &LoadOptions,
    workspace: &Workspace,
    paths: &[PathBuf],
) -> Result<Vec<Target>, CommandError> {
    let project = options.project_path();
    let mut targets = Vec::new();
    if paths.is_empty() {
        if workspace.project.file.is_some() {
            targets.push(target(options, project));
        }
        let files = workspace.files.iter();
        targets.extend(files.map(|file| target(options, file.path.clone())));
        return Ok(targets);
    }
    for path in paths {
        let full = options.directory.join(path);
        if store::is_folder(&full) {
            let name = options.shown(&full);
            let found = discover::discover(&full, &name, &workspace.project.bounds);
            if let Some(diagnostic) = found.diagnostics.into_iter().next() {
                return Err(CommandError::new(diagnostic.summary));
            }
            let files = found.files.into_iter();
            targets.extend(files.map(|file| target(options, file.path)));
        } else if store::exists(&full) {
            targets.push(target(options, full));
        } else {
            return Err(
                CommandError::new(format!("`{}` does not exist", path.display())).help(
                    "paths are relative to the folder given with `-C`, or else to the current one",
                ),
            );
        }
    }
    targets.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(targets)
}

fn target(options: &LoadOptions, path: PathBuf) -> Target {
    let is_project = is_same(&path, &options.project_path());
    Target {
        name: options.shown(&path),
        role: if is_project {
            FileRole::Project
        } else {
            FileRole::Documents
        },
        path,
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || store::canonical(one) == store::canonical(other)
}
