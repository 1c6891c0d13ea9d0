//! The command line, as clap reads it. No behaviour here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::plan;
use crate::run::MinScore;
use crate::sandbox::FaultRule;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Bluejay simulations as code.
///
/// Simulations are declared in YAML files below `simulations/`. `plan` shows what
/// would change, `apply` makes it so through the Bluejay API and records the ids
/// in `bluejay.lock`, which is committed beside the files.
#[derive(Debug, Parser)]
#[command(name = "bluejayctl", version, styles = STYLES, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "\
Try it without a key:  bluejayctl apply --sandbox
For real:              BLUEJAY_API_KEY=... bluejayctl apply

Exit codes: 0 done; 1 error, nothing changed; 2 changes found (plan --detailed-exitcode);
3 apply incomplete, or a run below the score; 130, 143 interrupted, state safe.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Work in this folder instead of the current one.
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub chdir: Option<PathBuf>,
    /// The project file [default: bluejay.yaml, where there is one].
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The environment: its vars, and its own lockfile.
    #[arg(short, long = "env", value_name = "NAME", global = true)]
    pub env: Option<String>,
    /// Set a var for `${var:NAME}`; may be repeated.
    #[arg(long = "var", value_name = "NAME=VALUE", global = true, value_parser = parse_var)]
    pub vars: Vec<(String, String)>,
    /// The address of the API; also `BLUEJAY_API_URL` [default:
    /// `https://api.getbluejay.ai`].
    // Read in `commands`: clap would show a variable that is set as required.
    #[arg(long, value_name = "URL", global = true)]
    pub api_url: Option<String>,
    /// Read the key from this file instead of `BLUEJAY_API_KEY`.
    #[arg(long, value_name = "FILE", global = true)]
    pub api_key_file: Option<PathBuf>,
    /// Use the emulator inside this program: no key, no network. Its data lies
    /// in `.bluejay/`, its lockfile is `bluejay.sandbox.lock`.
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,
    /// Log requests to stderr; twice for more.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// No progress and no warnings.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// The form of the log lines.
    #[arg(long, value_name = "FORM", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

impl GlobalArgs {
    /// A path of the command line: relative to the folder that is worked in.
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

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a repository: project file, example, schemas, editor settings, CI
    Init(InitArgs),
    /// Check every file, and report every mistake at its line
    Validate(ValidateArgs),
    /// Show what apply would do; offline, no key needed
    Plan(PlanArgs),
    /// Make the API hold what the files declare, and record the ids
    Apply(ApplyArgs),
    /// Compare the lockfile with what the API holds now
    Drift(DriftArgs),
    /// Take over a simulation that exists already
    Import(ImportArgs),
    /// Look at the lockfile and mend it; offline
    #[command(subcommand)]
    State(StateCommand),
    /// Delete what the lockfile holds
    Destroy(DestroyArgs),
    /// Queue runs of applied simulations, wait, and fail below a score
    Run(RunArgs),
    /// Print or write the JSON Schemas
    Schema(SchemaArgs),
    /// Run the API emulator alone
    Sandbox(SandboxArgs),
    /// Print the completions for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write those of all commands
    Man {
        /// Write all pages into this folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Add the workflow of this CI too: plan on pull requests, apply on main
    #[arg(long, value_name = "WHERE")]
    pub ci: Option<Ci>,
}

/// A CI that `init` knows a workflow for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions
    Github,
    /// GitLab CI/CD
    Gitlab,
}

/// `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Report only on these files and folders [default: everything]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: ValidateFormat,
    /// Write the JSON into this file, beside what is shown
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
}

/// The forms of a validation report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ValidateFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// GitHub workflow annotations
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// `JUnit` XML
    Junit,
}

