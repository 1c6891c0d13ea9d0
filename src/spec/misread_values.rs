//! Warns about texts that YAML reads differently than they look: in `&Co value`, `&Co`
//! is an anchor; in `“1”`, the quotes are part of the text.

use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::source_map::SourceMap;
use super::tree::{Node, NodeId, Shape, TextStyle, Tree};
use super::words;
use crate::diagnostic::DiagnosticCode;

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
}

/// Returns a warning for each such value of a document.
#[must_use]
pub fn warnings(source_map: &SourceMap, document: usize) -> Vec<Problem> {
    let tree = source_map.tree();
    let mut problems = Vec::new();
    if let Some(top) = tree.document(document) {
        add(tree, top, &Path::top(), &mut problems);
    }
    problems
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
        let problems = warnings(&source_map, 0).into_iter();
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
        ] {
            assert_eq!(summaries(text), [""; 0], "{text}");
        }
    }
}
