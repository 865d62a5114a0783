//! Why a command failed: an exit code, an error code for scripts, a message for people.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::screen::Screen;
use crate::cli::{diagnostics, exit};
use crate::engine::reference::Broken;
use crate::issues::Severity;
use crate::model::Invalid;
use crate::output::folder::FolderError;
use crate::output::reading::Reading;
use crate::output::report::{ExportError, RedrawError};
use crate::output::write::WriteError;

/// The failure of a command.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Exit code.
    pub exit: u8,
    /// A stable identifier, such as `usage`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Further fields of the JSON error.
    pub more: Vec<(&'static str, Value)>,
    /// What is printed on the screen instead of the message.
    shown: Option<Box<Shown>>,
}

/// A message of several lines, without and with colour.
#[derive(Clone, Debug)]
struct Shown {
    plain: String,
    colored: String,
}

impl Fault {
    fn new(exit: u8, code: &'static str, message: impl Into<String>) -> Fault {
        Fault { exit, code, message: message.into(), more: Vec::new(), shown: None }
    }
    /// The request is invalid.
    pub fn usage(message: impl Into<String>) -> Fault {
        Fault::new(exit::INVALID, "usage", message)
    }
    /// The user interrupted the command.
    pub fn interrupted() -> Fault {
        Fault::new(exit::INTERRUPTED, "interrupted", "interrupted; the previous output is unchanged")
    }
    /// The system cannot start a thread.
    pub fn no_threads(why: &str) -> Fault {
        Fault::new(exit::IO, "io", format!("cannot start a thread: {why}"))
    }
    /// A bug in the program.
    pub fn internal(message: impl Into<String>) -> Fault {
        Fault::new(exit::INTERNAL, "internal", message)
    }
    /// Something cannot be read or written.
    pub fn io(what: &str, path: &Path, source: &std::io::Error) -> Fault {
        let mut fault = Fault::new(exit::IO, "io", format!("cannot {what} `{}`: {source}", path.display()));
        fault.more.push(("path", json!(path.display().to_string())));
        fault
    }
    /// A scenario with errors.
    pub fn refused(file: &Path, refused: &Invalid) -> Fault {
        let (n, file) = (refused.issues.count(Severity::Error), file.display());
        let message = format!("`{file}` has {n} error{}", if n == 1 { "" } else { "s" });
        let mut fault = Fault::new(exit::INVALID, "invalid-scenario", message);
        fault.more.push(("file", json!(file.to_string())));
        fault.more.push(("issues", json!(diagnostics::json(&refused.issues, &refused.sources))));
        let rendered = |color| diagnostics::render(&refused.issues, &refused.sources, color).trim_end().to_owned();
        fault.shown = Some(Box::new(Shown { plain: rendered(false), colored: rendered(true) }));
        fault
    }

    /// As JSON: `{"code", "message", …}`.
    pub fn json(&self) -> Value {
        let mut out = Map::new();
        out.insert("code".into(), json!(self.code));
        out.insert("message".into(), json!(self.message));
        out.insert("exit_code".into(), json!(self.exit));
        out.extend(self.more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        Value::Object(out)
    }

    /// Prints it on stderr.
    pub fn talk(&self, screen: &Screen) {
        match &self.shown {
            Some(shown) => Screen::talk_as_it_is(if screen.color() { &shown.colored } else { &shown.plain }),
            None => screen.talk(&format!("error: {}", self.message)),
        }
    }

    /// Prints it, as one JSON document on stdout or as text on stderr, and returns the exit code.
    pub fn tell(&self, screen: &Screen, as_json: bool) -> u8 {
        if as_json {
            screen.say_json(&json!({"error": self.json()}));
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
        fault.more = vec![
            ("identity", json!(identity)),
            ("seed", json!(seed)),
            ("path", json!(path)),
            ("month", json!(month)),
            ("off_by", amount),
        ];
        fault
    }
}

impl From<WriteError> for Fault {
    fn from(error: WriteError) -> Fault {
        match error {
            WriteError::Folder(error) => error.into(),
            WriteError::Broken(broken) => broken.into(),
            WriteError::Write { path, source } => Fault::io("write", &path, &source),
            WriteError::Read(error) => error.into(),
            WriteError::Interrupted => Fault::interrupted(),
            WriteError::Foreign => Fault::internal(error.to_string()),
            WriteError::Internal(message) => Fault::internal(message),
        }
    }
}

impl From<RedrawError> for Fault {
    fn from(error: RedrawError) -> Fault {
        match error {
            RedrawError::Draw(_) => Fault::internal(error.to_string()),
            _ => Fault::new(exit::IO, "io", error.to_string()),
        }
    }
}

impl From<ExportError> for Fault {
    fn from(error: ExportError) -> Fault {
        match error {
            ExportError::Asked(message) => Fault::usage(message),
            ExportError::Done(error) => error.into(),
        }
    }
}

impl From<FolderError> for Fault {
    fn from(error: FolderError) -> Fault {
        let (exit, code) = match error {
            FolderError::Taken { .. } => (exit::INVALID, "folder-taken"),
            _ => (exit::IO, "io"),
        };
        let mut fault = Fault::new(exit, code, error.to_string());
        fault.more.push(("path", json!(error.path().display().to_string())));
        fault
    }
}

impl From<Reading> for Fault {
    fn from(error: Reading) -> Fault {
        Fault::new(exit::IO, "io", error.to_string())
    }
}
