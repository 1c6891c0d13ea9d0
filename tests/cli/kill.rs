//! Tests of SIGKILL at random moments, while the files keep changing.

use std::collections::{BTreeMap, BTreeSet};

use super::api::TestApi;
use super::env::{TestEnv, until};

/// A generator of pseudo-random numbers from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    /// Returns a number from 0 to `bound`, exclusive.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// The desired state: the name and the fields of each key. The name of a simulation never
/// changes, so the simulation can be recognised at the API.
struct Declared {
    by_key: BTreeMap<String, (String, usize, usize)>,
    count: usize,
}

impl Declared {
    fn write(&self, env: &TestEnv, key: &str) {
        let (name, agent, version) = &self.by_key[key];
        env.simulation(
            key,
            &format!("name: {name}\nagent_id: \"{agent}\"\ndescription: version {version}"),
        );
    }

    fn add(&mut self, env: &TestEnv) {
        self.count += 1;
        let name = format!("s{:03}", self.count);
        self.by_key.insert(name.clone(), (name.clone(), 42, 0));
        self.write(env, &name);
    }

    /// Makes one random edit: a new file, other fields, another agent, another file name,
    /// or a deleted file.
    fn edit(&mut self, env: &TestEnv, random: &mut Random) {
        let keys: Vec<_> = self.by_key.keys().cloned().collect();
        let key = keys[random.below(keys.len())].clone();
        match random.below(10) {
            0..=3 => self.add(env),
            4..=5 => {
                self.by_key.get_mut(&key).unwrap().2 += 1;
                self.write(env, &key);
            }
            6 => {
                self.by_key.get_mut(&key).unwrap().1 += 1;
                self.write(env, &key);
            }
            7..=8 => {
                let declared = self.by_key.remove(&key).unwrap();
                env.undeclare(&key);
                self.count += 1;
                let key = format!("moved/{}-{}", declared.0, self.count);
                self.by_key.insert(key.clone(), declared);
                self.write(env, &key);
            }
            _ => {
                self.by_key.remove(&key);
                env.undeclare(&key);
            }
        }
    }
}

const ARGS: [&str; 5] = ["apply", "--prune", "--force", "--settle", "1s"];

/// Kills an apply repeatedly, then applies until nothing changes, then counts the
/// simulations.
fn check_kills(seed: u64, faults: &[&str], kills: usize) {
    let (env, api) = (TestEnv::new(), TestApi::with_faults(faults));
    let mut random = Random(seed);
    let mut declared = Declared {
        by_key: BTreeMap::new(),
        count: 0,
    };
    for _ in 0..40 {
        declared.add(&env);
    }
    let mut killed = 0;
    while killed < kills {
        let moment = api.request_count() + random.below(24) as u64;
        let mut running = env.spawn_at(&api.url(), &ARGS);
        until("the moment comes", || {
            api.request_count() > moment || running.is_over()
        });
        // The kill happens at any moment of the next request, not only at its arrival.
        for _ in 0..random.below(4000) {
            std::hint::spin_loop();
        }
        let run = running.kill();
        killed += usize::from(run.signal == Some(9));
        assert!(
            run.signal == Some(9) || run.code == Some(0),
            "seed {seed}: {run}"
        );
        for _ in 0..random.below(6) {
            declared.edit(&env, &mut random);
        }
    }
    let mut last = env.run_at(&api.url(), &ARGS);
    for _ in 0..2 {
        if last.code != Some(0) {
            last = env.run_at(&api.url(), &ARGS);
        }
    }
    last.code(0);
    let writes = api.write_count();
    env.run_at(&api.url(), &ARGS).code(0);
    assert_eq!(api.write_count(), writes, "seed {seed}: not quiet");
    assert!(!env.has_journal(), "seed {seed}");

    let (ids, alive) = (env.ids(), api.alive());
    let keys: BTreeSet<_> = ids.keys().collect();
    assert_eq!(keys, declared.by_key.keys().collect(), "seed {seed}");
    let recorded: BTreeSet<_> = ids.values().collect();
    assert_eq!(recorded, alive.keys().collect(), "seed {seed}");
    for (key, (name, agent, version)) in &declared.by_key {
        let shown = api.get(ids[key]);
        assert_eq!(shown["name"], name.as_str(), "seed {seed}: {key}");
        assert_eq!(shown["agent_id"], *agent, "seed {seed}: {key}");
        let description = format!("version {version}");
        assert_eq!(shown["description"], description, "seed {seed}: {key}");
    }
}

