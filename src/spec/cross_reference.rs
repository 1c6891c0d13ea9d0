//! Checks the references between the resources of all files: each leads to a declared
//! resource of the right kind, and no references form a circle.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::check::not_a_uuid;
use super::declarations::DeclaredDocument;
use super::environments::{LeftOut, place_of_patterns};
use super::field_places::FieldPlaces;
use super::nearest::{join_names, nearest};
use super::origin::Origins;
use super::problem::{FieldPart, Problem};
use super::references::{ReferenceForm, WrittenReference};
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::resource::Kind;
use crate::resource::document_fields::ENVIRONMENTS;
use crate::resource::key::ResourceKey;

/// The most circles that are reported.
const MAX_CIRCLES: usize = 20;

/// The most references that are reported: the search for similar keys takes time.
const MAX_WRONG: usize = 200;

/// The most names in a message.
const MAX_NAMES: usize = 20;

/// Returns the mistakes in the references of all declared documents, which are in the
/// order of the files.
///
/// If `are_all_known` is false, a file could not be read, and may declare what nothing
/// else declares: unknown resources are not reported.
#[must_use]
pub fn check(
    declared: &[DeclaredDocument],
    settings: &Settings,
    are_all_known: bool,
) -> Vec<Diagnostic> {
    if declared.iter().all(|one| one.references.is_empty()) {
        return Vec::new();
    }
    let mut checker = Checker {
        declared,
        settings,
        keys: HashSet::new(),
        left_out: HashMap::new(),
        places: FieldPlaces::default(),
    };
    for one in declared {
        if let Some(key) = &one.key {
            checker.keys.insert(key);
            if let Some(left_out) = &one.left_out {
                checker.left_out.insert(key, (one, &left_out.reason));
            }
        }
    }
    // A key may be declared by one document for each environment.
    if !checker.left_out.is_empty() {
        let here = declared.iter().filter(|one| one.left_out.is_none());
        for key in here.filter_map(|one| one.key.as_ref()) {
            checker.left_out.remove(key);
        }
    }
    let mut diagnostics = checker.wrong_references(are_all_known);
    diagnostics.extend(checker.circles());
    diagnostics
}

struct Checker<'a> {
    declared: &'a [DeclaredDocument],
    settings: &'a Settings,
    /// The keys that files declare.
    keys: HashSet<&'a ResourceKey>,
    /// Those of them that the selected environment does not declare.
    left_out: HashMap<&'a ResourceKey, (&'a DeclaredDocument, &'a LeftOut)>,
    places: FieldPlaces,
}

/// A reference and its document.
type Edge<'a> = (&'a DeclaredDocument, &'a WrittenReference);

impl<'a> Checker<'a> {
    fn wrong_references(&mut self, are_all_known: bool) -> Vec<Diagnostic> {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for one in self.declared {
            for reference in &one.references {
                let problem = match &one.left_out {
                    None => self.not_in_environment(reference),
                    Some(_) => None,
                };
                let problem = problem.or_else(|| self.problem(reference, are_all_known));
                let Some(problem) = problem else {
                    continue;
                };
                if diagnostics.len() == MAX_WRONG {
                    let last = diagnostics.pop();
                    let more = "more references are wrong, which are not shown";
                    diagnostics.extend(last.map(|last| last.help(more)));
                    return diagnostics;
                }
                diagnostics.push(self.diagnostic(one, problem));
            }
        }
        diagnostics
    }

    fn problem(&self, reference: &WrittenReference, are_all_known: bool) -> Option<Problem> {
        if self.keys.contains(&reference.key) {
            return None;
        }
        let (kind, key) = (reference.key.kind(), reference.key.key());
        let mut others = Kind::ALL.into_iter();
        let other = others.find(|other| self.keys.contains(&ResourceKey::of(*other, key)));
        // The text of an invalid key can be the text of another resource.
        let other = other.filter(|_| ResourceKey::problem(key).is_none());
        let problem = match other {
            Some(other) => {
                let summary = format!("`{key}` is a {}, not a {}", other.noun(), kind.noun());
                let error =
                    Problem::error(DiagnosticCode::WrongKind, reference.path.clone(), summary);
                self.with_help(error, reference)
            }
            None if !are_all_known => return None,
            None => self.unknown(reference),
        };
        Some(problem.part(part(reference)))
    }

