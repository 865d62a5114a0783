//! The contents of a report before it is HTML: sections of figures, tables and text.

use crate::output::charts::Drawing;

/// A section of the page with its own heading.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Anchor, which the table of contents links to.
    pub id: &'static str,
    /// Short title in the table of contents.
    pub short: &'static str,
    /// The heading.
    pub title: &'static str,
    /// One or two plain sentences, computed from the run.
    pub lead: String,
    /// The blocks after the lead.
    pub blocks: Vec<Block<'a>>,
}

/// A block of a section.
#[derive(Debug)]
pub(super) enum Block<'a> {
    /// A chart with its table and its hover.
    Figure(&'a Drawing),
    /// The headline numbers of the report.
    Gauges(Vec<Gauge>),
    /// A table.
    Table(Table),
    /// Names and values.
    Facts(Vec<(String, Cell)>),
    /// A command or other text to copy.
    Code(String),
    /// A paragraph.
    Words(String),
    /// A remark in small type.
    Aside(String),
}

/// One number with its range and the limits set on it.
#[derive(Debug)]
pub(super) struct Gauge {
    /// The question.
    pub label: String,
    /// The answer.
    pub big: String,
    /// Details of the answer.
    pub small: String,
    /// The bar; none when nothing is defined.
    pub bar: Option<Bar>,
    /// Lines of `checks:` on it, and whether each holds.
    pub held: Vec<(String, bool)>,
}

/// A range on a scale, all in one unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// Ends of the scale.
    pub scale: (f64, f64),
    /// The wide range: 90% of paths, or the 95% interval of an estimate.
    pub wide: (f64, f64),
    /// The narrow range: half of the paths.
    pub narrow: Option<(f64, f64)>,
    /// Position of the answer.
    pub at: f64,
    /// Position of the limit.
    pub limit: Option<f64>,
}

/// A table of text and numbers.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Its name, also for screen readers.
    pub caption: String,
    /// Column headings, and whether each column is numeric.
    pub head: Vec<(&'static str, bool)>,
    /// Rows, as wide as the head.
    pub rows: Vec<Vec<Cell>>,
    /// Whether each row becomes a card on a phone.
    pub cards: bool,
    /// Whether it is collapsed at first.
    pub folded: bool,
}

/// Contents of a cell.
#[derive(Debug)]
pub(super) enum Cell {
    /// Words or a number.
    Text(String),
    /// A path, a hash, or a piece of a scenario.
    Code(String),
    /// Text with an address, which becomes a link when it is a web address.
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

/// A paragraph, if there is one, and the drawing that shows the same.
pub(super) fn told(words: Option<String>, all: &[Drawing], number: u8) -> Vec<Block<'_>> {
    words.map(Block::Words).into_iter().chain(figures(all, &[number])).collect()
}

/// The drawings with these numbers, in the order of `numbers`.
pub(super) fn figures<'a>(all: &'a [Drawing], numbers: &[u8]) -> Vec<Block<'a>> {
    numbers.iter().flat_map(|n| all.iter().filter(move |d| d.number == *n)).map(Block::Figure).collect()
}
