//! A text with a limit.

use std::fmt;

/// The most bytes of a comment. GitHub takes 65,536 characters; a character has
/// at least one byte, and whoever posts the comment may add a line.
pub const COMMENT_LIMIT: usize = 64_000;

/// The hidden first line by which a comment is found again and updated.
#[derive(Debug, Clone)]
pub struct Marker(String);

impl Marker {
    /// The marker of a plan: `<!-- bluejayctl:plan:NAME -->`, without the name
    /// where no environment was chosen.
    #[must_use]
    pub fn plan(environment: Option<&str>) -> Self {
        let environment = environment.map(|name| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            // Two hyphens would end the HTML comment.
            let mut plain = String::from(":");
            for character in name.chars() {
                let is_kept = is_plain(character) || (character == '-' && !plain.ends_with('-'));
                plain.push(if is_kept { character } else { '_' });
            }
            plain
        });
        Self(format!(
            "bluejayctl:plan{}",
            environment.unwrap_or_default()
        ))
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<!-- {} -->", self.0)
    }
}

/// A text that never grows beyond its limit.
pub struct Page {
    text: String,
    limit: usize,
}

impl Page {
    /// An empty page of at most this many bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            limit,
        }
    }

    /// How many bytes it still takes.
    pub fn room(&self) -> usize {
        self.limit - self.text.len()
    }

    /// Adds a part as a whole, or not at all. Returns whether it did.
    pub fn push(&mut self, part: &str) -> bool {
        let fits = part.len() <= self.room();
        if fits {
            self.text.push_str(part);
        }
        fits
    }

    /// Adds as many of these parts as leave `reserve` bytes, and returns how many.
    pub fn push_all(&mut self, parts: impl IntoIterator<Item = String>, reserve: usize) -> usize {
        let mut count = 0;
        for part in parts {
            if part.len() + reserve > self.room() {
                break;
            }
            self.text.push_str(&part);
            count += 1;
        }
        count
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// The text, or its first characters and how many more there are.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}... ({more} more characters)", &text[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_stays_one_comment() {
        assert_eq!(Marker::plan(None).to_string(), "<!-- bluejayctl:plan -->");
        let staging = Marker::plan(Some("staging")).to_string();
        assert_eq!(staging, "<!-- bluejayctl:plan:staging -->");
        let hostile = Marker::plan(Some("a--> @b")).to_string();
        assert_eq!(hostile, "<!-- bluejayctl:plan:a-____b -->");
    }

    #[test]
    fn a_page_takes_parts_whole_or_not_at_all() {
        let mut page = Page::new(10);
        assert!(page.push("12345"));
        assert!(!page.push("123456"));
        assert_eq!(page.push_all(["12".to_owned(), "34".to_owned()], 2), 1);
        assert_eq!(page.into_text(), "1234512");
    }

    #[test]
    fn a_cut_counts_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 2), "äö... (2 more characters)");
    }
}
