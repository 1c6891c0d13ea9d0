//! Tests of the checks.

use super::*;
use crate::resource::agent::{Agent, AgentSelector};
use crate::suggestion::Invocation;

fn cause(message: &str) -> Problem {
    Problem {
        message: message.to_owned(),
        help: Vec::new(),
    }
}

fn agent(id: &str, name: &str) -> Agent {
    Agent {
        id: id.to_owned(),
        external_id: None,
        name: Some(name.to_owned()),
    }
}

/// Returns the facts of a project in which nothing is wrong.
fn healthy() -> Facts {
    Facts {
        project: Ok(ProjectFacts {
            file: Some("bluejay.yaml".to_owned()),
            file_count: 3,
            errors: 0,
            warnings: 0,
            lockfile: LockfileFacts {
                base_name: "bluejay.lock".to_owned(),
                name: "bluejay.lock".to_owned(),
                path: "voice/bluejay.lock".to_owned(),
                exists: true,
                is_of_sandbox: false,
                recorded: Ok(Recorded {
                    resources: 3,
                    organization: Some("org-1".to_owned()),
                    left_open: Vec::new(),
                }),
                is_in_use: false,
            },
            repository: Repository::Git(GitFacts {
                lockfile: FileStatus {
                    tracking: Tracking::Committed,
                    ignored_by: None,
                },
                has_merge_attribute: true,
                has_merge_driver: true,
                shows_private_folder: false,
            }),
            schemas: SchemaCopies {
                folder: "schemas".to_owned(),
                count: 3,
                stale: Vec::new(),
            },
            address: Ok("https://api.getbluejay.ai".to_owned()),
            agents: vec![
                WantedAgent {
                    id: Some("42".to_owned()),
                    selector: None,
                    key: "front-desk".to_owned(),
                },
                WantedAgent {
                    id: None,
                    selector: Some(AgentSelector::Name("Night".to_owned())),
                    key: "night".to_owned(),
                },
            ],
        }),
        key: Ok(KeyFacts::Present {
            is_readable_by_all: false,
        }),
        remote: RemoteFacts::Asked(Answers {
            organization: Ok(Some("org-1".to_owned())),
            agents: Some(Ok(vec![agent("42", "Front desk"), agent("43", "Night")])),
            clock_ahead: Some(-2),
        }),
    }
}

/// Changes the facts of a healthy project, and checks the only outcome that is not
/// [`Status::Ok`].
#[track_caller]
fn check(change: impl FnOnce(&mut Facts), name: &str, status: Status, message: &str) {
    let mut facts = healthy();
    change(&mut facts);
    let outcomes = run_checks(&facts);
    let wrong = outcomes.iter().filter(|(_, it)| it.status != Status::Ok);
    let wrong: Vec<_> = wrong.collect();
    let [(found, outcome)] = wrong[..] else {
        panic!("not one outcome: {wrong:#?}");
    };
    let text = outcome.message.render(&Invocation::default());
    assert!(text.contains(message), "{text}");
    assert_eq!((*found, outcome.status), (name, status));
    if status == Status::Problem {
        assert!(!outcome.help.is_empty(), "no way to mend: {text}");
    }
}

fn project(facts: &mut Facts) -> &mut ProjectFacts {
    facts.project.as_mut().unwrap()
}

fn git(facts: &mut Facts) -> &mut GitFacts {
    match &mut project(facts).repository {
        Repository::Git(git) => git,
        other => panic!("{other:?}"),
    }
}

fn answers(facts: &mut Facts) -> &mut Answers {
    match &mut facts.remote {
        RemoteFacts::Asked(answers) => answers,
        RemoteFacts::NotAsked(reason) => panic!("{reason}"),
    }
}

fn problem(change: impl FnOnce(&mut Facts), name: &str, message: &str) {
    check(change, name, Status::Problem, message);
}

#[test]
fn nothing_is_wrong_with_a_healthy_project() {
    for (name, outcome) in run_checks(&healthy()) {
        assert_eq!(outcome.status, Status::Ok, "{name}: {outcome:?}");
        assert!(outcome.help.is_empty(), "{name}");
    }
}

