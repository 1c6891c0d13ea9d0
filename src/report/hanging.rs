//! Breaks the lines of stderr for a terminal: between words, and with the continuation
//! under the text of the line.

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr;

use crate::wrap::wrap_words;

/// The longest label that a continuation stands behind, in columns.
const MAX_LABEL: usize = 13;

/// The least number of columns for text.
const MIN_ROOM: usize = 20;

/// Returns a text whose lines have at most `width` columns, if its words allow it. Lines
/// of a snippet are cut, so that a mark stays below the marked text.
pub(super) fn lines(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| {
        if columns(line) <= width {
            line.to_owned()
        } else if is_of_snippet(line) {
            let below = label_below(line, width);
            below.unwrap_or_else(|| format!("{}{}", cut(line, width.saturating_sub(1)), '…'))
        } else {
            broken(line, width)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns a line of marks with its label in the next line, or in several lines if one is
/// too short.
fn label_below(line: &str, width: usize) -> Option<String> {
    let plain = strip_str(line).to_string();
    let (gutter, rest) = plain.split_once('|')?;
    let marks = rest.trim_start();
    let label = marks.trim_start_matches(['^', '-']);
    let (marks, label) = (&marks[..marks.len() - label.len()], label.trim());
    let begin = columns(&plain) - columns(label);
    if marks.is_empty() || label.is_empty() || !gutter.trim().is_empty() {
        return None;
    }
    let room = width.checked_sub(gutter.len() + 2)?;
    if room < columns(label).min(MIN_ROOM) {
        return None;
    }
    let spare = room.saturating_sub(columns(label));
    let blanks = begin.saturating_sub(columns(marks) + gutter.len() + 2);
    let blanks = blanks.min(spare + 1);
    let mut text = cut(line, begin).trim_end().to_owned();
    for part in wrap_words(label.split(' '), room).lines() {
        text.push_str(&format!("\n{gutter}|{:blanks$}{part}", ""));
    }
    Some(text)
}

/// Returns the first columns of a line, with all of its colours.
fn cut(line: &str, width: usize) -> String {
    let (mut text, mut column) = (String::new(), 0);
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let colour = match character {
            '\x1b' => rest.find('m').map_or(rest.len(), |end| end + 1),
            _ => 0,
        };
        let (piece, after) = rest.split_at(colour.max(character.len_utf8()));
        rest = after;
        if colour > 0 {
            text.push_str(piece);
            continue;
        }
        column += piece.width();
        if column <= width {
            text.push_str(piece);
        }
    }
    text
}

/// Returns the number of columns of a text without its colours.
fn columns(text: &str) -> usize {
    strip_str(text).map(UnicodeWidthStr::width).sum()
}

/// Returns whether a line belongs to a snippet of a file: `12 | text`.
fn is_of_snippet(line: &str) -> bool {
    let plain = strip_str(line).to_string();
    let rest = plain.trim_start();
    let rest = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    rest.trim_start().starts_with(['|', '│'])
}

/// Returns the column of the continuation of a line: behind its label, if it has one.
fn hang(line: &str) -> usize {
    let plain = strip_str(line).to_string();
    let indent = plain.len() - plain.trim_start_matches(' ').len();
    let text = &plain[indent..];
    let text = text
        .strip_prefix("... ")
        .map_or((text, 0), |rest| (rest, 4));
    let (text, sign) = match text {
        (text, 0) => text.strip_prefix("= ").map_or((text, 0), |rest| (rest, 2)),
        signed => signed,
    };
    let label = text.find(": ").filter(|length| is_label(&text[..*length]));
    match (label, sign) {
        (Some(length), _) => indent + sign + length + 2,
        (None, 0) => indent + 2,
        (None, sign) => indent + sign,
    }
}

fn is_label(text: &str) -> bool {
    let is_of_word = |character: char| character.is_ascii_lowercase() || character == ' ';
    text.len() <= MAX_LABEL && text.chars().all(is_of_word)
}

fn broken(line: &str, width: usize) -> String {
    let hang = match hang(line) {
        hang if hang + MIN_ROOM <= width => hang,
        _ => 0,
    };
    let room = width.saturating_sub(hang);
    let (mut text, mut column) = (String::new(), 0);
    for piece in pieces(line, room) {
        // A CI reads a line that starts with `::` as a command.
        let may_begin = !piece.text.starts_with("::");
        let blank = usize::from(!text.is_empty());
        let tail = if piece.is_continued { " \\" } else { "" };
        let length = columns(&piece.text);
        if column > hang && column + blank + length + tail.len() > width && may_begin {
            if piece.is_inside_command {
                text.push_str(" \\");
            }
            text.push('\n');
            text.push_str(&" ".repeat(hang));
            column = hang;
        } else {
            text.push_str(&" ".repeat(blank));
            column += blank;
        }
        text.push_str(&piece.text);
        column += length;
    }
    text
}

/// A part of a line without a line break inside.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    /// Whether the text continues a command, so that a line end before the text needs the
    /// sign of a shell for a continued line.
    is_inside_command: bool,
    /// Whether the text is followed by the rest of its command.
    is_continued: bool,
}

/// Returns the pieces of a line: words, and whole commands between backticks. A command of
/// more than `room` columns is divided between its arguments.
fn pieces(line: &str, room: usize) -> Vec<Piece> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let end = line[indent..]
        .find(' ')
        .map_or(line.len(), |end| indent + end);
    let (first, rest) = line.split_at(end);
    let rest = rest.strip_prefix(' ').map(|rest| rest.split(' '));
    let (mut pieces, mut command) = (Vec::new(), Vec::new());
    let mut is_open = false;
    for word in std::iter::once(first).chain(rest.into_iter().flatten()) {
        command.push(word);
        is_open ^= word.matches('`').count() % 2 == 1;
        if !is_open {
            push_command(&mut pieces, &command, room);
            command.clear();
        }
    }
    if !command.is_empty() {
        push_command(&mut pieces, &command, room);
    }
    pieces
}

