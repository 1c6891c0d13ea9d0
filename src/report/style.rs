//! Colours, or none.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::visible;

/// Paints text, where colour is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    is_coloured: bool,
}

impl Palette {
    /// A palette with or without colour.
    #[must_use]
    pub fn new(is_coloured: bool) -> Self {
        Self { is_coloured }
    }

    /// Whether it has colour.
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

    /// What is added.
    pub fn added(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// What is taken away.
    pub fn removed(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// What changes.
    pub fn changed(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// What is renamed or taken over.
    pub fn moved(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// What matters most.
    pub fn strong(self, text: impl Display) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What matters least.
    pub fn faint(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// The word `error`.
    pub fn error(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// The word `warning`.
    pub fn warning(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// The word `help`.
    pub fn help(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default().bold(), text)
    }
}
