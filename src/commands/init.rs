//! `init`: what a repository of simulations begins with.
//!
//! Nothing that exists is overwritten, so that it can be run again: to add a
//! workflow later, or after it was cut off.

mod pipeline;

use std::path::{Path, PathBuf};

use pipeline::{after_push, is_included, pipelines};

use super::load::{LoadOptions, PROJECT_FILE, load};
use super::project::warn_if_ignored;
use super::schema;
use crate::cli::{Ci, GlobalArgs, InitArgs};
use crate::error::{CommandError, Exit};
use crate::report::Output;
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;
use crate::store::{self, discover, git};

const EXAMPLE: &str = "example.yaml";
const EDITOR_FILE: &str = ".vscode/settings.json";
const IGNORE_FILE: &str = ".gitignore";

const ATTRIBUTES_FILE: &str = ".gitattributes";

/// What git must not see.
const IGNORED: [&str; 3] = [".bluejay/", "*.lock.journal", "bluejay*.sandbox.lock"];

/// Who joins the two sides of a lockfile.
const ATTRIBUTES: [&str; 1] = ["bluejay*.lock merge=bluejayctl"];

/// What has to be said to git once in each clone, since it is no file of the
/// repository.
const DRIVER: &str =
    r#"git config merge.bluejayctl.driver "bluejayctl state merge-driver %O %A %B %P""#;

/// Creates what is missing, says what was there, and names the next commands.
pub(super) fn run(
    global: &GlobalArgs,
    args: &InitArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let directory = global.chdir.as_deref().unwrap_or(Path::new(""));
    let mut scaffold = Scaffold {
        directory: directory.to_owned(),
        output,
    };
    // In a repository that has simulations, the example would become one more.
    let simulations = scaffold.simulations()?;
    if simulations.is_empty {
        let schema = simulations.to_top() + "schemas/";
        let example = include_str!("init/example.yaml").replace("../schemas/", &schema);
        scaffold.create(&format!("{}/{EXAMPLE}", simulations.name), &example)?;
    } else {
        scaffold.say("left alone", &format!("{}/", simulations.name));
    }
    scaffold.create(PROJECT_FILE, include_str!("init/bluejay.yaml"))?;
    for schema in schema::FILES {
        scaffold.create(&format!("schemas/{}", schema.file_name()), &schema.text())?;
    }
    scaffold.add_lines(IGNORE_FILE, &IGNORED)?;
    scaffold.add_lines(ATTRIBUTES_FILE, &ATTRIBUTES)?;
    warn_if_ignored(&simulations.lockfile, scaffold.output);
    let settings = include_str!("init/vscode.json");
    let settings = settings.replace("simulations/**", &format!("{}/**", simulations.name));
    if !scaffold.create_or_leave(EDITOR_FILE, &settings)? {
        scaffold.advise(&settings)?;
    }
    let push = match args.ci {
        Some(ci) => Some(scaffold.pipeline(ci)?),
        None => None,
    };
    output.result(&next(push.as_deref()));
    Ok(Exit::Success)
}

/// The next commands; `push` is what comes after a push to the CI.
fn next(push: Option<&str>) -> String {
    let last = match push {
        None => "  bluejayctl apply               for real, with BLUEJAY_API_KEY set".to_owned(),
        Some(push) => {
            format!("  git push                       {push}, and add the secret BLUEJAY_API_KEY")
        }
    };
    format!(
        "
Next:
  bluejayctl validate            check every file
  bluejayctl plan                see what an apply would do
  bluejayctl apply --sandbox     try it: no key, no network
{last}

Once in each clone, so that git joins two sides of a lockfile by itself:
  {DRIVER}
"
    )
}

/// The folder for simulations.
struct Simulations {
    /// Its path from the project's folder, with forward slashes.
    name: String,
    /// Whether it is ours to begin: below the project's folder, and declares none.
    is_empty: bool,
    /// The path of the lockfile.
    lockfile: PathBuf,
}

impl Simulations {
    /// The way from it to the project's folder, with a slash at its end.
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
    /// The folder for simulations, as the project file names it where there is one.
    fn simulations(&self) -> Result<Simulations, CommandError> {
        let options = LoadOptions {
            directory: self.directory.clone(),
            ..LoadOptions::default()
        };
        let workspace = load(&options)?;
        let name = options.shown(&workspace.project.simulations);
        // Nothing is written outside of the folder that is to be begun.
        let is_here = !name.starts_with(['/', '.']) && !name.contains("..");
        Ok(Simulations {
            name,
            is_empty: is_here && workspace.file_count == 0,
            lockfile: workspace.project.lockfile,
        })
    }

