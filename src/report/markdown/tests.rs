//! Tests that every page stays within its limit, and that no untrusted text is interpreted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{COMMENT_LIMIT, Marker, apply, diagnostics, plan};
use crate::api::ApiError;
use crate::api::Sent;
use crate::apply::{Failed, Failure, Operation, Outcome};
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::error::Exit;
use crate::plan::{Action, Change, FieldChange, Plan, Refusal};
use crate::report::Destination;
use crate::report::apply::Finished;
use crate::report::github;
use crate::resource::body::Body;
use crate::resource::desired::{DesiredState, Source};
use crate::resource::key::{RemoteId, ResourceKey};

fn body(fields: &Value) -> Body {
    fields.as_object().cloned().into_iter().flatten().collect()
}

fn change(key: &str, action: Action, fields: Vec<FieldChange>) -> Change {
    Change {
        id: Some(RemoteId::simulation(7)),
        after: Some(body(
            &json!({"agent_id": "42", "name": format!("Test {key}")}),
        )),
        fields,
        source: Some(Source {
            file: format!("simulations/{key}.yaml").into(),
            document: 0,
            line: 3,
        }),
        ..Change::new(ResourceKey::new(key), action)
    }
}

fn update(key: &str, before: Value, after: Value) -> Change {
    let action = Action::Update {
        patch: Body::default(),
    };
    let field = FieldChange {
        path: "description".to_owned(),
        before: Some(before).into(),
        after: Some(after).into(),
        observed: None,
    };
    change(key, action, vec![field])
}

fn plan_of(changes: Vec<Change>) -> Plan {
    Plan {
        changes,
        ..Plan::default()
    }
}

fn render(of: &Plan) -> String {
    let destination = Destination {
        api: "https://api.getbluejay.ai".to_owned(),
        ..Destination::default()
    };
    plan(of, &destination, &[], &Marker::plan(None), COMMENT_LIMIT)
}

fn long_text(lines: usize, word: &str) -> Value {
    let lines: Vec<_> = (0..lines).map(|line| format!("{word} {line}")).collect();
    Value::String(lines.join("\n"))
}

/// Returns the lines that are not in a fenced block, joined.
fn outside_of_fences(text: &str) -> String {
    let mut fence = None;
    let is_outside = |line: &&str| {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            Some(open) if ticks >= open && line.len() == ticks => fence = None,
            None => return true,
            Some(_) => {}
        }
        false
    };
    text.lines().filter(is_outside).collect()
}

/// Checks that every fold and fence of the page is closed.
#[track_caller]
fn check_whole(text: &str, limit: usize) {
    assert!(text.len() <= limit, "{} bytes", text.len());
    let (opened, closed) = (text.matches("<details>"), text.matches("</details>"));
    assert_eq!(opened.count(), closed.count());
    let fences = text.lines().filter(|line| line.starts_with("```"));
    assert_eq!(fences.count() % 2, 0);
}

#[test]
fn a_small_plan_in_markdown() {
    let of = plan_of(vec![
        update("desk", json!(5), json!(7)),
        change("night", Action::Create, Vec::new()),
    ]);
    insta::assert_snapshot!(render(&of));
}

#[test]
fn ten_thousand_changes_fit_into_a_comment() {
    let mut changes: Vec<_> = (0..10_000)
        .map(|number| match number % 3 {
            0 => change(&format!("team/{number}"), Action::Create, Vec::new()),
            1 => update(
                &format!("team/{number}"),
                long_text(80, "a"),
                long_text(80, "b"),
            ),
            _ => update(&format!("team/{number}"), json!(1), json!(2)),
        })
        .collect();
    changes.push(change("the-only-delete", Action::Delete, Vec::new()));
    let of = plan_of(changes);
    for limit in [8 * 1024, COMMENT_LIMIT, 900 * 1024] {
        let text = plan(
            &of,
            &Destination::default(),
            &[],
            &Marker::plan(Some("staging")),
            limit,
        );
        check_whole(&text, limit);
        assert!(text.starts_with("<!-- bluejayctl:plan:staging -->\n"));
        assert!(text.contains("<code>the-only-delete</code>"));
        let foot = text.lines().last().unwrap_or_default();
        assert!(foot.starts_with("Omitted: "), "{foot}");
        assert!(foot.contains("of 10001 rows of the table"), "{foot}");
        assert!(foot.contains("of 10001 changes"), "{foot}");
    }
}

#[test]
fn a_thousand_orphans_do_not_displace_creates() {
    let orphans = (0..5_000).map(|n| change(&format!("old-{n}"), Action::Orphan, Vec::new()));
    let creates = (0..20).map(|n| change(&format!("new-{n:02}"), Action::Create, Vec::new()));
    let page = render(&plan_of(orphans.chain(creates).collect()));
    assert_eq!(page.matches(": <code>Test new").count(), 20);
    assert!(page.contains("rows of the table"), "nothing was cut");
}

#[test]
fn a_thousand_refusals_leave_room_for_the_changes() {
    let keys = (0..5_000).map(|number| format!("{number:0>200}"));
    let of = Plan {
        refusals: keys
            .map(|key| Refusal::ProtectedDelete(ResourceKey::new(key)))
            .collect(),
        ..plan_of(vec![change("a", Action::Delete, Vec::new())])
    };
    let text = render(&of);
    check_whole(&text, COMMENT_LIMIT);
    assert!(text.contains("- and 4980 more"));
    assert!(text.contains("<code>a</code>"));
}

