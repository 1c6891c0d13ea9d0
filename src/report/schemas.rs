//! The schemas of the JSON documents that the commands print.

use super::apply_events::ApplyEvent;
use super::{diagnostics_json, doctor, drift, explain, graph, plan, pull, run};
use crate::spec::schema::{NamedSchema, generate_output};

/// The schemas of the documents that the commands print.
pub const SCHEMAS: [NamedSchema; 10] = [
    NamedSchema::new("validate", generate_output::<diagnostics_json::Document>),
    NamedSchema::new("plan", generate_output::<plan::PlanOutput>),
    NamedSchema::new("apply-event", generate_output::<ApplyEvent>),
    NamedSchema::new("drift", generate_output::<drift::Document>),
    NamedSchema::new("pull", generate_output::<pull::Document>),
    NamedSchema::new("explain", generate_output::<explain::Document>),
    NamedSchema::new("doctor", generate_output::<doctor::Document>),
    NamedSchema::new("graph", generate_output::<graph::Document>),
    NamedSchema::new("run", generate_output::<run::Document>),
    NamedSchema::new(
        "run-history",
        generate_output::<run::history::HistoryDocument>,
    ),
];
