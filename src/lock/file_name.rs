//! The names of lockfiles.
//!
//! The configuration of git selects lockfiles by their ending. Every lockfile
//! therefore has the same ending.

/// The ending of every lockfile.
const ENDING: &str = ".lock";

/// Returns the name of the lockfile of an environment or of the sandbox:
/// `bluejay.lock` → `bluejay.NAME.lock`.
#[must_use]
pub fn file_name_for(base: &str, part: &str) -> String {
    format!("{}.{part}{ENDING}", stem(base).unwrap_or(base))
}

/// Returns whether a file has the name of a lockfile of the project: `base`, or a
/// lockfile of one of its environments.
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
    fn lockfiles_of_environments_belong_to_the_project() {
        for base in ["bluejay.lock", "my.project.lock"] {
            for part in ["staging", "sandbox", "eu.west"] {
                assert!(is_file_name_of(base, &file_name_for(base, part)));
            }
            assert!(is_file_name_of(base, base));
        }
        assert_eq!(file_name_for("bluejay.lock", "eu"), "bluejay.eu.lock");
    }

    #[test]
    fn other_files_do_not_belong_to_the_project() {
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
