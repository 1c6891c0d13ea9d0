//! The lines of a YAML file, each with its kind.

use std::ops::Range;

use crate::spec::edit::layout::block_lines;
use crate::spec::edit::newline;
use crate::spec::tree::{Node, Shape, TextStyle, Tree};

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// White space only.
    Blank,
    /// A comment only.
    Comment,
    /// A line that begins inside a multi-line scalar.
    Inside,
    /// `---`, `...` or a directive.
    Marker,
    /// Any other line.
    Content,
}

/// The lines of a text.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// The lines, line breaks included.
    ranges: Vec<Range<usize>>,
    kinds: Vec<LineKind>,
    /// The content of scalars, in the order of the file: no comment begins there.
    scalars: Vec<Range<usize>>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str, tree: &Tree) -> Self {
        let mut ranges = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            ranges.push(start..start + line.len());
            start += line.len();
        }
        let mut lines = Self {
            text,
            kinds: vec![LineKind::Content; ranges.len()],
            ranges,
            scalars: Vec::new(),
        };
        for document in 0..tree.documents().len() {
            for node in tree.nodes(document) {
                lines.add_scalar(node);
            }
        }
        lines.scalars.sort_by_key(|range| range.start);
        lines.classify();
        lines
    }

    fn add_scalar(&mut self, node: &Node) {
        let Shape::Scalar { style, .. } = &node.shape else {
            return;
        };
        let range = match style {
            TextStyle::Block => block_lines(self.text, node),
            TextStyle::Plain | TextStyle::Quoted => node.start..node.end,
        };
        if range.is_empty() {
            return;
        }
        let first = self.line_at(range.start);
        let last = self.line_at(range.end - 1);
        let begin = match style {
            TextStyle::Block => first,
            TextStyle::Plain | TextStyle::Quoted => first + 1,
        };
        for line in begin..=last {
            self.kinds[line] = LineKind::Inside;
        }
        self.scalars.push(range);
    }

    fn classify(&mut self) {
        for line in 0..self.len() {
            if self.kinds[line] == LineKind::Inside {
                continue;
            }
            let text = self.body(line);
            let rest = text.trim_start();
            let is_marker = text.starts_with('%')
                || ["---", "..."].iter().any(|marker| {
                    let rest = text.strip_prefix(marker);
                    rest.is_some_and(|rest| {
                        rest.is_empty() || rest.starts_with(char::is_whitespace)
                    })
                });
            self.kinds[line] = match rest.chars().next() {
                None => LineKind::Blank,
                Some('#') => LineKind::Comment,
                _ if is_marker => LineKind::Marker,
                Some(_) => LineKind::Content,
            };
        }
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    pub fn kind(&self, line: usize) -> LineKind {
        self.kinds[line]
    }

    /// Returns the line that contains a byte.
    pub fn line_at(&self, byte: usize) -> usize {
        let after = self.ranges.partition_point(|range| range.start <= byte);
        after.saturating_sub(1)
    }

    /// Returns the first byte of a line.
    pub fn start(&self, line: usize) -> usize {
        self.ranges[line].start
    }

    /// Returns the end of a line without its line break.
    pub fn end(&self, line: usize) -> usize {
        self.start(line) + self.body(line).len()
    }

    /// Returns a line without its line break.
    pub fn body(&self, line: usize) -> &'a str {
        let whole = self.whole(line);
        let body = whole.strip_suffix('\n').unwrap_or(whole);
        body.strip_suffix('\r').unwrap_or(body)
    }

    /// Returns a line with its line break.
    pub fn whole(&self, line: usize) -> &'a str {
        &self.text[self.ranges[line].clone()]
    }

    /// Returns the number of spaces at the beginning of a line.
    pub fn indent(&self, line: usize) -> usize {
        let body = self.body(line);
        body.len() - body.trim_start_matches(' ').len()
    }

    /// Returns whether a byte is the first byte of a line after its indentation.
    pub fn begins_line(&self, byte: usize) -> bool {
        let line = self.line_at(byte);
        self.start(line) + self.indent(line) == byte
    }

    /// Returns the first byte of the comment in a line.
    pub fn comment_start(&self, line: usize) -> Option<usize> {
        let start = self.start(line);
        let body = self.body(line);
        let mut places = body.match_indices('#').map(|(at, _)| start + at);
        places.find(|at| {
            let before = &self.text[start..*at];
            let may_begin = before.is_empty() || before.ends_with([' ', '\t']);
            may_begin && !self.is_in_scalar(*at)
        })
    }

    fn is_in_scalar(&self, byte: usize) -> bool {
        let after = self.scalars.partition_point(|range| range.start <= byte);
        // The content of a key inside a block can't contain other scalars, so the last
        // scalar that begins before the byte decides.
        after > 0 && self.scalars[after - 1].contains(&byte)
    }

    /// Returns whether the next line is inside a scalar that begins before the end of this
    /// line, and that is not a block scalar.
    fn is_continued(&self, line: usize) -> bool {
        let end = self.end(line);
        let after = self.scalars.partition_point(|range| range.start < end);
        after > 0 && self.scalars[after - 1].end > end
    }
}

/// Returns a text without white space at the ends of lines, without repeated blank lines,
/// and with a line break at the end. Multi-line scalars stay as they are.
pub(super) fn tidied(text: &str) -> String {
    let tree = Tree::build(text).unwrap_or_default();
    let lines = Lines::new(text, &tree);
    let mut tidied = String::with_capacity(text.len());
    // Blank lines at the beginning are removed.
    let mut is_after_blank = true;
    let mut blank = "";
    for line in 0..lines.len() {
        let (body, whole) = (lines.body(line), lines.whole(line));
        let line_break = &whole[body.len()..];
        match lines.kind(line) {
            LineKind::Blank => {
                if !is_after_blank {
                    blank = line_break;
                }
                is_after_blank = true;
                continue;
            }
            LineKind::Inside => {
                tidied.push_str(blank);
                tidied.push_str(whole);
            }
            _ if lines.is_continued(line) => {
                tidied.push_str(blank);
                tidied.push_str(whole);
            }
            _ => {
                tidied.push_str(blank);
                tidied.push_str(body.trim_end_matches([' ', '\t']));
                tidied.push_str(line_break);
            }
        }
        blank = "";
        is_after_blank = false;
    }
    let last = (0..lines.len())
        .rev()
        .find(|line| lines.kind(*line) != LineKind::Blank);
    let ends_inside = last.is_some_and(|line| lines.kind(line) == LineKind::Inside);
    if !tidied.is_empty() && !tidied.ends_with('\n') && !ends_inside {
        tidied.push_str(newline(text));
    }
    tidied
}
