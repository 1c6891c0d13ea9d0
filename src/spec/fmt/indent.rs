//! Indents the maps and lists of a file: fields of a map by two spaces, items of a list by
//! two spaces or by none, and one space after each `:` and `-`.

use super::lines::{LineKind, Lines};
use crate::spec::edit::layout::{begin_of, block_indicators, dash_before, is_flow};
use crate::spec::tree::{Node, NodeId, Shape, TextStyle, Tree};

/// The indentation of a map in a map.
const STEP: usize = 2;

/// Returns the indented text; `None` for a text with explicit keys (`?`) and other forms
/// that this function does not indent.
pub(super) fn indented(text: &str) -> Option<String> {
    let tree = Tree::build(text).ok()?;
    let lines = Lines::new(text, &tree);
    let mut plan = Plan {
        text,
        tree: &tree,
        lines: &lines,
        starts: vec![Vec::new(); lines.len()],
        shifts: vec![0; lines.len()],
        gaps: Vec::new(),
    };
    for top in tree.documents() {
        plan.collection(*top, 0)?;
    }
    Some(plan.apply())
}

/// The columns before and after of a field or an item.
type Columns = (usize, usize);

struct Plan<'a> {
    text: &'a str,
    tree: &'a Tree,
    lines: &'a Lines<'a>,
    /// The columns before and after of the fields and items that begin in each line.
    starts: Vec<Vec<Columns>>,
    /// How many columns each line of a multi-line text moves.
    shifts: Vec<isize>,
    /// The white space between a `:` or `-` and the value behind it, from the first byte
    /// after the field name.
    gaps: Vec<(usize, usize, &'static str)>,
}

