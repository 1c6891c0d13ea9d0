//! Mistakes that are valid YAML but not valid in a simulation.

use crate::diagnostic::DiagnosticCode;
use crate::spec::path::Path;
use crate::spec::problem::{FieldPart, Problem};

pub(super) fn duplicate_field(path: &Path, name: &str, occurrence: usize) -> Problem {
    Problem::error(
        DiagnosticCode::DuplicateField,
        path.clone(),
        format!("`{name}` is given twice"),
    )
    .part(FieldPart::Repeated(name.to_owned(), occurrence))
    .label("given again here")
    .help("keep one of them")
}

pub(super) fn bad_merge(path: &Path) -> Problem {
    Problem::error(
        DiagnosticCode::BadMerge,
        path.field("<<"),
        "`<<` needs a mapping or a list of mappings",
    )
    .help("name an anchored mapping: `<<: *defaults`")
}

pub(super) fn infinite(path: &Path) -> Problem {
    Problem::error(
        DiagnosticCode::OutOfRange,
        path.clone(),
        format!("the number of `{path}` can't be sent: it is too large, infinite or `.nan`"),
    )
    .help("write a number, or quote it if a text is meant")
}

pub(super) fn complex_key(path: &Path) -> Problem {
    let problem = Problem::error(
        DiagnosticCode::BadFieldName,
        path.clone(),
        "the name of a field must be a string, not a list or a mapping",
    )
    .part(FieldPart::InvalidName);
    problem.help(
        "`{{ … }}` and `{ … }` at the start of a name or value are YAML syntax: quote the text",
    )
}

pub(super) fn bad_tag(path: &Path) -> Problem {
    Problem::error(
        DiagnosticCode::Syntax,
        path.clone(),
        "the value does not match its tag",
    )
    .help("remove the tag, such as `!!int`")
}

pub(super) fn custom_tag(path: &Path, tag: &str) -> Problem {
    // The library renders the tag without a name as `!!`.
    let tag = if tag == "!!" { "!" } else { tag };
    let name = if tag.starts_with('!') {
        format!("the tag `{tag}`")
    } else {
        tag.to_owned()
    };
    Problem::error(
        DiagnosticCode::CustomTag,
        path.clone(),
        format!("{name} has no meaning here"),
    )
    .help("remove it; texts that begin with `!` need quotes")
}
