//! The report of a pull for people.

use super::Shown;
use crate::pull::Left;
use crate::report::layout::Layout;
use crate::report::model::{self, Detail};
use crate::report::plan::diff_rows;
use crate::report::suggestion;
use crate::visible;

/// Returns the report as text.
#[must_use]
pub fn human(shown: &Shown<'_>, layout: Layout) -> String {
    let palette = layout.palette;
    let detail = Detail {
        is_full: layout.is_full,
        has_emphasis: palette.is_coloured(),
    };
    let mut text = String::new();
    for file in shown.files {
        let name = visible::line(&file.name);
        text.push_str(&format!(
            "  {} {}\n",
            palette.changed("~"),
            palette.strong(name)
        ));
        let [before, after] = [&file.before, &file.after].map(|text| text.replace("\r\n", "\n"));
        text.push_str(&diff_rows(
            &model::text_rows(&before, &after, detail),
            layout,
        ));
        text.push('\n');
    }
    for left in shown.left {
        text.push_str(&left_alone(left, layout));
    }
    for (key, error) in shown.failed {
        let reason = error.to_string();
        let (sign, key) = (palette.error("  x"), palette.strong(key));
        let reason = visible::line(&reason);
        text.push_str(&format!("{sign} {key}: could not be read: {reason}\n\n"));
    }
    text.push_str(&palette.strong(shown.sentence()));
    text.push('\n');
    visible::terminal(&text, palette.is_coloured())
}

fn left_alone(left: &Left, layout: Layout) -> String {
    let palette = layout.palette;
    let mut text = format!("  {} {}", palette.error("!"), palette.strong(&left.key));
    if let Some(field) = &left.field {
        text.push_str(&format!(": {}", visible::line(&field.path)));
    }
    if let Some(place) = &left.place {
        text.push_str(&palette.faint(format!("  # {place}")));
    }
    let reason = left.reason.to_string();
    text.push_str(&format!("\n      left alone: {}\n", visible::line(&reason)));
    if let Some(field) = &left.field {
        text.push_str(&format!(
            "      applied {}, declared {}, observed {}\n",
            model::in_one_line(&field.applied, layout.is_full),
            model::in_one_line(&field.written, layout.is_full),
            model::in_one_line(&field.observed, layout.is_full)
        ));
    }
    let help = suggestion::text(&left.reason.help());
    text.push_str(&format!("      {}: {help}\n\n", palette.help("help")));
    text
}
