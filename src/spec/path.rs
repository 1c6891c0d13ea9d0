//! A path into a document: which field, which item.

use std::fmt;

/// One step down into a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a mapping, by field.
    Field(String),
    /// Into a list, by position from 0.
    Index(usize),
}

/// The way from the top of a document to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The whole document.
    #[must_use]
    pub fn top() -> Self {
        Self::default()
    }

    /// The path of a field below this one.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        self.join(Step::Field(name.into()))
    }

    /// The path of an item below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.join(Step::Index(index))
    }

    fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The fields on the way; `None` where the way leads through a list.
    #[must_use]
    pub fn fields(&self) -> Option<Vec<&str>> {
        self.0
            .iter()
            .map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::Index(_) => None,
            })
            .collect()
    }

    /// The innermost field on the way.
    #[must_use]
    pub fn last_field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Index(_) => None,
        })
    }

    /// Whether this is the top of the document.
    #[must_use]
    pub fn is_top(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Path {
    /// `digital_humans_settings.num_runs`, `selected_custom_metrics[2]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if position == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl<const N: usize> From<[&str; N]> for Path {
    fn from(fields: [&str; N]) -> Self {
        Self(
            fields
                .into_iter()
                .map(|name| Step::Field(name.to_owned()))
                .collect(),
        )
    }
}
