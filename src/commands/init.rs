//! `init`: writes the files of a new project.
//!
//! `init` overwrites nothing, so it can be run again, for example to add a workflow later
//! or after an interruption.

mod pipeline;

use std::path::{Path, PathBuf};

use pipeline::{after_push, is_included, pipelines, word};

use super::load::{LoadOptions, PROJECT_FILE, load};
use super::project::warn_if_ignored;
use super::schema;
use crate::cli::{Ci, GlobalArgs, InitArgs};
use crate::doctor::setup::{DRIVER, IGNORED, attributes};
use crate::error::{CommandError, Exit};
use crate::report::Output;
use crate::spec::project_names::{environment_fault, names_of_one_lockfile};
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::store::{self, git};
use crate::wrap::{WIDTH, hanging};

const EXAMPLE: &str = "example.yaml";
const EDITOR_FILE: &str = ".vscode/settings.json";
const IGNORE_FILE: &str = ".gitignore";

const ATTRIBUTES_FILE: &str = ".gitattributes";

/// Creates missing files, lists the existing files, and names the next commands.
pub(super) fn run(
    global: &GlobalArgs,
    args: &InitArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let environments = environments(global, args)?;
    let directory = global.chdir.as_deref().unwrap_or(Path::new(""));
    let mut scaffold = Scaffold {
        directory: directory.to_owned(),
        output,
    };
    // A repository with simulations needs no example.
    let simulations = scaffold.simulations()?;
    if simulations.is_empty {
        let schema = simulations.to_top() + "schemas/";
        let example = include_str!("init/example.yaml").replace("../schemas/", &schema);
        scaffold.create(&format!("{}/{EXAMPLE}", simulations.name), &example)?;
    } else {
        scaffold.say("unchanged", &format!("{}/", simulations.name));
    }
    let here = store::canonical(&scaffold.directory.join("."));
    let folder = here.file_name().unwrap_or_default().to_string_lossy();
    let project = include_str!("init/bluejay.yaml").replace("PROJECT", &project_name(&folder));
    let project = with_environments(&project, &environments);
    if !scaffold.create_if_missing(PROJECT_FILE, &project)? {
        scaffold.advise_environments(&environments, &simulations.environments);
    }
    for schema in schema::FILES {
        scaffold.create(&format!("schemas/{}", schema.file_name()), &schema.text())?;
    }
    scaffold.add_lines(IGNORE_FILE, &IGNORED)?;
    let lockfile = simulations.lockfile.file_name().unwrap_or_default();
    let attributes = attributes(&lockfile.to_string_lossy());
    scaffold.add_lines(ATTRIBUTES_FILE, &[&attributes])?;
    warn_if_ignored(&simulations.lockfile, scaffold.output);
    let settings = include_str!("init/vscode.json");
    let settings = settings.replace("simulations/**", &format!("{}/**", simulations.name));
    if !scaffold.create_if_missing(EDITOR_FILE, &settings)? {
        scaffold.advise(&settings)?;
    }
    let push = match args.ci {
        Some(ci) => Some(scaffold.pipeline(ci, &environments)?),
        None => None,
    };
    output.result(&next_commands(push.as_deref()));
    Ok(Exit::Success)
}

/// Returns the environments that `--env` names, separated by commas.
fn environments(global: &GlobalArgs, args: &InitArgs) -> Result<Vec<String>, CommandError> {
    let names = global.env.iter().flat_map(|names| names.split(','));
    let names = names.map(str::trim).filter(|name| !name.is_empty());
    let mut environments = Vec::new();
    for name in names {
        if let Some((summary, help)) = environment_fault(name) {
            return Err(CommandError::new(summary).help(help));
        }
        if !environments.iter().any(|known| known == name) {
            environments.push(name.to_owned());
        }
    }
    if let Some(problem) = names_of_one_lockfile(&environments).next() {
        let error = CommandError::new(problem.summary);
        return Err(problem.help.into_iter().fold(error, CommandError::help));
    }
    if args.ci == Some(Ci::Gitlab) && !environments.is_empty() {
        let error = CommandError::new("`init --ci gitlab` has no jobs per environment");
        return Err(error.help(
            "leave `--env` out, and repeat the jobs with `variables: { BLUEJAY_ENV: NAME }`",
        ));
    }
    Ok(environments)
}

/// The lines of a new project file that show an environment.
const EXAMPLE_ENVIRONMENTS: &str = "\
# environments:
#   staging:
#     vars:
#       FRONT_DESK_AGENT: \"9204\"
";

