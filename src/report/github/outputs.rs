//! The outputs of a step, in the format of `$GITHUB_OUTPUT`.

use std::collections::BTreeMap;

use crate::plan::Summary;
use crate::resource::key::{RemoteId, ResourceKey};

/// The largest value of `ids`, in bytes. GitHub limits the outputs of a job to one
/// mebibyte.
const MAX_IDS: usize = 900 * 1024;

/// The outputs for later steps.
#[derive(Debug, Clone)]
pub struct Outputs<'a> {
    /// Whether the plan has changes, or the apply made changes.
    pub has_changes: bool,
    /// The number of changes by kind: planned or finished.
    pub counts: Summary,
    /// The number of failed changes; `None` for a plan.
    pub failed: Option<usize>,
    /// The ids by key.
    pub ids: &'a BTreeMap<ResourceKey, RemoteId>,
}

/// Returns the outputs as text to append. The output `ids` is left out if it exceeds the
/// limit of GitHub.
#[must_use]
pub fn outputs(values: &Outputs<'_>) -> String {
    let counts = values.counts;
    let mut all = vec![
        ("changes", values.has_changes.to_string()),
        ("create", counts.create.to_string()),
        ("update", counts.update.to_string()),
        ("replace", counts.replace.to_string()),
        ("delete", counts.delete.to_string()),
        ("orphan", counts.orphan.to_string()),
        ("move", counts.moved.to_string()),
        ("adopt", counts.adopt.to_string()),
        ("unchanged", counts.unchanged.to_string()),
    ];
    all.extend(values.failed.map(|failed| ("failed", failed.to_string())));
    let ids = serde_json::to_string(values.ids).unwrap_or_default();
    if ids.len() <= MAX_IDS {
        all.push(("ids", ids));
    }
    all.iter()
        .map(|(name, value)| output(name, value))
        .collect()
}

/// Returns one output between two delimiter lines. The value does not contain the
/// delimiter, so a value of several lines can't set another output.
pub(super) fn output(name: &str, value: &str) -> String {
    let mut end = "BLUEJAYCTL_END".to_owned();
    while value.contains(&end) {
        end.push('_');
    }
    format!("{name}<<{end}\n{value}\n{end}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_value_can_not_set_another_output() {
        let value = "x\nBLUEJAYCTL_END\nchanges=true";
        assert_eq!(
            output("ids", value),
            "ids<<BLUEJAYCTL_END_\nx\nBLUEJAYCTL_END\nchanges=true\nBLUEJAYCTL_END_\n"
        );
    }

    fn ids(count: u64) -> BTreeMap<ResourceKey, RemoteId> {
        (0..count)
            .map(|number| {
                let key = ResourceKey::new(format!("team/{number:0>90}"));
                (key, RemoteId::simulation(number))
            })
            .collect()
    }

    #[track_caller]
    fn check_ids(count: u64, expected: bool) {
        let text = outputs(&Outputs {
            has_changes: true,
            counts: Summary::default(),
            failed: None,
            ids: &ids(count),
        });
        assert!(text.len() < 1024 * 1024);
        assert_eq!(text.contains("ids<<"), expected);
    }

    #[test]
    fn ids_above_the_size_limit_are_omitted() {
        check_ids(2, true);
        check_ids(8_000, true);
        check_ids(10_000, false);
    }
}
