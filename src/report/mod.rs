//! The output of the program. Only this module writes to stdout and stderr, and only this
//! module uses `similar`.

pub mod apply;
pub mod apply_events;
pub mod color;
mod destination;
pub mod diagnostics;
pub mod diagnostics_json;
pub mod diagnostics_junit;
pub mod diagnostics_sarif;
pub mod doctor;
pub mod drift;
pub mod event;
pub mod explain;
mod fingerprint;
pub mod formatting;
pub mod github;
pub mod gitlab;
pub mod graph;
mod groups;
mod hanging;
pub mod json;
pub mod layout;
pub mod log;
pub mod markdown;
pub mod model;
pub mod output;
pub mod plan;
pub mod progress;
pub mod pull;
pub mod requests;
pub mod run;
pub mod schemas;
pub mod screen;
mod sink;
mod snippet;
pub mod status;
mod stderr;
mod style;
pub mod suggestion;

pub use destination::Destination;
pub use layout::Layout;
pub use output::Output;
pub use status::Status;
pub use style::Palette;
