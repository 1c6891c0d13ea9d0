//! The loaded project: the paths, the desired state, the files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::ApiError;
use crate::api::PathStep;
use crate::apply::Failure;
use crate::diagnostic::{self, Diagnostic, Place, SourceFile};
use crate::lock;
use crate::pace::Rate;
use crate::plan::Change;
use crate::resource::desired::{DesiredState, Source};
use crate::spec::command_settings::CommandSettings;
use crate::spec::path::{Path, Step};
use crate::spec::project::Safety;
use crate::spec::remote::RefusedDocument;
use crate::spec::settings::Settings;
use crate::store::bounds::Bounds;
use crate::store::discover::Candidate;
use crate::store::source;

/// The project with its paths resolved.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The project file, if there is one.
    pub file: Option<Arc<SourceFile>>,
    /// The folder with the simulations.
    pub simulations: PathBuf,
    /// The lockfile of the chosen environment.
    pub lockfile: PathBuf,
    /// The lockfile without an environment. The names of other lockfiles derive from this
    /// name.
    pub base_lockfile: PathBuf,
    /// The folders in which files may be written and into which links may lead.
    pub bounds: Bounds,
    /// The address of the API, if the project file names one.
    pub api_url: Option<String>,
    /// The request budget, if the project file has one.
    pub rate: Option<Rate>,
    /// The defaults of options of the command line.
    pub settings: CommandSettings,
    /// The safety limits of an apply.
    pub safety: Safety,
    /// Whether the chosen environment is protected from deletes and replaces.
    pub is_protected: bool,
}

/// The loaded project and its resources.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The project.
    pub project: Project,
    /// The desired state; complete only if there are no errors.
    pub desired: DesiredState,
    /// All diagnostics, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of simulation files.
    pub file_count: usize,
    /// The names of these files, sorted.
    pub file_names: Vec<String>,
    /// The variables that are given outside of the project file and that a file names, with
    /// their values.
    pub(super) variables: BTreeMap<String, String>,
    /// The settings of the project file for simulations.
    pub(super) settings: Settings,
    /// The simulation files, sorted by name.
    pub(super) files: Vec<Candidate>,
}

/// The largest number of diagnostics for one refused resource.
const MAX_TOLD: usize = 20;

impl Project {
    /// Returns the lockfile of an environment: `bluejay.NAME.lock` beside `bluejay.lock`.
    #[must_use]
    pub fn lockfile_of(&self, environment: &str) -> PathBuf {
        lockfile_for(&self.base_lockfile, environment)
    }
}

/// Returns the lockfile `NAME.part.lock` beside `NAME.lock`.
pub(super) fn lockfile_for(base: &std::path::Path, part: &str) -> PathBuf {
    let name = base.file_name().unwrap_or_default().to_string_lossy();
    base.with_file_name(lock::file_name_for(&name, part))
}

impl Workspace {
    /// Returns whether a diagnostic is an error. No request may then be sent.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }

    /// Returns the first error.
    pub(super) fn first_error(&self) -> Option<&Diagnostic> {
        self.diagnostics.iter().find(|found| found.is_error())
    }

    /// Reads a file again, by its shown name. Few files are needed again, so their texts
    /// are not kept in memory.
    fn file(&self, name: &str) -> Option<Arc<SourceFile>> {
        let file = self.candidate(name)?;
        source::read(&file.path, &file.name).ok()
    }

    /// Returns a simulation file, by its shown name.
    pub(super) fn candidate(&self, name: &str) -> Option<&Candidate> {
        let files = &self.files;
        let at = files.binary_search_by(|file| file.name.as_str().cmp(name));
        at.ok().map(|at| &files[at])
    }

    /// Returns the place of the first changed value: in the file of the resource, or in
    /// the project file for a default. Returns `None` if no field changes.
    #[must_use]
    pub fn place_of(&self, change: &Change) -> Option<Place> {
        let (source, field) = (change.source.as_ref()?, change.fields.first()?);
        let file = self.file(&source.file)?;
        let request = RefusedDocument {
            file: &file,
            document: source.document,
            project: self.project.file.as_ref(),
            environment: self.settings.environment_name.as_deref(),
        };
        Some(or_line(request.place(&dotted(&field.path)), source))
    }

    /// Returns the place of a value: in the file of the resource, or in the project file for
    /// a default.
    #[must_use]
    pub(super) fn place_in(&self, source: &Source, path: &Path) -> Place {
        let file = self.file(&source.file);
        let document = RefusedDocument {
            file: &file.unwrap_or_else(|| SourceFile::unreadable(&*source.file)),
            document: source.document,
            project: self.project.file.as_ref(),
            environment: self.settings.environment_name.as_deref(),
        };
        or_line(document.place(path), source)
    }

    /// Returns the diagnostics for a failure of the API, at the values that the answer
    /// concerns, or else at the resource. Empty for failures that concern no
    /// resource, such as a broken connection.
    #[must_use]
    pub fn remote_diagnostics(&self, failure: &Failure, source: &Source) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics_of(failure, source);
        for diagnostic in &mut diagnostics {
            diagnostic.place = or_line(diagnostic.place.clone(), source);
        }
        diagnostics
    }

    fn diagnostics_of(&self, failure: &Failure, source: &Source) -> Vec<Diagnostic> {
        let file = self.file(&source.file);
        let request = RefusedDocument {
            file: &file.unwrap_or_else(|| SourceFile::unreadable(&*source.file)),
            document: source.document,
            project: self.project.file.as_ref(),
            environment: self.settings.environment_name.as_deref(),
        };
        let error = match failure {
            Failure::Api(error) => error,
            Failure::Retained(fields) => {
                let kept = fields.iter();
                return kept
                    .map(|field| request.kept(&dotted(&field.path), &field.to_string()))
                    .collect();
            }
            _ => return Vec::new(),
        };
        match error {
            ApiError::Refused { fields, .. } if !fields.is_empty() => {
                let told = fields.iter().take(MAX_TOLD);
                let mut told: Vec<_> = told
                    .map(|field| request.refused(&field_path(&field.path), &field.message))
                    .collect();
                diagnostic::sort(&mut told);
                if let Some(last) = told.pop_if(|_| fields.len() > MAX_TOLD) {
                    let more = fields.len() - MAX_TOLD;
                    told.push(last.help(format!("and {more} more that the API says about it")));
                }
                told
            }
            ApiError::Refused { .. }
            | ApiError::Forbidden { .. }
            | ApiError::NotFound { .. }
            | ApiError::Unsupported { .. } => vec![request.failed(&error.to_string())],
            _ => Vec::new(),
        }
    }
}

/// Returns a place; the line that declared the resource if the file does not have the resource
/// any more. A file is read again after a failure, and may have been edited meanwhile.
fn or_line(place: Place, source: &Source) -> Place {
    match place.span {
        Some(_) => place,
        None => Place::line(&source.file, source.line),
    }
}

/// Returns the path of a field in the form of plans: `digital_humans_settings.num_runs`.
pub(super) fn dotted(path: &str) -> Path {
    let steps = path.split('.');
    Path(steps.map(|step| Step::Field(step.to_owned())).collect())
}

fn field_path(steps: &[PathStep]) -> Path {
    Path(
        steps
            .iter()
            .map(|step| match step {
                PathStep::Field(name) => Step::Field(name.clone()),
                PathStep::Index(index) => Step::Index(*index),
            })
            .collect(),
    )
}
