//! The diff of two maps, and of two lists of maps, by line of YAML.

use serde_json::{Map, Value};

use super::Detail;
use super::row::{Row, Tag};
use super::text_rows::text_rows;
use crate::spec::yaml;

/// The largest lists of maps that are compared by line. The comparison of larger ones would
/// take long.
const MAX_ITEMS: usize = 2_000;

/// Compares two maps.
pub fn map_rows(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    detail: Detail,
) -> Vec<Row> {
    text_rows(&yaml(before), &yaml(after), detail)
}

/// Returns a map as YAML.
pub fn yaml(map: &Map<String, Value>) -> String {
    let fields = map.iter();
    let fields = fields.map(|(name, value)| (name.clone(), value.clone()));
    yaml::render(&fields.collect::<Vec<_>>())
}

/// Compares two lists of maps; `None` if an element is no map. The order of a set has no
/// meaning: its unchanged elements stand at the end, or are only counted.
pub fn rows_of_maps(
    before: &[Value],
    after: &[Value],
    is_set: bool,
    detail: Detail,
) -> Option<Vec<Row>> {
    let is_large = before.len().max(after.len()) > MAX_ITEMS;
    if is_large || !before.iter().chain(after).all(Value::is_object) {
        return None;
    }
    if !is_set {
        let texts = (yaml::items(before), yaml::items(after));
        return Some(text_rows(&texts.0, &texts.1, detail));
    }
    let (mut removed, same) = split(before, after);
    let (mut added, _) = split(after, before);
    let count = same.len();
    if detail.is_full {
        removed.extend(same.iter().cloned());
        added.extend(same);
    }
    let mut rows = text_rows(&yaml::items(&removed), &yaml::items(&added), detail);
    if count > 0 && !detail.is_full {
        rows.push(Row::new(Tag::Note, format!("({count} unchanged)")));
    }
    Some(rows)
}

/// Splits a list into the elements that another list does not have as often, and the rest.
fn split(list: &[Value], others: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let mut others: Vec<_> = others.iter().collect();
    list.iter().cloned().partition(|item| {
        let other = others.iter().position(|other| *other == item);
        other.map(|at| others.swap_remove(at)).is_none()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(rows: &[Row]) -> Vec<String> {
        let rows = rows.iter();
        rows.map(|row| format!("{}{}", row.sign(), row.text()))
            .collect()
    }

    #[test]
    fn only_the_lines_of_a_map_that_differ_are_marked() {
        let before = json!({"frequency": "daily", "time": "02:30", "window": {"days": ["monday"]}});
        let after = json!({"frequency": "daily", "time": "03:00", "window": {"days": ["friday"]}});
        let [before, after] = [&before, &after].map(|map| map.as_object().unwrap());
        let expected = [
            "  frequency: daily",
            "- time: '02:30'",
            "+ time: '03:00'",
            "  window:",
            "    days:",
            "-   - monday",
            "+   - friday",
        ];
        assert_eq!(shown(&map_rows(before, after, Detail::default())), expected);
    }

    #[test]
    fn the_maps_of_a_list_are_compared_by_line() {
        let list = |value: Value| value.as_array().cloned().unwrap();
        let (a, b) = (
            json!({"name": "a", "value": 1}),
            json!({"name": "b", "value": 2}),
        );
        let c = json!({"name": "b", "value": 3});
        let compare_in = |detail, is_set, after| {
            let before = list(json!([a, b]));
            rows_of_maps(&before, &list(after), is_set, detail)
        };
        let compare = |is_set, after| compare_in(Detail::default(), is_set, after);
        let rows = compare(false, json!([a, c])).unwrap();
        let expected = [
            "    value: 1",
            "  - name: b",
            "-   value: 2",
            "+   value: 3",
        ];
        assert_eq!(shown(&rows), expected);
        let rows = compare(true, json!([c, a])).unwrap();
        let expected = [
            "  - name: b",
            "-   value: 2",
            "+   value: 3",
            "  (1 unchanged)",
        ];
        assert_eq!(shown(&rows), expected);
        let full = Detail {
            is_full: true,
            has_emphasis: false,
        };
        let rows = compare_in(full, true, json!([c, a])).unwrap();
        let expected = [
            "  - name: b",
            "-   value: 2",
            "+   value: 3",
            "  - name: a",
            "    value: 1",
        ];
        assert_eq!(shown(&rows), expected);
        assert_eq!(compare(false, json!([a, "b"])), None);
    }
}
