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

/// The repository of bluejayctl in the templates.
const PLACEHOLDER: &str = "OWNER/bluejayctl";

/// Returns a template with the name of another repository, such as
/// `https://github.com/NAME`.
fn at_repository(template: &str, repository: &str) -> String {
    let placeholder = format!("https://github.com/{PLACEHOLDER}");
    let path = repository.split('/').skip(3).collect::<Vec<_>>().join("/");
    template
        .replace(&placeholder, repository)
        .replace(PLACEHOLDER, &path)
}

/// Returns the pipelines for a CI. They apply each push to `branch`, to one environment
/// after the other.
pub(super) fn pipelines(ci: Ci, branch: &str, environments: &[String]) -> Vec<Pipeline> {
    let fill = |template: &str| {
        let text = at_repository(template, env!("CARGO_PKG_REPOSITORY"));
        let text = text.replace("{version}", env!("CARGO_PKG_VERSION"));
        text.replace("{branch}", branch)
    };
    let pipeline = |path, template| Pipeline {
        path,
        text: fill(template),
        include: None,
    };
    match ci {
        Ci::Github if !environments.is_empty() => {
            let of_environments = |path, template: &str| Pipeline {
                path,
                text: fill(&with_names(template, environments)),
                include: None,
            };
            let template = include_str!("github-environments.yml").to_owned();
            vec![
                of_environments(
                    ".github/workflows/bluejay.yml",
                    &(template + &apply_jobs(environments)),
                ),
                of_environments(
                    ".github/workflows/bluejay-drift.yml",
                    include_str!("github-environments-drift.yml"),
                ),
            ]
        }
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

/// Fills the names of all environments into a template.
fn with_names(template: &str, environments: &[String]) -> String {
    let words: Vec<_> = environments.iter().map(|name| word(name)).collect();
    let last = environments.last().map_or("", String::as_str);
    let text = template.replace("{environments}", &words.join(", "));
    let text = text.replace("{sequence}", &environments.join(", then "));
    text.replace("{last}", last)
}

/// Returns the jobs that apply the environments one after the other. The last job waits
/// for the approval of reviewers.
fn apply_jobs(environments: &[String]) -> String {
    let mut jobs = String::new();
    let mut before: Option<&String> = None;
    for (index, name) in environments.iter().enumerate() {
        let needs = before.map(|before| format!("    needs: apply-{}\n", job_name(before)));
        let is_last = index + 1 == environments.len();
        let approval = if is_last {
            ", and required reviewers"
        } else {
            ""
        };
        let job = include_str!("github-environment.yml");
        let job = job.replace(
            "apply-{environment}:",
            &format!("apply-{}:", job_name(name)),
        );
        let job = job.replace(
            "environment: {environment}",
            &format!("environment: {}", word(name)),
        );
        let job = job.replace("env: {environment}", &format!("env: {}", word(name)));
        let job = job.replace("{environment}", name);
        let job = job.replace("{needs}", &needs.unwrap_or_default());
        jobs.push_str(&job.replace("{approval}", approval));
        before = Some(name);
    }
    jobs
}

/// Returns the name of an environment as a part of the name of a job, which has no dots.
fn job_name(environment: &str) -> String {
    environment.replace('.', "-")
}

/// Returns the name of an environment as a YAML text.
pub(super) fn word(name: &str) -> String {
    const NO_TEXTS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !NO_TEXTS.contains(&name.to_ascii_lowercase().as_str());
    if is_plain {
        name.to_owned()
    } else {
        format!("'{name}'")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_is_named_in_every_pipeline() {
        let fork = "https://git.example/team/tools";
        let include = at_repository(include_str!("gitlab-include.yml"), fork);
        assert!(include.contains("BLUEJAYCTL_URL: https://git.example/team/tools\n"));
        let workflow = at_repository(include_str!("github.yml"), fork);
        assert!(workflow.contains("BLUEJAYCTL_REPOSITORY: team/tools\n"));
        for text in [include, workflow] {
            assert!(!text.contains("OWNER"), "{text}");
        }
    }
}
