//! The checks of files and of git.

use super::facts::{Facts, GitFacts, ProjectFacts, Repository, Tracking};
use super::{Outcome, setup};
use crate::suggestion::{Message, Suggestion, Verb, counted, quoted};

/// Checks that the files can be read and have no mistakes.
pub(super) fn project(facts: &Facts) -> Outcome {
    let project = match &facts.project {
        Ok(project) => project,
        Err(problem) => return problem.into(),
    };
    let files = counted(project.file_count, "file");
    let names = match &project.file {
        Some(file) => format!("`{file}` and {files}"),
        None => files,
    };
    let validate = Message::default()
        .command(Suggestion::new(Verb::Validate))
        .text(" shows their lines");
    if project.errors > 0 {
        let mistakes = counted(project.errors, "mistake");
        return Outcome::problem(format!("{names}: {mistakes}")).help(validate);
    }
    if project.warnings > 0 {
        let warnings = counted(project.warnings, "warning");
        return Outcome::warning(format!("{names}: {warnings}")).help(validate);
    }
    Outcome::ok(format!("{names}: no mistakes"))
}

/// Checks that the lockfile can be read.
pub(super) fn lockfile(project: &ProjectFacts) -> Outcome {
    let lockfile = &project.lockfile;
    match &lockfile.recorded {
        Err(problem) => problem.into(),
        Ok(_) if !lockfile.exists => Outcome::ok(format!(
            "`{}` does not exist yet: the first apply writes it",
            lockfile.name
        )),
        Ok(recorded) => Outcome::ok(format!(
            "`{}` records {}",
            lockfile.name,
            counted(recorded.resources, "resource")
        )),
    }
}

/// Checks that no earlier apply left something open.
pub(super) fn journal(project: &ProjectFacts) -> Outcome {
    let lockfile = &project.lockfile;
    let Ok(recorded) = &lockfile.recorded else {
        return Outcome::skipped("the lockfile and its journal can't be read");
    };
    if lockfile.is_in_use {
        return Outcome::ok("an apply is running");
    }
    let Some(first) = recorded.left_open.first() else {
        return Outcome::ok("no earlier apply left anything open");
    };
    let more = match recorded.left_open.len() - 1 {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let apply = Message::default()
        .command(Suggestion::new(Verb::Apply))
        .text(" settles it");
    Outcome::problem(format!("{first}{more}")).help(apply)
}

/// Checks that the copies of the schemas are current.
pub(super) fn schemas(project: &ProjectFacts) -> Outcome {
    let copies = &project.schemas;
    if copies.count == 0 {
        return Outcome::ok("the repository has no copies of the schemas");
    }
    if copies.stale.is_empty() {
        let count = counted(copies.count, "schema");
        return Outcome::ok(format!("`{}` has {count} of this version", copies.folder));
    }
    let named: Vec<_> = copies
        .stale
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let write = Suggestion::new(Verb::Schema).option("--write", &copies.folder);
    let help = Message::default()
        .command(write)
        .text(" writes those of this version");
    Outcome::problem(format!("not of this version: {}", named.join(", "))).help(help)
}

/// Checks that the project is in a git repository.
pub(super) fn repository(project: &ProjectFacts) -> Outcome {
    match &project.repository {
        Repository::Git(_) => Outcome::ok("the project is in a git repository"),
        Repository::Unknown(reason) => Outcome::warning(format!("could not ask git: {reason}")),
        Repository::None if project.lockfile.is_of_sandbox => {
            Outcome::ok("the lockfile of the sandbox needs no git repository")
        }
        Repository::None => Outcome::problem(
            "the project is in no git repository, so the lockfile is on this machine only",
        )
        .help("create a repository: `git init`"),
    }
}

/// Checks that the lockfile is committed and not ignored.
pub(super) fn committed(project: &ProjectFacts, git: &GitFacts) -> Outcome {
    let name = &project.lockfile.name;
    if project.lockfile.is_of_sandbox {
        return Outcome::skipped("the lockfile of the sandbox is not committed");
    }
    let is_new = git.lockfile.tracking == Tracking::Untracked || !project.lockfile.exists;
    if let (Some(line), true) = (&git.lockfile.ignored_by, is_new) {
        return Outcome::problem(format!("git ignores `{name}`: {line}")).help(format!(
            "remove that line, or add the line `!{name}` after it"
        ));
    }
    let file = quoted(&project.lockfile.path);
    let commit = format!("commit it: `git add {file} && git commit -m 'Update lockfile' {file}`");
    match git.lockfile.tracking {
        Tracking::Untracked => Outcome::problem(format!("`{name}` is not committed")).help(commit),
        Tracking::Changed if !project.lockfile.exists => {
            Outcome::problem(format!("`{name}` was removed since the last commit"))
                .help(format!("take it back: `git checkout HEAD -- {file}`"))
        }
        Tracking::Changed if project.lockfile.recorded.is_err() => {
            Outcome::skipped(format!("`{name}` can't be read"))
        }
        Tracking::Changed => {
            Outcome::problem(format!("`{name}` differs from the last commit")).help(commit)
        }
        Tracking::Committed if !project.lockfile.exists => {
            Outcome::ok(format!("git does not ignore `{name}`"))
        }
        Tracking::Committed => Outcome::ok(format!("`{name}` is committed")),
    }
}

/// Checks that git merges lockfiles with the merge driver.
pub(super) fn merge_driver(project: &ProjectFacts, git: &GitFacts) -> Outcome {
    if project.lockfile.is_of_sandbox {
        return Outcome::skipped("the lockfile of the sandbox is not merged");
    }
    if !git.has_merge_attribute {
        let outcome = Outcome::problem("`.gitattributes` does not name the merge driver");
        return outcome.help(format!(
            "add the line `{}` to `.gitattributes`",
            setup::attributes(&project.lockfile.base_name)
        ));
    }
    if !git.has_merge_driver {
        return Outcome::problem("this clone does not have the merge driver of lockfiles")
            .help(format!("once in each clone: `{}`", setup::DRIVER));
    }
    Outcome::ok("git merges lockfiles with `bluejayctl state merge-driver`")
}

/// Checks that git ignores the private folder, which has the journal.
pub(super) fn ignored(_: &ProjectFacts, git: &GitFacts) -> Outcome {
    let folder = setup::PRIVATE_FOLDER;
    if git.shows_private_folder {
        return Outcome::problem(format!(
            "git does not ignore `{folder}`, which has the journal"
        ))
        .help(format!("add the line `{folder}` to `.gitignore`"));
    }
    Outcome::ok(format!("git ignores `{folder}`"))
}
