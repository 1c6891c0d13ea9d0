//! Reads the API key from a file or from the environment. The key is never shown.

use std::path::Path;

use crate::api::ApiKey;
use crate::cli::GlobalArgs;
use crate::error::CommandError;
use crate::report::Output;
use crate::store;

/// The variable that holds the key.
const VARIABLE: &str = "BLUEJAY_API_KEY";

/// Reads the API key.
pub(super) fn read(global: &GlobalArgs) -> Result<ApiKey, CommandError> {
    match &global.api_key_file {
        Some(file) => of_file(&global.path(file)),
        None => of_variable(),
    }
}

/// Warns of a key file that every user of this machine can read.
pub(super) fn warn_of_readable_file(global: &GlobalArgs, output: &Output) {
    let Some(file) = &global.api_key_file else {
        return;
    };
    if store::is_readable_by_all(&global.path(file)) {
        output.warn(format!(
            "every user of this machine can read the API key in `{0}`: `chmod 600 {0}`",
            file.display()
        ));
    }
}

fn of_file(path: &Path) -> Result<ApiKey, CommandError> {
    let text = store::read_text(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => {
            CommandError::new(format!("could not use the API key in `{}`", path.display()))
                .caused_by("the file is not UTF-8")
                .help("the file must contain only the key, as plain text")
        }
        _ => error.into(),
    })?;
    // Editors on Windows write a byte order mark at the start of a file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    let place = path.display();
    if text.is_empty() {
        return Err(
            CommandError::new(format!("the API key file `{place}` is empty"))
                .help("the file must contain only the key"),
        );
    }
    ApiKey::new(text).map_err(|error| {
        CommandError::new(format!("could not use the API key in `{place}`"))
            .caused_by(error)
            .help("the file must contain only the key, on one line")
    })
}

fn of_variable() -> Result<ApiKey, CommandError> {
    let text = std::env::var_os(VARIABLE).unwrap_or_default();
    let text = text.to_string_lossy();
    let text = text.trim();
    if text.is_empty() {
        return Err(CommandError::new("no API key")
            .help(format!(
                "set `{VARIABLE}`, or name a file with `--api-key-file FILE`"
            ))
            .help("to try everything without a key: `--sandbox`"));
    }
    ApiKey::new(text).map_err(|error| {
        CommandError::new(format!("could not use the API key in `{VARIABLE}`"))
            .caused_by(error)
            .help("set the variable to the key, and nothing else")
    })
}
