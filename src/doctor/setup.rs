//! The set-up of git in a project.

/// The folder with the private files beside a lockfile.
pub const PRIVATE_FOLDER: &str = ".bluejay/";

/// The lines of `.gitignore`.
pub const IGNORED: [&str; 3] = [PRIVATE_FOLDER, "*.lock.journal", "bluejay*.sandbox.lock"];

/// The lines of `.gitattributes`: the merge driver of lockfiles.
pub const ATTRIBUTES: [&str; 1] = ["bluejay*.lock merge=bluejayctl"];

/// The name of the merge driver.
pub const DRIVER_NAME: &str = "bluejayctl";

/// The command that configures the merge driver. Git needs the command once in each
/// clone, because the configuration is not part of the repository.
pub const DRIVER: &str =
    r#"git config merge.bluejayctl.driver "bluejayctl state merge-driver %O %A %B %P""#;
