//! `completions`: the completions of a shell.
//!
//! The script of a shell runs the program with the variable [`VARIABLE`] on each press of
//! the Tab key. The program knows the options of each command, and finds keys,
//! environments and targets in the files.

mod bash;
mod values;

use std::ffi::OsString;
use std::path::Path;

use clap_complete::env::{EnvCompleter, Shells};
use clap_complete::{Shell, engine};

use crate::cli;
use crate::error::{CommandError, Exit};
use crate::report::Output;

/// The variable with the name of the shell that asks for completions.
const VARIABLE: &str = "BLUEJAYCTL_COMPLETE";

/// The name of the program in the scripts of shells.
const PROGRAM: &str = "bluejayctl";

/// Prints the script that connects a shell with the program.
pub(super) fn run(shell: Shell, output: &mut Output) -> Result<Exit, CommandError> {
    let script = if shell == Shell::Bash {
        bash::script(VARIABLE, PROGRAM)
    } else {
        let mut script = Vec::new();
        shell_of(&shell.to_string())?
            .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
            .map_err(failed)?;
        String::from_utf8_lossy(&script).into_owned() + as_function(shell)
    };
    output.result(&script);
    Ok(Exit::Success)
}

/// Returns the end of a script. In a folder of `$fpath`, the script for zsh is itself the
/// function that completes.
fn as_function(shell: Shell) -> &'static str {
    match shell {
        Shell::Zsh => {
            "\n[[ $funcstack[1] != _bluejayctl ]] || _clap_dynamic_completer_bluejayctl \"$@\"\n"
        }
        _ => "",
    }
}

/// Prints the completions for a command line, if a shell asks for them. Returns whether a
/// shell asked. Nothing is reported: a message would disturb the command line.
#[must_use]
pub fn complete(args: impl IntoIterator<Item = OsString>) -> bool {
    let Some(shell) = std::env::var_os(VARIABLE).filter(|shell| !shell.is_empty()) else {
        return false;
    };
    let args: Vec<_> = args.into_iter().collect();
    let found = match shell.to_string_lossy().as_ref() {
        "bash" => in_bash(&args),
        shell => in_other_shell(shell, args),
    };
    let mut output = Output::of_process(true);
    output.result(&found.unwrap_or_default());
    true
}

/// Bash passes the line in variables, and the word to replace as the second argument.
fn in_bash(args: &[OsString]) -> Option<String> {
    let line = std::env::var("COMP_LINE").ok()?;
    let point = std::env::var("COMP_POINT").ok()?.parse().ok()?;
    let line: String = line.chars().take(point).collect();
    let line = bash::Line::parse(&line);
    let replaced = args.get(2).map(|word| word.to_string_lossy());
    let words: Vec<OsString> = line.words.iter().map(OsString::from).collect();
    let mut command = values::with_values(cli::command(), &words, values::Quoting::Shell);
    let index = words.len().checked_sub(1)?;
    let found = engine::complete(&mut command, words, index, Some(Path::new("."))).ok()?;
    let found = found.iter().filter_map(|candidate| {
        let candidate = candidate.get_value().to_str()?;
        line.replacement(candidate, replaced.as_deref().unwrap_or_default())
    });
    Some(found.map(|candidate| candidate + "\n").collect())
}

fn in_other_shell(shell: &str, mut args: Vec<OsString>) -> Option<String> {
    let start = args.iter().position(|arg| arg == "--")? + 1;
    let words = args.split_off(start);
    // PowerShell evaluates the command line to complete it.
    let quoting = match shell {
        "powershell" | "pwsh" => values::Quoting::Nobody,
        _ => values::Quoting::Shell,
    };
    let mut command = values::with_values(cli::command(), &words, quoting);
    let mut found = Vec::new();
    let shell = shell_of(shell).ok()?;
    shell
        .write_complete(&mut command, words, Some(Path::new(".")), &mut found)
        .ok()?;
    String::from_utf8(found).ok()
}

fn shell_of(name: &str) -> Result<&'static dyn EnvCompleter, CommandError> {
    const SHELLS: Shells<'static> = Shells::builtins();
    let mut shells = SHELLS.0.iter().copied();
    shells
        .find(|shell| shell.is(name))
        .ok_or_else(|| CommandError::new(format!("there are no completions for `{name}`")))
}

fn failed(error: std::io::Error) -> CommandError {
    CommandError::new("could not make the completions").caused_by(error)
}
