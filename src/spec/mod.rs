//! Reads the desired state: from YAML to checked resources or diagnostics.
//!
//! All functions are pure. Reading files is the task of `store`.

pub mod address;
pub mod assemble;
pub mod blank_values;
pub mod check;
pub mod cross_file;
pub mod cross_reference;
pub mod declarations;
pub mod decode;
pub mod defaults;
pub mod edit;
pub mod field_path;
pub mod field_schema;
pub mod included_text;
pub mod integer_help;
pub mod kind;
pub mod misread_values;
pub mod nearest;
pub mod origin;
pub mod path;
pub mod position;
pub mod problem;
pub mod project;
pub mod project_names;
pub mod references;
pub mod remote;
pub mod replace;
pub mod rules;
pub mod schema;
pub mod segments;
pub mod selection;
pub mod semantics;
pub mod settings;
pub mod source_map;
pub mod syntax;
pub mod tree;
pub mod unknown_field;
pub mod valid_document;
pub mod value_range;
pub mod var_values;
pub mod vars;
pub mod words;
pub mod wrong_type;
pub mod yaml;
