//! What editors and CI make of a repository: the one that `init` begins, and
//! the schemas in the programs that people check YAML with.

mod init;
