//! Writes the files with the long texts of an imported resource.

use std::path::{Component, Path, PathBuf};

use crate::error::CommandError;
use crate::import::LongText;
use crate::store;
use crate::store::bounds::Bounds;
use crate::store::writable::WritablePath;

/// Returns the folder of the files, without `.`. Returns an error for a folder that is not
/// below the folder of the project, or hidden: documents could not include its files.
pub(super) fn below(folder: &Path) -> Result<PathBuf, CommandError> {
    let parts = folder
        .components()
        .filter(|part| *part != Component::CurDir);
    let below: PathBuf = parts.clone().collect();
    let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    let problem = if parts
        .clone()
        .any(|part| !matches!(part, Component::Normal(_)))
    {
        "is not below the folder of the project"
    } else if parts.clone().any(is_hidden) {
        "is a hidden folder, whose files documents can't include"
    } else {
        return Ok(below);
    };
    let message = format!("`{}` {problem}", folder.display());
    Err(CommandError::new(message)
        .help("name a folder such as `prompts`, relative to the folder of bluejay.yaml"))
}

/// Returns the path of a folder from the folder of a file. Both have forward slashes.
pub(super) fn relative(file: &str, folder: &str) -> String {
    let mut from: Vec<_> = file.split('/').collect();
    from.pop();
    let to: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let pairs = from.iter().zip(&to);
    let shared = pairs.take_while(|(one, other)| one == other).count();
    let up = from.len() - shared;
    let parts = std::iter::repeat_n("..", up).chain(to[shared..].iter().copied());
    let path = parts.collect::<Vec<_>>().join("/");
    if path.is_empty() {
        ".".to_owned()
    } else {
        path
    }
}

/// Creates the files. A file of an interrupted import, which has the same text, stays. Any
/// other existing file is an error, and no file is overwritten.
pub(super) fn write(
    texts: &[LongText],
    folder: &Path,
    bounds: &Bounds,
    shown: impl Fn(&Path) -> String,
) -> Result<(), CommandError> {
    for text in texts {
        let path = folder.join(&text.file);
        let file = WritablePath::within(bounds, &path)?;
        if !file.create_new(&text.text)? && !store::holds(&path, &text.text) {
            let error = CommandError::new(format!("`{}` exists already", shown(&path)));
            return Err(error.help(
                "choose another folder for `--texts-into`, or remove the file; `import` \
                 overwrites no file",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_folder_of_the_file() {
        for (file, folder, expected) in [
            ("simulations/a.yaml", "prompts", "../prompts"),
            ("simulations/b/a.yaml", "simulations/texts", "../texts"),
            ("simulations/a.yaml", "simulations", "."),
            ("a.yaml", "prompts/en", "prompts/en"),
        ] {
            assert_eq!(relative(file, folder), expected);
        }
    }
}
