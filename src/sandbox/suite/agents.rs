//! The endpoints of agents. The sandbox has three agents, which never change. The API shows
//! passwords of agents, so these agents have passwords too.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::get;
use serde_json::{Value, json};

use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::{Answer, App};

/// The agents: id, external id, name.
const AGENTS: [(u64, &str, &str); 3] = [
    (4201, "clinic", "Clinic front desk"),
    (4202, "retailer", "Retailer support line"),
    (4203, "law-firm", "Law firm intake"),
];

const NOT_FOUND: Refusal = Refusal::Detail(StatusCode::NOT_FOUND, "Agent not found");

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/all-agents", get(list))
        .route(
            "/v1/agent-by-external-id/{external_id}",
            get(by_external_id),
        )
        .route("/v1/agents/{id}", get(read))
}

fn api_form((id, external_id, name): (u64, &str, &str)) -> Value {
    json!({
        "id": id,
        "external_agent_id": external_id,
        "name": name,
        "agent_description": "",
        "knowledge_base": "",
        "organization_id": "sandbox",
        "mode": "INBOUND",
        "type": "VOICE",
        "websocket_username": "sandbox",
        "websocket_password": "hunter2-of-the-sandbox",
        "sip_password": "hunter2-of-the-sandbox",
    })
}

async fn list() -> Json<Value> {
    Json(AGENTS.map(api_form).to_vec().into())
}

async fn by_external_id(Path(external_id): Path<String>) -> Answer {
    let found = AGENTS
        .into_iter()
        .find(|(_, known, _)| *known == external_id);
    Ok(Json(api_form(found.ok_or(NOT_FOUND)?)))
}

async fn read(Path(id): Path<String>) -> Answer {
    let found = AGENTS
        .into_iter()
        .find(|(known, _, _)| known.to_string() == id);
    Ok(Json(api_form(found.ok_or(NOT_FOUND)?)))
}
