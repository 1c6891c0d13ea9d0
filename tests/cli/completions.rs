//! Tests of `completions` and `man`.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::env::{Run, TestEnv};
use super::tools::has;

/// The prompt of the shell in a test.
const PROMPT: &str = "READY> ";

/// Returns a suite with two environments, applied in the sandbox.
fn suite() -> TestEnv {
    let env = TestEnv::with(&["clinic/front desk", "clinic/night", "law/intake"]);
    env.write(
        "bluejay.yaml",
        "environments:\n  staging: {}\n  production: {}\n",
    );
    env.write(
        "simulations/callers.yaml",
        "kind: digital_human\nkey: marta\nname: Marta\nintent: Calls.\n",
    );
    env.run(&["apply", "--sandbox"]).code(0);
    env
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = env.run(&["completions", shell]);
        run.code(0).says("BLUEJAYCTL_COMPLETE").says("bluejayctl");
    }
    env.run(&["completions", "tcsh"]).code(1).says("elvish");
}

/// Returns the candidates for a command line, as the script of a shell asks for them.
fn asked(env: &TestEnv, shell: &str, words: &[&str]) -> Vec<String> {
    asked_with(env, shell, words, &[])
}

/// Like [`asked`], with further variables of the shell.
fn asked_with(
    env: &TestEnv,
    shell: &str,
    words: &[&str],
    variables: &[(&str, &str)],
) -> Vec<String> {
    let args: Vec<_> = ["--", "bluejayctl"].iter().chain(words).copied().collect();
    let mut command = env.command(&args);
    command
        .env("BLUEJAYCTL_COMPLETE", shell)
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .envs(variables.iter().copied());
    let run = Run::of(command);
    run.code(0);
    assert_eq!(run.stderr, "");
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn keys_environments_and_targets_are_known() {
    let env = suite();
    let fish = |words: &[&str]| asked(&env, "fish", words);
    assert_eq!(
        fish(&["--env", ""]),
        ["production", "staging"],
        "environments"
    );
    let recorded = [
        "clinic/front desk",
        "clinic/night",
        "digital_human:marta",
        "law/intake",
    ];
    assert_eq!(fish(&["--sandbox", "state", "show", ""])[..4], recorded);
    assert_eq!(fish(&["--sandbox", "run", "clinic/n"]), ["clinic/night"]);
    assert_eq!(
        fish(&["plan", "--target", "clinic/"]),
        ["clinic/**", "clinic/front desk", "clinic/night"]
    );
    assert_eq!(fish(&["plan", "--target=law/i"]), ["--target=law/intake"]);
    assert_eq!(
        fish(&["plan", "--target", "digital"]),
        ["digital_human:**", "digital_human:marta"]
    );
    let new = fish(&["import", ""]);
    assert!(new.contains(&"law/intake".to_owned()), "{new:?}");
    let new = fish(&["--sandbox", "import", ""]);
    assert!(!new.contains(&"law/intake".to_owned()), "{new:?}");
    let zsh = asked(&env, "zsh", &["plan", "--target", "digital_human:m"]);
    assert_eq!(zsh, ["digital_human\\:marta"]);
    env.write(
        "simulations/callers.yaml",
        "kind: digital_human\nkey: marta\nname: Marta\nintent: Calls.\nenvironments: [staging]\n",
    );
    let targets = |environment: &str, words: &[&str]| {
        let variables = [("BLUEJAY_ENV", environment)];
        asked_with(
            &env,
            "fish",
            &[&["graph"], words, &["--target", "digital"]].concat(),
            &variables,
        )
    };
    let human = ["digital_human:**", "digital_human:marta"];
    assert_eq!(targets("staging", &[]), human, "the variable chooses");
    assert_eq!(
        targets("production", &["-e", "staging"]),
        human,
        "the option wins"
    );
    assert_eq!(targets("production", &[]), Vec::<String>::new());
    assert_eq!(
        fish(&["-C", "nowhere", "--env", ""]),
        Vec::<String>::new(),
        "another folder has no environments"
    );
}

#[test]
fn powershell_evaluates_no_key() {
    let env = TestEnv::new();
    env.write("simulations/a.yaml", "agent_id: \"42\"\nkey: a$(boom)\n");
    env.write("simulations/b.yaml", "agent_id: \"42\"\nkey: ab\n");
    let words = ["graph", "--target", "a"];
    assert_eq!(asked(&env, "powershell", &words), ["ab"]);
    assert_eq!(asked(&env, "fish", &words), ["a$(boom)", "ab"]);
}

/// An interactive bash on a terminal.
struct Bash {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Bash {
    fn start(env: &TestEnv) -> Self {
        let program = env.command(&[]).get_program().to_owned();
        let folder = Path::new(&program).parent().unwrap().to_owned();
        let caller = std::env::var_os("PATH").unwrap_or_default();
        let paths = [folder].into_iter().chain(std::env::split_paths(&caller));
        let mut child = Command::new("script")
            .args([
                "--quiet",
                "--command",
                "bash --norc --noprofile -i",
                "/dev/null",
            ])
            .current_dir(env.path("."))
            .env_clear()
            .env("PATH", std::env::join_paths(paths).unwrap())
            .env("PS1", PROMPT)
            .env("TERM", "dumb")
            .env("INPUTRC", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut bash = Self {
            stdin: child.stdin.take().unwrap(),
            stdout: child.stdout.take().unwrap(),
            child,
        };
        bash.read();
        bash
    }

    /// Types keys, and returns what the terminal shows up to the next prompt.
    fn types(&mut self, keys: &str) -> String {
        self.stdin.write_all(keys.as_bytes()).unwrap();
        self.read()
    }

    fn read(&mut self) -> String {
        let mut shown = Vec::new();
        let mut bytes = [0; 4096];
        while !shown.ends_with(PROMPT.as_bytes()) {
            let count = self.stdout.read(&mut bytes).unwrap();
            assert!(count > 0, "bash ended: {}", String::from_utf8_lossy(&shown));
            shown.extend_from_slice(&bytes[..count]);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }
}

impl Drop for Bash {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn bash_completes_keys_environments_and_targets() {
    if !has(&["bash", "script"]) {
        return;
    }
    let env = suite();
    let mut bash = Bash::start(&env);
    bash.types("eval \"$(bluejayctl completions bash)\"\n");
    let shown = bash.types("bluejayctl --sandbox state show law/\t\n");
    assert!(shown.contains("key: law/intake"), "{shown}");
    // A space in a key, behind a `:` and in quotes.
    let shown = bash.types("bluejayctl --sandbox state show clinic/f\t\n");
    assert!(shown.contains("key: clinic/front desk"), "{shown}");
    let shown = bash.types("bluejayctl --sandbox state show \"clinic/f\t\n");
    assert!(shown.contains("key: clinic/front desk"), "{shown}");
    let shown = bash.types("bluejayctl --sandbox state show digital_human:m\t\n");
    assert!(shown.contains("key: digital_human:marta"), "{shown}");
    let shown = bash.types("bluejayctl --env=stag\tstate list\n");
    assert!(
        shown.contains("`bluejay.staging.lock` records no"),
        "{shown}"
    );
    let shown = bash.types("bluejayctl graph --target digital_human:ma\t--form\tjson\n");
    assert!(shown.contains("\"id\": \"digital_human:marta\""), "{shown}");
    let shown = bash.types("bluejayctl complet\tba\t\n");
    assert!(shown.contains("complete -o nospace"), "{shown}");
}

#[test]
fn the_man_page_is_printed() {
    let run = TestEnv::new().run(&["man"]);
    run.code(0).says(".TH bluejayctl 1").says("BLUEJAY_API_KEY");
}

#[test]
fn all_man_pages_are_written() {
    let env = TestEnv::new();
    let run = env.run(&["man", "--dir", "share/man1"]);
    run.code(0).says("man pages in");
    assert_eq!(run.stdout, "");
    for page in ["bluejayctl", "bluejayctl-apply", "bluejayctl-state-list"] {
        let text = env.read(&format!("share/man1/{page}.1"));
        assert!(text.contains(&format!(".TH {page} 1")), "{text}");
    }
    let run_page = env.read("share/man1/bluejayctl-run.1");
    let version = concat!("\"bluejayctl ", env!("CARGO_PKG_VERSION"), "\"");
    assert!(run_page.contains(version), "{run_page}");
    assert!(run_page.contains("min\\-score"), "{run_page}");
    for page in env.files() {
        let text = std::fs::read_to_string(&page).unwrap();
        let sections = ["EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"];
        let is_page = page.extension().is_some_and(|ending| ending == "1");
        for section in sections.iter().filter(|_| is_page) {
            let mut titles = text.lines().filter(|line| line.starts_with(".SH "));
            let has_title = titles.any(|title| title.contains(section));
            assert!(has_title, "{section} in {}", page.display());
        }
    }
    let doctor = env.read("share/man1/bluejayctl-doctor.1");
    assert!(doctor.contains("Work in this folder"), "{doctor}");
    let list = env.read("share/man1/bluejayctl-state-list.1");
    assert!(list.contains("\\fBbluejayctl\\-state\\fR(1)"), "{list}");
    let written = env.files().len();
    env.run(&["-C", "share", "man", "--dir", "man1"]).code(0);
    assert_eq!(env.files().len(), written);
}
