//! Markdown for pull requests, merge requests and job summaries.
//!
//! Every text of a user or a server passes through `escape`: untrusted text must not
//! mention people, close a fold or forge a row. Every page has a limit in bytes, and says
//! what it left out.

mod apply;
pub(super) mod cells;
mod diagnostics;
pub(super) mod escape;
pub(super) mod page;
mod plan;
mod plan_details;
#[cfg(test)]
mod tests;

pub use apply::apply;
pub use diagnostics::diagnostics;
pub use page::{COMMENT_LIMIT, Marker};
pub use plan::plan;
