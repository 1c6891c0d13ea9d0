//! The yardstick of `validate` and `plan`: the libraries alone, as a whole
//! process. Reads every YAML file below a folder, parses, checks against the
//! schema and converts to a struct, on all cores, and says nothing.
//!
//! `cargo bench --bench pipeline -- FOLDER SCHEMA`; the comparison script runs
//! the program that this makes.

use std::path::PathBuf;

use rayon::prelude::*;

/// As few fields as a reader could want, of documents of every kind; the rest goes by
/// unread.
#[derive(serde::Deserialize)]
struct Simulation {
    #[serde(default)]
    agent_id: serde_json::Value,
    name: Option<String>,
    description: Option<String>,
    max_concurrent: Option<i64>,
    selected_custom_metrics: Option<Vec<String>>,
    digital_humans_settings: Option<serde_json::Map<String, serde_json::Value>>,
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let (Some(folder), Some(schema)) = (arguments.next(), arguments.next()) else {
        // `cargo test --benches` and `cargo bench` only want to know that it builds.
        return;
    };
    let schema = std::fs::read_to_string(schema).expect("the schema");
    let schema = serde_json::from_str(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let files: Vec<PathBuf> = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build()
        .filter_map(Result::ok)
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|ending| ending == "yaml")
        })
        .map(ignore::DirEntry::into_path)
        .collect();
    let simulations: Vec<Simulation> = files
        .par_iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a file");
            let value: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
            let value = serde_json::to_value(value).expect("JSON");
            assert!(validator.is_valid(&value), "{}", path.display());
            serde_json::from_value(value).expect("a simulation")
        })
        .collect();
    let used = simulations.iter().filter(|one| {
        one.name.is_some()
            && one.description.is_some()
            && !one.agent_id.is_null()
            && one.max_concurrent.is_some()
            && one.selected_custom_metrics.is_some()
            && one.digital_humans_settings.is_some()
    });
    assert!(used.count() <= files.len());
}
