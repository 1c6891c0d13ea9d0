//! The set-up of git in a project.

/// The folder with the private files beside a lockfile.
pub const PRIVATE_FOLDER: &str = ".bluejay/";

/// The lines of `.gitignore`.
pub const IGNORED: [&str; 4] = [
    PRIVATE_FOLDER,
    "*.lock.journal",
    "bluejay*.sandbox.lock",
    "*.plan",
];

/// Returns the line of `.gitattributes` for the lockfiles of a project: the lockfile without
/// an environment has this name.
#[must_use]
pub fn attributes(lockfile: &str) -> String {
    let stem = lockfile.strip_suffix(".lock").unwrap_or(lockfile);
    format!("{stem}*.lock merge={DRIVER_NAME}")
}

/// The name of the merge driver.
pub const DRIVER_NAME: &str = "bluejayctl";

/// The command that configures the merge driver. Git needs the command once in each
/// clone, because the configuration is not part of the repository.
pub const DRIVER: &str =
    r#"git config merge.bluejayctl.driver "bluejayctl state merge-driver %O %A %B %P""#;
