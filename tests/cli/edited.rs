//! Tests of files that are edited while an apply runs.

use super::api::TestApi;
use super::env::{KEY, Running, TestEnv, until};

#[test]
fn a_refusal_names_the_line_that_declared_the_resource() {
    let api = TestApi::with_faults(&[
        "latency:delay=300ms,match=POST:create",
        "error-before:status=422,match=POST:create",
    ]);
    for edited in ["# nothing\n", "key: other\nagent_id: \"42\"\nname: x\n"] {
        let env = TestEnv::new();
        env.write(
            "simulations/a.yaml",
            "# first\n---\nkey: a\nagent_id: \"42\"\nname: a\n---\nkey: b\nagent_id: \"42\"\nname: b\n",
        );
        let before = api.write_count();
        let mut apply = env.command(&["apply", "--yes", "--target", "b"]);
        apply
            .env("BLUEJAY_API_URL", api.url())
            .env("BLUEJAY_API_KEY", KEY);
        let running = Running::start(&mut apply);
        until("the create is sent", || api.write_count() > before);
        env.write("simulations/a.yaml", edited);
        running.end().code(1).says("--> simulations/a.yaml:7:1");
    }
}
