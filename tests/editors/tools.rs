//! Finds the scripts of npm packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::programs::{output, skip};

/// Returns the script of an npm package, below `node_modules` of the folder that
/// `BLUEJAY_YAML_LS` names, or among the global packages. Returns `None` and reports a
/// skipped test if node or the package is missing. If `BLUEJAY_YAML_LS` is set, its folder
/// must contain the script.
pub fn node_script(package: &str, script: &str) -> Option<PathBuf> {
    let script = Path::new(package).join(script);
    if let Some(folder) = std::env::var_os("BLUEJAY_YAML_LS") {
        let path = Path::new(&folder).join("node_modules").join(script);
        assert!(path.is_file(), "there is no `{}`", path.display());
        return Some(path);
    }
    let found = global_script(&script);
    if found.is_none() {
        skip(package);
    }
    found
}

fn global_script(script: &Path) -> Option<PathBuf> {
    output(Command::new("node").arg("--version"))?;
    let global = output(Command::new("npm").args(["root", "--global"]))?;
    let path = Path::new(global.trim()).join(script);
    path.is_file().then_some(path)
}
