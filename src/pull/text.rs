//! The spelling of observed texts in a file.
//!
//! Servers trim texts and fold line ends. The lines of the file that mean the same as the
//! observed lines therefore stay, with their white space, their bullets and their
//! references.

use super::left::LeftReason;
use crate::resource::{Field, is_alike};
use crate::spec::edit::align::{Step, align};
use crate::spec::segments::{Segment, segments};

/// The values of the references in a text, by the whole reference.
pub(super) type ValueOf<'a> = dyn Fn(Segment<'_>) -> Option<String> + 'a;

/// Returns an observed text. Lines that mean the same as lines of the old text stay as
/// they are there.
#[must_use]
pub fn with_lines_of(field: Option<&Field>, old: &str, observed: &str) -> String {
    let (old_lines, new_lines, steps) = aligned(field, old, observed);
    let mut at = 0;
    let mut lines = Vec::new();
    for step in steps {
        match step {
            Step::Same => lines.push(old_lines[at].to_owned()),
            Step::Changed(to) | Step::Added(to) => lines.push(new_lines[to].clone()),
            Step::Removed => {}
        }
        at += usize::from(!matches!(step, Step::Added(_)));
    }
    joined(&lines, old)
}

/// Returns an observed text as a file writes it: `raw` is the text of the file before, and
/// `old` the same text with the values of its references. A line with references keeps
/// them, if the observed line has their values.
pub(super) fn respelled(
    field: Option<&Field>,
    raw: &str,
    old: &str,
    observed: &str,
    value_of: &ValueOf<'_>,
) -> Result<String, LeftReason> {
    let raw_lines: Vec<_> = raw.trim_end_matches('\n').split('\n').collect();
    let (old_lines, new_lines, steps) = aligned(field, old, observed);
    if raw_lines.len() != old_lines.len() {
        let observed = with_lines_of(field, old, observed);
        return with_references(raw, &observed, value_of);
    }
    // A line that has moved keeps its spelling, too.
    let moved = |new: &str| {
        let mut pairs = old_lines.iter().zip(&raw_lines);
        let is_moved = |old: &str| !has_return(old) && old.trim_end() == new.trim_end();
        let found = pairs.find(|(old, _)| is_moved(old));
        found.map(|(_, raw)| (*raw).to_owned())
    };
    let mut at = 0;
    let mut lines = Vec::new();
    for step in steps {
        match step {
            Step::Same => lines.push(raw_lines[at].to_owned()),
            Step::Changed(to) => lines.push(match moved(&new_lines[to]) {
                Some(line) => line,
                None => with_references(raw_lines[at], &new_lines[to], value_of)?,
            }),
            Step::Added(to) => {
                let line = moved(&new_lines[to]);
                lines.push(line.unwrap_or_else(|| escaped(&new_lines[to])));
            }
            Step::Removed => {}
        }
        at += usize::from(!matches!(step, Step::Added(_)));
    }
    Ok(joined(&lines, raw))
}

/// Returns the lines of both texts, and the steps between them.
fn aligned<'a>(
    field: Option<&Field>,
    old: &'a str,
    observed: &str,
) -> (Vec<&'a str>, Vec<String>, Vec<Step>) {
    let observed = observed.replace("\r\n", "\n").replace('\r', "\n");
    let old_lines: Vec<_> = old.trim_end_matches('\n').split('\n').collect();
    let new_lines: Vec<_> = observed.trim_end().split('\n').map(str::to_owned).collect();
    // Lines with the same meaning get the same number.
    let mut known: Vec<&str> = Vec::new();
    let mut number = |line: &'a str| -> usize {
        let is_same = |other: &&str| means_same(field, other, line);
        known.iter().position(is_same).unwrap_or_else(|| {
            known.push(line);
            known.len() - 1
        })
    };
    let old_numbers: Vec<_> = old_lines.iter().map(|line| number(line)).collect();
    let new_numbers: Vec<_> = {
        let known = known.clone();
        let number = |(at, line): (usize, &String)| {
            let found = known
                .iter()
                .position(|other| means_same(field, other, line));
            found.unwrap_or(known.len() + at)
        };
        new_lines.iter().enumerate().map(number).collect()
    };
    let steps = align(&old_numbers, &new_numbers);
    (old_lines, new_lines, steps)
}

