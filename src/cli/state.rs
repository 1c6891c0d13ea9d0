//! The options of `state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::inspect::ListArgs;

/// `state`.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// List keys and ids, or find entries by key, id or name
    List(ListArgs),
    /// Show the prior state of a resource
    Show {
        /// The key (KIND:KEY), the id or the name
        #[arg(value_name = "KEY|ID|NAME")]
        key: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Rename a key in the lockfile
    Mv {
        /// The current key
        from: String,
        /// The new key
        to: String,
    },
    /// Remove keys from the lockfile; the resources stay at the API
    Rm {
        /// The keys
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Resolve git conflict markers, or an open create
    ///
    /// Without arguments, `resolve` merges both sides of a lockfile with git conflict
    /// markers. With a key and an id, `resolve` records that an open create made the
    /// resource with that id. With a key and `none`, `resolve` records that the create made
    /// nothing.
    Resolve {
        /// The key of the open create
        #[arg(requires = "id", value_name = "KEY")]
        key: Option<String>,
        /// The id at the API, or `none`
        #[arg(value_name = "ID|none")]
        id: Option<String>,
        /// The id to keep for a key with two ids; may be repeated
        #[arg(long, value_name = "ID")]
        keep: Vec<String>,
    },
    /// Merge lockfiles for git, with a common ancestor; needs no project
    ///
    /// Git calls this command if `.gitattributes` says `bluejay*.lock merge=bluejayctl` and the
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
    /// Our side, git's `%A`; receives the result
    #[arg(value_name = "OURS")]
    pub ours: PathBuf,
    /// Their side, git's `%B`
    #[arg(value_name = "THEIRS")]
    pub theirs: PathBuf,
    /// The path of the lockfile in the repository, git's `%P`, for messages
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
}
