//! STUB
#![allow(missing_docs)]
use crate::diagnostic::Diagnostic;
pub fn human(d: &[Diagnostic], _c: bool) -> String {
    format!("{d:?}")
}