impl Plan<'_> {
    /// Plans a map or a list in block style whose fields or items begin in a column.
    fn collection(&mut self, id: NodeId, column: usize) -> Option<()> {
        let node = self.tree.node(id);
        if is_flow(self.text, node) {
            return Some(());
        }
        match &node.shape {
            Shape::Mapping(fields) => {
                for (key, value) in fields {
                    self.field(*key, *value, column)?;
                }
            }
            Shape::Sequence(items) => {
                for item in items {
                    self.item(*item, column)?;
                }
            }
            Shape::Scalar { .. } | Shape::Alias(_) => {}
        }
        Some(())
    }

    fn field(&mut self, key: NodeId, value: NodeId, column: usize) -> Option<()> {
        let (key, node) = (self.tree.node(key), self.tree.node(value));
        let begin = begin_of(key);
        self.start(begin, column);
        let colon = self.text[key.end..].find(':')? + key.end;
        let is_plain = self.text[key.end..colon]
            .trim_matches([' ', '\t'])
            .is_empty();
        let before = self.text[self.lines.start(self.lines.line_at(begin))..begin].trim_end();
        if !is_plain || before.ends_with('?') {
            return None;
        }
        self.gap(key.end, colon + 1, begin_of(node), ":");
        self.text_lines(node, (self.column_of(begin), column));
        let value_column = match &node.shape {
            Shape::Sequence(_) => {
                let old = self.column_of(node.start);
                match old.saturating_sub(self.column_of(begin)) {
                    0 => column,
                    _ => column + STEP,
                }
            }
            _ => column + STEP,
        };
        self.collection(value, value_column)
    }

    fn item(&mut self, item: NodeId, column: usize) -> Option<()> {
        let node = self.tree.node(item);
        let dash = dash_before(self.text, begin_of(node))?;
        self.start(dash, column);
        let begin = begin_of(node);
        self.gap(dash, dash + 1, begin, "-");
        self.text_lines(node, (self.column_of(dash), column));
        let is_beside = self.lines.line_at(begin) == self.lines.line_at(dash);
        let is_one = matches!(node.shape, Shape::Scalar { .. } | Shape::Alias(_));
        if is_one && is_beside && node.end > begin {
            self.start(begin, column + STEP);
        }
        self.collection(item, column + STEP)
    }

    /// Lets the lines of a multi-line text move with its field or item, given the columns of
    /// the field or item. The lines stay where they are, unless the text would then end
    /// before them, or its header has their indentation from the field or item.
    fn text_lines(&mut self, node: &Node, (old, new): Columns) {
        let Shape::Scalar { style, .. } = &node.shape else {
            return;
        };
        let first = self.lines.line_at(node.start) + 1;
        let inside =
            (first..self.lines.len()).take_while(|line| self.lines.kind(*line) == LineKind::Inside);
        let is_filled = |line: &usize| !self.lines.body(*line).trim().is_empty();
        let least = inside.clone().filter(is_filled);
        let least = least.map(|line| self.lines.indent(line)).min();
        let has_digit = *style == TextStyle::Block
            && block_indicators(self.text, node).contains(|c: char| c.is_ascii_digit());
        if has_digit || least.is_some_and(|least| least <= new) {
            for line in inside {
                self.shifts[line] = new.cast_signed() - old.cast_signed();
            }
        }
    }

    fn start(&mut self, byte: usize, column: usize) {
        let line = self.lines.line_at(byte);
        let old = self.column_of(byte);
        self.starts[line].push((old, column));
    }

    /// Returns the new column of a line that begins with a field or an item.
    fn column(&self, line: usize) -> Option<usize> {
        let (old, column) = self.starts[line].first()?;
        (*old == self.lines.indent(line)).then_some(*column)
    }

    /// Plans one space before a value that stands on the same line.
    fn gap(&mut self, from: usize, end: usize, value: usize, mark: &'static str) {
        let between = self.text.get(end..value).unwrap_or("\n");
        if value > end && !between.contains('\n') {
            self.gaps.push((from, value, mark));
        }
    }

    fn column_of(&self, byte: usize) -> usize {
        byte - self.lines.start(self.lines.line_at(byte))
    }

    fn apply(&self) -> String {
        let mut text = String::with_capacity(self.text.len());
        // The fields and items around a line.
        let mut around: Vec<Columns> = Vec::new();
        // The leftmost comment since the last line with content.
        let mut leftmost: Option<Columns> = None;
        let mut gaps = self.gaps.clone();
        gaps.sort_unstable();
        for line in 0..self.lines.len() {
            let old = self.lines.indent(line);
            let column = match self.lines.kind(line) {
                LineKind::Inside => {
                    self.push_inside(&mut text, line);
                    continue;
                }
                LineKind::Blank | LineKind::Marker => {
                    if self.lines.kind(line) == LineKind::Marker {
                        around.clear();
                        leftmost = None;
                    }
                    text.push_str(self.lines.whole(line));
                    continue;
                }
                LineKind::Comment => match leftmost {
                    Some(above) if above.0 < old => moved(old, Some(&above)),
                    _ => {
                        let column = self.comment_column(line, &around);
                        leftmost = Some((old, column));
                        column
                    }
                },
                LineKind::Content => match self.column(line) {
                    Some(column) => {
                        around.retain(|(before, _)| *before < old);
                        around.extend(&self.starts[line]);
                        column
                    }
                    None => moved(old, around.last()),
                },
            };
            if self.lines.kind(line) == LineKind::Content {
                leftmost = None;
            }
            text.extend(std::iter::repeat_n(' ', column));
            self.push_line(&mut text, line, old, &gaps);
        }
        text
    }

    /// Returns the column of the leftmost comment below a line with content. The comment
    /// stays inside the fields and items that it is indented from. Its column is that of:
    ///
    /// 1. the field or item that follows, if it is in the same column, or if it is the first
    ///    one inside a field or item;
    /// 2. the field or item around, if it is in the same column;
    /// 3. otherwise, the comment moves with the field or item that it is in, but at most to the
    ///    column of the fields and items in it.
    fn comment_column(&self, line: usize, around: &[Columns]) -> usize {
        let old = self.lines.indent(line);
        let innermost = around.last().map(|(before, _)| *before);
        let mut after = line + 1..self.lines.len();
        let next = after
            .find(|line| !matches!(self.lines.kind(*line), LineKind::Comment | LineKind::Blank));
        if let Some(next) = next
            && let Some(column) = self.column(next)
        {
            let next = self.lines.indent(next);
            let is_first = innermost < Some(next) && innermost < Some(old);
            if next == old || is_first {
                return column;
            }
        }
        let inside = around.partition_point(|(before, _)| *before < old);
        let outer = inside.checked_sub(1).map(|at| &around[at]);
        match around.get(inside) {
            Some((before, column)) if *before == old => *column,
            Some((_, column)) => moved(old, outer).min(*column),
            None => moved(old, outer),
        }
    }

    /// Adds a line of a multi-line text.
    fn push_inside(&self, text: &mut String, line: usize) {
        let (whole, shift) = (self.lines.whole(line), self.shifts[line]);
        let removed = self.lines.indent(line).min((-shift).max(0).unsigned_abs());
        if shift > 0 && !self.lines.body(line).is_empty() {
            text.extend(std::iter::repeat_n(' ', shift.unsigned_abs()));
        }
        text.push_str(&whole[removed..]);
    }

    /// Adds a line after its indentation, with one space in each gap.
    fn push_line(
        &self,
        text: &mut String,
        line: usize,
        indent: usize,
        gaps: &[(usize, usize, &str)],
    ) {
        let start = self.lines.start(line) + indent;
        let end = self.lines.start(line) + self.lines.whole(line).len();
        let first = gaps.partition_point(|(from, ..)| *from < start);
        let mut at = start;
        for (from, value, mark) in gaps[first..].iter().take_while(|(from, ..)| *from < end) {
            text.push_str(&self.text[at..*from]);
            text.push_str(mark);
            text.push(' ');
            at = *value;
        }
        text.push_str(&self.text[at..end]);
    }
}

/// Returns a column that moves with a line.
fn moved(old: usize, line: Option<&(usize, usize)>) -> usize {
    match line {
        Some((before, after)) => (old + after).saturating_sub(*before),
        None => old,
    }
}
