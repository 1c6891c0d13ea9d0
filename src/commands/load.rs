//! Loads and checks the project file and all simulations. Most commands begin with this
//! step.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::error::CommandError;
use crate::spec::assemble::assemble;
use crate::spec::declarations::{self, FileDeclarations, SimulationFile};
use crate::spec::included_text::{IncludedTexts, included_paths};
use crate::spec::path::Path as FieldPath;
use crate::spec::rules;
use crate::spec::settings::{self, Settings, SettingsOptions};
use crate::spec::source_map::SourceMap;
use crate::spec::vars;
use crate::state::{journal_path, older_journal_path};
use crate::store::bounds::Bounds;
use crate::store::discover::{self, Candidate};
use crate::store::{self, source};
use crate::suggestion::{Message, Suggestion, Verb, quoted};

use super::workspace::lockfile_for;
pub use super::workspace::{Project, Workspace};

/// The name of the project file.
pub const PROJECT_FILE: &str = "bluejay.yaml";

/// The variable of the shell that chooses an environment.
pub const ENVIRONMENT_VARIABLE: &str = "BLUEJAY_ENV";

/// The options of loading.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The folder that all paths are relative to; empty for the current folder.
    pub directory: PathBuf,
    /// The project file, if it has another name than `bluejay.yaml`.
    pub config: Option<PathBuf>,
    /// The environment to choose.
    pub environment: Option<String>,
    /// Whether the choice comes from [`ENVIRONMENT_VARIABLE`].
    pub is_environment_inherited: bool,
    /// The variables of the command line, in order.
    pub vars: Vec<(String, String)>,
    /// The variables of the environment: the name after `BLUEJAY_VAR_`, and the value.
    pub environment_vars: BTreeMap<String, OsString>,
    /// Texts that replace the content of files on the disk, by canonical path.
    pub edited: BTreeMap<PathBuf, Arc<SourceFile>>,
}

/// Loads and checks the project file and all simulations. Mistakes in files are
/// diagnostics. An error means that the files could not be checked.
pub fn load(options: &LoadOptions) -> Result<Workspace, CommandError> {
    let (workspace, ()) = load_beside(options, |_| ())?;
    Ok(workspace)
}

/// Loads like [`load`], and reads recorded state concurrently: `open` reads the state
/// once the project is known.
pub fn load_beside<T: Send>(
    options: &LoadOptions,
    open: impl FnOnce(&Project) -> T + Send,
) -> Result<(Workspace, T), CommandError> {
    rules::prepare();
    let file = project_file(options)?;
    let (file, mut diagnostics) = match file {
        Some(Ok(file)) => (Some(file), Vec::new()),
        Some(Err(diagnostic)) => (None, vec![*diagnostic]),
        None => (None, Vec::new()),
    };
    let mut settings = resolve_settings(file.as_ref(), options)?;
    diagnostics.append(&mut settings.1);
    let mut settings = settings.0;
    if !diagnostics.is_empty() && file.is_none() {
        settings.vars = vars::Vars::incomplete();
    }
    let project = resolve(options, file, &settings);
    diagnostics.extend(written_outside(options, &project));
    let ((files, mut problems, declarations), beside) = rayon::join(
        || {
            let (files, problems) = find(options, &project, &settings);
            let read = |candidate| read(candidate, &settings, &project.bounds, options);
            let declarations: Vec<FileDeclarations> = files.par_iter().map(read).collect();
            (files, problems, declarations)
        },
        || open(&project),
    );
    diagnostics.append(&mut problems);
    diagnostics.extend(other_ending(options));
    let variables = used_variables(&settings, project.file.as_ref(), &declarations);
    let (desired, problems) = assemble(declarations, &settings, diagnostics);
    let workspace = Workspace {
        project,
        variables,
        desired,
        diagnostics: problems,
        settings,
        file_count: files.len(),
        file_names: files.iter().map(|file| file.name.clone()).collect(),
        files,
    };
    Ok((workspace, beside))
}

