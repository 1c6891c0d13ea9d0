//! The bottom of the terminal of stderr: a bar that changes, or an open question. Lines are
//! written above the bar, and below the question.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::color;
use super::layout::Size;

/// The bottom of the terminal. A process has one terminal.
static SCREEN: Mutex<Screen> = Mutex::new(Screen {
    bar: None,
    is_asking: false,
});

struct Screen {
    bar: Option<ProgressBar>,
    /// Whether the cursor is behind a question.
    is_asking: bool,
}

/// The largest number of draws of a bar in a second.
const DRAWS_PER_SECOND: u8 = 20;

fn screen() -> MutexGuard<'static, Screen> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows a bar of this form at the bottom, in place of an earlier bar.
pub(super) fn begin(template: &str) {
    end();
    screen().bar = Some(new_bar(template));
}

fn new_bar(template: &str) -> ProgressBar {
    let target =
        ProgressDrawTarget::term_like_with_hz(Box::<Terminal>::default(), DRAWS_PER_SECOND);
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Returns whether a bar is shown.
pub(super) fn has_bar() -> bool {
    screen().bar.is_some()
}

/// Changes the bar, if there is one.
pub(super) fn change(change: impl FnOnce(&ProgressBar)) {
    if let Some(bar) = &screen().bar {
        change(bar);
    }
}

/// Removes the bar.
pub fn end() {
    if let Some(bar) = screen().bar.take() {
        bar.finish_and_clear();
    }
}

/// Notes whether a question is open.
pub(super) fn ask(is_asking: bool) {
    screen().is_asking = is_asking;
}

/// Writes bytes to stderr, above the bar or below the question.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut screen = screen();
    let mut err = io::stderr();
    if std::mem::take(&mut screen.is_asking) {
        err.write_all(b"\n")?;
    }
    match &screen.bar {
        // The bar pads each line that it prints itself to the width of the terminal.
        Some(bar) => bar.suspend(|| err.write_all(bytes)),
        None => err.write_all(bytes),
    }
}

/// Removes the `^C` of an interrupt, which the terminal shows at the cursor. A bar covers
/// the text with its next change, and a question ends its line.
pub fn interrupted() {
    let screen = screen();
    let is_shown = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !is_shown || screen.bar.is_some() || screen.is_asking {
        return;
    }
    let text: &[u8] = if color::is_dumb() { b"\n" } else { b"\r\x1b[K" };
    // A failed write is no error: the next line fails too.
    let _ = io::stderr().write_all(text);
}

/// The terminal of a bar.
///
/// The bar fills its last line. The cursor returns to the beginning of this line, so that the
/// `^C` of an interrupt stays in a line that the bar removes. Behind a full line, the text
/// would move the cursor to the next line, and the bar would remove the wrong lines.
#[derive(Debug, Default)]
struct Terminal {
    text: Mutex<String>,
}

impl Terminal {
    fn push(&self, text: &str) {
        let mut all = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_str(text);
    }

    /// Takes the text so far, with the return of the cursor.
    fn drawn(&self) -> String {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *text) + "\r"
    }

    fn move_by(&self, count: usize, direction: char) {
        if count > 0 {
            self.push(&format!("\x1b[{count}{direction}"));
        }
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        u16::try_from(Size::of_stderr().width).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(Size::of_stderr().height).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'D');
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.push(text);
        self.push("\n");
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.push(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.push("\r\x1b[2K");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().write_all(self.drawn().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_returns_to_the_beginning_of_the_last_line() {
        let terminal = Terminal::default();
        terminal.move_cursor_up(0).unwrap();
        terminal.move_cursor_up(2).unwrap();
        terminal.clear_line().unwrap();
        terminal.write_str("bar").unwrap();
        assert_eq!(terminal.drawn(), "\x1b[2A\r\x1b[2Kbar\r");
        assert_eq!(terminal.drawn(), "\r");
    }
}
