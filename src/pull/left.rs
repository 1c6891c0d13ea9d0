//! The observed values that a pull leaves alone, and why.

use std::fmt;

use crate::diagnostic::Place;
use crate::plan::FieldDrift;
use crate::resource::key::ResourceKey;
use crate::spec::edit::Reason;
use crate::spec::outside_vars::OutsideVars;
use crate::spec::vars::references;
use crate::suggestion::{Message, Suggestion, Verb};

/// A value, or a whole resource, that a pull leaves alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// The resource.
    pub key: ResourceKey,
    /// The three states of the field; `None` for the whole resource.
    pub field: Option<FieldDrift>,
    /// The reason.
    pub reason: LeftReason,
    /// The place that the reason concerns.
    pub place: Option<Place>,
}

/// Why a pull leaves a value alone.
#[derive(Debug, Clone, PartialEq)]
pub enum LeftReason {
    /// The API does not show the resource.
    Gone,
    /// No file declares the resource.
    Undeclared,
    /// The resource has the marker of another project, or none.
    OtherMarker,
    /// The file has changed, too.
    Conflict,
    /// The file names the agent in another way than by its id.
    NamedAgent,
    /// The place of the value can't be edited.
    Unsafe(Reason),
    /// The value, or a part of it, comes from this variable of the environment or the command
    /// line.
    OutsideVar(String),
    /// Other values use this variable.
    SharedVar(String),
    /// Other values use the text of this file.
    SharedFile(String),
    /// Other resources take this default.
    SharedDefault(String),
    /// The new text does not contain the value of this reference.
    LostReference(String),
    /// The files would be invalid, or would mean something else.
    Undeclarable(String),
    /// The file can't be written.
    Unwritable(String),
}

impl fmt::Display for LeftReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("it is gone: deleted, or in another organisation"),
            Self::Undeclared => f.write_str("no file declares it"),
            Self::OtherMarker => f.write_str("its marker is not the marker of this project"),
            Self::Conflict => f.write_str("the file has changed since the last apply, too"),
            Self::NamedAgent => {
                f.write_str("the file names the agent by `agent`, and not by its id")
            }
            Self::Unsafe(reason) => reason.fmt(f),
            Self::OutsideVar(name) => write!(
                f,
                "the value, or a part of it, comes from the variable `{name}`, which no file sets"
            ),
            Self::SharedVar(name) => write!(
                f,
                "the value comes from the variable `{name}`, and other values use it, too"
            ),
            Self::SharedFile(name) => {
                write!(
                    f,
                    "the text comes from `{name}`, and other values use it, too"
                )
            }
            Self::SharedDefault(path) => write!(
                f,
                "the value comes from the default `{path}`, and other resources take it, too"
            ),
            Self::LostReference(whole) => write!(
                f,
                "the text contains `{whole}`, and the observed text does not contain its value"
            ),
            Self::Undeclarable(reason) => {
                write!(f, "no file can declare the observed value: {reason}")
            }
            Self::Unwritable(reason) => f.write_str(reason),
        }
    }
}

impl LeftReason {
    /// Returns the reason. A lost reference to a variable that no file sets becomes
    /// [`Self::OutsideVar`].
    pub(super) fn or_outside_var(self, outside: &OutsideVars) -> Self {
        if let Self::LostReference(whole) = &self
            && let Some(name) = references(whole).first()
            && outside.has(name)
        {
            return Self::OutsideVar((*name).to_owned());
        }
        self
    }

    /// Returns what to do.
    #[must_use]
    pub fn help(&self) -> Message {
        let refresh = || Suggestion::new(Verb::Apply).flag("--refresh");
        match self {
            Self::Gone => Message::default()
                .command(refresh())
                .text(" creates it again; otherwise delete its document and its entry"),
            Self::Undeclared => Message::from("declare it, or remove its entry: ")
                .command(Suggestion::new(Verb::StateRm)),
            Self::OtherMarker => {
                Message::from("find out which project manages it before you apply or pull")
            }
            Self::Conflict => Message::default()
                .command(Suggestion::new(Verb::Pull).flag("--force"))
                .text(" takes the observed value; ")
                .command(refresh())
                .text(" sends the value of the file"),
            Self::OutsideVar(_) => {
                Message::from("change the variable where it is set, or edit the value by hand")
            }
            Self::SharedVar(_) => {
                Message::from("change the variable for all values, or write this value out")
            }
            Self::SharedFile(_) => {
                Message::from("change the file for all values, or use another file for this value")
            }
            Self::SharedDefault(_) => Message::from(
                "change the default for all resources, or write the value into the document",
            ),
            Self::Unwritable(_) => Message::from("edit the file by hand"),
            Self::NamedAgent | Self::Unsafe(_) | Self::LostReference(_) | Self::Undeclarable(_) => {
                Message::from("edit the value by hand, or ")
                    .command(refresh())
                    .text(" restores the desired state")
            }
        }
    }
}
