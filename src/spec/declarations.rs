//! Reads the resources that one file declares.

mod document;
mod left_out;

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::blank_values;
use super::environments::{self, LeftOutDocument};
use super::included_text::IncludedTexts;
use super::kind;
use super::misread_values;
use super::missing_separator;
use super::origin::Origins;
use super::path::{Path, Step};
use super::problem::{FieldPart, MAX_PROBLEMS, Problem, Problems};
use super::references::{BodyReferences, WrittenReference};
use super::semantics;
use super::settings::Settings;
use super::source_map::SourceMap;
use super::valid_document::ValidDocument;
use super::yaml::{self, Document};
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, Severity, SourceFile};
use crate::resource::Kind;
use crate::resource::desired::{DesiredResource, Source};
use crate::resource::document_fields::{ENVIRONMENTS, KEY, KIND};
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
    /// The key, if the document declares a valid key, or if the file determines the key.
    pub key: Option<ResourceKey>,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The index of the document in the file, from 0.
    pub document: usize,
    /// The references to other resources.
    pub references: Vec<WrittenReference>,
    /// Whether the document names the environments that declare the resource.
    pub names_environments: bool,
    /// Set if the selected environment does not declare the resource.
    pub left_out: Option<Box<LeftOutDocument>>,
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
        declarations: FileDeclarations {
            declared: Vec::with_capacity(count),
            diagnostics: Vec::new(),
        },
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
            names_environments: false,
            left_out: None,
            resource: None,
        };
        match document.value {
            Value::Object(_) if self.lacks_separator(index, &mut problems) => {}
            Value::Object(mut fields) => {
                if let Some(kind) = known_kind(&mut fields, &mut problems) {
                    self.read_fields(index, kind, fields, &mut problems, &mut declared);
                }
            }
            Value::Null => {}
            other => problems.push(semantics::not_a_mapping(&other)),
        }
        self.report(index, problems);
        self.declarations.declared.push(declared);
    }

    /// Returns whether the document consists of two documents without a `---`, and reports
    /// this mistake alone.
    fn lacks_separator(&mut self, index: usize, problems: &mut Problems) -> bool {
        if !problems.has_errors() {
            return false;
        }
        let mut found = std::mem::take(problems).into_vec();
        let separator = missing_separator::explain(self.source_map(), index, &mut found);
        let lacks = separator.is_some();
        problems.extend(separator.map_or(found, |problem| vec![problem]));
        lacks
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
        declared.names_environments = fields.get(ENVIRONMENTS).is_some_and(Value::is_array);
        if !self.settings.vars.is_incomplete() {
            problems.extend(environments::check_names(
                &fields,
                &self.settings.environments,
            ));
            let left_out = environments::left_out(&fields, key.as_ref(), self.settings);
            if let Some(reason) = left_out {
                let source = self.source(index);
                declared.left_out = Some(Box::new(self.read_left_out(
                    kind,
                    reason,
                    source,
                    fields,
                    problems,
                    &mut declared.references,
                )));
                declared.key = key;
                return;
            }
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
            source: self.source(index),
            body: document.body,
        }
    }

    fn source(&mut self, index: usize) -> Source {
        Source {
            file: self.input.file.name.as_str().into(),
            document: index,
            line: self.line(index),
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

/// Returns the kind of a document. The document is also read if the value of `kind` is
/// similar to a kind, or if `kind` has a similar name.
fn known_kind(fields: &mut Map<String, Value>, problems: &mut Problems) -> Option<Kind> {
    kind::of(fields).map_or_else(
        |(meant, problem)| {
            // The mistake is reported once.
            if let ([Step::Field(name)], Some(kind)) = (&problem.path.0[..], meant) {
                fields.remove(name);
                fields.insert(KIND.to_owned(), kind.name().into());
            }
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
