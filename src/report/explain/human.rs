//! Kinds and fields for people.

use crate::report::layout::Layout;
use crate::resource::catalog::FieldEntry;
use crate::resource::document_fields::EXTRA;
use crate::resource::field::{Default, ReadAt, ValueType};
use crate::resource::{Field, Kind, SentIn};
use crate::spec::lookup::Found;
use crate::spec::yaml;
use crate::wrap::{MAX_WIDTH, WIDTH, hanging};

/// The longest first column of a list.
const MAX_NAME: usize = 32;

/// Explains a kind or fields, or lists the kinds.
#[must_use]
pub fn human(found: Option<&Found>, layout: Layout) -> String {
    match found {
        None => kinds(layout),
        Some(Found::Kind(kind, fields)) => explain_kind(*kind, layout) + &see_also(fields, layout),
        Some(Found::Fields(meant, others)) => {
            let fields: Vec<_> = meant.iter().map(|one| explain_field(one, layout)).collect();
            fields.join("\n") + &see_also(others, layout)
        }
    }
}

fn kinds(layout: Layout) -> String {
    let rows = Kind::ALL.map(|kind| (kind.name().to_owned(), kind.doc().to_owned()));
    let list = list(&rows, layout);
    format!(
        "{list}\n{}\n  bluejayctl explain digital_human\n  bluejayctl explain digital_human.intent\n",
        layout.palette.strong("Explain a kind or a field:")
    )
}

fn explain_kind(kind: Kind, layout: Layout) -> String {
    let (own, sent): (Vec<_>, Vec<_>) = kind
        .fields()
        .iter()
        .partition(|field| field.sent == SentIn::Never && field.name != EXTRA);
    let heading = |text| format!("\n{}\n\n", layout.palette.strong(text));
    let rows = |fields: Vec<&Field>| fields.into_iter().map(row).collect::<Vec<_>>();
    let mut text = title(kind.name(), kind.doc(), layout);
    text += &heading("Fields of every document:");
    text += &list(&rows(own), layout);
    text += &heading("Fields of the API:");
    text += &list(&rows(sent), layout);
    text
}

/// Returns the name of a field and a short description.
fn row(field: &Field) -> (String, String) {
    let required = match (field.required, field.instead) {
        (Some(_), Some(instead)) => format!("Required, or `{instead}`. "),
        (Some(_), None) => "Required. ".to_owned(),
        _ => String::new(),
    };
    let first = field
        .doc
        .split_once(". ")
        .map_or(field.doc, |(first, _)| first);
    let end = if first.ends_with('.') { "" } else { "." };
    (field.name.to_owned(), format!("{required}{first}{end}"))
}

fn explain_field(entry: &FieldEntry, layout: Layout) -> String {
    let field = entry.field();
    let name = format!("{}.{}", entry.kind.name(), entry.path());
    let mut text = title(&name, field.doc, layout);
    text.push('\n');
    text += &list(&facts(entry), layout);
    let inner: Vec<_> = field.nested().iter().map(row).collect();
    if !inner.is_empty() {
        let of = match field.value {
            ValueType::Records { .. } => "Fields of each item:",
            _ => "Fields:",
        };
        text += &format!(
            "\n{}\n\n{}",
            layout.palette.strong(of),
            list(&inner, layout)
        );
    }
    let example: Vec<_> = entry.example().into_iter().collect();
    let example = yaml::render(&example);
    let lines: String = example.lines().map(|line| format!("  {line}\n")).collect();
    text + &format!("\n{}\n\n{lines}", layout.palette.strong("Example:"))
}

/// Returns the facts about a field, each with its name.
fn facts(entry: &FieldEntry) -> Vec<(String, String)> {
    let field = entry.field();
    let mut facts = vec![("type".to_owned(), field.type_words())];
    let mut add = |name: &str, text: Option<String>| {
        facts.extend(text.map(|text| (name.to_owned(), text)));
    };
    let required = field.required.map(|_| match field.instead {
        Some(instead) => format!("yes, or `{instead}` in its place"),
        None => "yes".to_owned(),
    });
    add("required", required);
    add("default", default(field.default));
    add(
        "unit",
        match field.value {
            ValueType::Duration { unit } => Some(format!("declared by `{unit}`")),
            _ => None,
        },
    );
    add(
        "maximum",
        field.at_most.map(|name| format!("the value of `{name}`")),
    );
    add("a change", Some(change(entry)));
    add("shown by API", Some(shown(entry)));
    add(
        "refers to",
        field
            .refers_to
            .map(|kind| format!("{}, by key or by id", kind.plural())),
    );
    let others = entry.other_names();
    let others = others.iter().map(|name| format!("`{name}`"));
    let others = others.collect::<Vec<_>>().join(", ");
    add("other name", (!others.is_empty()).then_some(others));
    add("written by", rewritten(field));
    add(
        "deprecated",
        field.deprecated.map(|one| one.help.to_owned()),
    );
    facts
}