/// Returns the variables that are set outside of the project file and used in a file, with
/// their values.
fn used_variables(
    settings: &Settings,
    project: Option<&Arc<SourceFile>>,
    declarations: &[FileDeclarations],
) -> BTreeMap<String, String> {
    let is_used = |name: &str| {
        let reference = format!("${{var:{name}}}");
        let documents = declarations.iter().filter_map(|file| file.declared.first());
        let mut files = documents.map(|one| &one.file).chain(project);
        files.any(|file| {
            file.text
                .as_deref()
                .unwrap_or_default()
                .contains(&reference)
        })
    };
    let used = settings.vars.given().filter(|(name, _)| is_used(name));
    used.map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// The result of reading a file.
pub(super) type ReadFile = Result<Arc<SourceFile>, Box<Diagnostic>>;

fn project_file(options: &LoadOptions) -> Result<Option<ReadFile>, CommandError> {
    let path = options.project_path();
    let name = options.shown(&path);
    if let Some(edited) = options.edited(&path) {
        return Ok(Some(Ok(edited)));
    }
    if store::exists(&path) {
        return Ok(Some(source::read_project(&path, &name, &options.bounds())));
    }
    match &options.config {
        None => Ok(None),
        Some(_) => Err(
            CommandError::new(format!("the project file `{name}` does not exist"))
                .help("check the path given with `--config`"),
        ),
    }
}

/// Returns a warning for a project file named `bluejay.yml`, which is not read.
fn other_ending(options: &LoadOptions) -> Option<Diagnostic> {
    let path = options.project_path();
    let other = path.with_extension("yml");
    if options.config.is_some() || store::exists(&path) || !store::exists(&other) {
        return None;
    }
    let place = Place::file(&SourceFile::unreadable(options.shown(&other)));
    let warning = Diagnostic::warning(
        DiagnosticCode::OtherEnding,
        place,
        "this file is not read, because the project file is `bluejay.yaml`",
    );
    Some(warning.help("rename the file, or pass `--config bluejay.yml`"))
}

fn resolve_settings(
    file: Option<&Arc<SourceFile>>,
    options: &LoadOptions,
) -> Result<(Settings, Vec<Diagnostic>), CommandError> {
    for (name, _) in &options.vars {
        if !vars::is_name(name) {
            return Err(CommandError::new(format!("`{name}` can't name a variable"))
                .help("use letters, digits, `_` and `-`, and begin with a letter"));
        }
    }
    let mut environment_vars = BTreeMap::new();
    for (name, value) in &options.environment_vars {
        let Some(value) = value.to_str() else {
            let summary = format!("the value of `BLUEJAY_VAR_{name}` is not UTF-8");
            return Err(CommandError::new(summary).help("set it to a UTF-8 text, or unset it"));
        };
        environment_vars.insert(name.clone(), value.to_owned());
    }
    let settings_options = SettingsOptions {
        environment: options.environment.clone(),
        environment_vars,
        vars: options.vars.clone(),
    };
    settings::resolve(file, &settings_options).map_err(|unknown| {
        let summary = format!("unknown environment `{}`", unknown.name);
        let error = CommandError::new(summary).help(unknown.help());
        if options.is_environment_inherited {
            return error.help(format!("`{ENVIRONMENT_VARIABLE}` chooses the environment"));
        }
        error
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
        bounds: options.bounds(),
        api_url: settings
            .environment
            .api_url
            .clone()
            .or_else(|| written.api_url.clone()),
        rate: settings.environment.rate.or(written.rate),
        settings: settings
            .environment
            .settings
            .clone()
            .unwrap_or_default()
            .over(written.settings.clone().unwrap_or_default()),
        safety: written.safety.clone().unwrap_or_default(),
        is_protected: settings.environment.protect.unwrap_or(false),
    };
    if let Some(name) = &options.environment {
        project.lockfile = project.lockfile_of(name);
    }
    project
}

/// Returns mistakes in the paths of written files: a lockfile outside the repository, and
/// links that lead outside.
fn written_outside(options: &LoadOptions, project: &Project) -> Vec<Diagnostic> {
    let lockfile = &project.lockfile;
    let of_sandbox = lockfile_for(lockfile, "sandbox");
    let problem =
        |path: &PathBuf| source::written_outside(path, &options.shown(path), &project.bounds);
    if let Some(problem) = problem(lockfile) {
        return vec![problem];
    }
    let beside = [
        journal_path(lockfile),
        journal_path(&of_sandbox),
        older_journal_path(lockfile),
        older_journal_path(&of_sandbox),
        of_sandbox,
        lockfile.with_file_name(".bluejay"),
    ];
    beside.iter().filter_map(problem).collect()
}

fn find(
    options: &LoadOptions,
    project: &Project,
    settings: &Settings,
) -> (Vec<Candidate>, Vec<Diagnostic>) {
    let name = options.shown(&project.simulations);
    if !store::exists(&project.simulations) {
        // An unreadable project file may name another folder.
        let is_known = !settings.vars.is_incomplete();
        let missing =
            is_known.then(|| missing_folder(options, &project.simulations, &name, settings));
        return (Vec::new(), missing.into_iter().collect());
    }
    if !store::is_folder(&project.simulations) {
        return (Vec::new(), vec![no_folder(&name, settings)]);
    }
    let project_path = options.project_path();
    let mut found = discover::discover(&project.simulations, &name, &options.bounds());
    found.files.retain(|file| file.path != project_path);
    if found.files.is_empty() && found.diagnostics.is_empty() {
        let place = Place::file(&SourceFile::unreadable(name.as_str()));
        let nothing = Diagnostic::warning(
            DiagnosticCode::NoSimulations,
            place,
            format!("no `*.yaml` or `*.yml` file below `{name}`"),
        );
        let help = Message::from(format!(
            "write a simulation, such as `{name}/front-desk.yaml`, or run "
        ))
        .command(Suggestion::new(Verb::Init))
        .text(" for an example");
        found.diagnostics.push(nothing.help(help));
    }
    (found.files, found.diagnostics)
}

/// Returns the place where the project file names the simulations folder, or else the
/// folder itself.
fn folder_place(name: &str, settings: &Settings) -> Place {
    let written = settings.source_map.as_ref().and_then(|source_map| {
        let found = source_map.find(0, &FieldPath::from(["simulations"]))?;
        (found.depth == 1).then(|| SourceMap::place(source_map, found.value))
    });
    written.unwrap_or_else(|| Place::file(&SourceFile::unreadable(name)))
}

/// Returns the error for a simulations folder that is not a folder. An empty desired
/// state would be wrong: a prune would delete every simulation.
fn no_folder(name: &str, settings: &Settings) -> Diagnostic {
    Diagnostic::error(
        DiagnosticCode::NoFolder,
        folder_place(name, settings),
        format!("the simulations folder `{name}` is not a folder"),
    )
    .help(
        "create a folder at this path, or name another folder with `simulations:` in the \
         project file",
    )
}

/// Returns the existing folder whose name lacks the final `s`.
fn singular(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_str()?.strip_suffix('s')?;
    store::is_folder(&folder.with_file_name(name)).then(|| name.to_owned())
}

fn missing_folder(
    options: &LoadOptions,
    folder: &Path,
    name: &str,
    settings: &Settings,
) -> Diagnostic {
    let problem = Diagnostic::error(
        DiagnosticCode::MissingFolder,
        folder_place(name, settings),
        format!("the simulations folder `{name}` does not exist"),
    );
    if let Some(similar) = singular(folder) {
        return problem.help(format!(
            "there is a folder `{similar}`: rename it, or name it with `simulations:` in \
             bluejay.yaml"
        ));
    }
    if store::exists(&options.project_path()) {
        return problem.help(
            "create the folder, or name another folder with `simulations:` in the project \
             file",
        );
    }
    let directory = &options.directory;
    if !store::is_folder(&directory.join(".")) {
        return problem.help(format!(
            "there is no folder `{}`: check the path given with `-C`",
            directory.display()
        ));
    }
    match project_above(options) {
        Some(above) => problem.help(format!(
            "there is a project in a folder above: add `-C {}`",
            quoted(&above.to_string_lossy().replace('\\', "/"))
        )),
        None => problem.help(
            Message::from("run ")
                .command(Suggestion::new(Verb::Init))
                .text(" to create a project here, or pass the folder of the project with `-C`"),
        ),
    }
}

/// Returns the nearest parent folder with a project, inside the repository.
fn project_above(options: &LoadOptions) -> Option<PathBuf> {
    let start = store::canonical(&options.directory.join("."));
    let mut shown: PathBuf = options
        .directory
        .components()
        .skip_while(|part| *part == Component::CurDir)
        .collect();
    for folder in start.ancestors() {
        let is_project = [PROJECT_FILE, "simulations"]
            .iter()
            .any(|name| store::exists(&folder.join(name)));
        if folder != start && is_project {
            return Some(shown);
        }
        if store::exists(&folder.join(".git")) {
            return None;
        }
        shown.push("..");
    }
    None
}

fn read(
    candidate: &Candidate,
    settings: &Settings,
    bounds: &Bounds,
    options: &LoadOptions,
) -> FileDeclarations {
    match options.file(candidate) {
        Ok(file) => {
            let texts = options.included_texts(&file, candidate, bounds);
            let input = SimulationFile {
                file,
                default_key: candidate.default_key.as_str().into(),
            };
            declarations::read_with_texts(&input, settings, &texts)
        }
        Err(diagnostic) => FileDeclarations {
            diagnostics: vec![*diagnostic],
            ..FileDeclarations::default()
        },
    }
}

impl LoadOptions {
    /// Returns the path of the project file, which may not exist.
    #[must_use]
    pub fn project_path(&self) -> PathBuf {
        let name = self
            .config
            .as_deref()
            .unwrap_or_else(|| Path::new(PROJECT_FILE));
        self.directory.join(name)
    }

    /// Reads a simulation file.
    pub(super) fn file(&self, candidate: &Candidate) -> ReadFile {
        match self.edited(&candidate.path) {
            Some(edited) => Ok(edited),
            None => source::read(&candidate.path, &candidate.name),
        }
    }

    /// Reads the texts of the files that a simulation file includes.
    pub(super) fn included_texts(
        &self,
        file: &Arc<SourceFile>,
        candidate: &Candidate,
        bounds: &Bounds,
    ) -> IncludedTexts {
        let mut texts = source::included_texts(file, &candidate.path, bounds);
        if !self.edited.is_empty() {
            let folder = store::folder_of(&candidate.path);
            for path in included_paths(file) {
                if let Some(edited) = self.edited(&folder.join(&path)) {
                    texts.insert(&path, edited.name.clone(), Ok(edited));
                }
            }
        }
        texts
    }

    fn edited(&self, path: &Path) -> Option<Arc<SourceFile>> {
        if self.edited.is_empty() {
            return None;
        }
        self.edited.get(&store::canonical(path)).cloned()
    }

    /// Returns the folders that links may lead into: see [`Bounds`].
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let project = self.project_path();
        let folder = project.parent().unwrap_or_else(|| Path::new(""));
        Bounds::around(&[&self.directory, folder])
    }

    /// Returns a path for messages, relative to the folder of all paths, with forward
    /// slashes.
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
