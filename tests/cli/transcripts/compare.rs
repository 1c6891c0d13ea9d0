//! Compares a transcript with the printed output.

/// Returns `shown` if it matches `printed`; otherwise `printed`, with the `...` lines and
/// the equal lines of `shown`.
pub fn correct(shown: &str, printed: &str) -> String {
    let printed: Vec<_> = printed.lines().collect();
    let mut rest = printed.as_slice();
    let mut corrected = Vec::new();
    let mut lines = shown.lines().peekable();
    while let Some(line) = lines.next() {
        let find = |wanted: &str| rest.iter().position(|line| is_equal(line, wanted));
        if line == "..." {
            let skipped = match lines.peek() {
                None => Some(rest.len()),
                Some(wanted) => find(wanted),
            };
            if let Some(skipped) = skipped {
                corrected.push(line);
                rest = &rest[skipped..];
            }
        } else if let Some(position) = find(line) {
            corrected.extend(&rest[..position]);
            corrected.push(line);
            rest = &rest[position + 1..];
        } else if let Some((printed, after)) = rest.split_first() {
            corrected.push(printed);
            rest = after;
        }
    }
    corrected.extend(rest);
    corrected.iter().map(|line| format!("{line}\n")).collect()
}

fn is_equal(one: &str, other: &str) -> bool {
    one == other || redact(one) == redact(other)
}

/// Replaces values that differ from run to run: `2026-11-24` and `02:08:43.600875Z`, `2.5s`
/// and `300ms`, `process 2675`, `127.0.0.1:4010`, and ids such as `(7)`.
fn redact(line: &str) -> String {
    let mut redacted = String::new();
    for word in words(line) {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_number = digits.is_empty() && word.starts_with(|c: char| c.is_ascii_digit());
        let is_duration = digits.len() < word.len() && ["s", "ms"].contains(&digits);
        let replaced = match word {
            _ if is_moment(word) => "MOMENT",
            _ if word.starts_with("127.0.0.1:") => "HOST",
            _ if is_duration => "DURATION",
            _ if is_number
                && ["process ", "("]
                    .iter()
                    .any(|before| redacted.ends_with(before)) =>
            {
                "ID"
            }
            _ => word,
        };
        redacted.push_str(replaced);
    }
    redacted
}

/// Returns the words of a line, and the text between them.
fn words(line: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".:-".contains(c);
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let other = rest.find(|c| is_part(c) != is_part(first));
        let (word, after) = rest.split_at(other.unwrap_or(rest.len()));
        // The end of a sentence is not a part of a word.
        let length = word.trim_end_matches(['.', ':']).len().max(1);
        let (word, end) = word.split_at(length.min(word.len()));
        words.push(word);
        words.extend((!end.is_empty()).then_some(end));
        rest = after;
    }
    words
}

/// Returns whether a word is a date, a time of the day, or both.
fn is_moment(word: &str) -> bool {
    let count = |wanted: char| word.chars().filter(|c| *c == wanted).count();
    let starts = word.starts_with(|c: char| c.is_ascii_digit());
    let is_made_of = word
        .chars()
        .all(|c| c.is_ascii_digit() || "-:.TZ".contains(c));
    starts && is_made_of && (count('-') == 2 || count(':') == 2)
}

#[test]
fn values_that_differ_from_run_to_run_count_as_equal() {
    for (one, other) in [
        (
            "process 12, since 2026-11-24 01:51:38 UTC",
            "process 9, since 2025-01-01 00:00:00 UTC",
        ),
        (
            "created 2026-11-24T02:08:43.600875Z",
            "created 2025-11-24T02:08:43Z",
        ),
        ("for at most 31s", "for at most 2.5s"),
        ("created a (1)", "created a (77)"),
        ("http://127.0.0.1:4010: no", "http://127.0.0.1:53211: no"),
    ] {
        assert!(is_equal(one, other), "{}", redact(one));
    }
    assert!(!is_equal("2 errors in 1 file", "3 errors in 1 file"));
    assert!(!is_equal("a.yaml:3:1", "a.yaml:4:1"));
}

#[test]
fn a_correct_transcript_is_unchanged() {
    let printed = "one\ntwo\nthree\nafter 3s\n";
    for shown in [printed, "one\n...\nafter 9s\n", "...\ntwo\n...\n", "...\n"] {
        assert_eq!(correct(shown, printed), shown);
    }
}

#[test]
fn a_wrong_transcript_is_corrected() {
    for (shown, corrected) in [
        ("one\ntwo\n", "one\ntwo\nthree\n"),
        ("one\nzwei\nthree\n", "one\ntwo\nthree\n"),
        ("...\nthree\nfour\n", "...\nthree\n"),
        ("one\n...\nfour\n", "one\ntwo\nthree\n"),
        ("", "one\ntwo\nthree\n"),
    ] {
        assert_eq!(correct(shown, "one\ntwo\nthree\n"), corrected, "{shown}");
    }
}
