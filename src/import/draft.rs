//! Refines a rendered document: keys, variables and files in place of the values that they
//! stand for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::leaf::{leaf_paths, remove_path, shown_path, value_at};
use super::long_texts::{LongText, move_out};
use super::references::refer_by_key;
use super::target::{ImportTarget, Imported, OmissionReason, OmittedField};
use super::text::{parse, text};
use super::variables::{bound, refer_by_variable};
use crate::resource::Kind;
use crate::resource::desired::DesiredResource;
use crate::resource::document_fields::ENVIRONMENTS;
use crate::resource::key::ResourceKey;
use crate::resource::text::same_value;
use crate::spec::included_text::IncludedTexts;
use crate::spec::outside_vars::OutsideVars;
use crate::spec::vars::references;

/// A document that declares a resource.
pub(super) struct Draft<'a> {
    pub kind: Kind,
    /// The fields with ids and texts as the API shows them.
    pub observed: Map<String, Value>,
    pub text: String,
    pub resource: DesiredResource,
    pub target: &'a ImportTarget<'a>,
    /// The resources that the text refers to by key.
    pub refers_to: BTreeSet<ResourceKey>,
    /// The fields that the text leaves to the defaults.
    pub inherited: BTreeSet<String>,
}

impl Draft<'_> {
    /// Returns the document in its final form. A key, a variable or a file is used only if
    /// the document then declares the same resource. Returns an error if the document can't
    /// omit a field with the value of a variable that no file sets.
    pub fn refined(mut self, mut omitted: Vec<OmittedField>) -> Result<Imported, String> {
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
        self.refer_by_outside_vars(&mut fields, &mut omitted)?;
        self.inherit_ids(&mut fields);
        let bound = bound(self.kind, &fields, &self.observed);
        let vars = self.vars_of_this_environment();
        let is_shared = bound.is_empty() && vars.is_empty() && !self.target.is_declared_elsewhere;
        let is_restricted = self.restrict(&mut fields, is_shared);
        let texts = self.move_texts(&fields);
        Ok(Imported {
            text: self.text,
            resource: self.resource,
            omitted,
            texts,
            bound,
            vars,
            is_restricted,
        })
    }

    /// Writes references in place of the values of the variables that no file sets, and
    /// omits a field if a reference is not possible.
    fn refer_by_outside_vars(
        &mut self,
        fields: &mut Map<String, Value>,
        omitted: &mut Vec<OmittedField>,
    ) -> Result<(), String> {
        let outside = OutsideVars::of(&self.target.settings.vars);
        for path in leaf_paths(self.kind, fields) {
            let mut changed = fields.clone();
            let Some(value) = value_at(&mut changed, &path) else {
                continue;
            };
            let Some(name) = outside.exposed(None, value).map(str::to_owned) else {
                continue;
            };
            if self.kind.is_literal(&path[0]) {
                continue;
            }
            outside.refer(value);
            let is_exposed = outside.exposed(None, value).is_some();
            if is_exposed || !self.accept_equivalent(&changed) {
                remove_path(&mut changed, &path);
                let field = shown_path(&path);
                if !self.accept_other(&changed) {
                    return Err(format!(
                        "`{field}` has the value of the variable `{name}`, which no file sets"
                    ));
                }
                let reason = OmissionReason::OutsideVar(name);
                omitted.push(OmittedField { field, reason });
            }
            *fields = changed;
        }
        Ok(())
    }

    /// Removes the ids that are defaults of the chosen environment, if every environment has
    /// such a default.
    fn inherit_ids(&mut self, fields: &mut Map<String, Value>) {
        let settings = self.target.settings;
        if settings.environment_name.is_none() {
            return;
        }
        for name in bound(self.kind, fields, &self.observed) {
            if settings.is_default_everywhere(self.kind, &name) {
                let mut changed = fields.clone();
                changed.remove(&name);
                self.inherited.insert(name.clone());
                if self.accept(&changed, &IncludedTexts::default()) {
                    *fields = changed;
                } else {
                    self.inherited.remove(&name);
                }
            }
        }
    }

    /// Returns the variables in the text that the chosen environment has, and not every
    /// other environment.
    fn vars_of_this_environment(&self) -> Vec<String> {
        let settings = self.target.settings;
        if settings.environment_name.is_none() {
            return Vec::new();
        }
        let names: BTreeSet<_> = references(&self.text).into_iter().collect();
        let names = names
            .into_iter()
            .filter(|name| !settings.is_var_everywhere(name));
        names.map(str::to_owned).collect()
    }

    /// Restricts a document to the chosen environment, if other environments can't use it:
    /// because of ids or variables of this environment, because of a reference to a
    /// resource that they do not declare, or because another document declares the
    /// resource there. Returns whether the document is restricted.
    fn restrict(&mut self, fields: &mut Map<String, Value>, is_shared: bool) -> bool {
        let Some(chosen) = &self.target.settings.environment_name else {
            return false;
        };
        if is_shared && !self.target.keys.are_restricted(&self.refers_to) {
            return false;
        }
        let chosen = Value::from(vec![chosen.as_str()]);
        fields.insert(ENVIRONMENTS.to_owned(), chosen);
        self.accept(fields, &IncludedTexts::default())
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
        self.accept_if(fields, included, |declared, before| {
            declared.body == before.body && declared.digital_humans == before.digital_humans
        })
    }

    /// Takes over the text with these fields, if it declares the same resource up to the form
    /// of its texts.
    fn accept_equivalent(&mut self, fields: &Map<String, Value>) -> bool {
        self.accept_if(fields, &IncludedTexts::default(), |declared, before| {
            let body = |resource: &DesiredResource| Value::Object(resource.body.0.as_ref().clone());
            same_value(&body(declared), &body(before))
                && declared.digital_humans == before.digital_humans
        })
    }

    /// Takes over the text with these fields, if it declares a resource.
    fn accept_other(&mut self, fields: &Map<String, Value>) -> bool {
        self.accept_if(fields, &IncludedTexts::default(), |_, _| true)
    }

    fn accept_if(
        &mut self,
        fields: &Map<String, Value>,
        included: &IncludedTexts,
        is_wanted: impl Fn(&DesiredResource, &DesiredResource) -> bool,
    ) -> bool {
        let text = text(self.kind, fields, &self.inherited, self.target);
        let (declared, problems) = parse(&text, self.target, included);
        let Some(declared) = declared.filter(|_| problems == 0) else {
            return false;
        };
        let refers_to = declared.refers_to();
        let declared = declared.resolved(|key| self.target.keys.id_of(key));
        if declared.has_references() || !is_wanted(&declared, &self.resource) {
            return false;
        }
        self.text = text;
        self.refers_to = refers_to;
        self.resource = declared.into_owned();
        true
    }
}
