//! Refines a rendered document: keys, variables and files in place of the values that they
//! stand for.

use serde_json::{Map, Value};

use super::long_texts::{LongText, move_out};
use super::references::refer_by_key;
use super::target::{ImportTarget, Imported, OmittedField};
use super::text::{parse, text};
use super::variables::{bound, refer_by_variable};
use crate::resource::Kind;
use crate::resource::desired::DesiredResource;
use crate::spec::included_text::IncludedTexts;

/// A document that declares a resource.
pub(super) struct Draft<'a> {
    pub kind: Kind,
    /// The fields with ids and texts as the API shows them.
    pub observed: Map<String, Value>,
    pub text: String,
    pub resource: DesiredResource,
    pub target: &'a ImportTarget<'a>,
}

impl Draft<'_> {
    /// Returns the document in its final form. A key, a variable or a file is used only if
    /// the document then declares the same resource.
    pub fn refined(mut self, omitted: Vec<OmittedField>) -> Imported {
        let none = IncludedTexts::default();
        let mut fields = self.observed.clone();
        let mut changed = fields.clone();
        refer_by_key(self.kind, &mut changed, self.target.keys);
        if self.accept(&changed, &none) {
            fields = changed;
        }
        let names: Vec<_> = fields.keys().cloned().collect();
        for name in names {
            let mut changed = fields.clone();
            let vars = &self.target.settings.vars;
            refer_by_variable(self.kind, &mut changed, &name, &self.observed, vars);
            if changed != fields && self.accept(&changed, &none) {
                fields = changed;
            }
        }
        let bound = bound(self.kind, &fields, &self.observed);
        let texts = self.move_texts(&fields);
        Imported {
            text: self.text,
            resource: self.resource,
            omitted,
            texts,
            bound,
        }
    }

    /// Moves the long texts into files, if files are wanted.
    fn move_texts(&mut self, fields: &Map<String, Value>) -> Vec<LongText> {
        let Some(folder) = self.target.texts else {
            return Vec::new();
        };
        let mut changed = fields.clone();
        let (texts, included) = move_out(self.kind, &mut changed, folder);
        if self.accept(&changed, &included) {
            texts
        } else {
            Vec::new()
        }
    }

    /// Takes over the text with these fields, if it declares the same resource.
    fn accept(&mut self, fields: &Map<String, Value>, included: &IncludedTexts) -> bool {
        let text = text(self.kind, fields, self.target);
        let (declared, problems) = parse(&text, self.target, included);
        let Some(declared) = declared.filter(|_| problems == 0) else {
            return false;
        };
        let declared = declared.resolved(|key| self.target.keys.id_of(key));
        let is_same = declared.body == self.resource.body
            && declared.digital_humans == self.resource.digital_humans
            && !declared.has_references();
        if is_same {
            self.text = text;
        }
        is_same
    }
}
