//! What is said about mistakes in the user's files.

mod accepted;
mod check;
mod fixtures;
mod hostile;