fn default(default: Default) -> Option<String> {
    match default {
        Default::Documented(value) | Default::Typical(value) => {
            let value = value.to_value();
            Some(match value.as_str() {
                Some("") => "empty".to_owned(),
                _ => format!(
                    "`{}`",
                    value.as_str().map_or(value.to_string(), str::to_owned)
                ),
            })
        }
        Default::Empty => Some("empty".to_owned()),
        Default::Unspecified => None,
    }
}

fn change(entry: &FieldEntry) -> String {
    let noun = entry.kind.noun();
    match entry.sent() {
        SentIn::Both => "in place, by an update".to_owned(),
        SentIn::Create => format!("replaces the {noun}"),
        SentIn::Update => format!(
            "in place, by an update; a new {noun} gets the field by an update after the create"
        ),
        SentIn::Links => "in place, by requests that attach and detach".to_owned(),
        SentIn::Never if entry.field().name == EXTRA => {
            "as the API handles the fields inside".to_owned()
        }
        SentIn::Never => "needs no request: only bluejayctl uses the field".to_owned(),
    }
}

/// Returns whether an answer of the API shows the field, and where.
fn shown(entry: &FieldEntry) -> String {
    let named = entry.name_in_answers().map(|name| format!("as `{name}`"));
    let place = match (entry.sent(), entry.read()) {
        (SentIn::Never, _) if entry.field().name == EXTRA => {
            "as far as the API knows the fields inside"
        }
        (SentIn::Never, _) => "no: the API has no such field",
        (SentIn::Links, _) => "yes, by a separate request",
        (_, ReadAt::Anywhere) => "yes",
        (_, ReadAt::Settings) => "yes, inside `settings`",
        (_, ReadAt::Identity) => "yes, in lists, too",
        (_, ReadAt::Nowhere) if named.is_some() => "yes",
        (_, ReadAt::Nowhere) => "no: a change that was made elsewhere is not noticed",
    };
    match named {
        Some(named) => format!("{place}, {named}"),
        None => place.to_owned(),
    }
}

fn rewritten(field: &Field) -> Option<String> {
    let from: Vec<_> = field
        .rewritten_from
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    (!from.is_empty()).then(|| format!("the API, if {} is declared", from.join(" or ")))
}

fn see_also(fields: &[FieldEntry], layout: Layout) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let lines = fields.iter().map(|entry| {
        format!(
            "  bluejayctl explain {}.{}\n",
            entry.kind.name(),
            entry.path()
        )
    });
    let lines: String = lines.collect();
    format!(
        "\n{}\n{lines}",
        layout.palette.strong("Other fields of this name:")
    )
}

fn title(name: &str, doc: &str, layout: Layout) -> String {
    let doc = hanging(doc, 0, width(layout));
    format!("{}\n\n{doc}\n", layout.palette.strong(name))
}

/// Returns rows of two columns. The second column is wrapped.
fn list(rows: &[(String, String)], layout: Layout) -> String {
    let names = rows.iter().map(|(name, _)| name.len());
    let column = names.max().unwrap_or_default().min(MAX_NAME);
    let indent = 2 + column + 2;
    let mut text = String::new();
    for (name, doc) in rows {
        let doc = hanging(doc, indent, width(layout));
        let gap = " ".repeat(column - name.len().min(column));
        text += &format!("  {}{gap}  {doc}\n", layout.palette.changed(name));
    }
    text
}

/// Returns the largest number of columns of a line.
fn width(layout: Layout) -> usize {
    match layout.width {
        usize::MAX => WIDTH,
        width => width.min(MAX_WIDTH),
    }
}
