//! The report of a pull for people.

use super::Shown;
use crate::pull::{Left, OtherEnvironment};
use crate::report::layout::{Layout, Part};
use crate::report::model::{self, Detail, Tag};
use crate::report::plan::diff_rows;
use crate::report::style::Paint;
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
        for row in &model::text_rows(&before, &after, detail) {
            let is_blank = row.tag == Tag::Unchanged && row.text().is_empty();
            text.push_str(&if is_blank {
                "\n".to_owned()
            } else {
                diff_rows(std::slice::from_ref(row), layout)
            });
        }
        text.push('\n');
    }
    for other in shown.others {
        text.push_str(&also_changed(other, layout));
    }
    for left in shown.left {
        text.push_str(&left_alone(left, layout));
    }
    for (key, error) in shown.failed {
        let reason = error.to_string();
        let (sign, key) = (palette.error("  x"), palette.strong(key));
        let reason = visible::line(&reason);
        let line = format!("{sign} {key}: could not be read: {reason}\n\n");
        text.push_str(&layout.hanging(line));
    }
    let sentence = palette.strong(shown.sentence());
    text.push_str(&layout.hanging(format!("{sentence}\n")));
    palette.shown(&text)
}

/// Returns the warning about another environment whose desired state changes.
fn also_changed(other: &OtherEnvironment, layout: Layout) -> String {
    const SHOWN: usize = 10;
    let palette = layout.palette;
    let phrase = match &other.name {
        Some(name) => format!("in the environment `{}`", visible::line(name)),
        None => "without an environment".to_owned(),
    };
    let mut text = format!("  {} {phrase}\n", palette.changed("!"));
    let keys: Vec<_> = other
        .keys
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect();
    if !keys.is_empty() {
        let more = match other.keys.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!("      also changes: {}{more}\n", keys.join(", ")));
    }
    if !other.is_complete {
        text.push_str("      not all compared: the files have mistakes there\n");
    }
    let help =
        "the files are shared: check the plan of this environment, or give it a value of its own";
    layout.hanging(text + &format!("      {}: {help}\n\n", palette.help("help")))
}

fn left_alone(left: &Left, layout: Layout) -> String {
    let palette = layout.palette;
    let field = left.field.as_ref().map_or_else(String::new, |field| {
        format!(": {}", visible::line(&field.path))
    });
    let place = left.place.as_ref().map(|place| format!("  # {place}"));
    let key = left.key.to_string();
    let mut parts = vec![
        Part::new(Paint::Removed, "  ! "),
        Part::new(Paint::Strong, &key),
        Part::new(Paint::Plain, &field),
    ];
    parts.extend(place.as_ref().map(|place| Part::whole(Paint::Faint, place)));
    let head = layout.paragraph(&parts, 0, "      ".len());
    let reason = left.reason.to_string();
    let mut text = format!("      left alone: {}\n", visible::line(&reason));
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
    format!("{head}\n{}", layout.hanging(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, SourceFile};
    use crate::pull::LeftReason;
    use crate::resource::key::ResourceKey;

    #[test]
    fn a_place_stays_behind_its_sign() {
        let left = Left {
            key: ResourceKey::new("clinic/front-desk"),
            field: None,
            reason: LeftReason::Conflict,
            place: Some(Place::file(&SourceFile::new("simulations/a.yaml", ""))),
        };
        let text = left_alone(&left, Layout::of_width(40));
        let head = "  ! clinic/front-desk\n      # simulations/a.yaml\n      left alone";
        assert!(text.starts_with(head), "{text}");
    }
}
