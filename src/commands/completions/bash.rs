//! Completion in bash.
//!
//! Bash splits words at `:` and `=`, and inserts candidates as they are. The line is
//! therefore split here, and candidates are quoted: a key may contain what bash would
//! execute.

/// Returns the script for bash. `complete -C` exists in every version of bash, and bash
/// does not expand what the program prints.
pub(super) fn script(variable: &str, program: &str) -> String {
    format!("complete -o nospace -C '{variable}=bash {program}' {program}\n")
}

/// A command line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The words without quotes. The last word is the word at the cursor, which may be
    /// empty.
    pub words: Vec<String>,
    /// The last word as it is written.
    raw: String,
    /// The quote that is open at the cursor.
    quote: Option<char>,
}

impl Line {
    /// Splits a line into words, as a shell does. Variables and commands are not expanded.
    pub fn parse(line: &str) -> Self {
        let mut parsed = Self {
            words: vec![String::new()],
            raw: String::new(),
            quote: None,
        };
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            parsed.push(character, &mut characters);
        }
        // Variables before the command are set for the command only.
        let is_setting = |word: &String| word.contains('=');
        let settings = parsed.words.iter().take_while(|word| is_setting(word));
        let settings = settings.count().min(parsed.words.len() - 1);
        parsed.words.drain(..settings);
        parsed
    }

    fn push(&mut self, character: char, rest: &mut impl Iterator<Item = char>) {
        let is_between = self.quote.is_none() && character.is_whitespace();
        if is_between {
            if !self.raw.is_empty() {
                self.words.push(String::new());
                self.raw.clear();
            }
            return;
        }
        self.raw.push(character);
        let mut value = None;
        match (self.quote, character) {
            (Some(open), _) if character == open => self.quote = None,
            (None, '\'' | '"') => self.quote = Some(character),
            (None | Some('"'), '\\') => value = rest.next(),
            _ => value = Some(character),
        }
        if character == '\\' && self.quote != Some('\'') {
            self.raw.extend(value);
        }
        if let Some(word) = self.words.last_mut() {
            word.extend(value);
        }
    }

    /// Returns the text that replaces the end `replaced` of the last word, so that the
    /// word becomes the candidate. `None` if no text can do so.
    pub fn replacement(&self, candidate: &str, replaced: &str) -> Option<String> {
        // Bash replaces from the last `:` or `=`, or from the open quote.
        let kept = self.raw.strip_suffix(replaced).unwrap_or_default();
        let kept = Self::parse(kept).words.pop().unwrap_or_default();
        let inserted = candidate.strip_prefix(kept.as_str())?;
        let text = match self.quote {
            Some('\'') if inserted.contains('\'') => return None,
            Some('\'') => return Some(inserted.to_owned()),
            Some(_) => return Some(escaped(inserted, |c| "\"\\$`!".contains(c))),
            None => escaped(inserted, |c| !is_plain(c)),
        };
        let is_whole = !candidate.ends_with(['/', '=', ':']);
        Some(if is_whole { text + " " } else { text })
    }
}

/// Returns whether a character has no meaning in a shell.
pub(super) fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "/._-+@%:,=".contains(character)
}

fn escaped(text: &str, is_special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if is_special(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_like_in_a_shell() {
        for (line, words) in [
            ("bluejayctl ", &["bluejayctl", ""][..]),
            ("bluejayctl  plan", &["bluejayctl", "plan"]),
            ("A=1 B=2 bluejayctl plan ", &["bluejayctl", "plan", ""]),
            (r"x a\ b 'c d' ", &["x", "a b", "c d", ""]),
            (r#"x "a\"b 'c"#, &["x", "a\"b 'c"]),
            (r"x 'a\", &["x", r"a\"]),
            ("x --env=stag", &["x", "--env=stag"]),
            ("", &[""]),
        ] {
            assert_eq!(Line::parse(line).words, words, "{line}");
        }
    }

    /// Checks the text that bash inserts, with the part of the last word that bash
    /// replaces.
    #[track_caller]
    fn check(line: &str, replaced: &str, candidate: &str, expected: Option<&str>) {
        let found = Line::parse(line).replacement(candidate, replaced);
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn a_candidate_replaces_what_follows_the_last_break() {
        check("x pl", "pl", "plan", Some("plan "));
        check("x --env=st", "st", "--env=staging", Some("staging "));
        let human = "digital_human:angry caller";
        check("x dig", "dig", human, Some(r"digital_human:angry\ caller "));
        check("x digital_human:an", "an", human, Some(r"angry\ caller "));
        check("x digital_human:", "", human, Some(r"angry\ caller "));
        check("x ", "", "clinic/", Some("clinic/"));
    }

    #[test]
    fn nothing_that_bash_executes_is_inserted() {
        let hostile = "a$(rm -rf ~)`x`\"'";
        let escaped = r#"a\$\(rm\ -rf\ \~\)\`x\`\"\' "#;
        check("x a", "a", hostile, Some(escaped));
        check("x \"a", "a", hostile, Some(r#"a\$(rm -rf ~)\`x\`\"'"#));
        check("x 'a", "a", hostile, None);
        check("x 'a", "a", "a b", Some("a b"));
    }
}
