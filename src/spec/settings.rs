//! Reads and checks the project file, and selects the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::address;
use super::check;
use super::default_layers::{DefaultLayers, KindDefaults};
use super::defaults;
use super::origin::Origins;
use super::path::Path;
use super::position::TextIndex;
use super::problem::{Problem, Problems};
use super::project::{Environment, OwnershipMode, ProjectFile};
use super::project_names;
use super::replace::ReferringText;
use super::rules;
use super::selection::Selection;
use super::source_map::SourceMap;
use super::var_values;
use super::vars::{VarOrigin, Vars, unescaped};
use super::yaml;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::resource::Kind;
use crate::resource::document_fields::ENVIRONMENTS;
use crate::resource::ownership::Ownership;

/// The settings that a project file makes for simulations.
#[derive(Debug, Clone, Default)]
pub struct SettingsOptions {
    /// The name of the environment: `--env NAME`.
    pub environment: Option<String>,
    /// The values of `BLUEJAY_VAR_NAME`, by `NAME`.
    pub environment_vars: BTreeMap<String, String>,
    /// The values of `--var NAME=VALUE`, in order.
    pub vars: Vec<(String, String)>,
}

/// Everything that a project file decides about simulations.
#[derive(Debug, Default)]
pub struct Settings {
    /// The file as written; empty if there is no file or the file is invalid.
    pub file: ProjectFile,
    /// The settings of the selected environment.
    pub environment: Environment,
    /// The name of the selected environment.
    pub environment_name: Option<String>,
    /// The names of all environments.
    pub environments: Vec<String>,
    /// The resources that the selected environment declares; `None` for all.
    pub selection: Option<Selection>,
    /// The defaults of each kind, those of the selected environment included.
    pub defaults: BTreeMap<Kind, KindDefaults>,
    /// The other environments whose defaults give a field, by kind and field.
    pub other_defaults: BTreeMap<Kind, BTreeMap<String, Vec<String>>>,
    /// The variables.
    pub vars: Vars,
    /// The places in the file.
    pub source_map: Option<SourceMap>,
    /// The project whose marker the simulations get, with `ownership: marker`.
    pub ownership: Option<Ownership>,
}

/// An environment that the project file does not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEnvironment {
    /// The requested name.
    pub name: String,
    /// The declared names.
    pub known: Vec<String>,
}

/// Reads the project file, if there is one, and selects the environment.
pub fn resolve(
    file: Option<&Arc<SourceFile>>,
    options: &SettingsOptions,
) -> Result<(Settings, Vec<Diagnostic>), UnknownEnvironment> {
    let Some(file) = file else {
        let (value, vars) = (Map::new(), Vars::default());
        let settings = choose_environment(
            Settings {
                vars,
                ..Settings::default()
            },
            &value,
            options,
        )?;
        return Ok((settings, Vec::new()));
    };
    let (value, mut problems) = match parse_file(file) {
        Ok(read) => read,
        Err(diagnostics) => {
            let vars = Vars::incomplete();
            return Ok((
                Settings {
                    vars,
                    ..Settings::default()
                },
                diagnostics,
            ));
        }
    };
    let source_map = Some(SourceMap::new(&address::hide_passwords(file, &value)));
    let mut settings = choose_environment(
        Settings {
            source_map,
            ..Settings::default()
        },
        &value,
        options,
    )?;
    let value = settings.check(value, &mut problems);
    settings.file = serde_json::from_value(value.clone()).unwrap_or_else(|_| paths_only(&value));
    let marks = settings.file.ownership == Some(OwnershipMode::Marker);
    let project = settings.file.project.clone().filter(|_| marks);
    settings.ownership = project.map(|project| Ownership {
        project,
        environment: options.environment.clone(),
    });
    let patterns = settings.environment.select.as_deref();
    // The checks report an invalid pattern.
    settings.selection = patterns.and_then(|patterns| Selection::parse(patterns).ok());
    let mut diagnostics = settings.place(problems);
    diagnostics.extend(settings.source_map.as_ref().and_then(second_document));
    Ok((settings, diagnostics))
}

/// Returns only the paths of an invalid project file, so that the simulations are still
/// found.
fn paths_only(value: &Value) -> ProjectFile {
    let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    ProjectFile {
        simulations: text("simulations"),
        lockfile: text("lockfile"),
        ..ProjectFile::default()
    }
}

fn parse_file(file: &Arc<SourceFile>) -> Result<(Map<String, Value>, Problems), Vec<Diagnostic>> {
    let mut documents = yaml::parse(file).map_err(|diagnostic| vec![*diagnostic])?;
    documents.truncate(1);
    let mut problems = Problems::default();
    let Some(document) = documents.into_iter().next() else {
        return Ok((Map::new(), problems));
    };
    problems.extend(document.problems.into_vec());
    match document.value {
        Value::Object(fields) => Ok((fields, problems)),
        Value::Null => Ok((Map::new(), problems)),
        other => {
            problems.push(
                Problem::error(
                    DiagnosticCode::WrongType,
                    Path::top(),
                    format!(
                        "the project file is a mapping of fields, found {}",
                        super::words::describe_value(&other)
                    ),
                )
                .help("write fields, such as `simulations: simulations`"),
            );
            let source_map = SourceMap::new(file);
            let origins = Origins {
                file: &source_map,
                document: 0,
                project: None,
                environment: None,
                vars: &Vars::default(),
            };
            Err(problems
                .into_vec()
                .into_iter()
                .map(|problem| origins.diagnostic(problem))
                .collect())
        }
    }
}

