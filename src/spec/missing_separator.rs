//! Finds a second document without the `---` before it.

use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::source_map::SourceMap;
use super::tree::Shape;
use super::words::shortened;
use super::yaml::name_of;
use crate::diagnostic::DiagnosticCode;
use crate::resource::body::{AGENT_ID, NAME};
use crate::resource::document_fields::{KEY, KIND};

/// The fields that a document usually begins with.
const FIRST: [&str; 4] = [KIND, KEY, NAME, AGENT_ID];

/// Returns the error about a document without a `---` before it, if several fields of a
/// document are given twice. All other mistakes are then consequences.
///
/// If only one field is given twice, and it tells documents apart, its problem mentions the
/// `---`.
pub fn explain(
    source_map: &SourceMap,
    document: usize,
    problems: &mut [Problem],
) -> Option<Problem> {
    let mut twice = problems.iter_mut().filter_map(|problem| {
        let is_twice = problem.code == DiagnosticCode::DuplicateField && problem.path.is_top();
        match problem.part.clone() {
            FieldPart::Repeated(name, _) if is_twice => Some((name, problem)),
            _ => None,
        }
    });
    let (first, problem) = twice.next()?;
    let others: Vec<_> = twice
        .map(|(name, _)| name)
        .filter(|name| *name != first)
        .collect();
    let is_first = |name: &String| FIRST.contains(&name.as_str());
    if !is_first(&first) && !others.iter().any(is_first) {
        return None;
    }
    if others.is_empty() && first == NAME {
        return None;
    }
    if others.is_empty() {
        let help = "if a second document begins here, write the line `---` before it";
        problem.help.push(help.to_owned());
        return None;
    }
    let (path, part) = match first_field(source_map, document, &first) {
        Some(field) => (Path::from([field]), FieldPart::Key),
        None => (Path::top(), problem.part.clone()),
    };
    let summary = "a second document seems to begin here, without the line `---` before it";
    let problem = Problem::error(DiagnosticCode::DuplicateField, path, summary).part(part);
    let label = format!("`{}` and other fields are given twice", shortened(&first));
    Some(
        problem
            .label(label)
            .help("write the line `---` before this line, or keep one of each field"),
    )
}

/// Returns `kind` if it stands directly before the second occurrence of a field and not at
/// the beginning of the document.
fn first_field(source_map: &SourceMap, document: usize, repeated: &str) -> Option<&'static str> {
    let tree = source_map.tree();
    let Shape::Mapping(fields) = &tree.node(tree.document(document)?).shape else {
        return None;
    };
    let names: Vec<_> = fields.iter().map(|(key, _)| name_of(tree, *key)).collect();
    let is = |at: &usize, name: &str| names[*at].as_deref() == Some(name);
    let second = (0..names.len()).filter(|at| is(at, repeated)).nth(1)?;
    let before = second.checked_sub(1).filter(|before| *before > 0)?;
    is(&before, KIND).then_some(KIND)
}