    /// Returns the problem of a reference to a resource that the selected environment leaves
    /// out.
    fn not_in_environment(&mut self, reference: &WrittenReference) -> Option<Problem> {
        let (one, reason) = self.left_out.get(&reference.key).copied()?;
        let (noun, key) = (reference.key.kind().noun(), reference.key.key());
        let chosen = self.settings.environment_name.as_deref();
        let summary = match chosen {
            Some(name) => format!("the environment `{name}` does not declare the {noun} `{key}`"),
            None => format!("without an environment, the {noun} `{key}` is not declared"),
        };
        let code = DiagnosticCode::NotInEnvironment;
        let problem = Problem::error(code, reference.path.clone(), summary);
        let problem = problem.part(part(reference)).label("not declared here");
        Some(match (reason, chosen) {
            (LeftOut::NotSelected, _) => {
                let help = format!(
                    "add `{}` to `select`, or do not select what refers to it",
                    reference.key
                );
                let place = place_of_patterns(self.settings);
                let problem = problem.help(help);
                match place {
                    Some(place) => problem.elsewhere(place, "no pattern here matches it"),
                    None => problem,
                }
            }
            (LeftOut::Named(names), chosen) => {
                let place = self.places.of(one, ENVIRONMENTS);
                let problem = problem.elsewhere(place, format!("`{key}` is declared only here"));
                let all = join_names(names.iter().map(String::as_str), "or");
                problem.help(match chosen {
                    Some(name) => {
                        format!("add `{name}` there, or give this document `environments`, too")
                    }
                    None => format!(
                        "choose an environment with `-e NAME`: {all}; or give this document \
                         `environments`, too"
                    ),
                })
            }
        })
    }

    fn unknown(&self, reference: &WrittenReference) -> Problem {
        let (kind, key) = (reference.key.kind(), reference.key.key());
        let is_item = reference.form == ReferenceForm::Key && reference.path.0.len() > 1;
        if is_item && is_almost_uuid(kind, key) {
            return not_a_uuid(&reference.path, &key.into());
        }
        let summary = format!("unknown {} `{key}`", kind.noun());
        let error = Problem::error(
            DiagnosticCode::UnknownReference,
            reference.path.clone(),
            summary,
        );
        let error = error.label("no file declares it");
        if is_item && self.names(kind).is_empty() {
            let id = match kind {
                Kind::CustomMetric => "a UUID",
                _ => "a number",
            };
            let noun = kind.noun();
            return error.help(format!(
                "no file declares a {noun}: declare it, or write its id, {id}"
            ));
        }
        self.with_help(error, reference)
    }

    /// Adds the nearest key of the kind, or else the keys that exist.
    fn with_help(&self, problem: Problem, reference: &WrittenReference) -> Problem {
        let (kind, key) = (reference.key.kind(), reference.key.key());
        let names = self.names(kind);
        let bare = key.strip_prefix(kind.name());
        let bare = bare.and_then(|rest| rest.strip_prefix(':')).unwrap_or(key);
        if let Some(near) = nearest(bare, names.iter().copied()) {
            let meant = match reference.form {
                ReferenceForm::Key => near.to_owned(),
                ReferenceForm::Text => format!("${{{}:{near}}}", kind.name()),
            };
            return problem.help(format!("did you mean `{meant}`?"));
        }
        let plural = kind.plural();
        problem.help(if names.is_empty() {
            format!(
                "no file declares a {}: declare it, or correct the key",
                kind.noun()
            )
        } else if names.len() > MAX_NAMES {
            format!("write the key of one of the {} {plural}", names.len())
        } else if names.len() == 1 {
            format!("the only {} is {}", kind.noun(), join_names(names, "and"))
        } else {
            format!("the {plural} are {}", join_names(names, "and"))
        })
    }

