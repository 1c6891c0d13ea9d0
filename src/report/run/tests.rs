//! Tests of the reports with runs of every kind.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{CallerName, CallerNames, RunReport, human, json, junit, markdown, page};
use crate::error::Exit;
use crate::report::markdown::COMMENT_LIMIT;
use crate::report::{Destination, Layout, Palette};
use crate::resource::Kind;
use crate::resource::key::{PlainId, RemoteId, ResourceKey};
use crate::run::{
    Conversation, ConversationOutcome, Gate, History, Judged, ListedRun, MetricScore, Outcome,
    RunId, RunStatus, Snapshot, Tests,
};
use crate::spec::dashboard::DashboardUrl;
use crate::visible::LinkMark;

fn gate() -> Gate {
    Gate {
        min_score: "80".parse().unwrap(),
        max_drop: Some("10".parse().unwrap()),
    }
}

fn judged(key: &str, outcome: Outcome, history: Option<History>) -> Judged {
    Judged {
        key: ResourceKey::from(key),
        simulation_id: RemoteId::simulation(7),
        verdict: gate().judge(&outcome, history.as_ref()),
        outcome,
        history,
        took: Duration::from_millis(61_500),
    }
}

fn snapshot(status: &str, passed: u32, total: u32) -> Snapshot {
    let tests = Tests {
        total,
        passed,
        completed: total,
    };
    Snapshot::of(RunStatus::read(status), tests)
}

fn ended(key: &str, status: &str, passed: u32, total: u32) -> Judged {
    let outcome = Outcome::Ended {
        run: RunId("r-1".to_owned()),
        last: snapshot(status, passed, total),
    };
    judged(key, outcome, Some(History::default()))
}

fn every_kind() -> Vec<Judged> {
    let earlier = [95, 97].map(|passed| ListedRun {
        id: RunId(format!("r-0{passed}")),
        created_at: None,
        last: snapshot("COMPLETED", passed, 100),
    });
    let regressed = Outcome::Ended {
        run: RunId("r-1".to_owned()),
        last: snapshot("COMPLETED", 85, 100),
    };
    vec![
        ended("clinic/booking", "COMPLETED", 9, 10),
        ended("clinic/hours", "COMPLETED", 79, 100),
        judged("clinic/night", regressed, Some(History::of(&earlier))),
        ended("empty", "COMPLETED", 0, 0),
        ended("poor", "INSUFFICIENT_FUNDS", 0, 12),
        judged(
            "refused",
            Outcome::NotQueued {
                reason: "the API refused the request (400): <no | humans>".to_owned(),
            },
            Some(History::default()),
        ),
        judged(
            "unknown",
            Outcome::Undecided {
                reason: "the connection broke; there is more than one new run".to_owned(),
                candidates: vec![RunId("r-8".to_owned()), RunId("r-9".to_owned())],
            },
            None,
        ),
    ]
}

/// Returns a run with a failed conversation, whose texts are all `text`, and a passed
/// conversation with an unmanaged digital human.
fn with_conversations(text: &str) -> Vec<Judged> {
    let conversation = |id, outcome| Conversation {
        id: text.to_owned(),
        digital_human: Some(RemoteId::of(Kind::DigitalHuman, PlainId::Number(id))),
        outcome,
        reason: Some(text.to_owned()),
        summary: Some(text.to_owned()),
        duration: Some(Duration::from_secs(75)),
        metrics: vec![MetricScore {
            name: text.to_owned(),
            value: text.to_owned(),
            reason: Some(text.to_owned()),
        }],
    };
    let last = Snapshot {
        conversations: vec![
            conversation(102, ConversationOutcome::Passed),
            conversation(101, ConversationOutcome::Failed),
        ],
        ..snapshot("COMPLETED", 1, 2)
    };
    let run = RunId(text.to_owned());
    vec![judged(
        "desk",
        Outcome::Ended { run, last },
        Some(History::default()),
    )]
}

