//! Log lines, for `-v`.

use tracing_subscriber::EnvFilter;

use crate::cli::{GlobalArgs, LogFormat};

/// Sends this crate's log lines to stderr: requests with `-v`, more with `-vv`.
///
/// Other crates stay silent, since some log headers, and so the key.
pub fn listen(global: &GlobalArgs) {
    let filter = match global.verbose {
        0 => return,
        1 => "bluejayctl=info",
        _ => "bluejayctl=trace",
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false);
    // Only one subscriber is ever set, so this can't fail.
    let _ = match global.log_format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
}
