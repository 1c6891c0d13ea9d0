//! The places of a text that the parser of places refuses, and the parser of
//! values takes.
//!
//! The first is stricter about blanks: a tab between a name and its value, lines
//! inside brackets or quotes that begin as far left as the field around them (the
//! closing bracket above all), a comment right behind a quote. So these are
//! changed where the parser stops, and the places brought back to those of the text.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Tree, TreeError, offset};

/// How often blanks are changed.
const MOST_CHANGES: usize = 200;

/// How many bytes are parsed again for it, so that a large file takes no longer
/// than a small one.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Deeper than anything around it.
const INDENT: usize = 2 * super::MAX_DEPTH;

impl Tree {
    /// Reads a text like [`Tree::build`], and goes on where only blanks keep it
    /// from being read.
    pub fn build_leniently(text: &str) -> Result<Self, TreeError> {
        let mut at = match Self::build(text) {
            Err(TreeError::Syntax(at)) => at,
            decided => return decided,
        };
        let mut relaxed = Relaxed::new(text);
        let tries = MOST_CHANGES.min(MOST_BYTES / text.len().max(1));
        for _ in 0..tries {
            if !relaxed.change(at) {
                break;
            }
            match Self::build(&relaxed.text()) {
                Err(TreeError::Syntax(next)) => at = relaxed.original(next),
                Err(error) => return Err(error.moved(|at| relaxed.original(at))),
                Ok(mut tree) => {
                    for node in &mut tree.nodes {
                        node.start = offset(relaxed.original(node.start as usize));
                        node.end = offset(relaxed.original(node.end as usize));
                    }
                    return Ok(tree);
                }
            }
        }
        Err(TreeError::Syntax(at))
    }
}

impl TreeError {
    fn moved(self, to: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::Syntax(at) => Self::Syntax(to(at)),
            Self::TooDeep(at) => Self::TooDeep(to(at)),
            Self::Recursive(at) => Self::Recursive(to(at)),
            Self::TooHeavy(at) => Self::TooHeavy(to(at)),
            Self::TooManyAliases(at) => Self::TooManyAliases(to(at)),
        }
    }
}

/// A text with other blanks. All offsets count characters.
struct Relaxed {
    /// The characters, tabs replaced one for one.
    chars: Vec<char>,
    /// Where each line begins.
    starts: Vec<usize>,
    /// The lines that are indented by [`INDENT`].
    indented: BTreeSet<usize>,
}

impl Relaxed {
    fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let ends = chars.iter().enumerate().filter(|(_, c)| **c == '\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
        Self {
            starts: starts.collect(),
            chars,
            indented: BTreeSet::new(),
        }
    }

    /// Changes what the parser may have stopped at; `false` where there is
    /// nothing left to change.
    fn change(&mut self, at: usize) -> bool {
        let line = self.line_of(at);
        match self.chars.get(at) {
            Some('#') => self.blank_comment(at),
            Some('\u{feff}') => self.chars[at] = '_',
            _ => return self.replace_tabs(self.blanks_around(at)) || self.indent(line, at),
        }
        true
    }

    fn blank_comment(&mut self, at: usize) {
        let rest = self.chars[at..].iter_mut();
        rest.take_while(|c| **c != '\n').for_each(|c| *c = ' ');
    }

    fn replace_tabs(&mut self, range: Range<usize>) -> bool {
        let mut has_changed = false;
        for c in &mut self.chars[range] {
            if *c == '\t' {
                *c = ' ';
                has_changed = true;
            }
        }
        has_changed
    }

    fn blanks_around(&self, at: usize) -> Range<usize> {
        let at = at.min(self.chars.len());
        let is_blank = |c: &&char| matches!(c, ' ' | '\t');
        let before = self.chars[..at].iter().rev().take_while(is_blank).count();
        let after = self.chars[at..].iter().take_while(is_blank).count();
        at - before..at + after
    }

    /// Indents the line that the parser stopped at the begin of, or else the
    /// next one with something on it.
    fn indent(&mut self, line: usize, at: usize) -> bool {
        let is_at_begin = self.blanks_around(at).start <= self.starts[line];
        let first = if is_at_begin { line } else { line + 1 };
        let mut lines = first..self.starts.len();
        let next = lines.find(|line| !self.is_empty(*line) && !self.indented.contains(line));
        next.is_some_and(|line| self.indented.insert(line))
    }

    fn is_empty(&self, line: usize) -> bool {
        let rest = self.chars[self.starts[line]..].iter();
        let mut content = rest.take_while(|c| **c != '\n');
        content.all(|c| c.is_whitespace())
    }

    fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    fn text(&self) -> String {
        let ends = self.starts.iter().skip(1).copied();
        let ends = ends.chain(std::iter::once(self.chars.len()));
        let mut text = String::with_capacity(self.chars.len());
        for (line, (start, end)) in self.starts.iter().zip(ends).enumerate() {
            if self.indented.contains(&line) {
                text.extend(std::iter::repeat_n(' ', INDENT));
            }
            text.extend(&self.chars[*start..end]);
        }
        text
    }

    /// The offset in the original of one in [`Self::text`].
    fn original(&self, at: usize) -> usize {
        let mut before = 0;
        for line in &self.indented {
            let start = self.starts[*line] + before;
            if at <= start {
                break;
            }
            before += INDENT.min(at - start);
        }
        at - before
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::spec::locate::Located;

    /// What stands at the places of all values.
    fn values(text: &str) -> Vec<&str> {
        let located = Located::new(&SourceFile::new("a.yaml", text));
        let nodes = located.tree().nodes.iter().enumerate();
        let scalars = nodes.filter(|(_, node)| matches!(node.shape, Shape::Scalar { .. }));
        scalars
            .filter_map(|(id, _)| located.place(id).span)
            .map(|span| &text[span.start.byte..span.end.byte])
            .collect()
    }

    #[test]
    fn blanks_do_not_move_places() {
        for (text, expected) in [
            ("é:\tx\na: 1\n", &["é", "x", "a", "1"][..]),
            ("a: {é:\tx}\n", &["a", "é", "x"]),
            ("é: [\n\"ü\"\n]\nb: 1\n", &["é", "\"ü\"", "b", "1"]),
            (
                "s: {\nn: 1,\nx: 2\n}\nb: 3\n",
                &["s", "n", "1", "x", "2", "b", "3"],
            ),
            ("a: [ # c\n# d\nx ]\nb: 1\n", &["a", "x", "b", "1"]),
            ("a: [1,\n#c\n2\n]\n", &["a", "1", "2"]),
            ("a: \"x\ny\nz\"\nb: 1\n", &["a", "\"x\ny\nz\"", "b", "1"]),
            ("a: 'x\n\ty'\nb: 1\n", &["a", "'x\n\ty'", "b", "1"]),
            ("a: \"1\"#c\nb: [2]#d\n", &["a", "\"1\"", "b", "2"]),
            ("a: x\u{feff}y\nb: 1\n", &["a", "x\u{feff}y", "b", "1"]),
        ] {
            assert!(Tree::build(text).is_err(), "{text:?} needs no lenience");
            assert_eq!(values(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_yaml_stays_none() {
        for text in ["a: [1\n", "a: 'x\n", "a: b: c\n", "{\n\n\n"] {
            let error = Tree::build_leniently(text).err();
            assert!(matches!(error, Some(TreeError::Syntax(_))), "{text:?}");
        }
    }
}
