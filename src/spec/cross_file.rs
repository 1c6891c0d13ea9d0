//! Checks that need all files: duplicate keys, duplicate names, and moves.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::declarations::DeclaredDocument;
use super::field_places::FieldPlaces;
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::resource::document_fields::{KEY, MOVED_FROM};
use crate::resource::key::ResourceKey;
use crate::resource::{Kind, Scope, identity};
use crate::suggestion::{Message, Suggestion, Verb};

/// Returns the mistakes among all declared resources, which are in the order of the
/// files.
#[must_use]
pub fn check(declared: &[&DeclaredDocument], settings: &Settings) -> Vec<Diagnostic> {
    let (mut diagnostics, of_names) = rayon::join(
        || wrong_keys(declared, &mut FieldPlaces::default()),
        || duplicate_names(declared, settings, &mut FieldPlaces::default()),
    );
    diagnostics.extend(of_names);
    diagnostics
}

fn wrong_keys(declared: &[&DeclaredDocument], places: &mut FieldPlaces) -> Vec<Diagnostic> {
    let mut diagnostics = duplicate_keys(declared, places);
    diagnostics.extend(similar_keys(declared, places));
    diagnostics.extend(invalid_moves(declared, places));
    diagnostics
}

fn duplicate_keys(declared: &[&DeclaredDocument], places: &mut FieldPlaces) -> Vec<Diagnostic> {
    let mut first: HashMap<&ResourceKey, &DeclaredDocument> =
        HashMap::with_capacity(declared.len());
    let mut diagnostics = Vec::new();
    for one in declared {
        let Some(key) = &one.key else { continue };
        if let Some(known) = first.get(key) {
            diagnostics.push(
                Diagnostic::error(
                    DiagnosticCode::DuplicateKey,
                    places.of(one, KEY),
                    format!("two {} have the key `{}`", key.kind().plural(), key.key()),
                )
                .label("the second")
                .related(places.of(known, KEY), "the first")
                .help("give one of them another `key`"),
            );
        } else {
            first.insert(key, one);
        }
    }
    diagnostics
}

/// Finds keys that differ only in case or Unicode normalisation. Many file systems
/// can't store the files of both keys.
fn similar_keys(declared: &[&DeclaredDocument], places: &mut FieldPlaces) -> Vec<Diagnostic> {
    let mut first: HashMap<(Kind, Cow<'_, str>), &DeclaredDocument> =
        HashMap::with_capacity(declared.len());
    let mut diagnostics = Vec::new();
    for one in declared {
        let Some(key) = &one.key else { continue };
        let known = first
            .entry((key.kind(), case_folded(key.key())))
            .or_insert(one);
        let other = known.key.as_ref().unwrap_or(key);
        if other == key {
            continue;
        }
        let (other, key) = (other.key(), key.key());
        let difference = if other.to_lowercase() == key.to_lowercase() {
            "only by upper and lower case"
        } else {
            "only by the Unicode form of their letters"
        };
        diagnostics.push(
            Diagnostic::error(
                DiagnosticCode::SimilarKeys,
                places.of(one, KEY),
                format!("the keys `{other}` and `{key}` differ {difference}"),
            )
            .label("the second")
            .related(places.of(known, KEY), "the first")
            .help("rename one of them: on macOS and Windows a checkout keeps only one of two such files"),
        );
    }
    diagnostics
}

/// Returns a key without differences of case and Unicode normalisation.
fn case_folded(key: &str) -> Cow<'_, str> {
    if !key.is_ascii() {
        return key.nfc().flat_map(char::to_lowercase).nfc().collect();
    }
    if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return key.to_ascii_lowercase().into();
    }
    key.into()
}

