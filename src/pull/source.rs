//! Where the value of a field is written, and the edit that changes it there.
//!
//! | the value | what changes |
//! | --- | --- |
//! | stands in the document | the value; references inside a text stay |
//! | is `${var:NAME}` | the variable in `bluejay.yaml`, if no other value uses it |
//! | is `${file:PATH}` | the file, if no other value uses it |
//! | is a default | the default, if every resource that takes it changes alike; otherwise the document overrides the default |
//! | is not declared | a new field of the document |

use serde_json::Value;

use super::decide::Pull;
use super::left::LeftReason;
use super::parts::{Part, parts};
use super::respell::{Before, Meaning, Speller};
use super::shared::{Shared, SharedSource};
use super::text::{escaped, with_lines_of};
use crate::import::Keys;
use crate::resource::Kind;
use crate::resource::body::{AGENT_ID, Body};
use crate::resource::key::ResourceKey;
use crate::resource::schedule::{SIMULATION, SIMULATION_ID};
use crate::spec::default_layers::defaults_path;
use crate::spec::edit::{Edit, value_at};
use crate::spec::included_text::whole_path;
use crate::spec::outside_vars::OutsideVars;
use crate::spec::path::{Path, Step};
use crate::spec::segments::{Segment, segments};
use crate::spec::settings::Settings;
use crate::spec::vars::VarOrigin;

/// The possible sources of the values of a document.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The settings of the project.
    pub settings: &'a Settings,
    /// The project file as written.
    pub project: &'a Value,
    /// The document as written.
    pub document: &'a Value,
    /// The index of the document in its file, from 0.
    pub index: usize,
    /// The keys of the resources that the lockfile knows.
    pub keys: &'a Keys,
    /// The variables that no file sets.
    pub outside: &'a OutsideVars,
}

/// The edits for one field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// The edits of the document.
    pub document: Vec<Edit>,
    /// The edits of shared sources.
    pub shared: Vec<Shared>,
}

/// Returns the edits that make a document declare the wanted value at a path of the state.
pub fn edits_of(
    pull: &Pull,
    path: &str,
    wanted: &Body,
    sources: &Sources<'_>,
) -> Result<Edits, LeftReason> {
    if path == AGENT_ID && pull.declared.agent.is_some() {
        return Err(LeftReason::NamedAgent);
    }
    let mut edits = Edits::default();
    for part in parts(pull, path, wanted) {
        let value_of = |segment: Segment<'_>| sources.value_of(segment);
        let writer = Writer {
            kind: pull.key.kind(),
            sources,
            speller: Speller {
                keys: sources.keys,
                value_of: &value_of,
                wanted,
            },
        };
        writer.add(part, &mut edits)?;
    }
    Ok(edits)
}

impl Sources<'_> {
    fn value_of(&self, segment: Segment<'_>) -> Option<String> {
        match segment {
            Segment::Var { name, .. } => self.settings.vars.get(name).map(|var| var.text.clone()),
            Segment::Resource { kind, key, .. } => {
                let id = self.keys.id_of(&ResourceKey::of(kind, key))?;
                Some(id.to_string())
            }
            _ => None,
        }
    }

    /// Returns the id of a digital human that a list names by a key, by an id, or by one
    /// reference.
    fn human_id(&self, item: &str) -> Option<u64> {
        let segments = segments(item).into_iter();
        let mut parts = segments.filter(|part| *part != Segment::Text(""));
        let text = match (parts.next()?, parts.next()) {
            (Segment::Text(text), None) => text.to_owned(),
            (reference, None) => self.value_of(reference)?,
            _ => return None,
        };
        let id_of_key = || {
            let key = ResourceKey::of(Kind::DigitalHuman, text.as_str());
            self.keys.id_of(&key)?.to_string().parse().ok()
        };
        text.parse().ok().or_else(id_of_key)
    }
}

struct Writer<'a> {
    kind: Kind,
    sources: &'a Sources<'a>,
    speller: Speller<'a>,
}

