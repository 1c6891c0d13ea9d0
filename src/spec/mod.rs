//! What the user declares: YAML in, checked desired state or diagnostics out.
//!
//! Pure functions of texts; reading files is `store`'s business.

pub mod across;
pub mod address;
pub mod amount;
pub mod assemble;
pub mod blank;
pub mod check;
pub mod checked;
pub mod choice;
pub mod declare;
pub mod decode;
pub mod extent;
pub mod layer;
pub mod locate;
pub mod meaning;
pub mod misread;
pub mod names;
pub mod nearest;
pub mod origin;
pub mod path;
pub mod position;
pub mod problem;
pub mod project;
pub mod remote;
pub mod rules;
pub mod schema;
pub mod settings;
pub mod syntax;
pub mod tree;
pub mod unknown_field;
pub mod var_values;
pub mod vars;
pub mod words;
pub mod wrong_type;
pub mod yaml;

pub use crate::resource::{body, desired, key, spelling};
