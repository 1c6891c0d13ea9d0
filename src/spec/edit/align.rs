//! Aligns the items of a list with the items of its new form.

/// The most pairs of items that are compared. Longer lists are compared from both ends
/// only.
const MAX_PAIRS: usize = 4_000_000;

/// What happens to one item, in the order of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The item stays.
    Same,
    /// The item becomes this new item.
    Changed(usize),
    /// This new item is added.
    Added(usize),
    /// The item is removed.
    Removed,
}

/// Returns the steps from `old` to `new` that keep the most items.
#[must_use]
pub fn align<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (same_old, same_new) in pairs(old, new) {
        add_gap(from..same_old, to..same_new, &mut steps);
        steps.push(Step::Same);
        (from, to) = (same_old + 1, same_new + 1);
    }
    add_gap(from..old.len(), to..new.len(), &mut steps);
    steps
}

/// Adds the steps between two items that stay: the items are changed one by one.
fn add_gap(old: std::ops::Range<usize>, new: std::ops::Range<usize>, steps: &mut Vec<Step>) {
    let changed = old.len().min(new.len());
    steps.extend(new.clone().take(changed).map(Step::Changed));
    steps.extend(new.skip(changed).map(Step::Added));
    steps.extend(old.skip(changed).map(|_| Step::Removed));
}

/// Returns the pairs of equal items of a longest common subsequence.
#[must_use]
pub fn pairs<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (
        &old_rest[..old_rest.len() - end],
        &new_rest[..new_rest.len() - end],
    );
    let mut pairs: Vec<_> = (0..start).map(|at| (at, at)).collect();
    let middle = middle_pairs(old_middle, new_middle).into_iter();
    pairs.extend(middle.map(|(a, b)| (start + a, start + b)));
    pairs.extend((0..end).map(|at| (old.len() - end + at, new.len() - end + at)));
    pairs
}

fn middle_pairs<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return Vec::new();
    }
    // The length of the longest common subsequence of the rests.
    let mut lengths = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            lengths[a][b] = if old[a] == new[b] {
                lengths[a + 1][b + 1] + 1
            } else {
                lengths[a + 1][b].max(lengths[a][b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut pairs = Vec::new();
    while a < old.len() && b < new.len() {
        if old[a] == new[b] {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[a + 1][b] >= lengths[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_items_as_possible_stay() {
        use Step::{Added, Changed, Removed, Same};
        for (old, new, expected) in [
            ("abc", "abc", vec![Same, Same, Same]),
            ("abc", "ac", vec![Same, Removed, Same]),
            ("ac", "abc", vec![Same, Added(1), Same]),
            ("abc", "axc", vec![Same, Changed(1), Same]),
            ("abcd", "xbyd", vec![Changed(0), Same, Changed(2), Same]),
            ("", "a", vec![Added(0)]),
            ("ab", "ba", vec![Removed, Same, Added(1)]),
        ] {
            let (old, new): (Vec<_>, Vec<_>) = (old.chars().collect(), new.chars().collect());
            assert_eq!(align(&old, &new), expected, "{old:?} {new:?}");
        }
    }
}