impl Writer<'_> {
    fn edit(&self, path: Path, value: Option<Value>) -> Edit {
        Edit {
            document: self.sources.index,
            path,
            value,
        }
    }

    fn add(&self, part: Part, edits: &mut Edits) -> Result<(), LeftReason> {
        if part.name == SIMULATION_ID && self.add_simulation(&part, edits) {
            return Ok(());
        }
        let document = self.sources.document;
        let raw = value_at(document, &part.at);
        let default_at = self.default_at(&part.at);
        let default = value_at(self.sources.project, &default_at);
        let part = &part.with_ids(raw.or(default), &|item| self.sources.human_id(item));
        match (raw.filter(|raw| !raw.is_null()), default, &part.new) {
            (Some(_), None, None) => edits.document.push(self.edit(self.removed(&part.at), None)),
            (Some(_) | None, Some(_), None) => {
                edits
                    .document
                    .push(self.edit(part.at.clone(), Some(Value::Null)));
            }
            (None, None, None) => {}
            (Some(raw), _, Some(new)) => self.change(part, raw, new, edits)?,
            (None, Some(default), Some(new)) if raw.is_none() => {
                self.change_default(part, default, default_at, new, edits)?;
            }
            (None, _, Some(new)) => {
                let value = self.spelled(part, None, new)?;
                edits.document.push(self.edit(part.at.clone(), Some(value)));
            }
        }
        Ok(())
    }

    /// Changes the simulation of a schedule that names the simulation by key.
    fn add_simulation(&self, part: &Part, edits: &mut Edits) -> bool {
        let (Some(_), Some(id)) = (self.sources.document.get(SIMULATION), &part.new) else {
            return false;
        };
        let at = Path::from([SIMULATION]);
        if let Some(key) = self.sources.keys.key_of(Kind::Simulation, id) {
            edits.document.push(self.edit(at, Some(key.key().into())));
        } else {
            edits.document.push(self.edit(at, None));
            let at = Path::from([SIMULATION_ID]);
            edits.document.push(self.edit(at, Some(id.clone())));
        }
        true
    }

    /// Returns the field to remove: the whole map, if the map has no other field.
    fn removed(&self, at: &Path) -> Path {
        let [Step::Field(map), rest @ ..] = &at.0[..] else {
            return at.clone();
        };
        let fields = self.sources.document.get(map).and_then(Value::as_object);
        let is_last = !rest.is_empty() && fields.is_some_and(|fields| fields.len() == 1);
        let map = Path(at.0[..1].to_vec());
        let has_default = value_at(self.sources.project, &self.default_at(&map)).is_some();
        if is_last && !has_default && rest.len() == 1 {
            return map;
        }
        at.clone()
    }

    /// Returns the path of a default in the project file: of the environment, or of the
    /// file if the environment has none.
    fn default_at(&self, at: &Path) -> Path {
        let below = |environment| {
            let mut path = defaults_path(environment, self.kind);
            path.0.extend(at.0.iter().cloned());
            path
        };
        let environment = self.sources.settings.environment_name.as_deref();
        let own = environment.map(|name| below(Some(name)));
        own.filter(|path| value_at(self.sources.project, path).is_some())
            .unwrap_or_else(|| below(None))
    }

    fn spelled(&self, part: &Part, raw: Option<&Value>, new: &Value) -> Result<Value, LeftReason> {
        let before = raw.zip(part.old.as_ref());
        let before = before.map(|(raw, value)| Before { raw, value });
        let meaning = Meaning::of(self.kind, &part.name);
        let outside = self.sources.outside;
        let spelled = self.speller.spell(meaning, before, new);
        let spelled = spelled.map_err(|reason| reason.or_outside_var(outside))?;
        check_outside(outside, raw, &spelled)?;
        Ok(spelled)
    }

    /// Changes a value that the document declares.
    fn change(
        &self,
        part: &Part,
        raw: &Value,
        new: &Value,
        edits: &mut Edits,
    ) -> Result<(), LeftReason> {
        if let Some(shared) = self.shared(part, raw, new)? {
            edits.shared.push(shared);
            return Ok(());
        }
        let value = self.spelled(part, Some(raw), new)?;
        edits.document.push(self.edit(part.at.clone(), Some(value)));
        Ok(())
    }

    /// Changes a value that comes from a default.
    fn change_default(
        &self,
        part: &Part,
        default: &Value,
        default_at: Path,
        new: &Value,
        edits: &mut Edits,
    ) -> Result<(), LeftReason> {
        let shared = self.shared(part, default, new)?;
        // If the default is one reference, the document gets the value, without the
        // reference.
        let before = Some(default).filter(|_| shared.is_none());
        let literal = self.spelled(part, before, new)?;
        let shared = shared.unwrap_or_else(|| Shared {
            source: SharedSource::Default(default_at),
            value: literal.clone(),
            instead: None,
        });
        edits.shared.push(Shared {
            instead: Some(self.edit(part.at.clone(), Some(literal))),
            ..shared
        });
        Ok(())
    }

    /// Returns the edit of a variable or a file, if a value is one reference to it.
    fn shared(&self, part: &Part, raw: &Value, new: &Value) -> Result<Option<Shared>, LeftReason> {
        let Value::String(raw) = raw else {
            return Ok(None);
        };
        let found = segments(raw);
        let mut parts = found.iter().filter(|part| **part != Segment::Text(""));
        let (source, before, value) = match (whole_path(&found), parts.next(), parts.next()) {
            (Some(path), ..) => {
                let (before, value) = self.text_of_file(part, new);
                (SharedSource::File(path.to_owned()), before, value)
            }
            (_, Some(Segment::Var { name, .. }), None) => {
                let var = self.sources.settings.vars.get(name);
                let Some(VarOrigin::Project(path)) = var.map(|var| &var.origin) else {
                    return Err(LeftReason::OutsideVar((*name).to_owned()));
                };
                let written = value_at(self.sources.project, path);
                let written = written.cloned().unwrap_or_default();
                let value = value_of_var(&written, new);
                (
                    SharedSource::Var(path.clone(), (*name).to_owned()),
                    written,
                    value,
                )
            }
            _ => return Ok(None),
        };
        check_outside(self.sources.outside, Some(&before), &value)?;
        Ok(Some(Shared {
            source,
            value,
            instead: None,
        }))
    }

    /// Returns the text of an included file before and after the pull.
    fn text_of_file(&self, part: &Part, new: &Value) -> (Value, Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned).unwrap_or_default();
        let before = part.old.as_ref().map(text).unwrap_or_default();
        let field = self.kind.field_at(&part.name);
        let after = with_lines_of(field, &before, &text(new));
        (before.into(), after.into())
    }
}

/// Refuses an edit that would expose a variable that no file sets.
fn check_outside(
    outside: &OutsideVars,
    before: Option<&Value>,
    after: &Value,
) -> Result<(), LeftReason> {
    match outside.exposed(before, after) {
        Some(name) => Err(LeftReason::OutsideVar(name.to_owned())),
        None => Ok(()),
    }
}

/// Returns the value of a variable, in the type that the project file has before.
fn value_of_var(written: &Value, new: &Value) -> Value {
    match (written, new) {
        (Value::Number(_), Value::String(text)) => {
            let number = text.parse().ok();
            // `06` is no number.
            let number = number.filter(|number: &u64| number.to_string() == *text);
            number.map_or_else(|| escaped(text).into(), Value::from)
        }
        (_, Value::String(text)) => escaped(text).into(),
        (_, other) => other.clone(),
    }
}
