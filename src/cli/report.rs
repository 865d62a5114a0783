//! `gapcast report`: draw charts and the report again from run folders, without simulating.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::exit;
use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::output::report::redraw;

/// What `report` takes.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run folders.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command; with several folders, the worst exit code.
pub fn report(args: &ReportArgs, screen: &Screen) -> u8 {
    let (mut code, mut all) = (exit::FINE, Vec::new());
    for dir in &args.dirs {
        let page = dir.join("report.html");
        match redraw(dir) {
            Ok(done) => {
                if !args.quiet && !args.json {
                    let said = match (done.written.len(), done.same.len()) {
                        (0, n) => format!("{n} files stand as they were drawn before"),
                        (n, 0) => format!("{n} files drawn"),
                        (n, m) => format!("{n} files drawn, {m} stand as they were"),
                    };
                    screen.say(&format!("{}: {said}\n", page.display()));
                }
                all.push(json!({
                    "folder": dir.display().to_string(),
                    "report": page.display().to_string(),
                    "written": done.written,
                    "same": done.same,
                    "removed": done.removed,
                }));
            }
            Err(error) => {
                let fault = Fault::from(error);
                code = code.max(fault.exit);
                if !args.json {
                    fault.talk(screen);
                }
                all.push(json!({"folder": dir.display().to_string(), "error": fault.json()}));
            }
        }
    }
    if args.json {
        screen.say_json(&Value::Array(all));
    }
    code
}
