//! The colours and the links of the output.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::visible::{self, LinkMark};

/// How a text is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// As it is.
    Plain,
    /// Added text.
    Added,
    /// Changed words in added text.
    AddedWords,
    /// Removed text.
    Removed,
    /// Changed words in removed text.
    RemovedWords,
    /// Changed text.
    Changed,
    /// Moved or adopted keys.
    Moved,
    /// Important text.
    Strong,
    /// Unimportant text.
    Faint,
}

/// Paints text, if colour is enabled.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    is_coloured: bool,
    /// The mark of links; `None` without links.
    links: Option<LinkMark>,
}

impl Palette {
    /// Returns a palette with or without colour.
    #[must_use]
    pub fn new(is_coloured: bool) -> Self {
        Self {
            is_coloured,
            links: None,
        }
    }

    /// Returns the palette with links.
    #[must_use]
    pub fn with_links(self, mark: LinkMark) -> Self {
        Self {
            links: Some(mark),
            ..self
        }
    }

    /// Returns a painted text as a link to an address, if the terminal shows links.
    #[must_use]
    pub fn linked(self, address: Option<&str>, text: String) -> String {
        match (self.links, address) {
            (Some(mark), Some(address)) => mark.link(address, &text),
            _ => text,
        }
    }

    /// Escapes a complete output for people, except its colours and links.
    #[must_use]
    pub fn shown(self, text: &str) -> String {
        visible::terminal_with_links(text, self.is_coloured, self.links)
    }

    /// Returns whether the palette has colour.
    #[must_use]
    pub fn is_coloured(self) -> bool {
        self.is_coloured
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        if self.is_coloured {
            let text = text.to_string();
            format!("{style}{}{style:#}", visible::lines(&text))
        } else {
            text.to_string()
        }
    }

    /// Paints a text.
    #[must_use]
    pub fn painted(self, paint: Paint, text: &str) -> String {
        match paint {
            Paint::Plain => text.to_owned(),
            Paint::Added => self.added(text),
            Paint::AddedWords => {
                let style = AnsiColor::Green.on_default().bold().underline();
                self.paint(style, text)
            }
            Paint::Removed => self.removed(text),
            Paint::RemovedWords => {
                let style = AnsiColor::Red.on_default().bold().underline();
                self.paint(style, text)
            }
            Paint::Changed => self.changed(text),
            Paint::Moved => self.moved(text),
            Paint::Strong => self.strong(text),
            Paint::Faint => self.faint(text),
        }
    }

    /// Paints added text.
    pub fn added(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Paints removed text.
    pub fn removed(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// Paints changed text.
    pub fn changed(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// Paints moved or adopted keys.
    pub fn moved(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// Paints important text.
    pub fn strong(self, text: impl Display) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// Paints unimportant text.
    pub fn faint(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Paints the word `error`.
    pub fn error(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Paints the word `warning`.
    pub fn warning(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// Paints the word `help`.
    pub fn help(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default().bold(), text)
    }
}
