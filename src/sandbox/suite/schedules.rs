//! The endpoints of schedules.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, State as Shared};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{delete, get, post, put};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::cron;
use super::record::{Record, RecordKind};
use super::tables;
use crate::sandbox::check::fields_of;
use crate::sandbox::data::Data;
use crate::sandbox::faults::Quirks;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::{Answer, App, Body};
use crate::sandbox::state::Operation;

const KIND: RecordKind = RecordKind::Schedule;

const NOT_FOUND: Refusal = Refusal::Detail(StatusCode::NOT_FOUND, "Schedule not found");

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/create-schedule", post(create))
        .route("/v1/schedules", get(list))
        .route("/v1/schedule/{id}", get(read))
        .route("/v1/update-schedule/{id}", put(update))
        .route("/v1/delete-schedule/{id}", delete(delete_one))
}

fn api_form(record: &Record) -> Value {
    record.shown(record.id.as_str().into(), &[]).into()
}

/// Returns the stored form of checked fields: the cron expression in place of the
/// schedule.
fn with_cron(mut given: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let wrong = |sentence| Refusal::Detail(StatusCode::BAD_REQUEST, sentence);
    if let Some(schedule) = given.remove("schedule").filter(|value| !value.is_null()) {
        let expression = cron::compile(&schedule).map_err(wrong)?;
        given.insert("cron_expression".to_owned(), expression.into());
    }
    if let Some(name) = given.get("timezone").and_then(Value::as_str)
        && TimeZone::get(name).is_err()
    {
        return Err(wrong("timezone must be an IANA time zone"));
    }
    Ok(given)
}

async fn create(Shared(service): Shared<App>, Body(body): Body) -> Answer {
    let tables = [tables::SCHEDULE_OPTIONAL];
    let given = with_cron(fields_of(&body, tables::SCHEDULE_REQUIRED, &tables)?)?;
    let mut data = service.data();
    let id = given["simulation_id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    id.and_then(|id| data.state().get(id))
        .ok_or(Refusal::NoSimulation)?;
    let defaults = defaults();
    let records = data.state().records();
    let mut record = records.created(KIND, 0, None, defaults.clone(), Timestamp::now());
    record.change(&given, &defaults);
    data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    let mut answer = api_form(&record);
    if let Value::Object(answer) = &mut answer {
        answer.retain(|name, _| !["created_at", "timezone"].contains(&name.as_str()));
    }
    Ok(Json(answer))
}

fn defaults() -> Map<String, Value> {
    let fields = json!({ "enabled": true, "timezone": null });
    fields.as_object().cloned().unwrap_or_default()
}

async fn list(Shared(service): Shared<App>, Extension(quirks): Extension<Quirks>) -> Answer {
    let records = {
        let data = service.data();
        data.state()
            .records()
            .list(KIND, quirks.lag, Timestamp::now())
    };
    let rows: Vec<_> = records.iter().map(|record| api_form(record)).collect();
    Ok(Json(json!({ "schedules": rows })))
}

fn find(data: &Data, id: &str) -> Result<Arc<Record>, Refusal> {
    data.state()
        .records()
        .get(KIND, id)
        .cloned()
        .ok_or(NOT_FOUND)
}

async fn read(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    Ok(Json(api_form(&*find(&service.data(), &id)?)))
}

async fn update(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Answer {
    let given = with_cron(fields_of(&body, &[], &[tables::SCHEDULE_UPDATE])?)?;
    let mut data = service.data();
    let mut record = Record::clone(&*find(&data, &id)?);
    record.change(&quirks.apply_to_update(given), &defaults());
    data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    Ok(Json(api_form(&record)))
}

async fn delete_one(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let mut data = service.data();
    find(&data, &id)?;
    data.commit(Operation::DeleteRecord(KIND, id))?;
    Ok(Json(json!({
        "status": "success",
        "message": "Schedule deleted successfully",
    })))
}
