//! Where words go: data to stdout, talk to stderr, colour only where it is wanted.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Color, diagnostics};
use crate::issues::Issues;
use crate::language::tree::Sources;

/// The terminal.
#[derive(Debug)]
pub struct Screen {
    color: bool,
}

impl Screen {
    /// As the user wants it coloured.
    pub fn new(color: Color) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stderr().is_terminal() && !plain,
        };
        Screen { color }
    }

    /// Whether messages are coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Data. A closed pipe ends the talk, not the program.
    pub fn say(&self, text: &str) {
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
    }

    /// Talk.
    pub fn talk(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Problems of a scenario.
    pub fn issues(&self, issues: &Issues, sources: &Sources) {
        if !issues.is_empty() {
            self.talk(diagnostics::render(issues, sources, self.color).trim_end());
        }
    }

    /// Whether stderr is a terminal, on which progress may be shown.
    pub fn live(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// A bar of progress over `paths`; hidden when `quiet` or not on a terminal.
    pub fn progress(&self, paths: u64, quiet: bool) -> ProgressBar {
        if quiet || !self.live() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} paths, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(paths).with_style(style)
    }
}
