//! What lockfiles are called.
//!
//! git is told by the ending which files to join and, with `.journal` behind it,
//! which to pass over. So every lockfile has it, whatever comes before.

/// The ending of every lockfile.
const ENDING: &str = ".lock";

/// The lockfile beside another one that is for a part of the world, such as an
/// environment: `bluejay.lock` → `bluejay.NAME.lock`.
#[must_use]
pub fn file_name_for(base: &str, part: &str) -> String {
    format!("{}.{part}{ENDING}", stem(base).unwrap_or(base))
}

/// Whether a file is named like a lockfile of the project whose first one is
/// `base`: that one, or one of its parts.
#[must_use]
pub fn is_file_name_of(base: &str, name: &str) -> bool {
    let part = stem(name).and_then(|stem_of_name| stem_of_name.strip_prefix(stem(base)?));
    part.is_some_and(|part| part.is_empty() || part.starts_with('.'))
}

fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(ENDING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_for_a_part_is_known_by_its_name() {
        for base in ["bluejay.lock", "my.project.lock"] {
            for part in ["staging", "sandbox", "eu.west"] {
                assert!(is_file_name_of(base, &file_name_for(base, part)));
            }
            assert!(is_file_name_of(base, base));
        }
        assert_eq!(file_name_for("bluejay.lock", "eu"), "bluejay.eu.lock");
    }

    #[test]
    fn other_files_are_not() {
        for name in [
            "bluejays.lock",
            "bluejay.yaml",
            "bluejay.lock.journal",
            "Cargo.lock",
        ] {
            assert!(!is_file_name_of("bluejay.lock", name), "{name}");
        }
    }
}
