//! Finds the known name that is most similar to an unknown name.

/// Returns the most similar known name; `None` if no name is similar enough.
///
/// Case, `-` and `_` are ignored, so `maxConcurrent` matches `max_concurrent`. A name may
/// lack words at its beginning or end. If several names are equally similar, the name with
/// the fewest differences wins, then the first in the alphabet.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = simplify(name);
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = simplify(candidate);
            let whole = strsim::damerau_levenshtein(&wanted, &other);
            let is_short_form = wanted.len() >= 4
                && other.len() >= 4
                && (other.ends_with(&wanted)
                    || other.starts_with(&wanted)
                    || wanted.starts_with(&other));
            let end = suffix_distance(candidate, &wanted);
            let is_end = end.is_some_and(|end| end == 0 || wanted.len() >= 5 && end <= allowed);
            let is_part = is_short_form || is_end;
            let distance = if is_part { whole.min(allowed) } else { whole };
            let differences = end.unwrap_or(whole).min(whole);
            (distance <= allowed).then_some((distance, differences, candidate))
        })
        .min()
        .map(|(_, _, candidate)| candidate)
}

/// Returns the distance of a name from the last words of a known name.
fn suffix_distance(candidate: &str, wanted: &str) -> Option<usize> {
    let ends = candidate
        .match_indices('_')
        .map(|(at, _)| simplify(&candidate[at..]));
    ends.filter(|end| end.len() >= 3)
        .map(|end| strsim::damerau_levenshtein(wanted, &end))
        .min()
}

fn simplify(name: &str) -> String {
    // Known names are shorter, and a comparison of long names is slow.
    name.chars()
        .take(80)
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Joins names for a sentence: `a`, `b` and `c`.
#[must_use]
pub fn join_names<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
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
    fn finds_the_most_similar_name() {
        let known = ["agent_id", "max_concurrent", "name", "num_runs"];
        let near = |name| nearest(name, known);
        assert_eq!(near("maxConcurrent"), Some("max_concurrent"));
        assert_eq!(near("max-concurent"), Some("max_concurrent"));
        assert_eq!(near("agent"), Some("agent_id"));
        assert_eq!(near("nam"), Some("name"));
        assert_eq!(near("colour"), None);
        let known = [
            "custom_metrics_failing_threshold",
            "default_language",
            "default_name",
            "selected_custom_metrics",
        ];
        let near = |name| nearest(name, known);
        assert_eq!(near("custom_metrics"), Some("selected_custom_metrics"));
        assert_eq!(near("languge"), Some("default_language"));
        assert_eq!(near("greeting"), None);
    }
}
