//! Reads the files of the desired state, and refuses links that lead out of the
//! repository.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::bounds::Bounds;
use super::near_file::near_file;
use super::path::{canonical, folder_of, real_path};
use super::writable::WritablePath;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Place, SourceFile};
use crate::spec::decode::{self, MAX_FILE_BYTES};
use crate::spec::included_text::{IncludeError, IncludedTexts, included_paths};

/// The most missing files of one YAML file for which similar files are searched: the search
/// takes time.
const MAX_SUGGESTIONS: usize = 20;

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

/// Reads the texts of the files that a YAML file at `path` includes.
#[must_use]
pub fn included_texts(file: &Arc<SourceFile>, path: &Path, bounds: &Bounds) -> IncludedTexts {
    let mut texts = IncludedTexts::default();
    let paths = included_paths(file);
    if paths.is_empty() {
        return texts;
    }
    let folder = folder_of(path);
    let mut bounds = bounds.clone();
    bounds.add_named(&canonical(&folder));
    let mut suggestions = 0;
    for path in paths {
        let name = name_beside(&file.name, &path);
        let mut text = if texts.is_full() {
            Err(IncludeError::TooMuch)
        } else {
            read_included(&folder, &path, &name, &bounds)
        };
        if let Err(IncludeError::Missing { nearest }) = &mut text
            && suggestions < MAX_SUGGESTIONS
        {
            suggestions += 1;
            *nearest = near_file(&folder, &path, &bounds);
        }
        texts.insert(&path, name, text);
    }
    texts
}

