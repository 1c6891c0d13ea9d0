//! The shell of one page.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The beginning of every command of a page. Files carry the state of the shell from one
/// command to the next.
const BEGIN: &str = r#"
. "$STATE/functions"
. "$STATE/variables"
cd "$(cat "$STATE/folder")"
(exit "$(cat "$STATE/status")")
"#;

/// The end of every command.
const END: &str = r#"
echo $? > "$STATE/status"
pwd > "$STATE/folder"
export -p > "$STATE/variables"
declare -f > "$STATE/functions"
"#;

/// The functions that pages may use in `setup`.
const FUNCTIONS: &str = r#"
# README runs the program from its sources.
cargo() { shift 2; bluejayctl "$@"; }

# serve ARGUMENTS: the sandbox on a free port, for the commands that follow.
serve() {
    rm -f "$STATE/address"
    mkfifo "$STATE/address"
    bluejayctl sandbox --port 0 "$@" > "$STATE/address" 2> /dev/null &
    echo $! >> "$STATE/servers"
    read -r BLUEJAY_API_URL < "$STATE/address"
    export BLUEJAY_API_URL BLUEJAY_API_KEY=any
}

# project NAME KEY...: a new folder that declares these simulations of agent 42.
project() {
    mkdir "$HOME/$1"
    cd "$HOME/$1"
    for key in "${@:2}"; do declare_simulation "$key"; done
}

# declare_simulation KEY LINE...: writes the file of a simulation.
declare_simulation() {
    mkdir -p "$(dirname "simulations/$1.yaml")"
    printf '%s\n' 'agent_id: "42"' "name: $1" "${@:2}" > "simulations/$1.yaml"
}

# ask METHOD PATH JSON: a request to the server, as somebody else sends it.
ask() {
    curl -sf -X "$1" -H 'X-API-Key: any' -H 'Content-Type: application/json' \
        ${3:+-d "$3"} "$BLUEJAY_API_URL/v1/$2" > /dev/null
}

# die POINT ARGUMENTS: bluejayctl, which ends at this crash point.
die() { FAILPOINTS=$1 bluejayctl "${@:2}" > /dev/null 2>&1 || true; }
"#;

/// A folder, an environment and a shell for the commands of one page.
pub struct Session {
    folder: TempDir,
    /// Whether the program runs on a terminal or in a pipe.
    pub is_terminal: bool,
}

impl Session {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = Self {
            folder,
            is_terminal: false,
        };
        for folder in ["state", "home", "page"] {
            fs::create_dir(session.path(folder)).unwrap();
        }
        session.write_state("functions", FUNCTIONS);
        session.write_state("variables", "");
        session.write_state("status", "0");
        session.write_state("folder", session.path("page").to_str().unwrap());
        session
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write_state(&self, name: &str, text: &str) {
        fs::write(self.path("state").join(name), text).unwrap();
    }

    /// Writes a file in the current folder of the page.
    pub fn write(&self, relative: &str, text: &str) {
        let folder = fs::read_to_string(self.path("state").join("folder")).unwrap();
        let path = Path::new(folder.trim_end()).join(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs commands whose output is not shown. Each command has to succeed.
    #[track_caller]
    pub fn set_up(&self, commands: &str) {
        // A command that fails ends the shell before it writes its status.
        self.write_state("status", "1");
        let output = self.pipe(&format!("set -e\n{commands}\nset +e"));
        let status = fs::read_to_string(self.path("state").join("status")).unwrap();
        assert_eq!(status.trim(), "0", "{commands}\n{output}");
    }

    /// Returns what a command prints to stdout and stderr.
    pub fn run(&self, command: &str, shown: &str) -> String {
        if self.is_terminal {
            self.terminal(command, shown)
        } else {
            self.pipe(command)
        }
    }

    /// Returns a program with the environment of the page, and without the caller's
    /// environment.
    fn program(&self, name: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_bluejayctl"));
        let mut paths = vec![program.parent().unwrap().to_owned()];
        let caller = std::env::var_os("PATH").unwrap_or_default();
        paths.extend(std::env::split_paths(&caller));
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("PATH", std::env::join_paths(paths).unwrap())
            .env("HOME", self.path("home"))
            .env("STATE", self.path("state"))
            .env("REPOSITORY", env!("CARGO_MANIFEST_DIR"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("TERM", "xterm")
            .stdin(Stdio::null());
        command
    }

    fn pipe(&self, command: &str) -> String {
        self.write_state("command", &format!("{BEGIN}{command}{END}"));
        // The output goes to a file, because a server in the background would keep a pipe
        // open.
        let printed = self.path("printed");
        let file = fs::File::create(&printed).unwrap();
        self.program("bash")
            .arg(self.path("state").join("command"))
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .status()
            .unwrap();
        let printed = fs::read_to_string(printed).unwrap();
        let lines = printed
            .lines()
            .map(|line| format!("{}\n", without_place(line)));
        lines.collect()
    }

    fn terminal(&self, command: &str, shown: &str) -> String {
        as_seen(&String::from_utf8(self.terminal_bytes(command, shown)).unwrap())
    }

    /// Returns everything that a command prints to a terminal.
    pub fn terminal_bytes(&self, command: &str, shown: &str) -> Vec<u8> {
        self.write_state("command", &format!("{BEGIN}{command}{END}"));
        let bash = format!("bash {}", self.path("state").join("command").display());
        let mut child = self
            .program("script")
            .args(["--quiet", "--command", &bash, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let answer = if shown.contains("[y/N] y") {
            "y\n"
        } else {
            "n\n"
        };
        let mut printed = Vec::new();
        let mut bytes = [0; 4096];
        loop {
            let count = stdout.read(&mut bytes).unwrap();
            if count == 0 {
                break;
            }
            printed.extend_from_slice(&bytes[..count]);
            if printed.ends_with(b"[y/N] ") {
                stdin.write_all(answer.as_bytes()).unwrap();
            }
        }
        child.wait().unwrap();
        printed
    }
}

impl Drop for Session {
    /// Ends the servers of the page.
    fn drop(&mut self) {
        let servers = fs::read_to_string(self.path("state").join("servers")).unwrap_or_default();
        for server in servers.lines() {
            // An error means that the server has ended.
            let _ = Command::new("kill").arg(server).status();
        }
    }
}

/// Returns the message of an interactive bash about a killed process.
fn without_place(line: &str) -> &str {
    let is_killed = line.contains("/state/command: line ") && line.contains(" Killed ");
    if is_killed { "Killed" } else { line }
}

/// Returns the text that remains on a terminal: without colours, and with the last form of
/// an overwritten line.
fn as_seen(printed: &str) -> String {
    let mut text = String::new();
    let mut rest = printed;
    while let Some(position) = rest.find("\u{1b}[") {
        text.push_str(&rest[..position]);
        let sequence = &rest[position + 2..];
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        if sequence[end..].starts_with('K') {
            text.push('\r');
        }
        rest = &sequence[end + 1..];
    }
    text.push_str(rest);
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    lines
        .map(|line| format!("{}\n", line.rsplit('\r').next().unwrap()))
        .collect()
}

#[test]
fn an_erased_line_of_a_terminal_is_not_shown() {
    let printed =
        "\u{1b}[32m+\u{1b}[0m a\r\n [##..] 1/2  \r\u{1b}[2K [####] 2/2  \r\u{1b}[2KDone.\r\n";
    assert_eq!(as_seen(printed), "+ a\nDone.\n");
}
