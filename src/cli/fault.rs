//! Why a command ended without its answer: an exit code, a word for scripts, a message for people.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::screen::Screen;
use crate::cli::{check, diagnostics, exit};
use crate::engine::reference::Broken;
use crate::issues::Severity;
use crate::job::Refused;
use crate::output::folder::FolderError;

/// What stopped a command.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Exit code.
    pub exit: u8,
    /// A stable word, such as `usage`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// What else scripts may want to know.
    pub more: Map<String, Value>,
    /// What is told on the screen in place of the message.
    shown: Option<(String, String)>,
}

impl Fault {
    fn new(exit: u8, code: &'static str, message: impl Into<String>) -> Fault {
        Fault { exit, code, message: message.into(), more: Map::new(), shown: None }
    }
    /// What was asked for cannot be.
    pub fn usage(message: impl Into<String>) -> Fault {
        Fault::new(exit::INVALID, "usage", message)
    }
    /// A bug of ours.
    pub fn internal(message: impl Into<String>) -> Fault {
        Fault::new(exit::INTERNAL, "internal", message)
    }
    /// Something cannot be read or written.
    pub fn io(what: &str, path: &Path, source: &std::io::Error) -> Fault {
        let mut fault = Fault::new(exit::IO, "io", format!("cannot {what} `{}`: {source}", path.display()));
        fault.more.insert("path".into(), json!(path.display().to_string()));
        fault
    }
    /// A scenario with errors.
    pub fn refused(file: &Path, refused: &Refused) -> Fault {
        let (n, file) = (refused.issues.count(Severity::Error), file.display());
        let message = format!("`{file}` has {n} error{}", if n == 1 { "" } else { "s" });
        let mut fault = Fault::new(exit::INVALID, "invalid-scenario", message);
        fault.more.insert("file".into(), json!(file.to_string()));
        fault.more.insert("issues".into(), check::list(&refused.issues, &refused.sources));
        let rendered = |color| diagnostics::render(&refused.issues, &refused.sources, color).trim_end().to_owned();
        fault.shown = Some((rendered(false), rendered(true)));
        fault
    }

    /// As JSON: `{"code", "message", …}`.
    pub fn json(&self) -> Value {
        let mut out = Map::new();
        out.insert("code".into(), json!(self.code));
        out.insert("message".into(), json!(self.message));
        out.insert("exit_code".into(), json!(self.exit));
        out.extend(self.more.clone());
        Value::Object(out)
    }

    /// Tells it on stderr.
    pub fn talk(&self, screen: &Screen) {
        match &self.shown {
            Some((plain, colored)) => screen.talk(if screen.color() { colored } else { plain }),
            None => screen.talk(&format!("error: {}", self.message)),
        }
    }

    /// Tells it, as one JSON document on stdout or in words on stderr, and gives the exit code.
    pub fn tell(&self, screen: &Screen, as_json: bool) -> u8 {
        if as_json {
            screen.say(&format!("{:#}\n", json!({"error": self.json()})));
        } else {
            self.talk(screen);
        }
        self.exit
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Fault {
        let mut fault = Fault::new(exit::IDENTITY_BROKEN, "identity-broken", broken.to_string());
        let Broken { identity, seed, path, month, amount } = broken;
        let amount = if amount.is_finite() { json!(amount) } else { Value::Null };
        for (key, value) in [
            ("identity", json!(identity)),
            ("seed", json!(seed)),
            ("path", json!(path)),
            ("month", json!(month)),
            ("off_by", amount),
        ] {
            fault.more.insert(key.into(), value);
        }
        fault
    }
}

impl From<FolderError> for Fault {
    fn from(error: FolderError) -> Fault {
        let mut fault = Fault::new(exit::IO, "io", error.to_string());
        fault.more.insert("path".into(), json!(error.path().display().to_string()));
        fault
    }
}
