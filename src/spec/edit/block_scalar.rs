//! Rewrites block scalars: `|` and `>`.
//!
//! The lines of the text that do not change keep their lines in the file. The header keeps
//! its indicators and its comment as far as the new text permits.

use super::align::pairs;
use super::layout::{lead, spaces};
use crate::spec::yaml::{fits_block, is_readable};

/// The widest line of a folded block, unless the block has wider lines.
const WIDTH: usize = 80;

/// A block scalar of a file.
pub(super) struct BlockScalar<'a> {
    /// `|` or `>`.
    style: char,
    /// The indentation indicator.
    digit: Option<char>,
    /// The header after its indicators: blanks and a comment.
    rest: &'a str,
    /// The lines of the file below the header.
    source: Vec<&'a str>,
    /// The value.
    text: &'a str,
    /// The column of the field or of the dash.
    column: usize,
    /// The column of the content.
    indent: usize,
}

impl<'a> BlockScalar<'a> {
    /// Reads a block scalar with the value `text` whose field begins at a column. `inner`
    /// is the column of the content of a block without content.
    pub fn read(source: &'a str, text: &'a str, column: usize, inner: usize) -> Self {
        let mut lines = source.split('\n').map(without_return);
        let header = lines.next().unwrap_or_default();
        let end = header.find(char::is_whitespace).unwrap_or(header.len());
        let (indicators, rest) = header.split_at(end);
        let source: Vec<_> = lines.collect();
        let first = source.iter().find(|line| !line.trim().is_empty());
        let first_of_text = text.split('\n').find(|line| !line.trim().is_empty());
        let indent = match (first, first_of_text) {
            (Some(line), Some(text)) => lead(line).saturating_sub(lead(text)),
            _ => inner,
        };
        Self {
            style: if indicators.starts_with('>') {
                '>'
            } else {
                '|'
            },
            digit: indicators.chars().find(char::is_ascii_digit),
            rest,
            source,
            text,
            column,
            indent,
        }
    }

    /// Returns the block with another text, in the style of the block and, for a folded
    /// block, also as a literal block. All line ends are LF.
    pub fn rewritten(&self, new: &str) -> Vec<String> {
        let is_held = |c: char| matches!(c, '\n' | '\t') || is_readable(c);
        if new.trim_matches('\n').is_empty() || !new.chars().all(is_held) {
            return Vec::new();
        }
        let mut blocks = Vec::new();
        if self.style == '>' {
            blocks.push(self.block('>', new, self.folded_lines(new), "\n"));
        }
        blocks.push(self.block('|', new, self.literal_lines(new), "\n"));
        blocks
    }

    fn block(&self, style: char, new: &str, lines: Vec<String>, newline: &str) -> String {
        let needs_digit = new.starts_with([' ', '\n', '\t']);
        let digit = self.digit.map(String::from).or_else(|| {
            let digit = self.indent.saturating_sub(self.column);
            needs_digit.then(|| digit.to_string())
        });
        let digit = digit.unwrap_or_default();
        let mut block = format!("{style}{digit}{}{}", chomping(new), self.rest);
        for line in lines {
            block.push_str(newline);
            block.push_str(&line);
        }
        block
    }

    fn literal_lines(&self, new: &str) -> Vec<String> {
        let (old, new) = (lines_of(self.text), lines_of(new));
        let kept = if self.style == '|' && old.len() == self.source.len() {
            pairs(&old, &new)
        } else {
            Vec::new()
        };
        let mut lines: Vec<_> = new.iter().map(|line| self.indented(line)).collect();
        for (from, to) in kept {
            self.source[from].clone_into(&mut lines[to]);
        }
        lines
    }

    fn indented(&self, line: &str) -> String {
        if line.is_empty() {
            return String::new();
        }
        format!("{}{line}", spaces(self.indent))
    }

