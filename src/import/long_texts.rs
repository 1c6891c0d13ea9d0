//! Moves long texts out of a document, into files that the document includes.

use serde_json::{Map, Value};

use crate::diagnostic::SourceFile;
use crate::resource::Kind;
use crate::resource::field::ValueType;
use crate::spec::included_text::IncludedTexts;
use crate::spec::vars::{references, unescaped};

/// The number of lines of the shortest long text.
const LONG: usize = 4;

/// The folder of the texts.
#[derive(Debug, Clone)]
pub struct TextFolder {
    /// The path from the folder of the YAML file.
    pub from_file: String,
    /// The beginning of the names of the files: the path of the YAML file below the
    /// simulations folder, without extension.
    pub name: String,
}

/// The text of a field, in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongText {
    /// The path of the file below the folder of the texts.
    pub file: String,
    /// The text.
    pub text: String,
}

/// Replaces the long texts among the fields by references to files. Returns the files, and
/// their texts as the document includes them.
pub(super) fn move_out(
    kind: Kind,
    fields: &mut Map<String, Value>,
    folder: &TextFolder,
) -> (Vec<LongText>, IncludedTexts) {
    let mut moved = Vec::new();
    let mut included = IncludedTexts::default();
    for field in kind.fields() {
        let is_text = matches!(field.value, ValueType::Text | ValueType::Lines);
        let Some(Value::String(value)) = fields.get_mut(field.name).filter(|_| is_text) else {
            continue;
        };
        // No variable is replaced in an included file.
        if !references(value).is_empty() {
            continue;
        }
        let text = unescaped(value);
        // A reader of the file removes a byte order mark at its beginning.
        if text.lines().count() < LONG || text.starts_with('\u{feff}') {
            continue;
        }
        let file = format!("{}.{}.md", folder.name, field.name);
        let path = format!("{}/{file}", folder.from_file);
        let source = SourceFile::new(file.as_str(), text.as_str());
        included.insert(&path, file.clone(), Ok(source));
        *value = format!("${{file:{path}}}");
        moved.push(LongText { file, text });
    }
    (moved, included)
}
