//! The text of a lockfile with git conflict markers.

/// Returns the line of the first git conflict marker, counted from 1.
#[must_use]
pub fn has_conflict_markers(text: &str) -> Option<usize> {
    text.lines()
        .position(|line| line.starts_with("<<<<<<< "))
        .map(|index| index + 1)
}

/// Splits a text with conflict markers into our side and their side.
///
/// The common ancestor that git's `diff3` style adds belongs to neither side.
#[must_use]
pub fn split_conflict_sides(text: &str) -> (String, String) {
    enum Part {
        Both,
        Ours,
        Ancestor,
        Theirs,
    }
    let (mut ours, mut theirs) = (String::new(), String::new());
    let mut part = Part::Both;
    for line in text.split_inclusive('\n') {
        part = match part {
            Part::Both if line.starts_with("<<<<<<< ") => Part::Ours,
            Part::Ours if line.starts_with("||||||| ") => Part::Ancestor,
            // A longer marker belongs to a conflict inside the ancestor.
            Part::Ours | Part::Ancestor if line.trim_end() == "=======" => Part::Theirs,
            Part::Theirs if line.starts_with(">>>>>>> ") => Part::Both,
            same => {
                if matches!(same, Part::Both | Part::Ours) {
                    ours.push_str(line);
                }
                if matches!(same, Part::Both | Part::Theirs) {
                    theirs.push_str(line);
                }
                same
            }
        };
    }
    (ours, theirs)
}

/// Returns a text with both sides between git conflict markers, as `state resolve`
/// reads them.
#[must_use]
pub fn conflict_text(ours: &str, theirs: &str) -> String {
    let whole = |text: &str| match text {
        "" => String::new(),
        text if text.ends_with('\n') => text.to_owned(),
        text => format!("{text}\n"),
    };
    format!(
        "<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n",
        whole(ours),
        whole(theirs)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_inside_the_ancestor_belongs_to_neither_side() {
        let text = "{\n<<<<<<< HEAD\n1\n||||||| merged common ancestors\n<<<<<<<<< Temporary merge \
                    branch 1\n2\n|||||||||\n=========\n3\n>>>>>>>>> Temporary merge branch 2\n\
                    =======\n4\n>>>>>>> other\n}\n";
        let (ours, theirs) = split_conflict_sides(text);
        assert_eq!(ours, "{\n1\n}\n");
        assert_eq!(theirs, "{\n4\n}\n");
    }
}
