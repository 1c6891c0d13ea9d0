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
        let set = set.and_then(|percent| format!("{percent:.2}").parse().ok());
        args.min_score.or(set).unwrap_or_default()
    }
}

/// Returns the duration of a setting, which the checks of the project file know as a time.
fn duration(time: Option<&Time>) -> Option<Duration> {
    time.and_then(Time::duration)
}
