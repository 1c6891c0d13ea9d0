//! The kinds of mistakes, each with a stable code.

/// Declares the codes from one table: variant, code, meaning and advice.
macro_rules! codes {
    ($($variant:ident $code:literal $meaning:literal $advice:literal)*) => {
        /// The kind of a mistake. The codes are stable, for scripts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum DiagnosticCode {
            $(
                #[doc = $meaning]
                $variant,
            )*
        }

        impl DiagnosticCode {
            /// All codes, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the code as scripts see it: `unknown-field`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// Returns what the code means, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }

            /// Returns how to mend the mistake, in one sentence.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self {
                    $(Self::$variant => $advice,)*
                }
            }
        }
    };
}

codes! {
    AliasBomb "alias-bomb"
        "The aliases of the file expand to very many values."
        "Write the values out, or use fewer nested aliases."
    BadFieldName "bad-field-name"
        "The name of a field is a list or a mapping."
        "Use a text as the name of the field."
    BadFileReference "bad-file-reference"
        "A reference to the text of a file is not usable."
        "Name a UTF-8 text file of the repository, relative to the YAML file."
    BadFormat "bad-format"
        "A text does not have the required form."
        "Write the text in the form that the message shows."
    BadKey "bad-key"
        "A text cannot be the key of a resource."
        "Choose a short literal key, such as `front-desk`."
    BadMerge "bad-merge"
        "The value of a merge field `<<` is not a mapping."
        "Name an anchored mapping: `<<: *defaults`."
    BadMove "bad-move"
        "A `moved_from` contradicts the declared resources."
        "Name the old key of this resource, or remove the field."
    BadName "bad-name"
        "A name of the project file has characters that are not allowed."
        "Choose a name of letters, digits and the characters that the message lists."
    BadReference "bad-reference"
        "A reference to a variable is malformed, or stands inside a variable."
        "Write `${var:NAME}`; write `$${` for a literal `${`."
    BadUuid "bad-uuid"
        "A value is not a UUID."
        "Copy the whole UUID from the dashboard."
    BlankValue "blank-value"
        "A field has a blank value, or no value."
        "Write the value, or remove the field."
    BlankVariable "blank-variable"
        "A variable of the project file has no value."
        "Write the value of the variable, or remove the variable."
    BrokenRule "broken-rule"
        "A rule between the fields of a document is broken."
        "Change the fields as the message says."
    CircularReference "circular-reference"
        "Resources refer to each other in a circle."
        "Remove one of the references."
    CommandLine "command-line"
        "The command line names something that does not exist."
        "Correct the option or the path."
    Conflict "conflict"
        "The file contains git conflict markers."
        "Merge the two versions, and remove the markers."
    CustomTag "custom-tag"
        "A value has a YAML tag without a meaning."
        "Remove the tag; texts that begin with `!` need quotes."
    DeprecatedField "deprecated-field"
        "The API deprecates the field."
        "Write the newer field that the message names."
    DuplicateField "duplicate-field"
        "A field is given twice."
        "Keep one of the two."
    DuplicateKey "duplicate-key"
        "Two resources of one kind have the same key."
        "Give one of the resources another `key`."
    DuplicateName "duplicate-name"
        "Two simulations of one agent have the same name."
        "Give the simulations different names: a lost id is found by the name."
    Empty "empty"
        "A value is empty."
        "Write a value."
    EmptyFile "empty-file"
        "A file declares no resource."
        "Write a document, or delete the file."
    Encoding "encoding"
        "The file is not UTF-8, or contains characters that YAML does not allow."
        "Save the file as UTF-8, and remove the characters."
    EnvironmentNotChosen "environment-not-chosen"
        "Only an environment gives a variable or a field its value, and no environment was chosen."
        "Choose an environment with `-e NAME`."
    KeptByApi "kept-by-api"
        "The API accepted an update, but a field has another value than declared."
        "Write the value that the API has, or replace the resource with `--on-change recreate`."
    KnownFieldInExtra "known-field-in-extra"
        "`extra` contains a field that the schema knows."
        "Write the field outside of `extra`."
    LinkOut "link-out"
        "A link leads out of the repository, or to a hidden file."
        "Replace the link by the file."
    ManyCalls "many-calls"
        "A simulation runs very many calls at the same time."
        "Use a smaller `max_concurrent`: with about 60 calls or more, calls have been dropped."
    MarkerInExtra "marker-in-extra"
        "`extra` contains the marker by which the project recognises its simulations."
        "Remove the field from `extra`, or remove `ownership` from `bluejay.yaml`."
    MissingField "missing-field"
        "A required field is missing."
        "Add the field."
    MissingFolder "missing-folder"
        "The simulations folder does not exist."
        "Create the folder, or correct its name in `bluejay.yaml`."
    MissingKey "missing-key"
        "A file declares several resources, and one of them has no key."
        "Give each resource of the file a `key`."
    MissingProject "missing-project"
        "`ownership: marker` needs the name of the project."
        "Add `project: NAME` to `bluejay.yaml`."
    NoFolder "no-folder"
        "The path of the simulations folder is not a folder."
        "Create a folder, or correct its name in `bluejay.yaml`."
    NoSimulations "no-simulations"
        "The simulations folder contains no YAML file."
        "Add a `*.yaml` file."
    NotInEnvironment "not-in-environment"
        "A reference leads to a resource that the chosen environment does not declare."
        "Declare the resource in this environment, or leave out what refers to it."
    NotOneOf "not-one-of"
        "A value is not one of the allowed values."
        "Choose one of the values that the message lists."
    OtherEnding "other-ending"
        "A project file with another ending is not read."
        "Rename the file, or merge the file into the project file that is read."
    OutOfRange "out-of-range"
        "A number is outside of its range."
        "Write a number in the range that the message shows."
    Outside "outside"
        "A path leads out of the repository."
        "Name a path inside the repository."
    OverIndentedItem "over-indented-item"
        "An item of a list is indented deeper than the item above, which it continues."
        "Begin the items of a list in one column, or put the text in quotes."
    RecursiveAlias "recursive-alias"
        "An alias contains itself."
        "Write the value out."
    RefusedByApi "refused-by-api"
        "The API refused a value of the resource."
        "Correct the value: the message quotes the API."
    Schema "schema"
        "A value does not match the JSON Schema."
        "Correct the value; the schema describes every field."
    SeveralDocuments "several-documents"
        "The project file has more than one document."
        "Remove the line `---` and the documents after it."
    SimilarKeys "similar-keys"
        "Two keys differ only by case or by their Unicode form."
        "Rename one of the keys: some file systems cannot tell the keys apart."
    Syntax "syntax"
        "The file is not valid YAML."
        "Correct the text at the marked place."
    Tab "tab"
        "A tab stands where YAML allows only spaces."
        "Replace the tab by spaces."
    ThresholdsCross "thresholds-cross"
        "A failing threshold is above its passing threshold."
        "Lower the failing threshold, or raise the passing threshold."
    TooDeep "too-deep"
        "The file nests lists and mappings too deeply."
        "Flatten the value."
    TooLarge "too-large"
        "A file or a document is too large."
        "Split the file, or shorten its texts."
    TooLong "too-long"
        "A text has too many characters."
        "Shorten the text."
    TooManyProblems "too-many-problems"
        "A file has more mistakes than are shown."
        "Mend the first mistakes, and validate again."
    TwoVersions "two-versions"
        "Two names of one field have different values."
        "Keep one of the two fields."
    TypographicQuotes "typographic-quotes"
        "Typographic quotes are part of a text."
        "Write straight quotes, or remove the quotes."
    UnknownAlias "unknown-alias"
        "An alias names no anchor above it."
        "Correct the name, or add the anchor; texts that begin with `*` need quotes."
    UnknownEnvironment "unknown-environment"
        "A document names an environment that `bluejay.yaml` does not have."
        "Correct the name, or add the environment to `bluejay.yaml`."
    UnknownField "unknown-field"
        "A field is not part of the schema."
        "Correct the name of the field; a field that only the API knows goes under `extra`."
    UnknownKind "unknown-kind"
        "The value of `kind` is not a kind."
        "Write one of the kinds that the message lists."
    UnknownReference "unknown-reference"
        "A reference leads to a resource that no file declares."
        "Correct the key, or declare the resource."
    UnknownValue "unknown-value"
        "A value is not among the known values of the API."
        "Check the spelling; the API may know the value all the same."
    UnknownVariable "unknown-variable"
        "A reference names a variable without a value."
        "Give the variable a value in `bluejay.yaml`, as `BLUEJAY_VAR_NAME`, or with `--var`."
    UnmatchedPattern "unmatched-pattern"
        "A pattern of `select` matches no resource."
        "Correct the pattern, or remove it."
    Unreadable "unreadable"
        "A file cannot be read."
        "Make the file a readable regular file."
    UnresolvedAgent "unresolved-agent"
        "An external id or a name leads to no agent, or to several agents."
        "Correct the external id or the name, or write the id as `agent_id`."
    UnusedAnchor "unused-anchor"
        "A word after `&` is an anchor and not part of the text."
        "Write the text in quotes."
    WrongKind "wrong-kind"
        "A reference leads to a resource of another kind."
        "Write the key of a resource of the required kind."
    WrongType "wrong-type"
        "A value has the wrong type."
        "Write a value of the type that the message names."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_alphabetical_order() {
        let codes = DiagnosticCode::ALL.iter().map(|code| code.as_str());
        assert!(codes.is_sorted_by(|a, b| a < b));
    }
}
