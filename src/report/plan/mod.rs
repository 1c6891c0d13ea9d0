//! A plan, shown.

mod human;
mod json;

pub use human::{human, summary_line};
pub use json::{document, json};
