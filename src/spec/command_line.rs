//! The words of commands that messages suggest, safe to paste into a shell
//! whatever a key or a path holds.

/// A text as one word.
#[must_use]
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as an argument behind all options: where it begins with a dash it must
/// not be taken for one of them.
#[must_use]
pub fn positional(text: &str) -> String {
    let dashes = if text.starts_with('-') { "-- " } else { "" };
    format!("{dashes}{}", quoted(text))
}

/// An option with its value, which may begin with a dash too.
#[must_use]
pub fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", quoted(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_safe_to_paste() {
        assert_eq!(quoted("clinic/front-desk"), "clinic/front-desk");
        assert_eq!(quoted("a b; rm"), "'a b; rm'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(positional("front-desk"), "front-desk");
        assert_eq!(positional("-x y"), "-- '-x y'");
        assert_eq!(option("--target", "a"), "--target a");
        assert_eq!(option("--target", "-x"), "--target=-x");
    }
}
