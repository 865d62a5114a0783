//! What a report consists of, before it is HTML: sections of figures, tables and words.

use crate::output::charts::Drawing;

/// A part of the page with a heading of its own.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Anchor, and what the contents call it.
    pub id: &'static str,
    /// In the bar of contents.
    pub short: &'static str,
    /// The heading.
    pub title: &'static str,
    /// One or two plain sentences, computed from the run.
    pub lead: String,
    /// What follows.
    pub blocks: Vec<Block<'a>>,
}

/// A piece of a section.
#[derive(Debug)]
pub(super) enum Block<'a> {
    /// A chart with its table and its hover.
    Figure(&'a Drawing),
    /// The first numbers of the report.
    Gauges(Vec<Gauge>),
    /// A table.
    Table(Table),
    /// Names and values.
    Facts(Vec<(String, Cell)>),
    /// A command or another text to be copied.
    Code(String),
    /// A smaller remark.
    Aside(String),
}

/// One number with its range and the limits that it is held to.
#[derive(Debug)]
pub(super) struct Gauge {
    /// What is asked.
    pub label: String,
    /// The answer.
    pub big: String,
    /// More of it.
    pub small: String,
    /// The bar; none when nothing is defined.
    pub bar: Option<Bar>,
    /// Lines of `checks:` that speak of it.
    pub held: Vec<(String, bool)>,
}

/// A range on a scale, all in one unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// Ends of the scale.
    pub scale: (f64, f64),
    /// The wide range, 90% of paths or the error of an estimate.
    pub wide: (f64, f64),
    /// The narrow range, half of the paths.
    pub narrow: Option<(f64, f64)>,
    /// Where the answer stands.
    pub at: f64,
    /// Where the limit stands.
    pub limit: Option<f64>,
}

/// A table of words and numbers.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Its name, also for screen readers.
    pub caption: String,
    /// Column heads, and whether their columns are numbers.
    pub head: Vec<(&'static str, bool)>,
    /// Rows, as wide as the head.
    pub rows: Vec<Vec<Cell>>,
    /// On a phone each row becomes a card.
    pub cards: bool,
    /// Folded away until it is asked for.
    pub folded: bool,
}

/// What stands in a cell.
#[derive(Debug)]
pub(super) enum Cell {
    /// Words or a number.
    Text(String),
    /// A path, a hash, a piece of a scenario.
    Code(String),
    /// Words with an address, which is a link when it is one of the web.
    Source(String, String),
    /// Whether a check holds.
    Holds(bool),
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

/// The drawings with these numbers, in their order.
pub(super) fn figures<'a>(all: &'a [Drawing], numbers: &[u8]) -> Vec<Block<'a>> {
    numbers.iter().flat_map(|n| all.iter().filter(move |d| d.number == *n)).map(Block::Figure).collect()
}