/// Returns a new project file with these environments.
fn with_environments(project: &str, environments: &[String]) -> String {
    if environments.is_empty() {
        return project.to_owned();
    }
    let declared = declarations(environments);
    let example = EXAMPLE_ENVIRONMENTS.replacen("# environments:\n", "# For example:\n", 1);
    project.replace(EXAMPLE_ENVIRONMENTS, &format!("{example}{declared}"))
}

/// Returns the lines that declare these environments.
fn declarations(environments: &[String]) -> String {
    let lines = environments
        .iter()
        .map(|name| format!("  {}: {{}}\n", word(name)));
    format!("environments:\n{}", lines.collect::<String>())
}

/// Returns the name of a project in a folder of this name: letters, digits, `.`, `_` and
/// `-` stay, and each run of others becomes one `-`.
fn project_name(folder: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let parts = folder
        .split(|c| !is_kept(c))
        .filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("-");
    if name.is_empty() {
        return "simulations".to_owned();
    }
    name
}

/// Returns the next commands; `push` says what the CI does after a push.
fn next_commands(push: Option<&str>) -> String {
    let last = match push {
        None => "  bluejayctl apply               for real, with BLUEJAY_API_KEY set".to_owned(),
        Some(push) => {
            let begin = "  git push                       ";
            let text = format!("{push}, and add the secret BLUEJAY_API_KEY");
            format!("{begin}{}", hanging(&text, begin.len(), WIDTH))
        }
    };
    format!(
        "
Next:
  bluejayctl validate            check every file
  bluejayctl plan                see what an apply would do
  bluejayctl apply --sandbox     try it: no key, no network
  bluejayctl run --sandbox       play its calls there: this ends with a score
{last}

Once in each clone, so that git joins two sides of a lockfile by itself:
  {DRIVER}
"
    )
}

/// The simulations folder.
struct Simulations {
    /// The path from the folder of the project, with forward slashes.
    name: String,
    /// Whether `init` may write the example: the folder is below the folder of the
    /// project and has no simulation.
    is_empty: bool,
    /// The path of the lockfile without an environment.
    lockfile: PathBuf,
    /// The environments that the project file has.
    environments: Vec<String>,
}

impl Simulations {
    /// Returns the relative path to the folder of the project, with a slash at the end.
    fn to_top(&self) -> String {
        let steps = self.name.split('/').filter(|step| *step != ".");
        steps.map(|_| "../").collect()
    }
}

struct Scaffold<'a> {
    directory: PathBuf,
    output: &'a mut Output,
}

