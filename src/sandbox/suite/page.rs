//! Splits lists into pages.

use serde::Deserialize;
use serde_json::json;

use crate::sandbox::coerce::{ANY, Checker, Problem, Range};

/// The query of a page.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PageQuery {
    page: Option<String>,
    page_size: Option<String>,
    /// The agent; only for lists of metrics.
    pub agent_id: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub number: usize,
    pub size: usize,
}

impl PageQuery {
    /// Parses the query. Returns a refusal for an invalid query.
    pub(super) fn page(&self, default_size: i64, largest: i64) -> Result<Page, Vec<Problem>> {
        let mut checker = Checker::default();
        let mut take = |name: &str, given: Option<&String>, default: i64, at_most: Option<i64>| {
            let range = Range {
                at_least: Some(1),
                at_most,
                ..ANY
            };
            let Some(given) = given else {
                return default;
            };
            let at = [json!("query"), json!(name)];
            let taken = checker.integer(range, &json!(given), &at);
            taken.and_then(|taken| taken.as_i64()).unwrap_or(default)
        };
        let number = take("page", self.page.as_ref(), 1, None);
        let size = take(
            "page_size",
            self.page_size.as_ref(),
            default_size,
            Some(largest),
        );
        if !checker.problems.is_empty() {
            return Err(checker.problems);
        }
        let whole = |number: i64| usize::try_from(number).unwrap_or(1);
        Ok(Page {
            number: whole(number),
            size: whole(size),
        })
    }
}

impl Page {
    /// Returns the number of pages.
    pub(super) fn count(self, items: usize) -> usize {
        items.div_ceil(self.size)
    }

    /// Returns the items of this page.
    pub(super) fn of<T>(self, items: Vec<T>) -> Vec<T> {
        let before = (self.number - 1).saturating_mul(self.size);
        items.into_iter().skip(before).take(self.size).collect()
    }
}
