//! Derives keys and file names from the names of resources.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::resource::cron::{EVERY_N_HOURS, EVERY_N_MINUTES, FREQUENCY, INTERVAL};
use crate::resource::key::RemoteId;
use crate::resource::{Kind, spelling};

/// The maximum length of a derived name, in characters.
const LONGEST: usize = 60;

/// Names that Windows reserves for devices, with any extension.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Returns a name in lower case that contains only letters of any script, digits and
/// single dashes. The result is empty if the name has no letters and digits.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let short: String = slug.chars().take(LONGEST).collect();
    short.trim_matches('-').to_owned()
}

/// Returns an unused key, which is also the file name without extension, and adds the
/// key to `taken`. Names in `taken` are in lower case.
pub fn file_key(name: Option<&str>, id: RemoteId, taken: &mut BTreeSet<String>) -> String {
    let kind = id.kind();
    let noun = kind.noun().replace(' ', "-");
    let slug = slug(name.unwrap_or_default());
    let first = match slug.as_str() {
        "" => match self::slug(&id.to_string()).as_str() {
            "" => noun,
            id => format!("{noun}-{id}"),
        },
        device if DEVICES.contains(&device) => format!("{device}-{id}"),
        // In a list of references, such a key would be read as an id.
        id if kind != Kind::Simulation && is_like_id(id) => format!("{noun}-{id}"),
        _ => slug,
    };
    unused(first, taken)
}

fn is_like_id(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit()) || spelling::is_uuid(key)
}

/// The maximum length of the part of a schedule's key that names the simulation, in
/// characters.
const LONGEST_SIMULATION: usize = 150;

/// Returns an unused key of a schedule, which is also the file name without extension:
/// `front-desk-daily` for a simulation with the key `front-desk`. Adds the key to `taken`.
pub fn schedule_key(
    simulation: Option<&str>,
    simulation_id: &str,
    schedule: &Value,
    taken: &mut BTreeSet<String>,
) -> String {
    let simulation = match simulation {
        Some(key) if is_path(key) => key.to_owned(),
        Some(key) => slug(key),
        None => slug(&format!("simulation {simulation_id}")),
    };
    let short: String = simulation.chars().take(LONGEST_SIMULATION).collect();
    let simulation = match short.trim_end_matches(['-', '/', ' ', '.']) {
        "" => "schedule",
        simulation => simulation,
    };
    unused(format!("{simulation}-{}", frequency(schedule)), taken)
}

/// Returns a word for the form of a schedule: `daily`, `every-15-minutes`.
fn frequency(schedule: &Value) -> String {
    let name = schedule.get(FREQUENCY).and_then(Value::as_str);
    let interval = schedule.get(INTERVAL).and_then(Value::as_u64);
    match (name, interval) {
        (Some(EVERY_N_MINUTES), Some(1)) => "every-minute".to_owned(),
        (Some(EVERY_N_MINUTES), Some(interval)) => format!("every-{interval}-minutes"),
        (Some(EVERY_N_HOURS), Some(1)) => "every-hour".to_owned(),
        (Some(EVERY_N_HOURS), Some(interval)) => format!("every-{interval}-hours"),
        (name, _) => slug(name.unwrap_or("schedule")),
    }
}

fn unused(first: String, taken: &mut BTreeSet<String>) -> String {
    let mut key = first.clone();
    let mut number = 2;
    while !taken.insert(key.to_lowercase()) {
        key = format!("{first}-{number}");
        number += 1;
    }
    key
}

/// Returns whether a key can be the path of a file on every platform.
#[must_use]
pub fn is_path(key: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_ .".contains(c);
    key.split('/').all(|part| {
        let device = part.split('.').next().unwrap_or_default().to_lowercase();
        !part.is_empty()
            && part.chars().all(is_plain)
            && !part.starts_with(['.', ' ', '-'])
            && !part.ends_with(['.', ' '])
            && !DEVICES.contains(&device.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::cron::decompile;
    use crate::resource::key::PlainId;

    #[test]
    fn file_names_are_derived_from_names() {
        for (name, expected) in [
            ("Front desk: regression (v2)", "front-desk-regression-v2"),
            ("Größe & Übung", "größe-übung"),
            ("../../etc/passwd", "etc-passwd"),
            ("日本語", "日本語"),
            ("--- \u{1f600} ---", ""),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
        assert!(slug(&"long ".repeat(50)).chars().count() <= LONGEST);
    }

    #[test]
    fn derived_file_names_are_unique() {
        let mut taken = BTreeSet::from(["a".to_owned()]);
        let mut next = |name| file_key(name, RemoteId::simulation(7), &mut taken);
        assert_eq!(next(Some("A")), "a-2");
        assert_eq!(next(Some("a!")), "a-3");
        assert_eq!(next(None), "simulation-7");
        assert_eq!(next(Some("CON")), "con-7");
    }

    #[test]
    fn a_key_does_not_look_like_an_id() {
        let uuid = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
        let metric = RemoteId::of(Kind::CustomMetric, PlainId::text(uuid).unwrap());
        let human = RemoteId::of(Kind::DigitalHuman, PlainId::Number(7));
        for (id, name, expected) in [
            (human, Some("Marta Kowalski"), "marta-kowalski".to_owned()),
            (human, Some("101"), "digital-human-101".to_owned()),
            (human, None, "digital-human-7".to_owned()),
            (metric, Some(uuid), format!("custom-metric-{uuid}")),
            (metric, Some("!"), format!("custom-metric-{uuid}")),
            (RemoteId::simulation(7), Some("101"), "101".to_owned()),
        ] {
            assert_eq!(file_key(name, id, &mut BTreeSet::new()), expected);
        }
    }

    #[test]
    fn a_schedule_is_named_after_its_simulation() {
        let mut taken = BTreeSet::new();
        let mut next = |simulation, expression| {
            schedule_key(simulation, "1284", &decompile(expression), &mut taken)
        };
        let front = Some("clinic/front-desk");
        assert_eq!(next(front, "30 2 * * *"), "clinic/front-desk-daily");
        assert_eq!(next(front, "30 3 * * *"), "clinic/front-desk-daily-2");
        assert_eq!(next(Some("a: b?"), "*/15 * * * *"), "a-b-every-15-minutes");
        assert_eq!(next(Some("?"), "0 * * * *"), "schedule-every-hour");
        assert_eq!(next(None, "30 2 * * 1"), "simulation-1284-weekly");
        assert_eq!(next(None, "30 2 * 1 1"), "simulation-1284-cron");
        let long = "a/".repeat(99);
        let long = next(Some(&long[..197]), "30 2 1 * *");
        assert!(long.len() < 170 && is_path(&long), "{long}");
    }

    #[test]
    fn keys_that_are_not_paths_are_recognised() {
        for key in ["a", "clinic/front-desk", "v1.2/a b", "größe"] {
            assert!(is_path(key), "{key}");
        }
        for key in [
            "../a", "/a", "a//b", "a\\b", "a:b", ".a", "a/.", "nul", "-a", "a ",
        ] {
            assert!(!is_path(key), "{key}");
        }
    }
}