#[test]
fn each_local_problem_is_one_finding() {
    problem(|f| project(f).errors = 2, "project", "2 mistakes");
    problem(
        |f| project(f).schemas.stale = vec!["plan.schema.json".to_owned()],
        "schemas",
        "`plan.schema.json`",
    );
    let open = |f: &mut Facts| {
        let recorded = project(f).lockfile.recorded.as_mut().unwrap();
        recorded.left_open = vec!["`a` is open".to_owned(), "`b` is open".to_owned()];
    };
    problem(open, "journal", "`a` is open; and 1 more");
    problem(
        |f| git(f).shows_private_folder = true,
        "ignored",
        "`.bluejay/`",
    );
    problem(
        |f| git(f).has_merge_driver = false,
        "merge-driver",
        "this clone",
    );
    problem(
        |f| git(f).has_merge_attribute = false,
        "merge-driver",
        "`.gitattributes`",
    );
    let mut facts = healthy();
    git(&mut facts).has_merge_attribute = false;
    let outcomes = run_checks(&facts);
    let help = outcomes.iter().flat_map(|(_, outcome)| &outcome.help);
    let help: Vec<_> = help
        .map(|help| help.render(&Invocation::default()))
        .collect();
    let line = setup::attributes("bluejay.lock");
    assert_eq!(line, "bluejay*.lock merge=bluejayctl");
    assert_eq!(help, [format!("add the line `{line}` to `.gitattributes`")]);
    for (tracking, message) in [
        (Tracking::Untracked, "is not committed"),
        (Tracking::Changed, "differs from the last commit"),
    ] {
        let change = |f: &mut Facts| git(f).lockfile.tracking = tracking;
        problem(change, "committed", message);
    }
    let ignored = |f: &mut Facts| {
        git(f).lockfile = FileStatus {
            tracking: Tracking::Untracked,
            ignored_by: Some("the line `*.lock` of `.gitignore`".to_owned()),
        };
    };
    problem(
        ignored,
        "committed",
        "git ignores `bluejay.lock`: the line `*.lock` of `.gitignore`",
    );
}

#[test]
fn each_problem_with_the_api_is_one_finding() {
    let foreign = |f: &mut Facts| answers(f).organization = Ok(Some("org-2".to_owned()));
    problem(foreign, "organization", "org-2");
    let gone = |f: &mut Facts| answers(f).agents = Some(Ok(vec![agent("43", "Night")]));
    problem(gone, "agents", "no agent 42, which `front-desk` names");
    let two = |f: &mut Facts| {
        let agents = ["42", "43", "44"].map(|id| agent(id, "Night"));
        answers(f).agents = Some(Ok(agents.to_vec()));
    };
    problem(two, "agents", "3 agents have the name `Night`");
    for (ahead, message) in [(31, "31 seconds ahead"), (-3600, "3600 seconds behind")] {
        let change = |f: &mut Facts| answers(f).clock_ahead = Some(ahead);
        problem(change, "clock", message);
    }
    check(
        |f| answers(f).organization = Ok(None),
        "organization",
        Status::Warning,
        "does not name",
    );
    check(
        |f| answers(f).clock_ahead = None,
        "clock",
        Status::Skipped,
        "`Date`",
    );
}

#[test]
fn a_missing_fact_skips_the_checks_that_need_it() {
    let statuses = |change: &dyn Fn(&mut Facts)| {
        let mut facts = healthy();
        change(&mut facts);
        let outcomes = run_checks(&facts).into_iter();
        let of = |status: Status| {
            let outcomes = outcomes.clone().filter(move |(_, it)| it.status == status);
            outcomes.map(|(name, _)| name).collect::<Vec<_>>()
        };
        (of(Status::Problem), of(Status::Skipped))
    };
    let remote = ["organization", "agents", "clock"];
    let without_key = |facts: &mut Facts| {
        facts.key = Err(cause("no API key"));
        facts.remote = RemoteFacts::NotAsked("needs the API key".to_owned());
    };
    assert_eq!(statuses(&without_key), (vec!["key"], remote.to_vec()));
    let without_git = |facts: &mut Facts| project(facts).repository = Repository::None;
    let of_git = vec!["committed", "merge-driver", "ignored"];
    assert_eq!(statuses(&without_git), (vec!["repository"], of_git));
    let unreachable = |facts: &mut Facts| {
        let answers = answers(facts);
        answers.organization = Err(cause("no connection to the API"));
        (answers.agents, answers.clock_ahead) = (None, None);
    };
    assert_eq!(
        statuses(&unreachable),
        (vec!["organization"], remote[1..].to_vec())
    );
    let mut refused = healthy();
    unreachable(&mut refused);
    answers(&mut refused).organization = Err(cause("the API rejected the key"));
    let outcomes = run_checks(&refused);
    let agents = outcomes.iter().find(|(name, _)| *name == "agents");
    let message = &agents.unwrap().1.message;
    assert_eq!(
        message.render(&Invocation::default()),
        "the API rejected the key"
    );
    let (problems, skipped) = statuses(&|facts| facts.project = Err(cause("no environment `x`")));
    assert_eq!((problems, skipped.len()), (vec!["project"], 11));
}

#[test]
fn the_sandbox_needs_no_repository() {
    let mut facts = healthy();
    facts.key = Ok(KeyFacts::NotNeeded);
    project(&mut facts).lockfile.is_of_sandbox = true;
    project(&mut facts).repository = Repository::None;
    let outcomes = run_checks(&facts);
    let problem = outcomes.iter().find(|(_, it)| it.status == Status::Problem);
    assert_eq!(problem, None);
}

#[test]
fn the_status_of_git_is_read() {
    for (porcelain, tracking) in [
        ("", Tracking::Committed),
        ("?? bluejay.lock\n", Tracking::Untracked),
        ("!! bluejay.lock\n", Tracking::Untracked),
        ("A  bluejay.lock\n", Tracking::Untracked),
        (" M bluejay.lock\n", Tracking::Changed),
        ("UU bluejay.lock\n", Tracking::Changed),
    ] {
        assert_eq!(Tracking::of_status(porcelain), tracking, "{porcelain}");
    }
}
