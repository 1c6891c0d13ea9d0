//! Sends the request of a call, repeatedly if the effect of the call allows.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use serde_json::Value;
use tokio::time::Instant;

use super::attempt::{Attempt, Failure};
use super::body;
use super::call::{Answer, Call, Effect};
use super::client::Client;
use super::clock::retry_after;
use super::error::ApiError;
use super::limiter::{GaveUp, LONGEST_ASKED, Throttle};
use super::notice::Notice;
use super::pacer::PacedRequest;
use super::status::{self, Verdict};

/// The number of retries of a failed read, update or delete.
const RETRIES: usize = 4;

/// The places of a request in the budgets of its call, the smallest budget first; empty
/// without a limit.
type Places<'a> = Vec<PacedRequest<'a>>;

/// The answer to a call.
pub(super) struct Answered<T> {
    pub value: T,
    /// Whether an earlier attempt was lost, which may have been executed.
    pub was_lost: bool,
}

/// The next step after an attempt.
enum Next<T> {
    Done(T),
    Throttled,
    /// Wait at least for the pause that the server asked for, and send the request again.
    Retry(Failure, Option<Duration>),
    Fail(Failure),
}

impl Client {
    /// Sends a call, and parses its answer with `read`. The error of `read` describes the
    /// mistake in the answer.
    ///
    /// A throttled call is repeated after a wait, and so is a call without a connection. A
    /// repeatable call is also repeated if the server failed or if the answer can't be
    /// read.
    pub(super) async fn call<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let answered = self.call_known(call, read).await?;
        Ok(answered.value)
    }

    /// Sends a call, like [`Self::call`], and returns whether an earlier attempt was lost.
    pub(super) async fn call_known<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Answered<T>, Failure> {
        self.traffic().begin();
        let outcome = self.call_repeatedly(call, read).await;
        self.traffic().end();
        let is_sure = outcome.is_ok();
        let may_be_done = outcome
            .as_ref()
            .err()
            .is_none_or(|failure| failure.may_be_done);
        if may_be_done && !matches!(call.effect, Effect::Read) {
            self.record_change(is_sure);
        }
        outcome
    }

    async fn call_repeatedly<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Answered<T>, Failure> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(250))
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(RETRIES)
            .with_jitter()
            .build();
        let began = Instant::now();
        let mut attempt = 0_u32;
        let mut may_be_done = false;
        loop {
            attempt += 1;
            let (mut failure, asked) = match self.attempt(call, attempt, &read).await {
                Next::Done(value) => {
                    let was_lost = may_be_done;
                    return Ok(Answered { value, was_lost });
                }
                Next::Fail(failure) => return Err(failure.after(may_be_done)),
                Next::Throttled => continue,
                Next::Retry(failure, asked) => (failure, asked),
            };
            failure = failure.after(may_be_done);
            may_be_done = failure.may_be_done;
            let Some(pause) = pauses.next() else {
                return Err(self.out_of_retries(failure));
            };
            let pause = pause.max(asked.unwrap_or_default());
            let waited = began.elapsed();
            if waited.saturating_add(pause) > LONGEST_ASKED {
                let error = throttling_error(GaveUp { waited, asked });
                return Err(Failure { error, ..failure });
            }
            let reason = failure.error.to_string();
            self.notify(Notice::Retried { reason, pause });
            self.unless_stopped(tokio::time::sleep(pause))
                .await
                .map_err(|_| failure)?;
        }
    }

    /// Returns the failure. If no connection can be opened, no other call can succeed
    /// either.
    fn out_of_retries(&self, failure: Failure) -> Failure {
        if matches!(failure.error, ApiError::Unreachable { .. }) && !self.auth().is_proven() {
            self.auth().refuse(&failure.error);
        }
        failure
    }

    async fn attempt<T>(
        &self,
        call: &Call<'_>,
        attempt: u32,
        read: &impl Fn(&Value) -> Result<T, String>,
    ) -> Next<T> {
        let entered = match self.unless_stopped(self.auth().enter()).await {
            Ok(Ok(guard)) => guard,
            Ok(Err(error)) | Err(error) => return Next::Fail(Failure::not_done(error)),
        };
        let permit = match self.unless_stopped(self.limiter().acquire()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(gave_up)) => return Next::Fail(Failure::not_done(throttling_error(gave_up))),
            Err(error) => return Next::Fail(Failure::not_done(error)),
        };
        // Another call may have failed in the meantime with an error that concerns every
        // call.
        if let Some(error) = self.auth().refusal() {
            return Next::Fail(Failure::not_done(error));
        }
        let paced = match self.unless_stopped(self.turn(call)).await {
            Ok(paced) => paced,
            Err(error) => return Next::Fail(Failure::not_done(error)),
        };
        if let Some(before_sending) = call.effect.before_sending()
            && let Err(reason) = before_sending().await
        {
            return Next::Fail(Failure::not_done(ApiError::NotReady { reason }));
        }
        let sent_at = Instant::now();
        let outcome = self.send(call).await;
        self.log(call, attempt, sent_at, &outcome);
        // After a success, the call that waits for the place sends first, and the answer is
        // parsed meanwhile. A failure may prevent that call.
        let held = if outcome.is_success() {
            drop(permit);
            tokio::task::yield_now().await;
            None
        } else {
            Some(permit)
        };
        let next = self.next(call, (sent_at, paced), outcome, read).await;
        drop((held, entered));
        next
    }

    /// Waits for the request budgets of a call.
    async fn turn(&self, call: &Call<'_>) -> Places<'_> {
        let mut turn = Places::new();
        // The smaller budget comes first: a request that waits for it occupies no place of
        // the larger budget.
        for pacer in self.pacers(call).into_iter().flatten() {
            let (rate, what) = (pacer.rate(), pacer.what());
            let waits = |pause| self.notify(Notice::Paced { rate, what, pause });
            turn.push(pacer.turn(waits).await);
        }
        turn
    }

    async fn send(&self, call: &Call<'_>) -> Attempt {
        self.count_request();
        let url = self.target().join(&call.path);
        let mut request = self
            .http()
            .request(call.method.clone(), url)
            .header("X-API-Key", self.key().header());
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        match request.send().await {
            Ok(response) => {
                self.clock().record(response.headers());
                Attempt::Answered {
                    status: response.status(),
                    headers: response.headers().clone(),
                    body: body::read(response, call.answer).await,
                }
            }
            Err(error) => Attempt::failed(&error),
        }
    }

    async fn next<T>(
        &self,
        call: &Call<'_>,
        sent: (Instant, Places<'_>),
        attempt: Attempt,
        read: &impl Fn(&Value) -> Result<T, String>,
    ) -> Next<T> {
        let (status, headers, body) = match attempt {
            Attempt::NotSent(error) if error.concerns_every_call() => return self.not_done(error),
            Attempt::NotSent(error) => return Next::Retry(Failure::not_done(error), None),
            Attempt::Lost(reason) => {
                return retry_or_fail(call, ApiError::Lost { reason }, None);
            }
            Attempt::Answered {
                status,
                headers,
                body,
            } => (status, headers, body),
        };
        if status.is_success() {
            return match self.read_answer(call, body, read).await {
                Ok(value) => Next::Done(value),
                Err(error) if error.is_answer_unusable() => Next::Fail(Failure::unknown(error)),
                Err(error) => retry_or_fail(call, error, None),
            };
        }
        let asked = retry_after(&headers, SystemTime::now());
        let mut details = self.error_details(&body.unwrap_or_default());
        if call.answer == Answer::Agents {
            details.hide_texts();
        }
        match status::verdict(status, self.auth().is_proven(), details) {
            Verdict::Throttled => self.on_throttled(status.as_u16(), sent, asked),
            Verdict::NotDone(error) => self.not_done(error),
            Verdict::Unknown(error) => Next::Fail(Failure::unknown(error)),
            Verdict::Failed(error) => {
                if asked.is_some() && !call.effect.is_repeatable() {
                    // This request is not repeated, but the requests that look for its
                    // effect wait as the server asked.
                    let _: Next<T> = self.on_throttled(status.as_u16(), sent, asked);
                }
                retry_or_fail(call, error, asked)
            }
        }
    }

    /// Ends a call. If the cause concerns every call, all later calls end too.
    fn not_done<T>(&self, error: ApiError) -> Next<T> {
        if error.concerns_every_call() {
            self.auth().refuse(&error);
        }
        Next::Fail(Failure::not_done(error))
    }

    fn on_throttled<T>(
        &self,
        status: u16,
        (sent_at, turn): (Instant, Places<'_>),
        asked: Option<Duration>,
    ) -> Next<T> {
        // The smallest budget of the call counts as the exceeded budget.
        let mut turn = turn.into_iter();
        let asked = match turn.next() {
            Some(paced) => Some(paced.on_throttled(asked)),
            None => asked,
        };
        turn.for_each(PacedRequest::on_refused);
        match self.limiter().on_throttled(sent_at, asked) {
            Throttle::Wait { pause, is_new } => {
                if is_new {
                    self.notify(Notice::Throttled { status, pause });
                }
                Next::Throttled
            }
            Throttle::GiveUp(gave_up) => Next::Fail(Failure::not_done(throttling_error(gave_up))),
        }
    }
}

fn throttling_error(gave_up: GaveUp) -> ApiError {
    let GaveUp { waited, asked } = gave_up;
    ApiError::Throttled { waited, asked }
}

fn retry_or_fail<T>(call: &Call<'_>, error: ApiError, asked: Option<Duration>) -> Next<T> {
    let failure = Failure::unknown(error);
    if call.effect.is_repeatable() {
        Next::Retry(failure, asked)
    } else {
        Next::Fail(failure)
    }
}
