//! The transcripts of README.md and docs/ are what the program prints.
//!
//! A transcript is a fenced `console` block: lines that begin with `$ ` are run by
//! bash, one after the other, and the lines below each are compared with what the
//! command printed to stdout and stderr. Each page has one empty folder, one
//! environment and, where a page wants one, one server on this machine; blocks
//! build on each other from top to bottom.
//!
//! HTML comments say what a reader need not see. Each stands alone on its lines:
//!
//! | comment | meaning |
//! | --- | --- |
//! | `<!-- terminal -->` | from here on, `bluejayctl` runs on a terminal; else in a pipe, as in CI |
//! | `<!-- file: PATH -->` | the next fenced block is written to PATH |
//! | `<!-- setup: COMMANDS -->` | these commands run first; nothing of their output is shown |
//! | `<!-- not run: REASON -->` | the next `console` block is not run |
//!
//! A line `...` stands for any number of lines. Times, durations, process ids,
//! ports of this machine and ids of simulations in parentheses differ from run to
//! run, and count as equal (`compare::redact`). `[y/N] y` is answered as shown.
//!
//! `UPDATE_DOCS=1 cargo test --features crash-points transcripts` rewrites the
//! blocks that differ, and keeps their `...` lines where the neighbouring lines
//! still exist.
//!
//! The crate `trycmd` compares such blocks too, but runs no shell and shares no
//! state between the blocks of a page.

mod compare;
mod page;
mod pictures;
mod session;
mod svg;

use std::fs;
use std::path::Path;

use page::{Page, Part};
use session::Session;

use super::tools::has;

/// The number of blocks on all pages that are marked as not run. Each mark has a reason.
const NOT_RUN: usize = 12;

fn read(name: &str) -> Page {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    Page::parse(&fs::read_to_string(path).unwrap())
}

/// Runs every transcript of a page and compares it. With `UPDATE_DOCS=1`, corrects the
/// page.
#[track_caller]
fn check(name: &str) {
    if !has(&["bash", "curl", "git", "jq", "script", "timeout"]) {
        return;
    }
    let page = read(name);
    let mut session = Session::start();
    let mut new = String::new();
    let mut wrong = Vec::new();
    for part in &page.parts {
        match part {
            Part::Text(text) => new.push_str(text),
            Part::Terminal => session.is_terminal = true,
            Part::File { path, text } => session.write(path, text),
            Part::Setup(commands) => session.set_up(commands),
            Part::Command {
                command,
                shown,
                indent,
            } => {
                let printed = session.run(command, shown);
                let corrected = compare::correct(shown, &printed);
                if corrected != *shown {
                    wrong.push(format!(
                        "$ {command}\n-- shown\n{shown}-- printed\n{printed}"
                    ));
                }
                new.extend(corrected.lines().map(|line| page::indented(line, indent)));
            }
        }
    }
    if wrong.is_empty() {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        fs::write(path, new).unwrap();
        return;
    }
    panic!(
        "{name} shows what is not printed (`UPDATE_DOCS=1` corrects the page):\n{}",
        wrong.join("\n")
    );
}

macro_rules! pages {
    ($($test:ident: $name:literal,)*) => {
        const PAGES: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                check($name);
            }
        )*
    };
}

pages! {
    readme: "README.md",
    ci: "docs/ci.md",
    crash_matrix: "docs/crash-matrix.md",
    decisions: "docs/decisions.md",
    design: "docs/design.md",
    environments: "docs/environments.md",
    machines: "docs/machines.md",
    operation: "docs/operation.md",
    performance: "docs/performance.md",
    recovery: "docs/recovery.md",
    reference: "docs/reference.md",
    sandbox: "docs/sandbox.md",
    state_table: "docs/state-table.md",
    tutorial: "docs/tutorial.md",
}

#[test]
fn every_page_is_run() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut found = vec!["README.md".to_owned()];
    for entry in fs::read_dir(docs).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name)
            .extension()
            .is_some_and(|ending| ending == "md")
        {
            found.push(format!("docs/{name}"));
        }
    }
    found.sort();
    let mut listed = PAGES.to_vec();
    listed.sort_unstable();
    assert_eq!(found, listed);
}

#[test]
fn the_blocks_that_are_not_run_are_counted() {
    let count: usize = PAGES.iter().map(|name| read(name).not_run).sum();
    assert_eq!(count, NOT_RUN);
}

#[test]
fn three_dots_stand_for_any_number_of_lines() {
    let shown = "...\nthrottled\n...\ndone\n";
    for printed in [
        "throttled\ndone\n",
        "created (1)\nthrottled\ncreated (2)\ncreated (3)\ndone\n",
    ] {
        assert_eq!(compare::correct(shown, printed), shown);
    }
    assert_eq!(
        compare::correct(shown, "created (1)\ndone\n"),
        "created (1)\n...\ndone\n"
    );
}
