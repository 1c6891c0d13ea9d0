//! Documents with a mistake that the schema detects, and documents without a mistake.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::Value;

/// A document, and the line of its only mistake, from 1.
pub struct Case {
    pub name: &'static str,
    pub text: &'static str,
    pub line: u64,
}

const fn case(name: &'static str, line: u64, text: &'static str) -> Case {
    Case { name, text, line }
}

/// Documents with one mistake each.
pub const INVALID: [Case; 22] = [
    case("agent_missing", 1, "name: x\n"),
    case("agent_empty", 1, "agent_id: \"\"\n"),
    case("agent_bool", 1, "agent_id: true\n"),
    case("agent_float", 1, "agent_id: 1.5\n"),
    case("agent_negative", 1, "agent_id: -1\n"),
    case("bool_text", 2, "agent_id: 1\nalways_on: \"yes\"\n"),
    case("bool_yes", 2, "agent_id: 1\nalways_on: yes\n"),
    case("enum", 2, "agent_id: 1\nmax_call_duration_units: hours\n"),
    case(
        "enum_case",
        2,
        "agent_id: 1\nmax_call_duration_units: Minutes\n",
    ),
    case("float", 2, "agent_id: 1\nmax_call_duration: 1.5\n"),
    case("key_empty", 1, "key: \"\"\nagent_id: 1\n"),
    case("list_for_text", 2, "agent_id: 1\nname: [a]\n"),
    case(
        "metric_number",
        4,
        "agent_id: 1\nselected_custom_metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  - 7\n",
    ),
    case(
        "metrics_text",
        2,
        "agent_id: 1\nselected_custom_metrics: abc\n",
    ),
    case(
        "nested_range",
        3,
        "agent_id: 1\ndigital_humans_settings:\n  num_runs: 0\n",
    ),
    case(
        "nested_unknown",
        3,
        "agent_id: 1\ndigital_humans_settings:\n  num_run: 1\n",
    ),
    case("number_for_text", 2, "agent_id: 1\nname: 5\n"),
    case("range_above", 2, "agent_id: 1\nmax_concurrent: 501\n"),
    case("range_below", 2, "agent_id: 1\nmax_concurrent: 0\n"),
    case("text_for_number", 2, "agent_id: 1\nmax_concurrent: \"5\"\n"),
    case("unknown", 2, "agent_id: 1\nmax_concurent: 5\n"),
    case(
        "uuid",
        2,
        "agent_id: 1\nagent_version_id: 3c90c3cc-0d44-4b50-8888-8dd25736052\n",
    ),
];

/// Documents without a mistake, at the limits of what is allowed.
pub const VALID: [&str; 9] = [
    "agent_id: 1\nmax_call_duration_units: ${var:UNITS}\n",
    "agent_id: 0\n",
    "agent_id: \"x\"\nmax_concurrent: 500\nmax_call_duration: -1\n",
    "agent_id: 1\nmax_concurrent: 1.0\ndigital_humans_settings: {num_runs: 1}\n",
    "agent_id: 1\nname:\nselected_custom_metrics:\ndigital_humans_settings:\nmax_call_duration_units:\n",
    "agent_id: 1\nagent_version_id: 3C90C3CC0D444B5088888DD25736052A\n",
    "agent_id: 1\nagent_version_id: urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a\n",
    "agent_id: 1\nselected_custom_metrics: []\ndigital_humans_settings: {}\nextra: {a: [1, null]}\n",
    "agent_id: 1\ncustom_metrics_failing_threshold: 0\ncustom_metrics_passing_threshold: 100\n",
];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every file of simulations of this repository.
pub fn simulations() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ending| ending != "md") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("simulations"), &mut files);
    files.sort();
    files
}

/// Returns the documents of a YAML text.
pub fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}
