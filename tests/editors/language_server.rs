//! A client of the YAML language server, like an editor.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, which ends when the value is dropped.
pub struct LanguageServer {
    process: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
}

impl LanguageServer {
    /// Starts the script with node, for a workspace.
    pub fn start(script: &Path, workspace: &Path) -> Self {
        let mut process = Command::new("node")
            .arg(script)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = process.stdout.take().unwrap();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(message) = receive(&mut stdout) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let stdin = process.stdin.take().unwrap();
        let mut server = Self {
            process,
            stdin,
            messages,
            last_id: 0,
        };
        server.request(
            "initialize",
            json!({"processId": null, "rootUri": uri(workspace), "capabilities": {}}),
        );
        server.send(json!({"method": "initialized", "params": {}}));
        server
    }

    /// Opens a text under a path, and returns its diagnostics.
    pub fn open(&mut self, path: &Path, text: &str) -> Vec<Value> {
        let uri = uri(path);
        self.send(json!({
            "method": "textDocument/didOpen",
            "params": {"textDocument": {
                "uri": uri, "languageId": "yaml", "version": 1, "text": text,
            }},
        }));
        let published = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
        });
        published["params"]["diagnostics"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// Sends a request about a place of an open file. Lines and characters count from 0.
    pub fn ask(&mut self, what: &str, path: &Path, line: u64, character: u64) -> Value {
        self.request(
            &format!("textDocument/{what}"),
            json!({
                "textDocument": {"uri": uri(path)},
                "position": {"line": line, "character": character},
            }),
        )
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(json!({"id": id, "method": method, "params": params}));
        self.wait(|message| message["id"] == id && message.get("method").is_none())["result"]
            .clone()
    }

    /// Waits for a message, and answers the requests of the server in the meantime.
    fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            if is_it(&message) {
                return message;
            }
            if message.get("method").is_some() && message.get("id").is_some() {
                let items = message["params"]["items"].as_array().map(Vec::len);
                let result = items.map_or(Value::Null, |count| json!(vec![json!({}); count]));
                self.send(json!({"id": message["id"], "result": result}));
            }
        }
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = "2.0".into();
        let text = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.stdin.flush().unwrap();
    }
}

impl Drop for LanguageServer {
    fn drop(&mut self) {
        // An error means that the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display()).replace(' ', "%20")
}

/// Returns the next message; `None` at the end of the stream.
fn receive(stdout: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok()?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stdout.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