fn invalid_moves(declared: &[&DeclaredDocument], places: &mut FieldPlaces) -> Vec<Diagnostic> {
    let moved: Vec<(&DeclaredDocument, &ResourceKey)> = declared
        .iter()
        .copied()
        .filter_map(|one| Some((one, one.resource.as_ref()?.moved_from.as_ref()?)))
        .collect();
    if moved.is_empty() {
        return Vec::new();
    }
    let by_key: HashMap<&ResourceKey, &DeclaredDocument> = declared
        .iter()
        .copied()
        .rev()
        .filter_map(|one| Some((one.key.as_ref()?, one)))
        .collect();
    let mut movers: HashMap<&ResourceKey, &DeclaredDocument> = HashMap::new();
    let mut diagnostics = Vec::new();
    for (one, old) in moved {
        let place = places.of(one, MOVED_FROM);
        let shown = old.key();
        let error =
            |summary: String| Diagnostic::error(DiagnosticCode::BadMove, place.clone(), summary);
        if one.key.as_ref() == Some(old) {
            diagnostics.push(
                error(format!("`{shown}` can't be its own `moved_from`"))
                    .help("write the key that it had before, or remove `moved_from`"),
            );
        } else if let Some(still) = by_key.get(old).filter(|_| !can_move(one, &by_key)) {
            let waiting = still.resource.as_ref();
            let help = if waiting.is_some_and(|it| it.moved_from.is_some()) {
                Message::from("to swap two keys, rename them with ")
                    .command(Suggestion::new(Verb::StateMv))
                    .text(", through a third key")
            } else {
                "remove the declaration of the old key, add a `moved_from` to it, or remove this \
                 `moved_from`"
                    .into()
            };
            diagnostics.push(
                error(format!(
                    "`{shown}` can't be a `moved_from`: a file still declares it"
                ))
                .related(places.of(still, KEY), format!("`{shown}` is declared here"))
                .help(help),
            );
        } else if let Some(other) = movers.get(old) {
            diagnostics.push(
                error(format!(
                    "two {} have the same `moved_from`: `{shown}`",
                    old.kind().plural()
                ))
                .related(places.of(other, MOVED_FROM), "the first")
                .help("only one can have the lockfile entry"),
            );
        }
        movers.entry(old).or_insert(one);
    }
    diagnostics
}

/// Returns whether every key in the chain of a move moves too, up to a key that no file
/// declares. Two keys that swap places can't move, because each waits for the other.
fn can_move(one: &DeclaredDocument, by_key: &HashMap<&ResourceKey, &DeclaredDocument>) -> bool {
    let moved_from = |one: &DeclaredDocument| one.resource.as_ref()?.moved_from.clone();
    let mut old = moved_from(one);
    for _ in 0..by_key.len() {
        match old.as_ref().and_then(|old| by_key.get(old)) {
            Some(still) => old = moved_from(still),
            None => return old.is_some(),
        }
    }
    false
}

/// Warns about an agent with two simulations of one name, and about other resources of
/// one kind and name. A resource whose id was lost is found again by its name.
fn duplicate_names(
    declared: &[&DeclaredDocument],
    settings: &Settings,
    places: &mut FieldPlaces,
) -> Vec<Diagnostic> {
    let mut first: HashMap<(Scope, String), &DeclaredDocument> =
        HashMap::with_capacity(declared.len());
    let mut diagnostics = Vec::new();
    for one in declared {
        let (Some(key), Some(resource)) = (&one.key, &one.resource) else {
            continue;
        };
        let (kind, body) = (key.kind(), &resource.body);
        let Some(field) = kind.identity().name else {
            continue;
        };
        let Some(name) = identity(kind, body) else {
            continue;
        };
        let default = settings.defaults_of(kind).and_then(|all| all.get(field));
        if default.and_then(Value::as_str) == Some(&name) {
            continue;
        }
        let identity = (Scope::of(kind, body), name);
        if let Some(known) = first.get(&identity) {
            diagnostics.push(
                Diagnostic::warning(
                    DiagnosticCode::DuplicateName,
                    places.of(one, field),
                    match kind {
                        Kind::Simulation => {
                            format!("agent {} has two simulations of this name", body.agent_id())
                        }
                        kind => format!("two {} have this name", kind.plural()),
                    },
                )
                .related(places.of(known, field), "the first")
                .help(format!(
                    "give each a different name: a {} whose id was lost is found by its name",
                    kind.noun()
                )),
            );
        } else {
            first.insert(identity, one);
        }
    }
    diagnostics
}
