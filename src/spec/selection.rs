//! Selects resources by keys and globs.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

use super::nearest::nearest;
use crate::resource::Kind;
use crate::resource::key::ResourceKey;

/// Why a pattern selects nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectionError {
    /// No key matches the pattern.
    NoMatch {
        /// The pattern.
        pattern: String,
        /// The most similar key or glob.
        nearest: Option<String>,
    },
    /// The pattern is the name of a folder.
    Folder {
        /// The pattern.
        pattern: String,
        /// The glob that matches every key below the folder.
        glob: String,
    },
    /// The pattern is not a valid glob.
    InvalidPattern {
        /// The pattern.
        pattern: String,
        /// The message of the glob parser.
        reason: String,
    },
}

/// A key or a glob.
#[derive(Debug, Clone)]
struct Pattern {
    /// The pattern, read as a key.
    exact: ResourceKey,
    /// The pattern, read as a key or a glob, with or without its kind.
    wanted: ResourceKey,
    glob: GlobMatcher,
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, SelectionError> {
        let wanted = ResourceKey::named(text, |_| false);
        let glob = GlobBuilder::new(wanted.key())
            .literal_separator(true)
            .build();
        match glob {
            Ok(glob) => Ok(Self {
                exact: ResourceKey::from(text),
                wanted,
                glob: glob.compile_matcher(),
            }),
            Err(error) => Err(SelectionError::InvalidPattern {
                pattern: text.to_owned(),
                reason: error.kind().to_string(),
            }),
        }
    }

    fn matches(&self, key: &ResourceKey) -> bool {
        self.exact == *key
            || self.wanted == *key
            || (self.wanted.kind() == key.kind() && self.glob.is_match(key.key()))
    }
}

/// Patterns that select resources, whatever keys exist.
#[derive(Debug, Clone)]
pub struct Selection(Vec<Pattern>);

impl Selection {
    /// Reads patterns: see [`select`].
    pub fn parse(patterns: &[String]) -> Result<Self, SelectionError> {
        let patterns = patterns.iter().map(|pattern| Pattern::parse(pattern));
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether a pattern matches a key.
    #[must_use]
    pub fn selects(&self, key: &ResourceKey) -> bool {
        self.0.iter().any(|pattern| pattern.matches(key))
    }
}

/// Returns the keys that match at least one pattern; all keys if there are no patterns.
///
/// A pattern that equals a key selects only that key. `*` matches one segment of a key,
/// `**` matches several segments. A pattern without a kind selects simulations, and
/// `KIND:PATTERN` selects resources of that kind, also of simulations. A pattern without a
/// match is an error.
pub fn select<'a>(
    patterns: &[String],
    known: impl Iterator<Item = &'a ResourceKey>,
) -> Result<BTreeSet<&'a ResourceKey>, SelectionError> {
    let known: BTreeSet<_> = known.collect();
    if patterns.is_empty() {
        return Ok(known);
    }
    let mut selected = BTreeSet::new();
    for pattern in patterns {
        let key = ResourceKey::named(pattern, |key| known.contains(key));
        if let Some(key) = known.get(&key) {
            selected.insert(*key);
            continue;
        }
        let parsed = Pattern::parse(pattern)?;
        let mut meant = known.iter().filter(|key| parsed.matches(key)).peekable();
        if meant.peek().is_none() {
            return Err(unmatched(pattern, &known));
        }
        selected.extend(meant);
    }
    Ok(selected)
}

/// Returns the error for a pattern that matches nothing.
fn unmatched(pattern: &str, known: &BTreeSet<&ResourceKey>) -> SelectionError {
    let wanted = ResourceKey::named(pattern, |_| false);
    let wanted = wanted.as_str();
    let folder = format!("{}/", wanted.trim_end_matches('/'));
    let mut keys = known.iter().map(|key| key.as_str());
    let pattern = pattern.to_owned();
    if keys.any(|key| key.starts_with(&folder)) {
        let glob = format!("{folder}**");
        return SelectionError::Folder { pattern, glob };
    }
    let nearest = nearest_to(wanted, known);
    SelectionError::NoMatch { pattern, nearest }
}

