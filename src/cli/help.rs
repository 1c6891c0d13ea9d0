//! The help of each command: `-h` fits a screen, `--help` shows everything.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::Cli;
use super::manual::{self, Row};
use crate::wrap::{WIDTH, hanging};

/// Returns the definition of the command line, with its help.
///
/// The short help of a command leaves out the options of every command, and those that are
/// marked with `hide_short_help`. The long help has the examples of the manual.
#[must_use]
pub fn command() -> Command {
    let command = Cli::command().mut_args(hide_global_options);
    let flag = |name: &'static str, short, action| {
        let flag = Arg::new(name).long(name).short(short).action(action);
        flag.help(format!("Print {name}")).hide_short_help(true)
    };
    let command = command
        .disable_help_flag(true)
        .arg(flag("help", 'h', ArgAction::Help).global(true))
        .disable_version_flag(true)
        .arg(flag("version", 'V', ArgAction::Version));
    let long = format!(
        "{}\n\n{}",
        examples(""),
        section("Exit status", manual::EXIT_STATUS)
    );
    let command = command
        .after_help(format!(
            "More commands: {}. All options: bluejayctl --help",
            RARE.join(", ")
        ))
        .after_long_help(styled(&long));
    command.mut_subcommands(|inner| with_help(inner, ""))
}

/// The commands that the short help of the program only names.
const RARE: [&str; 4] = ["completions", "man", "sandbox", "schema"];

/// Returns the definition for a command line with `-h`.
fn with_usual_commands(command: Command) -> Command {
    command.mut_subcommands(|inner| {
        let is_rare = RARE.contains(&inner.get_name());
        inner.hide(is_rare)
    })
}

/// Reads the command line of the process.
pub fn parse() -> Result<Cli, clap::Error> {
    let mut command = command();
    if std::env::args_os().any(|arg| arg == "-h") {
        command = with_usual_commands(command);
    }
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let mut matches = matches.map_err(nearest_first)?;
    let cli = Cli::from_arg_matches_mut(&mut matches);
    let cli = cli.map_err(|error| error.format(&mut command))?;
    if has_lost_faults(&cli) {
        let message = "`--fault` injects faults into the sandbox, so it needs `--sandbox`";
        return Err(command.error(ErrorKind::MissingRequiredArgument, message));
    }
    Ok(cli)
}

/// Returns whether a command has faults and no sandbox. clap's `requires` does not see a
/// global option before the command.
fn has_lost_faults(cli: &Cli) -> bool {
    let faults = match &cli.command {
        super::Command::Apply(args) => &args.faults,
        super::Command::Run(args) => &args.faults,
        _ => return false,
    };
    !cli.global.sandbox && !faults.is_empty()
}

/// Puts the most similar command first: clap names similar commands with rising
/// similarity.
fn nearest_first(mut error: clap::Error) -> clap::Error {
    let kind = ContextKind::SuggestedSubcommand;
    if let Some(ContextValue::Strings(names)) = error.get(kind) {
        let names = names.iter().rev().cloned().collect();
        error.insert(kind, ContextValue::Strings(names));
    }
    error
}

fn hide_global_options(arg: Arg) -> Arg {
    let is_global = arg.is_global_set();
    if is_global {
        arg.hide_short_help(true)
    } else {
        arg
    }
}

/// Adds the help of a command and of its subcommands. `above` is the path of the command
/// above.
fn with_help(command: Command, above: &str) -> Command {
    let path = format!("{above} {}", command.get_name());
    let path = path.trim_start();
    let more = format!(
        "Other options, such as -C, --env and --sandbox, and examples: bluejayctl {path} --help"
    );
    let command = command
        .after_help(more)
        .after_long_help(styled(&examples(path)));
    command.mut_subcommands(|inner| with_help(inner, path))
}

/// Returns the examples of a command as a section.
fn examples(path: &str) -> String {
    section("Examples", manual::examples(path))
}

