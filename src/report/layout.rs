//! How text for people is laid out: the colours and the width of the lines.

use std::io::IsTerminal as _;

use unicode_width::UnicodeWidthStr as _;

use super::hanging;
use super::style::{Paint, Palette};

/// The size of a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// The number of columns.
    pub width: usize,
    /// The number of lines.
    pub height: usize,
}

impl Size {
    /// Returns the size of stdout; `None` for a pipe or a file.
    fn of_stdout() -> Option<Self> {
        let stdout = std::io::stdout();
        let size = terminal_size::terminal_size_of(&stdout).map(Self::from);
        stdout.is_terminal().then(|| size.unwrap_or_default())
    }

    /// Returns the size of the terminal of stderr; `None` for a pipe or a file.
    pub(super) fn of_stderr_terminal() -> Option<Self> {
        std::io::stderr().is_terminal().then(Self::of_stderr)
    }

    /// Returns the size of the terminal of stderr.
    pub(super) fn of_stderr() -> Self {
        let size = terminal_size::terminal_size_of(std::io::stderr());
        size.map(Self::from).unwrap_or_default()
    }
}

impl Default for Size {
    /// Returns the size of a terminal that does not tell its size.
    fn default() -> Self {
        Self {
            width: 80,
            height: 24,
        }
    }
}

impl From<(terminal_size::Width, terminal_size::Height)> for Size {
    fn from((width, height): (terminal_size::Width, terminal_size::Height)) -> Self {
        Self {
            width: usize::from(width.0),
            height: usize::from(height.0),
        }
    }
}

/// How text for people is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The colours.
    pub palette: Palette,
    /// The largest number of columns of a line. Unlimited in pipes and files, so that
    /// programs find whole lines.
    pub width: usize,
    /// Whether long values are shown whole.
    pub is_full: bool,
}

/// A part of a paragraph.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    paint: Paint,
    text: &'a str,
    /// Whether no line ends inside the part.
    is_whole: bool,
    /// The address that the part links to.
    address: Option<&'a str>,
}

impl<'a> Part<'a> {
    /// Returns a part in which lines may end at blanks.
    #[must_use]
    pub fn new(paint: Paint, text: &'a str) -> Self {
        Self {
            paint,
            text,
            is_whole: false,
            address: None,
        }
    }

    /// Returns a part without line ends.
    #[must_use]
    pub fn whole(paint: Paint, text: &'a str) -> Self {
        Self {
            is_whole: true,
            ..Self::new(paint, text)
        }
    }

    /// Returns the part as a link to an address.
    #[must_use]
    pub fn linked(self, address: Option<&'a str>) -> Self {
        Self { address, ..self }
    }

    /// Returns a text of the part for output.
    fn painted(self, palette: Palette, text: &str) -> String {
        palette.linked(self.address, palette.painted(self.paint, text))
    }
}

impl Layout {
    /// Returns the layout of stdout.
    #[must_use]
    pub fn of_stdout(palette: Palette) -> Self {
        Self {
            palette,
            width: Size::of_stdout().map_or(usize::MAX, |size| size.width),
            is_full: false,
        }
    }

    /// Returns a layout without colours, and without a limit of the width.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            palette: Palette::new(false),
            width: usize::MAX,
            is_full: false,
        }
    }

    /// Returns a layout without colours.
    #[cfg(test)]
    pub(super) fn of_width(width: usize) -> Self {
        Self {
            width,
            ..Self::unlimited()
        }
    }

    /// Returns the number of columns behind a column; `None` without a limit.
    #[must_use]
    pub fn room(self, column: usize) -> Option<usize> {
        (self.width != usize::MAX).then(|| self.width.saturating_sub(column))
    }

    /// Returns text of messages, such as a help, in the width of the layout: each line
    /// continues under its own text.
    #[must_use]
    pub fn hanging(self, text: String) -> String {
        match self.width {
            usize::MAX => text,
            width => hanging::lines(&text, width),
        }
    }

    /// Returns whether parts fit into one line that begins in a column.
    #[must_use]
    pub fn fits(self, parts: &[Part<'_>], begin: usize) -> bool {
        let width = || -> usize { parts.iter().map(|part| part.text.width()).sum() };
        self.width == usize::MAX || begin + width() <= self.width
    }

    /// Returns parts as a paragraph that begins in the column `begin`. Lines end at blanks
    /// only, and continue in the column `indent`. A word that is longer than a line stays
    /// whole.
    #[must_use]
    pub fn paragraph(self, parts: &[Part<'_>], begin: usize, indent: usize) -> String {
        let mut text = String::new();
        if self.fits(parts, begin) {
            for part in parts {
                text.push_str(&part.painted(self.palette, part.text));
            }
            return text;
        }
        let mut column = begin;
        for (number, word) in words(parts).iter().enumerate() {
            let may_end = number > 0 || begin > indent;
            if may_end && column + word.blanks + word.width > self.width {
                text.push('\n');
                text.push_str(&" ".repeat(indent));
                column = indent;
            } else {
                text.push_str(&" ".repeat(word.blanks));
                column += word.blanks;
            }
            for (part, piece) in &word.parts {
                text.push_str(&part.painted(self.palette, piece));
            }
            column += word.width;
        }
        text
    }
}

/// A text between blanks.
#[derive(Default)]
struct Word<'a> {
    /// The number of blanks before the word.
    blanks: usize,
    /// The pieces of the word, each with its part.
    parts: Vec<(Part<'a>, &'a str)>,
    width: usize,
}

fn words<'a>(parts: &[Part<'a>]) -> Vec<Word<'a>> {
    let (mut words, mut word) = (Vec::new(), Word::default());
    for part in parts {
        let mut rest = part.text;
        while !rest.is_empty() {
            let begin = rest.trim_start_matches(' ');
            let blanks = rest.len() - begin.len();
            if blanks > 0 {
                if !word.parts.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                word.blanks += blanks;
            }
            let end = begin.find(' ').filter(|_| !part.is_whole);
            let (text, after) = begin.split_at(end.unwrap_or(begin.len()));
            if !text.is_empty() {
                word.width += text.width();
                word.parts.push((*part, text));
            }
            rest = after;
        }
    }
    if !word.parts.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: usize, parts: &[Part<'_>], expected: &str) {
        let text = Layout::of_width(width).paragraph(parts, 0, 4);
        assert_eq!(text, expected);
    }

    #[test]
    fn lines_end_between_words_and_continue_under_their_column() {
        let part = |text| Part::new(Paint::Plain, text);
        let sentence = [part("one two"), part("three four")];
        check(80, &sentence, "one twothree four");
        check(12, &sentence, "one twothree\n    four");
        check(10, &[part("  indented text")], "  indented\n    text");
        check(3, &[part("longer words")], "longer\n    words");
        let place = Part::whole(Paint::Faint, "  # a.yaml:1");
        check(
            16,
            &[part("desk changes"), place],
            "desk changes\n    # a.yaml:1",
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let parts = [Part::new(Paint::Plain, "日本 日本")];
        check(8, &parts, "日本\n    日本");
        check(9, &parts, "日本 日本");
    }
}
