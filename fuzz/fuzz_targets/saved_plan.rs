//! A saved plan: what can be read prints and reads back the same, and a plan that
//! was not made from it is refused.

#![no_main]

use bluejayctl::plan::{InputDigests, Plan, SavedPlan, SavedPlanError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let saved = match SavedPlan::parse(text) {
        Ok(saved) => saved,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let written = serde_json::to_string(&saved).expect("a saved plan can be written");
    let again = SavedPlan::parse(&written).expect("what was printed can be read");
    assert_eq!(again, saved);
    match saved.check_inputs(&saved.inputs) {
        // A plan of another version is read and refused.
        Err(SavedPlanError::Version { .. }) => return,
        checked => assert!(checked.is_ok()),
    }
    let others = InputDigests {
        desired: format!("{}0", saved.inputs.desired),
        ..saved.inputs.clone()
    };
    assert!(saved.check_inputs(&others).is_err());
    // The digest of a plan that does nothing is no other plan's.
    let nothing = Plan::default();
    if saved.check_decision(&nothing).is_ok() {
        let shown = saved.plan.clone();
        let new = SavedPlan::new(saved.options.clone(), saved.inputs.clone(), &nothing, shown);
        assert_eq!(new.decision, saved.decision);
    }
});
