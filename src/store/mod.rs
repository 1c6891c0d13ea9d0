//! The disk: the only module that touches files.

pub mod discover;
