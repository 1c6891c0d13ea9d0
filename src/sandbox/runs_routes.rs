//! The endpoints of runs.

use axum::Router;
use axum::extract::{Extension, Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::check;
use super::conversation::RunSetup;
use super::faults::Quirks;
use super::refusal::Refusal;
use super::service::{Answer, App, Body};

/// The largest number of conversations in one answer.
const MOST_RESULTS: usize = 100;

/// Returns the router of these endpoints.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/queue-simulation-run", post(queue))
        .route("/v1/retrieve-simulation-results/{run}", get(results))
        .route("/v1/get-simulation-runs/{id}", get(list))
}

async fn queue(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Body(body): Body,
) -> Answer {
    let id = check::queue(&body)?.ok_or(Refusal::NoSimulation)?;
    let simulation = service.read(id)?;
    let casting = RunSetup::of(&simulation, service.data().state().records());
    let now = Timestamp::now();
    let run = service.runs().queue(&simulation, casting, &quirks, now);
    Ok(Json(json!({
        "simulation_run_id": run,
        "simulation_result_ids": [],
        "agent_id": simulation.read()["agent_id"],
        "status": "200",
    })))
}

/// The requested part of the conversations.
#[derive(Debug, Deserialize)]
struct Part {
    limit: Option<usize>,
    offset: Option<usize>,
}

async fn results(
    Shared(service): Shared<App>,
    Path(run): Path<String>,
    Query(part): Query<Part>,
) -> Answer {
    let no_run = Refusal::Detail(StatusCode::NOT_FOUND, "Simulation run not found");
    let (simulation_id, shown, results) = service.runs().read(&run).ok_or(no_run)?;
    // The runs of a deleted simulation are not shown.
    service.read(simulation_id)?;
    let results = results.into_iter().skip(part.offset.unwrap_or(0));
    let results: Vec<_> = results
        .take(part.limit.unwrap_or(MOST_RESULTS).min(MOST_RESULTS))
        .collect();
    Ok(Json(json!({
        "simulation_run": shown,
        "simulation_results": results,
        "status": "200",
    })))
}

async fn list(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(id): Path<String>,
) -> Answer {
    let simulation = service.read(check::path_id(&id)?)?;
    let runs = service
        .runs()
        .list(simulation.id, quirks.lag, Timestamp::now());
    Ok(Json(json!({ "simulation_runs": runs })))
}
