//! Classifies the messages of the YAML parser. No other module depends on their
//! wording.

use crate::spec::tree::SyntaxError;

/// The cause of a syntax error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// A character that can't begin a token.
    InvalidCharacter,
    /// A quote that is not closed.
    UnclosedQuote,
    /// Something unexpected in a flow collection, between brackets.
    FlowCollection,
    /// A `:` where YAML allows no field.
    Colon,
    /// An invalid name of an alias or an anchor.
    AliasName,
    /// An unknown escape in double quotes.
    UnknownEscape,
    /// A `\x`, `\u` or `\U` without enough digits.
    ShortEscape,
    /// Something other than a field among fields.
    FieldExpected,
    /// Text after the end of a document.
    DocumentExpected,
    /// Something other than an item in a list.
    ItemExpected,
    /// A line among fields without a `:`.
    ColonExpected,
    /// Text on the line of a block indicator, `|` or `>`.
    TextAfterBlockIndicator,
    /// A list that begins on the line of its field.
    ListOnFieldLine,
    /// An indicator where a value is expected.
    Indicator,
    /// A tag handle that no directive defines.
    TagHandle,
    /// An invalid tag.
    Tag,
    /// A `%YAML` directive with an unknown version.
    Version,
    /// An invalid directive: a line that begins with `%`.
    Directive,
    /// A tab in the indentation.
    Tab,
    /// Anything else.
    Other,
}

impl Cause {
    pub fn of(error: &SyntaxError) -> Self {
        match error.problem {
            "found character that cannot start any token" => Self::InvalidCharacter,
            "found unexpected end of stream" | "found unexpected document indicator" => {
                Self::UnclosedQuote
            }
            "mapping values are not allowed in this context" => Self::Colon,
            "found unknown escape character" | "found invalid Unicode character escape code" => {
                Self::UnknownEscape
            }
            "did not find expected hexdecimal number" => Self::ShortEscape,
            "did not find expected <document start>" => Self::DocumentExpected,
            "did not find expected '-' indicator" => Self::ItemExpected,
            "did not find expected key" => Self::FieldExpected,
            "could not find expected ':'" => Self::ColonExpected,
            "block sequence entries are not allowed in this context" => Self::ListOnFieldLine,
            "mapping keys are not allowed in this context" => Self::Indicator,
            "found undefined tag handle" => Self::TagHandle,
            "found incompatible YAML document" => Self::Version,
            "found a tab character that violates indentation"
            | "found a tab character where an indentation space is expected" => Self::Tab,
            problem => Self::within(error.context, problem),
        }
    }

    /// Returns whether the usual cause is wrong indentation.
    pub fn is_about_columns(self) -> bool {
        matches!(
            self,
            Self::FieldExpected | Self::DocumentExpected | Self::ItemExpected
        )
    }

    /// Returns the cause of a message whose meaning depends on the parser's context.
    fn within(context: &str, problem: &str) -> Self {
        match context {
            "while parsing a flow sequence"
            | "while parsing a flow mapping"
            | "while parsing a flow node" => Self::FlowCollection,
            "while scanning an alias" | "while scanning an anchor" => Self::AliasName,
            "while scanning a block scalar"
                if problem == "did not find expected comment or line break" =>
            {
                Self::TextAfterBlockIndicator
            }
            "while parsing a block node" => Self::Indicator,
            "while scanning a tag" | "while parsing a tag" => Self::Tag,
            "while scanning a directive"
            | "while scanning a %YAML directive"
            | "while scanning a %TAG directive"
            | "while scanning a tag directive"
            | "while parsing a tag directive"
            | "while parsing a %TAG directive" => Self::Directive,
            _ if problem.contains("directive") => Self::Directive,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::tree::{Tree, TreeError};

    #[test]
    fn every_parser_message_has_its_cause() {
        for (text, cause) in [
            ("a: @x\n", Cause::InvalidCharacter),
            ("a: 'x\n", Cause::UnclosedQuote),
            ("a: \"x\n---\n", Cause::UnclosedQuote),
            ("a: \"\\", Cause::UnclosedQuote),
            ("a: [1 'x'\n", Cause::FlowCollection),
            ("a: {b: c 'x'\n", Cause::FlowCollection),
            ("a: [,]\n", Cause::FlowCollection),
            ("a: b: c\n", Cause::Colon),
            ("a: *.\n", Cause::AliasName),
            ("a: & b\n", Cause::AliasName),
            ("a: \"\\q\"\n", Cause::UnknownEscape),
            ("a: \"\\uDC00\"\n", Cause::UnknownEscape),
            ("a: \"\\u12\"\n", Cause::ShortEscape),
            ("a: 1\n- b\n", Cause::FieldExpected),
            ("[a]\n]\n", Cause::DocumentExpected),
            ("- a\nb: c\n", Cause::ItemExpected),
            ("a: 1\nb\nc: 2\n", Cause::ColonExpected),
            ("a: | b\n", Cause::TextAfterBlockIndicator),
            ("a: - b\n", Cause::ListOnFieldLine),
            ("a: ? b\n", Cause::Indicator),
            ("a: , b\n", Cause::Indicator),
            ("a: !b!c d\n", Cause::TagHandle),
            ("a: !b{ d\n", Cause::Tag),
            ("a: !%zz d\n", Cause::Tag),
            ("%YAML 3.0\n---\n", Cause::Version),
            ("%b\n---\n", Cause::Directive),
            ("%YAML x\n---\n", Cause::Directive),
            ("%TAG x\n---\n", Cause::Directive),
            ("%YAML 1.1\n%YAML 1.1\n---\n", Cause::Directive),
            ("a: b\n\tc: d\n", Cause::Tab),
            ("a: |\n\tb\n", Cause::Tab),
            ("a: |0\n", Cause::Other),
        ] {
            match Tree::build(text) {
                Err(TreeError::Syntax(error)) => {
                    assert_eq!(Cause::of(&error), cause, "{text:?} {error:?}");
                }
                other => panic!("{text:?} is {other:?}"),
            }
        }
    }
}
