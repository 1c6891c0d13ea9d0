//! Documents of every kind in the one schema that editors read.

use std::path::PathBuf;

use serde_json::Value;

use super::cases::{Case, documents, root};
use super::language_server::LanguageServer;
use super::tools;

const fn case(name: &'static str, line: u64, text: &'static str) -> Case {
    Case { name, text, line }
}

/// Documents with one mistake each.
const INVALID: [Case; 16] = [
    case("kind_unknown", 1, "kind: digital_humn\nname: x\n"),
    case("kind_of_another", 2, "kind: digital_human\nagent_id: 1\n"),
    case("human_gender", 2, "kind: digital_human\ngender: other\n"),
    case(
        "human_creativity",
        2,
        "kind: digital_human\ncreativity: 2.5\n",
    ),
    case(
        "human_silence",
        2,
        "kind: digital_human\nsilence_timeout: 14\n",
    ),
    case(
        "human_extension",
        2,
        "kind: digital_human\nextension: \"12a\"\n",
    ),
    case(
        "human_trait",
        3,
        "kind: digital_human\ntraits:\n  - {trait_name: a, value: 1}\n",
    ),
    case(
        "human_keyword",
        5,
        "kind: digital_human\ninterruptions:\n  type: keywords\n  keyword_responses:\n    - {keyword: a, response: b, odds: 1}\n",
    ),
    case(
        "metric_name_missing",
        1,
        "kind: custom_metric\nresponse_type: pass_fail\n",
    ),
    case(
        "metric_type",
        3,
        "kind: custom_metric\nname: a\nresponse_type: tool_call\n",
    ),
    case(
        "metric_agents",
        4,
        "kind: custom_metric\nname: a\nresponse_type: pass_fail\nagent_ids: [\"42\"]\n",
    ),
    case(
        "metric_setting",
        5,
        "kind: custom_metric\nname: a\nresponse_type: pass_fail\nsettings:\n  patern: a\n",
    ),
    case("schedule_missing", 1, "kind: schedule\nsimulation: a\n"),
    case(
        "schedule_time",
        4,
        "kind: schedule\nschedule:\n  frequency: daily\n  time: \"24:00\"\n",
    ),
    case(
        "schedule_interval",
        2,
        "kind: schedule\nschedule: {frequency: every_n_minutes, interval: 60}\n",
    ),
    case(
        "schedule_day",
        3,
        "kind: schedule\nschedule:\n  frequency: weakly\n",
    ),
];

/// Documents without a mistake.
const VALID: [&str; 8] = [
    "kind:\nagent_id: 1\n",
    "kind: simulation\nagent_id: 1\ndigital_humans: [angry-caller, 101]\nselected_custom_metrics: [politeness, 3c90c3cc-0d44-4b50-8888-8dd25736052a]\n",
    "kind: digital_human\n",
    "kind: digital_human\nkey: angry-caller\nname: Marta\naccent: klingon\nlanguage: ${var:LANGUAGE}\ngender: ${var:GENDER}\ncreativity: 1\ntraits:\n  - {trait_name: a, trait_data_type: DATE, value: 2026-01-31, is_sip_header: null}\ninterruptions: {type: low}\nspeaks_first_config: null\nlivekit_metadata: {a: 1}\nextra: {a: 1}\n",
    "kind: custom_metric\nname: a\nresponse_type: quantitative\nmin_value: 0.5\nmax_value: 5\nagent_ids: [42]\n",
    "kind: custom_metric\nname: a\nresponse_type: json\njson_schema: {type: object}\nsettings: {receiver_test_case_id: '${digital_human:a}', composite: '\"${custom_metric:a}\" * 2'}\n",
    "kind: schedule\nsimulation: front-desk\nschedule: {frequency: daily, time: \"02:30\"}\ntimezone: Europe/Berlin\nenabled: false\n",
    "kind: schedule\nsimulation_id: \"1284\"\nschedule:\n  frequency: every_n_hours\n  interval: 6\n  window: {days: [monday], start_time: \"09:00\"}\n",
];

fn as_file(name: &str, text: &str) -> (PathBuf, String) {
    let modeline = "# yaml-language-server: $schema=../schemas/simulation.schema.json\n";
    let path = root().join("simulations").join(format!("{name}.yaml"));
    (path, format!("{modeline}{text}"))
}

