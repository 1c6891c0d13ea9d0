//! The pipelines that `init --ci` writes.

use crate::cli::Ci;

/// A file of a pipeline.
pub(super) struct Pipeline {
    /// The path from the top of the repository.
    pub path: &'static str,
    /// The text.
    pub text: String,
    /// The lines that a file of the user's needs for the same jobs, where they can be
    /// added to one.
    pub include: Option<String>,
}

/// The pipelines for a CI, which apply what is pushed to `branch`.
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

/// Whether a text of the user's includes the jobs already.
pub(super) fn is_included(text: &str) -> bool {
    text.contains("bluejayctl.yml") || text.contains("bluejay apply:")
}

/// What comes after `git push`.
pub(super) fn after_push(ci: Ci, branch: &str, is_new: bool) -> String {
    match (ci, is_new) {
        (Ci::Github, true) => format!("CI applies pushes to {branch}: EDIT the workflow first"),
        (Ci::Gitlab, true) => {
            "CI applies pushes to the default branch: EDIT .gitlab-ci.yml first".to_owned()
        }
        (Ci::Github, false) => "CI applies as the workflows that were there say".to_owned(),
        (Ci::Gitlab, false) => {
            "CI applies once .gitlab-ci.yml includes the jobs of bluejayctl".to_owned()
        }
    }
}
