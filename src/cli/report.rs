//! `gapcast report`: redraws the charts and report of run folders, or exports charts, without simulating.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::exit;
use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::output::folder::recover;
use crate::output::report::{Look, Redrawn, Size, export, export_drawn, redraw, redraw_with};
use crate::study::folder;

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run folders.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Write charts to this folder and leave the run folder unchanged. The following options select and style the charts.
    #[arg(long, value_name = "FOLDER", help_heading = "Export")]
    out: Option<PathBuf>,
    /// Charts by number or name, as in `3,who-bears-the-loss`; default: all.
    #[arg(long, value_name = "CHART", value_delimiter = ',', requires = "out", help_heading = "Export")]
    charts: Vec<String>,
    /// Title of a single chart, instead of its finding.
    #[arg(long, value_name = "TEXT", requires = "out", help_heading = "Export")]
    title: Option<String>,
    /// Width and height in pixels; a PNG has twice that resolution. Default: 960x540.
    #[arg(long, value_name = "WIDTHxHEIGHT", requires = "out", help_heading = "Export")]
    size: Option<Size>,
    /// Formats, as in `svg,png`; default: both.
    #[arg(long, value_enum, value_delimiter = ',', requires = "out", help_heading = "Export")]
    format: Vec<Format>,
    /// Light or dark background; default: light.
    #[arg(long, value_enum, requires = "out", help_heading = "Export")]
    theme: Option<Theme>,
    /// Replace files of `--out` that differ.
    #[arg(long, requires = "out", help_heading = "Export")]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print only errors.
    #[arg(short, long)]
    quiet: bool,
}

/// Formats of an exported chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Svg,
    Png,
}

/// Background of an exported chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Theme {
    Light,
    Dark,
}

impl ReportArgs {
    fn look(&self) -> Look {
        let wanted = |format| self.format.is_empty() || self.format.contains(&format);
        Look {
            charts: self.charts.clone(),
            title: self.title.clone(),
            size: self.size.unwrap_or_default(),
            dark: self.theme == Some(Theme::Dark),
            svg: wanted(Format::Svg),
            // A build without PNG support requests PNG only if it is named explicitly, and then rejects it.
            png: wanted(Format::Png) && (cfg!(feature = "png") || !self.format.is_empty()),
        }
    }

    /// Processes one folder; returns what was done, and the file or folder to look at.
    fn one(&self, dir: &Path) -> Result<(Redrawn, PathBuf), Fault> {
        match &self.out {
            None => Ok((redrawn(dir)?, dir.join("report.html"))),
            Some(out) => Ok((exported(dir, out, &self.look(), self.force)?, out.clone())),
        }
    }
}

/// Redraws a run or a study.
fn redrawn(dir: &Path) -> Result<Redrawn, Fault> {
    recover(dir);
    match folder::open(dir)? {
        Some(study) => Ok(redraw_with(dir, folder::drawn(&study)?)?),
        None => Ok(redraw(dir)?),
    }
}

/// Exports charts of a run or a study.
fn exported(dir: &Path, out: &Path, look: &Look, force: bool) -> Result<Redrawn, Fault> {
    recover(dir);
    Ok(match folder::open(dir)? {
        Some(study) => export_drawn(folder::frame(&study), &|frame| folder::draw_in(&study, frame), out, look, force)?,
        None => export(dir, out, look, force)?,
    })
}

/// Runs the command; with several folders, returns the highest exit code.
pub fn report(args: &ReportArgs, screen: &Screen) -> u8 {
    if args.out.is_some() && args.dirs.len() > 1 {
        return Fault::usage("--out accepts a single run folder").tell(screen, args.json);
    }
    let (mut code, mut all) = (exit::FINE, Vec::new());
    for dir in &args.dirs {
        match args.one(dir) {
            Ok((done, at)) => {
                if !args.quiet && !args.json {
                    let said = match (done.written.len(), done.same.len()) {
                        (0, n) => format!("{n} files unchanged"),
                        (n, 0) => format!("{n} files drawn"),
                        (n, m) => format!("{n} files drawn, {m} unchanged"),
                    };
                    screen.say(&format!("{}: {said}\n", at.display()));
                }
                let key = if args.out.is_some() { "out" } else { "report" };
                all.push(json!({
                    "folder": dir.display().to_string(),
                    key: at.display().to_string(),
                    "written": done.written,
                    "same": done.same,
                    "removed": done.removed,
                }));
            }
            Err(fault) => {
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
