//! Charts of a run for a paper or a slide: a selection, in another size, under another title, on a dark background, in
//! a folder of the user's own. The run folder is unchanged.

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::Content;
use super::redraw::{RedrawError, Redrawn, failed, replace};
use super::theme;
use crate::issues::nearest;
use crate::output::charts::{self, Drawing, Frame};
use crate::output::folder::recover;
use crate::output::reading::{Folder, regular};

/// Which charts to export, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Numbers or names of charts; all when empty.
    pub charts: Vec<String>,
    /// A title that replaces the finding, for a single chart.
    pub title: Option<String>,
    /// Width and height in pixels.
    pub size: Size,
    /// Whether the background is dark.
    pub dark: bool,
    /// Whether to write SVG.
    pub svg: bool,
    /// Whether to write PNG, at two dots per pixel.
    pub png: bool,
}

/// Width and height of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Default for Size {
    /// The size of the charts of a run.
    fn default() -> Size {
        Size { width: 960, height: 540 }
    }
}

impl std::str::FromStr for Size {
    type Err = String;

    /// Parses `1200x900`: 300 to 4,000 pixels wide, and 0.4 to 1.5 times as high.
    fn from_str(text: &str) -> Result<Size, String> {
        let sides = text.split_once('x').and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
        let (width, height) = sides.ok_or("expected WIDTHxHEIGHT in pixels, as in 1200x900")?;
        if !(300..=4_000).contains(&width) {
            return Err(format!("a width of {width} is not between 300 and 4000 pixels"));
        }
        let (least, most) = ((width * 2).div_ceil(5), width * 3 / 2);
        if !(least..=most).contains(&height) {
            return Err(format!(
                "a height of {height} is not between {least} and {most} pixels, for a width of {width}"
            ));
        }
        Ok(Size { width, height })
    }
}

/// Why charts were not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The request cannot be met.
    #[error("{0}")]
    Asked(String),
    /// The run cannot be read, or a file cannot be written.
    #[error("{0}")]
    Done(#[from] RedrawError),
}

/// Draws charts of the run folder `dir` into the folder `out`. An existing file with different contents is replaced
/// only with `force`; this is checked before anything is written.
///
/// # Errors
/// There is no such chart, a title is given for several charts, a file is in the way, or something cannot be read or
/// written.
pub fn export(dir: &Path, out: &Path, look: &Look, force: bool) -> Result<Redrawn, ExportError> {
    recover(dir);
    let folder = Folder::open(dir).map_err(RedrawError::from)?;
    export_drawn(Frame::of(&folder), &|frame| charts::draw_in(&folder, frame), out, look, force)
}

/// Draws charts in a frame, which is adapted to the look, into the folder `out`.
///
/// # Errors
/// As [`export`].
pub(crate) fn export_drawn(
    frame: Frame,
    draw: &dyn Fn(&Frame) -> Vec<Drawing>,
    out: &Path,
    look: &Look,
    force: bool,
) -> Result<Redrawn, ExportError> {
    let mut done = Redrawn::default();
    let mut open = Vec::new();
    for (name, bytes) in pictures(frame, draw, look)? {
        let path = out.join(&name);
        let there = fs::symlink_metadata(&path);
        if there.as_ref().is_ok_and(fs::Metadata::is_file)
            && regular(&path, bytes.len() as u64).is_ok_and(|old| old == bytes)
        {
            done.same.push(name);
            continue;
        }
        if there.is_ok() && !force {
            return Err(ExportError::Asked(format!(
                "`{}` already exists and differs; --force replaces it",
                path.display()
            )));
        }
        open.push((name, path, bytes));
    }
    fs::create_dir_all(out).map_err(failed("create", out))?;
    for (name, path, bytes) in open {
        replace(&path, &bytes)?;
        done.written.push(name);
    }
    Ok(done)
}

/// The requested charts, each with its file name.
fn pictures(mut frame: Frame, draw: &dyn Fn(&Frame) -> Vec<Drawing>, look: &Look) -> Result<Vec<Content>, ExportError> {
    frame.height = frame.width() * f64::from(look.size.height) / f64::from(look.size.width);
    frame.title.clone_from(&look.title);
    let drawings = selected(draw(&frame), &look.charts).map_err(ExportError::Asked)?;
    if look.title.is_some() && drawings.len() != 1 {
        let n = drawings.len();
        return Err(ExportError::Asked(format!(
            "--title applies to a single chart, but {n} are drawn; select one with --charts"
        )));
    }
    let each = drawings.par_iter().map(|drawing| picture(drawing, &frame, look));
    Ok(each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// A chart in the requested formats.
fn picture(drawing: &Drawing, frame: &Frame, look: &Look) -> Result<Vec<Content>, RedrawError> {
    let paper = if look.dark { theme::dark(&drawing.svg) } else { drawing.svg.clone() };
    let Size { width, height } = look.size;
    let drawn = format!(r#"width="{}" height="{}""#, frame.width(), frame.height);
    let svg = paper.replacen(&drawn, &format!(r#"width="{width}" height="{height}""#), 1);
    let mut out = Vec::new();
    if look.png {
        let png = raster(&svg).map_err(RedrawError::Draw)?;
        out.push((format!("{}.png", drawing.stem), png));
    }
    if look.svg {
        out.push((format!("{}.svg", drawing.stem), svg.into_bytes()));
    }
    Ok(out)
}

#[cfg(feature = "png")]
fn raster(svg: &str) -> Result<Vec<u8>, String> {
    charts::png(svg, 2.0).map_err(|e| e.to_string())
}

#[cfg(not(feature = "png"))]
fn raster(_: &str) -> Result<Vec<u8>, String> {
    Err("this build cannot write PNG; use --format svg".into())
}

/// The drawings selected by `wanted`, by number or name, in order of their numbers; all when it is empty.
fn selected(drawings: Vec<Drawing>, wanted: &[String]) -> Result<Vec<Drawing>, String> {
    // `03-cash-and-ruin` is also called `cash-and-ruin`.
    let name = |d: &Drawing| d.stem.split_once('-').map_or(d.stem, |(_, name)| name);
    let is = |d: &Drawing, word: &str| word.parse() == Ok(d.number) || word == d.stem || word == name(d);
    for word in wanted {
        if drawings.iter().any(|d| is(d, word)) {
            continue;
        }
        let meant =
            nearest(word, drawings.iter().map(name)).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        let has: Vec<String> = drawings.iter().map(|d| format!("{} {}", d.number, name(d))).collect();
        return Err(format!("this run has no chart `{word}`{meant} (it has {})", has.join(", ")));
    }
    let all = wanted.is_empty();
    Ok(drawings.into_iter().filter(|d| all || wanted.iter().any(|word| is(d, word))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!("1200x900".parse(), Ok(Size { width: 1200, height: 900 }));
        for (text, said) in [
            ("1200", "WIDTHxHEIGHT"),
            ("1200x", "WIDTHxHEIGHT"),
            ("-5x10", "WIDTHxHEIGHT"),
            ("100x100", "between 300 and 4000"),
            ("9999999999x5", "WIDTHxHEIGHT"),
            ("1000x399", "between 400 and 1500"),
            ("1000x1501", "between 400 and 1500"),
        ] {
            let error = text.parse::<Size>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
