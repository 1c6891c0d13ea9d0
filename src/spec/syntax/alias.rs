//! Aliases that refer to nothing.

use super::text::SourceText;
use crate::diagnostic::{Diagnostic, DiagnosticCode};

impl SourceText<'_> {
    /// Returns the error about an alias without an anchor above it.
    pub(super) fn unknown_alias(&self, at: usize) -> Diagnostic {
        let letters = self.rest(at).chars();
        let name: String = letters
            .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | ']' | '}'))
            .collect();
        Diagnostic::error(
            DiagnosticCode::UnknownAlias,
            self.range(at, at + name.len()),
            format!("the alias `{name}` has no anchor above it in this document"),
        )
        .help(format!(
            "put `&{}` before the value to repeat; a text that begins with `*` needs quotes",
            name.trim_start_matches('*')
        ))
    }
}
