//! Tests of `explain`.

use bluejayctl::resource::Kind;
use bluejayctl::spec::rules;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::env::TestEnv;

#[test]
fn kinds_and_fields_are_explained_in_80_columns() {
    let env = TestEnv::new();
    let mut names = vec![String::new()];
    for kind in Kind::ALL {
        names.push(kind.name().to_owned());
        let paths = kind.entries().into_iter();
        names.extend(paths.map(|entry| format!("{}.{}", kind.name(), entry.path())));
    }
    // One process for each name would take long, so the names are a sample.
    for name in names.iter().step_by(7).filter(|name| !name.is_empty()) {
        let run = env.run(&["explain", name]);
        run.code(0).says(name);
        for line in run.stdout.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line, line.trim_end(), "{name}");
        }
    }
}

#[test]
fn a_field_without_its_kind_is_found() {
    let env = TestEnv::new();
    let run = env.run(&["explain", "max_call_duration"]);
    run.code(0);
    for text in [
        "simulation.max_call_duration\n",
        "  type          integer\n",
        "  default       `10`\n",
        "  unit          declared by `max_call_duration_units`\n",
        "  a change      in place, by an update\n",
        "  shown by API  yes, inside `settings`\n",
        "  max_call_duration: 10\n",
    ] {
        run.says(text);
    }
    let run = env.run(&["explain", "name"]);
    run.says("simulation.name\n")
        .says("bluejayctl explain digital_human.name\n");
}

#[test]
fn an_unknown_name_gets_a_suggestion() {
    let env = TestEnv::new();
    env.run(&["explain", "intnt"])
        .code(1)
        .says("error: there is no kind or field `intnt`\n")
        .says("help: did you mean `intent`?");
    env.run(&["explain", "simulation.qqqq"])
        .code(1)
        .says("`bluejayctl explain simulation` lists the fields");
}

/// Every example is valid, apart from the fields that a whole document needs.
#[test]
fn the_json_has_every_field_with_a_valid_example() {
    let env = TestEnv::new();
    let kinds = env.run(&["explain", "--format", "json"]).json();
    assert_eq!(kinds["kinds"].as_array().unwrap().len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let document = env
            .run(&["explain", kind.name(), "--format", "json"])
            .json();
        let fields = document["fields"].as_array().unwrap();
        assert_eq!(fields.len(), kind.entries().len());
        for field in fields {
            let example = field["example"].as_object().unwrap();
            let errors = rules::document(kind)
                .validator()
                .iter_errors(&field["example"]);
            let errors = errors.filter(|error| {
                let is_top = error.instance_path().as_str().is_empty();
                !(is_top && matches!(error.kind(), ValidationErrorKind::Required { .. }))
            });
            let errors: Vec<_> = errors.map(|error| error.to_string()).collect();
            // A reference is replaced before the validation.
            let has_reference = Value::Object(example.clone()).to_string().contains("${");
            assert!(has_reference || errors.is_empty(), "{field:#}: {errors:?}");
        }
    }
}
