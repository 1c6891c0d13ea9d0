//! Questions to the program `git`, which knows the configuration of the user.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variable with the API key, which no other program may see.
const SECRET: &str = "BLUEJAY_API_KEY";

/// The program `git` in a folder.
#[derive(Debug)]
pub struct Git {
    folder: PathBuf,
}

/// The answer of git.
#[derive(Debug)]
pub struct GitAnswer {
    /// Whether git ended with 0.
    pub is_success: bool,
    /// What git printed to stdout.
    pub text: String,
}

impl Git {
    /// Returns git in a folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Asks git. Git writes nothing, and starts no monitor of files. The error is a sentence:
    /// git is missing, or failed.
    pub fn ask(&self, args: &[&str]) -> Result<GitAnswer, String> {
        let output = Command::new("git")
            .args(["-c", "core.fsmonitor=false"])
            .args(args)
            .current_dir(&self.folder)
            .env_remove(SECRET)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("the program `git` can't be started: {error}"))?;
        // 1 is an answer: no such configuration, no such file.
        if !matches!(output.status.code(), Some(0 | 1)) {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(said.lines().next().unwrap_or("git failed").to_owned());
        }
        Ok(GitAnswer {
            is_success: output.status.success(),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }
}
