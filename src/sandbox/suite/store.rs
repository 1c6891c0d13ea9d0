//! All records, in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::record::{Record, RecordKind, new_id};
use crate::sandbox::lag::{Lag, format_time};

/// All records, by kind and number.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Records {
    by_place: BTreeMap<(RecordKind, u64), Arc<Record>>,
    numbers: HashMap<(RecordKind, String), u64>,
    last_number: u64,
}

impl Records {
    /// Returns the records of a snapshot. `last_number` is the highest number ever
    /// assigned.
    pub(in crate::sandbox) fn restore(records: Vec<Record>, last_number: u64) -> Self {
        let mut restored = Self {
            last_number,
            ..Self::default()
        };
        for record in records {
            restored.put(record);
        }
        restored
    }

    /// Returns the highest number ever assigned.
    pub(in crate::sandbox) fn last_number(&self) -> u64 {
        self.last_number
    }

    /// Returns all records.
    pub(in crate::sandbox) fn all(&self) -> impl Iterator<Item = &Record> {
        self.by_place.values().map(AsRef::as_ref)
    }

    /// Returns a new record, `ahead` numbers after the last record. The id stays free
    /// until the record is stored, unless the request chose the id.
    pub(super) fn created(
        &self,
        kind: RecordKind,
        ahead: u64,
        chosen_id: Option<&str>,
        fields: Map<String, Value>,
        now: Timestamp,
    ) -> Record {
        let number = self.last_number + 1 + ahead;
        Record {
            kind,
            number,
            id: chosen_id.map_or_else(|| new_id(kind, number), str::to_owned),
            created_at: format_time(now),
            fields,
        }
    }

    /// Stores a record, and replaces an older version of the record.
    pub(in crate::sandbox) fn put(&mut self, record: Record) {
        self.last_number = self.last_number.max(record.number);
        let id = (record.kind, record.id.clone());
        self.numbers.insert(id, record.number);
        let place = (record.kind, record.number);
        self.by_place.insert(place, Arc::new(record));
    }

    /// Removes a record, if the record exists.
    pub(in crate::sandbox) fn remove(&mut self, kind: RecordKind, id: &str) {
        if let Some(number) = self.numbers.remove(&(kind, id.to_owned())) {
            self.by_place.remove(&(kind, number));
        }
    }

    /// Returns the record with this id.
    pub(in crate::sandbox) fn get(&self, kind: RecordKind, id: &str) -> Option<&Arc<Record>> {
        let number = self.numbers.get(&(kind, id.to_owned()))?;
        self.by_place.get(&(kind, *number))
    }

    /// Returns the records of a kind for a list, oldest first.
    pub(in crate::sandbox) fn list(
        &self,
        kind: RecordKind,
        lag: Option<Lag>,
        now: Timestamp,
    ) -> Vec<Arc<Record>> {
        let last = self.last_number;
        let is_visible = |record: &&Arc<Record>| match lag {
            None => true,
            Some(Lag::Creates(count)) => record.number + count <= last,
            Some(Lag::Age(age)) => {
                let newest = now.checked_sub(age).unwrap_or(Timestamp::MIN);
                record.created_at <= format_time(newest)
            }
        };
        let of_kind = self.by_place.range((kind, 0)..=(kind, u64::MAX));
        of_kind
            .map(|(_, record)| record)
            .filter(is_visible)
            .cloned()
            .collect()
    }
}
