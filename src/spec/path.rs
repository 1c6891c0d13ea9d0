//! The path of a value in a document.

use std::fmt;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A field of a mapping.
    Field(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// The steps from the top of a document to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// Returns the path of the whole document.
    #[must_use]
    pub fn top() -> Self {
        Self::default()
    }

    /// Returns the path of a field of this value.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        self.join(Step::Field(name.into()))
    }

    /// Returns the path of an item of this value.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.join(Step::Index(index))
    }

    fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// Returns the names of the fields on the path; `None` if the path contains a list
    /// item.
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

    /// Returns the name of the innermost field.
    #[must_use]
    pub fn last_field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Index(_) => None,
        })
    }

    /// Returns whether the path is the top of the document.
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
