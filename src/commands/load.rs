//! What every command begins with: the project file and all simulations, checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::api::ApiError;
use crate::api::wire::PathStep;
use crate::diagnostic::{self, Diagnostic, Place, SourceFile};
use crate::error::CommandError;
use crate::spec::assemble::assemble;
use crate::spec::declare::{self, Declarations, Input};
use crate::spec::desired::{DesiredState, Source};
use crate::spec::locate::Located;
use crate::spec::path::{Path as FieldPath, Step};
use crate::spec::project::Safety;
use crate::spec::remote::Request;
use crate::spec::settings::{self, Choice, Settings};
use crate::spec::vars;
use crate::store::discover::{self, Candidate};

/// The name of the project file.
pub const PROJECT_FILE: &str = "bluejay.yaml";

/// What to load.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The folder that everything is relative to; empty for the current one.
    pub directory: PathBuf,
    /// The project file, if it has another name than `bluejay.yaml`.
    pub config: Option<PathBuf>,
    /// The environment to choose.
    pub environment: Option<String>,
    /// Vars of the command line, in order.
    pub vars: Vec<(String, String)>,
    /// Vars of the environment: what follows `BLUEJAY_VAR_`, and its value.
    pub environment_vars: BTreeMap<String, String>,
}

/// The project with its paths resolved.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The project file, if there is one.
    pub file: Option<Arc<SourceFile>>,
    /// The folder with the simulations.
    pub simulations: PathBuf,
    /// The lockfile of the chosen environment.
    pub lockfile: PathBuf,
    /// The lockfile without any environment; the others are named after it.
    pub base_lockfile: PathBuf,
    /// The address of the API, if the project file has one.
    pub api_url: Option<String>,
    /// Bounds that an apply may not cross.
    pub safety: Safety,
    /// Whether the chosen environment is protected from deletes and replaces.
    pub is_protected: bool,
}

/// Everything that was loaded.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The project.
    pub project: Project,
    /// What the files declare; complete only without errors.
    pub desired: DesiredState,
    /// Everything that is wrong, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// How many files of simulations there are.
    pub file_count: usize,
    /// The names of these files, sorted.
    pub file_names: Vec<String>,
    /// Their texts, sorted by name.
    sources: Vec<Arc<SourceFile>>,
}

/// Loads and checks everything. Mistakes in files are diagnostics; an error is
/// only what keeps them from being looked for.
pub fn load(options: &LoadOptions) -> Result<Workspace, CommandError> {
    let file = project_file(options)?;
    let (file, mut diagnostics) = match file {
        Some(Ok(file)) => (Some(file), Vec::new()),
        Some(Err(diagnostic)) => (None, vec![*diagnostic]),
        None => (None, Vec::new()),
    };
    let mut settings = settle(file.as_ref(), options)?;
    diagnostics.append(&mut settings.1);
    let mut settings = settings.0;
    if !diagnostics.is_empty() && file.is_none() {
        settings.vars = vars::Vars::incomplete();
    }
    let project = resolve(options, file, &settings);
    let (files, mut problems) = find(options, &project, &settings);
    diagnostics.append(&mut problems);
    let (declarations, sources): (Vec<Declarations>, Vec<Option<Arc<SourceFile>>>) = files
        .par_iter()
        .map(|candidate| read(candidate, &settings))
        .unzip();
    let (desired, problems) = assemble(declarations, &settings, diagnostics);
    Ok(Workspace {
        project,
        desired,
        diagnostics: problems,
        file_count: files.len(),
        file_names: files.into_iter().map(|file| file.name).collect(),
        sources: sources.into_iter().flatten().collect(),
    })
}

type ReadFile = Result<Arc<SourceFile>, Box<Diagnostic>>;

fn project_file(options: &LoadOptions) -> Result<Option<ReadFile>, CommandError> {
    let path = options.project_path();
    let name = options.shown(&path);
    if discover::exists(&path) {
        return Ok(Some(discover::read(&path, &name)));
    }
    match &options.config {
        None => Ok(None),
        Some(_) => Err(
            CommandError::new(format!("the project file `{name}` does not exist"))
                .help("check the path given with `--config`"),
        ),
    }
}

fn settle(
    file: Option<&Arc<SourceFile>>,
    options: &LoadOptions,
) -> Result<(Settings, Vec<Diagnostic>), CommandError> {
    for (name, _) in &options.vars {
        if !vars::is_name(name) {
            return Err(CommandError::new(format!("`{name}` can't name a variable"))
                .help("use letters, digits, `_` and `-`, and begin with a letter"));
        }
    }
    let choice = Choice {
        environment: options.environment.clone(),
        environment_vars: options.environment_vars.clone(),
        vars: options.vars.clone(),
    };
    settings::settle(file, &choice).map_err(|unknown| {
        CommandError::new(format!("unknown environment `{}`", unknown.name)).help(unknown.help())
    })
}