/// Adds the words of a command as one piece, or as several if they do not fit.
fn push_command(pieces: &mut Vec<Piece>, words: &[&str], room: usize) {
    let whole = words.join(" ");
    if words.len() == 1 || columns(&whole) <= room {
        pieces.push(Piece {
            text: whole,
            ..Piece::default()
        });
        return;
    }
    let is_command = ["`bluejayctl ", "`git "]
        .iter()
        .any(|program| whole.starts_with(program));
    let arguments = arguments(words);
    for (number, text) in arguments.iter().enumerate() {
        pieces.push(Piece {
            text: text.clone(),
            is_inside_command: is_command && number > 0,
            is_continued: is_command && number + 1 < arguments.len(),
        });
    }
}

/// Joins the words of each argument: blanks between quotes belong to the argument, and an
/// option stays with its value.
fn arguments(words: &[&str]) -> Vec<String> {
    let mut arguments: Vec<String> = Vec::new();
    let mut is_quoted = false;
    let is_option = |text: &str| text.starts_with("--") && !text.contains(' ');
    for word in words {
        match arguments.last_mut() {
            Some(last) if is_quoted || (is_option(last) && !word.starts_with('-')) => {
                *last = format!("{last} {word}");
            }
            _ => arguments.push((*word).to_owned()),
        }
        is_quoted ^= word.matches(['\'', '"']).count() % 2 == 1;
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: usize, line: &str, expected: &[&str]) {
        let text = lines(line, width);
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_line_continues_under_its_text() {
        let text = "error: one two three four five six\nshort";
        check(
            28,
            text,
            &["error: one two three four", "       five six", "short"],
        );
        let cause = "  caused by: one two three four five";
        check(36, cause, &[cause]);
        let narrow = ["  caused by: one two three four", "             five"];
        check(35, cause, &narrow);
        let note = "... settling 2 requests without an answer";
        check(
            30,
            note,
            &["... settling 2 requests", "    without an answer"],
        );
        let key = "created a/very/long/key-of-a-simulation (12345)";
        let below = ["created", "  a/very/long/key-of-a-simulation", "  (12345)"];
        check(36, key, &below);
    }

    #[test]
    fn colours_take_no_columns() {
        let line = "\x1b[1merror\x1b[0m: one two";
        assert_eq!(lines(line, 14), line);
        assert_eq!(lines(line, 30), line);
        let narrow = lines(&format!("{line} three four five"), 28);
        assert_eq!(narrow, format!("{line} three four\n       five"));
    }

    #[test]
    fn a_snippet_is_cut_and_not_broken() {
        let text = "12 | one two three four five\n   |     ^^^";
        assert_eq!(lines(text, 24), "12 | one two three four…\n   |     ^^^");
        let coloured = "12 | \x1b[1mone two three four five\x1b[0m";
        assert_eq!(lines(coloured, 10), "12 | \x1b[1mone \x1b[0m…");
        let wide = "12 | 日本日本";
        assert_eq!(lines(wide, 10), "12 | 日本…");
    }

    #[test]
    fn the_label_of_a_mark_begins_below_if_it_does_not_fit() {
        let marked = "   |         ^^^^ no file declares it";
        assert_eq!(lines(marked, 40), marked);
        assert_eq!(
            lines(marked, 32),
            "   |         ^^^^\n   |         no file declares it"
        );
        assert_eq!(
            lines(marked, 26),
            "   |         ^^^^\n   |   no file declares it"
        );
        assert_eq!(lines(marked, 18), "   |         ^^^^…");
        let long = "   |  ^^ expected `slow`, `normal`, `fast` or `fastest`";
        assert_eq!(
            lines(long, 36),
            "   |  ^^\n   | expected `slow`, `normal`,\n   | `fast` or `fastest`"
        );
    }

    #[test]
    fn a_command_stays_whole_or_continues_as_in_a_shell() {
        let line = "help: leave it: `bluejayctl state rm a/b`";
        let whole = ["help: leave it:", "      `bluejayctl state rm a/b`"];
        check(32, line, &whole);
        let line = "help: `bluejayctl apply --target 'a b' --target cc`";
        let divided = [
            "help: `bluejayctl apply \\",
            "      --target 'a b' \\",
            "      --target cc`",
        ];
        check(32, line, &divided);
        let line = "help: `git config merge.driver \"bluejayctl state x %O\"`";
        let divided = [
            "help: `git config merge.driver \\",
            "      \"bluejayctl state x %O\"`",
        ];
        check(34, line, &divided);
    }
}
