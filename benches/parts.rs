//! The parts of a plan, each for ten thousand simulations: `cargo bench --bench parts`.

#[path = "corpus/made.rs"]
mod corpus;

use std::path::PathBuf;
use std::sync::OnceLock;

use bluejayctl::journal::{Entry, Intent, Replay, read, write_line};
use bluejayctl::lock::{ApiAddress, LockedResource, Lockfile, parse, render};
use bluejayctl::plan::{PlanInput, PlanOptions, UnknownFieldsByKey, plan};
use bluejayctl::resource::desired::DesiredState;
use bluejayctl::resource::key::{RemoteId, ResourceKey};
use bluejayctl::spec::assemble::assemble;
use bluejayctl::spec::declarations::{FileDeclarations, SimulationFile, read_declarations};
use bluejayctl::spec::settings::Settings;
use bluejayctl::{diagnostic::SourceFile, resource::body::Body, spec::yaml};
use divan::{Bencher, black_box};
use rayon::prelude::*;

const COUNT: usize = 10_000;

fn main() {
    divan::main();
}

fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        corpus::write(folder.path(), COUNT);
        let path = folder.path().to_owned();
        (folder, path)
    });
    path
}

fn files() -> Vec<PathBuf> {
    (0..COUNT)
        .map(|index| {
            let name = format!("{}.yaml", corpus::key(index));
            folder().join("simulations").join(name)
        })
        .collect()
}

fn input(index: usize) -> SimulationFile {
    SimulationFile {
        file: SourceFile::new(format!("{}.yaml", corpus::key(index)), corpus::text(index)),
        default_key: corpus::key(index).as_str().into(),
    }
}

fn inputs() -> Vec<SimulationFile> {
    (0..COUNT).map(input).collect()
}

fn desired(inputs: &[SimulationFile]) -> DesiredState {
    let settings = Settings::default();
    let files: Vec<FileDeclarations> = inputs
        .par_iter()
        .map(|input| read_declarations(input, &settings))
        .collect();
    let (state, diagnostics) = assemble(files, &settings, Vec::new());
    assert!(diagnostics.is_empty());
    state
}

fn locked(desired: &DesiredState) -> Lockfile {
    let simulations = desired.resources.iter().zip(1..);
    Lockfile {
        api: Some(ApiAddress::new("https://api.example")),
        resources: simulations
            .map(|((key, wanted), id)| {
                let entry = LockedResource::new(RemoteId::simulation(id), wanted.body.clone());
                (key.clone(), entry)
            })
            .collect(),
        ..Lockfile::default()
    }
}

/// The floor: every file read, on all cores.
#[divan::bench(sample_count = 10)]
fn read_files(bencher: Bencher) {
    let files = files();
    bencher.bench(|| {
        let read = files
            .par_iter()
            .map(|path| std::fs::read(path).expect("a file").len());
        black_box(read.sum::<usize>())
    });
}

/// One after the other.
#[divan::bench(sample_count = 5)]
fn parse_yaml(bencher: Bencher) {
    let inputs = inputs();
    bencher.bench(|| {
        let parsed = inputs.iter().map(|input| yaml::parse(&input.file).is_ok());
        assert!(parsed.into_iter().all(|is_parsed| is_parsed));
    });
}

/// One after the other: parse, check and convert.
#[divan::bench(sample_count = 5)]
fn declare_files(bencher: Bencher) {
    let (inputs, settings) = (inputs(), Settings::default());
    bencher.bench(|| {
        for input in &inputs {
            black_box(read_declarations(input, &settings));
        }
    });
}

/// A file with a mistake is read once more for its places.
#[divan::bench(sample_count = 10)]
fn diagnose_a_file(bencher: Bencher) {
    let text = corpus::text(7).replace("max_concurrent", "max_concurent");
    let input = SimulationFile {
        file: SourceFile::new("a.yaml", text),
        default_key: "a".into(),
    };
    let settings = Settings::default();
    bencher.bench(|| black_box(read_declarations(&input, &settings).diagnostics.len()));
}

#[divan::bench(sample_count = 10)]
fn read_lockfile(bencher: Bencher) {
    let text = render(&locked(&desired(&inputs()))).expect("a text");
    bencher.bench(|| black_box(parse(&text).expect("a lockfile")));
}

#[divan::bench(sample_count = 10)]
fn write_lockfile(bencher: Bencher) {
    let lockfile = locked(&desired(&inputs()));
    bencher.bench(|| black_box(render(&lockfile)));
}

/// How many of each hundred simulations changed since.
#[divan::bench(args = [0, 1, 100], sample_count = 10)]
fn plan_changed(bencher: Bencher, percent: usize) {
    let desired = desired(&inputs());
    let mut locked = locked(&desired);
    for (index, entry) in locked.resources.values_mut().enumerate() {
        if index % 100 < percent {
            let fields = entry.applied.fields_mut();
            fields.insert("max_concurrent".to_owned(), 499.into());
        }
    }
    let unknown = UnknownFieldsByKey::new();
    let input = PlanInput::offline(&desired, &locked, &unknown);
    bencher.bench(|| black_box(plan(input, &PlanOptions::default()).changes.len()));
}

fn entries() -> Vec<Entry> {
    let body: Body = [("agent_id".to_owned(), "42".into())].into_iter().collect();
    (0..COUNT as u64)
        .flat_map(|seq| {
            let intent = Intent::Create {
                key: ResourceKey::from(format!("k{seq}").as_str()),
                body: body.clone(),
                replaces: None,
                is_gone: false,
                existing: Vec::new(),
            };
            let simulation_id = RemoteId::simulation(seq);
            let intended = Entry::Intended { seq, at: 0, intent };
            let applied = None;
            [
                intended,
                Entry::Created {
                    seq,
                    simulation_id,
                    applied,
                },
            ]
        })
        .collect()
}

#[divan::bench(sample_count = 10)]
fn write_journal(bencher: Bencher) {
    let entries = entries();
    bencher.bench(|| {
        let mut bytes = Vec::new();
        for entry in &entries {
            write_line(entry, &mut bytes);
        }
        black_box(bytes)
    });
}

#[divan::bench(sample_count = 10)]
fn replay_journal(bencher: Bencher) {
    let mut bytes = Vec::new();
    for entry in entries() {
        write_line(&entry, &mut bytes);
    }
    bencher.bench(|| {
        let journal = read(&bytes).expect("a journal");
        black_box(Replay::of(Lockfile::default(), &journal.entries).is_ok())
    });
}
