//! Tests of the comment of a pull request, and of the issue about drift.

use serde_json::json;

use super::github::{Github, own};

#[test]
fn one_comment_is_written_and_then_updated() {
    let Some(github) = Github::new() else { return };
    let filler = |id| json!({"id": id, "user": {"type": "User"}, "body": "hello"});
    github.state.held().comments.extend((0..150).map(filler));
    // The comment looks like a comment of the program, but has another author.
    github.state.held().comments[3]["body"] = "<!-- bluejayctl:plan -->\nmine".into();
    let first = "<!-- bluejayctl:plan -->\n`one` \"two\" \\ $(three)\n";
    github
        .run("comment.sh", first, &[])
        .code(0)
        .says("wrote comment");
    let second = "<!-- bluejayctl:plan -->\ntwo\n";
    github
        .run("comment.sh", second, &[])
        .code(0)
        .says("updated comment");
    let staging = "<!-- bluejayctl:plan:staging -->\nthree\n";
    github
        .run("comment.sh", staging, &[])
        .code(0)
        .says("wrote comment");
    let comments = github.comments();
    assert_eq!(comments.len(), 152);
    assert_eq!(comments[3], "<!-- bluejayctl:plan -->\nmine");
    assert_eq!(comments[150].trim_end(), second.trim_end());
    assert_eq!(comments[151].trim_end(), staging.trim_end());
}

#[test]
fn each_folder_of_a_repository_has_a_separate_comment() {
    let Some(github) = Github::new() else { return };
    let report = "<!-- bluejayctl:plan -->\none\n";
    for folder in [".", "voice/a", "voice/b", "voice/a"] {
        github
            .run("comment.sh", report, &[("DIRECTORY", folder)])
            .code(0);
    }
    let first_lines: Vec<_> = github
        .comments()
        .iter()
        .map(|body| body.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        first_lines,
        [
            "<!-- bluejayctl:plan -->",
            "<!-- bluejayctl:plan in voice/a -->",
            "<!-- bluejayctl:plan in voice/b -->"
        ]
    );
}

#[test]
fn a_plan_without_changes_creates_no_comment_but_updates_one() {
    let Some(github) = Github::new() else { return };
    let report = "<!-- bluejayctl:plan -->\nnothing\n";
    let quiet = [("IS_QUIET", "true")];
    github
        .run("comment.sh", report, &quiet)
        .code(0)
        .says("no comment");
    assert!(github.comments().is_empty());
    let loud = "<!-- bluejayctl:plan -->\nsomething\n";
    github.run("comment.sh", loud, &[]).code(0);
    github.run("comment.sh", report, &quiet).code(0);
    assert_eq!(github.comments().len(), 1);
    assert!(github.comments()[0].contains("nothing"));
}

const PLAN: &str = "<!-- bluejayctl:plan -->\none\n";

#[test]
fn a_comment_with_a_lost_answer_is_not_written_twice() {
    let Some(github) = Github::new() else { return };
    github.state.held().lost = 3;
    github.run("comment.sh", PLAN, &[]).code(0);
    assert_eq!(github.comments().len(), 1);
    assert_eq!(github.state.held().lost, 2, "it was sent again");
}

#[test]
fn a_failed_comment_is_sent_again() {
    let Some(github) = Github::new() else { return };
    github.state.held().down = 1;
    github
        .run("comment.sh", PLAN, &[])
        .code(0)
        .says("wrote comment");
    assert_eq!(github.comments().len(), 1);
}

#[test]
fn of_two_concurrent_comments_one_is_kept() {
    let Some(github) = Github::new() else { return };
    github.state.held().rival = Some(json!({"body": "<!-- bluejayctl:plan -->\nrival"}));
    let other = json!({"id": 7, "body": PLAN, "user": {"type": "Bot", "login": "other[bot]"}});
    github
        .run("comment.sh", PLAN, &[])
        .code(0)
        .says("updated comment 1000");
    assert_eq!(github.comments(), [PLAN]);
    // The comment of another bot must not be deleted.
    github.state.held().comments.push(other);
    github.run("comment.sh", PLAN, &[]).code(0);
    assert_eq!(github.comments().len(), 2);
}

