//! Decodes the bytes of a file as text that YAML accepts.

use std::sync::Arc;

use super::position::TextIndex;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};

/// The maximum size of a file. A simulation has about a kilobyte.
pub const MAX_FILE_BYTES: u64 = 5 * 1024 * 1024;

/// Returns the text of a file without its byte order mark.
///
/// Returns an error for bytes that are not UTF-8, and for control characters other than
/// tabs and line breaks.
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    let file = text(name, bytes)?;
    match control_character(&file).or_else(|| byte_order_mark(&file)) {
        Some(diagnostic) => Err(Box::new(diagnostic)),
        None => Ok(file),
    }
}

/// Returns the text of a file without its byte order mark, whatever its characters.
/// Returns an error for bytes that are not UTF-8.
pub fn text(name: &str, bytes: Vec<u8>) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Box::new(too_large(name, bytes.len() as u64)));
    }
    if let Some(encoding) = foreign_encoding(&bytes) {
        let diagnostic = Diagnostic::error(
            DiagnosticCode::Encoding,
            Place::file(&SourceFile::unreadable(name)),
            format!("the file is {encoding}, not UTF-8"),
        );
        return Err(Box::new(diagnostic.help("save it as UTF-8")));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(Box::new(not_utf8(name, &error))),
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => SourceFile::after_byte_order_mark(name, rest),
        None => SourceFile::new(name, text),
    })
}

/// Returns the error about a file that is larger than [`MAX_FILE_BYTES`]. The file need
/// not be read for this error.
#[must_use]
pub fn too_large(name: &str, bytes: u64) -> Diagnostic {
    let mebibytes = MAX_FILE_BYTES / (1024 * 1024);
    Diagnostic::error(
        DiagnosticCode::TooLarge,
        Place::file(&SourceFile::unreadable(name)),
        format!("the file has {bytes} bytes, more than {mebibytes} MiB"),
    )
    .help(
        "a simulation has about a kilobyte: split the file, or move it out of this folder if \
           it is not a simulation",
    )
}

fn foreign_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some("UTF-16"),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some("UTF-16"),
        _ => None,
    }
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let bytes = error.as_bytes();
    let at = error.utf8_error().valid_up_to();
    let shown = String::from_utf8_lossy(bytes).into_owned();
    let index = TextIndex::new(&shown);
    // Up to the first invalid byte, the shown text equals the bytes.
    let width = char::REPLACEMENT_CHARACTER.len_utf8();
    let span = index.span(&shown, at, at + width);
    let wrong = bytes.get(at).copied().unwrap_or_default();
    let diagnostic = Diagnostic::error(
        DiagnosticCode::Encoding,
        Place::span(&SourceFile::new(name, shown), span),
        format!("byte 0x{wrong:02x} is not UTF-8"),
    )
    .label("not UTF-8");
    match latin_1(wrong) {
        Some(letter) => diagnostic.help(format!(
            "the file looks like Latin-1 or Windows-1252, where this byte is `{letter}`: save it as UTF-8"
        )),
        None => diagnostic.help("save the file as UTF-8"),
    }
}

/// Returns the Latin-1 character of a byte; `None` for a control character.
fn latin_1(byte: u8) -> Option<char> {
    (byte >= 0xa0).then(|| char::from(byte))
}

fn control_character(file: &Arc<SourceFile>) -> Option<Diagnostic> {
    let text = file.text.as_deref().unwrap_or_default();
    let at = ascii_control(text.as_bytes());
    // An ASCII file can't contain any other control characters.
    let at = if text.is_ascii() {
        at?
    } else {
        at.or_else(|| text.find(is_forbidden))?
    };
    let letter = text.get(at..)?.chars().next()?;
    let index = TextIndex::new(text);
    let span = index.span(text, at, at + letter.len_utf8());
    let name = if letter == '\0' { "a NUL" } else { "a control" };
    let code = u32::from(letter);
    Some(
        Diagnostic::error(
            DiagnosticCode::Encoding,
            Place::span(file, span),
            format!("{name} character (0x{code:02x}) is not allowed in YAML"),
        )
        .help(match letter {
            '\0' => "the file is not a text file, or was written only in part: restore it",
            '\u{fffe}' | '\u{ffff}' => "remove it; in double quotes it can be written as an escape",
            _ => "remove it; in double quotes it can be written as an escape such as `\\u001b`",
        }),
    )
}

/// Returns the place of the first ASCII control character other than a tab or a line break.
fn ascii_control(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let is_control =
        |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f;
    // A loop over a block without an early end is compiled to vector instructions.
    let has_control = |block: &[u8]| block.iter().fold(false, |any, b| any | is_control(*b));
    let block = bytes.chunks(BLOCK).position(has_control)? * BLOCK;
    let inside = bytes[block..].iter().position(|byte| is_control(*byte))?;
    Some(block + inside)
}

/// Finds a byte order mark at the beginning of a line, which remains when files are
/// concatenated. YAML counts the mark as a column, so the line seems to be indented.
fn byte_order_mark(file: &Arc<SourceFile>) -> Option<Diagnostic> {
    const MARK: char = '\u{feff}';
    let text = file.text.as_deref().unwrap_or_default();
    if text.is_ascii() {
        return None;
    }
    let mut marks = text.match_indices(MARK).map(|(at, _)| at);
    let at = marks.find(|at| *at == 0 || text[..*at].ends_with(['\n', '\r']))?;
    let span = TextIndex::new(text).span(text, at, at + MARK.len_utf8());
    Some(
        Diagnostic::error(
            DiagnosticCode::Encoding,
            Place::span(file, span),
            "a byte order mark (U+FEFF) is in the middle of the file",
        )
        .label("an invisible character")
        .help("remove it: it remains when files are concatenated"),
    )
}

/// Returns whether YAML refuses this character beyond ASCII. YAML accepts U+0085.
fn is_forbidden(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_and_place(bytes: &[u8]) -> String {
        match decode("a.yaml", bytes.to_vec()) {
            Ok(file) => format!("text {:?}", file.text.as_deref().unwrap_or_default()),
            Err(diagnostic) => format!("{} {}", diagnostic.place, diagnostic.summary),
        }
    }

    #[test]
    fn utf8_is_accepted_with_and_without_a_byte_order_mark() {
        assert_eq!(code_and_place("é: 1".as_bytes()), "text \"é: 1\"");
        assert_eq!(code_and_place("\u{feff}a: 1".as_bytes()), "text \"a: 1\"");
    }

    #[test]
    fn other_encodings_are_refused_with_the_place() {
        assert_eq!(
            code_and_place(b"name: a\nb: caf\xe9\n"),
            "a.yaml:2:7 byte 0xe9 is not UTF-8"
        );
        assert_eq!(
            code_and_place(b"\xff\xfea\0:\0"),
            "a.yaml the file is UTF-16, not UTF-8"
        );
        assert_eq!(
            code_and_place(b"a\0:\0 \x001\0"),
            "a.yaml the file is UTF-16, not UTF-8"
        );
        for text in ["a: 1\n---\n\u{feff}b: 1\n", "a: 1\n# c\n\u{feff}b: 1\n"] {
            assert_eq!(
                code_and_place(text.as_bytes()),
                "a.yaml:3:1 a byte order mark (U+FEFF) is in the middle of the file"
            );
        }
        assert_eq!(
            code_and_place(b"a: b\nc: \0x"),
            "a.yaml:2:4 a NUL character (0x00) is not allowed in YAML"
        );
    }
}
