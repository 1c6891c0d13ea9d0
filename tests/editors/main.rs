//! What editors and CI make of a repository: the one that `init` begins, and
//! the schemas in the programs that people check YAML with.
//!
//! `languages` and `validators` need programs that cargo can't bring: where they
//! are missing, the tests are reported as skipped, or fail with `REQUIRE_TOOLS=1`. `npm install yaml-language-server
//! ajv-cli` in a folder, with `BLUEJAY_YAML_LS` set to that folder, and
//! `check-jsonschema` on the path bring them.

mod cases;
mod init;
mod kinds;
mod language_server;
mod languages;
#[path = "../support/tools.rs"]
mod programs;
mod tools;
mod validators;
