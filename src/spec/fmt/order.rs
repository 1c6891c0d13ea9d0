//! Brings the fields of a document into the order of the field table. Each field moves with
//! the comments above it, and with its value.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::FileRole;
use super::lines::{LineKind, Lines};
use crate::resource::document_fields::{ENVIRONMENTS, KIND};
use crate::resource::{Field, Kind};
use crate::spec::edit::layout::{begin_of, block_indicators, is_flow};
use crate::spec::edit::newline;
use crate::spec::tree::{Node, NodeId, Shape, TextStyle, Tree};
use crate::spec::yaml;

/// The fields of `bluejay.yaml` with fields of documents inside.
const DEFAULTS: &str = "defaults";
const KINDS: &str = "kinds";

/// Returns the text with the fields of these documents in order; `None` if the fields are in
/// order. A document that is no map in block style stays. `values` has the values of all
/// documents.
pub(super) fn ordered(
    text: &str,
    documents: Range<usize>,
    values: &[Value],
    role: FileRole,
) -> Option<String> {
    let tree = Tree::build(text).ok()?;
    let lines = Lines::new(text, &tree);
    let file = File {
        text,
        tree: &tree,
        lines: &lines,
    };
    let mut changed: Vec<String> = Vec::new();
    let mut end = 0;
    for document in documents {
        if let Some(top) = tree.document(document)
            && let Some(level) = level_of(&values[document], role)
            && let Some(region) = file.region(top)
        {
            changed.extend(file.copied(end..region.start));
            changed.extend(file.mapping(top, level, region.clone(), true));
            end = region.end;
        }
    }
    changed.extend(file.copied(end..lines.len()));
    // A last line without a line break may have moved up.
    let last = changed.len().saturating_sub(1);
    for line in &mut changed[..last] {
        if !line.ends_with('\n') {
            line.push_str(newline(text));
        }
    }
    let changed = changed.concat();
    (changed != text).then_some(changed)
}

/// Returns what is known about the fields of a document.
fn level_of(document: &Value, role: FileRole) -> Option<Level> {
    match role {
        FileRole::Project => Some(Level::Project),
        FileRole::Documents => Some(Level::Fields(kind_of(document)?.fields())),
    }
}

/// Returns the kind of a document.
fn kind_of(document: &Value) -> Option<Kind> {
    match document.as_object()?.get(KIND) {
        None | Some(Value::Null) => Some(Kind::Simulation),
        Some(name) => Kind::from_name(name.as_str()?),
    }
}

/// What is known about the fields of a map.
#[derive(Clone, Copy)]
enum Level {
    /// The fields of this table, in this order.
    Fields(&'static [Field]),
    /// `bluejay.yaml`, or one of its environments.
    Project,
    /// The environments of a project.
    Environments,
    /// The kinds of a project.
    Kinds,
    /// One kind of a project.
    OfKind(Kind),
    /// Fields in any order.
    Any,
}

impl Level {
    /// Returns the level of the value of a field.
    fn below(self, name: &str) -> Self {
        match self {
            Self::Fields(fields) => {
                let field = fields.iter().find(|field| field.name == name);
                match field.map(Field::nested) {
                    Some(nested @ [_, ..]) => Self::Fields(nested),
                    _ => Self::Any,
                }
            }
            Self::Project => match name {
                DEFAULTS => Self::Fields(Kind::Simulation.fields()),
                KINDS => Self::Kinds,
                ENVIRONMENTS => Self::Environments,
                _ => Self::Any,
            },
            Self::Environments => Self::Project,
            Self::Kinds => Kind::from_name(name).map_or(Self::Any, Self::OfKind),
            Self::OfKind(kind) if name == DEFAULTS => Self::Fields(kind.fields()),
            Self::OfKind(_) | Self::Any => Self::Any,
        }
    }

    /// Returns the place of each field. A field without a place in the table follows the
    /// field before it.
    fn places<'n>(self, names: impl Iterator<Item = &'n str>) -> Vec<usize> {
        let mut last = 0;
        let places = names.map(|name| {
            if let Self::Fields(fields) = self
                && let Some(place) = fields.iter().position(|field| field.name == name)
            {
                last = place + 1;
            }
            last
        });
        places.collect()
    }
}

/// A field with its lines.
struct Entry {
    /// The first line of the comments above the field.
    lead: usize,
    /// The line of the name.
    line: usize,
    /// The lines of the new order, with those of the value in their new order.
    lines: Vec<String>,
}

struct File<'a> {
    text: &'a str,
    tree: &'a Tree,
    lines: &'a Lines<'a>,
}

