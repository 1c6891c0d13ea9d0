//! The name that was probably meant.

/// The nearest of the known names, if one is near enough to be meant.
///
/// Differences of case, `-` and `_` count for nothing, so `maxConcurrent` is
/// `max_concurrent`. Ties go to the first in the alphabet.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(name);
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let distance = strsim::damerau_levenshtein(&wanted, &other);
            let is_short_form = wanted.len() >= 4
                && other.len() >= 4
                && (other.ends_with(&wanted)
                    || other.starts_with(&wanted)
                    || wanted.starts_with(&other));
            let distance = if is_short_form {
                distance.min(allowed)
            } else {
                distance
            };
            (distance <= allowed).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

fn plain(name: &str) -> String {
    // Longer than any name that exists: comparing it would only cost time.
    name.chars()
        .take(80)
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// `a`, `b` and `c`: a list for a sentence.
#[must_use]
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        Some((end, _)) => end.clone(),
        None => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["agent_id", "max_concurrent", "name", "num_runs"];
        let near = |name| nearest(name, known);
        assert_eq!(near("maxConcurrent"), Some("max_concurrent"));
        assert_eq!(near("max-concurent"), Some("max_concurrent"));
        assert_eq!(near("agent"), Some("agent_id"));
        assert_eq!(near("nam"), Some("name"));
        assert_eq!(near("colour"), None);
    }
}
