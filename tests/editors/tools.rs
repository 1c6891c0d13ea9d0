//! Finds the scripts of npm packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use bluejayctl::resource::schema::EDITOR_KEYWORDS;
use serde_json::Value;

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

/// Returns a command of ajv in strict mode, for the schema that the caller adds. The
/// keywords of editors are declared in a file in `folder`.
pub fn strict_ajv(script: &Path, folder: &Path, verb: &str) -> Command {
    let vocabulary = folder.join("vocabulary.js");
    let keywords = Value::from(EDITOR_KEYWORDS.to_vec());
    let text = format!("module.exports = (ajv) => ajv.addVocabulary({keywords});\n");
    std::fs::write(&vocabulary, text).unwrap();
    let mut command = Command::new("node");
    command.arg(script).args([verb, "--strict=true", "-c"]);
    command.arg(&vocabulary).arg("-s");
    command.env_remove("NODE_OPTIONS");
    command
}
