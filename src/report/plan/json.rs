//! A plan for programs.

use serde_json::{Value, json};

use super::Destination;
use crate::diagnostic::Diagnostic;
use crate::plan::{Action, Change, Hint, OldInstance, Plan};
use crate::report::diagnostics_json;
use crate::report::suggestion;
use crate::visible;

/// The plan as text. See [`document`].
#[must_use]
pub fn json(plan: &Plan, destination: &Destination, open: &[String]) -> String {
    visible::json(&format!("{:#}\n", document(plan, destination, open)))
}

/// The plan as one JSON document. `open` are the keys that an earlier apply
/// left open, which the next apply settles first. `warnings` are about the address of
/// the API.
#[must_use]
pub fn document(plan: &Plan, destination: &Destination, open: &[String]) -> Value {
    let changes: Vec<_> = plan.changes.iter().map(change_json).collect();
    let refusals: Vec<_> = plan
        .refusals
        .iter()
        .map(|refusal| json!({ "summary": refusal.to_string(), "help": suggestion::text(&refusal.help()) }))
        .collect();
    json!({
        "format_version": "1.0",
        "api": destination.api,
        "warnings": destination.warnings(),
        "applyable": plan.is_applyable(),
        "changes": changes,
        "open": open,
        "refusals": refusals,
        "hints": plan.hints.iter().map(hint_json).collect::<Vec<_>>(),
        "summary": plan.summary(),
    })
}

fn hint_json(hint: &Hint) -> Value {
    json!({
        "key": hint.key,
        "moved_from": hint.meant,
        "summary": hint.to_string(),
        "help": hint.help(),
    })
}

/// What stands in the place of a plan when files have mistakes: the document of
/// `validate`, with `applyable`.
#[must_use]
pub fn invalid_json(diagnostics: &[Diagnostic]) -> String {
    let mut document = diagnostics_json::value(diagnostics);
    document["applyable"] = false.into();
    visible::json(&format!("{document:#}\n"))
}

fn change_json(change: &Change) -> Value {
    let because = match &change.action {
        Action::Replace { because, .. } => because.clone(),
        _ => Vec::new(),
    };
    // Only a replace has an old one to keep.
    let keeps_old = matches!(
        change.action,
        Action::Replace {
            old_instance: OldInstance::Keep,
            ..
        }
    );
    let fields: Vec<_> = change.fields.iter().map(|field| &field.path).collect();
    let drift: Vec<_> = change
        .fields
        .iter()
        .filter_map(|field| {
            let there = field.there.as_ref()?;
            Some(json!({
                "path": field.path,
                "applied": field.before,
                "written": field.after,
                "there": there,
            }))
        })
        .collect();
    let source = change.source.as_ref();
    json!({
        "key": change.key,
        "actions": change.action_words(),
        "simulation_id": change.simulation_id,
        "moved_from": change.moved_from,
        "before": change.before,
        "after": change.after,
        "changed_fields": fields,
        "drift": drift,
        "gone": change.gone,
        "replace_because": because,
        "keeps_old": keeps_old,
        "file": source.map(|source| &*source.file),
        "line": source.map(|source| source.line),
    })
}
