//! The project file: any bytes become settings or diagnostics, and settings that
//! are good can be laid under a simulation.

#![no_main]

use std::sync::Arc;

use bluejayctl::diagnostic::{SourceFile, has_errors};
use bluejayctl::report::diagnostics;
use bluejayctl::spec::assemble::assemble;
use bluejayctl::spec::declarations::{SimulationFile, read_declarations};
use bluejayctl::spec::decode::decode;
use bluejayctl::spec::settings::{SettingsOptions, resolve};
use bluejayctl::visible;
use libfuzzer_sys::fuzz_target;

const SIMULATION: &str = "\
agent_id: \"1\"
name: \"${var:NAME} and ${var:A}\"
digital_humans_settings:
  num_runs: 2
";

fuzz_target!(|bytes: &[u8]| {
    let Ok(project) = decode("bluejay.yaml", bytes.to_vec()) else {
        return;
    };
    for environment in [None, Some("staging".to_owned())] {
        let choice = SettingsOptions {
            environment,
            vars: vec![("NAME".to_owned(), "a name".to_owned())],
            ..SettingsOptions::default()
        };
        let Ok((settings, found)) = resolve(Some(&project), &choice) else {
            continue;
        };
        let input = SimulationFile {
            file: SourceFile::new("simulations/one.yaml", SIMULATION),
            default_key: Arc::from("one"),
        };
        let declared = read_declarations(&input, &settings);
        let (desired, found) = assemble(vec![declared], &settings, found);
        assert!(has_errors(&found) || desired.resources.len() == 1);
        let human = diagnostics::human(&found, false);
        assert_eq!(visible::terminal(&human, false), human);
    }
});
