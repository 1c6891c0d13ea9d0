//! The endpoints of custom metrics, under their new and their old names.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{get, post, put};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::page::PageQuery;
use super::record::{Record, RecordKind};
use super::{rules, tables};
use crate::sandbox::check::fields_of;
use crate::sandbox::coerce::Kind;
use crate::sandbox::data::Data;
use crate::sandbox::faults::Quirks;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::{Answer, App, Body};
use crate::sandbox::state::Operation;

const KIND: RecordKind = RecordKind::CustomMetric;

const NOT_FOUND: Refusal = Refusal::Detail(StatusCode::NOT_FOUND, "Custom metric not found");

/// The fields that a patch of several metrics may have.
const BULK_FIELDS: [&str; 9] = [
    "tags",
    "agent_ids",
    "eval_modality",
    "eval_segment",
    "scope",
    "model",
    "audio_model",
    "temperature",
    "allow_not_applicable",
];

pub(super) fn routes() -> Router<App> {
    let mut router = Router::new().route("/v1/custom-metrics-by-agent/{id}", get(list_by_agent));
    for name in ["metric", "custom-metric"] {
        router = router
            .route(&format!("/v1/create-{name}"), post(create))
            .route(&format!("/v1/create-{name}s"), post(create_many))
            .route(&format!("/v1/{name}/{{id}}"), get(read).delete(delete_one))
            .route(&format!("/v1/{name}s"), get(list))
            .route(&format!("/v1/update-{name}/{{id}}"), put(update))
            .route(&format!("/v1/update-{name}s"), put(update_many))
            .route(&format!("/v1/delete-{name}s"), post(delete_many));
    }
    router
}

fn api_form(record: &Record) -> Value {
    let mut shown = record.shown(record.id.as_str().into(), &[]);
    for (older, newer) in [("description", "prompt"), ("eval_route", "eval_modality")] {
        shown.insert(older.to_owned(), record.get(newer).clone());
    }
    shown.insert("bluejay_as_code_id".to_owned(), record.id.as_str().into());
    shown.into()
}

/// Renames a field with two names to its newer name.
fn with_new_names(mut given: Map<String, Value>) -> Map<String, Value> {
    for (older, newer) in [("description", "prompt"), ("eval_route", "eval_modality")] {
        if let Some(value) = given.remove(older) {
            given.entry(newer).or_insert(value);
        }
    }
    if let Some(agent) = given.remove("agent_id").filter(|agent| !agent.is_null()) {
        given.entry("agent_ids").or_insert_with(|| json!([agent]));
    }
    given
}

fn new_record(data: &Data, body: &Value, ahead: u64) -> Result<Record, Refusal> {
    let tables = [tables::METRIC, tables::METRIC_CREATE];
    let mut given = with_new_names(fields_of(body, tables::METRIC_REQUIRED, &tables)?);
    let chosen = given.remove("bluejay_as_code_id");
    let chosen = chosen.as_ref().and_then(Value::as_str);
    let records = data.state().records();
    if chosen.is_some_and(|id| records.get(KIND, id).is_some()) {
        return Err(Refusal::Detail(
            StatusCode::CONFLICT,
            "A custom metric with this id exists already",
        ));
    }
    let defaults = tables::metric_defaults();
    let mut record = records.created(KIND, ahead, chosen, defaults.clone(), Timestamp::now());
    record.change(&given, &defaults);
    rules::metric(&record.fields)?;
    Ok(record)
}

async fn create(Shared(service): Shared<App>, Body(body): Body) -> Answer {
    let mut data = service.data();
    let record = new_record(&data, &body, 0)?;
    data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    Ok(Json(api_form(&record)))
}

