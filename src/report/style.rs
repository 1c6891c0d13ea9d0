//! The colours of the output.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::visible;

/// Paints text, if colour is enabled.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    is_coloured: bool,
}

impl Palette {
    /// Returns a palette with or without colour.
    #[must_use]
    pub fn new(is_coloured: bool) -> Self {
        Self { is_coloured }
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