#[test]
fn kills_at_random_moments_cause_no_loss_and_no_duplicate() {
    check_kills(1, &["latency:delay=1ms..8ms"], 20);
}

#[test]
fn kills_with_lost_answers_cause_no_loss_and_no_duplicate() {
    let faults = [
        "latency:delay=1ms..8ms",
        "lost-after:match=POST:create,every=2",
    ];
    check_kills(2, &faults, 15);
}

#[test]
fn kills_with_lost_lockfiles_cause_no_duplicate() {
    // As on a CI with temporary runners: nothing was committed, and the journal is lost.
    let (env, api) = (TestEnv::new(), TestApi::start());
    let mut random = Random(3);
    for n in 0..30 {
        env.simulation(&format!("s{n:02}"), "");
    }
    let mut running_out = 0;
    while api.alive().len() < 30 {
        let moment = api.request_count() + 1 + random.below(40) as u64;
        let mut running = env.spawn_at(&api.url(), &ARGS);
        until("the moment comes", || {
            api.request_count() > moment || running.is_over()
        });
        running.kill();
        for file in ["bluejay.lock", ".bluejay/bluejay.lock.journal"] {
            if env.exists(file) {
                env.remove(file);
            }
        }
        running_out += 1;
        assert!(running_out < 1000, "it never gets anywhere");
    }
    env.run_at(&api.url(), &ARGS).code(0);
    let recorded: BTreeSet<_> = env.ids().into_values().collect();
    assert_eq!(recorded, api.alive().into_keys().collect());
    assert_eq!(recorded.len(), 30);
    let writes = api.write_count();
    env.run_at(&api.url(), &ARGS).code(0);
    assert_eq!(api.write_count(), writes);
}

/// The parts of a suite, by number. Each has a digital human, a metric that uses the digital
/// human, a simulation that uses both, and a schedule of the simulation.
#[derive(Default)]
struct Parts {
    by_number: BTreeMap<usize, Part>,
    count: usize,
}

/// How often each property was edited.
#[derive(Default)]
struct Part {
    intent: usize,
    tag: usize,
    agent: usize,
    minute: usize,
}

impl Parts {
    fn add(&mut self, env: &TestEnv) {
        self.count += 1;
        self.by_number.insert(self.count, Part::default());
        self.write(env, self.count);
    }

    fn write(&self, env: &TestEnv, number: usize) {
        let Part {
            intent,
            tag,
            agent,
            minute,
        } = &self.by_number[&number];
        let text = format!(
            "kind: digital_human\nkey: p{number}\nname: P{number}\nintent: version {intent}\n\
             tags: [t{tag}]\n\
             ---\nkind: custom_metric\nkey: m{number}\nname: M{number}\n\
             response_type: pass_fail\nprompt: x\nmetric_type: transfer_landed\n\
             settings:\n  receiver_test_case_id: ${{digital_human:p{number}}}\n\
             ---\nkind: simulation\nkey: s{number}\nname: S{number}\nagent_id: \"{agent}\"\n\
             digital_humans: [\"${{digital_human:p{number}}}\"]\n\
             selected_custom_metrics: [\"${{custom_metric:m{number}}}\"]\n\
             ---\nkind: schedule\nkey: c{number}\nsimulation: s{number}\n\
             schedule: {{frequency: daily, time: \"02:{minute:02}\"}}\n",
            agent = agent + 42,
        );
        env.write(&format!("simulations/{number}.yaml"), &text);
    }

