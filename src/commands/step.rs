//! The summary and the outputs of the current step of GitHub Actions.

use std::path::{Path, PathBuf};

use crate::cli::GlobalArgs;
use crate::report::Output;
use crate::report::markdown::Marker;
use crate::store::writable::WritablePath;
use crate::store::{self, StoreError};

/// The largest summary of a step, in bytes. GitHub refuses a summary of more than 1 MiB.
const SUMMARY_LIMIT: usize = 900 * 1024;

/// The least room for a summary, in bytes.
const SUMMARY_LEAST: usize = 8 * 1024;

/// The current step: the files that GitHub Actions reads after the step.
pub(super) struct Step {
    summary: Option<PathBuf>,
    outputs: Option<PathBuf>,
}

impl Step {
    /// Returns the current step; `None` outside GitHub Actions.
    pub fn current() -> Option<Self> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        (variable("GITHUB_ACTIONS")? == "true").then(|| Self {
            summary: variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            outputs: variable("GITHUB_OUTPUT").map(PathBuf::from),
        })
    }

    /// Appends Markdown to the summary. `render` gets the room in bytes. A failure is a
    /// warning, because the work itself is done.
    pub fn summarize(&self, output: &Output, render: impl FnOnce(usize) -> String) {
        let Some(path) = &self.summary else { return };
        let append = || -> Result<bool, StoreError> {
            let taken = usize::try_from(store::size(path)?).unwrap_or(usize::MAX);
            let room = SUMMARY_LIMIT.saturating_sub(taken).saturating_sub(1);
            if room < SUMMARY_LEAST {
                return Ok(false);
            }
            WritablePath::named(path).append(&format!("{}\n", render(room)))?;
            Ok(true)
        };
        match append() {
            Ok(true) => {}
            Ok(false) => output.warn("the summary of this step is full, so nothing was added"),
            Err(error) => output.warn(format!(
                "could not add to the summary of this step: \
                 {error}"
            )),
        }
    }

    /// Sets outputs. A failure is a warning.
    pub fn set(&self, output: &Output, text: &str) {
        let Some(path) = &self.outputs else { return };
        if let Err(error) = WritablePath::named(path).append(text) {
            output.warn(format!("could not set the outputs of this step: {error}"));
        }
    }
}

/// Returns the marker of the plan's comment: one comment per lockfile.
pub(super) fn marker(global: &GlobalArgs) -> Marker {
    let name = match (&global.env, global.sandbox) {
        (None, false) => None,
        (None, true) => Some("sandbox".to_owned()),
        (Some(name), false) => Some(name.clone()),
        (Some(name), true) => Some(format!("{name}.sandbox")),
    };
    Marker::plan(name.as_deref())
}

/// Returns the path of the project from the root of its git repository, with a slash at
/// the end; empty at the root. Without git, the path starts at the workspace of GitHub
/// Actions.
///
/// A checkout may be a folder of the workspace. Annotations name files from the root of
/// the checkout.
pub(super) fn folder(global: &GlobalArgs) -> String {
    let here = store::canonical(&global.path(Path::new(".")));
    let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let workspace = workspace.filter(|workspace| workspace.is_absolute());
    let workspace = workspace.map(|workspace| store::canonical(&workspace));
    let checkout = store::repository_top(&here);
    // The job did not check out a repository that contains the workspace.
    let is_checked_out = |top: &PathBuf| workspace.as_ref().is_none_or(|all| top.starts_with(all));
    let Some(top) = checkout.filter(is_checked_out).or(workspace.clone()) else {
        return String::new();
    };
    let below = here.strip_prefix(top).ok();
    let parts = below.into_iter().flat_map(Path::components);
    parts
        .map(|part| format!("{}/", part.as_os_str().to_string_lossy()))
        .collect()
}
