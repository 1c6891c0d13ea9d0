//! Reads the resources that one file declares.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::blank_values;
use super::check::{check, unknown_blanks};
use super::default_layers::without_references;
use super::defaults;
use super::environments::{self, LeftOut};
use super::included_text::IncludedTexts;
use super::kind;
use super::misread_values;
use super::origin::Origins;
use super::path::Path;
use super::problem::{FieldPart, MAX_PROBLEMS, Problem, Problems};
use super::references::{BodyReferences, References, WrittenReference};
use super::replace::{ReferringText, Replaced, Replacement};
use super::rules;
use super::semantics;
use super::settings::Settings;
use super::source_map::SourceMap;
use super::valid_document::{ValidDocument, split_document};
use super::yaml::{self, Document};
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, Severity, SourceFile};
use crate::resource::Kind;
use crate::resource::desired::{DesiredResource, Source};
use crate::resource::document_fields::KEY;
use crate::resource::key::ResourceKey;
use crate::resource::simulation::MARKER;

/// A file below the simulations folder.
#[derive(Debug, Clone)]
pub struct SimulationFile {
    /// The name and the text of the file.
    pub file: Arc<SourceFile>,
    /// The key of a document that declares no key: the path below the simulations
    /// folder, without the extension.
    pub default_key: Arc<str>,
}

/// A document that may declare a resource.
#[derive(Debug, Clone)]
pub struct DeclaredDocument {
    /// The key, if the document declares a valid one or the file determines it.
    pub key: Option<ResourceKey>,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The index of the document in the file, from 0.
    pub document: usize,
    /// The references to other resources.
    pub references: Vec<WrittenReference>,
    /// Why the selected environment does not declare the resource; `None` if it does.
    pub left_out: Option<LeftOut>,
    /// The resource, if the document has no error and the selected environment declares it.
    pub resource: Option<DesiredResource>,
}

/// The documents and the mistakes of one file.
#[derive(Debug, Default)]
pub struct FileDeclarations {
    /// The documents that are not empty.
    pub declared: Vec<DeclaredDocument>,
    /// The mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the resources of one file that includes no texts of other files.
#[must_use]
pub fn read_declarations(input: &SimulationFile, settings: &Settings) -> FileDeclarations {
    read_with_texts(input, settings, &IncludedTexts::default())
}

/// Reads the resources of one file. `texts` are the texts of the files that
/// [`included_paths`](super::included_text::included_paths) names.
#[must_use]
pub fn read_with_texts(
    input: &SimulationFile,
    settings: &Settings,
    texts: &IncludedTexts,
) -> FileDeclarations {
    let documents = match yaml::parse(&input.file) {
        Ok(documents) => documents,
        Err(diagnostic) => {
            return FileDeclarations {
                diagnostics: vec![*diagnostic],
                ..FileDeclarations::default()
            };
        }
    };
    let count = documents
        .iter()
        .filter(|document| !document.value.is_null() || !document.problems.is_empty())
        .count();
    if count == 0 {
        return FileDeclarations {
            diagnostics: vec![empty_file(&input.file)],
            ..FileDeclarations::default()
        };
    }
    let text = input.file.text.as_deref().unwrap_or_default();
    let mut file = FileReader {
        input,
        settings,
        texts,
        may_have_references: text.contains("${"),
        may_have_blank_values: blank_values::may_have_blank_values(text),
        may_have_misread_values: misread_values::may_have_misread_values(text),
        source_map: None,
        count,
        plural: common_plural(&documents),
        declarations: FileDeclarations::default(),
    };
    for (index, document) in documents.into_iter().enumerate() {
        if !document.value.is_null() || !document.problems.is_empty() {
            file.read_document(index, document);
        }
    }
    file.declarations
}

fn empty_file(file: &Arc<SourceFile>) -> Diagnostic {
    let mut fields = Kind::Simulation.fields().iter();
    let first = fields.find(|field| field.required.is_some());
    let first = first.map_or("", |field| field.name);
    Diagnostic::error(
        DiagnosticCode::EmptyFile,
        Place::file(file),
        "the file declares no simulation",
    )
    .help(format!(
        "write one, beginning with `{first}:`, or delete the file"
    ))
}

/// Returns the plural of the kind of all documents, or the word for documents of several
/// kinds.
fn common_plural(documents: &[Document]) -> &'static str {
    let declared = documents.iter().filter_map(|it| it.value.as_object());
    let mut kinds = declared.map(|fields| kind::of(fields).ok());
    let first = kinds.next().unwrap_or(Some(Kind::Simulation));
    match first {
        Some(kind) if kinds.all(|other| other == first) => kind.plural(),
        _ => "documents",
    }
}

