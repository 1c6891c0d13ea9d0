//! The values of options: of the command line, or else of `settings` in the project file, or
//! else the defaults.

use std::time::Duration;

use super::load::Project;
use crate::cli::{ApplyArgs, RequestArgs, RunArgs};
use crate::run::MinScore;
use crate::spec::command_settings::Time;

const PARALLELISM: usize = 8;
const TIMEOUT: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_secs(30);

/// The values of the options of requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestOptions {
    /// The largest number of concurrent requests.
    pub parallelism: usize,
    /// The longest duration of one request.
    pub timeout: Duration,
}

impl Project {
    /// Returns the values of the options of requests.
    pub(super) fn requests(&self, args: &RequestArgs) -> RequestOptions {
        RequestOptions {
            parallelism: self.parallelism(args.parallelism),
            timeout: self.request_timeout(args.timeout),
        }
    }

    /// Returns the longest duration of one request.
    pub(super) fn request_timeout(&self, asked: Option<Duration>) -> Duration {
        asked
            .or_else(|| duration(self.settings.timeout.as_ref()))
            .unwrap_or(TIMEOUT)
    }

    fn parallelism(&self, asked: Option<usize>) -> usize {
        let set = self.settings.parallelism.map(usize::from);
        asked.or(set).unwrap_or(PARALLELISM)
    }

    /// Returns the largest number of concurrent runs.
    pub(super) fn concurrent_runs(&self, args: &RunArgs) -> usize {
        self.parallelism(args.parallelism)
    }

    /// Returns how long the API may still execute a request whose answer was lost.
    pub(super) fn settle(&self, asked: Option<Duration>) -> Duration {
        asked
            .or_else(|| duration(self.settings.settle.as_ref()))
            .unwrap_or(SETTLE)
    }

    /// Returns the longest wait for another apply on the same lockfile.
    pub(super) fn lock_timeout(&self, args: &ApplyArgs) -> Duration {
        let set = || duration(self.settings.lock_timeout.as_ref());
        args.lock_timeout.or_else(set).unwrap_or_default()
    }

    /// Returns the lowest score that passes.
    pub(super) fn min_score(&self, args: &RunArgs) -> MinScore {
        let set = self.settings.min_score;
        let set = set.and_then(|percent| percent.to_string().parse().ok());
        args.min_score.or(set).unwrap_or_default()
    }
}

/// Returns the duration of a setting, which the checks of the project file know as a time.
fn duration(time: Option<&Time>) -> Option<Duration> {
    time.and_then(Time::duration)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::commands::load::{LoadOptions, load};

    const FILE: &str = "\
settings: {min_score: 55, parallelism: 3, settle: 4s, timeout: 5s, lock_timeout: 6s}
environments:
  strict: {settings: {min_score: 99.5, parallelism: 13, settle: 14s, timeout: 15s, lock_timeout: 16s}}
  like_the_file: {}
";

    fn arguments(line: &str) -> Command {
        let words = std::iter::once("bluejayctl").chain(line.split_whitespace());
        Cli::try_parse_from(words).unwrap().command
    }

    /// Checks the score, the number of concurrent requests and runs, and the seconds to
    /// settle, of a request and for the lock, with these options of `run` and of `apply`.
    #[track_caller]
    fn check(
        file: &str,
        environment: Option<&str>,
        options: [&str; 2],
        expected: (&str, usize, [u64; 3]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("simulations")).unwrap();
        std::fs::write(folder.path().join("bluejay.yaml"), file).unwrap();
        let options_of_loading = LoadOptions {
            directory: folder.path().to_owned(),
            environment: environment.map(str::to_owned),
            ..LoadOptions::default()
        };
        let project = load(&options_of_loading).unwrap().project;
        let [run, apply] = options;
        let Command::Run(run) = arguments(&format!("run {run}")) else {
            panic!("`run` is another command");
        };
        let Command::Apply(apply) = arguments(&format!("apply {apply}")) else {
            panic!("`apply` is another command");
        };
        let requests = project.requests(&apply.requests);
        assert_eq!(project.concurrent_runs(&run), requests.parallelism);
        let seconds = [
            project.settle(apply.settle),
            requests.timeout,
            project.lock_timeout(&apply),
        ];
        let least: MinScore = expected.0.parse().unwrap();
        let found = (project.min_score(&run), requests.parallelism, seconds);
        assert_eq!(
            found,
            (least, expected.1, expected.2.map(Duration::from_secs))
        );
    }

    #[test]
    fn settings_are_defaults_of_options() {
        let none = ["", ""];
        let of_file = ("55", 3, [4, 5, 6]);
        check("{}", None, none, ("80", 8, [30, 60, 0]));
        check(FILE, None, none, of_file);
        check(FILE, Some("like_the_file"), none, of_file);
        check(FILE, Some("strict"), none, ("99.5", 13, [14, 15, 16]));
        let options = [
            "--min-score 10 --parallelism 23",
            "--parallelism 23 --settle 24s --timeout 25s --lock-timeout 26s",
        ];
        check(FILE, Some("strict"), options, ("10", 23, [24, 25, 26]));
    }
}