    fn names(&self, kind: Kind) -> BTreeSet<&'a str> {
        let keys = self.keys.iter().copied();
        keys.filter(|key| key.kind() == kind)
            .map(ResourceKey::key)
            .collect()
    }

    fn diagnostic(&mut self, one: &DeclaredDocument, problem: Problem) -> Diagnostic {
        let origins = Origins {
            file: self.places.source_map(one),
            document: one.document,
            project: self.settings.source_map.as_ref(),
            environment: self.settings.environment_name.as_deref(),
            vars: &self.settings.vars,
        };
        origins.diagnostic(problem)
    }

    /// Returns one diagnostic for each circle.
    fn circles(&mut self) -> Vec<Diagnostic> {
        let mut remaining = self.possible_circles();
        let mut diagnostics = Vec::new();
        while diagnostics.len() < MAX_CIRCLES {
            remove_ends(&mut remaining);
            let mut ordered = self.declared.iter().filter_map(|one| one.key.as_ref());
            let Some(first) = ordered.find(|key| remaining.contains_key(key)) else {
                break;
            };
            let circle = circle_from(first, &remaining);
            for (one, _) in &circle {
                if let Some(key) = &one.key {
                    remaining.remove(key);
                }
            }
            diagnostics.push(self.circle(&circle));
        }
        diagnostics
    }

    /// Returns the documents that may be in a circle: those that refer to a document with
    /// references.
    fn possible_circles(&self) -> HashMap<&'a ResourceKey, &'a DeclaredDocument> {
        let declared = self.declared.iter();
        let referring = declared.filter(|one| one.left_out.is_none() && !one.references.is_empty());
        let referring: Vec<_> = referring
            .filter_map(|one| Some((one.key.as_ref()?, one)))
            .collect();
        let keys: HashSet<_> = referring.iter().map(|(key, _)| *key).collect();
        let mut found = HashMap::new();
        for (key, one) in referring {
            if one.references.iter().any(|to| keys.contains(&to.key)) {
                found.entry(key).or_insert(one);
            }
        }
        found
    }

    fn circle(&mut self, circle: &[Edge<'a>]) -> Diagnostic {
        let names = circle.iter().filter_map(|(one, _)| one.key.as_ref());
        let names: Vec<_> = names.take(MAX_NAMES).map(ResourceKey::as_str).collect();
        let mut places = circle.iter().map(|(one, reference)| {
            let to = &reference.key;
            let from = one.key.as_ref().map_or("", ResourceKey::as_str);
            let place = Problem::error(
                DiagnosticCode::CircularReference,
                reference.path.clone(),
                "",
            );
            let label = format!("`{from}` refers to `{to}`");
            (*one, place.part(part(reference)), label)
        });
        let Some((one, mut problem, mut label)) = places.next() else {
            unreachable!("a circle has a reference")
        };
        problem.summary = match &names[..] {
            [name] => {
                label.clear();
                format!("`{name}` refers to itself")
            }
            names => format!(
                "{} refer to each other in a circle",
                join_names(names.iter().copied(), "and")
            ),
        };
        let problem = problem.label(label).help(match names.len() {
            1 => "a resource has no id before it is created: remove the reference",
            _ => "each of them needs the id of the next: remove one of the references",
        });
        let others: Vec<_> = places.take(MAX_NAMES).collect();
        let mut diagnostic = self.diagnostic(one, problem);
        for (one, problem, label) in others {
            let place = self.diagnostic(one, problem).place;
            diagnostic = diagnostic.related(place, label);
        }
        diagnostic
    }
}

/// Removes the documents that refer to none of the remaining ones, until each refers to
/// one.
fn remove_ends(remaining: &mut HashMap<&ResourceKey, &DeclaredDocument>) {
    let mut users: HashMap<&ResourceKey, Vec<&ResourceKey>> = HashMap::new();
    let mut counts: HashMap<&ResourceKey, usize> = HashMap::new();
    for (key, one) in &*remaining {
        let targets = one.references.iter().map(|reference| &reference.key);
        let targets: HashSet<_> = targets.filter(|key| remaining.contains_key(key)).collect();
        counts.insert(*key, targets.len());
        for target in targets {
            users.entry(target).or_default().push(*key);
        }
    }
    let ends = counts.iter().filter(|(_, count)| **count == 0);
    let mut ends: Vec<_> = ends.map(|(key, _)| *key).collect();
    while let Some(end) = ends.pop() {
        remaining.remove(end);
        for user in users.remove(end).unwrap_or_default() {
            let count = counts.entry(user).or_default();
            *count -= 1;
            if *count == 0 {
                ends.push(user);
            }
        }
    }
}

/// Follows the first remaining reference of each document until a document repeats, and
/// returns the references of the circle.
fn circle_from<'a>(
    first: &'a ResourceKey,
    remaining: &HashMap<&'a ResourceKey, &'a DeclaredDocument>,
) -> Vec<Edge<'a>> {
    let mut walked: Vec<Edge<'a>> = Vec::new();
    let mut visited: HashMap<&ResourceKey, usize> = HashMap::new();
    let mut key = first;
    while !visited.contains_key(key) {
        visited.insert(key, walked.len());
        let Some(one) = remaining.get(key) else { break };
        let mut references = one.references.iter();
        let next = references.find(|reference| remaining.contains_key(&reference.key));
        let Some(next) = next else { break };
        walked.push((*one, next));
        key = &next.key;
    }
    walked.split_off(visited.get(key).copied().unwrap_or_default())
}

/// Returns the part of the value that is the reference.
fn part(reference: &WrittenReference) -> FieldPart {
    match reference.form {
        ReferenceForm::Key => FieldPart::Value,
        ReferenceForm::Text => FieldPart::Text(format!(
            "${{{}:{}}}",
            reference.key.kind().name(),
            reference.key.key()
        )),
    }
}

/// Returns whether a text looks like a UUID with a typing error.
fn is_almost_uuid(kind: Kind, text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == '-';
    kind == Kind::CustomMetric && text.len() > 20 && text.chars().all(is_digit)
}
