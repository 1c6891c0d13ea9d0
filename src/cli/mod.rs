//! The command line as clap reads it. This module has no behaviour.

mod apply;
mod files;
mod help;
mod inspect;
pub mod manual;
mod plan;
mod run;
mod state;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::pace::Rate;
use crate::sandbox::FaultRule;

pub use apply::{ApplyArgs, DestroyArgs, ImportArgs};
pub use files::{
    Ci, ExplainArgs, ExplainFormat, FmtArgs, InitArgs, SchemaArgs, ValidateArgs, ValidateFormat,
};
pub use help::{command, parse};
pub use inspect::{DoctorArgs, DoctorFormat, GraphArgs, GraphFormat, ListArgs};
pub use plan::{
    AdoptArg, DriftArgs, DriftFormat, OnChangeArg, PlanArgs, PlanFormat, PlanningArgs, PullArgs,
    RequestArgs,
};
pub use run::{HistoryArgs, HistoryFormat, RunArgs, RunCommand, RunFormat};
pub use state::{MergeDriverArgs, StateCommand};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Bluejay simulations as code.
///
/// YAML files below `simulations/` declare simulations. `plan` shows the changes.
/// `apply` makes the changes through the Bluejay API and records the ids in
/// `bluejay.lock`. Commit that file.
#[derive(Debug, Parser)]
#[command(name = "bluejayctl", version, styles = STYLES, max_term_width = crate::wrap::MAX_WIDTH)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Work in this folder; other paths are relative to this folder.
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub chdir: Option<PathBuf>,
    /// The project file [default: bluejay.yaml, if it exists].
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The environment, which selects variables and a lockfile; also `BLUEJAY_ENV`.
    // `commands` reads the variable: clap would show the value of a set variable.
    #[arg(short, long = "env", value_name = "NAME", global = true)]
    pub env: Option<String>,
    /// Whether `env` comes from `BLUEJAY_ENV`.
    #[arg(skip)]
    pub is_env_inherited: bool,
    /// Set a variable for `${var:NAME}`; may be repeated.
    #[arg(long = "var", value_name = "NAME=VALUE", global = true, value_parser = parse_var)]
    pub vars: Vec<(String, String)>,
    /// The address of the API; also `BLUEJAY_API_URL` [default:
    /// `https://api.getbluejay.ai`].
    // `commands` reads the variable: clap would show the value of a set variable.
    #[arg(long, value_name = "URL", global = true)]
    pub api_url: Option<String>,
    /// Allow that the API key is sent to this host or URL, if only a file of the
    /// repository names the address; may be repeated.
    #[arg(long, value_name = "HOST", global = true)]
    pub allow_api_url: Vec<String>,
    /// Read the key from this file instead of `BLUEJAY_API_KEY`.
    #[arg(long, value_name = "FILE", global = true)]
    pub api_key_file: Option<PathBuf>,
    /// Use the emulator inside the program: no API key, no network. The data is in
    /// `.bluejay/`, the lockfile is `bluejay.sandbox.lock`.
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// The largest number of requests per minute, or `off` [default: 100; `off` for the
    /// sandbox and loopback].
    #[arg(long, value_name = "N", global = true)]
    pub rate: Option<Rate>,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,
    /// Log requests to stderr; `-vv` logs more.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Print no progress and no warnings.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// The format of all lines on stderr.
    #[arg(long, value_name = "FORM", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

impl GlobalArgs {
    /// Returns a path of the command line, relative to the folder of `-C`.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        match &self.chdir {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The formats of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a new project: example, schemas, editor settings, CI
    Init(InitArgs),
    /// Check every file, and report every mistake at its line
    Validate(ValidateArgs),
    /// Show what apply would do; offline, no key needed
    Plan(PlanArgs),
    /// Make the API hold the desired state, and record the ids
    Apply(ApplyArgs),
    /// Compare the lockfile with the observed state
    Drift(DriftArgs),
    /// Write the observed values into the files that declare them
    Pull(PullArgs),
    /// Write files and lockfile entries for what exists at the API
    Import(ImportArgs),
    /// List keys and ids of the lockfile, or find by key, id or name
    List(ListArgs),
    /// Show and edit the lockfile; offline
    #[command(subcommand)]
    State(StateCommand),
    /// Delete the resources of the lockfile
    Destroy(DestroyArgs),
    /// Show what refers to what, as DOT, Mermaid or JSON
    Graph(GraphArgs),
    /// Check the set-up: key, lockfile, git, agents, clock
    Doctor(DoctorArgs),
    /// Queue runs of applied simulations, wait, and fail below a score
    Run(RunArgs),
    /// Write the files in the canonical order and layout; comments stay
    Fmt(FmtArgs),
    /// Explain a kind or a field: type, bounds, default, how it changes, an example
    Explain(ExplainArgs),
    /// Print or write the JSON Schemas
    Schema(SchemaArgs),
    /// Run the API emulator as a server
    Sandbox(SandboxArgs),
    /// Print the completions for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write the pages of all commands
    Man {
        /// Write all pages into this folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// `sandbox`.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// The port on this machine; 0 selects a free port
    #[arg(long, default_value_t = 4010)]
    pub port: u16,
    /// Keep the data in this file [default: in memory]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Inject this fault; may be repeated. See docs/sandbox.md
    #[arg(long = "fault", value_name = "RULE")]
    pub faults: Vec<FaultRule>,
    /// A JSON file with faults
    #[arg(long, value_name = "FILE")]
    pub faults_file: Option<PathBuf>,
}

/// Returns the last value of an option on a command line that may not be readable as a
/// whole. The option has one name, or a long and a short name.
pub fn option_of(args: impl IntoIterator<Item = OsString>, names: &[&str]) -> Option<String> {
    let mut found = None;
    let mut is_value = false;
    for arg in args {
        let arg = arg.to_string_lossy();
        let joined = names.iter().find_map(|name| {
            let rest = arg.strip_prefix(name)?;
            let is_short = !name.starts_with("--") && !rest.is_empty();
            rest.strip_prefix('=').or(is_short.then_some(rest))
        });
        if is_value {
            found = Some(arg.clone().into_owned());
        } else if let Some(value) = joined {
            found = Some(value.to_owned());
        }
        is_value = names.contains(&&*arg);
    }
    found
}

fn parse_var(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_an_option_on_an_invalid_command_line() {
        let of = |args: &[&str]| super::option_of(args.iter().map(Into::into), &["--color", "-C"]);
        assert_eq!(
            of(&["--color", "never", "--help"]).as_deref(),
            Some("never")
        );
        assert_eq!(of(&["--color=always", "x"]).as_deref(), Some("always"));
        assert_eq!(of(&["--colors=always", "--color"]), None);
        assert_eq!(of(&["-C", "a", "-Cb/c"]).as_deref(), Some("b/c"));
    }

    #[test]
    fn the_command_line_definition_is_valid() {
        super::command().debug_assert();
    }
}
