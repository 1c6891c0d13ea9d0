//! The requests of each command as formulas. The test counts the requests of each command
//! with suites of several sizes, and compares the table with docs/performance.md.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::sent;
use crate::api::TestApi;
use crate::env::TestEnv;

/// The numbers of resources of a suite.
#[derive(Debug, Clone, Copy)]
struct Size {
    agents: u64,
    simulations: u64,
    humans: u64,
    metrics: u64,
    schedules: u64,
}

/// The suites that the formulas are checked with.
const SIZES: [Size; 2] = [
    Size {
        agents: 1,
        simulations: 2,
        humans: 6,
        metrics: 3,
        schedules: 1,
    },
    Size {
        agents: 3,
        simulations: 3,
        humans: 240,
        metrics: 60,
        schedules: 2,
    },
];

/// Five simulations with 200 digital humans each.
const LARGE: Size = Size {
    agents: 5,
    simulations: 5,
    humans: 1000,
    metrics: 4,
    schedules: 5,
};

/// One row: a command in a situation, its requests and the least.
struct Row {
    /// The command and the situation, as the page names them.
    command: &'static str,
    requests: &'static str,
    least: &'static str,
    formula: fn(Size) -> u64,
    /// Prepares the situation.
    prepare: fn(&TestEnv, &TestApi, Size),
    args: &'static [&'static str],
    /// The largest number of requests for the suite [`LARGE`].
    large: u64,
}

const ROWS: &[Row] = &[
    Row {
        command: "`validate`, `plan`, and `apply` without changes",
        requests: "0",
        least: "0",
        formula: |_| 0,
        prepare: apply,
        args: &["apply"],
        large: 2,
    },
    Row {
        command: "first `apply`",
        requests: "1 + *A* + 3 lists, ⌈*H*/100⌉ + *M* + *S* + *T* creates, *S* to attach",
        least: "without these 4 + *A* requests, which exclude duplicates; ⌈*M*/100⌉ creates of metrics, which \
                report no error of a single metric",
        formula: |size| {
            4 + size.agents
                + chunks(size.humans)
                + size.metrics
                + 2 * size.simulations
                + size.schedules
        },
        prepare: |_, _, _| (),
        args: &["apply"],
        large: 40,
    },
    Row {
        command: "`apply` that changes every digital human",
        requests: "1 + ⌈*H*/100⌉",
        least: "⌈*H*/100⌉",
        formula: |size| 1 + chunks(size.humans),
        prepare: |env, api, size| {
            apply(env, api, size);
            declare(env, size, "again");
        },
        args: &["apply"],
        large: 25,
    },
    Row {
        command: "`apply` that changes every simulation, metric and schedule",
        requests: "1 + *S* + *M* + *T*",
        least: "*S* + *M* + *T*",
        formula: |size| 1 + size.simulations + size.metrics + size.schedules,
        prepare: |env, api, size| {
            apply(env, api, size);
            let text = env.read(FILE);
            let text = text.replace("max_concurrent: 5", "max_concurrent: 6");
            let text = text.replace("prompt: Was", "prompt: Is");
            env.write(FILE, &text.replace("time: \"0", "time: \"1"));
        },
        args: &["apply"],
        large: 15,
    },
    Row {
        command: "`destroy`",
        requests: "1 + *T* + *S* + *M* + ⌈*H*/100⌉",
        least: "*T* + *S* + ⌈*M*/100⌉ + ⌈*H*/100⌉; a delete of many metrics is all or nothing",
        formula: |size| 1 + size.schedules + size.simulations + size.metrics + chunks(size.humans),
        prepare: apply,
        args: &["destroy", "--yes", "--force"],
        large: 25,
    },
    Row {
        command: "`apply` that adopts everything after a lost lockfile",
        requests: "1, lists: *A* + ⌈*H*/100⌉ + ⌈*M*/50⌉ + 1, *S* reads, *S* to attach",
        least: "the same without the request for the organisation; a list does not show every field of a simulation",
        formula: |size| read(size) + 2 * size.simulations,
        prepare: |env, api, size| {
            apply(env, api, size);
            env.remove("bluejay.lock");
        },
        args: &["apply"],
        large: 45,
    },
    Row {
        command: "`drift`, `plan --refresh`",
        requests: "1, lists: *A* + ⌈*H*/100⌉ + ⌈*M*/50⌉ + 1, *S* reads, *S* of attached digital humans",
        least: "the same without the request for the organisation, and one list of all simulations for *A*",
        formula: |size| read(size) + 2 * size.simulations,
        prepare: apply,
        args: &["drift"],
        large: 28,
    },
    Row {
        command: "`drift --quick`",
        requests: "1, lists: 1 + ⌈*H*/100⌉ + ⌈*M*/50⌉ + 1",
        least: "the same without the request for the organisation",
        formula: |size| read(size) - size.agents + 1,
        prepare: apply,
        args: &["drift", "--quick"],
        large: 16,
    },
    Row {
        command: "`import --all`",
        requests: "1, lists: 1 + ⌈*H*/100⌉ + ⌈*M*/50⌉ + 1, *S* reads, *S* of attached digital humans, \
                   3 reads that show whether a list hides fields",
        least: "the same without the request for the organisation and the last 3",
        formula: |size| read(size) - size.agents + 1 + 2 * size.simulations + 3,
        prepare: |env, api, size| {
            apply(env, api, size);
            env.remove("bluejay.lock");
            env.remove(FILE);
        },
        args: &["import", "--all"],
        large: 28,
    },
];

