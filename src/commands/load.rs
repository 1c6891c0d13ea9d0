//! STUB
#![allow(missing_docs)]
use crate::api::ApiError;
use crate::diagnostic::Diagnostic;
use crate::error::CommandError;
use crate::spec::desired::{DesiredSimulation, DesiredState, Source};
use crate::spec::key::SimulationKey;
use crate::spec::project::Safety;
use crate::spec::simulation::SimulationDocument;
use std::collections::BTreeMap;
use std::path::PathBuf;
pub struct LoadOptions {
    pub directory: PathBuf,
    pub config: Option<PathBuf>,
    pub environment: Option<String>,
    pub vars: Vec<(String, String)>,
    pub environment_vars: BTreeMap<String, String>,
}
pub struct Project {
    pub lockfile: PathBuf,
    pub api_url: Option<String>,
    pub safety: Safety,
    pub is_protected: bool,
}
pub struct Workspace {
    pub project: Project,
    pub desired: DesiredState,
    pub diagnostics: Vec<Diagnostic>,
    pub file_count: usize,
}
pub fn load(o: &LoadOptions) -> Result<Workspace, CommandError> {
    let root = o.directory.join("simulations");
    let mut desired = DesiredState::default();
    for e in ignore::WalkBuilder::new(&root)
        .standard_filters(false)
        .build()
        .flatten()
    {
        let p = e.path();
        if p.extension().is_some_and(|x| x == "yaml" || x == "yml") {
            let text = std::fs::read_to_string(p).unwrap();
            for d in serde_yaml::Deserializer::from_str(&text) {
                use serde::Deserialize;
                let v = serde_yaml::Value::deserialize(d).unwrap();
                let doc: SimulationDocument = serde_yaml::from_value(v).unwrap();
                let rel = p.strip_prefix(&root).unwrap().with_extension("");
                let key = doc
                    .key
                    .clone()
                    .unwrap_or_else(|| SimulationKey::new(rel.to_string_lossy().into_owned()));
                let is_protected = doc.protect.unwrap_or(false);
                let moved_from = doc.moved_from.clone();
                desired.simulations.insert(
                    key,
                    DesiredSimulation {
                        body: doc.into_body(),
                        is_protected,
                        moved_from,
                        source: Source {
                            file: p.to_string_lossy().into(),
                            document: 0,
                            line: 1,
                        },
                    },
                );
            }
        }
    }
    Ok(Workspace {
        project: Project {
            lockfile: o.directory.join("bluejay.lock"),
            api_url: None,
            safety: Safety::default(),
            is_protected: false,
        },
        desired,
        diagnostics: vec![],
        file_count: 0,
    })
}
impl Workspace {
    pub fn remote_diagnostics(&self, _: &ApiError, _: &Source) -> Vec<Diagnostic> {
        vec![]
    }
}
