//! The endpoints of digital humans.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{delete, get, post, put};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page::PageQuery;
use super::record::{Record, RecordKind};
use super::store::Records;
use super::{rules, tables};
use crate::sandbox::check::{self, fields_of};
use crate::sandbox::coerce::Problem;
use crate::sandbox::data::Data;
use crate::sandbox::faults::Quirks;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::{Answer, App, Body};
use crate::sandbox::state::Operation;

const KIND: RecordKind = RecordKind::DigitalHuman;

/// The largest number of digital humans in one request.
const BULK: usize = 100;

const NOT_FOUND: Refusal = Refusal::Detail(StatusCode::NOT_FOUND, "Digital human not found");

/// The answer of the API to some concurrent batches.
const DEADLOCK: Refusal = Refusal::Detail(StatusCode::INTERNAL_SERVER_ERROR, "deadlock detected");

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/create-digital-human", post(create))
        .route("/v1/create-digital-humans", post(create_many))
        .route("/v1/digital-humans", get(list))
        .route("/v1/digital-human-by-test-name/{title}", get(by_test_name))
        .route("/v1/bluejay-as-code/digital-human/{uuid}", get(by_uuid))
        .route("/v1/digital-human/{id}", get(read).delete(delete_one))
        .route("/v1/update-digital-human/{id}", put(update))
        .route("/v1/update-digital-humans", put(update_many))
        .route("/v1/delete-digital-humans", delete(delete_many))
}

/// Returns a digital human in the form of the API.
fn api_form(record: &Record) -> Map<String, Value> {
    let id = record.id.parse::<u64>().map_or(Value::Null, Value::from);
    let mut shown = record.shown(id, &tables::DIGITAL_HUMAN_HIDDEN);
    shown.insert("websocket_url".to_owned(), Value::Null);
    shown
}

/// Returns a digital human in the form of a simulation's list, which lacks some fields.
pub(in crate::sandbox) fn listed(records: &Records, id: i64) -> Option<Value> {
    let mut shown = api_form(records.get(KIND, &id.to_string())?);
    for lacking in ["traits", "test_name"] {
        shown.remove(lacking);
    }
    Some(shown.into())
}

/// Returns the answer for a digital human, with its linked simulations.
fn answer(data: &Data, record: &Record) -> Value {
    let linked = linked_to(data, record);
    let first = linked.first().copied();
    json!({
        "digital_human": api_form(record),
        "simulation_ids": linked,
        "simulation_id": first,
    })
}

fn linked_to(data: &Data, record: &Record) -> Vec<u64> {
    let Ok(id) = record.id.parse::<i64>() else {
        return Vec::new();
    };
    let simulations = data.state().list_all();
    simulations
        .filter(|simulation| simulation.digital_humans.contains(&id))
        .map(|simulation| simulation.id)
        .collect()
}

/// Returns the record that a create stores.
fn new_record(data: &Data, body: &Value, ahead: u64) -> Result<Record, Refusal> {
    let tables = [tables::DIGITAL_HUMAN, tables::DIGITAL_HUMAN_CREATE];
    let given = fields_of(body, &[], &tables)?;
    let defaults = tables::digital_human_defaults();
    let records = data.state().records();
    let mut record = records.created(KIND, ahead, None, defaults.clone(), Timestamp::now());
    record.change(&given, &defaults);
    rules::digital_human(&record.fields)?;
    add_journey_tag(&mut record);
    Ok(record)
}

/// Adds the tag with which the server marks journeys.
fn add_journey_tag(record: &mut Record) {
    let has_steps = record
        .get("journey_steps")
        .as_array()
        .is_some_and(|steps| !steps.is_empty());
    if !has_steps {
        return;
    }
    let tags = record.fields.entry("tags").or_insert(Value::Null);
    let mut list = tags.as_array().cloned().unwrap_or_default();
    let journey = json!("Customer Journey");
    if !list.contains(&journey) {
        list.push(journey);
    }
    *tags = list.into();
}

/// Returns the simulations that a request names. All of them must exist.
fn named_simulations(data: &Data, body: &Value) -> Result<Vec<u64>, Refusal> {
    let table = [("simulation_ids", crate::sandbox::coerce::Kind::Integers)];
    let single = [(
        "simulation_id",
        crate::sandbox::coerce::Kind::Integer(crate::sandbox::coerce::ANY),
    )];
    let given = fields_of(body, &[], &[&table, &single])?;
    let many = given.get("simulation_ids").and_then(Value::as_array);
    let ids = many.into_iter().flatten().chain(given.get("simulation_id"));
    let ids: Vec<u64> = ids.filter_map(Value::as_u64).collect();
    if ids.iter().all(|id| data.state().get(*id).is_some()) {
        Ok(ids)
    } else {
        Err(Refusal::NoSimulation)
    }
}

