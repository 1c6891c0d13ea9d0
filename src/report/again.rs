//! What a command that is suggested has to say again.
//!
//! `state rm KEY` without the `--env staging` of the command that suggests it would be
//! about another lockfile. So the options that choose where one works are put into
//! every suggested command, where it is said.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::cli::GlobalArgs;
use crate::spec::command_line::option;

/// How suggested commands begin in this process, where they need more than a name.
static BEGINNING: OnceLock<String> = OnceLock::new();

/// How they are written in messages.
const PLAIN: &str = "`bluejayctl ";

/// Takes note of the options that count for all that is suggested.
pub fn listen(global: &GlobalArgs) {
    let options = options(global);
    if !options.is_empty() {
        // Only the first of a process counts, and there is one.
        let _ = BEGINNING.set(format!("{PLAIN}{options} "));
    }
}

/// A text whose commands say these options again.
#[must_use]
pub fn said(text: &str) -> Cow<'_, str> {
    match BEGINNING.get() {
        Some(beginning) if text.contains(PLAIN) => with(beginning, text).into(),
        _ => text.into(),
    }
}

/// Those that say them already stay as they are.
fn with(beginning: &str, text: &str) -> String {
    text.replace(beginning, PLAIN).replace(PLAIN, beginning)
}

fn options(global: &GlobalArgs) -> String {
    let path = |path: &std::path::Path| path.display().to_string();
    let folder = global.chdir.as_deref().map(|at| option("-C", &path(at)));
    let config = global.config.as_deref();
    let config = config.map(|file| option("--config", &path(file)));
    let env = global.env.as_ref().map(|name| option("--env", name));
    // One with a password in it is not said at all.
    let address = global.api_url.as_ref().filter(|url| !url.contains('@'));
    let address = address.map(|url| option("--api-url", url));
    let key = global.api_key_file.as_deref();
    let key = key.map(|file| option("--api-key-file", &path(file)));
    let sandbox = global.sandbox.then(|| "--sandbox".to_owned());
    let all = [folder, config, env, address, key, sandbox];
    all.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    fn check(args: &[&str], expected: &str) {
        let all = ["bluejayctl"].iter().chain(args).chain(&["plan"]);
        let cli = Cli::try_parse_from(all).unwrap();
        assert_eq!(options(&cli.global), expected);
    }

    #[test]
    fn what_chooses_the_place_is_said_again() {
        check(&[], "");
        check(&["-q", "--color", "never"], "");
        check(
            &["--env", "staging", "--sandbox"],
            "--env staging --sandbox",
        );
        check(&["-C", "a b"], "-C 'a b'");
        check(
            &[
                "--config",
                "x.yaml",
                "--api-url",
                "http://127.0.0.1:1",
                "--api-key-file",
                "k",
            ],
            "--config x.yaml --api-url http://127.0.0.1:1 --api-key-file k",
        );
    }

    #[test]
    fn they_are_said_once() {
        let beginning = "`bluejayctl --sandbox ";
        let once = with(beginning, "run `bluejayctl plan`, or `bluejayctl apply`");
        assert_eq!(
            once,
            "run `bluejayctl --sandbox plan`, or `bluejayctl --sandbox apply`"
        );
        assert_eq!(with(beginning, &once), once);
    }

    #[test]
    fn a_password_is_not() {
        check(&["--api-url", "https://me:secret@api.example"], "");
    }
}