/// What decides about a plan; the same for `plan` and `apply`.
#[derive(Debug, Clone, Args)]
pub struct PlanningArgs {
    /// Only simulations whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// Delete what is in the lockfile and in no file
    #[arg(long)]
    pub prune: bool,
    /// Read first what the API holds now, and put right what differs
    #[arg(long)]
    pub refresh: bool,
    /// Allow more deletes than `safety.max_deletes`
    #[arg(long)]
    pub force: bool,
    /// What to do when a field changes
    #[arg(long, value_name = "HOW", default_value = "update")]
    pub on_change: OnChangeArg,
}

/// What to do when a field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnChangeArg {
    /// Change it in place where the API can, else replace the simulation
    Update,
    /// Always replace the simulation
    Recreate,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What decides about the plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The form of the plan
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// Write the JSON into this file, beside what is shown
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Exit with 2 when there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan, for `apply FILE` to do exactly that
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How the API is read, with `--refresh`.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// How many requests, and how long each may take.
#[derive(Debug, Clone, Args)]
pub struct RequestArgs {
    /// The most requests at a time; fewer while the API throttles
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = parse_parallelism)]
    pub parallelism: usize,
    /// How long one request may take
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
}

/// The forms of a plan, and of the report of an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For the comment of a pull request
    Markdown,
    /// GitHub workflow annotations
    Github,
}

/// `apply`.
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// A plan saved by `plan --out FILE`: exactly that is done, or nothing
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["targets", "prune", "refresh", "force", "on_change"])]
    pub plan_file: Option<PathBuf>,
    /// What decides about the plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// The form of the report; as JSON it is one event a line
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// Write the JSON events into this file, beside what is shown
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Don't ask, on a terminal either
    #[arg(short, long)]
    pub yes: bool,
    /// How the requests are sent.
    #[command(flatten)]
    pub requests: RequestArgs,
    /// What to do about an untracked simulation of the same name and agent
    #[arg(long, value_name = "WHEN", default_value = "identical")]
    pub adopt: AdoptArg,
    /// How long a create whose answer was lost may still come true
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub settle: Duration,
    /// How long to wait for another apply on the same lockfile
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    pub lock_timeout: Duration,
    /// Faults for the sandbox to make, to watch the promise hold
    #[arg(long = "fault", value_name = "RULE", requires = "sandbox")]
    pub faults: Vec<FaultRule>,
}

/// `drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// Only simulations whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: DriftFormat,
    /// How the API is read.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// The forms of a drift report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// For an issue or a comment
    Markdown,
}

/// `destroy`.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Only simulations whose key matches; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// Don't ask; needed where nobody can be asked
    #[arg(short, long)]
    pub yes: bool,
    /// The form of the report: text, or one JSON event a line
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: PlanFormat,
    /// How long to wait for another apply on the same lockfile
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    pub lock_timeout: Duration,
    /// How the requests are sent.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// What to do about an untracked simulation of the same name and agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AdoptArg {
    /// Take it over when all that can be read is the same, else stop
    Identical,
    /// Take it over by its name, and update what differs
    Name,
    /// Leave it alone and create another
    Never,
}