/// Links a digital human to these simulations, in addition to its links or in their
/// place.
fn link(data: &mut Data, id: i64, simulations: &[u64], is_exclusive: bool) -> Result<(), Refusal> {
    let all: Vec<_> = data.state().list_all().cloned().collect();
    for mut simulation in all {
        let is_wanted = simulations.contains(&simulation.id);
        let changed = if is_wanted {
            simulation.digital_humans.insert(id)
        } else {
            is_exclusive && simulation.digital_humans.remove(&id)
        };
        if changed {
            data.commit(Operation::Put(Box::new(simulation)))?;
        }
    }
    Ok(())
}

fn store(data: &mut Data, record: &Record, simulations: &[u64]) -> Result<(), Refusal> {
    data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    match record.id.parse() {
        Ok(id) if !simulations.is_empty() => link(data, id, simulations, false),
        _ => Ok(()),
    }
}

async fn create(Shared(service): Shared<App>, Body(body): Body) -> Answer {
    let Some(human) = body.get("digital_human") else {
        return Err(Refusal::missing("digital_human", &body));
    };
    let mut data = service.data();
    let simulations = named_simulations(&data, &body)?;
    let record = new_record(&data, human, 0).map_err(|refusal| refusal.below("digital_human"))?;
    store(&mut data, &record, &simulations)?;
    Ok(Json(answer(&data, &record)))
}

async fn create_many(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Body(body): Body,
) -> Answer {
    let humans = bulk(&body, "digital_humans")?;
    check_items(humans)?;
    let mut data = service.data();
    let simulations = named_simulations(&data, &body)?;
    let (mut made, mut errors) = (Vec::new(), Vec::new());
    for (index, human) in humans.iter().enumerate() {
        let record = if quirks.fails_item(index) {
            Err(DEADLOCK)
        } else {
            new_record(&data, human, 0)
        };
        let stored = record.and_then(|record| {
            store(&mut data, &record, &simulations)?;
            Ok(record)
        });
        match stored {
            Ok(record) => made.push(answer(&data, &record)),
            Err(refusal) => errors.push(json!({ "index": index, "detail": refusal.detail() })),
        }
    }
    if quirks.is_reversed {
        made.reverse();
    }
    Ok(Json(json!({ "created": made, "errors": errors })))
}

/// Types of all items are checked before the first item is stored; rules are checked item
/// by item.
fn check_items(humans: &[Value]) -> Result<(), Refusal> {
    let tables = [tables::DIGITAL_HUMAN, tables::DIGITAL_HUMAN_CREATE];
    for (index, human) in humans.iter().enumerate() {
        if human.get("digital_human").is_some() {
            return Err(Refusal::wrapped_item(index, human));
        }
        if let Err(problems) = fields_of(human, &[], &tables) {
            let at = [json!("body"), json!("digital_humans"), json!(index)];
            let moved = problems.into_iter().map(|problem| problem.under(&at));
            return Err(Refusal::Invalid(moved.collect()));
        }
    }
    Ok(())
}

/// Returns the items of a bulk request: 1 to 100.
fn bulk<'a>(body: &'a Value, name: &'static str) -> Result<&'a [Value], Refusal> {
    match body.get(name).and_then(Value::as_array) {
        Some(items) if !items.is_empty() && items.len() <= BULK => Ok(items),
        Some(items) => {
            let (kind, message) = if items.is_empty() {
                ("too_short", "List should have at least 1 item")
            } else {
                ("too_long", "List should have at most 100 items")
            };
            let at = [json!("body"), json!(name)];
            Err(Refusal::Invalid(vec![Problem::new(
                &at,
                kind,
                message,
                &json!(items.len()),
            )]))
        }
        None => Err(Refusal::missing(name, body)),
    }
}

async fn list(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let page = query.page(20, 100)?;
    let mut records = {
        let data = service.data();
        data.state()
            .records()
            .list(KIND, quirks.lag, Timestamp::now())
    };
    records.reverse();
    let (total, pages) = (records.len(), page.count(records.len()));
    if page.number > pages.max(1) {
        return Err(Refusal::Detail(
            StatusCode::BAD_REQUEST,
            "page is past the last page",
        ));
    }
    let rows: Vec<_> = page
        .of(records)
        .iter()
        .map(|record| api_form(record))
        .collect();
    Ok(Json(json!({
        "digital_humans": rows,
        "total_count": total,
        "page": page.number,
        "page_size": page.size,
        "total_pages": pages,
    })))
}

/// Returns the first digital human with a property.
fn first(service: &App, quirks: &Quirks, is_it: impl Fn(&Record) -> bool) -> Answer {
    let data = service.data();
    let listed = data
        .state()
        .records()
        .list(KIND, quirks.lag, Timestamp::now());
    let found = listed
        .iter()
        .find(|record| is_it(record))
        .ok_or(NOT_FOUND)?;
    Ok(Json(answer(&data, found)))
}

