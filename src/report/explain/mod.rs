//! Explains kinds and fields.

mod human;
mod json;

pub use human::human;
pub use json::{Document, json};
