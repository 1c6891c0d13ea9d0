//! Drift for programs.

use serde_json::json;

use super::Shown;
use crate::visible;

/// The report as one JSON document.
#[must_use]
pub fn json(shown: &Shown<'_>) -> String {
    let drifted: Vec<_> = shown
        .report
        .drifted
        .iter()
        .map(|one| {
            let fields: Vec<_> = one
                .fields
                .iter()
                .map(|field| {
                    json!({
                        "path": field.path,
                        "written": field.written,
                        "applied": field.applied,
                        "there": field.there,
                    })
                })
                .collect();
            json!({
                "key": one.key,
                "simulation_id": one.simulation_id,
                "gone": one.is_gone,
                "fields": fields,
                "file": one.source.as_ref().map(|source| &*source.file),
                "line": one.source.as_ref().map(|source| source.line),
            })
        })
        .collect();
    let untracked: Vec<_> = shown
        .untracked
        .iter()
        .map(|one| {
            json!({
                "simulation_id": one.id,
                "agent_id": one.agent_id,
                "name": one.name,
                "looks_like": one.looks_like,
            })
        })
        .collect();
    let failed: Vec<_> = shown
        .failed
        .iter()
        .map(|(key, error)| json!({ "key": key, "reason": error.to_string() }))
        .collect();
    let document = json!({
        "format_version": "1.0",
        "drifted": drifted,
        "untracked": untracked,
        "failed": failed,
        "not_visible": shown.report.not_visible,
        "in_sync": shown.report.in_sync,
    });
    visible::json(&format!("{document:#}\n"))
}