/// Returns the names of the fields without a value.
fn blank_fields(fields: &Map<String, Value>) -> Vec<String> {
    let blank = fields.iter().filter(|(_, value)| value.is_null());
    blank.map(|(name, _)| name.clone()).collect()
}

struct FileReader<'a> {
    input: &'a SimulationFile,
    settings: &'a Settings,
    texts: &'a IncludedTexts,
    /// Whether the file may contain a `${var:NAME}`.
    may_have_references: bool,
    /// Whether the file may contain a field whose text YAML reads as a comment or an
    /// anchor.
    may_have_blank_values: bool,
    /// Whether the file may contain a text that YAML reads differently than it looks.
    may_have_misread_values: bool,
    /// The places in the file, parsed on first use.
    source_map: Option<SourceMap>,
    /// The number of documents that are not empty.
    count: usize,
    /// The word for these documents.
    plural: &'static str,
    declarations: FileDeclarations,
}

impl FileReader<'_> {
    fn read_document(&mut self, index: usize, document: Document) {
        let mut problems = document.problems;
        let mut declared = DeclaredDocument {
            key: None,
            file: Arc::clone(&self.input.file),
            document: index,
            references: Vec::new(),
            left_out: None,
            resource: None,
        };
        match document.value {
            Value::Object(fields) => {
                if let Some(kind) = known_kind(&fields, &mut problems) {
                    self.read_fields(index, kind, fields, &mut problems, &mut declared);
                }
            }
            Value::Null => {}
            other => problems.push(semantics::not_a_mapping(&other)),
        }
        self.report(index, problems);
        self.declarations.declared.push(declared);
    }

    fn read_fields(
        &mut self,
        index: usize,
        kind: Kind,
        fields: Map<String, Value>,
        problems: &mut Problems,
        declared: &mut DeclaredDocument,
    ) {
        let key = self.key(kind, &fields, problems);
        if !self.settings.vars.is_incomplete() {
            problems.extend(environments::check_names(
                &fields,
                &self.settings.environments,
            ));
            declared.left_out = environments::left_out(&fields, key.as_ref(), self.settings);
        }
        if declared.left_out.is_some() {
            declared.references = check_alone(kind, fields, problems);
            declared.key = key;
            return;
        }
        let document = self.document(index, kind, fields, problems, &mut declared.references);
        if let Some((mut document, references)) = document.filter(|_| !problems.has_errors()) {
            if let (Some(ownership), Some(key), Kind::Simulation) =
                (&self.settings.ownership, &key, kind)
            {
                let marker = ownership.marker(key).into();
                document.body.fields_mut().insert(MARKER.to_owned(), marker);
            }
            declared.resource = Some(self.resource(document, references, index));
        }
        declared.key = key;
    }

    fn key(
        &self,
        kind: Kind,
        fields: &Map<String, Value>,
        problems: &mut Problems,
    ) -> Option<ResourceKey> {
        match fields.get(KEY) {
            Some(Value::String(text)) => Some(ResourceKey::of(kind, text)),
            Some(value) if !value.is_null() => None,
            _ if self.count > 1 => {
                problems.push(semantics::missing_key(self.count, self.plural));
                None
            }
            _ => {
                let key = &self.input.default_key;
                if let Some(reason) = semantics::key_problem(kind, key) {
                    let problem = Problem::error(
                        DiagnosticCode::BadKey,
                        Path::top(),
                        format!("the file's path can't be a key: {reason}"),
                    );
                    problems.push(
                        problem
                            .part(FieldPart::Key)
                            .help("rename the file, or add `key: NAME`"),
                    );
                }
                Some(ResourceKey::of(kind, key))
            }
        }
    }

    /// Returns the document with variables replaced and defaults added; `None` if it
    /// has errors.
    fn document(
        &mut self,
        index: usize,
        kind: Kind,
        fields: Map<String, Value>,
        problems: &mut Problems,
        written: &mut Vec<WrittenReference>,
    ) -> Option<(ValidDocument, BodyReferences)> {
        let empty = self.empty_fields(index, &fields);
        let mut found = Vec::new();
        if self.may_have_misread_values {
            found.extend(misread_values::warnings(self.source_map(), index));
        }
        let blank: Vec<String> = blank_fields(&fields);
        found.extend(unknown_blanks(rules::document(kind), &fields));
        let mut value = Value::Object(fields);
        let mut replaced = self.replace(kind, &mut value);
        found.append(&mut replaced.problems);
        let mut references = References::default();
        if let Value::Object(fields) = &mut value {
            self.add_defaults(kind, fields, &mut replaced.texts);
            defaults::normalize_values(kind, fields, &Path::top(), &mut found);
            references = References::find(kind, fields, replaced.texts);
        }
        *written = references.written();
        found.extend(references.problems(kind));
        let checked = references.stand_in(kind, &value);
        let broken = check(rules::document(kind), &checked).into_iter();
        let broken = broken.map(|problem| self.given_elsewhere(kind, problem));
        found.extend(broken.map(|problem| semantics::blank_or_missing(problem, &blank)));
        if let Value::Object(fields) = &*checked {
            let broken = semantics::check(kind, fields).into_iter();
            let broken: Vec<_> = broken.filter(|it| !is_consequence(it, &found)).collect();
            found.extend(broken);
            if kind == Kind::Simulation && self.settings.ownership.is_some() {
                found.extend(semantics::marker_in_extra(fields));
            }
        }
        drop(checked);
        blank_values::merge(empty, &mut found);
        problems.extend(found);
        if problems.has_errors() {
            return None;
        }
        let of_body = references.into_body(kind, &mut value);
        match value {
            Value::Object(fields) => Some((split_document(kind, fields), of_body)),
            _ => None,
        }
    }

    /// Returns the problem of a missing field that the defaults of other environments give
    /// as a problem of the chosen environment.
    fn given_elsewhere(&self, kind: Kind, problem: Problem) -> Problem {
        let name = problem.summary.strip_prefix('`');
        let name = name.and_then(|rest| rest.strip_suffix("` is missing"));
        let field = name.and_then(|name| kind.field(name));
        let others = self.settings.other_defaults.get(&kind);
        let given = field.zip(others).and_then(|(field, others)| {
            let mut names = std::iter::once(field.name).chain(field.instead);
            names.find_map(|name| others.get(name))
        });
        match given {
            Some(environments) if problem.code == DiagnosticCode::MissingField => {
                semantics::only_in(environments, problem)
            }
            _ => problem,
        }
    }

    fn replace(&self, kind: Kind, value: &mut Value) -> Replaced {
        if !self.may_have_references {
            return Replaced::default();
        }
        let replacement = Replacement {
            kind,
            vars: &self.settings.vars,
            files: Some(self.texts),
            base: 0,
        };
        replacement.replace(value, &mut Path::top())
    }

    /// Adds the defaults of the kind to a document, and the references of the defaults
    /// that the document takes.
    fn add_defaults(
        &self,
        kind: Kind,
        fields: &mut Map<String, Value>,
        texts: &mut Vec<ReferringText>,
    ) {
        let Some(defaults) = self.settings.defaults_of(kind) else {
            return;
        };
        let defaults = defaults::without_other_agent(defaults, fields);
        let of_defaults = self.settings.texts_of(kind).iter();
        let taken = of_defaults.filter(|text| defaults::is_taken(fields, &text.path));
        texts.extend(taken.cloned());
        defaults::merge_defaults(&defaults, fields);
    }

    /// Returns the warnings about fields without a value whose line contains text.
    fn empty_fields(&mut self, index: usize, fields: &Map<String, Value>) -> Vec<Problem> {
        let has_empty = |fields: &Map<String, Value>| fields.values().any(Value::is_null);
        let mut inner = fields.values().filter_map(Value::as_object);
        if !self.may_have_blank_values || !(has_empty(fields) || inner.any(has_empty)) {
            return Vec::new();
        }
        blank_values::warnings(fields, self.source_map(), index)
    }

    fn resource(
        &mut self,
        document: ValidDocument,
        references: BodyReferences,
        index: usize,
    ) -> DesiredResource {
        DesiredResource {
            agent: document.agent,
            digital_humans: document.humans,
            digital_human_keys: references.digital_humans,
            references: references.references,
            is_exclusive: document.is_exclusive,
            is_protected: document.is_protected,
            moved_from: document.moved_from,
            source: Source {
                file: self.input.file.name.as_str().into(),
                document: index,
                line: self.line(index),
            },
            body: document.body,
        }
    }

    /// Returns the line of a document's first field. A file with one document is not
    /// parsed again.
    fn line(&mut self, index: usize) -> usize {
        if self.count == 1 && index == 0 {
            let text = self.input.file.text.as_deref().unwrap_or_default();
            let is_content = |line: &str| {
                let line = line.trim();
                !(line.is_empty() || line.starts_with(['#', '%']) || line == "---")
            };
            return text.lines().position(is_content).map_or(1, |line| line + 1);
        }
        let place = self.source_map().first_place(index);
        place.span.map_or(1, |span| span.start.line)
    }

    fn source_map(&mut self) -> &SourceMap {
        self.source_map
            .get_or_insert_with(|| SourceMap::new(&self.input.file))
    }

    fn report(&mut self, index: usize, problems: Problems) {
        if problems.is_empty() {
            return;
        }
        let is_incomplete = self.settings.vars.is_incomplete();
        for problem in problems.into_vec() {
            // Without a valid project file, these errors are consequences of its
            // mistakes.
            let is_consequence = matches!(
                problem.code,
                DiagnosticCode::UnknownVariable
                    | DiagnosticCode::EnvironmentNotChosen
                    | DiagnosticCode::MissingField
                    | DiagnosticCode::BrokenRule
            );
            if !(is_incomplete && is_consequence) {
                self.add_diagnostic(index, problem);
            }
        }
    }

    fn add_diagnostic(&mut self, index: usize, problem: Problem) {
        let told = self.declarations.diagnostics.iter();
        let alike = told.filter(|told| told.severity == problem.severity);
        let diagnostic = match alike.count().cmp(&MAX_PROBLEMS) {
            Ordering::Less => self.origins(index).diagnostic(problem),
            Ordering::Equal => too_many(&self.input.file, problem.severity),
            Ordering::Greater => return,
        };
        self.declarations.diagnostics.push(diagnostic);
    }

    fn origins(&mut self, index: usize) -> Origins<'_> {
        let settings = self.settings;
        Origins {
            file: self.source_map(),
            document: index,
            project: settings.source_map.as_ref(),
            environment: settings.environment_name.as_deref(),
            vars: &settings.vars,
        }
    }
}

