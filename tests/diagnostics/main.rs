//! What is said about mistakes in the user's files.

mod check;
mod fixtures;
mod hostile;
