//! Warns about texts that YAML reads differently than they look: in `&Co value`, `&Co`
//! is an anchor; in `“1”`, the quotes are part of the text; an item that is indented deeper
//! than the item above continues the text of that item.

use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::source_map::SourceMap;
use super::tree::{Node, NodeId, Shape, TextStyle, Tree};
use super::words;
use crate::diagnostic::DiagnosticCode;
use crate::resource::Kind;
use crate::resource::field::{ItemType, ValueType};

/// The typographic quotes that word processors and chat programs write for `"` and `'`.
const TYPOGRAPHIC_QUOTES: [char; 11] = [
    '\u{201c}', '\u{201d}', '\u{201e}', '\u{201f}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{ab}',
    '\u{bb}', '\u{2039}', '\u{203a}',
];

/// Returns whether a text may contain such a value.
#[must_use]
pub fn may_have_misread_values(text: &str) -> bool {
    let is_anchor = |at: usize| {
        let next = text.as_bytes().get(at + 1);
        next.is_some_and(u8::is_ascii_alphanumeric)
            && !text[..at].ends_with(|c: char| c.is_alphanumeric())
    };
    text.match_indices('&').any(|(at, _)| is_anchor(at))
        || (!text.is_ascii() && text.contains(TYPOGRAPHIC_QUOTES))
        || has_deeper_item(text)
}

/// Returns whether an item is indented deeper than the item on the line above.
fn has_deeper_item(text: &str) -> bool {
    let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
    let mut above = None;
    text.match_indices('-').any(|(at, _)| {
        if !text[at + 1..].starts_with(' ') {
            return false;
        }
        let line = line_of(at);
        let indent = at - line;
        if text[line..at].bytes().any(|byte| byte != b' ') {
            return false;
        }
        let is_deeper = above.is_some_and(|(line_above, indent_above)| {
            indent > indent_above && line_of(line - 1) == line_above
        });
        above = Some((line, indent));
        is_deeper
    })
}

/// Returns a warning for each such value of a document of a kind; an error for an item that
/// can't be a text.
#[must_use]
pub fn problems(source_map: &SourceMap, document: usize, kind: Kind) -> Vec<Problem> {
    let tree = source_map.tree();
    let mut problems = Vec::new();
    if let Some(top) = tree.document(document) {
        add(tree, top, &Path::top(), &mut problems);
        add_deeper_items(source_map, top, kind, &mut problems);
    }
    problems
}

/// Adds the items of the lists of a document that an item below continues.
fn add_deeper_items(source_map: &SourceMap, top: NodeId, kind: Kind, problems: &mut Vec<Problem>) {
    let tree = source_map.tree();
    let Shape::Mapping(fields) = &tree.node(top).shape else {
        return;
    };
    for (key, value) in fields {
        if let (Some(name), Shape::Sequence(items)) = (tree.text(*key), &tree.node(*value).shape) {
            let takes_texts = kind
                .field(name)
                .is_none_or(|field| takes_texts(field.value));
            for (index, item) in items.iter().enumerate() {
                let path = Path::from([name]).index(index);
                problems.extend(deeper_item(source_map, *item, path, takes_texts));
            }
        }
    }
}

/// Returns whether an item of a list may be any text.
fn takes_texts(value: ValueType) -> bool {
    !matches!(value, ValueType::Set { of, .. } if of != ItemType::Text)
}

/// Returns the problem of an item that the next line continues, although the next line looks
/// like an item.
fn deeper_item(
    source_map: &SourceMap,
    item: NodeId,
    path: Path,
    takes_texts: bool,
) -> Option<Problem> {
    let node = source_map.tree().node(item);
    let Shape::Scalar {
        style: TextStyle::Plain,
        ..
    } = node.shape
    else {
        return None;
    };
    let place = source_map.place(item);
    let text = place.file.text.as_deref()?;
    let written = text.get(node.start..node.end)?;
    let mut lines = written.lines().skip(1).map(str::trim);
    let deeper = lines.find(|line| line.starts_with("- "))?.to_owned();
    let dash = text.get(..node.start)?.rfind('-')?;
    let column = dash - text[..dash].rfind('\n').map_or(0, |at| at + 1) + 1;
    let code = DiagnosticCode::OverIndentedItem;
    let summary = "this list item is indented deeper than the item above, so YAML reads it as a \
                   part of that item";
    let problem = if takes_texts {
        Problem::warning(code, path, summary)
    } else {
        Problem::error(code, path, summary)
    };
    let problem = problem.part(FieldPart::Text(deeper));
    Some(problem.help(format!(
        "begin the line in column {column}, like the item above"
    )))
}

