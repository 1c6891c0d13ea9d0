//! Checks the files in one environment, or in every environment.

use crate::commands::load::{LoadOptions, Workspace};
use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// The files as one environment has them.
pub(super) struct Checked {
    /// The name of the environment; `None` without one.
    pub environment: Option<String>,
    /// The loaded files.
    pub workspace: Workspace,
}

/// Loads the files without an environment, and in every environment of the project file.
///
/// Files that need an environment, because only an environment gives a variable or a field,
/// are not checked without one.
pub(super) fn load_all(
    options: &LoadOptions,
    load: impl Fn(&LoadOptions) -> Workspace,
) -> Vec<Checked> {
    let load_in = |environment: Option<&String>| {
        let options = LoadOptions {
            environment: environment.cloned(),
            is_environment_inherited: false,
            ..options.clone()
        };
        Checked {
            environment: options.environment.clone(),
            workspace: load(&options),
        }
    };
    let without = load_in(None);
    let names = without.workspace.settings.environments.clone();
    let mut all = vec![without];
    all.extend(names.iter().map(|name| load_in(Some(name))));
    if all.len() > 1 && needs_environment(&all[0].workspace.diagnostics) {
        all.remove(0);
    }
    all
}

/// Returns whether the files have a mistake that the choice of an environment would mend.
pub(in crate::commands) fn needs_environment(diagnostics: &[Diagnostic]) -> bool {
    let mut codes = diagnostics.iter().map(|found| found.code);
    codes.any(|code| code == DiagnosticCode::EnvironmentNotChosen)
}

/// Takes the diagnostics of all environments. Equal diagnostics become one, which names its
/// environments if it is not found in all of them.
pub(super) fn take_diagnostics(all: &mut [Checked]) -> Vec<Diagnostic> {
    let count = all.len();
    let mut merged: Vec<(Diagnostic, Vec<Option<String>>)> = Vec::new();
    for checked in all {
        for found in std::mem::take(&mut checked.workspace.diagnostics) {
            let environment = checked.environment.clone();
            match merged.iter_mut().find(|(known, _)| is_same(known, &found)) {
                Some((_, environments)) => environments.push(environment),
                None => merged.push((found, vec![environment])),
            }
        }
    }
    let merged = merged.into_iter().map(|(found, environments)| {
        if environments.len() == count {
            found
        } else {
            found.help(only_in(&environments))
        }
    });
    merged.collect()
}

/// Returns whether two environments have the same mistake. The help may differ: it can list
/// what the environment declares.
fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.code == other.code && one.place == other.place && one.summary == other.summary
}

fn only_in(environments: &[Option<String>]) -> String {
    let names = environments.iter().flatten();
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    let is_without = environments.contains(&None);
    let phrase = match &names[..] {
        [] => return "only without an environment".to_owned(),
        [name] => format!("in the environment {name}"),
        names => format!("in the environments {}", names.join(", ")),
    };
    if is_without {
        return format!("only without an environment and {phrase}");
    }
    format!("only {phrase}")
}
