//! The options of this process that suggested commands repeat.

use std::path::Path;
use std::sync::RwLock;

use crate::cli::GlobalArgs;
use crate::suggestion::{Invocation, Message};

/// The options of the current command line.
static INVOCATION: RwLock<Option<Invocation>> = RwLock::new(None);

/// Sets the options that suggested commands repeat.
pub fn repeat(global: &GlobalArgs) {
    let mut current = match INVOCATION.write() {
        Ok(current) => current,
        Err(poisoned) => poisoned.into_inner(),
    };
    *current = Some(invocation(global));
}

/// Returns the options that suggested commands repeat.
#[must_use]
pub fn current() -> Invocation {
    let current = match INVOCATION.read() {
        Ok(current) => current,
        Err(poisoned) => poisoned.into_inner(),
    };
    current.clone().unwrap_or_default()
}

/// Returns the text of a message, with complete commands.
#[must_use]
pub fn text(message: &Message) -> String {
    message.render(&current())
}

fn invocation(global: &GlobalArgs) -> Invocation {
    let path = |path: &Path| path.display().to_string();
    let mut all = Invocation::default();
    if let Some(folder) = &global.chdir {
        all = all.folder(&path(folder));
    }
    if let Some(file) = &global.config {
        all = all.config(&path(file));
    }
    if let Some(name) = &global.env {
        all = all.environment(name);
    }
    if global.sandbox {
        all = all.sandbox();
    }
    for (name, value) in &global.vars {
        all = all.variable(name, value);
    }
    if let Some(url) = &global.api_url {
        all = all.api_url(url);
    }
    if let Some(file) = &global.api_key_file {
        all = all.api_key_file(&path(file));
    }
    all
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;
    use crate::suggestion::{Suggestion, Verb};

    #[test]
    fn suggestions_repeat_every_option_that_selects_a_project() {
        let args = "bluejayctl -q --color never -C f --config x.yaml --env staging --sandbox \
                    --var A=1 --api-url http://127.0.0.1:1 --api-key-file k plan";
        let cli = Cli::try_parse_from(args.split_whitespace()).unwrap();
        assert_eq!(
            Suggestion::new(Verb::Apply).command_line(&invocation(&cli.global)),
            "bluejayctl -C f --config x.yaml --env staging --sandbox --var 'A=1' \
             --api-url http://127.0.0.1:1 --api-key-file k apply"
        );
    }
}
