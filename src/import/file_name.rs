//! Derives file names from names of simulations.

use std::collections::BTreeSet;

use crate::resource::key::RemoteId;

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
    let slug = slug(name.unwrap_or_default());
    let first = match slug.as_str() {
        "" => format!("{}-{id}", id.kind().noun().replace(' ', "-")),
        device if DEVICES.contains(&device) => format!("{device}-{id}"),
        _ => slug,
    };
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