impl Scaffold<'_> {
    /// Returns the simulations folder; the project file may name the folder.
    fn simulations(&self) -> Result<Simulations, CommandError> {
        let options = LoadOptions {
            directory: self.directory.clone(),
            ..LoadOptions::default()
        };
        let workspace = load(&options)?;
        let name = options.shown(&workspace.project.simulations);
        // Nothing is written outside the folder of the project.
        let is_here = !name.starts_with(['/', '.']) && !name.contains("..");
        Ok(Simulations {
            name,
            is_empty: is_here && workspace.file_count == 0,
            lockfile: workspace.project.base_lockfile,
            environments: workspace.settings.environments,
        })
    }

    /// Returns a file below the folder. Nothing is written through a committed link.
    fn writable(&self, name: &str) -> Result<WritablePath, CommandError> {
        let bounds = Bounds::around(&[&self.directory]);
        Ok(WritablePath::within(&bounds, &self.directory.join(name))?)
    }

    fn create(&mut self, name: &str, text: &str) -> Result<(), CommandError> {
        self.create_if_missing(name, text).map(|_| ())
    }

    /// Returns whether the file is new.
    fn create_if_missing(&mut self, name: &str, text: &str) -> Result<bool, CommandError> {
        let is_new = self.writable(name)?.create_new(text)?;
        let done = if is_new { "created" } else { "unchanged" };
        self.say(done, name);
        Ok(is_new)
    }

    /// Notes the lines that existing editor settings lack.
    fn advise(&mut self, settings: &str) -> Result<(), CommandError> {
        let there = store::read_bytes_or_empty(&self.directory.join(EDITOR_FILE))?;
        if String::from_utf8_lossy(&there).contains("schemas/simulation.schema.json") {
            return Ok(());
        }
        self.output.note(format!(
            "`{EDITOR_FILE}` is unchanged; for completion and checks in the editor, add these \
             lines:\n{}",
            indented(settings)
        ));
        Ok(())
    }

    /// Notes the environments that an existing project file lacks.
    fn advise_environments(&self, wanted: &[String], known: &[String]) {
        let missing = wanted.iter().filter(|name| !known.contains(name));
        let missing: Vec<_> = missing.cloned().collect();
        if !missing.is_empty() {
            self.output.note(format!(
                "`{PROJECT_FILE}` is unchanged; for the environments of the jobs, add these \
                 lines:\n{}",
                indented(&declarations(&missing))
            ));
        }
    }

    /// Adds missing lines to a file.
    fn add_lines(&mut self, name: &str, wanted: &[&str]) -> Result<(), CommandError> {
        let path = self.directory.join(name);
        let is_new = !store::exists(&path);
        let bytes = store::read_bytes_or_empty(&path)?;
        let Some(lines) = missing_lines(&String::from_utf8_lossy(&bytes), wanted) else {
            self.say("unchanged", name);
            return Ok(());
        };
        self.writable(name)?.append(&lines)?;
        self.say(if is_new { "created" } else { "added to" }, name);
        Ok(())
    }

    /// Writes the pipelines of a CI. Returns what the CI does after a push.
    fn pipeline(&mut self, ci: Ci, environments: &[String]) -> Result<String, CommandError> {
        let here = store::canonical(&self.directory.join("."));
        let branch = git::default_branch(&here).unwrap_or_else(|| "main".to_owned());
        let mut is_new = true;
        for pipeline in pipelines(ci, &branch, environments) {
            let path = pipeline.path;
            let is_written = self.create_if_missing(path, &pipeline.text)?;
            self.warn_below_the_root(path);
            if let (false, Some(include)) = (is_written, &pipeline.include) {
                self.advise_include(path, include)?;
            }
            is_new &= is_written;
        }
        Ok(after_push(ci, &branch, is_new))
    }

    /// Notes the lines that an existing pipeline lacks.
    fn advise_include(&self, path: &str, include: &str) -> Result<(), CommandError> {
        let there = store::read_bytes_or_empty(&self.directory.join(path))?;
        if !is_included(&String::from_utf8_lossy(&there)) {
            self.output.note(format!(
                "`{path}` is unchanged; for the jobs of bluejayctl, add these lines, with OWNER \
                 replaced:\n{}",
                indented(include)
            ));
        }
        Ok(())
    }

    /// Warns of a workflow below the root of the repository, where a CI does not read it.
    fn warn_below_the_root(&self, workflow: &str) {
        let directory = store::canonical(&self.directory.join("."));
        let root = directory
            .ancestors()
            .find(|folder| store::exists(&folder.join(".git")));
        if let Some(root) = root.filter(|root| *root != directory) {
            self.output.warn(format!(
                "move `{workflow}` to the root of the repository, `{}`, and add `-C` to its \
                 commands",
                root.display()
            ));
        }
    }

    fn say(&mut self, done: &str, name: &str) {
        self.output.result(&format!("{done:<10} {name}\n"));
    }
}

/// Returns the lines, indented by four spaces.
fn indented(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// Returns the text to append to a file so that the file has these lines; `None` if no
/// line is missing.
fn missing_lines(text: &str, wanted: &[&str]) -> Option<String> {
    let plain = |line: &str| line.trim().trim_matches('/').to_owned();
    let known: Vec<_> = text.lines().map(plain).collect();
    let missing: Vec<_> = wanted
        .iter()
        .filter(|line| !known.contains(&plain(line)))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        lines.push_str(end);
    }
    for line in missing {
        lines.push_str(line);
        lines.push_str(end);
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_after_its_folder() {
        for (folder, name) in [
            ("clinic", "clinic"),
            ("voice tests (old)", "voice-tests-old"),
            ("1.0", "1.0"),
            ("\u{dc}\"", "simulations"),
        ] {
            assert_eq!(project_name(folder), name);
        }
    }

    #[track_caller]
    fn check_missing(text: &str, expected: &str) {
        assert_eq!(missing_lines(text, &IGNORED).unwrap_or_default(), expected);
    }

    #[test]
    fn only_missing_lines_are_added_to_an_ignore_file() {
        check_missing(
            "",
            ".bluejay/\n*.lock.journal\nbluejay*.sandbox.lock\n*.plan\n",
        );
        check_missing(
            "/.bluejay\nbluejay*.sandbox.lock\n",
            "*.lock.journal\n*.plan\n",
        );
        check_missing(
            "*.lock.journal\n# .bluejay/",
            "\n.bluejay/\nbluejay*.sandbox.lock\n*.plan\n",
        );
        check_missing(
            "/target\r\n.bluejay/\r\n",
            "*.lock.journal\r\nbluejay*.sandbox.lock\r\n*.plan\r\n",
        );
        check_missing(
            " .bluejay/ \n*.lock.journal\nbluejay*.sandbox.lock\n*.plan",
            "",
        );
    }
}