/// Creates all metrics, or none.
async fn create_many(Shared(service): Shared<App>, Body(body): Body) -> Answer {
    let Some(items) = body.get("metrics").and_then(Value::as_array) else {
        return Err(Refusal::missing("metrics", &body));
    };
    let mut data = service.data();
    let records = (0..)
        .zip(items)
        .map(|(ahead, item)| new_record(&data, item, ahead));
    let records: Vec<_> = records.collect::<Result<_, _>>()?;
    for record in &records {
        data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    }
    let rows: Vec<_> = records.iter().map(api_form).collect();
    Ok(Json(json!({ "metrics": rows })))
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

/// Lists the metrics of an agent, or all metrics.
fn listed(service: &App, quirks: &Quirks, agent: Option<&str>) -> Vec<Arc<Record>> {
    let mut records = {
        let data = service.data();
        data.state()
            .records()
            .list(KIND, quirks.lag, Timestamp::now())
    };
    if let Some(agent) = agent {
        let agent = agent.trim().parse::<i64>().ok();
        records.retain(|record| {
            let agents = record.get("agent_ids").as_array();
            agents.is_some_and(|ids| ids.iter().any(|id| id.as_i64() == agent))
        });
    }
    records.reverse();
    records
}

async fn list(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let page = query.page(50, 100)?;
    let records = listed(&service, &quirks, query.agent_id.as_deref());
    let (total, pages) = (records.len(), page.count(records.len()));
    let rows: Vec<_> = page
        .of(records)
        .iter()
        .map(|record| api_form(record))
        .collect();
    Ok(Json(json!({
        "items_in_page": rows.len(),
        "metrics": rows,
        "total_count": total,
        "page": page.number,
        "page_size": page.size,
        "total_pages": pages,
    })))
}

async fn list_by_agent(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(agent): Path<String>,
) -> Answer {
    let records = listed(&service, &quirks, Some(&agent));
    let rows: Vec<_> = records.iter().map(|record| api_form(record)).collect();
    let count = rows.len();
    Ok(Json(json!({
        "metrics": rows,
        "total_count": count,
        "page": 1,
        "page_size": count,
        "items_in_page": count,
        "total_pages": 1,
    })))
}

fn update_record(data: &mut Data, id: &str, given: &Map<String, Value>) -> Result<Record, Refusal> {
    let mut record = Record::clone(&*find(data, id)?);
    record.change(given, &tables::metric_defaults());
    rules::metric(&record.fields)?;
    data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    Ok(record)
}

async fn update(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Answer {
    let given = fields_of(&body, &[], &[tables::METRIC_REQUIRED, tables::METRIC])?;
    let given = quirks.apply_to_update(with_new_names(given));
    Ok(Json(api_form(&update_record(
        &mut service.data(),
        &id,
        &given,
    )?)))
}

/// Applies one patch to several metrics.
async fn update_many(Shared(service): Shared<App>, Body(body): Body) -> Answer {
    let ids = fields_of(&body, &[("metric_ids", Kind::Texts)], &[])?;
    let mut given = with_new_names(fields_of(&body["updates"], &[], &[tables::METRIC])?);
    given.retain(|name, _| BULK_FIELDS.contains(&name.as_str()));
    let mut data = service.data();
    let ids = ids["metric_ids"].as_array().cloned().unwrap_or_default();
    let ids = ids.iter().filter_map(Value::as_str);
    let records = ids.map(|id| update_record(&mut data, id, &given));
    let records: Vec<_> = records.collect::<Result<_, _>>()?;
    let rows: Vec<_> = records.iter().map(api_form).collect();
    Ok(Json(json!({ "metrics": rows })))
}

async fn delete_one(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let mut data = service.data();
    let record = find(&data, &id)?;
    data.commit(Operation::DeleteRecord(KIND, id))?;
    Ok(Json(api_form(&record)))
}

/// Deletes all of these metrics, or none.
async fn delete_many(Shared(service): Shared<App>, Body(body): Body) -> Answer {
    let given = fields_of(&body, &[("custom_metric_ids", Kind::Texts)], &[])?;
    let ids = given["custom_metric_ids"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let ids: Vec<_> = ids.iter().filter_map(Value::as_str).collect();
    let mut data = service.data();
    for id in &ids {
        find(&data, id)?;
    }
    for id in &ids {
        data.commit(Operation::DeleteRecord(KIND, (*id).to_owned()))?;
    }
    Ok(Json(
        json!({ "deleted_count": ids.len(), "deleted_metric_ids": ids }),
    ))
}