fn server() -> Option<LanguageServer> {
    let script = tools::node_script("yaml-language-server", "bin/yaml-language-server")?;
    Some(LanguageServer::start(&script, root()))
}

#[test]
fn editors_check_by_kind() {
    let Some(mut server) = server() else {
        return;
    };
    for (index, text) in VALID.into_iter().enumerate() {
        let (path, text) = as_file(&format!("kind-{index}"), text);
        let found = server.open(&path, &text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
    for case in INVALID {
        let (path, text) = as_file(case.name, case.text);
        let found = server.open(&path, &text);
        let lines: Vec<_> = found
            .iter()
            .map(|diagnostic| diagnostic["range"]["start"]["line"].as_u64().unwrap())
            .collect();
        // The modeline is line 0.
        assert_eq!(lines, [case.line], "{}: {found:?}", case.name);
    }
}

/// Checks which of these labels an editor completes at the end of a text.
#[track_caller]
fn check_completions(server: &mut LanguageServer, text: &str, has: &[&str], lacks: &[&str]) {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let (path, text) = as_file(&format!("complete-{number}"), text);
    server.open(&path, &text);
    let last = text.lines().last().unwrap();
    let line = u64::try_from(text.lines().count()).unwrap() - 1;
    let column = u64::try_from(last.len()).unwrap();
    let answer = server.ask("completion", &path, line, column);
    let items = answer["items"].as_array().unwrap().iter();
    let labels: Vec<_> = items.map(|item| item["label"].as_str().unwrap()).collect();
    for label in has {
        assert!(labels.contains(label), "{text}: {label} in {labels:?}");
    }
    for label in lacks {
        assert!(!labels.contains(label), "{text}: {label} in {labels:?}");
    }
}

#[test]
fn editors_complete_by_kind() {
    let Some(mut server) = server() else {
        return;
    };
    let kinds = ["simulation", "digital_human", "custom_metric", "schedule"];
    check_completions(&mut server, "kind: ", &kinds, &[]);
    check_completions(&mut server, "k", &["kind", "key"], &[]);
    let document = "kind: digital_human\nname: x\n";
    check_completions(
        &mut server,
        &format!("{document}a"),
        &["accent", "audio_quality"],
        &["agent_id", "always_on", "agent_ids"],
    );
    check_completions(
        &mut server,
        &format!("{document}accent: "),
        &["british"],
        &[],
    );
    check_completions(
        &mut server,
        &format!("{document}interruptions:\n  type: "),
        &["keywords", "contextual"],
        &[],
    );
    check_completions(
        &mut server,
        &format!("{document}traits:\n  - t"),
        &["trait_name", "trait_data_type"],
        &[],
    );
    check_completions(
        &mut server,
        "kind: custom_metric\nresponse_type: ",
        &["pass_fail", "quantitative"],
        &["tool_call"],
    );
    check_completions(
        &mut server,
        "kind: schedule\nschedule:\n  frequency: weekly\n  day_of_week: ",
        &["monday", "sunday"],
        &[],
    );
    check_completions(
        &mut server,
        "agent_id: 1\ns",
        &["selected_custom_metrics"],
        &["success_criteria", "schedule"],
    );
}

#[test]
fn ajv_checks_by_kind() {
    let Some(script) = tools::node_script("ajv-cli", "dist/index.js") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, document: &Value| {
        let path = folder.path().join(format!("{name}.json"));
        std::fs::write(path, document.to_string()).unwrap();
    };
    for case in INVALID {
        write(case.name, &documents(case.text)[0]);
    }
    for (index, text) in VALID.into_iter().enumerate() {
        write(&format!("good-{index}"), &documents(text)[0]);
    }
    let output = tools::strict_ajv(&script, folder.path(), "validate")
        .arg(root().join("schemas/simulation.schema.json"))
        .args(["--errors=no", "-d"])
        .arg(format!("{}/*.json", folder.path().display()))
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let refused = text
        .lines()
        .filter_map(|line| line.strip_suffix(" invalid"));
    let mut refused: Vec<_> = refused
        .map(|path| path.rsplit('/').next().unwrap().trim_end_matches(".json"))
        .collect();
    refused.sort_unstable();
    let mut expected = INVALID.map(|case| case.name);
    expected.sort_unstable();
    assert_eq!(refused, expected, "{text}");
}
