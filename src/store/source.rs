//! Reads the files of the desired state, and refuses links that lead out of the
//! repository.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::bounds::Bounds;
use super::path::real_path;
use super::writable::WritablePath;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::spec::decode::{self, MAX_FILE_BYTES};

/// Reads the project file. If the project file is a link, the link must not lead out of
/// `bounds`.
pub fn read_project(
    path: &Path,
    name: &str,
    bounds: &Bounds,
) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    match path.canonicalize() {
        Ok(real) if path.is_symlink() && !bounds.contain(&real) => Err(Box::new(leads_out(name))),
        _ => read(path, name),
    }
}

/// Reads a YAML file. Reads no more bytes than the bound.
pub fn read(path: &Path, name: &str) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    let bytes = match read_bounded(path) {
        Ok(Content::Whole(bytes)) => bytes,
        Ok(Content::TooLarge(length)) => return Err(Box::new(decode::too_large(name, length))),
        Ok(Content::NoFile) => {
            let place = Place::file(&SourceFile::unreadable(name));
            let problem = Diagnostic::error(
                DiagnosticCode::Unreadable,
                place,
                format!("`{name}` is not a regular file"),
            );
            return Err(Box::new(problem.help("move it out of this folder")));
        }
        Err(error) => return Err(Box::new(unreadable(name, &error))),
    };
    decode::decode(name, bytes)
}

/// Returns the problem of a path that commands write without being told so: the path lies
/// outside of `bounds`, or is a link that leads there. Otherwise the author of a commit
/// would choose which file is written on this machine.
#[must_use]
pub fn written_outside(path: &Path, name: &str, bounds: &Bounds) -> Option<Diagnostic> {
    WritablePath::within(bounds, &real_path(path)).err()?;
    if path.is_symlink() {
        return Some(leads_out(name));
    }
    let place = Place::file(&SourceFile::unreadable(name));
    let problem = format!("`{name}` is outside of the repository");
    let help = "the file is not written: choose a path in this git repository or, without git, \
                below the working folder";
    Some(Diagnostic::error(DiagnosticCode::Outside, place, problem).help(help))
}

/// Returns the diagnostic of a link that leads out of the bounds. The message does not
/// show the target of the link.
pub(super) fn leads_out(name: &str) -> Diagnostic {
    let place = Place::file(&SourceFile::unreadable(name));
    Diagnostic::error(
        DiagnosticCode::LinkOut,
        place,
        format!("`{name}` is a link that leads out of the repository or to a hidden file"),
    )
    .help(
        "the link is not followed: a link may lead to a file of the same git repository that is \
         not hidden or, without git, to a file below the working folder; move the file there",
    )
}

enum Content {
    Whole(Vec<u8>),
    TooLarge(u64),
    NoFile,
}

fn read_bounded(path: &Path) -> io::Result<Content> {
    // The type is checked before the file is opened: opening a pipe waits for its writer.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Ok(Content::NoFile);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Ok(Content::TooLarge(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(Content::Whole(bytes))
}

/// Returns the diagnostic of a file that cannot be read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let place = Place::file(&SourceFile::unreadable(name));
    let problem = Diagnostic::error(
        DiagnosticCode::Unreadable,
        place,
        format!("can't read `{name}`: {reason}"),
    );
    match error.kind() {
        io::ErrorKind::NotFound => {
            problem.help("the target of the link does not exist, or the file was removed")
        }
        io::ErrorKind::PermissionDenied => problem.help("make it readable for this user"),
        _ => problem,
    }
}
