//! Many programs behind one address: a discrete-event simulation.
//!
//! Each job is one `apply` of one repository: it begins at some time and sends a number of
//! requests, at most eight concurrently. No test sleeps; the clock jumps from event to
//! event. The simulation compares the budget with other strategies, and prints the table of
//! docs/performance.md.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::time::Duration;

use super::server::{Counting, Random, Server};
use crate::pace::{Budget, Ticket, Turn, WINDOW};

const LIMIT: usize = 100;
const PARALLELISM: usize = 8;
const SEEDS: u64 = 4;

/// A strategy that decides when to send requests.
trait Pace {
    fn next(&mut self, now: Duration) -> Turn;
    fn on_sent(&mut self, now: Duration, jitter: f64) -> Option<Ticket>;
    fn on_answered(&mut self, ticket: Option<Ticket>, now: Duration);
    fn on_throttled(&mut self, ticket: Option<Ticket>, now: Duration, jitter: f64);
}

impl Pace for Budget {
    fn next(&mut self, now: Duration) -> Turn {
        Self::next(self, now)
    }

    fn on_sent(&mut self, now: Duration, jitter: f64) -> Option<Ticket> {
        Some(Self::on_sent(self, now, jitter))
    }

    fn on_answered(&mut self, ticket: Option<Ticket>, now: Duration) {
        if let Some(ticket) = ticket {
            Self::on_answered(self, ticket, now);
        }
    }

    fn on_throttled(&mut self, ticket: Option<Ticket>, now: Duration, jitter: f64) {
        if let Some(ticket) = ticket {
            Self::on_throttled(self, ticket, now, None, jitter);
        }
    }
}

/// A strategy without a budget: only an exponential back-off after a throttled request.
#[derive(Default)]
struct BackOff {
    resume_at: Duration,
    strikes: u32,
}

impl Pace for BackOff {
    fn next(&mut self, now: Duration) -> Turn {
        if self.resume_at > now {
            Turn::At(self.resume_at)
        } else {
            Turn::Now
        }
    }

    fn on_sent(&mut self, _: Duration, _: f64) -> Option<Ticket> {
        None
    }

    fn on_answered(&mut self, _: Option<Ticket>, _: Duration) {
        self.strikes = 0;
    }

    fn on_throttled(&mut self, _: Option<Ticket>, now: Duration, jitter: f64) {
        let pause = Duration::from_secs(1 << self.strikes.min(5)).mul_f64(0.5 + jitter);
        self.strikes += 1;
        self.resume_at = self.resume_at.max(now + pause.min(Duration::from_secs(30)));
    }
}

/// An exponential back-off, with all requests spaced evenly over the minute.
#[derive(Default)]
struct Even {
    back_off: BackOff,
    next_at: Duration,
}

impl Pace for Even {
    fn next(&mut self, now: Duration) -> Turn {
        match self.back_off.next(now) {
            Turn::Now if self.next_at > now => Turn::At(self.next_at),
            turn => turn,
        }
    }

    fn on_sent(&mut self, now: Duration, _: f64) -> Option<Ticket> {
        self.next_at = now + WINDOW / 98;
        None
    }

    fn on_answered(&mut self, ticket: Option<Ticket>, now: Duration) {
        self.back_off.on_answered(ticket, now);
    }

    fn on_throttled(&mut self, ticket: Option<Ticket>, now: Duration, jitter: f64) {
        self.back_off.on_throttled(ticket, now, jitter);
    }
}

/// One `apply`.
struct Job {
    begins_at: Duration,
    requests: usize,
    pace: Box<dyn Pace>,
    left: usize,
    under_way: usize,
    ended_at: Duration,
    /// The time of the next planned attempt to send.
    wakes_at: Option<Duration>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Try,
    Arrives { sent: usize },
    Answered { sent: usize, is_admitted: bool },
}

#[derive(Default)]
struct RequestCounts {
    requests: usize,
    throttled: usize,
}

struct Simulation {
    server: Server,
    jobs: Vec<Job>,
    events: BinaryHeap<Reverse<(Duration, usize, usize, Event)>>,
    tickets: Vec<Option<Ticket>>,
    random: Random,
    measured: RequestCounts,
}

