//! The options of the commands that show a project: `doctor`, `graph`, `list`.

use clap::{Args, ValueEnum};

/// `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The format of the report
    #[arg(long, value_name = "FORM", default_value = "human")]
    pub format: DoctorFormat,
}

/// The formats of the report of `doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
}

/// `graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// Only what matches, what it uses, and what uses it; may be repeated, globs allowed
    #[arg(long = "target", value_name = "KEY")]
    pub targets: Vec<String>,
    /// The language of the graph
    #[arg(long, value_name = "FORM", default_value = "dot")]
    pub format: GraphFormat,
}

/// The languages of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For Graphviz
    Dot,
    /// For Markdown on GitHub and GitLab
    Mermaid,
    /// One JSON document
    Json,
}

/// `list`, and `state list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only entries with this key, id or name, or with a part of a key or name; may be
    /// repeated, globs allowed for keys
    #[arg(value_name = "TEXT")]
    pub find: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