#[test]
fn surplus_issues_are_closed() {
    let Some(github) = Github::new() else { return };
    let drifted = [("EXIT_CODE", "2")];
    github.state.held().lost = 1;
    github.run("issue.sh", "night\n", &drifted).code(0);
    assert_eq!(github.state.held().issues.len(), 1);
    let marked = json!({"title": "x", "body": "<!-- bluejayctl:drift -->\nold"});
    github.state.held().issues.push(own(9, &marked));
    github
        .run("issue.sh", "next night\n", &drifted)
        .code(0)
        .says("updated issue 1");
    let states = |github: &Github| -> Vec<_> {
        let held = github.state.held();
        held.issues
            .iter()
            .map(|issue| issue["state"].clone())
            .collect()
    };
    assert_eq!(states(&github), ["open", "closed"]);
    github.state.held().issues[1]["state"] = "open".into();
    github
        .run("issue.sh", "", &[("EXIT_CODE", "0")])
        .code(0)
        .says("closed issue 1")
        .says("closed issue 9");
    assert_eq!(states(&github), ["closed", "closed"]);
}

#[test]
fn a_read_only_token_does_not_fail_the_job() {
    let Some(github) = Github::new() else { return };
    github.state.held().refusal = Some(403);
    github
        .run("comment.sh", "<!-- bluejayctl:plan -->\none\n", &[])
        .code(0)
        .says("::notice title=bluejayctl::no comment");
}

#[test]
fn a_comment_of_maximum_size_is_accepted() {
    let Some(github) = Github::new() else { return };
    let env = &github.env;
    for number in 0..3_000 {
        env.write(
            &format!("simulations/{}.yaml", number / 100),
            &(0..100)
                .map(|n| document(number / 100 * 100 + n))
                .collect::<String>(),
        );
    }
    let plan = env.run(&["plan", "--format", "markdown"]);
    assert!(plan.code(0).stdout.chars().count() < 65_000);
    github
        .run("comment.sh", &plan.stdout, &[])
        .code(0)
        .says("wrote comment");
    assert!(github.comments()[0].chars().count() < 65_000);
}

fn document(number: usize) -> String {
    format!("---\nkey: key-{number}\nagent_id: 1\nname: Simulation {number}\n")
}

#[test]
fn one_issue_is_opened_for_drift_and_closed_afterwards() {
    let Some(github) = Github::new() else { return };
    let drifted = [("EXIT_CODE", "2")];
    github
        .run("issue.sh", "first night\n", &drifted)
        .code(0)
        .says("opened issue 1");
    github
        .run("issue.sh", "second night\n", &drifted)
        .code(0)
        .says("updated issue 1");
    let staging = [("EXIT_CODE", "2"), ("ENVIRONMENT", "staging")];
    github
        .run("issue.sh", "elsewhere\n", &staging)
        .code(0)
        .says("opened issue 2");
    // A failed drift check says nothing about drift.
    github.run("issue.sh", "", &[("EXIT_CODE", "1")]).code(0);
    let clean = [("EXIT_CODE", "0")];
    github
        .run("issue.sh", "", &clean)
        .code(0)
        .says("closed issue 1");
    github
        .run("issue.sh", "", &clean)
        .code(0)
        .says("no issue about any");
    let held = github.state.held();
    let body = |at: usize| held.issues[at]["body"].as_str().unwrap();
    assert_eq!(held.issues.len(), 2);
    assert_eq!(body(0), "<!-- bluejayctl:drift -->\nsecond night\n");
    assert_eq!(body(1), "<!-- bluejayctl:drift:staging -->\nelsewhere\n");
    let states: Vec<_> = held.issues.iter().map(|issue| &issue["state"]).collect();
    assert_eq!(states, ["closed", "open"]);
}
