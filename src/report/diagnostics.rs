//! Diagnostics for people, in the style of rustc.

use std::collections::BTreeSet;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Group, Level, Renderer};

use super::Output;
use super::snippet::{Mark, elements};
use super::suggestion;
use crate::diagnostic::{Diagnostic, Severity};
use crate::suggestion::{Message, MessagePart, counted};
use crate::visible;
use crate::wrap::{WIDTH, wrap_words};

/// Returns all diagnostics, with a blank line after each, and a closing count; empty
/// without diagnostics.
#[must_use]
pub fn human(diagnostics: &[Diagnostic], colour: bool) -> String {
    pieces(diagnostics, colour)
        .map(|piece| piece + "\n")
        .collect()
}

/// Writes all diagnostics to stderr, one after the other: a project may have many
/// thousands.
pub fn show(diagnostics: &[Diagnostic], output: &Output) {
    for piece in pieces(diagnostics, output.err_palette.is_coloured()) {
        output.problem(&piece);
    }
}

/// Returns the text of each diagnostic, the closing count below the last. Each text
/// lacks its last line end.
fn pieces(diagnostics: &[Diagnostic], colour: bool) -> impl Iterator<Item = String> {
    let renderer = renderer(colour);
    let mut told = BTreeSet::new();
    diagnostics
        .iter()
        .enumerate()
        .map(move |(index, diagnostic)| {
            let mut text = render(&renderer, diagnostic, &mut told) + "\n";
            if index + 1 == diagnostics.len() {
                text = format!("{text}\n{}", count(diagnostics));
            }
            visible::terminal(&text, colour)
        })
}

/// Returns the closing count: `3 errors, 1 warning in 2 files`.
#[must_use]
pub fn count(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .count();
    let warnings = diagnostics.len() - errors;
    let files: BTreeSet<&str> = diagnostics
        .iter()
        .map(|it| it.place.file.name.as_str())
        .collect();
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(counted(errors, "error"));
    }
    if warnings > 0 || errors == 0 {
        parts.push(counted(warnings, "warning"));
    }
    format!("{} in {}", parts.join(", "), counted(files.len(), "file"))
}

fn renderer(colour: bool) -> Renderer {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH)
}

fn render<'a>(
    renderer: &Renderer,
    diagnostic: &'a Diagnostic,
    told: &mut BTreeSet<&'a Message>,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut marks = vec![Mark {
        place: &diagnostic.place,
        label: &diagnostic.label,
        is_primary: true,
    }];
    marks.extend(diagnostic.related.iter().map(|related| Mark {
        place: &related.place,
        label: &related.label,
        is_primary: false,
    }));
    let title = wrap_words(diagnostic.summary.split(' '), WIDTH - 10);
    let mut group: Group<'_> = level.primary_title(title).elements(elements(&marks));
    for help in &diagnostic.help {
        let help = if is_short(help) || told.insert(help) {
            wrap_words(words(help).iter().map(String::as_str), WIDTH - 14)
        } else {
            format!("{} … (in full above)", beginning(help))
        };
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// The longest help that is shown in full more than once, in characters.
const LONG_HELP: usize = 100;

/// Returns whether a help is shown in full each time. A repeated long list adds nothing;
/// a command is always shown in full.
fn is_short(help: &Message) -> bool {
    match help.parts() {
        [MessagePart::Text(text)] => text.chars().count() <= LONG_HELP,
        _ => true,
    }
}

/// Returns the first words of a help.
fn beginning(help: &Message) -> String {
    let text = suggestion::text(help);
    let spaces = text.match_indices(' ').map(|(at, _)| at);
    let end = spaces.take_while(|at| *at < 40).last().unwrap_or(0);
    text[..end].to_owned()
}

/// Returns the words of a help. A command is one word, so that no line break falls
/// into it.
fn words(help: &Message) -> Vec<String> {
    let mut words = vec![String::new()];
    let invocation = suggestion::current();
    for part in help.parts() {
        let shown = part.render(&invocation);
        let pieces: Vec<&str> = match part {
            MessagePart::Text(_) => shown.split(' ').collect(),
            MessagePart::Command(_) => vec![&shown],
        };
        for (index, piece) in pieces.into_iter().enumerate() {
            match words.last_mut() {
                Some(last) if index == 0 => last.push_str(piece),
                _ => words.push(piece.to_owned()),
            }
        }
    }
    words
}