/// Returns the most similar key, or a glob of the most similar folder.
fn nearest_to(pattern: &str, known: &BTreeSet<&ResourceKey>) -> Option<String> {
    let mut keys = known.iter().map(|key| key.as_str());
    if let Some((misspelt, rest)) = pattern.split_once("/*") {
        let folders = keys.filter_map(|key| key.rsplit_once('/'));
        let near = nearest(misspelt, folders.map(|(folder, _)| folder))?;
        return Some(format!("{near}/*{rest}"));
    }
    nearest(pattern, &mut keys).map(str::to_owned)
}

/// Returns the text of a key or a pattern with the kind that a misspelt kind before the
/// colon means; the key alone for a simulation.
#[must_use]
pub fn with_meant_kind(text: &str) -> Option<String> {
    let (prefix, rest) = text.split_once(':')?;
    let kind = nearest(prefix, Kind::ALL.map(Kind::name)).and_then(Kind::from_name)?;
    match kind {
        Kind::Simulation => Some(rest.to_owned()),
        kind if kind.name() == prefix => None,
        kind => Some(format!("{}:{rest}", kind.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &[&str], expected: &[&str]) {
        let known = ["a", "clinic/a", "clinic/b/c", "odd[1]", "schedule:a"].map(ResourceKey::from);
        let patterns: Vec<_> = patterns.iter().map(|&text| text.to_owned()).collect();
        let selected = select(&patterns, known.iter()).unwrap();
        let selected: Vec<_> = selected.into_iter().map(ResourceKey::as_str).collect();
        assert_eq!(selected, expected, "{patterns:?}");
    }

    #[test]
    fn keys_and_globs_select_simulations() {
        check(
            &[],
            &["a", "clinic/a", "clinic/b/c", "odd[1]", "schedule:a"],
        );
        check(&["*"], &["a", "odd[1]"]);
        check(&["schedule:*"], &["schedule:a"]);
        check(&["simulation:a"], &["a"]);
        check(&["simulation:clinic/*"], &["clinic/a"]);
        check(&["a"], &["a"]);
        check(&["clinic/*", "a", "a"], &["a", "clinic/a"]);
        check(&["clinic/**"], &["clinic/a", "clinic/b/c"]);
        check(&["odd[1]"], &["odd[1]"]);
    }

    #[test]
    fn a_pattern_without_a_match_suggests_the_nearest_key() {
        let known = ["front-desk", "night", "sales/a"].map(ResourceKey::from);
        let error = |pattern: &str| select(&[pattern.to_owned()], known.iter()).unwrap_err();
        let nothing = |pattern: &str, nearest: Option<&str>| SelectionError::NoMatch {
            pattern: pattern.to_owned(),
            nearest: nearest.map(str::to_owned),
        };
        assert_eq!(
            error("front-dezk"),
            nothing("front-dezk", Some("front-desk"))
        );
        assert_eq!(error("x/**"), nothing("x/**", None));
        assert_eq!(error("sale/**"), nothing("sale/**", Some("sales/**")));
        assert_eq!(error("SALES/**"), nothing("SALES/**", Some("sales/**")));
        let wanted = Some("front-desk");
        assert_eq!(
            error("simulation:front-dezk"),
            nothing("simulation:front-dezk", wanted)
        );
        for pattern in ["sales", "sales/", "simulation:sales"] {
            let (pattern, glob) = (pattern.to_owned(), "sales/**".to_owned());
            assert_eq!(error(&pattern), SelectionError::Folder { pattern, glob });
        }
        assert!(matches!(error("a["), SelectionError::InvalidPattern { .. }));
    }

    #[test]
    fn a_misspelt_kind_is_corrected() {
        for (text, expected) in [
            ("digital_humn:a", Some("digital_human:a")),
            ("custom-metrics:**", Some("custom_metric:**")),
            ("simulation:a", Some("a")),
            ("schedule:a", None),
            ("a: b", None),
            ("a", None),
        ] {
            assert_eq!(with_meant_kind(text).as_deref(), expected, "{text}");
        }
    }
}
