//! The API's answers: any bytes are an answer or an error with a bounded text.

#![no_main]

use bluejayctl::api::wire;
use bluejayctl::resource::key::RemoteId;
use bluejayctl::resource::{Kind, NullMeaning, mismatches};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let details = wire::error_details(bytes);
    let (message, fields) = (details.message, details.fields);
    assert!(message.chars().count() <= 400);
    assert!(!message.contains('\n'));
    for field in fields {
        assert!(field.message.chars().count() <= 400);
    }
    let Ok(answer) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    // What becomes of these is their callers' business; they must not panic.
    for kind in Kind::ALL {
        let _ = wire::parse_created_id(kind, &answer);
        let _ = wire::listed(kind, &answer);
    }
    if let Ok(observed) = wire::observed(RemoteId::simulation(1), &answer) {
        let body = observed.to_body(Kind::Simulation);
        // What was read of a simulation never differs from itself.
        let found = mismatches(Kind::Simulation, &body, &observed, NullMeaning::NotShown);
        assert!(found.is_empty(), "{found:?}");
    }
});
