//! Reads the digital humans, custom metrics and schedules that simulations use.
//!
//! The listings show these resources as a whole, so no resource is read by itself unless a
//! sample shows that the listing of digital humans hides fields. The choice is a function
//! of what was listed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;

use super::found::{Found, Read, Tracked, Wanted, could_not_read};
use crate::api::{ApiError, Client};
use crate::error::CommandError;
use crate::import::{in_formula, receiver};
use crate::plan::Observed;
use crate::resource::Kind;
use crate::resource::key::{PlainId, RemoteId};
use crate::resource::schedule::SIMULATION_ID;

/// The resources of one kind by id.
type Listed = BTreeMap<RemoteId, Observed>;

/// Adds the resources that the found simulations refer to, and the schedules of
/// `simulations`. If everything is wanted, adds every digital human and every custom
/// metric.
pub(super) async fn add(
    client: &Client,
    wanted: &Wanted,
    simulations: &BTreeSet<RemoteId>,
    tracked: &Tracked,
    parallelism: usize,
    read: &mut Read,
) -> Result<(), CommandError> {
    let is_all = matches!(wanted, Wanted::All);
    let mut metrics = Listed::new();
    if is_all || !read.found.is_empty() {
        metrics = list(client, Kind::CustomMetric, read).await?;
    }
    if !is_all {
        metrics = used_metrics(metrics, &read.found);
    }
    let used = used_humans(&metrics, &read.found);
    let mut humans = Listed::new();
    if is_all || used.iter().any(|id| !tracked.contains(*id)) {
        humans = list(client, Kind::DigitalHuman, read).await?;
    }
    if !is_all {
        humans.retain(|id, _| used.contains(id));
    }
    let humans = with_hidden_fields(client, humans, parallelism, read).await?;
    let mut schedules = Listed::new();
    if !simulations.is_empty() {
        schedules = list(client, Kind::Schedule, read).await?;
    }
    schedules.retain(|_, schedule| {
        let simulation = simulation_of(schedule);
        simulation.is_some_and(|simulation| simulations.contains(&simulation))
    });
    let before = [by_age(humans), in_order(metrics)].concat();
    let before = untracked(before, tracked, &mut read.tracked);
    read.found.splice(0..0, before);
    let after = untracked(by_age(schedules), tracked, &mut read.tracked);
    read.found.extend(after);
    Ok(())
}

/// Lists the resources of a kind. A server without such a listing has no resources of the
/// kind.
async fn list(client: &Client, kind: Kind, read: &mut Read) -> Result<Listed, CommandError> {
    match client.list_all(kind).await {
        Ok(rows) => {
            let rows = rows.into_iter();
            let shown = rows.filter_map(|row| Some((row.id, *row.observed?)));
            Ok(shown.collect())
        }
        Err(ApiError::Unsupported { .. }) => Ok(Listed::new()),
        // The key may not see this kind. The simulations can still be imported.
        Err(error @ ApiError::Forbidden { .. }) => {
            let what = format!("the list of all {}", kind.plural());
            read.failed.push((what, error));
            Ok(Listed::new())
        }
        Err(error) => {
            Err(CommandError::new(format!("could not list all {}", kind.plural())).caused_by(error))
        }
    }
}

/// The number of digital humans that show whether their listing hides fields.
const SAMPLE: usize = 3;

/// Reads the digital humans one by one if their listing hides fields: a file without these
/// fields would declare another digital human. A sample shows what the listing hides.
async fn with_hidden_fields(
    client: &Client,
    mut listed: Listed,
    parallelism: usize,
    read: &mut Read,
) -> Result<Listed, CommandError> {
    let step = listed.len().div_ceil(SAMPLE).max(1);
    let sample = listed.keys().step_by(step).copied().collect();
    let sample = read_each(client, sample, parallelism).await;
    let hides = |whole: &Observed| {
        let row = listed.get(&whole.id);
        let is_hidden = |path: &String| row.is_some_and(|row| !row.fields.contains_key(path));
        whole.fields.keys().any(is_hidden)
    };
    if !sample.values().flatten().flatten().any(hides) {
        return Ok(listed);
    }
    let ids = listed.keys().copied().collect();
    for (id, whole) in read_each(client, ids, parallelism).await {
        match whole {
            Ok(Some(whole)) => drop(listed.insert(id, whole)),
            // The digital human was deleted after the listing.
            Ok(None) => drop(listed.remove(&id)),
            Err(error) if error.is_final() => return Err(could_not_read(id, error)),
            Err(error) => {
                listed.remove(&id);
                read.failed.push((format!("{id:#}"), error));
            }
        }
    }
    Ok(listed)
}

async fn read_each(
    client: &Client,
    ids: Vec<RemoteId>,
    parallelism: usize,
) -> BTreeMap<RemoteId, Result<Option<Observed>, ApiError>> {
    stream::iter(ids)
        .map(|id| async move { (id, client.read(id).await) })
        .buffer_unordered(parallelism.max(1))
        .collect()
        .await
}

/// Removes and counts the resources that are tracked.
fn untracked(all: Vec<Observed>, tracked: &Tracked, count: &mut usize) -> Vec<Found> {
    let (known, new): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| tracked.contains(one.id));
    *count += known.len();
    let new = new.into_iter();
    new.map(|observed| Found {
        observed,
        humans: Some(BTreeSet::new()),
    })
    .collect()
}

