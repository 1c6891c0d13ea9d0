//! Faults: what goes wrong, decided request by request.

mod quirks;

pub(super) use quirks::Quirks;