/// The requests that read everything but the simulations: one for the organisation, and the
/// lists.
fn read(size: Size) -> u64 {
    2 + size.agents + chunks(size.humans) + size.metrics.div_ceil(50)
}

fn chunks(humans: u64) -> u64 {
    humans.div_ceil(100)
}

const FILE: &str = "simulations/suite.yaml";

/// Declares a suite. `intent` is a part of the intent of each digital human.
fn declare(env: &TestEnv, size: Size, intent: &str) {
    let mut documents = Vec::new();
    for metric in 0..size.metrics {
        documents.push(format!(
            "kind: custom_metric\nkey: metric-{metric}\nname: Metric {metric}\n\
             response_type: pass_fail\nprompt: Was it {metric}?\n"
        ));
    }
    for human in 0..size.humans {
        documents.push(format!(
            "kind: digital_human\nkey: human-{human}\nname: Caller {human}\n\
             test_name: Title {human}\nintent: Ask {intent} about {human}\n"
        ));
    }
    for simulation in 0..size.simulations {
        let humans = (0..size.humans).filter(|human| human % size.simulations == simulation);
        let humans: Vec<_> = humans.map(|human| format!("human-{human}")).collect();
        let metrics: Vec<_> = (0..size.metrics)
            .map(|metric| format!("metric-{metric}"))
            .collect();
        documents.push(format!(
            "key: sim-{simulation}\nagent_id: \"{}\"\nname: Sim {simulation}\n\
             max_concurrent: 5\ndigital_humans: [{}]\nselected_custom_metrics: [{}]\n",
            42 + simulation % size.agents,
            humans.join(", "),
            metrics.join(", "),
        ));
    }
    for schedule in 0..size.schedules {
        documents.push(format!(
            "kind: schedule\nkey: nightly-{schedule}\nsimulation: sim-{schedule}\n\
             schedule: {{frequency: daily, time: \"0{schedule}:30\"}}\n"
        ));
    }
    env.write(FILE, &documents.join("---\n"));
}

fn apply(env: &TestEnv, api: &TestApi, _: Size) {
    env.run_at(&api.url(), &["apply"]).code(0);
}

impl Row {
    /// Runs the command, and returns its requests.
    fn run(&self, size: Size) -> Vec<String> {
        let (env, api) = (TestEnv::new(), TestApi::start());
        declare(&env, size, "first");
        (self.prepare)(&env, &api, size);
        let before = api.request_count();
        env.run_at(&api.url(), self.args).code(0);
        sent(&api, before)
    }

    /// Checks that the number of requests is the formula, and that nothing is read twice.
    fn check(&self, size: Size) {
        let sent = self.run(size);
        let (count, expected) = (sent.len() as u64, (self.formula)(size));
        assert_eq!(count, expected, "{} {size:?}: {sent:#?}", self.command);
        // The log has no queries, so the pages of a list look alike.
        let pages = ["GET /v1/digital-humans", "GET /v1/metrics"];
        let reads = sent.iter().filter(|one| one.starts_with("GET"));
        let mut reads: Vec<_> = reads.filter(|one| !pages.contains(&one.as_str())).collect();
        let all = reads.len();
        reads.sort();
        reads.dedup();
        assert_eq!(reads.len(), all, "{} {size:?}: {sent:#?}", self.command);
    }
}

#[test]
fn each_command_sends_the_requests_of_its_formula() {
    for row in ROWS {
        for size in SIZES {
            row.check(size);
        }
    }
}

#[test]
fn a_suite_of_a_thousand_digital_humans_takes_few_requests() {
    for row in ROWS {
        let expected = (row.formula)(LARGE);
        assert!(expected <= row.large, "{}: {expected}", row.command);
    }
    // Every row is checked with smaller suites; these run at the full size.
    for row in ROWS
        .iter()
        .filter(|row| row.args != ["destroy", "--yes", "--force"])
    {
        row.check(LARGE);
    }
}

/// Returns the table in the form of the page.
fn table() -> String {
    let mut table = String::from("| command | requests | the least that the API allows |\n");
    table.push_str("| --- | --- | --- |\n");
    for row in ROWS {
        let (command, requests, least) = (row.command, row.requests, row.least);
        writeln!(table, "| {command} | {requests} | {least} |").unwrap();
    }
    table
}

#[test]
fn the_performance_page_contains_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let (page, parts) = (
        read("docs/performance.md"),
        read("benches/compare/paper.md"),
    );
    // `benches/compare/run.py` measures what comes before, and appends these parts.
    assert!(
        page.ends_with(&parts),
        "docs/performance.md does not end with paper.md"
    );
    let table = table();
    assert!(
        parts.contains(&table),
        "benches/compare/paper.md lacks\n{table}"
    );
}