    /// Makes one random edit: a new part, a changed digital human, a digital human or a
    /// simulation that has to be replaced, other times, or a removed part.
    fn edit(&mut self, env: &TestEnv, random: &mut Random) {
        let numbers: Vec<_> = self.by_number.keys().copied().collect();
        let number = numbers[random.below(numbers.len())];
        let part = self.by_number.get_mut(&number).unwrap();
        match random.below(6) {
            0 => return self.add(env),
            1 => part.intent += 1,
            2 => part.tag += 1,
            3 => part.agent += 1,
            4 => part.minute += 1,
            _ if numbers.len() < 4 => return,
            _ => {
                self.by_number.remove(&number);
                return env.undeclare(&number.to_string());
            }
        }
        self.write(env, number);
    }

    /// Checks that each key has one resource, that no other resource exists, and that an
    /// apply has nothing to do.
    fn check(&self, env: &TestEnv, api: &TestApi) {
        let of_part = |number| {
            [
                format!("digital_human:p{number}"),
                format!("custom_metric:m{number}"),
                format!("simulation:s{number}"),
                format!("schedule:c{number}"),
            ]
        };
        let declared: BTreeSet<_> = self.by_number.keys().flat_map(of_part).collect();
        let recorded = env.resources();
        assert_eq!(recorded.keys().cloned().collect::<BTreeSet<_>>(), declared);
        let recorded = recorded.into_iter();
        let recorded = recorded.map(|(key, id)| format!("{} {id}", key.split(':').next().unwrap()));
        assert_eq!(recorded.collect::<BTreeSet<_>>(), api.resources());
        let writes = api.write_count();
        let refresh = [&ARGS[..], &["--refresh"]].concat();
        env.run_at(&api.url(), &refresh).code(0).says("No changes");
        assert_eq!(api.write_count(), writes);
    }
}

#[test]
fn kills_of_a_suite_cause_no_loss_and_no_duplicate() {
    let faults = [
        "latency:delay=1ms..6ms",
        "lost-after:match=POST:create,every=5",
        "bulk-errors:items=3,every=2",
        "bulk-reversed",
    ];
    let (env, api) = (TestEnv::new(), TestApi::with_faults(&faults));
    let (mut random, mut parts) = (Random(4), Parts::default());
    for _ in 0..6 {
        parts.add(&env);
    }
    let mut killed = 0;
    while killed < 12 {
        let moment = api.request_count() + random.below(30) as u64;
        let mut running = env.spawn_at(&api.url(), &ARGS);
        until("the moment comes", || {
            api.request_count() > moment || running.is_over()
        });
        let run = running.kill();
        killed += usize::from(run.signal == Some(9));
        assert!(run.signal == Some(9) || run.code == Some(0), "{run}");
        for _ in 0..random.below(4) {
            parts.edit(&env, &mut random);
        }
    }
    env.run_at(&api.url(), &ARGS).code(0);
    parts.check(&env, &api);
}

#[test]
fn kills_of_a_suite_with_lost_lockfiles_cause_no_duplicate() {
    // As on a CI with temporary runners: nothing was committed, and the journal is lost.
    let (env, api) = (TestEnv::new(), TestApi::start());
    let (mut random, mut parts) = (Random(5), Parts::default());
    for _ in 0..5 {
        parts.add(&env);
    }
    for _ in 0..8 {
        let moment = api.request_count() + random.below(30) as u64;
        let mut running = env.spawn_at(&api.url(), &ARGS);
        until("the moment comes", || {
            api.request_count() > moment || running.is_over()
        });
        running.kill();
        for file in ["bluejay.lock", ".bluejay/bluejay.lock.journal"] {
            if env.exists(file) {
                env.remove(file);
            }
        }
    }
    env.run_at(&api.url(), &ARGS).code(0);
    parts.check(&env, &api);
}
