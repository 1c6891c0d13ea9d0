//! Finds the programs that cargo can't bring.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A script of a package from npm: below `node_modules` of the folder that
/// `BLUEJAY_YAML_LS` names, or of the global packages. `None` where there is no
/// node or no such package; a folder that is named has to have it.
pub fn node_script(script: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("BLUEJAY_YAML_LS") {
        let path = Path::new(&folder).join("node_modules").join(script);
        assert!(path.is_file(), "there is no `{}`", path.display());
        return Some(path);
    }
    output(Command::new("node").arg("--version"))?;
    let global = output(Command::new("npm").args(["root", "--global"]))?;
    let path = Path::new(global.trim()).join(script);
    path.is_file().then_some(path)
}

/// Whether a program is on the path and runs.
pub fn has_program(name: &str) -> bool {
    output(Command::new(name).arg("--version")).is_some()
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let is_good = output.status.success();
    is_good.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Says why a test checks nothing.
#[expect(
    clippy::print_stderr,
    reason = "who runs the tests should know what they left out"
)]
pub fn skip(name: &str) {
    eprintln!("skipped: there is no {name}");
}