impl File<'_> {
    /// Returns the lines of a document, without the lines of markers.
    fn region(&self, top: NodeId) -> Option<Range<usize>> {
        let (key, _) = *self.tree.fields(top)?.first()?;
        let begin = begin_of(self.tree.node(key));
        if is_flow(self.text, self.tree.node(top)) || !self.lines.begins_line(begin) {
            return None;
        }
        let first = self.lines.line_at(begin);
        let is_marker = |line: &usize| self.lines.kind(*line) == LineKind::Marker;
        let start = (0..first).rev().find(is_marker).map_or(0, |line| line + 1);
        let end = (first..self.lines.len()).find(is_marker);
        Some(start..end.unwrap_or(self.lines.len()))
    }

    fn copied(&self, lines: Range<usize>) -> Vec<String> {
        lines
            .map(|line| self.lines.whole(line).to_owned())
            .collect()
    }

    /// Returns the lines of a map in block style, in order. `region` contains the comments
    /// above the first field and below the last field.
    fn mapping(&self, id: NodeId, level: Level, region: Range<usize>, is_top: bool) -> Vec<String> {
        let node = self.tree.node(id);
        let Shape::Mapping(fields) = &node.shape else {
            return self.copied(region);
        };
        if is_flow(self.text, node) || fields.is_empty() {
            return self.copied(region);
        }
        let starts: Vec<usize> = fields
            .iter()
            .map(|(key, _)| begin_of(self.tree.node(*key)))
            .collect();
        let at: Vec<usize> = starts
            .iter()
            .map(|start| self.lines.line_at(*start))
            .collect();
        let column = starts[0] - self.lines.start(at[0]);
        let is_regular = starts[1..]
            .iter()
            .all(|start| self.lines.begins_line(*start));
        // `- &anchor name: x` and `? name` stay as they are.
        let prefix = &self.text[self.lines.start(at[0])..starts[0]];
        if !is_regular
            || !prefix
                .trim_matches(' ')
                .trim_start_matches('-')
                .trim_matches(' ')
                .is_empty()
        {
            return self.copied(region);
        }
        let mut leads: Vec<usize> = vec![if is_top {
            self.header_end(region.start, at[0])
        } else {
            region.start
        }];
        for (index, line) in at.iter().enumerate().skip(1) {
            leads.push(self.lead(at[index - 1], *line, column, fields[index - 1].1));
        }
        let last = fields.len() - 1;
        let footer = self.lead(at[last], region.end, column, fields[last].1);
        let mut entries = Vec::new();
        for (index, (key, value)) in fields.iter().enumerate() {
            let end = leads.get(index + 1).copied().unwrap_or(footer);
            let name = yaml::name_of(self.tree, *key).unwrap_or_default();
            let mut lines = self.copied(leads[index]..at[index] + 1);
            lines.extend(self.value(*value, level.below(&name), at[index] + 1..end));
            entries.push(Entry {
                lead: leads[index],
                line: at[index],
                lines,
            });
        }
        let names = self.names(fields);
        let places = level.places(names.iter().map(AsRef::as_ref));
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|index| places[*index]);
        if order[0] != 0 {
            begin_with(&mut entries, order[0], prefix, column);
        }
        let mut lines = self.copied(region.start..leads[0]);
        let mut is_open = false;
        for index in order {
            add_below(
                &mut lines,
                std::mem::take(&mut entries[index].lines),
                is_open,
            );
            is_open = self.keeps_blank_lines(fields[index].1, level.below(&names[index]));
        }
        add_below(&mut lines, self.copied(footer..region.end), is_open);
        lines
    }

    /// Returns whether a value, with its fields in order, ends with a text that blank lines
    /// below would belong to.
    fn keeps_blank_lines(&self, id: NodeId, level: Level) -> bool {
        let node = self.tree.node(id);
        match &node.shape {
            Shape::Scalar { style, .. } => {
                *style == TextStyle::Block && block_indicators(self.text, node).contains('+')
            }
            _ if is_flow(self.text, node) => false,
            Shape::Mapping(fields) => {
                let names = self.names(fields);
                let places = level.places(names.iter().map(AsRef::as_ref));
                let last = (0..fields.len()).max_by_key(|index| places[*index]);
                last.is_some_and(|last| {
                    self.keeps_blank_lines(fields[last].1, level.below(&names[last]))
                })
            }
            Shape::Sequence(items) => {
                let last = items.last();
                last.is_some_and(|last| self.keeps_blank_lines(*last, level))
            }
            Shape::Alias(_) => false,
        }
    }

    fn names(&self, fields: &[(NodeId, NodeId)]) -> Vec<Cow<'_, str>> {
        let names = fields.iter();
        names
            .map(|(key, _)| yaml::name_of(self.tree, *key).unwrap_or_default())
            .collect()
    }

    /// Returns the lines of a value below the line of its field, in order.
    fn value(&self, id: NodeId, level: Level, region: Range<usize>) -> Vec<String> {
        let node = self.tree.node(id);
        let is_below = |node: &Node| region.contains(&self.lines.line_at(begin_of(node)));
        match &node.shape {
            _ if matches!(level, Level::Any) || is_flow(self.text, node) || !is_below(node) => {
                self.copied(region)
            }
            Shape::Mapping(_) => self.mapping(id, level, region, false),
            Shape::Sequence(items) => self.items(items, level, region),
            Shape::Scalar { .. } | Shape::Alias(_) => self.copied(region),
        }
    }

    fn items(&self, items: &[NodeId], level: Level, region: Range<usize>) -> Vec<String> {
        let dash = |item: &NodeId| self.lines.line_at(begin_of(self.tree.node(*item)));
        let at: Vec<usize> = items.iter().map(dash).collect();
        let is_regular = at.iter().all(|line| {
            region.contains(line) && self.lines.body(*line).trim_start().starts_with("- ")
        }) && at.windows(2).all(|pair| pair[0] < pair[1]);
        let (Some(first), true) = (at.first(), is_regular) else {
            return self.copied(region);
        };
        let mut lines = self.copied(region.start..*first);
        for (index, item) in items.iter().enumerate() {
            let next = at.get(index + 1).copied().unwrap_or(region.end);
            let end = self.lead(at[index], next, self.lines.indent(at[index]), *item);
            lines.extend(self.mapping(*item, level, at[index]..end, false));
            let is_open = self.keeps_blank_lines(*item, level);
            add_below(&mut lines, self.copied(end..next), is_open);
        }
        lines
    }

    /// Returns the line after the comments at the top of a document, which belong to the
    /// document: all comments above a blank line, and the comments of editors.
    fn header_end(&self, start: usize, first: usize) -> usize {
        let mut end = start;
        for line in start..first {
            let text = self.lines.body(line).trim_start_matches(['#', ' ']);
            let is_of_editor = ["yaml-language-server:", "vim:", "-*-", "!"]
                .iter()
                .any(|word| text.starts_with(word));
            if self.lines.kind(line) == LineKind::Blank || is_of_editor {
                end = line + 1;
            }
        }
        end
    }

    /// Returns the first line of the comments above the line `next`, given the line of the
    /// field before. Comments that are indented deeper belong to the value before, and so
    /// does a list item that is commented out.
    fn lead(&self, before: usize, next: usize, column: usize, value: NodeId) -> usize {
        let is_content =
            |line: &usize| !matches!(self.lines.kind(*line), LineKind::Blank | LineKind::Comment);
        let last = (before..next).rev().find(is_content).unwrap_or(before);
        let is_list = self.tree.items(value).is_some();
        let mut lead = last + 1;
        for line in last + 1..next {
            if self.lines.kind(line) == LineKind::Blank {
                continue;
            }
            let text = self.lines.body(line).trim_start_matches([' ', '#']);
            let is_deeper = self.lines.indent(line) > column;
            let is_item = is_list && line == lead && text.starts_with("- ");
            if !is_deeper && !is_item {
                break;
            }
            lead = line + 1;
        }
        lead
    }
}

