//! The options of `state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
