//! The endpoints of runs.

use axum::Router;
use axum::extract::{Extension, Path, Query, State as Shared};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::check;
use super::conversation::RunSetup;
use super::faults::Quirks;
use super::refusal::Refusal;
use super::service::{Answer, App, Body};
use super::state::Operation;

/// The largest number of conversations in one answer.
const MOST_RESULTS: usize = 100;

/// Returns the router of these endpoints.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/queue-simulation-run", post(queue))
        .route("/v1/retrieve-simulation-results/{run}", get(results))
        .route("/v1/retrieve-simulation-result/{result}", get(result))
        .route("/v1/get-simulation-runs/{id}", get(list))
}

/// Returns the router of the transcripts. Like the links of the API, these links need no
/// API key.
pub(super) fn transcripts() -> Router<App> {
    Router::new().route("/transcripts/{result}", get(transcript))
}

async fn queue(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Body(body): Body,
) -> Answer {
    let (id, chosen) = check::queue(&body)?;
    let simulation = service.read(id.ok_or(Refusal::NoSimulation)?)?;
    let casting = {
        let data = service.data();
        RunSetup::of(&simulation, data.state().records(), chosen.as_deref())
    };
    let now = Timestamp::now();
    let (record, run, results) = service.runs().queue(&simulation, casting, &quirks, now);
    service.data().commit(Operation::AddRun(Box::new(record)))?;
    let results: Vec<_> = results.iter().map(u64::to_string).collect();
    Ok(Json(json!({
        "simulation_run_id": run,
        "simulation_result_ids": results,
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
    headers: HeaderMap,
) -> Answer {
    let no_run = Refusal::Detail(StatusCode::NOT_FOUND, "Simulation run not found");
    let (simulation_id, shown, results) = service.runs().read(&run).ok_or(no_run)?;
    // The runs of a deleted simulation are not shown.
    service.read(simulation_id)?;
    let results = results.into_iter().skip(part.offset.unwrap_or(0));
    let results: Vec<_> = results
        .take(part.limit.unwrap_or(MOST_RESULTS).min(MOST_RESULTS))
        .map(|result| with_links(result, &headers))
        .collect();
    Ok(Json(json!({
        "simulation_run": shown,
        "simulation_results": results,
        "status": "200",
    })))
}

async fn result(
    Shared(service): Shared<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let no_result = Refusal::Detail(StatusCode::NOT_FOUND, "Test result not found");
    let found = id.parse().ok().and_then(|id| service.runs().result(id));
    let (simulation_id, result) = found.ok_or(no_result)?;
    service.read(simulation_id)?;
    Ok(Json(json!({
        "simulation_result": with_links(result, &headers),
        "status": "200",
    })))
}

async fn transcript(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let no_transcript = Refusal::Detail(StatusCode::NOT_FOUND, "Transcript not found");
    let found = id.parse().ok().and_then(|id| service.runs().transcript(id));
    let (simulation_id, turns) = found.ok_or(no_transcript)?;
    service.read(simulation_id)?;
    Ok(Json(turns.into()))
}

/// Returns a result whose link to its transcript begins with the address of the request.
fn with_links(mut result: Value, headers: &HeaderMap) -> Value {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if let (Some(host), Some(path)) = (host, result["transcript_url"].as_str()) {
        result["transcript_url"] = format!("http://{host}{path}").into();
    }
    result
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