/// Returns the error about a second document, at the `---` before the document.
fn second_document(source_map: &SourceMap) -> Option<Diagnostic> {
    let second = source_map.tree().document(1)?;
    let place = source_map.place(second);
    let text = place.file.text.as_deref()?;
    let is_empty = source_map.tree().text(second).is_some_and(str::is_empty);
    let above = text.get(..place.span?.start.byte)?;
    let line = above.rfind("\n---").filter(|_| !is_empty)? + 1;
    let span = TextIndex::new(text).span(text, line, line + "---".len());
    Some(
        Diagnostic::error(
            DiagnosticCode::SeveralDocuments,
            source_map.first_place(1),
            "the project file is one document",
        )
        .label("this is a second document")
        .related(
            Place::span(&place.file, span),
            "the second document begins here",
        )
        .help("remove the `---` and the text after it"),
    )
}

/// Selects the environment and collects the variables. Variables of the environment
/// override variables of the file; `BLUEJAY_VAR_NAME` and then `--var` override both.
fn choose_environment(
    mut settings: Settings,
    value: &Map<String, Value>,
    options: &SettingsOptions,
) -> Result<Settings, UnknownEnvironment> {
    let environments = value.get(ENVIRONMENTS).and_then(Value::as_object);
    let names = || environments.into_iter().flat_map(Map::keys);
    settings.add_vars(value.get("vars"), &Path::from(["vars"]));
    for name in names() {
        let path = Path::from([ENVIRONMENTS, name, "vars"]);
        let vars = environments
            .and_then(|all| all.get(name))
            .and_then(|one| one.get("vars"));
        if options.environment.as_ref() == Some(name) {
            settings.add_vars(vars, &path);
        } else if let Some(vars) = vars.and_then(Value::as_object) {
            vars.keys()
                .for_each(|var| settings.vars.add_of_other_environment(var, name));
        }
    }
    if let Some(name) = &options.environment
        && !names().any(|known| known == name)
    {
        return Err(UnknownEnvironment {
            name: name.clone(),
            known: names().cloned().collect(),
        });
    }
    for (name, text) in &options.environment_vars {
        settings.vars.set(name, text, VarOrigin::Environment);
    }
    for (name, text) in &options.vars {
        settings.vars.set(name, text, VarOrigin::Argument);
    }
    settings.environments = names().cloned().collect();
    settings.environment_name.clone_from(&options.environment);
    if let Some(name) = &options.environment {
        let chosen = environments.and_then(|all| all.get(name)).cloned();
        let chosen = chosen.map(serde_json::from_value::<Environment>);
        settings.environment = chosen.and_then(Result::ok).unwrap_or_default();
    }
    Ok(settings)
}

impl Settings {
    /// Returns the texts with references in the defaults of a kind.
    #[must_use]
    pub(super) fn texts_of(&self, kind: Kind) -> &[ReferringText] {
        let defaults = self.defaults.get(&kind);
        defaults.map_or(&[], |defaults| &defaults.texts)
    }

    /// Returns the defaults of the documents of a kind; `None` without defaults.
    #[must_use]
    pub fn defaults_of(&self, kind: Kind) -> Option<&Map<String, Value>> {
        self.defaults.get(&kind).map(|defaults| &defaults.fields)
    }

    /// Returns whether every environment has a value for a variable of the project file that
    /// the selected environment has.
    #[must_use]
    pub fn is_var_everywhere(&self, name: &str) -> bool {
        let of_file = self.file.vars.as_ref();
        self.vars.count_elsewhere(name) + 1 == self.environments.len()
            || of_file.is_some_and(|vars| vars.contains_key(name))
    }

    /// Returns whether every environment has a default for a field of a kind.
    #[must_use]
    pub fn is_default_everywhere(&self, kind: Kind, field: &str) -> bool {
        let others = self.other_defaults.get(&kind);
        let others = others.and_then(|others| others.get(field));
        let of_file = match kind {
            Kind::Simulation => self.file.defaults.as_ref(),
            kind => self.file.kinds.as_ref().and_then(|kinds| {
                let settings = kinds.get(kind.name())?;
                settings.get("defaults")?.as_object()
            }),
        };
        let given = others.map_or(0, Vec::len) + 1;
        let is_default = |defaults: &Map<String, Value>| defaults.contains_key(field);
        self.defaults_of(kind).is_some_and(is_default)
            && (given == self.environments.len() || of_file.is_some_and(is_default))
    }

