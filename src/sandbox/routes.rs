//! The endpoints of the API, without faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::check;
use super::faults::Quirks;
use super::refusal::Refusal;
use super::runs_routes;
use super::service::{Answer, App, Body};
use super::state::Operation;
use super::suite;

/// Returns the router of all endpoints.
pub(super) fn router(service: App) -> Router {
    Router::new()
        .route("/v1/create-simulation", post(create))
        .route("/v1/get-all-simulations", get(list_all))
        .route(
            "/v1/get-simulations-by-agent/{agent_id}",
            get(list_by_agent),
        )
        .route("/v1/simulation/{id}", get(read).put(update).delete(delete))
        .route("/v1/simulation/{id}/add-digital-humans", post(add_humans))
        .route(
            "/v1/simulation/{id}/remove-digital-humans",
            post(remove_humans),
        )
        .route("/v1/digital-humans-by-simulation/{id}", get(list_humans))
        .route("/v1/integrations", get(integrations))
        .merge(runs_routes::routes())
        .merge(suite::routes())
        .route_layer(from_fn_with_state(Arc::clone(&service), check_key))
        .merge(runs_routes::transcripts())
        .method_not_allowed_fallback(async || {
            Refusal::Detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .fallback(async || Refusal::Detail(StatusCode::NOT_FOUND, "Not Found"))
        .with_state(service)
}

async fn check_key(Shared(service): Shared<App>, request: Request, next: Next) -> Response {
    let refuse = |detail| Refusal::Detail(StatusCode::UNAUTHORIZED, detail).into_response();
    let given = match request.headers().get("X-API-Key") {
        Some(given) if !given.is_empty() => given.as_bytes(),
        _ => return refuse("Missing X-API-Key header"),
    };
    match &service.key {
        Some(key) if key.as_bytes() != given => refuse("Invalid API key"),
        _ => next.run(request).await,
    }
}

async fn create(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Body(body): Body,
) -> Answer {
    let fields = check::create(&body)?;
    if check::has_two_versions(&fields) {
        return Err(Refusal::TWO_VERSIONS);
    }
    let fields = quirks.apply_to_create(fields);
    let mut data = service.data();
    let simulation = data.state().created(&fields, Timestamp::now());
    let id = simulation.id;
    data.commit(Operation::Put(Box::new(simulation)))?;
    Ok(Json(json!({ "simulation_id": id, "status": "200" })))
}

async fn read(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    Ok(Json(service.read(check::path_id(&id)?)?.read()))
}

async fn list_all(Shared(service): Shared<App>, Extension(quirks): Extension<Quirks>) -> Response {
    service.list(None, quirks)
}

async fn list_by_agent(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(agent_id): Path<String>,
) -> Response {
    service.list(Some(&agent_id), quirks)
}

async fn update(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Answer {
    let id = check::path_id(&id)?;
    let fields = check::update(&body)?;
    if check::has_two_versions(&fields) {
        return Err(Refusal::TWO_VERSIONS);
    }
    let fields = quirks.apply_to_update(fields);
    let simulation = service.change(id, |simulation| simulation.change(&fields))?;
    Ok(Json(simulation.read()))
}

async fn delete(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let id = check::path_id(&id)?;
    let mut data = service.data();
    data.state().get(id).ok_or(Refusal::NoSimulation)?;
    data.commit(Operation::Delete(id))?;
    Ok(Json(json!({
        "message": "Simulation deleted successfully",
        "deleted_simulation_id": id,
    })))
}

async fn add_humans(
    Shared(service): Shared<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Answer {
    let ids = check::digital_humans(&body)?;
    service.change(check::path_id(&id)?, |simulation| {
        simulation.digital_humans.extend(&ids);
    })?;
    let message = "Digital humans added to simulation successfully";
    Ok(Json(json!({ "message": message })))
}

async fn remove_humans(
    Shared(service): Shared<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Answer {
    let ids = check::digital_humans(&body)?;
    service.change(check::path_id(&id)?, |simulation| {
        simulation
            .digital_humans
            .retain(|human| !ids.contains(human));
    })?;
    let message = "Digital humans removed from simulation successfully";
    Ok(Json(json!({ "message": message })))
}

async fn list_humans(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let data = service.data();
    let id = check::path_id(&id)?;
    let simulation = data.state().get(id).ok_or(Refusal::NoSimulation)?;
    let records = data.state().records();
    Ok(Json(
        simulation.humans(|human| suite::listed_human(records, human)),
    ))
}

/// Answers the organisation of the account. One sandbox is one organisation.
async fn integrations() -> Json<Value> {
    Json(json!({ "organization_id": "sandbox", "integrations": [] }))
}
