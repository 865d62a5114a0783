//! The sheet that every chart is drawn on: plotters' SVG backend with a header, a footnote and alternative text.
//!
//! plotters takes whole pixels, so we draw at ten times the size and let the `viewBox` scale it down. Lines are clipped
//! to the plot here, because the backend cannot clip. The same calls give the same bytes.

use std::sync::Once;

use plotters::backend::DrawingBackend;
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle, register_font};

use super::Frame;
use super::drawing::{End, Panel, hex};
use super::house::{GREY, INK, MARGIN, NOTE, SUBTITLE, TITLE, WHITE, WIDTH};

/// plotters treats the whole list as the font name, so it is written into the SVG unchanged.
const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";
pub(super) const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.otf");
pub(super) const SEMI_BOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.otf");
const FINE: f64 = 10.0;

/// Style of a piece of text.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub size: f64,
    pub bold: bool,
    pub colour: RGBColor,
}

impl Type {
    pub fn plain(size: f64, colour: RGBColor) -> Type {
        Type { size, bold: false, colour }
    }
    pub fn bold(size: f64, colour: RGBColor) -> Type {
        Type { size, bold: true, colour }
    }
    fn font(self) -> FontDesc<'static> {
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        // plotters expects the line height, which is 1.24 times the font size that it writes.
        FontDesc::new(FontFamily::Name(FAMILY), self.size * FINE * 1.24, style)
    }
    /// Width of the text in pixels.
    pub fn width(self, text: &str) -> f64 {
        fonts();
        self.font().box_size(text).map_or(0.6 * self.size * text.chars().count() as f64, |(w, _)| f64::from(w) / FINE)
    }
    /// The text, shortened to fit `width`.
    pub fn fit(self, text: &str, width: f64) -> String {
        let mut out = clean(text);
        if self.width(&out) <= width {
            return out;
        }
        while !out.is_empty() && self.width(&format!("{out}…")) > width {
            out.pop();
        }
        format!("{}…", out.trim_end())
    }
    /// The text in at most `lines` lines, broken at spaces, with the last one shortened.
    pub fn wrap(self, text: &str, width: f64, lines: usize) -> Vec<String> {
        let text = clean(text);
        let (mut out, mut line) = (Vec::new(), String::new());
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if out.len() + 1 < lines && !line.is_empty() && self.width(&longer) > width {
                out.push(std::mem::replace(&mut line, word.to_owned()));
            } else {
                line = longer;
            }
        }
        out.push(line);
        out.iter().map(|l| self.fit(l, width)).collect()
    }
}

/// Control characters are not valid XML, even escaped, and names come from users.
fn clean(text: &str) -> String {
    let bad = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if bad(c) { ' ' } else { c }).collect()
}

fn escape(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The fonts are embedded and valid; if plotters rejects them, widths are estimated.
        let _ = register_font(FAMILY, FontStyle::Normal, REGULAR);
        let _ = register_font(FAMILY, FontStyle::Bold, SEMI_BOLD);
    });
}

/// The text around a drawing.
pub(super) struct Words {
    /// The finding.
    pub title: String,
    /// Metric and unit; numbers of paths and seed are added.
    pub metric: String,
    /// Description of the chart, for those who cannot see it.
    pub desc: String,
}

/// The space left for the plot, in pixels.
#[derive(Clone, Copy)]
pub(super) struct Space {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    /// Tags that open and close groups, one for each marker in the drawing.
    marks: Vec<String>,
    hover: Vec<Panel>,
    height: f64,
    ends: Vec<End>,
}

/// A finished sheet.
pub(super) struct Sheet {
    pub title: String,
    pub subtitle: String,
    pub alt: String,
    pub svg: String,
    pub hover: Vec<Panel>,
    pub ends: Vec<End>,
}

/// A position outside every drawing: a line there is a placeholder for a tag, since the backend has no groups.
const MARKER: i32 = -1_000_000;

