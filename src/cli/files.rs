//! The options of what is about files alone: `init`, `validate`, `schema`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
