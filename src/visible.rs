//! Escapes untrusted text.
//!
//! Files, lockfiles, answers and file names can contain control characters that a
//! terminal executes, invisible characters that reorder or join text, and lines that a
//! CI system executes as commands. The functions show these characters as escapes such
//! as `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Escapes a text for one line. Line breaks and tabs are escaped too.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// Escapes a text of several lines.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| matches!(character, '\n' | '\t'))
}

/// Escapes a complete output for people, except its colours if `is_coloured`.
///
/// A CI system finds no command in the result: GitHub executes a line that begins with
/// `::`, also after white space, and `##[` anywhere in a line.
#[must_use]
pub fn terminal(text: &str, is_coloured: bool) -> String {
    terminal_with_links(text, is_coloured, None)
}

/// Escapes a complete output like [`terminal`], except its links with this mark. Untrusted
/// text can't contain a link, because it does not know the mark.
#[must_use]
pub fn terminal_with_links(text: &str, is_coloured: bool, mark: Option<LinkMark>) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        let mut is_begun = false;
        while let Some(character) = rest.chars().next() {
            let plain = rest.bytes().take_while(|byte| is_plain(*byte)).count();
            if plain > 0 {
                let (begun, others) = rest.split_at(plain);
                shown.push_str(begun);
                is_begun |= begun.bytes().any(|byte| byte != b' ');
                rest = others;
                continue;
            }
            let colour = if is_coloured { colour(rest) } else { 0 };
            let link = mark.map_or(0, |mark| mark.length_at(rest));
            let kept = colour.max(link);
            if kept > 0 {
                shown.push_str(&rest[..kept]);
                rest = &rest[kept..];
                continue;
            }
            // The reports write three colons before the name of a related file.
            let is_command = !is_begun && rest.starts_with("::") && !rest.starts_with(":::");
            let is_command = is_command || starts_command(rest);
            if is_command {
                push_escape(&mut shown, character);
            } else if matches!(character, '\n' | '\t') {
                shown.push(character);
            } else {
                push(&mut shown, character);
            }
            is_begun |= !character.is_whitespace();
            rest = &rest[character.len_utf8()..];
        }
    }
    shown
}

/// Returns whether a byte is a character that needs no escape, whatever follows.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b':' | b'#')
}

/// The mark of the links of one process, which the process chooses at random.
#[derive(Debug, Clone, Copy)]
pub struct LinkMark(pub u64);

/// The end of a link.
const LINK_END: &str = "\u{1b}]8;;\u{1b}\\";

impl LinkMark {
    /// Returns a text as a link (OSC 8). The address has no control character.
    #[must_use]
    pub fn link(self, address: &str, text: &str) -> String {
        format!("{}{address}\u{1b}\\{text}{LINK_END}", self.beginning())
    }

    fn beginning(self) -> String {
        format!("\u{1b}]8;id={:x};", self.0)
    }

    /// Returns the length of the beginning or the end of a link at the start of a text; 0 if
    /// there is none.
    fn length_at(self, text: &str) -> usize {
        if !text.starts_with('\u{1b}') {
            return 0;
        }
        if text.starts_with(LINK_END) {
            return LINK_END.len();
        }
        let beginning = self.beginning();
        let Some(address) = text.strip_prefix(&beginning) else {
            return 0;
        };
        let length = address.bytes().take_while(u8::is_ascii_graphic).count();
        match address[length..].strip_prefix("\u{1b}\\") {
            Some(_) => beginning.len() + length + 2,
            None => 0,
        }
    }
}

/// Returns whether a text starts with a command that Azure Pipelines or `TeamCity`
/// executes anywhere in a line: `##[group]`, `##vso[task.complete]`, `##teamcity[`.
fn starts_command(text: &str) -> bool {
    let name = text.strip_prefix("##").map(|rest| {
        let is_name = |c: char| c.is_ascii_alphanumeric();
        rest.trim_start_matches(is_name)
    });
    name.is_some_and(|rest| rest.starts_with('['))
}

/// Returns whether a `[` after this text would start a command of a CI system.
#[must_use]
pub fn opens_command(before: &str) -> bool {
    let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    name.ends_with("##")
}

/// Returns the length of the colour code at the start of a text; 0 if there is none.
fn colour(text: &str) -> usize {
    let Some(codes) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let length = codes
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b';')
        .count();
    match codes.as_bytes().get(length) {
        Some(b'm') => length + 3,
        _ => 0,
    }
}

/// Escapes the text of a JSON document with JSON escapes, which do not change its
/// meaning.
#[must_use]
pub fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        if character != '\n' && is_invisible(before, character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a text never fails.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else if character == '[' && opens_command(&shown) {
            shown.push_str("\\u005b");
        } else {
            shown.push(character);
        }
        before = character;
    }
    shown
}

/// Replaces characters of a source snippet without a change of its byte length, because
/// marks refer to bytes. The renderer of snippets replaces most characters below
/// U+0020.
#[must_use]
pub fn same_length(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        if character == '\r' || character == '\u{7f}' {
            shown.push(' ');
        } else if character == '[' && opens_command(&shown) {
            shown.push('(');
        } else if is_invisible(before, character) && !character.is_ascii() {
            shown.push_str(match character.len_utf8() {
                2 => "\u{b7}",
                3 => "\u{fffd}",
                _ => "\u{1f6ab}",
            });
        } else {
            shown.push(character);
        }
        before = character;
    }
    shown
}

