//! Suggested commands as values.
//!
//! A message that proposes a `bluejayctl` command holds the command as a
//! [`Suggestion`]. The command line is written once, when the message is shown, with
//! the options of this [`Invocation`] that choose the project, the lockfile and the
//! API: `state rm KEY` without `--env staging` would change another lockfile. Text
//! around a suggestion, quoted user text included, is never changed.

use std::fmt::Write as _;

/// A command of this program that a message proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// `apply`.
    Apply,
    /// `drift`.
    Drift,
    /// `explain`.
    Explain,
    /// `graph`.
    Graph,
    /// `import`.
    Import,
    /// `init`.
    Init,
    /// `plan`.
    Plan,
    /// `pull`.
    Pull,
    /// `run history`.
    RunHistory,
    /// `schema`.
    Schema,
    /// `state list`.
    StateList,
    /// `state mv`.
    StateMv,
    /// `state resolve`.
    StateResolve,
    /// `state rm`.
    StateRm,
    /// `validate`.
    Validate,
}

/// The options of the invocation that a suggested command repeats. Each variant includes
/// the variants before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// The project: `-C`, `--config`.
    Project,
    /// The lockfile too: `--env`, `--sandbox`.
    Lockfile,
    /// The simulation files too: `--var`.
    Files,
    /// The API too: `--api-url`, `--api-key-file`.
    Api,
}

impl Verb {
    fn words(self) -> (&'static str, Scope) {
        match self {
            Self::Apply => ("apply", Scope::Api),
            Self::Drift => ("drift", Scope::Api),
            Self::Explain => ("explain", Scope::Project),
            Self::Graph => ("graph", Scope::Files),
            Self::Import => ("import", Scope::Api),
            Self::Init => ("init", Scope::Project),
            Self::Plan => ("plan", Scope::Api),
            Self::Pull => ("pull", Scope::Api),
            Self::RunHistory => ("run history", Scope::Api),
            Self::Schema => ("schema", Scope::Project),
            Self::StateList => ("state list", Scope::Lockfile),
            Self::StateMv => ("state mv", Scope::Lockfile),
            Self::StateResolve => ("state resolve", Scope::Lockfile),
            Self::StateRm => ("state rm", Scope::Lockfile),
            Self::Validate => ("validate", Scope::Files),
        }
    }
}

/// A command line that a message proposes: a verb, options and arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    verb: Verb,
    options: Vec<String>,
    arguments: Vec<String>,
}

impl Suggestion {
    /// Returns the command without options and arguments.
    #[must_use]
    pub fn new(verb: Verb) -> Self {
        Self {
            verb,
            options: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// Adds a flag: `--prune`.
    #[must_use]
    pub fn flag(mut self, name: &str) -> Self {
        self.options.push(name.to_owned());
        self
    }

    /// Adds an option with a value.
    #[must_use]
    pub fn option(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.options.push(option(name, value.as_ref()));
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, value: impl ToString) -> Self {
        self.arguments.push(value.to_string());
        self
    }

    /// Returns the command line, safe to paste into a shell whatever its values hold.
    #[must_use]
    pub fn command_line(&self, invocation: &Invocation) -> String {
        let (verb, scope) = self.verb.words();
        let mut line = "bluejayctl".to_owned();
        let mut push = |word: &str| {
            // Writing to a text never fails.
            let _ = write!(line, " {word}");
        };
        for (_, words) in invocation.options.iter().filter(|(of, _)| *of <= scope) {
            push(words);
        }
        push(verb);
        for words in &self.options {
            push(words);
        }
        if self.arguments.iter().any(|value| value.starts_with('-')) {
            push("--");
        }
        for value in &self.arguments {
            push(&quoted(value));
        }
        line
    }
}

/// The options of this process that its suggestions repeat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    options: Vec<(Scope, String)>,
}

impl Invocation {
    /// Adds the folder: `-C`.
    #[must_use]
    pub fn folder(self, path: &str) -> Self {
        self.with(Scope::Project, option("-C", path))
    }

    /// Adds the project file: `--config`.
    #[must_use]
    pub fn config(self, path: &str) -> Self {
        self.with(Scope::Project, option("--config", path))
    }

    /// Adds the environment: `--env`.
    #[must_use]
    pub fn environment(self, name: &str) -> Self {
        self.with(Scope::Lockfile, option("--env", name))
    }

    /// Adds a variable: `--var`.
    #[must_use]
    pub fn variable(self, name: &str, value: &str) -> Self {
        self.with(Scope::Files, option("--var", &format!("{name}={value}")))
    }

    /// Adds the address of the API: `--api-url`. An address that holds a password is
    /// left out.
    #[must_use]
    pub fn api_url(self, url: &str) -> Self {
        if url.contains('@') {
            return self;
        }
        self.with(Scope::Api, option("--api-url", url))
    }

    /// Adds the file of the key: `--api-key-file`.
    #[must_use]
    pub fn api_key_file(self, path: &str) -> Self {
        self.with(Scope::Api, option("--api-key-file", path))
    }