async fn by_test_name(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(title): Path<String>,
) -> Answer {
    first(&service, &quirks, |record| {
        record.get("test_name") == title.as_str()
    })
}

async fn by_uuid(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(uuid): Path<String>,
) -> Answer {
    first(&service, &quirks, |record| {
        record.get("bluejay_as_code_id") == uuid.as_str()
    })
}

fn find(data: &Data, id: &str) -> Result<Arc<Record>, Refusal> {
    let id = check::path_id(id)?.to_string();
    data.state()
        .records()
        .get(KIND, &id)
        .cloned()
        .ok_or(NOT_FOUND)
}

async fn read(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let data = service.data();
    let record = find(&data, &id)?;
    Ok(Json(answer(&data, &record)))
}

/// Updates a digital human, and links it to exactly the simulations of the request.
fn update_record(
    data: &mut Data,
    id: &str,
    body: &Value,
    quirks: &Quirks,
) -> Result<Record, Refusal> {
    let tables = [tables::DIGITAL_HUMAN, tables::DIGITAL_HUMAN_UPDATE];
    let given = quirks
        .clone()
        .apply_to_update(fields_of(body, &[], &tables)?);
    let mut record = Record::clone(&*find(data, id)?);
    rules::change_of_digital_human(&record, &given)?;
    let memberships = given.get("simulation_ids").cloned().unwrap_or_default();
    record.change(&given, &tables::digital_human_defaults());
    record.fields.remove("simulation_ids");
    record.fields.remove("override_conflict");
    rules::digital_human(&record.fields)?;
    add_journey_tag(&mut record);
    data.commit(Operation::PutRecord(Box::new(record.clone())))?;
    if let (Some(ids), Ok(id)) = (memberships.as_array(), record.id.parse()) {
        let ids: Vec<_> = ids.iter().filter_map(Value::as_u64).collect();
        link(data, id, &ids, true)?;
    }
    Ok(record)
}

async fn update(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Answer {
    let mut data = service.data();
    let record = update_record(&mut data, &id, &body, &quirks)?;
    Ok(Json(answer(&data, &record)))
}

async fn update_many(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Body(body): Body,
) -> Answer {
    let updates = bulk(&body, "updates")?;
    let mut data = service.data();
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for (index, item) in updates.iter().enumerate() {
        let id = item["digital_human_id"].to_string();
        let done = if quirks.fails_item(index) {
            Err(DEADLOCK)
        } else {
            update_record(&mut data, &id, &item["update"], &quirks)
        };
        match done {
            Ok(record) => rows.push(answer(&data, &record)),
            Err(refusal) => errors.push(json!({
                "index": index,
                "digital_human_id": item["digital_human_id"],
                "detail": refusal.detail(),
            })),
        }
    }
    Ok(Json(json!({ "updated": rows, "errors": errors })))
}

/// Deletes a digital human, after its links.
fn delete_record(data: &mut Data, id: &str) -> Result<Arc<Record>, Refusal> {
    let record = find(data, id)?;
    if let Ok(id) = record.id.parse() {
        link(data, id, &[], true)?;
    }
    data.commit(Operation::DeleteRecord(KIND, record.id.clone()))?;
    Ok(record)
}

async fn delete_one(Shared(service): Shared<App>, Path(id): Path<String>) -> Answer {
    let mut data = service.data();
    let record = delete_record(&mut data, &id)?;
    Ok(Json(api_form(&record).into()))
}

#[derive(Debug, Deserialize)]
struct Ids {
    digital_human_ids: String,
}

async fn delete_many(
    Shared(service): Shared<App>,
    Extension(quirks): Extension<Quirks>,
    Query(ids): Query<Ids>,
) -> Answer {
    let ids: Vec<_> = ids.digital_human_ids.split(',').map(str::trim).collect();
    if ids.len() > BULK {
        return Err(Refusal::Detail(
            StatusCode::BAD_REQUEST,
            "at most 100 digital humans can be deleted at once",
        ));
    }
    let mut data = service.data();
    let (mut gone, mut errors) = (Vec::new(), Vec::new());
    for (index, id) in ids.into_iter().enumerate() {
        let done = if quirks.fails_item(index) {
            Err(DEADLOCK)
        } else {
            delete_record(&mut data, id)
        };
        match done {
            Ok(record) => gone.push(Value::from(api_form(&record))),
            Err(refusal) => {
                let id: Value = id.parse::<u64>().map_or_else(|_| json!(id), Value::from);
                errors.push(json!({ "id": id, "detail": refusal.detail() }));
            }
        }
    }
    Ok(Json(json!({ "deleted": gone, "errors": errors })))
}