fn resolve(options: &LoadOptions, file: Option<Arc<SourceFile>>, settings: &Settings) -> Project {
    let written = &settings.file;
    let path = options.project_path();
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let base_lockfile = folder.join(written.lockfile.as_deref().unwrap_or("bluejay.lock"));
    let mut project = Project {
        file,
        simulations: folder.join(written.simulations.as_deref().unwrap_or("simulations")),
        lockfile: base_lockfile.clone(),
        base_lockfile,
        api_url: settings
            .environment
            .api_url
            .clone()
            .or_else(|| written.api_url.clone()),
        safety: written.safety.clone().unwrap_or_default(),
        is_protected: settings.environment.protect.unwrap_or(false),
    };
    if let Some(name) = &options.environment {
        project.lockfile = project.lockfile_of(name);
    }
    project
}

impl Project {
    /// The lockfile of an environment: `bluejay.NAME.lock` beside `bluejay.lock`.
    #[must_use]
    pub fn lockfile_of(&self, environment: &str) -> PathBuf {
        let base = &self.base_lockfile;
        let stem = base.file_stem().unwrap_or_default().to_string_lossy();
        let name = match base.extension() {
            Some(ending) => format!("{stem}.{environment}.{}", ending.to_string_lossy()),
            None => format!("{stem}.{environment}"),
        };
        base.with_file_name(name)
    }
}

fn find(
    options: &LoadOptions,
    project: &Project,
    settings: &Settings,
) -> (Vec<Candidate>, Vec<Diagnostic>) {
    let name = options.shown(&project.simulations);
    if !discover::exists(&project.simulations) {
        return (Vec::new(), vec![missing_folder(&name, settings)]);
    }
    let project_path = options.project_path();
    let mut found = discover::discover(&project.simulations, &name);
    found.files.retain(|file| file.path != project_path);
    if found.files.is_empty() && found.diagnostics.is_empty() {
        let place = Place::file(&SourceFile::unreadable(name.as_str()));
        found.diagnostics.push(Diagnostic::warning(
            "no-simulations",
            place,
            format!("no `*.yaml` or `*.yml` file below `{name}`"),
        ));
    }
    (found.files, found.diagnostics)
}

fn missing_folder(name: &str, settings: &Settings) -> Diagnostic {
    let written = settings.located.as_ref().and_then(|located| {
        let found = located.find(0, &FieldPath::from(["simulations"]))?;
        (found.depth == 1).then(|| Located::place(located, found.value))
    });
    let place = written.unwrap_or_else(|| Place::file(&SourceFile::unreadable(name)));
    Diagnostic::error(
        "missing-folder",
        place,
        format!("the simulations folder `{name}` does not exist"),
    )
    .help(
        "create it, name another one with `simulations:` in bluejay.yaml, or run `bluejayctl init`",
    )
}

fn read(candidate: &Candidate, settings: &Settings) -> (Declarations, Option<Arc<SourceFile>>) {
    match discover::read(&candidate.path, &candidate.name) {
        Ok(file) => {
            let input = Input {
                file: Arc::clone(&file),
                default_key: candidate.default_key.as_str().into(),
            };
            (declare::declare(&input, settings), Some(file))
        }
        Err(diagnostic) => {
            let diagnostics = vec![*diagnostic];
            (
                Declarations {
                    diagnostics,
                    ..Declarations::default()
                },
                None,
            )
        }
    }
}

impl LoadOptions {
    /// Where the project file is, or would be.
    #[must_use]
    pub fn project_path(&self) -> PathBuf {
        let name = self
            .config
            .as_deref()
            .unwrap_or_else(|| Path::new(PROJECT_FILE));
        self.directory.join(name)
    }

    /// A path as it is shown: below the folder that everything is relative to,
    /// with forward slashes.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.directory).unwrap_or(path);
        let parts = below
            .components()
            .filter(|part| *part != std::path::Component::CurDir);
        let shown: PathBuf = parts.collect();
        if shown.as_os_str().is_empty() {
            return ".".to_owned();
        }
        shown.to_string_lossy().replace('\\', "/")
    }
}

impl Workspace {
    /// Whether nothing may be sent.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }

    /// A loaded file by its name as shown.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&Arc<SourceFile>> {
        let at = self
            .sources
            .binary_search_by(|file| file.name.as_str().cmp(name));
        at.ok().map(|at| &self.sources[at])
    }

    /// What the API said about a simulation, at the values that it is about or
    /// else at the simulation. Nothing for errors that are not about one, such
    /// as a broken connection.
    #[must_use]
    pub fn remote_diagnostics(&self, error: &ApiError, source: &Source) -> Vec<Diagnostic> {
        let unknown = SourceFile::unreadable(&*source.file);
        let request = Request {
            file: self.file(&source.file).unwrap_or(&unknown),
            document: source.document,
            project: self.project.file.as_ref(),
        };
        match error {
            ApiError::Refused { fields, .. } if !fields.is_empty() => fields
                .iter()
                .map(|field| request.refused(&field_path(&field.path), &field.message))
                .collect(),
            ApiError::Refused { .. }
            | ApiError::Forbidden { .. }
            | ApiError::NotFound { .. }
            | ApiError::Unsupported { .. } => vec![request.failed(&error.to_string())],
            _ => Vec::new(),
        }
    }
}

fn field_path(steps: &[PathStep]) -> FieldPath {
    FieldPath(
        steps
            .iter()
            .map(|step| match step {
                PathStep::Field(name) => Step::Field(name.clone()),
                PathStep::Index(index) => Step::Index(*index),
            })
            .collect(),
    )
}
