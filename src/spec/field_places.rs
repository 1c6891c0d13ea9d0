//! Finds the places of fields in the files of documents.

use std::collections::HashMap;
use std::sync::Arc;

use super::declarations::DeclaredDocument;
use super::path::Path;
use super::source_map::SourceMap;
use crate::diagnostic::{Place, SourceFile};

/// The places in files. Each file is parsed at most once, on first use.
#[derive(Default)]
pub(super) struct FieldPlaces(HashMap<*const SourceFile, SourceMap>);

impl FieldPlaces {
    /// Returns the place of a field, or of the document if the document does not have
    /// the field.
    pub fn of(&mut self, document: &DeclaredDocument, field: &str) -> Place {
        let source_map = self.source_map(document);
        match source_map.find(document.document, &Path::from([field])) {
            Some(found) if found.depth == 1 => source_map.place(found.value),
            _ => source_map.first_place(document.document),
        }
    }

    /// Returns the places in the file of a document.
    pub fn source_map(&mut self, document: &DeclaredDocument) -> &SourceMap {
        let known = self.0.entry(Arc::as_ptr(&document.file));
        known.or_insert_with(|| SourceMap::new(&document.file))
    }
}