    /// Adds variables with their text as written, so that `1.10` stays `1.10`. A
    /// variable without a value becomes empty, and `var_values` reports it.
    fn add_vars(&mut self, vars: Option<&Value>, path: &Path) {
        let names = vars.and_then(Value::as_object).into_iter().flatten();
        for (name, value) in names {
            let path = path.field(name);
            let written = self.source_map.as_ref().and_then(|source_map| {
                let found = source_map.find(0, &path)?;
                source_map.tree().text(found.value).map(str::to_owned)
            });
            if value.is_null() {
                let text = String::new();
                self.vars.set_in_project(name, text, value, path);
            } else if let Some(text) = written {
                let text = unescaped(&text);
                self.vars.set_in_project(name, text, value, path);
            }
        }
    }

    /// Validates the file and extracts the defaults.
    fn check(&mut self, fields: Map<String, Value>, problems: &mut Problems) -> Value {
        let mut found = var_values::check(&fields, &self.vars);
        let mut value = Value::Object(fields);
        let chosen = self.environment_name.as_deref();
        let layers = DefaultLayers::find(&mut value, chosen, &self.vars, &mut found);
        if let Value::Object(fields) = &mut value {
            found.extend(check::unknown_blanks(&rules::PROJECT, fields));
            defaults::normalize_values(Kind::Simulation, fields, &Path::top(), &mut found);
        }
        found.extend(check::check(&rules::PROJECT, &layers.stand_in(&value)));
        found.extend(project_names::check(&value));
        found.extend(missing_project(&value));
        problems.extend(found);
        for kind in Kind::ALL {
            let others = layers.of_other_environments(kind);
            self.other_defaults.insert(kind, others);
        }
        self.defaults = layers.join();
        value
    }

    fn place(&self, problems: Problems) -> Vec<Diagnostic> {
        let Some(source_map) = &self.source_map else {
            return Vec::new();
        };
        let origins = Origins {
            file: source_map,
            document: 0,
            project: Some(source_map),
            environment: None,
            vars: &self.vars,
        };
        let problems = problems.into_vec().into_iter();
        problems
            .map(|problem| origins.diagnostic(problem))
            .collect()
    }
}

/// Returns the problem of `ownership` without the name of the project.
fn missing_project(value: &Value) -> Option<Problem> {
    let is_given = |field: &str| value.get(field).is_some_and(|value| !value.is_null());
    (is_given("ownership") && !is_given("project")).then(|| {
        let summary = "`ownership` needs the name of the project";
        Problem::error(
            DiagnosticCode::MissingProject,
            Path::from(["ownership"]),
            summary,
        )
        .help("add `project: NAME`, with a name that no other project has")
    })
}

impl UnknownEnvironment {
    /// Returns the declared environments as a sentence.
    #[must_use]
    pub fn help(&self) -> String {
        project_names::names_help(&self.name, &self.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
vars: {A: file, B: file, C: file, D: file, N: 1.10, Y: yes}
defaults: {name: '${var:A} ${var:N}'}
environments:
  staging:
    vars: {B: environment, C: environment, D: environment, ONLY: x}
    protect: true
    api_url: https://staging.example
";

    fn resolved(environment: Option<&str>) -> Settings {
        let options = SettingsOptions {
            environment: environment.map(str::to_owned),
            environment_vars: [("C", "process"), ("D", "process")]
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
            vars: vec![("D".to_owned(), "argument".to_owned())],
        };
        let file = SourceFile::new("bluejay.yaml", FILE);
        let (settings, diagnostics) = resolve(Some(&file), &options).expect("it exists");
        assert_eq!(diagnostics, []);
        settings
    }

    fn text<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
        settings.vars.get(name).map(|var| var.text.as_str())
    }

    #[test]
    fn later_sources_of_variables_override_earlier_ones() {
        let settings = resolved(Some("staging"));
        let texts = ["A", "B", "C", "D"].map(|name| text(&settings, name).unwrap_or("none"));
        assert_eq!(texts, ["file", "environment", "process", "argument"]);
        assert_eq!(settings.environment.protect, Some(true));
        assert_eq!(text(&resolved(None), "B"), Some("file"));
        assert_eq!(text(&resolved(None), "ONLY"), None);
    }

    #[test]
    fn variables_keep_their_written_form() {
        let settings = resolved(None);
        assert_eq!(text(&settings, "N"), Some("1.10"));
        assert_eq!(text(&settings, "Y"), Some("yes"));
        let defaults = settings.defaults_of(Kind::Simulation).unwrap();
        assert_eq!(defaults["name"], "file 1.10");
    }

    #[test]
    fn an_unknown_environment_lists_what_exists() {
        let options = SettingsOptions {
            environment: Some("stagin".to_owned()),
            ..SettingsOptions::default()
        };
        let file = SourceFile::new("bluejay.yaml", FILE);
        let unknown = resolve(Some(&file), &options).expect_err("it doesn't exist");
        assert_eq!(
            unknown.help(),
            "did you mean `staging`? The environments are `staging`"
        );
    }
}
