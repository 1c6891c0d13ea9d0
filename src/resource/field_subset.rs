//! Selects fields of the field tables once, for code that runs for every document.

use std::sync::OnceLock;

use super::field::Field;
use super::kind::Kind;

/// The fields of each kind that a condition holds for.
///
/// A field table is larger than the fastest cache of a processor: to look at every field of
/// the table for each of ten thousand documents takes longer than the work on the few
/// fields that matter.
pub struct FieldSubset {
    includes: fn(&Field) -> bool,
    by_kind: [OnceLock<Vec<&'static Field>>; Kind::ALL.len()],
}

impl FieldSubset {
    /// Returns the fields that `includes` is true for.
    #[must_use]
    pub const fn new(includes: fn(&Field) -> bool) -> Self {
        Self {
            includes,
            by_kind: [const { OnceLock::new() }; Kind::ALL.len()],
        }
    }

    /// Returns these fields of a kind, in the order of the table.
    pub fn of(&self, kind: Kind) -> &[&'static Field] {
        self.by_kind[kind as usize].get_or_init(|| {
            let fields = kind.fields().iter();
            fields.filter(|field| (self.includes)(field)).collect()
        })
    }
}
