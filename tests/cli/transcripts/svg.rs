//! Draws what a terminal shows as an SVG picture.
//!
//! The picture has no script and no font of its own. It is light or dark as the reader's
//! browser prefers.

use std::fmt::Write as _;
use std::num::NonZero;

use vt100::{Color, Parser, Screen};

/// The most rows of a picture.
const ROWS: u16 = 200;

/// The size of a character, in pixels. Each run of characters is fitted to this width.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 19.0;

/// The space around the text.
const MARGIN: f32 = 16.0;

const STYLE: &str = "\
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,\"Liberation Mono\",monospace;fill:#1f2328}\
rect{fill:#f6f8fa;stroke:#d1d9e0}\
.c1{fill:#b31d28}.c2{fill:#116329}.c3{fill:#7d4e00}.c4{fill:#0550ae}.c5{fill:#6639ba}.c6{fill:#0f6674}\
.b{font-weight:bold}.d{opacity:.72}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}rect{fill:#0d1117;stroke:#3d444d}\
.c1{fill:#ff8882}.c2{fill:#56d364}.c3{fill:#e3b341}.c4{fill:#79c0ff}.c5{fill:#d2a8ff}.c6{fill:#76e3ea}}";

/// Characters of one style, side by side.
#[derive(Debug, Default, PartialEq, Eq)]
struct Span {
    column: u16,
    columns: u16,
    classes: String,
    text: String,
}

/// Returns the picture of a terminal of this width that printed these bytes.
pub fn draw(printed: &[u8], columns: u16, title: &str) -> String {
    let size = |size| NonZero::new(size).unwrap();
    let mut parser = Parser::new(size(ROWS), size(columns), 0);
    parser.process(printed);
    let screen = parser.screen();
    let rows: Vec<_> = (0..ROWS).map(|row| spans(screen, row, columns)).collect();
    let is_used = |row: &u16| !rows[usize::from(*row)].is_empty();
    let count = (0..ROWS).rfind(is_used).map_or(0, |last| last + 1);
    let width = f32::from(columns) * WIDTH + 2.0 * MARGIN;
    let height = f32::from(count) * HEIGHT + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" role=\"img\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        width - 1.0,
        height - 1.0
    );
    for row in 0..count {
        let bottom = MARGIN + (f32::from(row) + 0.75) * HEIGHT;
        for span in &rows[usize::from(row)] {
            svg += &element(span, bottom);
        }
    }
    svg + "</svg>\n"
}

/// Returns the visible text of a row, in runs of one style.
fn spans(screen: &Screen, row: u16, columns: u16) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        if cell.is_wide_continuation() {
            continue;
        }
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let classes = classes(cell);
        let width = if cell.is_wide() { 2 } else { 1 };
        match spans.last_mut() {
            Some(last) if last.classes == classes => {
                last.text += text;
                last.columns += width;
            }
            _ => spans.push(Span {
                column,
                columns: width,
                classes,
                text: text.to_owned(),
            }),
        }
    }
    for span in &mut spans {
        let end = span.text.trim_end().len();
        span.columns -= u16::try_from(span.text.len() - end).unwrap();
        span.text.truncate(end);
    }
    spans.retain(|span| !span.text.is_empty());
    spans
}

fn classes(cell: &vt100::Cell) -> String {
    let colour = match cell.fgcolor() {
        Color::Idx(index @ 1..=6) => Some(format!("c{index}")),
        Color::Idx(index @ 9..=14) => Some(format!("c{}", index - 8)),
        _ => None,
    };
    let bold = cell.bold().then(|| "b".to_owned());
    let dim = cell.dim().then(|| "d".to_owned());
    let classes: Vec<_> = [colour, bold, dim].into_iter().flatten().collect();
    classes.join(" ")
}

fn element(span: &Span, bottom: f32) -> String {
    let left = MARGIN + f32::from(span.column) * WIDTH;
    let width = f32::from(span.columns) * WIDTH;
    let mut element = format!("<text x=\"{left:.1}\" y=\"{bottom:.1}\" textLength=\"{width:.1}\"");
    if !span.classes.is_empty() {
        write!(element, " class=\"{}\"", span.classes).unwrap();
    }
    let text = span.text.replace('&', "&amp;").replace('<', "&lt;");
    // Spaces would be joined.
    element + &format!(">{}</text>\n", text.replace(' ', "\u{a0}"))
}

#[test]
fn a_picture_has_the_colours_and_the_last_form_of_each_line() {
    let printed = b"\x1b[1m$ x\x1b[0m\r\n [#.] 1/2\r\x1b[2K\x1b[32m  + <a>\x1b[0m b\r\n";
    let svg = draw(printed, 20, "x");
    assert!(svg.contains("class=\"b\">$\u{a0}x</text>"), "{svg}");
    assert!(
        svg.contains("class=\"c2\">\u{a0}\u{a0}+\u{a0}&lt;a></text>"),
        "{svg}"
    );
    assert!(!svg.contains("1/2"), "{svg}");
}
