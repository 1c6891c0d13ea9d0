//! What the journal costs: `apply` as a whole process against the bare requests.
//!
//! `cargo bench --bench apply` starts the sandbox with a latency, creates the
//! same simulations once with a client alone and once with the program, and
//! prints both beside the ideal `N * latency / parallelism`. The start-up of the
//! program is a plan of the same files.

#![allow(clippy::print_stdout)] // a benchmark's table is its result

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bluejayctl::api::{ApiKey, Client, ClientOptions, Fate, Target};
use bluejayctl::resource::Kind;
use bluejayctl::resource::body::Body;
use futures_util::{StreamExt as _, stream};

const LATENCY: Duration = Duration::from_millis(20);

fn main() {
    // `cargo test --benches` only wants to know that it builds and runs.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let cases: &[(usize, usize)] = if is_bench {
        &[(1_000, 32), (2_000, 32), (10_000, 64), (20_000, 64)]
    } else {
        &[(20, 4)]
    };
    println!(
        "     N  parallel   ideal  requests   apply  start-up  apply/requests  (apply - start-up)/ideal"
    );
    for (count, parallelism) in cases {
        measure(*count, *parallelism);
    }
}

fn measure(count: usize, parallelism: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_simulations(folder.path(), count);
    let ideal = LATENCY.as_secs_f64() * f64_of(count) / f64_of(parallelism);
    let requests = {
        let server = Server::start();
        bare_requests(&server.url, count, parallelism).as_secs_f64()
    };
    let server = Server::start();
    let startup = program(folder.path(), &server.url, &["plan"]).as_secs_f64();
    let parallel = parallelism.to_string();
    let arguments = ["apply", "--parallelism", &parallel];
    let apply = program(folder.path(), &server.url, &arguments).as_secs_f64();
    println!(
        "{count:>6}  {parallelism:>8}  {ideal:>6.2}  {requests:>8.2}  {apply:>6.2}  {startup:>8.2}  \
         {:>14.3}  {:>24.3}",
        apply / requests,
        (apply - startup) / ideal
    );
}

/// Counts here are small enough for a float to hold them exactly.
#[allow(clippy::cast_precision_loss)]
fn f64_of(count: usize) -> f64 {
    count as f64
}

fn write_simulations(folder: &Path, count: usize) {
    let simulations = folder.join("simulations");
    std::fs::create_dir(&simulations).expect("a folder");
    for index in 0..count {
        let mut text = format!("agent_id: \"{}\"\nname: Simulation {index}\n", index % 50);
        let _ = writeln!(
            text,
            "description: |\n  A caller of the benchmark.\n  Number {index}."
        );
        let _ = writeln!(
            text,
            "max_call_duration: 300\nmax_call_duration_units: seconds"
        );
        std::fs::write(simulations.join(format!("s{index:05}.yaml")), text).expect("a file");
    }
}

/// The sandbox as a process of its own.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bluejayctl"))
            .args([
                "-q",
                "sandbox",
                "--port",
                "0",
                "--fault",
                "latency:delay=20ms",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("its stdout");
        BufReader::new(stdout)
            .read_line(&mut url)
            .expect("its address");
        let url = url.trim().to_owned();
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(folder: &Path, url: &str, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_bluejayctl"))
        .args(arguments)
        .args(["--api-url", url, "-q"])
        .current_dir(folder)
        .env("BLUEJAY_API_KEY", "benchmark")
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    started.elapsed()
}

/// The same creates with the client alone: no files, no plan, no journal.
fn bare_requests(url: &str, count: usize, parallelism: usize) -> Duration {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (_stop, stop) = tokio::sync::watch::channel(false);
        let options = ClientOptions {
            parallelism,
            rate: None,
            timeout: Duration::from_secs(60),
            stop,
            observer: Arc::new(|_| {}),
        };
        let target = Target::new(url).expect("an address");
        let client = Client::new(target, ApiKey::new("benchmark").expect("a key"), options);
        let client = client.expect("a client");
        let started = Instant::now();
        stream::iter(0..count)
            .map(|index| {
                let fields = [("agent_id", index % 50), ("name", index)];
                let body: Body = fields
                    .into_iter()
                    .map(|(field, value)| (field.to_owned(), value.to_string().into()))
                    .collect();
                let client = &client;
                async move {
                    let fate = client
                        .create(Kind::Simulation, &body, &|| Box::pin(async { Ok(()) }))
                        .await;
                    assert!(matches!(fate, Fate::Done(_)), "{fate:?}");
                }
            })
            .buffer_unordered(parallelism)
            .for_each(|()| async {})
            .await;
        started.elapsed()
    })
}
