//! Tests of editors and other validators with a project of `init` and with the schemas.
//!
//! `languages` and `validators` need programs that cargo can't install. If a program is
//! missing, the tests are reported as skipped, or fail with `REQUIRE_TOOLS=1`. To install
//! the programs, run `npm install yaml-language-server ajv-cli` in a folder, set
//! `BLUEJAY_YAML_LS` to that folder, and install `check-jsonschema` on the path.

mod cases;
mod init;
mod kinds;
mod language_server;
mod languages;
#[path = "../support/tools.rs"]
mod programs;
mod tools;
mod validators;
