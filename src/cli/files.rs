//! The options of the commands that only use files: `init`, `validate`, `fmt`,
//! `explain`, `schema`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Also write a workflow for this CI: plan on pull requests, apply on the default
    /// branch
    #[arg(long, value_name = "WHERE")]
    pub ci: Option<Ci>,
}

/// A CI for which `init` has a workflow.
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
    /// Report only on these files and folders [default: all files]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Check the files in every environment, and without one
    #[arg(long)]
    pub all_envs: bool,
    /// The format of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: ValidateFormat,
    /// Also write the JSON to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub json_into: Option<PathBuf>,
}

/// The formats of a validation report.
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
    /// JUnit XML
    #[allow(
        clippy::doc_markdown,
        reason = "the help shows the name without backticks"
    )]
    Junit,
    /// The Code Quality report of GitLab
    Gitlab,
}

/// `fmt`.
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Format only these files and folders [default: all files of the project]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing: list the files that are not formatted, and exit with 2 if there are any
    #[arg(long)]
    pub check: bool,
    /// Write nothing: show what would change, and exit with 2 if something would
    #[arg(long)]
    pub diff: bool,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A kind, a field, or a field of a kind: `digital_human`, `intent`,
    /// `digital_human.intent` [default: list the kinds]
    #[arg(value_name = "KIND|FIELD")]
    pub name: Option<String>,
    /// The format of the explanation
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: ExplainFormat,
}

/// The formats of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
}

/// `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The name of a schema
    #[arg(value_name = "NAME", default_value = "simulation")]
    pub name: String,
    /// Write all schemas into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub write: Option<PathBuf>,
    /// Fail if a file in this folder is not current
    #[arg(long, value_name = "DIR")]
    pub check: Option<PathBuf>,
}
