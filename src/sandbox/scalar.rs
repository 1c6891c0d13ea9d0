//! Reads values like the API's validation library, which is lax: `"5"` counts as 5, and
//! 1 counts as true.

use serde_json::Value;

/// The kind and the message of a problem.
pub(super) type Complaint = (&'static str, &'static str);

/// Reads a flag: a boolean, 0 or 1, or one of the usual words.
pub(super) fn flag(value: &Value) -> Result<bool, Complaint> {
    const UNREADABLE: Complaint = (
        "bool_parsing",
        "Input should be a valid boolean, unable to interpret input",
    );
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Number(number) if number.as_f64() == Some(0.0) => Ok(false),
        Value::Number(number) if number.as_f64() == Some(1.0) => Ok(true),
        Value::Number(_) => Err(UNREADABLE),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "0" | "off" | "f" | "false" | "n" | "no" => Ok(false),
            "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
            _ => Err(UNREADABLE),
        },
        _ => Err(("bool_type", "Input should be a valid boolean")),
    }
}

/// Reads an integer.
pub(super) fn integer(value: &Value) -> Result<i64, Complaint> {
    match value {
        Value::Bool(flag) => Ok(i64::from(*flag)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Ok(number),
            (None, Some(float)) if float.fract() != 0.0 => Err((
                "int_from_float",
                "Input should be a valid integer, got a number with a fractional part",
            )),
            (None, float) => float.and_then(exact_integer).ok_or((
                "int_parsing_size",
                "Unable to parse input string as an integer, exceeded maximum size",
            )),
        },
        Value::String(text) => parse_integer(text).ok_or((
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        )),
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

/// Converts a float to an integer if the result is exact.
#[allow(clippy::cast_possible_truncation)] // Bounded before the cast.
fn exact_integer(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (float.abs() <= EXACT).then_some(float as i64)
}

/// Reads an integer in a text. Blanks around it, a sign, `1_000` and `5.0` are accepted.
fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if zeros.bytes().all(|byte| byte == b'0') => digits,
        Some(_) => return None,
        None => text,
    };
    let is_odd = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    if is_odd {
        return None;
    }
    digits.replace('_', "").parse().ok()
}

/// Reads a UUID and returns the stored form: lower case, with hyphens. Braces, the URN
/// prefix and a form without hyphens are accepted.
pub(super) fn uuid(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let bare = bare
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .unwrap_or(bare);
    if let Some((place, odd)) = bare
        .chars()
        .enumerate()
        .find(|(_, character)| !character.is_ascii_hexdigit() && *character != '-')
    {
        return Err(format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by \
             [0-9a-fA-F-], found `{odd}` at {}",
            place + 1
        ));
    }
    // The text has only hexadecimal digits and hyphens, so bytes are characters.
    let hex: String = bare.to_ascii_lowercase().replace('-', "");
    if hex.len() != 32 {
        return Err(format!(
            "invalid length: expected 32 hexadecimal digits, found {}",
            hex.len()
        ));
    }
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-");
    if bare.contains('-') && !bare.eq_ignore_ascii_case(&groups) {
        return Err("invalid group length".to_owned());
    }
    Ok(groups)
}
