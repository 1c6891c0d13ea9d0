//! Canonical spellings of agent ids and UUIDs.
//!
//! The API takes an agent id as a text and returns a number. The API returns every UUID
//! in lower case with hyphens.

/// Returns an agent id without surrounding white space, plus sign and leading zeros. A
/// text that is not a number only loses the white space and the plus sign.
#[must_use]
pub fn agent_id(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    match text.trim_start_matches('0') {
        "" if !text.is_empty() => "0",
        digits => digits,
    }
}

/// Returns a UUID of any accepted spelling in lower case with hyphens. Any other text
/// is only converted to lower case.
#[must_use]
pub fn uuid(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_prefix("urn:uuid:").unwrap_or(&lower);
    let inner = bare
        .strip_prefix('{')
        .and_then(|bare| bare.strip_suffix('}'));
    let digits = inner.unwrap_or(bare).replace('-', "");
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return lower;
    }
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    groups.map(|group| &digits[group]).join("-")
}

/// Returns whether a text is a UUID in a spelling that the API accepts.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let braced = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let hyphened = braced
        .or_else(|| text.strip_prefix("urn:uuid:"))
        .unwrap_or(text);
    (text.len() == 32 && is_hex(text)) || is_hyphened_uuid(hyphened)
}

/// Returns whether a text is 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12 with
/// hyphens between them.
fn is_hyphened_uuid(text: &str) -> bool {
    let mut places = text.bytes().enumerate();
    text.len() == 36
        && places.all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_a_number_where_it_can_be() {
        let spellings = [
            "42", "042", "0042", "0", "000", "", "a07", "-7", "4 2", " 42 ", "+42",
        ];
        let expected = [
            "42", "42", "42", "0", "0", "", "a07", "-7", "4 2", "42", "42",
        ];
        assert_eq!(spellings.map(agent_id), expected);
    }

    #[test]
    fn a_uuid_has_one_spelling() {
        let expected = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
        for spelling in [
            "3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "3C90C3CC-0D44-4B50-8888-8DD25736052A",
            "3c90c3cc0d444b5088888dd25736052a",
            "urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a",
            "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
        ] {
            assert_eq!(uuid(spelling), expected);
        }
        assert_eq!(uuid("No UUID é"), "no uuid é");
    }

    #[test]
    fn only_the_spellings_of_the_api_are_uuids() {
        let digits = "3c90c3cc0d444b5088888dd25736052a";
        for other in [
            "",
            "-",
            &digits[1..],
            &format!("{{{digits}}}"),
            &format!("urn:uuid:{digits}"),
        ] {
            assert!(!is_uuid(other), "{other}");
        }
        assert!(is_uuid(digits));
        assert!(is_uuid("{3c90c3cc-0d44-4b50-8888-8dd25736052A}"));
        assert!(is_uuid("urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a"));
    }
}
