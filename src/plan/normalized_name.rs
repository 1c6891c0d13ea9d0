//! Decides whether a server may have stored one name as another.
//!
//! Servers normalise text: Unicode forms, case, white space, escapes, invisible
//! characters, maximum lengths. A resource whose name a server normalised is still
//! the resource that this program created.

use unicode_normalization::UnicodeNormalization as _;

/// The minimum length, in characters, at which a name can be a truncated form of
/// another name.
const MIN_TRUNCATED: usize = 48;

/// A name without the differences that servers normalise away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NormalizedName(String);

impl NormalizedName {
    /// Normalises a name: decodes escapes, folds compatible characters and case, and
    /// drops white space and invisible characters.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let read = unescaped(name);
        if read.is_ascii() {
            return Self::of_ascii(&read);
        }
        let folded = read.nfkd().flat_map(char::to_lowercase);
        let folded = folded.map(plain).flat_map(|letter| match letter {
            'ß' => ['s', 's'].into_iter().take(2),
            letter => [letter, letter].into_iter().take(1),
        });
        let is_kept = |letter: &char| {
            !letter.is_whitespace() && !letter.is_control() && !is_invisible(*letter)
        };
        Self(folded.filter(is_kept).nfkc().collect())
    }

    /// Normalises a name of ASCII characters, to which Unicode forms mean nothing.
    fn of_ascii(name: &str) -> Self {
        let is_kept = |letter: &char| !letter.is_whitespace() && !letter.is_control();
        let folded = name.chars().map(|letter| letter.to_ascii_lowercase());
        Self(folded.filter(is_kept).collect())
    }

    /// Returns the beginning of the name as a key for look-ups. Two names that may be
    /// the same have equal buckets.
    #[must_use]
    pub fn bucket(&self) -> &str {
        let end = self.0.char_indices().nth(MIN_TRUNCATED);
        end.map_or(&self.0, |(end, _)| &self.0[..end])
    }

    /// Returns whether a server may have stored one of the names as the other.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let is_cut = |whole: &str, cut: &str| {
            let cut = cut.trim_end_matches(['.', '…']);
            cut.chars().count() >= MIN_TRUNCATED && whole.starts_with(cut)
        };
        self == other || is_cut(&self.0, &other.0) || is_cut(&other.0, &self.0)
    }
}

/// Returns the plain form of a typographic quote or dash.
fn plain(letter: char) -> char {
    match letter {
        '‘' | '’' | '‚' | '‛' | '′' => '\'',
        '“' | '”' | '„' | '‟' | '″' => '"',
        '‐'..='―' | '−' => '-',
        letter => letter,
    }
}

/// Returns whether a character is invisible: joiners, direction marks, variation
/// selectors.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Decodes the escapes of HTML and JSON. Other text is unchanged.
fn unescaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(['&', '\\']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (letter, length) = entity(rest)
            .or_else(|| backslash(rest))
            .unwrap_or_else(|| (rest.chars().next().unwrap_or_default(), 1));
        text.push(letter);
        rest = &rest[length..];
    }
    text.push_str(rest);
    text
}

/// Returns the character of an HTML entity at the start of a text, and the entity's
/// length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|end| *end <= 10)?;
    let name = text.strip_prefix('&')?.get(..end - 1)?;
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((letter, end + 1))
}

/// Returns the character of a backslash escape at the start of a text, and the escape's
/// length.
fn backslash(text: &str) -> Option<(char, usize)> {
    let escaped = text.strip_prefix('\\')?;
    if let Some(digits) = escaped.strip_prefix('u').and_then(|rest| rest.get(..4)) {
        let code = u32::from_str_radix(digits, 16).ok();
        return Some((code.and_then(char::from_u32)?, 6));
    }
    match escaped.chars().next()? {
        letter @ ('"' | '\'' | '\\' | '/') => Some((letter, 2)),
        'n' | 't' | 'r' => Some((' ', 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wanted: &str, stored: &str, expected: bool) {
        let (wanted, stored) = (NormalizedName::of(wanted), NormalizedName::of(stored));
        assert_eq!(wanted.is_alike(&stored), expected, "{wanted:?} {stored:?}");
        assert_eq!(stored.is_alike(&wanted), expected, "{wanted:?} {stored:?}");
        if expected {
            assert_eq!(wanted.bucket(), stored.bucket());
        }
    }

    #[test]
    fn a_name_that_a_server_normalised_is_alike() {
        for (wanted, stored) in [
            ("Caf\u{e9}", "Cafe\u{301}"),
            ("\u{fb01}rst \u{2460}", "first 1"),
            ("Front  desk ", "Front desk"),
            ("Front desk", "front desk"),
            ("STRASSE", "straße"),
            ("It’s “on” – now", "It's \"on\" - now"),
            ("Q&A <one>", "Q&amp;A &lt;one&gt;"),
            ("it's", "it&#39;s"),
            ("it's", "it&#x27;s"),
            ("say \"hi\"", "say \\\"hi\\\""),
            ("Caf\u{e9}", "Caf\\u00e9"),
            ("zero\u{200b}width", "zerowidth"),
            ("a\tb", "a b"),
        ] {
            check(wanted, stored, true);
        }
        let long = "Booking in every language and at every hour of the day ".repeat(6);
        for length in [255, 100, 64] {
            let cut: String = long.chars().take(length).collect();
            check(&long, &cut, true);
            check(&long, &format!("{cut}…"), true);
        }
    }

    #[test]
    fn every_ascii_character_is_normalised_as_in_a_name_with_others() {
        for letter in (0..128u8).map(char::from) {
            let NormalizedName(alone) = NormalizedName::of(&format!("a{letter}Z"));
            let NormalizedName(with_other) = NormalizedName::of(&format!("a{letter}Z日"));
            assert_eq!(alone + "日", with_other, "{letter:?}");
        }
    }

    #[test]
    fn another_name_is_not() {
        for (wanted, stored) in [
            ("Front desk", "Back desk"),
            ("Test 1", "Test 10"),
            ("a-1", "a 1"),
            ("a & b", "a"),
            ("\\", ""),
            ("日本", "中国"),
        ] {
            check(wanted, stored, false);
        }
        let long = "Booking in every language and at every hour of the day ".repeat(2);
        check(&long, "Booking in every language", false);
    }
}