/// `import`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["key", "agent", "all"]))]
pub struct ImportArgs {
    /// The key that it gets; where no file declares it, one is written
    #[arg(value_name = "KEY", requires = "id")]
    pub key: Option<String>,
    /// Its id at the API
    #[arg(value_name = "ID", requires = "key")]
    pub id: Option<u64>,
    /// Every simulation of this agent that no lockfile here names
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// Every simulation of the organisation that no lockfile here names, those
    /// that other features of Bluejay made included
    #[arg(long)]
    pub all: bool,
    /// How the API is read.
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// `state`.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// List keys and ids
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what was applied last for a key
    Show {
        /// The key
        key: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Rename an entry
    Mv {
        /// The key it has
        from: String,
        /// The key it gets
        to: String,
    },
    /// Stop managing a simulation, and keep it alive
    Rm {
        /// The keys
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Decide what nothing else can: conflict markers, or what became of a create
    ///
    /// Without arguments it joins both sides of a lockfile that git could not
    /// merge. With a key and an id it records that a create which was cut off
    /// made that simulation; with a key and `none`, that it made nothing.
    Resolve {
        /// The key of the create that was cut off
        #[arg(requires = "id", value_name = "KEY")]
        key: Option<String>,
        /// The simulation's id, or `none`
        #[arg(value_name = "ID|none")]
        id: Option<String>,
        /// Where a key has two ids: the one to keep; may be repeated
        #[arg(long, value_name = "ID")]
        keep: Vec<u64>,
    },
    /// Merge lockfiles for git: three ways, no project needed
    ///
    /// Git calls it, once `.gitattributes` says `bluejay*.lock merge=bluejayctl` and the
    /// configuration `merge.bluejayctl.driver` is
    /// `bluejayctl state merge-driver %O %A %B %P`.
    MergeDriver(MergeDriverArgs),
}

/// `state merge-driver`.
#[derive(Debug, Args)]
pub struct MergeDriverArgs {
    /// The common ancestor, git's `%O`; may be empty or missing
    #[arg(value_name = "BASE")]
    pub base: PathBuf,
    /// Our side, git's `%A`; it gets the result
    #[arg(value_name = "OURS")]
    pub ours: PathBuf,
    /// Their side, git's `%B`
    #[arg(value_name = "THEIRS")]
    pub theirs: PathBuf,
    /// The lockfile's path in the repository, git's `%P`, for messages
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Keys of the lockfile, globs allowed [default: all]
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// The least score of each run, in percent of its tests
    #[arg(long, value_name = "PERCENT", default_value = "80")]
    pub min_score: MinScore,
    /// How long to wait for all of them together
    #[arg(long, value_name = "TIME", default_value = "25m", value_parser = humantime::parse_duration)]
    pub timeout: Duration,
    /// How long to wait between two looks at a run [default: 10s; with `--sandbox` 200ms]
    #[arg(long, value_name = "TIME", value_parser = parse_poll)]
    pub poll: Option<Duration>,
    /// The most runs under way at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = parse_parallelism)]
    pub parallelism: usize,
    /// How long to look for a run whose queueing was not answered
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub settle: Duration,
    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: RunFormat,
    /// Faults for the sandbox to make
    #[arg(long = "fault", value_name = "RULE", requires = "sandbox")]
    pub faults: Vec<FaultRule>,
}

/// The forms of a report on runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// `JUnit` XML
    Junit,
    /// For a comment or a job summary
    Markdown,
}

/// `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which one: simulation, project or lockfile
    #[arg(value_name = "NAME", default_value = "simulation")]
    pub name: String,
    /// Write all of them into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub write: Option<PathBuf>,
    /// Fail when a file in this folder is not current
    #[arg(long, value_name = "DIR")]
    pub check: Option<PathBuf>,
}

/// `sandbox`.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// The port on this machine; 0 takes a free one
    #[arg(long, default_value_t = 4010)]
    pub port: u16,
    /// Keep the data in this file [default: in memory]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// A fault to make; may be repeated. See docs/sandbox.md
    #[arg(long = "fault", value_name = "RULE")]
    pub faults: Vec<FaultRule>,
    /// A JSON file with faults
    #[arg(long, value_name = "FILE")]
    pub faults_file: Option<PathBuf>,
}

impl From<OnChangeArg> for plan::OnChange {
    fn from(arg: OnChangeArg) -> Self {
        match arg {
            OnChangeArg::Update => Self::Update,
            OnChangeArg::Recreate => Self::Recreate,
        }
    }
}

impl From<AdoptArg> for plan::Adopt {
    fn from(arg: AdoptArg) -> Self {
        match arg {
            AdoptArg::Identical => Self::Identical,
            AdoptArg::Name => Self::Name,
            AdoptArg::Never => Self::Never,
        }
    }
}

fn parse_var(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// At least a millisecond, so that no loop runs hot.
fn parse_poll(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(poll) if poll >= Duration::from_millis(1) => Ok(poll),
        Ok(_) => Err("expected at least 1ms".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_parallelism(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=512) => Ok(number),
        _ => Err("expected a number from 1 to 512".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
