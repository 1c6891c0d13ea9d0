//! The functions that the tests of diagnostics use to check files.

use std::path::Path;
use std::sync::Arc;

use bluejayctl::diagnostic::{Diagnostic, SourceFile};
use bluejayctl::resource::desired::DesiredState;
use bluejayctl::spec::assemble::assemble;
use bluejayctl::spec::declarations::{FileDeclarations, SimulationFile, read_with_texts};
use bluejayctl::spec::decode;
use bluejayctl::spec::included_text::IncludedTexts;
use bluejayctl::spec::settings::{SettingsOptions, resolve};
use bluejayctl::store::bounds::Bounds;
use bluejayctl::store::source;

/// Checks one file of simulations, or a folder with a project.
pub fn check(case: &Path) -> Vec<Diagnostic> {
    let mut files = vec![case.to_owned()];
    let mut project = None;
    if case.is_dir() {
        files = Vec::new();
        for entry in std::fs::read_dir(case).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.ends_with("bluejay.yaml") {
                project = Some(decoded(&path).expect("it is text"));
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                files.push(path);
            }
        }
        files.sort();
    }
    let files = files
        .iter()
        .map(|path| {
            let texts = decoded(path).map(|file| {
                let bounds = Bounds::around(&[path.parent().expect("it has a folder")]);
                source::included_texts(&file, path, &bounds)
            });
            (stem(path), decoded(path), texts.unwrap_or_default())
        })
        .collect();
    check_files(project.as_ref(), files).1
}

/// Checks the bytes of one file.
pub fn check_bytes(bytes: &[u8]) -> (DesiredState, Vec<Diagnostic>) {
    let file = decode::decode("a.yaml", bytes.to_vec());
    check_files(None, vec![("a".to_owned(), file, IncludedTexts::default())])
}

/// Checks the texts of a project file and of one simulation.
pub fn check_project(project: &str, simulation: &str) -> Vec<Diagnostic> {
    let project = SourceFile::new("bluejay.yaml", project);
    let file = SourceFile::new("a.yaml", simulation);
    let files = vec![("a".to_owned(), Ok(file), IncludedTexts::default())];
    check_files(Some(&project), files).1
}

/// Checks the bytes of a project file, with one simulation.
pub fn check_project_bytes(bytes: &[u8]) -> Vec<Diagnostic> {
    match decode::decode("bluejay.yaml", bytes.to_vec()) {
        Ok(project) => {
            let file = SourceFile::new("a.yaml", "agent_id: 1\nname: ${var:A}\n");
            let files = vec![("a".to_owned(), Ok(file), IncludedTexts::default())];
            check_files(Some(&project), files).1
        }
        Err(diagnostic) => vec![*diagnostic],
    }
}

type Decoded = Result<Arc<SourceFile>, Box<Diagnostic>>;

fn check_files(
    project: Option<&Arc<SourceFile>>,
    files: Vec<(String, Decoded, IncludedTexts)>,
) -> (DesiredState, Vec<Diagnostic>) {
    let (settings, found) = resolve(project, &SettingsOptions::default()).expect("no environment");
    let declarations = files
        .into_iter()
        .map(|(default_key, file, texts)| match file {
            Ok(file) => read_with_texts(
                &SimulationFile {
                    file,
                    default_key: default_key.into(),
                },
                &settings,
                &texts,
            ),
            Err(diagnostic) => FileDeclarations {
                declared: Vec::new(),
                diagnostics: vec![*diagnostic],
            },
        });
    assemble(declarations.collect(), &settings, found)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn decoded(path: &Path) -> Decoded {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    decode::decode(&name, std::fs::read(path).expect("it can be read"))
}