    /// Adds `--sandbox`.
    #[must_use]
    pub fn sandbox(self) -> Self {
        self.with(Scope::Lockfile, "--sandbox".to_owned())
    }

    fn with(mut self, scope: Scope, words: String) -> Self {
        self.options.push((scope, words));
        self
    }
}

/// A text for people in which suggested commands are values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message(Vec<MessagePart>);

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessagePart {
    /// Words.
    Text(String),
    /// A command, shown between backticks.
    Command(Suggestion),
}

impl Message {
    /// Adds words.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(MessagePart::Text(text.into()));
        self
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, suggestion: Suggestion) -> Self {
        self.0.push(MessagePart::Command(suggestion));
        self
    }

    /// Returns the same message with every text replaced by `change` of the text.
    #[must_use]
    pub fn map_text(self, change: impl Fn(String) -> String) -> Self {
        let parts = self.0.into_iter().map(|part| match part {
            MessagePart::Text(text) => MessagePart::Text(change(text)),
            command @ MessagePart::Command(_) => command,
        });
        Self(parts.collect())
    }

    /// Returns the parts in their order.
    #[must_use]
    pub fn parts(&self) -> &[MessagePart] {
        &self.0
    }

    /// Returns the whole text, each command between backticks.
    #[must_use]
    pub fn render(&self, invocation: &Invocation) -> String {
        let parts = self.0.iter().map(|part| part.render(invocation));
        parts.collect()
    }
}

impl MessagePart {
    /// Returns the text, or the command between backticks.
    #[must_use]
    pub fn render(&self, invocation: &Invocation) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Command(suggestion) => format!("`{}`", suggestion.command_line(invocation)),
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::default().text(text)
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&Message> for Message {
    fn from(message: &Message) -> Self {
        message.clone()
    }
}

/// Returns a text as one word of a shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns an option with its value, which may begin with a dash.
fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", quoted(value))
}

/// Returns a count with its noun in singular or plural: `1 mistake`, `2 mistakes`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Returns a share of all with the noun in the plural: `0 of 1 runs`, `2 of 3 runs`.
#[must_use]
pub fn share(part: usize, all: usize, noun: &str) -> String {
    format!("{part} of {all} {noun}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Invocation {
        Invocation::default()
            .folder("a b")
            .config("x.yaml")
            .environment("staging")
            .sandbox()
            .variable("A", "1 2")
            .api_url("http://127.0.0.1:1")
            .api_key_file("k")
    }

    #[track_caller]
    fn check(suggestion: Suggestion, invocation: &Invocation, expected: &str) {
        assert_eq!(suggestion.command_line(invocation), expected);
    }

    #[test]
    fn values_are_safe_to_paste() {
        let nowhere = Invocation::default();
        let rm = || Suggestion::new(Verb::StateRm);
        check(rm().argument("a/b"), &nowhere, "bluejayctl state rm a/b");
        check(
            rm().argument("a b; rm"),
            &nowhere,
            "bluejayctl state rm 'a b; rm'",
        );
        check(
            rm().argument("it's"),
            &nowhere,
            r"bluejayctl state rm 'it'\''s'",
        );
        check(rm().argument(""), &nowhere, "bluejayctl state rm ''");
        check(
            rm().argument("-x y"),
            &nowhere,
            "bluejayctl state rm -- '-x y'",
        );
        check(
            Suggestion::new(Verb::Apply)
                .argument("p.json")
                .option("--target", "-x")
                .flag("--refresh"),
            &nowhere,
            "bluejayctl apply --target=-x --refresh p.json",
        );
    }

    #[test]
    fn options_are_repeated_where_the_command_needs_them() {
        check(
            Suggestion::new(Verb::Init),
            &everything(),
            "bluejayctl -C 'a b' --config x.yaml init",
        );
        check(
            Suggestion::new(Verb::StateRm).argument("k"),
            &everything(),
            "bluejayctl -C 'a b' --config x.yaml --env staging --sandbox state rm k",
        );
        check(
            Suggestion::new(Verb::Validate),
            &everything(),
            "bluejayctl -C 'a b' --config x.yaml --env staging --sandbox --var 'A=1 2' validate",
        );
        check(
            Suggestion::new(Verb::Apply),
            &everything(),
            "bluejayctl -C 'a b' --config x.yaml --env staging --sandbox --var 'A=1 2' \
             --api-url http://127.0.0.1:1 --api-key-file k apply",
        );
    }

    #[test]
    fn a_password_in_the_address_is_not_repeated() {
        let secret = Invocation::default().api_url("https://me:secret@api.example");
        check(Suggestion::new(Verb::Apply), &secret, "bluejayctl apply");
    }

    #[test]
    fn text_around_a_command_stays_as_it_is() {
        let message = Message::from("a user wrote `bluejayctl plan`; run ")
            .command(Suggestion::new(Verb::Plan))
            .text(" instead");
        assert_eq!(
            message.render(&Invocation::default().sandbox()),
            "a user wrote `bluejayctl plan`; run `bluejayctl --sandbox plan` instead"
        );
    }
}
