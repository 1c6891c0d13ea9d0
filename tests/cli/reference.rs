//! Tests of the tables of fields and of codes in the reference page.
//!
//! With `BLESS=1` in the environment, the test writes the tables.

use std::fs;
use std::path::Path;

use bluejayctl::diagnostic::DiagnosticCode;
use bluejayctl::resource::field::Default;
use bluejayctl::resource::{Field, Kind, SentIn};

/// Returns the type of a field. Maps of known fields have a table of their own.
fn type_of(field: &Field) -> String {
    let words = field.type_words();
    if field.nested().is_empty() {
        words
    } else {
        format!("{words}, below")
    }
}

fn row(field: &Field) -> String {
    let mut what = type_of(field);
    if field.required.is_some() {
        what.push_str("; **required**");
        if let Some(instead) = field.instead {
            what.push_str(&format!(", or `{instead}`"));
        }
    }
    if let Some(old) = field.alias_of {
        what.push_str(&format!("; the newer name of `{old}`: use one of the two"));
    }
    if let Some(deprecation) = field.deprecated {
        what.push_str(&format!("; {}", deprecation.message));
    }
    if field.sent == SentIn::Update {
        what.push_str("; see below");
    }
    let default = match field.default {
        Default::Documented(value) => match value.to_value() {
            serde_json::Value::String(text) if text.is_empty() => "empty ".to_owned(),
            serde_json::Value::String(text) => format!("`{text}` "),
            value => format!("{value} "),
        },
        _ => String::new(),
    };
    let in_place = if field.sent == SentIn::Create {
        "no"
    } else {
        "yes"
    };
    format!("| `{}` | {what} | {default}| {in_place} |\n", field.name)
}

/// Checks the rows of the table that begins with this line and ends before an empty line.
fn check_table(page: &mut String, head: &str, rows: impl Iterator<Item = String>) {
    let begin = page.find(head).expect("the page has the table") + head.len();
    let end = begin + page[begin..].find("\n\n").expect("a table ends") + 1;
    let columns = head.matches(" |").count();
    let expected = format!(
        "\n|{}\n{}",
        " --- |".repeat(columns),
        rows.collect::<String>()
    );
    if std::env::var_os("BLESS").is_some() {
        page.replace_range(begin..end, &expected);
    }
    assert_eq!(&page[begin..begin + expected.len()], expected);
}

fn check_codes(page: &mut String) {
    let row = |code: &DiagnosticCode| {
        let (name, meaning) = (code.as_str(), code.meaning());
        format!("| `{name}` | {meaning} | {} |\n", code.advice())
    };
    let head = "| code | meaning | what to do |";
    check_table(page, head, DiagnosticCode::ALL.iter().map(row));
}

/// Returns the row of a field with its meaning, for the kinds whose fields no paragraph
/// explains.
fn explained_row(field: &Field) -> String {
    let meaning = field.doc.replace('|', "\\|");
    // The meaning says which name is the newer name.
    let row = row(field).replace("the newer name of", "another name of");
    format!("{} {meaning} |\n", row.trim_end())
}

/// Checks the tables of a kind and of the maps in its fields, also of maps in maps.
fn check_kind(page: &mut String, kind: Kind) {
    let columns = "type | default | in place | meaning |";
    let is_own = |field: &&Field| field.sent != SentIn::Never;
    let fields = kind.fields().iter().filter(is_own);
    let head = format!("| field of a {} | {columns}", kind.noun());
    check_table(page, &head, fields.clone().map(explained_row));
    let mut maps: Vec<&Field> = fields.collect();
    while let Some(map) = maps.pop() {
        let inner = map.nested();
        if !inner.is_empty() {
            let head = format!("| in `{}` of a {} | {columns}", map.name, kind.noun());
            check_table(page, &head, inner.iter().map(explained_row));
        }
        maps.extend(inner);
    }
}

fn check_fields(page: &mut String) {
    let fields = Kind::Simulation.fields();
    let is_sent = |field: &&Field| !matches!(field.sent, SentIn::Never | SentIn::Links);
    let head = "| field | type | default | in place |";
    check_table(page, head, fields.iter().filter(is_sent).map(row));
    for map in Kind::Simulation.maps() {
        let head = format!("| in `{}` | type | default | in place |", map.name);
        check_table(page, &head, map.inner().iter().map(row));
    }
    for kind in [Kind::DigitalHuman, Kind::CustomMetric, Kind::Schedule] {
        check_kind(page, kind);
    }
    for ours in fields.iter().filter(|field| !is_sent(field)) {
        assert!(
            page.contains(&format!("\n| `{}` | ", ours.name)),
            "{}",
            ours.name
        );
    }
}

#[test]
fn the_reference_has_every_field_and_code_as_the_program_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    let mut page = fs::read_to_string(&path).unwrap();
    let before = page.clone();
    check_fields(&mut page);
    check_codes(&mut page);
    if page != before {
        fs::write(&path, page).unwrap();
    }
}
