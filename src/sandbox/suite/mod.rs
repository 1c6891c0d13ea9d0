//! The other resources of a suite: digital humans, custom metrics, schedules and agents.
//!
//! `record` is a stored resource of any kind, and `store` has all records; both are pure.
//! `tables` has the fields of requests, and `rules` the checks beyond types.
//! `digital_humans`, `metrics` and `schedules` have the endpoints of each kind; `page`
//! splits lists into pages, and `cron` compiles the schedule of a request to a cron
//! expression.
//!
//! Where the behaviour of the API is not documented, the sandbox does this:
//! - The `bluejay_as_code_id` of a new metric becomes its id.
//! - An explicit null in an update restores the default.
//! - Deleting a simulation deletes its schedules.
//! - Deleting a metric does not change the simulations that select the metric.
//! - The `window` of a schedule is not shown.

mod agents;
mod cron;
mod digital_humans;
mod metrics;
mod page;
mod record;
mod rules;
mod schedules;
mod store;
mod tables;

pub(super) use digital_humans::listed as listed_human;
pub(super) use record::{Record, RecordKind};
pub(super) use store::Records;

use axum::Router;

use super::service::App;

/// Returns the routes of all kinds.
pub(super) fn routes() -> Router<App> {
    agents::routes()
        .merge(digital_humans::routes())
        .merge(metrics::routes())
        .merge(schedules::routes())
}
