//! A Markdown page of limited size.

use std::fmt;

/// The largest comment, in bytes. GitHub accepts 65,536 characters; a character has at
/// least one byte, and the workflow may add a line.
pub const COMMENT_LIMIT: usize = 64_000;

/// The hidden first line of a comment. The workflow finds the comment by this line, and
/// updates it.
#[derive(Debug, Clone)]
pub struct Marker(String);

impl Marker {
    /// Returns the marker of a plan: `<!-- bluejayctl:plan:NAME -->`, without the name if
    /// no environment is chosen.
    #[must_use]
    pub fn plan(environment: Option<&str>) -> Self {
        let environment = environment.map(|name| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            // Two hyphens end an HTML comment.
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

/// A page that never exceeds its limit.
pub struct Page {
    text: String,
    limit: usize,
}

impl Page {
    /// Returns an empty page with a limit in bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            limit,
        }
    }

    /// Returns the room in bytes.
    pub fn room(&self) -> usize {
        self.limit - self.text.len()
    }

    /// Adds a whole part, if the part fits. Returns whether the part was added.
    pub fn push(&mut self, part: &str) -> bool {
        let fits = part.len() <= self.room();
        if fits {
            self.text.push_str(part);
        }
        fits
    }

    /// Adds parts as long as `reserve` bytes are left. Returns the number of added parts.
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

    /// Adds a table with the rows that fit, as long as `reserve` bytes are left; nothing
    /// without rows. Returns the number of omitted rows.
    pub fn push_table(&mut self, head: &str, rows: Vec<String>, reserve: usize) -> usize {
        let count = rows.len();
        if count == 0 {
            return 0;
        }
        self.push(head);
        let omitted = count - self.push_all(rows, reserve);
        self.push("\n");
        omitted
    }

    /// Returns the text of the page.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Returns the text, or its first characters and the number of other characters.
pub fn shortened(text: &str, most: usize) -> String {
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
    fn a_marker_can_not_end_its_comment() {
        assert_eq!(Marker::plan(None).to_string(), "<!-- bluejayctl:plan -->");
        let staging = Marker::plan(Some("staging")).to_string();
        assert_eq!(staging, "<!-- bluejayctl:plan:staging -->");
        let hostile = Marker::plan(Some("a--> @b")).to_string();
        assert_eq!(hostile, "<!-- bluejayctl:plan:a-____b -->");
    }

    #[test]
    fn a_page_adds_whole_parts_only() {
        let mut page = Page::new(10);
        assert!(page.push("12345"));
        assert!(!page.push("123456"));
        assert_eq!(page.push_all(["12".to_owned(), "34".to_owned()], 2), 1);
        assert_eq!(page.into_text(), "1234512");
    }

    #[test]
    fn a_shortened_text_counts_the_omitted_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 2), "äö... (2 more characters)");
    }
}