    /// Returns the lines of a folded block. Each line of the text is a paragraph: one or
    /// more lines of the file.
    fn folded_lines(&self, new: &str) -> Vec<String> {
        let is_filled = |line: &&str| !line.is_empty();
        let old: Vec<_> = lines_of(self.text).into_iter().filter(is_filled).collect();
        let paragraphs = self.paragraphs();
        let new = lines_of(new);
        let filled: Vec<_> = new.iter().copied().filter(is_filled).collect();
        let kept = if old.len() == paragraphs.len() {
            pairs(&old, &filled)
        } else {
            Vec::new()
        };
        let mut wrapped: Vec<Vec<String>> = filled.iter().map(|line| self.wrapped(line)).collect();
        for (from, to) in kept {
            wrapped[to] = paragraphs[from]
                .iter()
                .map(|line| (*line).to_owned())
                .collect();
        }
        let mut wrapped = wrapped.into_iter();
        let mut lines = Vec::new();
        let mut previous: Option<&str> = None;
        for line in new {
            if line.is_empty() {
                lines.push(String::new());
                continue;
            }
            // Between two folded lines, one line end is a space.
            if previous.is_some_and(|above| !is_indented(above)) && !is_indented(line) {
                lines.push(String::new());
            }
            lines.extend(wrapped.next().unwrap_or_default());
            previous = Some(line);
        }
        lines
    }

    /// Returns the lines of the file for each line of the text.
    fn paragraphs(&self) -> Vec<Vec<&'a str>> {
        let mut paragraphs: Vec<Vec<&str>> = Vec::new();
        let mut is_open = false;
        for line in &self.source {
            let content = line.get(self.indent..).unwrap_or_default();
            if content.is_empty() {
                is_open = false;
            } else if is_indented(content) {
                paragraphs.push(vec![line]);
                is_open = false;
            } else if let Some(paragraph) = paragraphs.last_mut().filter(|_| is_open) {
                paragraph.push(line);
            } else {
                paragraphs.push(vec![line]);
                is_open = true;
            }
        }
        paragraphs
    }

    /// Breaks a line at single spaces between words.
    fn wrapped(&self, line: &str) -> Vec<String> {
        if is_indented(line) {
            return vec![self.indented(line)];
        }
        let widest = self.source.iter().map(|line| line.chars().count()).max();
        let width = widest.unwrap_or_default().max(WIDTH) - self.indent;
        let (mut lines, mut current, mut before) = (Vec::new(), String::new(), "");
        for (index, word) in line.split(' ').enumerate() {
            // A break next to another blank would change the text.
            let may_break = !(before.is_empty() || word.is_empty() || word.starts_with('\t'));
            let length = current.chars().count() + 1 + word.chars().count();
            if may_break && length > width {
                lines.push(self.indented(&std::mem::take(&mut current)));
            } else if index > 0 {
                current.push(' ');
            }
            current.push_str(word);
            before = word;
        }
        lines.push(self.indented(&current));
        lines
    }
}

/// Returns a text as a literal block whose field begins at a column; `None` for a text of
/// one line, and for a text with characters that a block would change.
pub(super) fn literal(text: &str, column: usize, indent: usize, newline: &str) -> Option<String> {
    if !fits_block(text) {
        return None;
    }
    let empty = BlockScalar::read("|", "", column, indent);
    let lines = empty.literal_lines(text);
    Some(empty.block('|', text, lines, newline))
}

/// Returns the comment of the header of a block, with the blanks before the comment; empty
/// for a block without a comment.
pub(super) fn header_comment(source: &str) -> &str {
    let header = source.lines().next().unwrap_or_default();
    let end = header.find(char::is_whitespace).unwrap_or(header.len());
    header[end..].trim_end()
}

/// Returns the chomping indicator of a text.
fn chomping(text: &str) -> &'static str {
    match text.len() - text.trim_end_matches('\n').len() {
        0 => "-",
        1 => "",
        _ => "+",
    }
}

/// Returns the lines of a text without its last line end.
fn lines_of(text: &str) -> Vec<&str> {
    text.strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .collect()
}

fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// Returns whether a folded block keeps the line ends around a line.
fn is_indented(line: &str) -> bool {
    line.starts_with([' ', '\t'])
}