impl Simulation {
    fn run(mut self) -> (Vec<Job>, RequestCounts) {
        for job in 0..self.jobs.len() {
            self.push(self.jobs[job].begins_at, job, Event::Try);
        }
        while let Some(Reverse((now, _, job, event))) = self.events.pop() {
            match event {
                Event::Try => self.jobs[job].wakes_at = None,
                Event::Arrives { sent } => {
                    self.measured.requests += 1;
                    let is_admitted = self.server.admits(now);
                    let at = now + self.random.seconds(0.05, 0.25);
                    self.push(at, job, Event::Answered { sent, is_admitted });
                    continue;
                }
                Event::Answered { sent, is_admitted } => {
                    self.on_answered(job, sent, is_admitted, now);
                }
            }
            self.send(job, now);
        }
        (self.jobs, self.measured)
    }

    fn push(&mut self, at: Duration, job: usize, event: Event) {
        let order = self.events.len() + self.tickets.len() * 1000 + self.measured.requests;
        self.events.push(Reverse((at, order, job, event)));
    }

    fn on_answered(&mut self, job: usize, sent: usize, is_admitted: bool, now: Duration) {
        let jitter = self.random.unit();
        let ticket = self.tickets[sent].take();
        let job = &mut self.jobs[job];
        job.under_way -= 1;
        if is_admitted {
            job.left -= 1;
            job.ended_at = now;
            job.pace.on_answered(ticket, now);
        } else {
            self.measured.throttled += 1;
            job.pace.on_throttled(ticket, now, jitter);
        }
    }

    /// Sends the requests that the strategy and the parallelism allow now.
    fn send(&mut self, index: usize, now: Duration) {
        loop {
            let job = &mut self.jobs[index];
            if job.under_way >= job.left.min(PARALLELISM) {
                return;
            }
            match job.pace.next(now) {
                Turn::Now => {}
                Turn::At(at) if job.wakes_at.is_none_or(|wakes_at| at < wakes_at) => {
                    job.wakes_at = Some(at);
                    return self.push(at, index, Event::Try);
                }
                Turn::At(_) | Turn::AfterAnswer => return,
            }
            let jitter = self.random.unit();
            let ticket = job.pace.on_sent(now, jitter);
            job.under_way += 1;
            self.tickets.push(ticket);
            let sent = self.tickets.len() - 1;
            let at = now + self.random.seconds(0.05, 0.15);
            self.push(at, index, Event::Arrives { sent });
        }
    }
}

/// A test case: when the jobs begin, and how many requests each job has.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    jobs: usize,
    /// The number of seconds within which all jobs begin.
    within: f64,
    /// The smallest and the largest number of requests of a job.
    requests: (f64, f64),
}

const CASES: [Case; 4] = [
    Case {
        name: "1 job of 1,000 requests",
        jobs: 1,
        within: 60.0,
        requests: (1000.0, 1000.0),
    },
    Case {
        name: "2 jobs of 500 at once",
        jobs: 2,
        within: 5.0,
        requests: (500.0, 500.0),
    },
    Case {
        name: "50 jobs of 5 to 100 in an hour",
        jobs: 50,
        within: 3600.0,
        requests: (5.0, 100.0),
    },
    Case {
        name: "50 jobs of 5 to 100 in a minute",
        jobs: 50,
        within: 60.0,
        requests: (5.0, 100.0),
    },
];

/// The results of one strategy in one case, over all seeds and both kinds of windows.
#[derive(Default, Clone, Copy)]
struct Figures {
    /// The percentage of requests that were throttled.
    throttled: f64,
    /// The time from the first to the last request, divided by the time that the limit
    /// requires.
    whole: f64,
    /// The mean duration of a job, in seconds.
    mean: f64,
    /// The fairness between jobs: Jain's index of their rates; 1 is equal.
    fairness: f64,
}

