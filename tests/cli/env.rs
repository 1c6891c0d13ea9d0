//! A temporary repository of a user, and runs of the program in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::output_schemas;

/// The API key of every run, unless a test removes it.
pub const KEY: &str = "bj-test-key-4f1d9c";

/// The longest wait for a condition.
const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary repository.
pub struct TestEnv {
    folder: TempDir,
}

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` if a signal ended the process.
    pub code: Option<i32>,
    /// The signal that ended the process. Windows has none.
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl TestEnv {
    /// Returns a repository with an empty simulations folder.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("simulations")).unwrap();
        Self { folder }
    }

    /// Returns a repository with these simulations: see [`TestEnv::simulation`].
    pub fn with(keys: &[&str]) -> Self {
        let env = Self::new();
        for key in keys {
            env.simulation(key, "");
        }
        env
    }

    /// Returns a folder with simulations that have five digital humans each. A run needs them.
    pub fn with_callers(keys: &[&str]) -> Self {
        let env = Self::with(keys);
        env.write(
            "bluejay.yaml",
            "defaults:\n  digital_humans: [1, 2, 3, 4, 5]\n",
        );
        env
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    pub fn exists(&self, relative: &str) -> bool {
        self.path(relative).exists()
    }

    pub fn remove(&self, relative: &str) {
        fs::remove_file(self.path(relative)).unwrap();
    }

    /// Declares a simulation of agent 42 whose name is its key, with further fields as YAML
    /// lines. These may override `agent_id` and `name`.
    pub fn simulation(&self, key: &str, more: &str) {
        let mut text = String::new();
        if !more.contains("agent_id:") {
            text.push_str("agent_id: \"42\"\n");
        }
        if !more.contains("name:") {
            text.push_str(&format!("name: {key}\n"));
        }
        text.push_str(more);
        text.push('\n');
        self.write(&format!("simulations/{key}.yaml"), &text);
    }

    /// Deletes the file of a simulation.
    pub fn undeclare(&self, key: &str) {
        self.remove(&format!("simulations/{key}.yaml"));
    }

    /// Returns the program in this repository, without the caller's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bluejayctl"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(system_variables())
            .env("BLUEJAY_API_KEY", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args))
    }

    /// Runs the program against an API. Suggested commands do not name that API.
    pub fn run_at(&self, url: &str, args: &[&str]) -> Run {
        let mut command = self.command(args);
        command.env("BLUEJAY_API_URL", url);
        Run::of(command)
    }

    /// Runs the program against an API, and checks that it crashes at these crash points.
    #[cfg(feature = "crash-points")]
    #[track_caller]
    pub fn crash_at(&self, url: &str, args: &[&str], points: &str) {
        let mut command = self.command(args);
        command.args(["--api-url", url]).env("FAILPOINTS", points);
        let run = Run::of(command);
        assert!(run.has_aborted(), "`{points}` was not reached: {run}");
    }

    /// Starts the program against an API, without waiting for its end.
    pub fn spawn_at(&self, url: &str, args: &[&str]) -> Running {
        let mut command = self.command(args);
        command.env("BLUEJAY_API_URL", url);
        Running(command.spawn().unwrap())
    }

    /// Returns the lockfile, if there is one.
    pub fn lockfile(&self) -> Option<Value> {
        let text = fs::read_to_string(self.path("bluejay.lock")).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    /// Returns the ids in the lockfile by key.
    pub fn ids(&self) -> BTreeMap<String, u64> {
        let lockfile = self.lockfile().unwrap_or_default();
        let simulations = lockfile["simulations"].as_object().cloned();
        simulations
            .unwrap_or_default()
            .into_iter()
            .map(|(key, entry)| (key, entry["simulation_id"].as_u64().unwrap()))
            .collect()
    }

    /// Returns the ids in a lockfile of resources of every kind, by `KIND:KEY`.
    pub fn resources(&self) -> BTreeMap<String, String> {
        let lockfile = self.lockfile().unwrap_or_default();
        let kinds = lockfile["resources"].as_object().cloned();
        let of_kind = |(kind, entries): (String, Value)| {
            let entries = entries.as_object().cloned().unwrap();
            entries.into_iter().map(move |(key, entry)| {
                let id = entry["id"].to_string();
                (format!("{kind}:{key}"), id.trim_matches('"').to_owned())
            })
        };
        let kinds = kinds.unwrap_or_default().into_iter();
        kinds.flat_map(of_kind).collect()
    }

    /// Returns the ids of the old instances of a key.
    pub fn replaced(&self, key: &str) -> Vec<u64> {
        let lockfile = self.lockfile().unwrap();
        let ids = lockfile["simulations"][key]["replaced"].as_array().cloned();
        ids.unwrap_or_default()
            .iter()
            .map(|id| id.as_u64().unwrap())
            .collect()
    }

    pub fn has_journal(&self) -> bool {
        self.exists(".bluejay/bluejay.lock.journal")
    }

    /// Returns the entries of the journal, and whether an incomplete line follows.
    pub fn journal(&self) -> (Vec<Value>, bool) {
        let text =
            fs::read_to_string(self.path(".bluejay/bluejay.lock.journal")).unwrap_or_default();
        let entries = text
            .split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'))
            .map(|line| serde_json::from_str(line.split_once(' ').unwrap().1).unwrap())
            .collect();
        (entries, !text.is_empty() && !text.ends_with('\n'))
    }

    /// Returns every file below the repository.
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, files);
                } else {
                    files.push(path);
                }
            }
        }
        let mut files = Vec::new();
        walk(self.folder.path(), &mut files);
        files
    }
}

/// Returns the variables without which Windows gives a process no network.
fn system_variables() -> impl Iterator<Item = (&'static str, OsString)> {
    ["SystemRoot", "TEMP"]
        .into_iter()
        .filter(|_| cfg!(windows))
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

impl Run {
    /// Runs a command to its end. JSON output must match its schema.
    #[track_caller]
    pub fn of(mut command: Command) -> Self {
        let args = command.get_args();
        let args: Vec<_> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
        let run = Running(command.spawn().unwrap()).end();
        output_schemas::check(&args, &run);
        run
    }

    /// Runs a command whose stdout is redirected.
    #[cfg(target_os = "linux")]
    pub fn without_stdout(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        // An open end of a pipe in the command would keep the pipe open.
        drop(command);
        child.stdout = None;
        let output = child.wait_with_output().unwrap();
        Self {
            code: output.status.code(),
            signal: signal_of(output.status),
            stdout: String::new(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command whose stderr goes elsewhere.
    #[cfg(target_os = "linux")]
    pub fn without_stderr(mut command: Command) -> Self {
        let child = command.spawn().unwrap();
        // The end of a pipe in it would keep the pipe open.
        drop(command);
        let output = child.wait_with_output().unwrap();
        Self {
            code: output.status.code(),
            signal: signal_of(output.status),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::new(),
        }
    }

    /// Holds the exit code against the expected one; shows both streams if not.
    #[track_caller]
    pub fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.code, Some(expected), "{self}");
        self
    }

    /// Returns whether the process ended itself at once, as at a crash point: with SIGABRT, or
    /// with the status of a fast failure on Windows.
    pub fn has_aborted(&self) -> bool {
        const FAST_FAILURE: i32 = 0xC000_0409_u32.cast_signed();
        self.signal == Some(6) || (cfg!(windows) && self.code == Some(FAST_FAILURE))
    }

    /// Checks that stdout or stderr contains this text. Windows separates folders in its own
    /// way.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let is_said = |text: &str| self.stdout.contains(text) || self.stderr.contains(text);
        let is_said = is_said(text) || (cfg!(windows) && is_said(&text.replace('/', "\\")));
        assert!(is_said, "`{text}` is not said in:\n{self}");
        self
    }

    /// Checks that neither stream contains this text.
    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Self {
        let is_said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!is_said, "`{text}` is said in:\n{self}");
        self
    }

    /// Returns stdout as a JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in:\n{self}"))
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            code,
            signal,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "code {code:?}, signal {signal:?}\n-- stdout\n{stdout}-- stderr\n{stderr}--"
        )
    }
}

/// A running process, which is killed when the value is dropped.
pub struct Running(Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        Self::send(name, &self.0.id().to_string());
    }

    /// Sends a signal to the process group, which the process must lead.
    #[cfg(target_os = "linux")]
    pub fn signal_group(&self, name: &str) {
        Self::send(name, &format!("-- -{}", self.0.id()));
    }

    #[cfg(unix)]
    fn send(name: &str, to: &str) {
        let kill = format!("kill -s {name} {to}");
        let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(status.success());
    }

    /// Kills the process, like a power failure.
    pub fn kill(mut self) -> Run {
        self.0.kill().unwrap();
        self.end()
    }

    /// Returns whether the process has a file with this ending open.
    #[cfg(target_os = "linux")]
    pub fn has_open(&self, ending: &str) -> bool {
        let open = fs::read_dir(format!("/proc/{}/fd", self.0.id())).unwrap();
        let open = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        open.into_iter()
            .any(|path| path.to_string_lossy().ends_with(ending))
    }

    pub fn is_over(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Waits for the end of the process.
    pub fn end(mut self) -> Run {
        // Two threads read the streams, so that a full stream does not block the process.
        let (out, err) = (self.0.stdout.take(), self.0.stderr.take());
        let read = |stream: Option<Box<dyn std::io::Read + Send>>| {
            std::thread::spawn(move || {
                let mut text = String::new();
                stream.unwrap().read_to_string(&mut text).unwrap();
                text
            })
        };
        let out = read(out.map(|stream| Box::new(stream) as _));
        let err = read(err.map(|stream| Box::new(stream) as _));
        until("the program ends", || self.is_over());
        let status = self.0.wait().unwrap();
        Run {
            code: status.code(),
            signal: signal_of(status),
            stdout: out.join().unwrap(),
            stderr: err.join().unwrap(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that the process has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Polls until a condition holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