/// Adds lines below others; without their first blank lines, if these would become a part of
/// the text above.
fn add_below(lines: &mut Vec<String>, mut below: Vec<String>, is_open: bool) {
    if is_open {
        let is_blank = |line: &&String| line.trim().is_empty();
        let blank = below.iter().take_while(is_blank).count();
        below.drain(..blank);
    }
    lines.append(&mut below);
}

/// Lets a map begin with another of its fields. In a list, the `- ` before the first field
/// stays before the first field.
fn begin_with(entries: &mut [Entry], first: usize, prefix: &str, column: usize) {
    let entry = &mut entries[first];
    let mut comments = entry.line - entry.lead;
    while comments > 0 && entry.lines[0].trim().is_empty() {
        entry.lines.remove(0);
        comments -= 1;
    }
    if !prefix.contains('-') {
        return;
    }
    let indent = &prefix[..prefix.len() - prefix.trim_start().len()];
    let comments_above = entry.lines[..comments].iter_mut();
    for line in comments_above.filter(|line| !line.trim().is_empty()) {
        *line = format!("{indent}{}", line.trim_start_matches(' '));
    }
    let own = &mut entry.lines[comments];
    *own = format!("{prefix}{}", own.trim_start_matches(' '));
    let former = &mut entries[0];
    let line = former.line - former.lead;
    let own = &mut former.lines[line];
    *own = format!("{:column$}{}", "", &own[prefix.len()..]);
}