fn simulate(case: Case, pace: fn() -> Box<dyn Pace>) -> Figures {
    let mut sum = Figures::default();
    let countings = [Counting::FixedWindow, Counting::SlidingWindow];
    let runs = SEEDS * 2;
    for run in 0..runs {
        let mut random = Random::new(run / 2 + 1);
        let jobs = (0..case.jobs)
            .map(|_| {
                let (least, most) = case.requests;
                let requests = random.seconds(least, most).as_secs();
                let requests = usize::try_from(requests).unwrap();
                Job {
                    begins_at: random.seconds(0.0, case.within),
                    requests,
                    pace: pace(),
                    left: requests,
                    under_way: 0,
                    ended_at: Duration::ZERO,
                    wakes_at: None,
                }
            })
            .collect();
        let simulation = Simulation {
            server: Server::new(countings[usize::try_from(run % 2).unwrap()], LIMIT),
            jobs,
            events: BinaryHeap::new(),
            tickets: Vec::new(),
            random,
            measured: RequestCounts::default(),
        };
        let (jobs, measured) = simulation.run();
        let found = figures(&jobs, &measured);
        let share = f64::from(u32::try_from(runs).unwrap());
        sum.throttled += found.throttled / share;
        sum.whole += found.whole / share;
        sum.mean += found.mean / share;
        sum.fairness += found.fairness / share;
    }
    sum
}

fn figures(jobs: &[Job], measured: &RequestCounts) -> Figures {
    assert!(jobs.iter().all(|job| job.left == 0), "a job never ended");
    let begun = jobs.iter().map(|job| job.begins_at).min().unwrap();
    let ended = jobs.iter().map(|job| job.ended_at).max().unwrap();
    let all: usize = jobs.iter().map(|job| job.requests).sum();
    let minutes = u32::try_from((all - 1) / LIMIT).unwrap();
    // Jobs that begin within an hour need at least that hour.
    let last_begun = jobs.iter().map(|job| job.begins_at).max().unwrap();
    let last_begun = last_begun.saturating_sub(begun);
    let ideal = (WINDOW * minutes).max(last_begun).as_secs_f64().max(1.0);
    let took: Vec<f64> = jobs
        .iter()
        .map(|job| job.ended_at.saturating_sub(job.begins_at).as_secs_f64())
        .collect();
    let rates: Vec<f64> = jobs
        .iter()
        .zip(&took)
        .map(|(job, took)| number(job.requests) / took)
        .collect();
    let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
    let total: f64 = rates.iter().sum();
    Figures {
        throttled: 100.0 * number(measured.throttled) / number(measured.requests),
        whole: ended.saturating_sub(begun).as_secs_f64() / ideal,
        mean: took.iter().sum::<f64>() / number(jobs.len()),
        fairness: total * total / (number(jobs.len()) * squares),
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

fn budget() -> Box<dyn Pace> {
    Box::new(Budget::per_minute(100))
}

fn table() -> String {
    type Made = fn() -> Box<dyn Pace>;
    let paces: [(&str, Made); 3] = [
        ("back-off alone", || Box::new(BackOff::default())),
        ("even spacing and back-off", || Box::new(Even::default())),
        ("the budget", budget),
    ];
    let mut table = String::from(
        "| jobs behind one address | pacing | throttled per 100 requests | time for all, ideal = 1 | mean time of a job | fairness |\n\
         | --- | --- | ---: | ---: | ---: | ---: |\n",
    );
    for case in CASES {
        for (name, pace) in paces {
            let found = simulate(case, pace);
            let _ = writeln!(
                table,
                "| {} | {name} | {:.1} | {:.2} | {:.0} s | {:.2} |",
                case.name, found.throttled, found.whole, found.mean, found.fairness
            );
        }
    }
    table
}

#[test]
fn one_job_is_never_throttled_and_uses_the_limit() {
    let found = simulate(CASES[0], budget);
    assert!(found.throttled < f64::EPSILON, "{}", found.throttled);
    assert!(found.whole < 1.15, "{}", found.whole);
}

#[test]
fn the_budget_is_throttled_less_than_other_strategies() {
    for case in CASES {
        let ours = simulate(case, budget).throttled;
        let back_off = simulate(case, || Box::new(BackOff::default())).throttled;
        assert!(
            ours <= back_off * 0.7,
            "{}: {ours} of {back_off}",
            case.name
        );
    }
}

#[test]
fn the_results_equal_the_table_in_the_documentation() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = table();
    assert!(page.contains(&table), "docs/performance.md lacks\n{table}");
}
