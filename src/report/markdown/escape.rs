//! Escapes untrusted text for Markdown.

use super::page::shortened;
use crate::report::suggestion::current;
use crate::suggestion::{Message, MessagePart, Suggestion};
use crate::visible;

/// Returns the text as `<code>`, for a line or a table cell.
///
/// Backquotes are no option, because Markdown can't escape a backquote in code. Every
/// character that Markdown could interpret is an entity. GitHub and GitLab search for no
/// mentions and references inside `<code>`.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", entities(text, ""))
}

/// Returns the text as a part of a sentence. A zero-width space after `@` and `#`
/// prevents mentions and references after the entities are decoded.
pub fn prose(text: &str) -> String {
    entities(text, "&#8203;")
}

/// Returns Markdown as a link, if there is an address of the dashboard: its characters can't
/// end the link or a cell.
pub fn linked(markdown: &str, address: Option<&str>) -> String {
    match address {
        Some(address) => format!("[{markdown}]({address})"),
        None => markdown.to_owned(),
    }
}

/// Returns a message as a part of a sentence. Commands are complete; each text between
/// commands has at most `most` characters.
pub fn message(message: &Message, most: usize) -> String {
    let parts = message.parts().iter().map(|part| match part {
        MessagePart::Text(text) => prose(&shortened(text, most)),
        MessagePart::Command(suggestion) => command(suggestion.clone()),
    });
    parts.collect()
}

/// Returns a suggested command as code.
pub fn command(suggestion: Suggestion) -> String {
    code(&suggestion.command_line(&current()))
}

/// Punctuation that Markdown does not interpret in the middle of a line.
const PLAIN: &str = " -.,/()%?;'\"+={}";

fn entities(text: &str, after_reference: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // GitHub turns an address into a link.
            ':' if characters.peek() != Some(&'/') => escaped.push(':'),
            '.' if escaped.ends_with(['w', 'W']) => escaped.push_str("&#46;"),
            '@' | '#' => {
                escaped.push_str(&format!("&#{};", u32::from(character)));
                escaped.push_str(after_reference);
            }
            _ if PLAIN.contains(character) => escaped.push(character),
            _ if character.is_ascii_punctuation() => {
                escaped.push_str(&format!("&#{};", u32::from(character)));
            }
            _ => escaped.push(visible(character, ' ')),
        }
    }
    escaped
}

/// Returns the text as a fenced block. The fence is longer than every run of backquotes
/// in the text, so the text can't close the block. Control characters and commands of a
/// CI are escaped.
pub fn fenced(language: &str, text: &str) -> String {
    let text = &visible::terminal(text, false);
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let mut block = format!("{fence}{language}\n");
    for character in text.chars() {
        match character {
            '@' => block.push_str("@\u{200b}"),
            _ => block.push(character),
        }
    }
    if !text.ends_with('\n') {
        block.push('\n');
    }
    block + &fence + "\n"
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Returns the character, or `control` for an invisible control character, such as a line
/// break or a mark that changes the text direction.
fn visible(character: char, control: char) -> char {
    match character {
        '\t' | '\u{200c}' | '\u{200d}' => character,
        _ if character.is_control() => control,
        _ if visible::is_invisible(' ', character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_syntax_is_escaped_in_code() {
        let hostile =
            "a|b `c` <script>&amp; *x* _y_ [l](u) @team #1 ~~z~~ \\ $m$ https://a\r\nnext";
        let escaped = code(hostile);
        let inner = escaped.strip_prefix("<code>").unwrap();
        let inner = inner.strip_suffix("</code>").unwrap();
        for character in "|`<>*_[]@~\\$!\r\n".chars() {
            assert!(!inner.contains(character), "{character:?} in {inner}");
        }
        assert!(inner.contains("&#124;b &#96;c&#96; &#60;script&#62;"));
        assert!(inner.contains("&#38;amp;"));
        assert!(inner.contains("&#64;team"));
        assert!(inner.contains("https&#58;//a"));
    }

    #[test]
    fn an_address_does_not_become_a_link() {
        assert_eq!(
            prose("www.evil.example https://evil.example v1.2"),
            "www&#46;evil.example https&#58;//evil.example v1.2"
        );
    }

    #[test]
    fn prose_has_no_mentions_and_no_references() {
        assert_eq!(
            prose("ask @team, see #12"),
            "ask &#64;&#8203;team, see &#35;&#8203;12"
        );
    }

    #[test]
    fn a_fence_is_longer_than_every_fence_in_its_text() {
        assert_eq!(fenced("diff", "+ ```\n"), "````diff\n+ ```\n````\n");
        assert_eq!(fenced("", "a @b"), "```\na @\u{200b}b\n```\n");
        assert_eq!(
            fenced("", "x\u{202e}y\u{7}"),
            "```\nx\\u{202e}y\\u{7}\n```\n"
        );
    }
}
