//! A drawn chart: the picture, its text, the table behind it, and what a pointer over it shows.

use plotters::style::RGBColor;

/// A drawn chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Its number; the same chart has the same number in every run.
    pub number: u8,
    /// Name of its file, without extension: `03-cash-and-ruin`.
    pub stem: &'static str,
    /// The finding that it states.
    pub title: String,
    /// Metric, unit, paths and seed.
    pub subtitle: String,
    /// The picture, an SVG document. Everything that belongs to a series is in `<g class="series" data-series="KEY">`.
    pub svg: String,
    /// Description of the chart in a sentence or two, for those who cannot see it.
    pub alt: String,
    /// The numbers behind it.
    pub table: Grid,
    /// What a pointer shows, by panel.
    pub hover: Vec<Panel>,
    /// The labels at the ends of lines and beside stacks, from the top down.
    pub ends: Vec<End>,
}

/// A label at the end of a line: the state of the chart at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Colour of its swatch, `#0072b2`; none for a heading.
    pub colour: Option<String>,
    /// Its lines of text.
    pub rows: Vec<String>,
}

/// A table of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Column headings.
    pub head: Vec<String>,
    /// Rows, each as long as the heading.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    /// A table from its heading and rows.
    pub(super) fn new<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Grid {
        Grid { head: head.map(str::to_owned).to_vec(), rows: rows.into_iter().map(|r| r.to_vec()).collect() }
    }
}

/// A part of a chart over which a pointer shows values. Coordinates are in the SVG's `viewBox`.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Left edge of the plot.
    pub left: f64,
    /// Top edge of the plot.
    pub top: f64,
    /// Width of the plot.
    pub width: f64,
    /// Height of the plot.
    pub height: f64,
    /// Whether places run downwards (rows of bars) rather than from left to right (months).
    pub down: bool,
    /// Position and label of each place: `June 2028`.
    pub places: Vec<(f64, String)>,
    /// The series, each with a value for every place.
    pub series: Vec<Shown>,
}

/// A series of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its key in the picture.
    pub key: String,
    /// Its name.
    pub label: String,
    /// Its colour, `#0072b2`.
    pub colour: String,
    /// Its value at each place, formatted; empty where there is none.
    pub values: Vec<String>,
}

impl Shown {
    pub(super) fn new(key: &str, label: &str, colour: RGBColor, values: Vec<String>) -> Shown {
        Shown { key: key.into(), label: label.into(), colour: hex(colour), values }
    }
}

/// A colour in HTML notation.
pub(super) fn hex(colour: RGBColor) -> String {
    let RGBColor(r, g, b) = colour;
    format!("#{r:02x}{g:02x}{b:02x}")
}