/// Draws the header and footnote, passes the rest of the sheet to `draw`, and returns the finished sheet.
pub(super) fn sheet(frame: &Frame, words: Words, draw: impl FnOnce(&mut Canvas, Space)) -> Sheet {
    let height = frame.height;
    let (wide, high) = ((WIDTH * FINE) as u32, (height * FINE) as u32);
    let changed = if frame.set.is_empty() { String::new() } else { format!("Changed: {} · ", frame.set.join(", ")) };
    let subtitle = format!("{changed}{} · {} · seed\u{a0}{}", words.metric, frame.counted(), frame.seed);
    let title = frame.title.clone().unwrap_or(words.title);
    let mut svg = String::new();
    let (marks, hover, ends);
    {
        let backend = SVGBackend::with_string(&mut svg, (wide, high));
        let mut canvas = Canvas { backend, marks: Vec::new(), hover: Vec::new(), height, ends: Vec::new() };
        let page = [(0.0, 0.0), (WIDTH, 0.0), (WIDTH, height), (0.0, height)];
        canvas.area(&page, WHITE, 1.0);
        let top = canvas.header(frame, &title, &subtitle);
        let space = Space { left: MARGIN, right: WIDTH - MARGIN, top, bottom: height - MARGIN - NOTE - 8.0 };
        draw(&mut canvas, space);
        // This cannot fail: the target is a string.
        let _ = canvas.backend.present();
        (marks, hover, ends) = (canvas.marks, canvas.hover, canvas.ends);
    }
    let old = format!(r#"<svg width="{wide}" height="{high}""#);
    let new = format!(r#"<svg role="img" aria-labelledby="title desc" width="{WIDTH}" height="{height}""#);
    let svg = svg.replacen(&old, &new, 1);
    let (named, desc) = (escape(&title), escape(&words.desc));
    let head = format!(">\n<title id=\"title\">{named}</title>\n<desc id=\"desc\">{desc}</desc>\n");
    let svg = grouped(&svg.replacen(">\n", &head, 1), &marks);
    Sheet { title, subtitle, alt: words.desc, svg, hover, ends }
}

/// Replaces markers by their tags. Nothing else draws `<line>`, and text cannot look like one.
fn grouped(svg: &str, marks: &[String]) -> String {
    let mut tags = marks.iter();
    let mut out = String::with_capacity(svg.len() + 64 * marks.len());
    for line in svg.split_inclusive('\n') {
        if line.starts_with("<line ") {
            if let Some(tag) = tags.next() {
                out.push_str(tag);
                out.push('\n');
            }
        } else {
            out.push_str(line);
        }
    }
    out
}

impl Canvas<'_> {
    fn header(&mut self, frame: &Frame, finding: &str, below: &str) -> f64 {
        let (width, mut y) = (WIDTH - 2.0 * MARGIN, 32.0);
        let title = Type::bold(TITLE, INK);
        for line in title.wrap(finding, width, 2) {
            self.text(&line, MARGIN, y, title, HPos::Left);
            y += TITLE + 6.0;
        }
        let subtitle = Type::plain(SUBTITLE, GREY);
        y -= 2.0;
        for line in subtitle.wrap(below, width, if frame.set.is_empty() { 2 } else { 3 }) {
            self.text(&line, MARGIN, y, subtitle, HPos::Left);
            y += SUBTITLE + 5.0;
        }
        // The source, so that a reader of the picture alone can find the run.
        let note = Type::plain(NOTE, GREY);
        let end = format!(
            ", gapcast {}, {}, seed {}; assumptions in {}",
            frame.version,
            frame.counted(),
            frame.seed,
            frame.assumptions
        );
        let name = note.fit(&format!("Source: simulation of {}", frame.name()), width - note.width(&end));
        self.text(&format!("{name}{end}"), MARGIN, self.height - MARGIN + 4.0, note, HPos::Left);
        y + 8.0
    }

    /// Text centred vertically on `y`, anchored at `x` by `anchor`.
    pub fn text(&mut self, text: &str, x: f64, y: f64, look: Type, anchor: HPos) {
        fonts();
        let style = TextStyle::from(look.font()).color(&look.colour).pos(Pos::new(anchor, VPos::Center));
        // VPos::Center shifts by half the x-height; digits and capitals are taller.
        let at = self.fine((x, y + 0.08 * look.size));
        let _ = self.backend.draw_text(&clean(text), &style, at);
    }

    /// Text on a white plate, legible over lines; kept within `space`.
    pub fn plate(&mut self, text: &str, x: f64, y: f64, look: Type, space: Space) {
        let half = look.width(text) / 2.0;
        let x = x.clamp(space.left + half + 3.0, (space.right - half - 3.0).max(space.left + half + 3.0));
        let (dx, dy) = (half + 3.0, 0.68 * look.size);
        self.area(&[(x - dx, y - dy), (x + dx, y - dy), (x + dx, y + dy), (x - dx, y + dy)], WHITE, 0.82);
        self.text(text, x, y, look, HPos::Center);
    }

    pub fn line(&mut self, points: &[(f64, f64)], colour: RGBColor, alpha: f64, width: f64) {
        let style = ShapeStyle { color: colour.mix(alpha), filled: false, stroke_width: (width * FINE) as u32 };
        let points: Vec<_> = points.iter().map(|p| self.fine(*p)).collect();
        let _ = self.backend.draw_path(points, &style);
    }

    pub fn area(&mut self, points: &[(f64, f64)], colour: RGBColor, alpha: f64) {
        let style = ShapeStyle { color: colour.mix(alpha), filled: true, stroke_width: 0 };
        let points: Vec<_> = points.iter().map(|p| self.fine(*p)).collect();
        let _ = self.backend.fill_polygon(points, &style);
    }

    /// A dashed line; `dash` is the length of a dash and of a gap in pixels.
    pub fn dashed(&mut self, points: &[(f64, f64)], colour: RGBColor, width: f64, dash: (f64, f64)) {
        self.mark(format!("<g stroke-dasharray=\"{} {}\">", dash.0 * FINE, dash.1 * FINE));
        self.line(points, colour, 1.0, width);
        self.mark("</g>".into());
    }

    /// A filled circle.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: RGBColor) {
        let style = ShapeStyle { color: colour.mix(1.0), filled: true, stroke_width: 0 };
        let at = self.fine((x, y));
        let _ = self.backend.draw_circle(at, (radius * FINE) as u32, &style, true);
    }

    /// A rectangle given by two opposite corners.
    pub fn rectangle(&mut self, a: (f64, f64), b: (f64, f64), colour: RGBColor, alpha: f64) {
        self.area(&[a, (b.0, a.1), b, (a.0, b.1)], colour, alpha);
    }

    /// Everything drawn in `draw` belongs to the series `key`.
    pub fn series(&mut self, key: &str, draw: impl FnOnce(&mut Self)) {
        let key = escape(key).replace('"', "&quot;");
        self.mark(format!("<g class=\"series\" data-series=\"{key}\">"));
        draw(self);
        self.mark("</g>".into());
    }

    /// A label at the end of a line or beside a stack, for readers whose screen does not reach that far.
    pub fn end(&mut self, colour: Option<RGBColor>, rows: Vec<String>) {
        self.ends.push(End { colour: colour.map(hex), rows });
    }

    /// What a pointer shows over a part of the sheet; the panel is given in pixels and stored in `viewBox` units.
    pub fn hover(&mut self, mut panel: Panel) {
        for v in [&mut panel.left, &mut panel.top, &mut panel.width, &mut panel.height] {
            *v = (*v * FINE).round();
        }
        for place in &mut panel.places {
            place.0 = (place.0 * FINE).round();
        }
        self.hover.push(panel);
    }

    fn mark(&mut self, tag: String) {
        self.marks.push(tag);
        let _ = self.backend.draw_line((MARKER, 0), (MARKER, 0), &WHITE.mix(1.0));
    }

    /// Position on the sheet in tenths of a pixel; the cast turns NaN into 0, so no coordinate can make the file
    /// invalid.
    fn fine(&self, (x, y): (f64, f64)) -> (i32, i32) {
        let on = |v: f64, end: f64| (v.clamp(0.0, end) * FINE).round() as i32;
        (on(x, WIDTH), on(y, self.height))
    }
}
