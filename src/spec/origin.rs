//! Finds the place at which the value of a problem was written: in the document's
//! file, in the defaults of `bluejay.yaml`, or in a variable.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::default_layers::defaults_path;
use super::field_path::is_compound;
use super::path::Path;
use super::problem::{FieldPart, Problem};
use super::source_map::{PathMatch, SourceMap};
use super::tree::{Shape, TextStyle};
use super::vars::{VarOrigin, Vars, references};
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, Related, Severity};
use crate::resource::Kind;
use crate::resource::document_fields::KIND;
use crate::suggestion::Message;

/// The files from which the values of one document can come.
#[derive(Debug, Clone, Copy)]
pub struct Origins<'a> {
    /// The file of the document.
    pub file: &'a SourceMap,
    /// The index of the document in its file, from 0.
    pub document: usize,
    /// The project file, if the document takes defaults from it.
    pub project: Option<&'a SourceMap>,
    /// The selected environment, whose defaults override those of the project file.
    pub environment: Option<&'a str>,
    /// The variables.
    pub vars: &'a Vars,
}

/// A value and the file that contains the value.
struct Site<'a> {
    source_map: &'a SourceMap,
    found: PathMatch,
    is_default: bool,
}

impl Site<'_> {
    /// Returns the text of a single value without quotes.
    fn scalar_text(&self) -> Option<&str> {
        let tree = self.source_map.tree();
        match &tree.node(tree.target(self.found.value)).shape {
            Shape::Scalar {
                text,
                style: TextStyle::Plain,
            } => Some(text),
            _ => None,
        }
    }
}

impl Origins<'_> {
    /// Converts a problem into a diagnostic with a place.
    #[must_use]
    pub fn diagnostic(&self, problem: Problem) -> Diagnostic {
        let site = self.site(&problem.path);
        let problem = match site.as_ref().and_then(Site::scalar_text) {
            Some(written) => problem.with_spelling(written),
            None => problem,
        };
        let place = self.place(site.as_ref(), &problem.path, &problem.part);
        let mut diagnostic = match problem.severity {
            Severity::Error => Diagnostic::error(problem.code, place, problem.summary),
            Severity::Warning => Diagnostic::warning(problem.code, place, problem.summary),
        }
        .label(problem.label);
        for help in problem.help {
            diagnostic = diagnostic.help(help);
        }
        if let FieldPart::Repeated(field, _) = &problem.part
            && let Some(first) = self.file.occurrence(self.document, &problem.path, field, 1)
        {
            diagnostic = diagnostic.related(first, format!("`{field}` is first given here"));
        }
        for (path, label) in problem.related {
            let site = self.site(&path);
            diagnostic =
                diagnostic.related(self.place(site.as_ref(), &path, &FieldPart::Value), label);
        }
        for (place, label) in problem.elsewhere {
            diagnostic = diagnostic.related(place, label);
        }
        let Some(site) = site else { return diagnostic };
        if problem.part == FieldPart::Value {
            diagnostic = self.trace_vars(diagnostic, &problem.path, &site);
        }
        if site.is_default {
            let user = self.file.first_place(self.document);
            let noun = self.kind().noun();
            diagnostic = diagnostic.related(user, format!("this {noun} takes the default"));
        }
        diagnostic
    }

    /// Returns the place of a value, or of the innermost part of its path that exists.
    #[must_use]
    pub fn place_of(&self, path: &Path) -> Option<Place> {
        let site = self.site(path)?;
        (site.found.depth > 0).then(|| self.place(Some(&site), path, &FieldPart::Value))
    }

    /// Returns the place of a value, if its whole path exists.
    #[must_use]
    pub fn place_of_whole(&self, path: &Path) -> Option<Place> {
        let site = self.site(path)?;
        let is_whole = site.is_default || site.found.depth == path.0.len();
        is_whole.then(|| self.place(Some(&site), path, &FieldPart::Value))
    }

    /// Returns the place of a scalar, if its whole path exists.
    #[must_use]
    pub fn place_of_single(&self, path: &Path) -> Option<Place> {
        let site = self.site(path)?;
        let tree = site.source_map.tree();
        let node = tree.node(tree.target(site.found.value));
        let is_single = matches!(node.shape, Shape::Scalar { .. });
        let is_whole = site.is_default || site.found.depth == path.0.len();
        (is_single && is_whole).then(|| self.place(Some(&site), path, &FieldPart::Value))
    }

    /// Returns the kind of the document: a simulation if the file names no kind.
    pub(super) fn kind(&self) -> Kind {
        let path = Path::from([KIND]);
        let found = self.file.find(self.document, &path);
        let found = found.filter(|found| found.depth == 1);
        let name = found.and_then(|found| self.file.tree().text(found.value));
        name.and_then(Kind::from_name).unwrap_or(Kind::Simulation)
    }

    fn site(&self, path: &Path) -> Option<Site<'_>> {
        let own = self.file.find(self.document, path).map(|found| Site {
            source_map: self.file,
            found,
            is_default: false,
        });
        if own
            .as_ref()
            .is_some_and(|site| site.found.depth == path.0.len())
        {
            return own;
        }
        let of_environment = self
            .environment
            .and_then(|name| self.default(Some(name), path));
        let default = of_environment.or_else(|| self.default(None, path));
        default.or(own)
    }

    /// Returns the default at a path, of an environment or of the whole project file.
    fn default(&self, environment: Option<&str>, path: &Path) -> Option<Site<'_>> {
        let mut below = defaults_path(environment, self.kind());
        below.0.extend(path.0.iter().cloned());
        let project = self.project.filter(|_| !path.is_top())?;
        let found = project.find(0, &below)?;
        (found.depth == below.0.len()).then_some(Site {
            source_map: project,
            found,
            is_default: true,
        })
    }

    fn place(&self, site: Option<&Site<'_>>, path: &Path, part: &FieldPart) -> Place {
        let Some(site) = site else {
            return self.file.first_place(self.document);
        };
        let Site {
            source_map, found, ..
        } = site;
        let is_whole = site.is_default || found.depth == path.0.len();
        match part {
            FieldPart::Repeated(field, count) => {
                let again = self.file.occurrence(self.document, path, field, *count);
                again.unwrap_or_else(|| source_map.place(found.value))
            }
            FieldPart::InvalidName if is_whole => {
                let name = source_map.bad_name(found.value);
                name.unwrap_or_else(|| source_map.place(found.value))
            }
            _ if found.depth == 0 && (!path.is_top() || *part == FieldPart::Key) => {
                source_map.first_place(self.document)
            }
            FieldPart::Text(text) if is_whole => source_map.place_of_text(found.value, text),
            FieldPart::Anchor if is_whole => source_map.anchor_place(found.value),
            FieldPart::Value if is_whole => {
                let place = source_map.place(found.value);
                let is_blank = place.span.is_some_and(|span| span.start == span.end);
                match found.key {
                    Some(key) if is_blank => source_map.place(key),
                    _ => place,
                }
            }
            _ => match found.key {
                Some(key) => source_map.place(key),
                None => source_map.place(found.value),
            },
        }
    }

    /// Moves the diagnostic of a value that is a variable to the place that sets the
    /// variable.
    fn trace_vars(&self, mut diagnostic: Diagnostic, path: &Path, site: &Site<'_>) -> Diagnostic {
        let text = site
            .source_map
            .tree()
            .text(site.found.value)
            .unwrap_or_default();
        for name in references(text) {
            let Some(var) = self.vars.get(name) else {
                continue;
            };
            let is_all = text.len() == name.len() + "${var:}".len();
            if diagnostic.code == DiagnosticCode::WrongType
                && let Some(help) = self.untypable(name, is_all, path)
            {
                diagnostic.help = vec![help.into()];
                continue;
            }
            match (&var.origin, self.project) {
                (VarOrigin::Project(path), Some(project)) => {
                    let Some(found) = project.find(0, path) else {
                        continue;
                    };
                    let given = project.place(found.value);
                    if is_all {
                        let user = std::mem::replace(&mut diagnostic.place, given);
                        diagnostic = diagnostic.related(user, format!("`{name}` is used here"));
                    } else {
                        diagnostic = diagnostic.related(given, format!("`{name}` is given here"));
                    }
                }
                (VarOrigin::Environment, _) => {
                    diagnostic = diagnostic.help(format!(
                        "`{name}` comes from `BLUEJAY_VAR_{name}` in the environment"
                    ));
                }
                (VarOrigin::Argument, _) => {
                    diagnostic = diagnostic.help(format!("`{name}` comes from `--var {name}=…`"));
                }
                (VarOrigin::Project(_), None) => {}
            }
        }
        diagnostic
    }
}

