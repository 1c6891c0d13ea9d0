//! A file of simulations: any bytes become simulations or diagnostics that can
//! be shown in every form, each at a place in the file.

#![no_main]

use std::sync::Arc;

use bluejayctl::diagnostic::{Diagnostic, Place};
use bluejayctl::report::{
    diagnostics, diagnostics_json, diagnostics_junit, diagnostics_sarif, github,
};
use bluejayctl::resource::Kind;
use bluejayctl::resource::key::ResourceKey;
use bluejayctl::spec::assemble::assemble;
use bluejayctl::spec::declarations::{FileDeclarations, SimulationFile, read_declarations};
use bluejayctl::spec::decode::decode;
use bluejayctl::spec::settings::Settings;
use bluejayctl::visible;
use libfuzzer_sys::fuzz_target;

const NAME: &str = "simulations/fuzzed.yaml";

fuzz_target!(|bytes: &[u8]| {
    let settings = Settings::default();
    let declarations = match decode(NAME, bytes.to_vec()) {
        Ok(file) => {
            let default_key = Arc::from("fuzzed");
            read_declarations(&SimulationFile { file, default_key }, &settings)
        }
        Err(diagnostic) => FileDeclarations {
            diagnostics: vec![*diagnostic],
            ..FileDeclarations::default()
        },
    };
    let (desired, found) = assemble(vec![declarations], &settings, Vec::new());
    found.iter().for_each(check);
    for (key, simulation) in &desired.resources {
        assert!(ResourceKey::problem(key.key()).is_none());
        let has_agent = key.kind() != Kind::Simulation || !simulation.body.agent_id().is_empty();
        assert!(has_agent || !found.is_empty());
    }
    let human = diagnostics::human(&found, true);
    assert_eq!(visible::terminal(&human, true), human);
    for text in [
        diagnostics::human(&found, false),
        github::diagnostics(&found, ""),
        diagnostics_junit::text(&[NAME.to_owned()], &found),
    ] {
        assert_eq!(visible::lines(&text), text);
        assert!(text.len() < 1 << 20, "100 mistakes of bounded length");
    }
    for text in [
        diagnostics_json::text(&found),
        diagnostics_sarif::text(&found, ""),
    ] {
        assert_eq!(visible::json(&text), text);
        serde_json::from_str::<serde_json::Value>(&text).expect("a report is JSON");
    }
});

fn check(diagnostic: &Diagnostic) {
    assert!(!diagnostic.summary.is_empty());
    let is_about_file = matches!(
        diagnostic.code.as_str(),
        "encoding" | "too-large" | "empty-file" | "too-many-problems"
    );
    assert!(
        is_about_file || diagnostic.place.span.is_some(),
        "{diagnostic:?}"
    );
    let related = diagnostic.related.iter().map(|related| &related.place);
    std::iter::once(&diagnostic.place)
        .chain(related)
        .for_each(check_place);
}

fn check_place(place: &Place) {
    if let (Some(span), Some(text)) = (&place.span, &place.file.text) {
        assert!(text.get(span.start.byte..span.end.byte).is_some());
        assert!(span.start.line >= 1 && span.start.column >= 1);
    }
}
