//! The pipelines that `init --ci` writes.

use crate::cli::Ci;

/// A file of a pipeline.
pub(super) struct Pipeline {
    /// The path from the top of the repository.
    pub path: &'static str,
    /// The text.
    pub text: String,
    /// The lines that give an existing file the same jobs, if such lines exist.
    pub include: Option<String>,
}

/// Returns the pipelines for a CI, which apply pushes to `branch`.
pub(super) fn pipelines(ci: Ci, branch: &str) -> Vec<Pipeline> {
    let fill = |template: &str| {
        let text = template.replace("{version}", env!("CARGO_PKG_VERSION"));
        text.replace("{branch}", branch)
    };
    let pipeline = |path, template| Pipeline {
        path,
        text: fill(template),
        include: None,
    };
    match ci {
        Ci::Github => vec![
            pipeline(".github/workflows/bluejay.yml", include_str!("github.yml")),
            pipeline(
                ".github/workflows/bluejay-drift.yml",
                include_str!("github-drift.yml"),
            ),
            pipeline(
                ".github/workflows/bluejay-pull.yml",
                include_str!("github-pull.yml"),
            ),
        ],
        Ci::Gitlab => vec![Pipeline {
            include: Some(fill(include_str!("gitlab-include.yml"))),
            ..pipeline(
                ".gitlab-ci.yml",
                include_str!("../../../.gitlab/bluejayctl.yml"),
            )
        }],
    }
}

/// Returns whether an existing file already includes the jobs.
pub(super) fn is_included(text: &str) -> bool {
    text.contains("bluejayctl.yml") || text.contains("bluejay apply:")
}

/// Returns what the CI does after `git push`.
pub(super) fn after_push(ci: Ci, branch: &str, is_new: bool) -> String {
    match (ci, is_new) {
        (Ci::Github, true) => format!("CI applies pushes to {branch}: EDIT the workflow first"),
        (Ci::Gitlab, true) => {
            "CI applies pushes to the default branch: EDIT .gitlab-ci.yml first".to_owned()
        }
        (Ci::Github, false) => "the existing workflows decide when CI applies".to_owned(),
        (Ci::Gitlab, false) => {
            "CI applies once .gitlab-ci.yml includes the jobs of bluejayctl".to_owned()
        }
    }
}
