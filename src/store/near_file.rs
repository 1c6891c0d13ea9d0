//! Finds the file that a path without a file probably means.

use std::path::Path;

use super::bounds::Bounds;
use super::path::{canonical, is_yaml};
use super::read::names_in;
use crate::spec::nearest::nearest;

/// The most names in a folder that are compared: a comparison takes time.
const MAX_NAMES: usize = 1_000;

/// Returns the path of the file that a relative path probably means: a path from a folder
/// above, or else a path with misspelt names. The path is relative to `folder`, with forward
/// slashes, and leads to a file within `bounds`. `None` if no file is similar.
pub(super) fn near_file(folder: &Path, path: &str, bounds: &Bounds) -> Option<String> {
    let is_allowed = |found: &String| is_file(&folder.join(found), bounds);
    let found = from_above(folder, path, bounds).or_else(|| respelt(folder, path, bounds));
    found.filter(is_allowed)
}

/// Returns the path to a file that the path leads to from a folder above, such as the folder
/// of the project.
fn from_above(folder: &Path, path: &str, bounds: &Bounds) -> Option<String> {
    let real = canonical(folder);
    let above = real.ancestors().skip(1);
    let mut above = above.take_while(|folder| bounds.contain_folder(folder));
    let levels = above.position(|folder| is_file(&folder.join(path), bounds))? + 1;
    Some("../".repeat(levels) + path)
}

/// Returns the path with the nearest existing name in place of each name that leads nowhere.
fn respelt(folder: &Path, path: &str, bounds: &Bounds) -> Option<String> {
    let (mut at, mut steps) = (folder.to_owned(), Vec::new());
    let mut rest = path.split('/').peekable();
    while let Some(step) = rest.next() {
        let is_last = rest.peek().is_none();
        let fits = |name: &str| {
            let path = at.join(name);
            if is_last {
                path.is_file()
            } else {
                path.is_dir()
            }
        };
        let step = if fits(step) {
            step.to_owned()
        } else {
            let mut names = visible_names(&at, bounds);
            // The YAML files beside a text declare resources.
            let means_yaml = is_yaml(step.as_ref());
            names.retain(|name| means_yaml || !is_yaml(name.as_ref()));
            let near = nearest(step, names.iter().map(String::as_str))?;
            fits(near).then(|| near.to_owned())?
        };
        at.push(&step);
        steps.push(step);
    }
    Some(steps.join("/"))
}

/// Returns the names in a folder that a reference can contain.
fn visible_names(folder: &Path, bounds: &Bounds) -> Vec<String> {
    if !bounds.contain_folder(&canonical(folder)) {
        return Vec::new();
    }
    let names = names_in(folder).unwrap_or_default().into_iter();
    let names = names.take(MAX_NAMES);
    let names = names.filter_map(|name| name.into_string().ok());
    let is_plain = |name: &String| {
        let is_special = |c: char| c == '}' || c == '\\' || c.is_control();
        !name.starts_with('.') && !name.contains(is_special)
    };
    names.filter(is_plain).collect()
}

fn is_file(path: &Path, bounds: &Bounds) -> bool {
    path.is_file() && bounds.contain(&canonical(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_to_no_file_suggests_the_file_that_it_means() {
        let top = tempfile::tempdir().unwrap();
        let repository = top.path().join("repository");
        for file in [
            "repository/.git/config",
            "repository/prompts/en/angry-caller.md",
            "repository/prompts/.hidden.md",
            "repository/simulations/people/marta.md",
            "repository/simulations/people/b_night.yaml",
            "repository/simulations/people/bra}ce.md",
            "secret.md",
        ] {
            let path = top.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let bounds = Bounds::around(&[&repository]);
        let people = repository.join("simulations/people");
        for (path, expected) in [
            ("martha.md", Some("marta.md")),
            ("Marta.txt", Some("marta.md")),
            ("../people/martha.md", Some("../people/marta.md")),
            (
                "../../prompt/en/angry_caler.md",
                Some("../../prompts/en/angry-caller.md"),
            ),
            (
                "prompts/en/angry-caller.md",
                Some("../../prompts/en/angry-caller.md"),
            ),
            ("marta.yml", Some("marta.md")),
            ("night.md", None),
            ("colour.md", None),
            ("brace.md", None),
            ("../../prompts/hidden.md", None),
            ("../../../secrets.md", None),
            ("secret.md", None),
        ] {
            let found = near_file(&people, path, &bounds);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
