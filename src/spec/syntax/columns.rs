//! Names the column in which a line should begin: the column of a field or an item above.

use super::explain::without_comment;
use super::text::SourceText;

/// A field or an item above a line, on a level that is still open.
#[derive(Debug, PartialEq)]
struct Level<'a> {
    /// The number of characters before it.
    indent: usize,
    /// The name of the field; `None` for an item.
    field: Option<&'a str>,
}

impl<'a> SourceText<'a> {
    /// Returns how to indent the line at an offset; `None` if no line above has the same
    /// form.
    pub fn expected_column(&self, byte: usize) -> Option<String> {
        let start = self.line_start(byte);
        let line = self.line(byte);
        let indent = line.len() - line.trim_start().len();
        let is_item = is_item(line.trim_start());
        let levels = self.levels_above(start);
        let mut alike = levels
            .iter()
            .filter(|level| level.field.is_none() == is_item);
        if indent == 0 {
            let first = alike.next_back()?;
            let column = first.indent + 1;
            return Some(format!(
                "{first} begins in column {column}: begin both in column 1"
            ));
        }
        let deeper = alike.clone().rfind(|level| level.indent > indent);
        let outer = alike.find(|level| level.indent < indent);
        let places = [deeper, outer].into_iter().flatten();
        let places = places.map(|level| format!("in column {}, like {level}", level.indent + 1));
        let places: Vec<_> = places.collect();
        (!places.is_empty()).then(|| format!("begin the line {}", places.join(", or ")))
    }

    /// Returns the levels that are open above a line, the innermost first.
    fn levels_above(&self, line_start: usize) -> Vec<Level<'a>> {
        let above = self.whole.get(..line_start).unwrap_or_default();
        let mut levels: Vec<Level<'a>> = Vec::new();
        let mut outermost = usize::MAX;
        for line in above.lines().rev() {
            let line = without_comment(line).trim_end();
            let content = line.trim_start();
            let indent = line.len() - content.len();
            if line.starts_with("---") {
                break;
            }
            if content.is_empty() || indent >= outermost {
                continue;
            }
            let last = content.rsplit(' ').next().unwrap_or_default();
            if last.starts_with(['|', '>']) {
                // The lines below are a block of text.
                levels.clear();
            }
            outermost = indent;
            add_levels(content, indent, &mut levels);
            if indent == 0 {
                break;
            }
        }
        levels
    }
}

/// Adds the levels that a line opens: an item, and the field behind its `-`.
fn add_levels<'a>(content: &'a str, indent: usize, levels: &mut Vec<Level<'a>>) {
    let item = content.strip_prefix("- ").map(str::trim_start);
    let text = item.unwrap_or(content);
    let name = text.split_once(": ").map(|(name, _)| name);
    if let Some(name) = name.or_else(|| text.strip_suffix(':')) {
        levels.push(Level {
            indent: indent + content.len() - text.len(),
            field: Some(name),
        });
    }
    if item.is_some() {
        let field = None;
        levels.push(Level { indent, field });
    }
}

fn is_item(content: &str) -> bool {
    content.starts_with("- ")
}

impl std::fmt::Display for Level<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.field {
            Some(name) => write!(f, "`{name}` above"),
            None => f.write_str("the item above"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let file = SourceFile::new("a.yaml", text);
        let text = SourceText::new(&file);
        let found = text.expected_column(text.whole.trim_end().len());
        assert_eq!(found.as_deref(), expected, "{}", text.whole);
    }

    #[test]
    fn the_fields_and_items_above_name_the_column() {
        check(
            "a: 1\n b: 2\n",
            Some("begin the line in column 1, like `a` above"),
        );
        check(
            "a:\n    b: 2\n  c: 3\n",
            Some("begin the line in column 5, like `b` above, or in column 1, like `a` above"),
        );
        check(
            "a:\n    - 1\n  - 2\n",
            Some("begin the line in column 5, like the item above"),
        );
        check(
            "a:\n  - b: 1\n     c: 2\n",
            Some("begin the line in column 5, like `b` above"),
        );
        check(
            "a: 1\nb: |\n  text: 1\n c: 2\n",
            Some("begin the line in column 1, like `b` above"),
        );
        check(
            " a: 1\nb: 2\n",
            Some("`a` above begins in column 2: begin both in column 1"),
        );
        check("a: 1\n---\n  b: 2\n", None);
        check("- a\nb: 2\n", None);
    }
}
