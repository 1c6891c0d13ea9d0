//! One verb per file, each to be read from top to bottom.

pub mod load;
pub mod validate;
