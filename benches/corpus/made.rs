//! Simulations to measure with: the same for the same number.

use std::fmt::Write as _;
use std::path::Path;

/// The text of one file, of about a kilobyte.
#[must_use]
pub fn text(index: usize) -> String {
    let mut text = format!(
        "# owner: team-{}; reviewed quarterly\nagent_id: \"{}\"\n",
        index % 17,
        7_000 + index % 400
    );
    let _ = writeln!(
        text,
        "name: \"Desk - a distracted caller asks again (#{index})\""
    );
    text.push_str("description: |\n");
    for line in 0..4 {
        let _ = writeln!(
            text,
            "  Line {line} of simulation {index}: the caller has waited for {} minutes.",
            index % 9
        );
    }
    let _ = writeln!(
        text,
        "max_concurrent: {}  # an account-wide limit is 500",
        1 + index % 50
    );
    let _ = writeln!(text, "max_call_duration: {}", 3 + index % 12);
    text.push_str("max_call_duration_units: minutes\nringing_timeout: 30\n");
    text.push_str(
        "digital_humans_settings:\n  default_language: en\n  default_background_noise: airport\n",
    );
    let _ = writeln!(
        text,
        "  first_message: \"I have a question: number {index}, please.\""
    );
    let _ = writeln!(text, "  num_runs: {}", 1 + index % 9);
    text.push_str("selected_custom_metrics:\n");
    for metric in 0..3 {
        let _ = writeln!(text, "  - 67f7f6e1-b1c7-46e1-84ef-{index:08x}{metric:04x}");
    }
    text.push_str("custom_metrics_failing_threshold: 56\ncustom_metrics_passing_threshold: 67\n");
    text
}

/// The key of one.
#[must_use]
pub fn key(index: usize) -> String {
    format!("g{:04}/desk-{index:06}", index / 100)
}

/// Writes a repository of so many simulations: files, and no lockfile.
pub fn write(folder: &Path, count: usize) {
    for index in 0..count {
        let path = folder
            .join("simulations")
            .join(format!("{}.yaml", key(index)));
        if index % 100 == 0 {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        }
        std::fs::write(path, text(index)).expect("a file");
    }
}
