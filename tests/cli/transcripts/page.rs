//! A page of Markdown as a list of parts that a test runs, and the text between them.

/// A page. The texts of the parts make the page again.
pub struct Page {
    pub parts: Vec<Part>,
    /// The number of `console` blocks that are marked as not run.
    pub not_run: usize,
}

pub enum Part {
    /// Text that is not changed, with the lines of commands.
    Text(String),
    /// `bluejayctl` runs on a terminal after this part.
    Terminal,
    /// A file to write.
    File { path: String, text: String },
    /// Commands whose output is not shown.
    Setup(String),
    /// A command whose line is in the text before, and the output that the page shows.
    Command {
        command: String,
        shown: String,
        indent: String,
    },
}

/// Returns the line in a block with this indentation.
pub fn indented(line: &str, indent: &str) -> String {
    let indent = if line.is_empty() { "" } else { indent };
    format!("{indent}{line}\n")
}

/// The effect of the comments since the last block on the next block.
enum Next {
    Plain,
    File(String),
    NotRun,
}

impl Page {
    pub fn parse(text: &str) -> Self {
        let mut page = Self {
            parts: vec![Part::Text(String::new())],
            not_run: 0,
        };
        let mut next = Next::Plain;
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            page.text(line);
            if let Some(rest) = line.trim_start().strip_prefix("<!-- ") {
                let mut comment = rest.to_owned();
                while !comment.ends_with("-->") {
                    let line = lines.next().expect("an open comment");
                    page.text(line);
                    comment.push('\n');
                    comment.push_str(line);
                }
                page.comment(comment.trim_end_matches("-->").trim(), &mut next);
            } else if let Some(language) = line.trim_start().strip_prefix("```") {
                let indent = &line[..line.len() - line.trim_start().len()];
                let mut block = Vec::new();
                let end = loop {
                    let line = lines.next().expect("an open block");
                    if line.trim_start().starts_with("```") {
                        break line;
                    }
                    block.push(line.strip_prefix(indent).unwrap_or(line));
                };
                page.block(
                    language,
                    &block,
                    indent,
                    std::mem::replace(&mut next, Next::Plain),
                );
                page.text(end);
            }
        }
        page
    }

    fn text(&mut self, line: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => self.parts.push(Part::Text(format!("{line}\n"))),
        }
    }

    fn comment(&mut self, comment: &str, next: &mut Next) {
        if comment == "terminal" {
            self.parts.push(Part::Terminal);
        } else if let Some(path) = comment.strip_prefix("file: ") {
            *next = Next::File(path.to_owned());
        } else if let Some(commands) = comment.strip_prefix("setup:") {
            self.parts.push(Part::Setup(commands.to_owned()));
        } else if let Some(reason) = comment.strip_prefix("not run: ") {
            assert!(!reason.is_empty());
            *next = Next::NotRun;
        }
    }

    fn block(&mut self, language: &str, block: &[&str], indent: &str, next: Next) {
        match next {
            Next::File(path) => {
                let text: String = block.iter().map(|line| format!("{line}\n")).collect();
                self.parts.push(Part::File { path, text });
            }
            Next::NotRun => self.not_run += 1,
            Next::Plain if language == "console" => return self.commands(block, indent),
            Next::Plain => {}
        }
        for line in block {
            self.text(indented(line, indent).trim_end_matches('\n'));
        }
    }

    fn commands(&mut self, block: &[&str], indent: &str) {
        let mut lines = block.iter().peekable();
        while let Some(line) = lines.next() {
            self.text(indented(line, indent).trim_end_matches('\n'));
            let Some(command) = line.strip_prefix("$ ") else {
                assert!(line.is_empty(), "no command prints `{line}`");
                continue;
            };
            let mut shown = String::new();
            let mut blank = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                // A blank line before the next command is only a separator.
                if line.is_empty() {
                    blank.push('\n');
                    continue;
                }
                shown.push_str(&std::mem::take(&mut blank));
                shown.push_str(line);
                shown.push('\n');
            }
            self.parts.push(Part::Command {
                command: command.to_owned(),
                shown,
                indent: indent.to_owned(),
            });
            if !blank.is_empty() {
                self.text(blank.trim_end_matches('\n'));
            }
        }
    }
}

#[test]
fn the_parts_of_a_page_make_the_whole_page() {
    let text = "# Page\n\n<!-- setup: true\nfalse -->\n\n- item:\n  ```console\n  $ a\n  one\n\n  two\n\n  $ b\n  ```\n\n\
                <!-- not run: no -->\n```console\n$ c\n```\n<!-- file: x -->\n```yaml\na: 1\n```\n";
    let page = Page::parse(text);
    let mut again = String::new();
    let mut commands = Vec::new();
    for part in &page.parts {
        match part {
            Part::Text(text) => again.push_str(text),
            Part::Command {
                command,
                shown,
                indent,
            } => {
                commands.push((command.as_str(), shown.as_str()));
                again.extend(shown.lines().map(|line| indented(line, indent)));
            }
            Part::Setup(commands) => assert_eq!(commands, " true\nfalse"),
            Part::File { path, text } => {
                assert_eq!((path.as_str(), text.as_str()), ("x", "a: 1\n"));
            }
            Part::Terminal => panic!("no terminal"),
        }
    }
    assert_eq!(again, text);
    assert_eq!(commands, [("a", "one\n\ntwo\n"), ("b", "")]);
    assert_eq!(page.not_run, 1);
}
