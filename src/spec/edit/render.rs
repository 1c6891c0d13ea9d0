//! Renders new fields, items and values.
//!
//! Maps and lists are rendered in lines, fields in the order of the table of fields, and
//! texts of several lines as literal blocks. In brackets, everything is rendered in one
//! line.

use serde_json::{Map, Value};

use super::block_scalar::literal;
use super::inline::{flow, one_line};
use super::layout::spaces;
use super::{Editor, FieldOrder};
use crate::spec::path::Path;
use crate::spec::yaml;

/// How far fields are indented from the field that contains them.
const INDENT: usize = 2;

/// Renders values of one document in lines.
pub(super) struct Renderer<'a> {
    document: usize,
    order: &'a FieldOrder<'a>,
    newline: &'static str,
    dash_indent: usize,
    /// Whether texts of several lines become literal blocks.
    has_blocks: bool,
}

impl<'a> Renderer<'a> {
    pub fn of(editor: &Editor<'a>, document: usize) -> Self {
        let layout = editor.layout();
        Self {
            document,
            order: editor.order,
            newline: layout.newline(),
            dash_indent: layout.dash_indent(document),
            has_blocks: true,
        }
    }

    /// Returns the renderer, and one that writes texts in quotes. A literal block that keeps
    /// its last line ends can't stand above a blank line.
    pub fn both(editor: &Editor<'a>, document: usize) -> [Self; 2] {
        let quoting = Self {
            has_blocks: false,
            ..Self::of(editor, document)
        };
        [Self::of(editor, document), quoting]
    }

    /// Renders a field whose name begins at a column.
    pub fn field(&self, path: &Path, name: &str, value: &Value, column: usize) -> String {
        let name = yaml::scalar(&name.into());
        format!("{name}:{}", self.after_colon(path, value, column))
    }

    /// Renders a list item whose dash stands at a column.
    pub fn item(&self, path: &Path, value: &Value, column: usize) -> String {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let column = column + "- ".len();
                let fields = self.fields(path, fields, column);
                let between = format!("{}{}", self.newline, spaces(column));
                format!("- {}", fields.join(&between))
            }
            Value::Array(items) if !items.is_empty() => format!("- {}", flow(value)),
            value => format!("-{}", self.text(value, column)),
        }
    }

    /// Renders the text after the colon of a field whose name begins at a column.
    pub fn after_colon(&self, path: &Path, value: &Value, column: usize) -> String {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let column = column + INDENT;
                let fields = self.fields(path, fields, column).into_iter();
                let lines =
                    fields.map(|field| format!("{}{}{field}", self.newline, spaces(column)));
                lines.collect()
            }
            Value::Array(items) if !items.is_empty() => {
                let column = column + self.dash_indent;
                let items = items.iter().enumerate().map(|(index, item)| {
                    let item = self.item(&path.index(index), item, column);
                    format!("{}{}{item}", self.newline, spaces(column))
                });
                items.collect()
            }
            value => self.text(value, column),
        }
    }

    fn fields(&self, path: &Path, fields: &Map<String, Value>, column: usize) -> Vec<String> {
        let mut fields: Vec<_> = fields.iter().collect();
        fields.sort_by_key(|(name, _)| (self.order)(self.document, path, name));
        let fields = fields.into_iter();
        fields
            .map(|(name, value)| self.field(&path.field(name), name, value, column))
            .collect()
    }

    /// Renders a value without parts, with the space before it.
    fn text(&self, value: &Value, column: usize) -> String {
        let block = value
            .as_str()
            .filter(|_| self.has_blocks)
            .and_then(|text| literal(text, column, column + INDENT, self.newline));
        let text = block.unwrap_or_else(|| one_line(value));
        format!(" {text}")
    }
}
