//! The files with the reports of `run`.

use std::path::Path;

use crate::cli::{GlobalArgs, RunArgs};
use crate::error::CommandError;
use crate::report::Output;
use crate::report::run::{RunReport, json, junit, markdown, page};
use crate::store;
use crate::store::writable::WritablePath;

/// The largest Markdown file, in bytes: no comment, and no summary of a step.
const MARKDOWN_LIMIT: usize = 16 * 1024 * 1024;

/// A file, and the report in it.
type ReportFile<'a> = (&'a Path, Render);

/// Renders a report.
type Render = fn(&RunReport<'_>) -> String;

fn files(args: &RunArgs) -> impl Iterator<Item = ReportFile<'_>> {
    let files: [(_, Render); 4] = [
        (&args.report, page),
        (&args.junit, junit),
        (&args.markdown, |report| markdown(report, MARKDOWN_LIMIT)),
        (&args.json_into, json),
    ];
    let files = files.into_iter();
    files.filter_map(|(path, render)| Some((path.as_deref()?, render)))
}

/// Returns an error if a file can't be written. A run costs money, so this is known before a
/// run is queued. An existing file keeps its content, and no empty file stays for the readers
/// of reports if the command ends without a report.
pub(super) fn check(global: &GlobalArgs, args: &RunArgs) -> Result<(), CommandError> {
    for (path, _) in files(args) {
        let path = store::real_path(&global.path(path));
        let file = WritablePath::named(&path);
        let is_new = !store::exists(&path);
        file.append("")?;
        if is_new {
            file.remove()?;
        }
    }
    Ok(())
}

/// Writes all files. A failed write does not prevent the others.
pub(super) fn write(
    global: &GlobalArgs,
    args: &RunArgs,
    report: &RunReport<'_>,
    output: &Output,
) -> Result<(), CommandError> {
    let mut written = Ok(());
    for (path, render) in files(args) {
        match WritablePath::named(&global.path(path)).begin() {
            Ok(file) => output
                .file(&path.to_string_lossy(), file)
                .write(&render(report)),
            Err(error) => written = Err(CommandError::from(error)),
        }
    }
    written
}
