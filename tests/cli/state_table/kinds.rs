//! The combinations for the kinds other than simulations. One scene has a resource of each
//! kind, and all of them are in the states of the row.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{APPLIES, Row};
use crate::api::TestApi;
use crate::env::{Run, TestEnv};

/// A kind, and how the tests declare and send a resource of it.
struct Kind {
    name: &'static str,
    /// The word for the kind in the paths of requests.
    path: &'static str,
    delete: &'static str,
    /// The document and the fields whose value is this number.
    declared: fn(u64) -> String,
    fields: fn(u64) -> Value,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "digital_human",
        path: "digital-human",
        delete: "digital-human",
        declared: |value| format!("name: a\nintent: x\ncreativity: 0.{value}\n"),
        fields: |value| json!({"name": "a", "intent": "x", "creativity": tenths(value)}),
    },
    Kind {
        name: "custom_metric",
        path: "metric",
        delete: "metric",
        declared: |value| {
            format!("name: a\nresponse_type: pass_fail\nprompt: x\ntemperature: 0.{value}\n")
        },
        fields: |value| {
            json!({"name": "a", "response_type": "pass_fail", "prompt": "x",
                "temperature": tenths(value)})
        },
    },
    Kind {
        name: "schedule",
        path: "schedule",
        delete: "delete-schedule",
        declared: |value| {
            format!("simulation_id: \"1\"\nschedule: {{frequency: daily, time: \"02:0{value}\"}}\n")
        },
        fields: |value| {
            let time = format!("02:0{value}");
            json!({"schedule": {"frequency": "daily", "time": time}})
        },
    },
];

fn tenths(value: u64) -> Value {
    let number: serde_json::Number = format!("0.{value}").parse().unwrap();
    number.into()
}

impl Kind {
    /// Creates an untracked resource of this name. A schedule has none.
    fn create(&self, api: &TestApi, name: &str, value: u64) -> String {
        let mut fields = (self.fields)(value);
        match self.name {
            "schedule" => fields["simulation_id"] = "1".into(),
            _ => fields["name"] = name.into(),
        }
        if self.name == "digital_human" {
            fields = json!({"digital_human": fields});
        }
        let path = format!("/v1/create-{}", self.path);
        let answer = api.ask("POST", &path, Some(fields));
        let id = answer.get("digital_human").unwrap_or(&answer)["id"].to_string();
        id.trim_matches('"').to_owned()
    }

    fn get(&self, api: &TestApi, id: &str) -> Value {
        api.ask("GET", &format!("/v1/{}/{id}", self.path), None)
    }
}

/// Declares a resource of each kind with this value, or none.
fn declare(env: &TestEnv, value: Option<u64>) {
    for kind in &KINDS {
        let file = format!("simulations/{}.yaml", kind.path);
        match value {
            Some(value) => {
                let fields = (kind.declared)(value);
                env.write(&file, &format!("kind: {}\nkey: a\n{fields}", kind.name));
            }
            None if env.exists(&file) => env.remove(&file),
            None => {}
        }
    }
}

struct Scene {
    env: TestEnv,
    api: TestApi,
    /// The resource of the row by kind, if it exists or existed.
    ids: BTreeMap<&'static str, String>,
}

impl Scene {
    fn of(row: Row) -> Self {
        let (env, api) = (TestEnv::new(), TestApi::start());
        // The simulation that the schedules run.
        api.create(json!({"agent_id": "42", "name": "another's"}));
        let mut ids = BTreeMap::new();
        if let Some(value) = row.recorded.value(7) {
            declare(&env, Some(value));
            env.run_at(&api.url(), &["apply"]).code(0);
            for kind in &KINDS {
                let id = env.resources()[&format!("{}:a", kind.name)].clone();
                match row.remote.value(8) {
                    Some(value) => {
                        let path = format!("/v1/update-{}/{id}", kind.path);
                        api.ask("PUT", &path, Some((kind.fields)(value)));
                    }
                    None => drop(api.ask("DELETE", &format!("/v1/{}/{id}", kind.delete), None)),
                }
                ids.insert(kind.name, id);
            }
        } else if let Some(value) = row.remote.value(8) {
            ids.extend(KINDS.map(|kind| (kind.name, kind.create(&api, "a", value))));
        }
        declare(&env, row.local.value(6));
        Self { env, api, ids }
    }

    /// Returns what the apply sent for the kind, and what the lockfile has for the key.
    fn outcome(&self, kind: &Kind, since: usize, run: &Run) -> String {
        let requests = self.api.requests();
        let of_kind = requests[since..]
            .iter()
            .filter(|request| request.path.contains(kind.path));
        let sent = of_kind.filter_map(|request| match request.method.as_str() {
            "GET" => None,
            "POST" => Some("create"),
            "PUT" => Some("update"),
            _ => Some("delete"),
        });
        let mut sent: Vec<_> = sent.collect();
        if sent.is_empty() {
            sent.push("nothing");
        }
        let key = format!("{}:a", kind.name);
        let recorded = match (self.env.resources().get(&key), self.ids.get(kind.name)) {
            (None, _) => "nothing",
            (Some(now), Some(id)) if now == id => "its id",
            _ => "a new id",
        };
        let says = |line: String| run.stderr.lines().any(|said| said == line);
        let ending = if says(format!("stopped {key}: needs a decision")) {
            "; undecided"
        } else if says(format!("failed to update {key}")) {
            "; failed"
        } else {
            ""
        };
        format!("{}; {recorded}{ending}", sent.join(", "))
    }
}

impl Row {
    /// Returns the line of the row. A kind with another outcome than the first kind is
    /// named.
    pub(super) fn line_of_kinds(self) -> String {
        let mut cells = self.words().map(str::to_owned).to_vec();
        for args in APPLIES {
            let scene = Scene::of(self);
            let (env, api) = (&scene.env, &scene.api);
            let untracked: Vec<_> = KINDS
                .iter()
                .map(|kind| (kind, kind.create(api, "another's", 9)))
                .map(|(kind, id)| (kind, kind.get(api, &id), id))
                .collect();
            let since = api.requests().len();
            let run = env.run_at(&api.url(), args);
            for (kind, before, id) in untracked {
                assert_eq!(kind.get(api, &id), before, "{self:?}: {run}");
            }
            let outcomes = KINDS.map(|kind| (kind.name, scene.outcome(&kind, since, &run)));
            let (_, first) = &outcomes[0];
            let others = outcomes.iter().filter(|(_, outcome)| outcome != first);
            let others = others.map(|(kind, outcome)| format!(" ({kind}: {outcome})"));
            cells.push(format!("{first}{}", others.collect::<String>()));
            if run.code == Some(0) && args.len() > 1 && self.local.value(6).is_some() {
                let plan = env.run_at(&api.url(), &["plan", "--refresh", "--format", "json"]);
                assert_eq!(plan.json()["changes"], json!([]), "{self:?}: {run}");
            }
        }
        format!("| {} |\n", cells.join(" | "))
    }
}