/// Returns the metrics that the simulations select, and the metrics in the formulas of
/// these. A simulation that selects none uses all metrics of its agent.
fn used_metrics(mut metrics: Listed, simulations: &[Found]) -> Listed {
    let mut used: Vec<RemoteId> = Vec::new();
    for (id, metric) in &metrics {
        let is_used = simulations
            .iter()
            .any(|found| match selected(&found.observed) {
                Some(selected) => selected.iter().any(|item| is_id(item, *id)),
                None => is_of_agent(metric, found.observed.agent_id.as_deref()),
            });
        if is_used {
            used.push(*id);
        }
    }
    let mut kept = Listed::new();
    while let Some(id) = used.pop() {
        let Some(metric) = metrics.remove(&id) else {
            continue;
        };
        used.extend(in_formula(&metric, metrics.keys()));
        kept.insert(id, metric);
    }
    kept
}

/// Returns the ids of the metrics that a simulation selects.
fn selected(simulation: &Observed) -> Option<&Vec<Value>> {
    let mut fields = Kind::Simulation.fields().iter();
    let field = fields.find(|field| field.refers_to == Some(Kind::CustomMetric))?;
    simulation.fields.get(field.name)?.as_array()
}

fn is_id(item: &Value, id: RemoteId) -> bool {
    let text = item.as_str().unwrap_or_default();
    text.eq_ignore_ascii_case(&id.to_string())
}

fn is_of_agent(metric: &Observed, agent: Option<&str>) -> bool {
    let agents = metric.fields.get("agent_ids").and_then(Value::as_array);
    let mut agents = agents.into_iter().flatten();
    agents.any(|id| Some(id.to_string().trim_matches('"')) == agent)
}

/// Returns the digital humans that are attached to the simulations or named by the
/// metrics.
fn used_humans(metrics: &Listed, simulations: &[Found]) -> BTreeSet<RemoteId> {
    let attached = simulations.iter().flat_map(|found| found.humans.iter());
    let attached = attached
        .flatten()
        .map(|human| RemoteId::of(Kind::DigitalHuman, PlainId::Number(human.0)));
    let named = metrics.values().filter_map(receiver);
    attached.chain(named).collect()
}

fn simulation_of(schedule: &Observed) -> Option<RemoteId> {
    let id = schedule.fields.get(SIMULATION_ID)?;
    let kind = Kind::Simulation;
    Some(RemoteId::of(kind, PlainId::of_value(kind, id)?))
}

/// Returns resources in the order of their creation.
fn by_age(listed: Listed) -> Vec<Observed> {
    let mut all: Vec<_> = listed.into_values().collect();
    all.sort_by(|one, other| one.created_at.cmp(&other.created_at));
    all
}

/// Returns metrics in an order in which each comes after the metrics of its formula, and
/// otherwise in the order of their creation. Metrics whose formulas form a circle come
/// last.
fn in_order(mut metrics: Listed) -> Vec<Observed> {
    let mut ordered = Vec::with_capacity(metrics.len());
    loop {
        let is_composite = |metric: &&Observed| !in_formula(metric, metrics.keys()).is_empty();
        let composite = metrics.values().filter(is_composite);
        let waiting: BTreeSet<_> = composite.map(|metric| metric.id).collect();
        if waiting.len() == metrics.len() {
            ordered.extend(by_age(metrics));
            return ordered;
        }
        let (later, now): (Listed, Listed) = metrics
            .into_iter()
            .partition(|(id, _)| waiting.contains(id));
        ordered.extend(by_age(now));
        metrics = later;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metric(id: &str, fields: Value) -> (RemoteId, Observed) {
        let id = RemoteId::of(Kind::CustomMetric, PlainId::text(id).unwrap());
        let observed = Observed {
            id,
            agent_id: None,
            name: Some("m".to_owned()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
            unknown_settings: BTreeSet::new(),
        };
        (id, observed)
    }

    fn metrics() -> Listed {
        let formula = |text: &str| json!({"settings.composite": text});
        Listed::from([
            metric("a", formula("\"b\" + \"d\"")),
            metric("b", formula("\"c\" * 0.5")),
            metric("c", json!({"agent_ids": [42]})),
            metric("d", json!({"settings.receiver_test_case_id": 7})),
            metric("e", json!({})),
        ])
    }

    fn simulation(fields: Value) -> Found {
        let observed = Observed {
            id: RemoteId::simulation(1),
            agent_id: Some("42".to_owned()),
            ..metric("x", fields).1
        };
        Found {
            observed,
            humans: Some(BTreeSet::new()),
        }
    }

    fn names<'a>(metrics: impl IntoIterator<Item = &'a Observed>) -> String {
        metrics.into_iter().map(|it| it.id.to_string()).collect()
    }

    #[test]
    fn what_a_formula_contains_comes_first() {
        assert_eq!(names(&in_order(metrics())), "cdeba");
        let circle = Listed::from([
            metric("a", json!({"settings.composite": "\"b\""})),
            metric("b", json!({"settings.composite": "\"a\""})),
            metric("c", json!({"settings.composite": "\"c\""})),
        ]);
        assert_eq!(names(&in_order(circle)), "cab");
    }

    #[test]
    fn used_metrics_are_selected_or_of_the_agent_or_in_a_formula() {
        let used = |fields| names(used_metrics(metrics(), &[simulation(fields)]).values());
        assert_eq!(used(json!({"selected_custom_metrics": ["A"]})), "abcd");
        assert_eq!(used(json!({"selected_custom_metrics": ["b"]})), "bc");
        assert_eq!(used(json!({"selected_custom_metrics": []})), "");
        assert_eq!(used(json!({})), "c");
        assert_eq!(used(json!({"selected_custom_metrics": null})), "c");
        let humans = used_humans(&metrics(), &[]);
        assert_eq!(humans.len(), 1);
    }
}
