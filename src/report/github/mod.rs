//! The formats of GitHub Actions: annotations on stdout, outputs in a file.

mod annotation;
mod apply;
mod diagnostics;
mod outputs;
mod plan;
mod run;

pub use apply::apply;
pub use diagnostics::diagnostics;
pub use outputs::{Outputs, outputs};
pub use plan::plan;
pub use run::run;
