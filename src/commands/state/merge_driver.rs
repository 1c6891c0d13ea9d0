//! `state merge-driver %O %A %B`: merges lockfiles when git calls it.

use std::path::Path;

use super::undecided::{note_clashes, undecided};
use crate::cli::{GlobalArgs, MergeDriverArgs};
use crate::error::{CommandError, Exit};
use crate::lock::{self, FormatError, Lockfile, conflict_text, merge3};
use crate::report::Output;
use crate::state::write_lockfile;
use crate::store;
use crate::store::writable::WritablePath;
use crate::suggestion::{Suggestion, Verb};

/// Merges into the file of our side. If only a person can decide, the file gets both
/// sides between conflict markers, and the exit code tells git.
pub(super) fn run(
    global: &GlobalArgs,
    args: &MergeDriverArgs,
    output: &Output,
) -> Result<Exit, CommandError> {
    let into = global.path(&args.ours);
    let texts = Texts {
        base: store::read_bytes_or_empty(&global.path(&args.base))?,
        ours: store::read_bytes_or_empty(&into)?,
        theirs: store::read_bytes_or_empty(&global.path(&args.theirs))?,
    };
    let name = args.path.as_deref().unwrap_or("the lockfile");
    let (ours, theirs) = match (side(&texts.ours), side(&texts.theirs)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(error), _) => return unreadable(&into, &texts, "our", name, error),
        (_, Err(error)) => return unreadable(&into, &texts, "their", name, error),
    };
    let base = base(&texts.base, output);
    let merge = merge3(&base, &ours, &theirs);
    if merge.conflicts.is_empty() {
        note_clashes(&merge, name, output);
        write_lockfile(&WritablePath::named(&into), &merge.merged)?;
        return Ok(Exit::Success);
    }
    let sides = merge.sides(&ours, &theirs);
    let [ours, theirs] = sides.map(|side| lock::render(&side).unwrap_or_default());
    WritablePath::named(&into).replace(conflict_text(&ours, &theirs).as_bytes())?;
    Err(undecided(
        format!("could not merge `{name}` without a decision"),
        &merge.conflicts,
        &resolve(args.path.as_deref()),
    ))
}

struct Texts {
    base: Vec<u8>,
    ours: Vec<u8>,
    theirs: Vec<u8>,
}

fn side(bytes: &[u8]) -> Result<Lockfile, FormatError> {
    lock::parse(&String::from_utf8_lossy(bytes))
}

/// Returns the common ancestor. Without a readable ancestor, all entries count as added
/// and none as deleted.
fn base(bytes: &[u8], output: &Output) -> Lockfile {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Lockfile::default();
    }
    let text = String::from_utf8_lossy(bytes);
    lock::parse_allowing_shared_ids(&text).unwrap_or_else(|error| {
        output.warn(format!(
            "the common ancestor of the lockfile can't be used, so nothing counts as deleted: \
             {error}"
        ));
        Lockfile::default()
    })
}

/// Writes both texts with conflict markers, as git does.
fn unreadable(
    into: &Path,
    texts: &Texts,
    which: &str,
    name: &str,
    error: FormatError,
) -> Result<Exit, CommandError> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let both = conflict_text(&text(&texts.ours), &text(&texts.theirs));
    WritablePath::named(into).replace(both.as_bytes())?;
    Err(
        CommandError::new(format!("could not read {which} side of `{name}`"))
            .caused_by(error)
            .help(
                "keep one whole side: `git checkout --ours PATH` or `git checkout --theirs PATH`",
            ),
    )
}

/// Returns the command `state resolve` for a lockfile: `bluejay.staging.lock` needs
/// `--env staging`.
fn resolve(path: Option<&str>) -> Suggestion {
    let resolve = Suggestion::new(Verb::StateResolve);
    let file_name = path.and_then(|path| Path::new(path).file_name());
    let file_name = file_name.map(|name| name.to_string_lossy().into_owned());
    let parts: Vec<_> = file_name.iter().flat_map(|name| name.split('.')).collect();
    match parts[..] {
        [_, "sandbox", "lock"] => resolve.flag("--sandbox"),
        [_, environment, "lock"] => resolve.option("--env", environment),
        _ => resolve,
    }
}