/// Checks a document that the selected environment leaves out, as far as neither defaults
/// nor variables decide: those may be given in the environments that declare the document.
/// Returns the references without variables.
fn check_alone(
    kind: Kind,
    fields: Map<String, Value>,
    problems: &mut Problems,
) -> Vec<WrittenReference> {
    let mut found = unknown_blanks(rules::document(kind), &fields);
    let mut value = Value::Object(fields);
    without_references(&mut value);
    let mut references = References::default();
    if let Value::Object(fields) = &mut value {
        defaults::normalize_values(kind, fields, &Path::top(), &mut found);
        references = References::find(kind, fields, Vec::new());
    }
    let checked = references.stand_in(kind, &value);
    found.extend(check(rules::document(kind), &checked));
    if let Value::Object(fields) = &*checked {
        found.extend(semantics::check(kind, fields));
    }
    let depends = |problem: &Problem| {
        matches!(
            problem.code,
            DiagnosticCode::MissingField | DiagnosticCode::BrokenRule
        )
    };
    problems.extend(found.into_iter().filter(|problem| !depends(problem)));
    references.written()
}

/// Returns whether a broken rule may be the consequence of an unknown field beside it.
fn is_consequence(problem: &Problem, found: &[Problem]) -> bool {
    let mut unknown = found
        .iter()
        .filter(|found| found.code == DiagnosticCode::UnknownField);
    problem.code == DiagnosticCode::BrokenRule
        && unknown.any(|unknown| {
            let map = unknown.path.0.split_last().map(|(_, map)| map);
            let parent = problem.path.0.split_last().map(|(_, map)| map);
            map == Some(&problem.path.0[..]) || map == parent
        })
}

/// Returns the kind of a document. The document is also read if the value of `kind` is
/// similar to a kind.
fn known_kind(fields: &Map<String, Value>, problems: &mut Problems) -> Option<Kind> {
    kind::of(fields).map_or_else(
        |(meant, problem)| {
            problems.push(*problem);
            meant
        },
        Some,
    )
}

fn too_many(file: &Arc<SourceFile>, severity: Severity) -> Diagnostic {
    let (place, code) = (Place::file(file), DiagnosticCode::TooManyProblems);
    let rest = "in this file; the rest is not shown";
    match severity {
        Severity::Error => Diagnostic::error(
            code,
            place,
            format!("more than {MAX_PROBLEMS} mistakes {rest}"),
        ),
        Severity::Warning => Diagnostic::warning(
            code,
            place,
            format!("more than {MAX_PROBLEMS} warnings {rest}"),
        ),
    }
}