#[test]
fn a_long_diff_is_shortened_and_counts_omitted_lines() {
    let of = plan_of(vec![update("a", long_text(500, "a"), long_text(500, "b"))]);
    let text = render(&of);
    check_whole(&text, COMMENT_LIMIT);
    assert!(
        text.contains("  ... 960 more lines of this diff\n"),
        "{text}"
    );
    assert!(text.contains("1 long values, shortened"), "{text}");
    let line = format!("{}\nx", "y".repeat(100_000));
    let of = plan_of(vec![update("a", json!("x"), Value::String(line))]);
    let text = render(&of);
    check_whole(&text, 10_000);
    assert!(text.contains("more characters)"));
}

#[test]
fn untrusted_text_is_never_interpreted() {
    let hostile =
        "x|y `z` <!-- --> </details> <img src=x> @team @a/b #1 ![i](u)\n```\n| a |\n@me\n";
    let key = "a|b`<script>@team";
    let mut changes = vec![
        update(key, json!("short @me"), json!(hostile)),
        change("new", Action::Create, Vec::new()),
    ];
    changes[1].after = Some(body(&json!({"name": hostile, hostile: hostile})));
    changes[0].moved_from = Some(ResourceKey::new("was @team | x"));
    let text = render(&plan_of(changes));
    let mentions = text.match_indices('@').filter(|(at, _)| {
        let next = text[at + 1..].chars().next();
        next.is_some_and(char::is_alphanumeric)
    });
    assert_eq!(mentions.count(), 0, "{text}");
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        assert_eq!(row.matches('|').count(), 6, "{row}");
    }
    let outside_of_fences = outside_of_fences(&text);
    assert!(
        !outside_of_fences.contains("<script"),
        "{outside_of_fences}"
    );
    assert!(!outside_of_fences.contains("<img"), "{outside_of_fences}");
    assert_eq!(outside_of_fences.matches("<!--").count(), 1);
    assert_eq!(outside_of_fences.matches("</details>").count(), 1);
}

#[test]
fn a_thousand_mistakes_fit_into_a_comment() {
    let place = || Place::file(&SourceFile::unreadable("simulations/@me|x.yaml"));
    let all: Vec<_> = (0..10_000)
        .map(|_| {
            Diagnostic::error(DiagnosticCode::Syntax, place(), "w".repeat(2_000)).help("mend @it")
        })
        .collect();
    let text = diagnostics(&all, &Marker::plan(None), COMMENT_LIMIT);
    check_whole(&text, COMMENT_LIMIT);
    assert!(text.contains("10000 errors in 1 file"));
    assert!(text.contains("more. <code>bluejayctl validate</code> shows all mistakes."));
    assert!(!text.contains('@'));
}

fn check_apply(count: usize, limit: usize) -> String {
    let keys: Vec<_> = (0..count)
        .map(|number| ResourceKey::new(format!("team/{number}")))
        .collect();
    let failed = keys.iter().map(|key| Failed {
        key: ResourceKey::new(format!("{key}|@x")),
        operation: Operation::Create,
        failure: Failure::Api(ApiError::Forbidden {
            message: "no | way, @you".to_owned(),
        }),
    });
    let outcome = Outcome {
        done: keys
            .iter()
            .map(|key| (key.clone(), Operation::Create))
            .collect(),
        failed: failed.collect(),
        not_started: Vec::new(),
        has_changed: true,
    };
    let ended = Finished {
        outcome: &outcome,
        unchanged: 1,
        orphans: keys
            .iter()
            .map(|key| (key.clone(), RemoteId::simulation(9)))
            .collect(),
        exit: Exit::Incomplete,
        sent: Sent::default(),
    };
    let ids: BTreeMap<_, _> = keys
        .iter()
        .map(|key| (key.clone(), RemoteId::simulation(5)))
        .collect();
    let desired = DesiredState::default();
    let destination = Destination::default();
    let text = apply(
        &ended,
        &destination,
        &desired,
        &ids,
        |_, _| Vec::new(),
        limit,
    );
    check_whole(&text, limit);
    assert!(!text.contains('@'));
    let annotations = github::apply(&ended, &desired, |_, _| Vec::new(), "");
    assert!(
        annotations
            .lines()
            .filter(|line| line.starts_with("::"))
            .count()
            <= 10
    );
    text
}

#[test]
fn an_apply_of_ten_thousand_changes_fits_into_a_comment() {
    let text = check_apply(10_000, COMMENT_LIMIT);
    assert!(text.contains("Omitted: "));
    let text = check_apply(2, COMMENT_LIMIT);
    assert!(
        text.contains("| created | <code>team/1</code> | 5 |"),
        "{text}"
    );
    assert!(!text.contains("Omitted"));
}

#[test]
fn annotations_of_a_plan_are_at_most_ten_lines() {
    let mut changes: Vec<_> = (0..10_000)
        .map(|number| change(&format!("k{number}"), Action::Create, Vec::new()))
        .collect();
    changes.push(change("gone", Action::Delete, Vec::new()));
    let of = Plan {
        refusals: vec![Refusal::TooManyDeletes {
            kind: Some(crate::resource::Kind::Simulation),
            planned: 1,
            allowed: 0,
        }],
        ..plan_of(changes)
    };
    let text = github::plan(&of, &Destination::default(), |_| None, "");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 10);
    assert!(lines[0].starts_with("::error title=bluejay refused::this plan deletes 1"));
    assert!(
        lines[1].starts_with("::warning file=simulations/gone.yaml,line=3,title=bluejay delete")
    );
    assert!(lines[2].starts_with("::notice file=simulations/k0.yaml,line=3,"));
    assert!(lines[9].starts_with("::notice::and 9993 more: Plan: 10000 to create"));
}