/// Returns whether two lines have the same meaning.
fn means_same(field: Option<&Field>, one: &str, other: &str) -> bool {
    let is_several = has_return(one) || has_return(other);
    one == other || (!is_several && is_alike(field, &one.into(), &other.into()))
}

/// Returns whether a line has a carriage return that is not part of its line end. Servers
/// read it as a line end.
fn has_return(line: &str) -> bool {
    line.strip_suffix('\r').unwrap_or(line).contains('\r')
}

/// Joins lines, with the line ends at the end of the text before.
fn joined<T: AsRef<str>>(lines: &[T], before: &str) -> String {
    let lines: Vec<_> = lines.iter().map(AsRef::as_ref).collect();
    let mut text = lines.join("\n");
    if !text.is_empty() {
        let body = before.trim_end_matches('\n');
        text.push_str(&before[body.len()..]);
    }
    text
}

/// Returns an observed text with the references of `raw` in place of their values.
fn with_references(
    raw: &str,
    observed: &str,
    value_of: &ValueOf<'_>,
) -> Result<String, LeftReason> {
    let mut references: Vec<(String, String)> = Vec::new();
    for segment in segments(raw) {
        let (Segment::Var { whole, .. } | Segment::Resource { whole, .. }) = segment else {
            continue;
        };
        let lost = || LeftReason::LostReference(whole.to_owned());
        let value = value_of(segment).filter(|value| !value.is_empty());
        references.push((whole.to_owned(), value.ok_or_else(lost)?));
    }
    let mut text = escaped(observed);
    for (at, (whole, value)) in references.iter().enumerate() {
        if references[..at].iter().any(|(other, _)| other == whole) {
            continue;
        }
        let uses = references
            .iter()
            .filter(|(other, _)| other == whole)
            .count();
        if text.matches(value.as_str()).count() != uses {
            return Err(LeftReason::LostReference(whole.clone()));
        }
        text = text.replace(value.as_str(), whole);
    }
    Ok(text)
}

/// Returns a text in which no `${` begins a reference.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, old: &str, observed: &str, expected: Option<&str>) {
        let value_of = |segment: Segment<'_>| match segment {
            Segment::Var { name, .. } => Some(name.to_lowercase()),
            _ => None,
        };
        let found = respelled(None, raw, old, observed, &value_of).ok();
        assert_eq!(found.as_deref(), expected, "{raw:?} {observed:?}");
    }

    #[test]
    fn lines_with_the_same_meaning_stay() {
        check("a  \nb\n", "a  \nb\n", "a\nc", Some("a  \nc\n"));
        check("a\n", "a\n", "b", Some("b\n"));
        check("a\n\n\n", "a\n\n\n", "a\r\nb", Some("a\nb\n\n\n"));
        check("a", "a", "b ${x}", Some("b $${x}"));
        check("a\r \r\nb", "a\r \r\nb", "a\nc", Some("a\nc"));
        check("a $${x}\nb", "a ${x}\nb", "a ${x}\nc", Some("a $${x}\nc"));
    }

    #[test]
    fn references_stay_where_their_values_are() {
        let (raw, old) = ("in ${var:BERN} today\nend", "in bern today\nend");
        check(
            raw,
            old,
            "in bern tomorrow\nend",
            Some("in ${var:BERN} tomorrow\nend"),
        );
        check(
            raw,
            old,
            "in bern today\nnow bern",
            Some("in ${var:BERN} today\nnow bern"),
        );
        check(raw, old, "in basel today\nend", None);
        check(raw, old, "in bern, not bern\nend", None);
        check(raw, old, "end", Some("end"));
    }
}