/// Returns a section with a title and two columns. clap would wrap the section without its
/// columns.
fn section(title: &str, rows: &[Row]) -> String {
    let widths = rows.iter().map(|(left, _)| left.chars().count());
    let width = widths.max().unwrap_or(0);
    let lines = rows.iter().map(|(left, right)| {
        // A long example has its meaning above it, so that a line fits a terminal.
        if width > manual::WIDE {
            format!("  # {right}\n  {left}")
        } else {
            let indent = 2 + width + 2;
            format!("  {left:<width$}  {}", hanging(right, indent, WIDTH))
        }
    });
    let lines: Vec<_> = lines.collect();
    format!("{title}:\n{}", lines.join("\n"))
}

fn styled(text: &str) -> StyledStr {
    StyledStr::from(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest terminal for which the short help is made.
    const LINES: usize = 24;
    const COLUMNS: usize = 80;

    /// Calls `check` with each command and its path.
    fn walk(command: &Command, above: &str, check: &mut impl FnMut(&Command, &str)) {
        check(command, above);
        for inner in command.get_subcommands() {
            let path = format!("{above} {}", inner.get_name());
            walk(inner, path.trim_start(), check);
        }
    }

    #[test]
    fn the_short_help_of_each_command_fits_a_screen() {
        let mut all = with_usual_commands(command()).term_width(COLUMNS);
        all.build();
        let mut wrong = Vec::new();
        walk(&all, "", &mut |command, path| {
            let help = command.clone().render_help().to_string();
            let lines = help.lines().count();
            let columns = help.lines().map(|line| line.chars().count());
            let columns = columns.max().unwrap_or(0);
            if lines > LINES || columns > COLUMNS {
                wrong.push(format!(
                    "`{path}`: {lines} lines, {columns} columns\n{help}"
                ));
            }
        });
        assert!(
            wrong.is_empty(),
            "mark the less usual options with `hide_short_help = true`:\n{}",
            wrong.join("\n")
        );
    }

    #[test]
    fn each_command_has_examples_that_the_program_accepts() {
        let mut all = command().disable_help_subcommand(true);
        all.build();
        walk(&all, "", &mut |_, path| {
            let examples = manual::examples(path);
            assert!(!examples.is_empty(), "`{path}` has no example in manual.rs");
            for (line, _) in examples {
                let words = line.split_whitespace().map(|word| word.trim_matches('\''));
                let words = words.skip_while(|word| *word != "bluejayctl");
                // Quoted words with spaces are no part of the examples.
                let words = words.take_while(|word| !["|", ">"].contains(word));
                let words: Vec<_> = words.collect();
                assert!(line.contains(path), "`{line}` is no example of `{path}`");
                if let Err(error) = command().try_get_matches_from(&words) {
                    assert!(!error.use_stderr(), "{line}\n{error}");
                }
            }
        });
    }

    #[test]
    fn the_sections_continue_in_their_column() {
        let text = section("Exit status", manual::EXIT_STATUS);
        for line in text.lines().skip(1) {
            assert!(line.chars().count() <= WIDTH, "{line}");
            let is_row = !line.starts_with("   ");
            assert!(is_row || line.starts_with(&" ".repeat(12)), "{line:?}");
        }
    }

    #[test]
    fn faults_need_the_sandbox_before_or_behind_the_command() {
        let is_refused = |line: &str| {
            let matches = command().try_get_matches_from(line.split(' ')).unwrap();
            has_lost_faults(&Cli::from_arg_matches(&matches).unwrap())
        };
        assert!(is_refused("bluejayctl run --fault lost-after"));
        assert!(!is_refused("bluejayctl --sandbox run --fault lost-after"));
        assert!(!is_refused("bluejayctl apply --fault lost-after --sandbox"));
    }

    #[test]
    fn the_most_similar_command_comes_first() {
        let error = command().try_get_matches_from(["bluejayctl", "plann"]);
        let text = nearest_first(error.unwrap_err()).to_string();
        assert!(text.contains("'plan', 'explain'"), "{text}");
    }

    #[test]
    fn examples_belong_to_commands() {
        let mut paths = Vec::new();
        let mut all = command().disable_help_subcommand(true);
        all.build();
        walk(&all, "", &mut |_, path| paths.push(path.to_owned()));
        for (path, _) in manual::EXAMPLES {
            assert!(paths.iter().any(|known| known == path), "{path}");
        }
    }
}