    /// A file below the folder: nothing is written through a link that is committed.
    fn writable(&self, name: &str) -> Result<WritablePath, CommandError> {
        let bounds = Bounds::around(&[&self.directory]);
        Ok(WritablePath::within(&bounds, &self.directory.join(name))?)
    }

    fn create(&mut self, name: &str, text: &str) -> Result<(), CommandError> {
        self.create_or_leave(name, text).map(|_| ())
    }

    /// Returns whether it is new.
    fn create_or_leave(&mut self, name: &str, text: &str) -> Result<bool, CommandError> {
        let is_new = self.writable(name)?.create_new(text)?;
        let done = if is_new { "created" } else { "left alone" };
        self.say(done, name);
        Ok(is_new)
    }

    /// Says what the settings of the editor that are there lack, if they do.
    fn advise(&mut self, settings: &str) -> Result<(), CommandError> {
        let there = store::read_bytes_or_empty(&self.directory.join(EDITOR_FILE))?;
        if String::from_utf8_lossy(&there).contains("schemas/simulation.schema.json") {
            return Ok(());
        }
        self.output.note(format!(
            "`{EDITOR_FILE}` is left alone; for completion and checks in the editor add to it:\n{}",
            indented(settings)
        ));
        Ok(())
    }

    /// Adds the lines that are missing.
    fn add_lines(&mut self, name: &str, wanted: &[&str]) -> Result<(), CommandError> {
        let path = self.directory.join(name);
        let is_new = !discover::exists(&path);
        let bytes = store::read_bytes_or_empty(&path)?;
        let Some(lines) = missing_lines(&String::from_utf8_lossy(&bytes), wanted) else {
            self.say("left alone", name);
            return Ok(());
        };
        self.writable(name)?.append(&lines)?;
        self.say(if is_new { "created" } else { "added to" }, name);
        Ok(())
    }

    /// Writes the pipelines of a CI. Returns what comes after a push.
    fn pipeline(&mut self, ci: Ci) -> Result<String, CommandError> {
        let here = discover::canonical(&self.directory.join("."));
        let branch = git::default_branch(&here).unwrap_or_else(|| "main".to_owned());
        let mut is_new = true;
        for pipeline in pipelines(ci, &branch) {
            let path = pipeline.path;
            let is_written = self.create_or_leave(path, &pipeline.text)?;
            self.warn_below_the_root(path);
            if let (false, Some(include)) = (is_written, &pipeline.include) {
                self.advise_include(path, include)?;
            }
            is_new &= is_written;
        }
        Ok(after_push(ci, &branch, is_new))
    }

    /// Says what a pipeline of the user's lacks, if it lacks the jobs.
    fn advise_include(&self, path: &str, include: &str) -> Result<(), CommandError> {
        let there = store::read_bytes_or_empty(&self.directory.join(path))?;
        if !is_included(&String::from_utf8_lossy(&there)) {
            self.output.note(format!(
                "`{path}` is left alone; for the jobs of bluejayctl add to it, with OWNER replaced:\n{}",
                indented(include)
            ));
        }
        Ok(())
    }

    /// A CI reads its workflow at the top of a repository alone.
    fn warn_below_the_root(&self, workflow: &str) {
        let directory = discover::canonical(&self.directory.join("."));
        let root = directory
            .ancestors()
            .find(|folder| discover::exists(&folder.join(".git")));
        if let Some(root) = root.filter(|root| *root != directory) {
            self.output.warn(format!(
                "`{workflow}` has to be at the top of the repository, `{}`, with `-C` added to \
                 its commands",
                root.display()
            ));
        }
    }

    fn say(&mut self, done: &str, name: &str) {
        self.output.result(&format!("{done:<10} {name}\n"));
    }
}

/// The lines, each with four blanks before it.
fn indented(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// What has to be appended to a file of this text, so that it has these lines;
/// `None` for nothing.
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

    #[track_caller]
    fn check_missing(text: &str, expected: &str) {
        assert_eq!(missing_lines(text, &IGNORED).unwrap_or_default(), expected);
    }

    #[test]
    fn only_missing_lines_are_added_to_an_ignore_file() {
        check_missing("", ".bluejay/\n*.lock.journal\nbluejay*.sandbox.lock\n");
        check_missing("/.bluejay\nbluejay*.sandbox.lock\n", "*.lock.journal\n");
        check_missing(
            "*.lock.journal\n# .bluejay/",
            "\n.bluejay/\nbluejay*.sandbox.lock\n",
        );
        check_missing(
            "/target\r\n.bluejay/\r\n",
            "*.lock.journal\r\nbluejay*.sandbox.lock\r\n",
        );
        check_missing(" .bluejay/ \n*.lock.journal\nbluejay*.sandbox.lock", "");
    }
}
