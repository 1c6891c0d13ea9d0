//! The failures of an apply as annotations.

use super::annotation::{Annotation, Level, Point, annotations};
use super::diagnostics::annotation;
use crate::api::ApiError;
use crate::apply::{Failed, Failure};
use crate::diagnostic::Diagnostic;
use crate::report::apply::{Finished, sentence, ways_out};
use crate::report::suggestion;
use crate::resource::desired::{DesiredState, Source};

/// Returns each failure as an error at its resource, or at the refused field, and the
/// closing sentence. `folder` is the path of the project from the root of the repository.
pub fn apply(
    ended: &Finished<'_>,
    desired: &DesiredState,
    locate: impl Fn(&Failure, &Source) -> Vec<Diagnostic>,
    folder: &str,
) -> String {
    let mut all = Vec::new();
    for failed in &ended.outcome.failed {
        let simulation = desired.resources.get(&failed.key);
        let source = simulation.map(|simulation| &simulation.source);
        match (&failed.failure, source) {
            (
                failure @ (Failure::Api(ApiError::Refused { .. }) | Failure::Retained(_)),
                Some(source),
            ) => all.extend(locate(failure, source).iter().map(annotation)),
            _ => all.push(failure(failed, source)),
        }
    }
    let sentence = sentence(ended);
    annotations(&all, sentence.trim_end(), folder) + &sentence
}

fn failure(failed: &Failed, source: Option<&Source>) -> Annotation {
    let Failed {
        key,
        operation,
        failure,
    } = failed;
    let mut message = format!("could not {} `{key}`: {failure}", operation.verb());
    for help in ways_out(failed) {
        message.push_str(&format!("\nhelp: {}", suggestion::text(&help)));
    }
    Annotation {
        level: Level::Error,
        file: source.map(|source| source.file.to_string()),
        points: source.map(|source| {
            let point = Point {
                line: source.line,
                column: None,
            };
            (point, None)
        }),
        title: format!("bluejay {}", operation.verb()),
        message,
    }
}
