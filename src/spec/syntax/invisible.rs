//! Finds invisible characters that change how YAML reads a file.

use super::explain::Mistake;
use super::text::SEPARATORS;
use crate::diagnostic::{Diagnostic, DiagnosticCode};

impl Mistake<'_> {
    /// Finds a byte order mark where another file was appended.
    pub(super) fn byte_order_mark(&self) -> Option<Diagnostic> {
        const MARK: char = '\u{feff}';
        let start = self.text.line_start(self.byte);
        let at = start + self.text.line(self.byte).find(MARK)?;
        (at <= self.byte).then(|| {
            Diagnostic::error(
                DiagnosticCode::Encoding,
                self.text.range(at, at + MARK.len_utf8()),
                "a byte order mark (U+FEFF) is in the middle of the file",
            )
            .label("an invisible character")
            .help("remove it: it remains when files are concatenated")
        })
    }

    /// Finds a character outside of quotes that only YAML reads as a line break. The
    /// text after it looks like the same line.
    pub(super) fn line_separator(&self) -> Option<Diagnostic> {
        let at = self.begin.unwrap_or(self.byte);
        let is_reported_late = self.begin.is_none();
        let start = self.text.line_start(at);
        let line = self.text.whole.get(start..at)?;
        let (start, at) = match line.rfind(SEPARATORS) {
            Some(found) => (start, start + found),
            None if is_reported_late && start > 0 => {
                let above = self.text.line_start(start - 1);
                let found = self.text.whole[above..start].rfind(SEPARATORS)?;
                (above, above + found)
            }
            None => return None,
        };
        let quotes = self.text.whole[start..at].matches(['"', '\'']).count();
        let separator = self.text.char_at(at).filter(|_| quotes.is_multiple_of(2))?;
        Some(
            Diagnostic::error(
                DiagnosticCode::Syntax,
                self.text.range(at, at + separator.len_utf8()),
                format!(
                    "U+{:04X} ends the line here, because YAML reads it as a line break",
                    u32::from(separator)
                ),
            )
            .label("an invisible character")
            .help("remove it, or put the text in double quotes"),
        )
    }
}