fn callers(name: &str) -> CallerNames {
    let caller = CallerName {
        key: ResourceKey::from("digital_human:angry-caller"),
        name: Some(name.to_owned()),
    };
    let id = RemoteId::of(Kind::DigitalHuman, PlainId::Number(101));
    [(id, caller)].into_iter().collect()
}

fn with_report<T>(judged: &[Judged], name: &str, render: impl Fn(&RunReport<'_>) -> T) -> T {
    render(&RunReport {
        judged,
        gate: gate(),
        callers: &callers(name),
        destination: &Destination {
            api: name.to_owned(),
            environment: Some(name.to_owned()),
            ..Destination::default()
        },
        exit: Exit::Incomplete,
        now: Timestamp::UNIX_EPOCH,
    })
}

#[test]
fn the_table_is_aligned() {
    let text = with_report(&every_kind(), "Marta", |report| {
        human(report, Layout::unlimited())
    });
    insta::assert_snapshot!(text, @r"
    KEY             STATUS              PASSED  SCORE  RESULT
    clinic/booking  COMPLETED             9/10   90.0  passed
    clinic/hours    COMPLETED           79/100   79.0  below 80
    clinic/night    COMPLETED           85/100   85.0  more than 10 points below 96.0, the mean of the last 2 runs
    empty           COMPLETED              0/0      -  the run has no tests
    poor            INSUFFICIENT_FUNDS    0/12    0.0  ended as INSUFFICIENT_FUNDS
    refused         -                        -      -  not queued: the API refused the request (400): <no | humans>
    unknown         -                        -      -  unknown whether the run was queued: the connection broke; there is more than one new run

    1 of 7 runs passed with a score of at least 80; 4 failed, 1 not queued, 1 unknown.
    ");
}

#[test]
fn the_json_has_every_run() {
    let text = with_report(&every_kind(), "Marta", json);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["passed"], false);
    assert_eq!(json["exit_code"], 3);
    assert_eq!(json["min_score"], 80.0);
    assert_eq!(json["summary"]["failed"], 6);
    let words: Vec<_> = json["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["result"].as_str().unwrap())
        .collect();
    assert_eq!(
        words,
        [
            "passed",
            "below_min_score",
            "regression",
            "no_tests",
            "bad_end",
            "not_queued",
            "undecided"
        ]
    );
    assert_eq!(json["runs"][0]["score"], 90.0);
    assert_eq!(json["runs"][2]["mean_of_last_runs"], 96.0);
    assert_eq!(json["max_drop"], 10.0);
    assert_eq!(json["runs"][3]["score"], Value::Null);
    assert_eq!(json["runs"][6]["candidates"][1], "r-9");
}

#[test]
fn junit_distinguishes_failures_from_errors() {
    let text = with_report(&every_kind(), "Marta", junit);
    assert!(
        text.contains("tests=\"7\" failures=\"2\" errors=\"4\" time=\"430.500\""),
        "{text}"
    );
    assert!(text.contains("<testcase name=\"empty\" classname=\"run\" time=\"61.500\">"));
    assert!(text.contains("<failure type=\"below_min_score\" message=\"below 80\">"));
    assert!(text.contains(
        "message=\"not queued: the API refused the request (400): &lt;no | humans&gt;\""
    ));
}

#[test]
fn markdown_shows_failures_first_and_keeps_its_table() {
    let text = with_report(&every_kind(), "Marta", |report| {
        markdown(report, COMMENT_LIMIT)
    });
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "### ❌ 1 of 7 runs passed with a score of at least 80; 4 failed, 1 not queued, 1 unknown"
    );
    assert_eq!(
        lines[4],
        "| <code>clinic/hours</code> | COMPLETED | 79/100 | 79.0 | below 80 |"
    );
    assert_eq!(
        lines[8],
        "| <code>refused</code> | - | - | - | not queued: the API refused the request (400): &#60;no \
         &#124; humans&#62; |"
    );
    assert!(lines[10].contains("clinic/booking"), "{text}");
}

#[test]
fn the_size_of_markdown_is_limited() {
    let many: Vec<_> = (0..10_000)
        .map(|n| ended(&format!("clinic/simulation-{n:05}"), "COMPLETED", 9, 10))
        .collect();
    let text = with_report(&many, "Marta", |report| markdown(report, COMMENT_LIMIT));
    assert!(text.chars().count() < 65_000);
    let shown = text.matches("clinic/").count();
    assert!(
        text.ends_with(&format!("and {} more\n", 10_000 - shown)),
        "{shown}"
    );
}

#[test]
fn failed_conversations_follow_the_table() {
    let judged = with_conversations("The refund is missing.");
    let text = with_report(&judged, "Marta", |report| {
        human(report, Layout::of_width(60))
    });
    insta::assert_snapshot!(text, @r"
    KEY   STATUS     PASSED  SCORE  RESULT
    desk  COMPLETED     1/2   50.0  below 80

    Failed in desk:
      digital_human:angry-caller (Marta): The refund is missing.

    0 of 1 runs passed with a score of at least 80.
    ");
    let text = with_report(&judged, "Marta", |report| markdown(report, COMMENT_LIMIT));
    assert!(
        text.contains("<summary>1 failed conversation</summary>"),
        "{text}"
    );
    assert!(
        text.contains("(Marta) | 1 | The refund is missing. |"),
        "{text}"
    );
    let text = with_report(&judged, "Marta", junit);
    assert!(
        text.contains("(Marta): The refund is missing.</failure>"),
        "{text}"
    );
    let text = with_report(&judged, "Marta", json);
    let json: Value = serde_json::from_str(&text).unwrap();
    let conversation = &json["runs"][0]["conversations"][1];
    assert_eq!(conversation["digital_human"], "digital_human:angry-caller");
    assert_eq!(conversation["outcome"], "failed");
    assert_eq!(
        conversation["metrics"][0]["value"],
        "The refund is missing."
    );
}

#[test]
fn equal_failures_are_counted_and_their_list_is_limited() {
    let mut judged = with_conversations("no");
    if let Outcome::Ended { last, .. } = &mut judged[0].outcome {
        let failed = last.conversations[1].clone();
        last.conversations = (0..24)
            .map(|index| Conversation {
                reason: Some(format!("no {}", index / 2)),
                ..failed.clone()
            })
            .collect();
    }
    let text = with_report(&judged, "Marta", |report| {
        human(report, Layout::of_width(80))
    });
    assert_eq!(text.matches("(Marta): no ").count(), 10, "{text}");
    assert!(text.contains("(Marta): no 3 (2 times)\n"), "{text}");
    assert!(text.contains("  and 2 more\n"), "{text}");
}

#[test]
fn the_page_has_every_run_and_conversation() {
    let text = with_report(&every_kind(), "Marta", page);
    for part in [
        "<title>1 of 7 runs passed with a score of at least 80; 4 failed, 1 not queued, 1 unknown</title>",
        "more than 10 points below 96.0, the mean of the last 2 runs",
        "<title>Scores of the last runs, the oldest first: 95.0, 97.0, 85.0; the last is this run",
        "There are no earlier runs with a score.",
        "The earlier runs could not be listed.",
        "id=\"run-7\"",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let text = with_report(&with_conversations("No refund."), "Marta", page);
    assert!(
        text.contains("data-outcome=\"failed\" data-run=\"desk\""),
        "{text}"
    );
    assert!(text.contains("Marta <span class=\"faint\">digital_human:angry-caller</span>"));
    assert!(text.contains("digital human 102"));
    assert_eq!(
        text.matches("<details class=\"conversation\" open").count(),
        1
    );
}

/// Returns the names of the tags of a page, and of their attributes.
fn tags(page: &str) -> Vec<(String, Vec<String>)> {
    let (mut tags, mut rest) = (Vec::new(), page);
    while let Some((_, tag)) = rest.split_once('<') {
        let name: String = tag.chars().take_while(|c| !" >".contains(*c)).collect();
        let (mut names, mut value) = (Vec::new(), None);
        let mut word = String::new();
        let mut end = 0;
        for (at, character) in tag.char_indices() {
            end = at;
            match (value, character) {
                (Some(()), '"') => value = None,
                (Some(()), _) => {}
                (None, '"') => value = Some(()),
                (None, '>') => break,
                (None, ' ' | '=') => names.push(std::mem::take(&mut word)),
                (None, character) => word.push(character),
            }
        }
        names.push(word);
        names.retain(|name| !name.is_empty());
        names.remove(0);
        // The content of these two has no tags.
        rest = match name.as_str() {
            "style" | "script" => &tag[tag.find("</").unwrap_or(end)..],
            _ => &tag[end..],
        };
        tags.push((name, names));
    }
    tags
}

#[test]
fn a_simulation_links_to_the_dashboard() {
    let judged = with_conversations("No refund.");
    let report = RunReport {
        judged: &judged,
        gate: gate(),
        callers: &callers("Marta"),
        destination: &Destination {
            dashboard: DashboardUrl::new("https://dashboard.example/?{kind}={id}&x=1"),
            ..Destination::default()
        },
        exit: Exit::Incomplete,
        now: Timestamp::UNIX_EPOCH,
    };
    let id = judged[0].simulation_id;
    let address = format!("https://dashboard.example/?simulation={id}&x=1");
    let text = page(&report);
    let link = format!("<a href=\"{}\"", address.replace('&', "&amp;"));
    assert!(text.contains(&link), "{text}");
    let text = markdown(&report, COMMENT_LIMIT);
    let link = format!("| [<code>desk</code>]({address}) |");
    assert!(text.contains(&link), "{text}");
    let palette = Palette::new(true).with_links(LinkMark(7));
    let layout = Layout {
        palette,
        ..Layout::unlimited()
    };
    let text = human(&report, layout);
    let link = LinkMark(7).link(&address, "desk");
    assert!(text.contains(&format!("\n{link}  COMPLETED")), "{text}");
}

#[test]
fn hostile_texts_stay_texts_in_the_page() {
    let hostile = "</script></style></title>--><script>alert(1)</script>\
                   <img src=x onerror=alert(1)>\" onload=\"alert(1)' &lt; \u{202e}";
    let harmless = "harmless";
    let of = |text: &str| with_report(&with_conversations(text), text, page);
    let (bad, good) = (of(hostile), of(harmless));
    assert_eq!(tags(&bad), tags(&good));
    assert!(!bad.contains("<img") && !bad.contains('\u{202e}'), "{bad}");
    assert!(bad.contains("&lt;img src=x onerror=alert(1)&gt;&quot; onload=&quot;"));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = with_report(&with_conversations("text"), "Marta", page);
    for (name, attributes) in tags(&page) {
        let known = [
            "!DOCTYPE", "a", "body", "circle", "details", "div", "form", "h1", "h2", "head",
            "header", "html", "input", "label", "line", "main", "meta", "option", "output", "p",
            "polyline", "rect", "script", "section", "select", "span", "strong", "style",
            "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr",
        ];
        let bare = name.trim_start_matches('/');
        assert!(known.contains(&bare), "<{name}>");
        for attribute in attributes {
            let is_loading = ["src", "style", "srcset", "action", "data"].contains(&&*attribute);
            assert!(
                !is_loading && !attribute.starts_with("on"),
                "<{name} {attribute}>"
            );
        }
    }
    let links = page.matches("href=").count();
    assert_eq!(page.matches("href=\"#run-").count(), links);
    assert!(
        page.contains("default-src 'none'; style-src 'sha256-"),
        "{page}"
    );
}
