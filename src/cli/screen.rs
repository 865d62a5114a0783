//! Output: data to stdout, messages to stderr, colour only where it is wanted.

use std::io::{Error, IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cli::{Color, diagnostics};
use crate::issues::Issues;
use crate::language::tree::Sources;
use crate::text::{self, tame};

/// The terminal.
#[derive(Debug)]
pub struct Screen {
    color: bool,
    /// The first write error of stdout.
    failed: OnceLock<Error>,
}

impl Screen {
    /// Coloured as the user requests.
    pub fn new(color: Color) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stderr().is_terminal() && !plain,
        };
        Screen { color, failed: OnceLock::new() }
    }

    /// Whether messages are coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Prints data as text, with characters that could act on the terminal replaced.
    pub fn say(&self, text: &str) {
        self.write(&tame(text));
    }

    /// Prints data as a JSON document.
    pub fn say_json(&self, value: &impl Serialize) {
        self.write(&text::json(value, true));
    }

    /// Prints data as a JSON document on one line.
    pub fn say_json_line(&self, value: &impl Serialize) {
        self.write(&text::json(value, false));
    }

    /// Clears the terminal and moves to its first line.
    pub fn clear(&self) {
        self.write("\u{1b}[2J\u{1b}[H");
    }

    /// Writes to stdout; once writing has failed, nothing more is written.
    fn write(&self, text: &str) {
        if self.failed.get().is_none() {
            let mut out = std::io::stdout().lock();
            if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                // Only the first failure is of interest.
                let _ = self.failed.set(error);
            }
        }
    }

    /// The error with which writing to stdout failed, if any.
    pub fn failed(&self) -> Option<&Error> {
        self.failed.get()
    }

    /// Prints a message on stderr.
    pub fn talk(&self, text: &str) {
        Screen::talk_as_it_is(&tame(text));
    }

    /// Prints a message that was already neutralised and then coloured.
    pub(super) fn talk_as_it_is(text: &str) {
        // Nothing else can be done if stderr is closed.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Prints the problems of a scenario on stderr.
    pub fn issues(&self, issues: &Issues, sources: &Sources) {
        if !issues.is_empty() {
            Screen::talk_as_it_is(diagnostics::render(issues, sources, self.color).trim_end());
        }
    }

    /// Whether stderr is a terminal, on which progress may be shown.
    pub fn live(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// A progress bar over `paths`; hidden if `quiet` or if stderr is not a terminal.
    pub fn progress(&self, paths: u64, quiet: bool) -> ProgressBar {
        if quiet || !self.live() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} paths, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(paths).with_style(style)
    }
}