/// Shortens a text to about `most` characters. The middle is removed, so that a
/// sentence keeps its beginning and its end.
#[must_use]
pub fn bounded(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most || text.chars().count() <= most {
        return Cow::Borrowed(text);
    }
    let (head, tail) = (most * 3 / 4, most / 4);
    let end = text.char_indices().nth(head).map_or(0, |(at, _)| at);
    let begin = text.char_indices().nth_back(tail.max(1) - 1);
    let begin = begin.map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{} … {}", &text[..end], &text[begin..]))
}

/// Returns whether a character is invisible or affects the text around it. `before` is
/// the character before it, because scripts and emoji need joiners.
#[must_use]
pub fn is_invisible(before: char, character: char) -> bool {
    match character {
        '\u{200c}' | '\u{200d}' => before.is_ascii(),
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => character.is_control(),
    }
}

fn escaped(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut before = ' ';
    let is_plain = text.chars().all(|character| {
        let is_plain = is_kept(character) || !is_invisible(before, character);
        before = character;
        is_plain
    });
    if is_plain {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_kept(character) {
            shown.push(character);
        } else {
            push(&mut shown, character);
        }
    }
    Cow::Owned(shown)
}

fn push(shown: &mut String, character: char) {
    let before = shown.chars().next_back().unwrap_or(' ');
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ if is_invisible(before, character) => push_escape(shown, character),
        _ => shown.push(character),
    }
}

fn push_escape(shown: &mut String, character: char) {
    shown.extend(character.escape_unicode());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let hostile = "a\u{1b}[31m\r\u{7}\u{9b}1m\u{202e}b\u{200b}\u{feff}\u{7f}\nc\td";
        assert_eq!(
            line(hostile),
            "a\\u{1b}[31m\\r\\u{7}\\u{9b}1m\\u{202e}b\\u{200b}\\u{feff}\\u{7f}\\nc\\td"
        );
        assert!(lines(hostile).ends_with("\nc\td"));
        assert!(matches!(line("plain: ünï 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn joiners_stay_where_scripts_and_emoji_need_them() {
        assert_eq!(
            line("👩\u{200d}👧 می\u{200c}خواهم"),
            "👩\u{200d}👧 می\u{200c}خواهم"
        );
        assert_eq!(line("de\u{200d}sk"), "de\\u{200d}sk");
    }

    #[test]
    fn nothing_is_a_command_of_a_ci() {
        assert_eq!(
            terminal(
                "x ::a::\n  ::error::b\n ::: a.yaml:1:1\n##[add-mask]c\nx ##vso[task]d\n",
                false
            ),
            "x ::a::\n  \\u{3a}:error::b\n ::: a.yaml:1:1\n\\u{23}#[add-mask]c\nx \\u{23}#vso[task]d\n"
        );
        assert_eq!(
            terminal("\u{1b}[31m::error::b\u{1b}[0m \u{1b}]0;t\u{7}", true),
            "\u{1b}[31m\\u{3a}:error::b\u{1b}[0m \\u{1b}]0;t\\u{7}"
        );
        assert_eq!(terminal("\u{1b}[31m", false), "\\u{1b}[31m");
    }

    #[test]
    fn only_a_link_with_the_mark_is_kept() {
        let mark = LinkMark(0x2a);
        let link = mark.link("https://a.example/7", "7");
        assert_eq!(
            link,
            "\u{1b}]8;id=2a;https://a.example/7\u{1b}\\7\u{1b}]8;;\u{1b}\\"
        );
        assert_eq!(terminal_with_links(&link, true, Some(mark)), link);
        assert!(terminal(&link, true).starts_with("\\u{1b}]8;id=2a;https"));
        let other = LinkMark(7).link("https://evil.example", "x");
        let shown = terminal_with_links(&other, true, Some(mark));
        assert!(shown.starts_with("\\u{1b}]8;id=7;"), "{shown}");
        let open = "\u{1b}]8;id=2a;https://a b\u{1b}\\";
        assert!(terminal_with_links(open, true, Some(mark)).starts_with("\\u{1b}"));
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a\u{9b}": "\u{202e}##[x] ##vso[x]\u{e0041}\n"});
        let text = json(&format!("{value:#}\n"));
        assert!(
            !text.contains(['\u{9b}', '\u{202e}', '\u{e0041}']),
            "{text}"
        );
        assert!(!text.contains("##["), "{text}");
        assert!(!text.contains("vso["), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn a_snippet_keeps_its_length() {
        let source = "a\u{9b}\u{202e}\u{e0041}##[x]\u{7f}";
        assert_eq!(same_length(source).len(), source.len());
        assert_eq!(same_length(source), "a\u{b7}\u{fffd}\u{1f6ab}##(x] ");
    }

    #[test]
    fn a_long_sentence_keeps_both_ends() {
        let text = format!("unknown `{}` here", "ä".repeat(1_000));
        let short = bounded(&text, 100);
        assert!(short.starts_with("unknown `ä") && short.ends_with("ä` here"));
        assert_eq!(short.chars().count(), 103);
        assert_eq!(bounded("ä", 1), "ä");
    }
}
