//! Tests of the check that the lockfile can be pushed, of its pull request, and of the notes
//! and issues of GitLab, against a server on this machine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::super::env::{Run, TestEnv};
use super::shell::{command, script};
use crate::tools::has;

const TOKEN: &str = "forge-test-token-31be";

/// The answers by method and path; everything else is answered with 404.
#[derive(Clone, Default)]
struct Forge {
    answers: BTreeMap<&'static str, Value>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Respond for Forge {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let header = |name| request.headers.get(name).map(|it| it.to_str().unwrap());
        let (bearer, private) = (header("Authorization"), header("PRIVATE-TOKEN"));
        let is_known = bearer == Some(&format!("Bearer {TOKEN}")) || private == Some(TOKEN);
        assert!(is_known, "{request:?}");
        let name = format!("{} {}", request.method, request.url.path());
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        self.requests.lock().unwrap().push((name.clone(), body));
        match self.answers.get(name.as_str()) {
            Some(answer) => ResponseTemplate::new(200).set_body_json(answer),
            None => ResponseTemplate::new(404).set_body_json(json!({})),
        }
    }
}

impl Forge {
    fn new(answers: &[(&'static str, Value)]) -> Self {
        Self {
            answers: answers.iter().cloned().collect(),
            requests: Arc::default(),
        }
    }

    /// Runs a script against this server; `None` if a program is missing.
    fn run(&self, name: &str, args: &[&str], more: &[(&str, &str)]) -> Option<Run> {
        if !has(&["bash", "curl", "jq"]) {
            return None;
        }
        let runtime: Runtime = Builder::new_multi_thread().enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        runtime.block_on(Mock::given(any()).respond_with(self.clone()).mount(&server));
        let env = TestEnv::new();
        env.write("report.md", "<!-- bluejayctl:plan -->\nnew\n");
        let mut bash = command("bash", &env.path("."));
        bash.arg(script(name))
            .args(args)
            .env("NO_PROXY", "*")
            .env("BRANCH", "main")
            .env("REPORT", "report.md")
            .env("GITHUB_API_URL", server.uri())
            .env("GITHUB_GRAPHQL_URL", format!("{}/graphql", server.uri()))
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_TOKEN", TOKEN)
            .env("CI_API_V4_URL", server.uri())
            .env("CI_PROJECT_ID", "9")
            .env("CI_MERGE_REQUEST_IID", "5")
            .env("BLUEJAY_GITLAB_TOKEN", TOKEN)
            .env("BLUEJAY_GITLAB_PUSH_TOKEN", TOKEN)
            .envs(more.iter().copied());
        let run = Run::of(bash);
        run.never_says(TOKEN);
        Some(run)
    }

    /// Returns the bodies of the requests of this method and path.
    fn sent(&self, name: &str) -> Vec<Value> {
        let requests = self.requests.lock().unwrap();
        let of_name = requests.iter().filter(|(found, _)| found == name);
        of_name.map(|(_, body)| body.clone()).collect()
    }
}

const RULES: &str = "GET /repos/o/r/rules/branches/main";
const RULESET: &str = "GET /repos/o/r/rulesets/3";
const GRAPHQL: &str = "POST /graphql";

fn protection(rule: Value) -> Value {
    json!({"data": {"repository": {"ref": {"refUpdateRule": rule}}}})
}

#[test]
fn a_protected_branch_is_found_before_the_apply() {
    let rules = json!([
        {"type": "deletion", "ruleset_id": 2},
        {"type": "pull_request", "ruleset_id": 3},
    ]);
    let open = protection(Value::Null);
    let reviewed = protection(json!({"viewerCanPush": true, "requiredApprovingReviewCount": 1}));
    let closed = protection(json!({"viewerCanPush": false}));
    let harmless = protection(json!({"viewerCanPush": true, "requiredStatusCheckContexts": []}));
    let bypass = |who: &str| json!({"current_user_can_bypass": who});
    for (answers, code, said) in [
        (
            vec![(RULES, json!([])), (GRAPHQL, open.clone())],
            0,
            "may be pushed",
        ),
        (
            vec![(RULES, rules.clone())],
            1,
            "its ruleset demands pull_request",
        ),
        (
            vec![
                (RULES, rules.clone()),
                (RULESET, bypass("pull_requests_only")),
            ],
            1,
            "lockfile-branch",
        ),
        (
            vec![(RULES, rules), (RULESET, bypass("always")), (GRAPHQL, open)],
            0,
            "may be pushed",
        ),
        (
            vec![(RULES, json!([])), (GRAPHQL, reviewed)],
            1,
            "an approved pull request",
        ),
        (
            vec![(RULES, json!([])), (GRAPHQL, closed)],
            1,
            "no push by this token",
        ),
        (
            vec![(RULES, json!([])), (GRAPHQL, harmless)],
            0,
            "may be pushed",
        ),
        // What can't be read is not known, and then the push tells.
        (vec![], 0, "could not be read"),
    ] {
        let Some(run) = Forge::new(&answers).run("protection.sh", &[], &[]) else {
            return;
        };
        run.code(code).says(said);
    }
}

#[test]
fn the_rules_of_the_lockfile_branch_count_where_there_is_one() {
    let rules = json!([{"type": "pull_request", "ruleset_id": 3}]);
    let forge = Forge::new(&[(RULES, rules)]);
    let branch = [("LOCKFILE_BRANCH", "bluejay/lock")];
    let Some(run) = forge.run("protection.sh", &[], &branch) else {
        return;
    };
    run.code(0);
    let asked = "GET /repos/o/r/rules/branches/bluejay%2Flock";
    assert_eq!(forge.sent(asked).len(), 1);
}

#[test]
fn one_pull_request_brings_the_lockfile_to_main() {
    const PULLS: &str = "GET /repos/o/r/pulls";
    const COMPARE: &str = "GET /repos/o/r/compare/main...locks";
    const OPEN: &str = "POST /repos/o/r/pulls";
    let branch = [("LOCKFILE_BRANCH", "locks")];
    let differs = (COMPARE, json!({"files": [{"filename": "bluejay.lock"}]}));
    let made = (OPEN, json!({"number": 12}));
    for (answers, said, count) in [
        (
            vec![(PULLS, json!([])), differs.clone(), made.clone()],
            "opened pull request 12",
            1,
        ),
        (
            vec![(PULLS, json!([{"number": 4}]))],
            "pull request 4 has the lockfile",
            0,
        ),
        (
            vec![(PULLS, json!([])), (COMPARE, json!({"files": []}))],
            "main has the lockfile",
            0,
        ),
        (vec![(PULLS, json!([]))], "no branch locks yet", 0),
        // The ids are on the branch already, so a refusal is no failure.
        (
            vec![(PULLS, json!([])), differs],
            "no pull request could be opened",
            1,
        ),
    ] {
        let forge = Forge::new(&answers);
        let Some(run) = forge.run("lockfile-pull-request.sh", &[], &branch) else {
            return;
        };
        run.code(0).says(said);
        let sent = forge.sent(OPEN);
        assert_eq!(sent.len(), count, "{said}");
        for pull in sent {
            assert_eq!(
                (&pull["head"], &pull["base"]),
                (&json!("locks"), &json!("main"))
            );
        }
    }
}

const USER: (&str, fn() -> Value) = ("GET /user", || json!({"username": "project_9_bot"}));

#[test]
fn gitlab_keeps_one_note_on_the_merge_request() {
    const NOTES: &str = "GET /projects/9/merge_requests/5/notes";
    const WRITE: &str = "POST /projects/9/merge_requests/5/notes";
    const UPDATE: &str = "PUT /projects/9/merge_requests/5/notes/2";
    let user = (USER.0, USER.1());
    let note = |id: u64, author: &str| {
        let body = "<!-- bluejayctl:plan -->\nold";
        json!({"id": id, "body": body, "author": {"username": author}})
    };
    let theirs = note(1, "somebody");
    let both = json!([theirs, note(2, "project_9_bot")]);
    let without = (NOTES, json!([theirs]));
    let written = (WRITE, json!({"id": 3}));
    let updated = (UPDATE, json!({}));
    let quiet = [("IS_QUIET", "true")];
    for (answers, more, said, counts) in [
        (
            vec![user.clone(), without.clone(), written.clone()],
            &[][..],
            "wrote the note",
            (1, 0),
        ),
        (
            vec![user.clone(), (NOTES, both), updated],
            &quiet[..],
            "updated the note",
            (0, 1),
        ),
        (
            vec![user.clone(), without.clone()],
            &quiet[..],
            "no note",
            (0, 0),
        ),
        (
            vec![without],
            &[][..],
            "could not read who the token is",
            (0, 0),
        ),
        (
            vec![],
            &[("BLUEJAY_GITLAB_TOKEN", "")][..],
            "is not set",
            (0, 0),
        ),
    ] {
        let forge = Forge::new(&answers);
        let Some(run) = forge.run("gitlab.sh", &["note"], more) else {
            return;
        };
        run.code(0).says(said);
        let (posts, puts) = (forge.sent(WRITE), forge.sent(UPDATE));
        assert_eq!((posts.len(), puts.len()), counts, "{said}");
        for sent in posts.iter().chain(&puts) {
            assert_eq!(sent["body"], "<!-- bluejayctl:plan -->\nnew\n");
        }
    }
}

#[test]
fn gitlab_keeps_one_issue_about_drift() {
    const ISSUES: &str = "GET /projects/9/issues";
    const OPEN: &str = "POST /projects/9/issues";
    const UPDATE: &str = "PUT /projects/9/issues/4";
    let user = (USER.0, USER.1());
    let own = json!({
        "iid": 4, "description": "<!-- bluejayctl:drift -->\nold",
        "author": {"username": "project_9_bot"},
    });
    let none = (ISSUES, json!([]));
    let one = (ISSUES, json!([own]));
    let (opened, updated) = ((OPEN, json!({"iid": 8})), (UPDATE, json!({})));
    for (answers, code, said, counts) in [
        (
            vec![user.clone(), none.clone(), opened],
            "2",
            "opened issue 8",
            (1, 0),
        ),
        (
            vec![user.clone(), one.clone(), updated.clone()],
            "2",
            "updated issue 4",
            (0, 1),
        ),
        (
            vec![user.clone(), one, updated],
            "0",
            "closed issue 4",
            (0, 1),
        ),
        (vec![user, none], "0", "", (0, 0)),
        // Nothing is known, so the issue stays.
        (vec![], "1", "", (0, 0)),
    ] {
        let forge = Forge::new(&answers);
        let Some(run) = forge.run("gitlab.sh", &["issue"], &[("EXIT_CODE", code)]) else {
            return;
        };
        run.code(0).says(said);
        let puts = forge.sent(UPDATE);
        assert_eq!((forge.sent(OPEN).len(), puts.len()), counts, "{said}");
        for sent in puts {
            assert_eq!(sent["state_event"] == "close", code == "0", "{sent}");
        }
    }
}

#[test]
fn gitlab_tells_whether_the_lockfile_may_be_pushed() {
    const MAIN: &str = "GET /projects/9/repository/branches/main";
    for (answers, code, said) in [
        (vec![(MAIN, json!({"can_push": true}))], 0, ""),
        (
            vec![(MAIN, json!({"can_push": false}))],
            1,
            "BLUEJAY_LOCKFILE_BRANCH",
        ),
        (vec![], 0, "could not be read"),
    ] {
        let Some(run) = Forge::new(&answers).run("gitlab.sh", &["push"], &[]) else {
            return;
        };
        run.code(code).says(said);
    }
    // The token of the notes may push nowhere, and says nothing about the job.
    let forge = Forge::new(&[(MAIN, json!({"can_push": false}))]);
    let more = [("BLUEJAY_GITLAB_PUSH_TOKEN", "")];
    if let Some(run) = forge.run("gitlab.sh", &["push"], &more) {
        run.code(0).says("is not set");
    }
}

#[test]
fn a_note_does_not_go_on_showing_the_plan_before() {
    const NOTES: &str = "GET /projects/9/merge_requests/5/notes";
    const UPDATE: &str = "PUT /projects/9/merge_requests/5/notes/2";
    let body = "<!-- bluejayctl:plan -->\nold";
    let note = json!({"id": 2, "body": body, "author": {"username": "project_9_bot"}});
    let user = (USER.0, USER.1());
    let forge = Forge::new(&[user, (NOTES, json!([note])), (UPDATE, json!({}))]);
    // The program ended before it wrote a report.
    let more = [("REPORT", "empty.md"), ("EXIT_CODE", "1")];
    let Some(run) = forge.run("gitlab.sh", &["note"], &more) else {
        return;
    };
    run.code(0).says("updated the note");
    let sent = forge.sent(UPDATE);
    let text = sent[0]["body"].as_str().unwrap();
    assert!(text.contains("There is no plan: bluejayctl ended with exit code 1"));
}

#[test]
fn git_and_its_hooks_do_not_get_the_key() {
    if !has(&["bash", "git"]) {
        return;
    }
    let env = TestEnv::new();
    let mut bash = command("bash", &env.path("."));
    let lines = "set -eu; . \"$1\"; git init -q; git config alias.shown '!env'; git shown; \
                 bounded 20 git shown";
    bash.args(["-c", lines, "bash"])
        .arg(script("push.sh"))
        .env("BLUEJAY_API_KEY", TOKEN)
        .env("OTHER", "is there");
    let run = Run::of(bash);
    run.code(0).never_says(TOKEN);
    assert_eq!(run.stdout.matches("OTHER=is there").count(), 2);
}
