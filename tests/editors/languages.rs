//! Tests of the schemas in the YAML language server, as editors use it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::cases::{INVALID, VALID, root, simulations};
use super::language_server::LanguageServer;
use super::tools;

fn server(workspace: &Path) -> Option<LanguageServer> {
    let script = tools::node_script("yaml-language-server", "bin/yaml-language-server")?;
    Some(LanguageServer::start(&script, workspace))
}

/// Returns the path and the text of a file of simulations, with the modeline.
fn as_file(name: &str, text: &str) -> (PathBuf, String) {
    let modeline = "# yaml-language-server: $schema=../schemas/simulation.schema.json\n";
    let path = root().join("simulations").join(format!("{name}.yaml"));
    (path, format!("{modeline}{text}"))
}

/// A good file may have a deprecated field, of which `validate` warns, too.
#[track_caller]
fn check_good(server: &mut LanguageServer, path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = server.open(path, &text);
    found.retain(|found| {
        let message = found["message"].as_str().unwrap();
        !message.starts_with("deprecated by the API: ")
    });
    assert!(found.is_empty(), "{}: {found:?}", path.display());
}

#[test]
fn valid_files_have_no_diagnostics() {
    let Some(mut server) = server(root()) else {
        return;
    };
    for path in simulations() {
        check_good(&mut server, &path);
    }
    check_good(&mut server, &root().join("bluejay.yaml"));
    for (index, text) in VALID.into_iter().enumerate() {
        let (path, text) = as_file(&format!("valid-{index}"), text);
        let found = server.open(&path, &text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn what_init_writes_has_no_diagnostics() {
    let folder = tempfile::tempdir().unwrap();
    let mut init = Command::new(env!("CARGO_BIN_EXE_bluejayctl"));
    init.arg("init").current_dir(folder.path());
    assert!(init.output().unwrap().status.success());
    let Some(mut server) = server(folder.path()) else {
        return;
    };
    for name in ["bluejay.yaml", "simulations/example.yaml"] {
        check_good(&mut server, &folder.path().join(name));
    }
}

#[test]
fn a_mistake_is_underlined_at_its_line() {
    let Some(mut server) = server(root()) else {
        return;
    };
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

#[test]
fn editors_explain_and_complete_fields() {
    let Some(mut server) = server(root()) else {
        return;
    };
    let (path, text) = as_file("hover", "agent_id: 1\nmax_concurrent: 5\n");
    server.open(&path, &text);
    let hover = server.ask("hover", &path, 2, 3);
    let shown = hover["contents"]["value"].as_str().unwrap();
    assert!(
        shown.contains("The maximum number of calls at the same time"),
        "{shown}"
    );

    let (path, text) = as_file("top", "agent_id: 1\nma\n");
    server.open(&path, &text);
    let labels = completions(&mut server, &path, 2, 2);
    for field in ["max_concurrent", "max_call_duration", "protect"] {
        assert!(labels.iter().any(|label| label == field), "{labels:?}");
    }
    // The answer is the example of the schema, because 0 is out of range.
    let answer = server.ask("completion", &path, 2, 2);
    let items = answer["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["label"] == "max_concurrent");
    let inserted = item.unwrap()["insertText"].as_str().unwrap();
    assert!(
        inserted.starts_with("max_concurrent: ") && inserted.contains("25"),
        "{inserted}"
    );

    let (path, text) = as_file("nested", "agent_id: 1\ndigital_humans_settings:\n  \n");
    server.open(&path, &text);
    let labels = completions(&mut server, &path, 3, 2);
    assert!(labels.iter().any(|label| label == "num_runs"), "{labels:?}");

    let (path, text) = as_file("value", "agent_id: 1\nmax_call_duration_units: \n");
    server.open(&path, &text);
    let labels = completions(&mut server, &path, 2, 25);
    assert!(labels.starts_with(&["minutes".to_owned(), "seconds".to_owned()]));
}

/// The text that a snippet inserts if its placeholders are kept.
fn inserted(snippet: &str) -> String {
    let placeholder = |part: &str| match part.strip_prefix('{') {
        Some(part) => part
            .replacen("1:", "", 1)
            .replacen("1}", "}", 1)
            .replacen('}', "", 1),
        None => part
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .to_owned(),
    };
    let mut parts = snippet.split('$');
    let before = parts.next().unwrap().to_owned();
    before + &parts.map(placeholder).collect::<String>()
}

#[test]
fn what_is_suggested_is_valid() {
    let Some(mut server) = server(root()) else {
        return;
    };
    let (path, text) = as_file("suggested", "agent_id: 1\n\n");
    server.open(&path, &text);
    let answer = server.ask("completion", &path, 2, 0);
    let items = answer["items"].as_array().unwrap();
    assert!(items.len() > 30, "{items:?}");
    for (index, item) in items.iter().enumerate() {
        let text = inserted(item["insertText"].as_str().unwrap());
        let is_unfinished = text.trim_end().ends_with('-') || text.trim_end().ends_with(':');
        if is_unfinished {
            continue;
        }
        let text = format!("agent_id: 1\n{text}\n");
        let (path, text) = as_file(&format!("suggested-{index}"), &text);
        let found = server.open(&path, &text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
    let settings = items
        .iter()
        .find(|item| item["label"] == "digital_humans_settings");
    assert_eq!(
        inserted(settings.unwrap()["insertText"].as_str().unwrap()),
        "digital_humans_settings:\n  default_name: random"
    );
    for deprecated in ["prompt_id", "sequential_calling"] {
        assert!(items.iter().all(|item| item["label"] != deprecated));
    }
}

#[test]
fn an_editor_shows_the_messages_of_the_schema() {
    let Some(mut server) = server(root()) else {
        return;
    };
    let mut messages = |name: &str, text: &str| -> Vec<String> {
        let (path, text) = as_file(name, text);
        let found = server.open(&path, &text).into_iter();
        found
            .map(|found| found["message"].as_str().unwrap().to_owned())
            .collect()
    };
    let uuid =
        "expected a UUID, such as `3c90c3cc-0d44-4b50-8888-8dd25736052a`, or a `${var:NAME}`";
    let bad = ["agent_version_id: abc", "knowledge_base_id: abc"];
    for (index, bad) in bad.into_iter().enumerate() {
        let text = format!("agent_id: 1\n{bad}\n");
        assert_eq!(messages(&format!("uuid-{index}"), &text), [uuid]);
    }
    let deprecated = "agent_id: 1\nprompt_id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\n";
    assert_eq!(
        messages("deprecated", deprecated),
        ["deprecated by the API: write `agent_version_id` in its place"]
    );
}

fn completions(server: &mut LanguageServer, path: &Path, line: u64, column: u64) -> Vec<String> {
    let answer = server.ask("completion", path, line, column);
    let items = answer["items"].as_array().unwrap();
    let label = |item: &Value| item["label"].as_str().unwrap().to_owned();
    items.iter().map(label).collect()
}