/// Returns the name in messages of a file at a path relative to the folder of the file
/// `name`.
#[must_use]
pub fn name_beside(name: &str, path: &str) -> String {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Reads the text of a file that a YAML file in `folder` names by a relative path. The
/// real file must be within `bounds`, and not be hidden. Reads no more bytes than the
/// bound. Messages show the file as `name`.
pub(crate) fn read_included(
    folder: &Path,
    path: &str,
    name: &str,
    bounds: &Bounds,
) -> Result<Arc<SourceFile>, IncludeError> {
    let relative = Path::new(path);
    if relative.has_root() || relative.is_absolute() || path.contains('\\') {
        return Err(IncludeError::NotRelative);
    }
    let real = match folder.join(relative).canonicalize() {
        Ok(real) if bounds.contain(&real) => real,
        Ok(_) => return Err(IncludeError::Outside),
        Err(error) => return Err(include_error(&error)),
    };
    match read_bounded(&real) {
        Ok(Content::Whole(bytes)) if bytes.len() as u64 > MAX_FILE_BYTES => {
            Err(IncludeError::TooLarge(bytes.len() as u64))
        }
        Ok(Content::Whole(bytes)) => decode::text(name, bytes).map_err(IncludeError::NotText),
        Ok(Content::TooLarge(length)) => Err(IncludeError::TooLarge(length)),
        Ok(Content::NoFile) => Err(IncludeError::NoFile),
        Err(error) => Err(include_error(&error)),
    }
}

fn include_error(error: &io::Error) -> IncludeError {
    match error.kind() {
        io::ErrorKind::NotFound => IncludeError::Missing { nearest: None },
        io::ErrorKind::PermissionDenied => IncludeError::Unreadable("permission denied".to_owned()),
        _ => IncludeError::Unreadable(error.to_string()),
    }
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
    let file = match open(path) {
        Ok(file) => file,
        // A folder of Windows and a socket can't be opened.
        Err(_) if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) => {
            return Ok(Content::NoFile);
        }
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Content::NoFile);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Ok(Content::TooLarge(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Content::Whole(bytes))
}

/// Opens a file, and does not wait for the writer of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::spec::declarations::{SimulationFile, read_with_texts};
    use crate::spec::settings::Settings;

    /// A repository with a YAML file in a folder.
    struct Repository {
        top: tempfile::TempDir,
    }

    impl Repository {
        fn new() -> Self {
            let top = tempfile::tempdir().unwrap();
            fs::create_dir_all(top.path().join("repo/.git")).unwrap();
            fs::create_dir_all(top.path().join("repo/simulations/people")).unwrap();
            Self { top }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.top.path().join("repo").join(name)
        }

        /// Returns the intent of a digital human, or the mistake, for a path in its file.
        fn intent(&self, path: &str) -> String {
            let text = format!("kind: digital_human\nname: x\nintent: ${{file:{path}}}\n");
            let file = SourceFile::new("simulations/people/a.yaml", text);
            let bounds = Bounds::around(&[&self.path("")]);
            let texts = included_texts(&file, &self.path("simulations/people/a.yaml"), &bounds);
            let default_key = "a".into();
            let input = SimulationFile { file, default_key };
            let mut found = read_with_texts(&input, &Settings::default(), &texts);
            if let Some(diagnostic) = found.diagnostics.pop() {
                return format!("{}: {}", diagnostic.place, diagnostic.summary);
            }
            let resource = found.declared.remove(0).resource.unwrap();
            let body = serde_json::to_value(&resource.body).unwrap();
            assert_eq!(body["name"], json!("x"));
            body["intent"].as_str().unwrap().to_owned()
        }
    }

    #[test]
    fn a_text_is_included_as_it_is() {
        let repository = Repository::new();
        let text = "\u{feff}kind: ${var:X}\r\n---\r\n$${file:b.md} \u{7}\n";
        fs::write(repository.path("simulations/people/a.md"), text).unwrap();
        let expected = "kind: ${var:X}\n---\n$${file:b.md} \u{7}\n";
        assert_eq!(repository.intent("a.md"), expected);
        assert_eq!(repository.intent("../people/./a.md"), expected);
        fs::write(repository.path("intent.md"), "x").unwrap();
        assert_eq!(repository.intent("../../intent.md"), "x");
    }

    #[test]
    fn a_text_outside_of_the_repository_is_refused() {
        let repository = Repository::new();
        fs::write(repository.path("../secret.md"), "secret").unwrap();
        fs::write(repository.path(".git/config"), "secret").unwrap();
        fs::write(repository.path(".env"), "secret").unwrap();
        let place = "simulations/people/a.yaml:3:9";
        for (path, shown) in [
            ("../../../secret.md", "../secret.md"),
            ("../../.git/config", ".git/config"),
            ("../../.env", ".env"),
        ] {
            assert_eq!(
                repository.intent(path),
                format!("{place}: `{shown}` lies outside of the repository, or is hidden")
            );
        }
        let absolute = repository.path("../secret.md").display().to_string();
        let refused = format!("{place}: `{absolute}` is no relative path");
        assert_eq!(repository.intent(&absolute), refused);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_not_lead_out_of_the_repository() {
        let repository = Repository::new();
        fs::write(repository.path("../secret.md"), "secret").unwrap();
        fs::write(repository.path("inside.md"), "inside").unwrap();
        let link = |name: &str, target: &str| {
            let link = repository.path("simulations/people").join(name);
            std::os::unix::fs::symlink(repository.path(target), link).unwrap();
        };
        link("out.md", "../secret.md");
        link("in.md", "inside.md");
        assert!(repository.intent("out.md").ends_with("or is hidden"));
        assert_eq!(repository.intent("in.md"), "inside");
    }

    #[test]
    fn a_large_text_is_refused() {
        let repository = Repository::new();
        let path = repository.path("simulations/people/large.md");
        let file = fs::File::create(path).unwrap();
        file.set_len(MAX_FILE_BYTES + 1).unwrap();
        assert!(
            repository
                .intent("large.md")
                .ends_with("which is too large")
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("folder.yaml")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket.yaml")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("pipe.yaml"))
            .status();
        assert!(made.unwrap().success());
        for name in ["folder.yaml", "socket.yaml", "pipe.yaml"] {
            let problem = read(&at(name), name).unwrap_err();
            assert_eq!(problem.summary, format!("`{name}` is not a regular file"));
        }
    }
}