fn add(tree: &Tree, id: NodeId, path: &Path, problems: &mut Vec<Problem>) {
    let node = tree.node(id);
    problems.extend(unused_anchor(node, path));
    match &node.shape {
        Shape::Scalar {
            text,
            style: TextStyle::Plain,
        } => problems.extend(typographic_quotes(text, path)),
        Shape::Scalar { .. } | Shape::Alias(_) => {}
        Shape::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                add(tree, *item, &path.index(index), problems);
            }
        }
        Shape::Mapping(fields) => {
            for (key, value) in fields {
                if let Some(name) = tree.text(*key) {
                    add(tree, *value, &path.field(name), problems);
                }
            }
        }
    }
}

/// Warns about an anchor before a text that no alias refers to. An anchor without a
/// text leaves an empty value, which `blank_values` reports.
fn unused_anchor(node: &Node, path: &Path) -> Option<Problem> {
    let anchor = node.anchor.as_ref().filter(|anchor| !anchor.is_used)?;
    let Shape::Scalar { text, .. } = &node.shape else {
        return None;
    };
    // A number after an anchor is no text that lost its beginning.
    if text.is_empty() || text.parse::<f64>().is_ok() {
        return None;
    }
    let name = &anchor.name;
    let problem = Problem::warning(
        DiagnosticCode::UnusedAnchor,
        path.clone(),
        format!(
            "`&{name}` is an anchor, and not a part of the text of `{}`",
            words::name(path)
        ),
    );
    Some(
        problem
            .part(FieldPart::Anchor)
            .label("no alias refers to this anchor")
            .help("put the whole value in quotes if a text is meant, or remove the anchor"),
    )
}

fn typographic_quotes(text: &str, path: &Path) -> Option<Problem> {
    let inner = text
        .strip_prefix(TYPOGRAPHIC_QUOTES)?
        .strip_suffix(TYPOGRAPHIC_QUOTES)?;
    let shown = words::shortened(inner);
    let problem = Problem::warning(
        DiagnosticCode::TypographicQuotes,
        path.clone(),
        format!(
            "the typographic quotes of `{}` are part of its text",
            words::name(path)
        ),
    );
    Some(
        problem
            .label("YAML accepts only `\"` and `'` as quotes")
            .help(format!("write `\"{}\"`", shown.replace(['\\', '"'], "")))
            .help("put straight quotes around them if the typographic quotes are meant"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    fn summaries(text: &str) -> Vec<String> {
        if !may_have_misread_values(text) {
            return Vec::new();
        }
        let source_map = SourceMap::new(&SourceFile::new("a.yaml", text));
        let problems = problems(&source_map, 0, Kind::Simulation).into_iter();
        problems.map(|problem| problem.summary).collect()
    }

    #[test]
    fn warns_about_lost_and_added_characters() {
        for (text, expected) in [
            (
                "name: &Co value\n",
                "`&Co` is an anchor, and not a part of the text of `name`",
            ),
            (
                "name: &an:chor value\n",
                "`&an` is an anchor, and not a part of the text of `name`",
            ),
            (
                "agent_id: \u{201c}1\u{201d}\n",
                "the typographic quotes of `agent_id` are part of its text",
            ),
            (
                "tags: [\u{201e}a\u{201c}]\n",
                "the typographic quotes of `tags[0]` are part of its text",
            ),
            (
                "tags:\n- a\n - b\n",
                "this list item is indented deeper than the item above, so YAML reads it as a \
                 part of that item",
            ),
        ] {
            assert_eq!(summaries(text), [expected], "{text}");
        }
    }

    #[test]
    fn does_not_warn_about_intended_anchors_and_quotes() {
        for text in [
            "name: Tom & Jerry, R&D\n",
            "a: &x value\nb: *x\n",
            "a: &x {b: c}\n",
            "a: &x 900\n",
            "name: \"\u{201c}1\u{201d}\"\n",
            "name: \u{201c}Yes\u{201d}, she said\n",
            "name: it\u{2019}s\n",
            "tags:\n- a\n- b\nextra:\n  - - a\n    - b\n",
            "description: a\n  - b\n    - c\n",
        ] {
            assert_eq!(summaries(text), [""; 0], "{text}");
        }
    }
}