impl Origins<'_> {
    /// Returns the help about a value of the wrong type, if no value of the variable has
    /// the right type.
    fn untypable(&self, name: &str, is_all: bool, path: &Path) -> Option<String> {
        if !is_all {
            return Some(format!(
                "a text with a variable in it is a string: write `${{var:{name}}}` and nothing else"
            ));
        }
        is_compound(self.kind(), path).then(|| {
            format!("a variable is one value: write the list or map here, without `{name}`")
        })
    }
}

/// The maximum number of related places of one mistake.
const MAX_RELATED: usize = 3;

/// Merges the diagnostics of one mistake that affects several simulations, such as a
/// wrong default.
#[must_use]
pub fn merge_duplicates(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    type Identity = (Arc<str>, usize, DiagnosticCode, String, Vec<Message>);
    /// The code of a mistake in the command line, which affects many files but is shown
    /// once.
    const COMMAND_LINE_CODE: DiagnosticCode = DiagnosticCode::EnvironmentNotChosen;
    let mut seen: BTreeMap<Identity, usize> = BTreeMap::new();
    let mut joined: Vec<(Diagnostic, usize)> = Vec::new();
    for mut diagnostic in diagnostics {
        let (file, at) = diagnostic.place.sort_key();
        let identity = if diagnostic.code == COMMAND_LINE_CODE {
            {
                let help = diagnostic.help.clone();
                (Arc::from(""), 1, diagnostic.code, String::new(), help)
            }
        } else {
            {
                let summary = diagnostic.summary.clone();
                (file.into(), at, diagnostic.code, summary, Vec::new())
            }
        };
        match seen.get(&identity) {
            // Without a position, mistakes of different files could look equal, so they
            // are not merged.
            Some(known) if at > 0 => {
                let (known, more) = &mut joined[*known];
                let mut related = std::mem::take(&mut diagnostic.related);
                if diagnostic.code == COMMAND_LINE_CODE {
                    related.insert(
                        0,
                        Related {
                            place: diagnostic.place,
                            label: diagnostic.summary,
                        },
                    );
                }
                for related in related {
                    if known.related.contains(&related) {
                        continue;
                    }
                    if known.related.len() < MAX_RELATED {
                        known.related.push(related);
                    } else {
                        *more += 1;
                    }
                }
            }
            _ => {
                seen.insert(identity, joined.len());
                joined.push((diagnostic, 0));
            }
        }
    }
    joined
        .into_iter()
        .map(|(diagnostic, more)| match more {
            0 => diagnostic,
            more => diagnostic.help(format!("{more} more places are affected")),
        })
        .collect()
}
