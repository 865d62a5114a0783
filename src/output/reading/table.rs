//! A CSV file as named columns of numbers and words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::open_regular;
use crate::text::{from_cell, tame};

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Reading {
    /// It is not a run folder.
    #[error("`{dir}` is not a run folder: it has no run.json")]
    NoRun {
        /// The path.
        dir: PathBuf,
    },
    /// Reading failed.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The underlying I/O error.
        source: std::io::Error,
    },
    /// A file is damaged or incomplete.
    #[error("`{path}`: {what}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A row of a table is damaged or incomplete.
    #[error("`{path}`, row {row}: {what}")]
    Row {
        /// The file.
        path: PathBuf,
        /// Row number, 1 for the header.
        row: usize,
        /// What is wrong.
        what: String,
    },
}

/// The beginning of a cell, for a message.
fn short(cell: &str) -> String {
    tame(cell).chars().take(40).collect()
}

impl Reading {
    pub(super) fn file(path: &Path, what: String) -> Reading {
        Reading::File { path: path.to_path_buf(), what }
    }
}

/// A column to read: its name, whether it holds numbers, and whether a table must have it.
pub(super) type Cells = (&'static str, bool, bool);
/// A file and the columns to read.
pub(super) type Shape = (&'static str, &'static [Cells]);

/// A column of words.
pub(super) const fn text(name: &'static str) -> Cells {
    (name, false, true)
}
/// A column of numbers; an empty cell is NaN.
pub(super) const fn number(name: &'static str) -> Cells {
    (name, true, true)
}
/// A column of numbers that runs of earlier versions lack; it then reads as NaN.
pub(super) const fn maybe(name: &'static str) -> Cells {
    (name, true, false)
}

/// Largest number of cells of a table: 400 MB of numbers.
const MOST: usize = 50_000_000;
/// Largest size of a table in bytes.
const LARGEST: u64 = 256 << 20;

#[derive(Debug)]
enum Column {
    Numbers(Vec<f64>),
    /// Every distinct word, in order of appearance, and the index of the word in each row.
    Words {
        list: Vec<String>,
        of: Vec<u32>,
    },
}

/// A table of named columns.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    names: Vec<&'static str>,
    columns: Vec<Column>,
    /// For each row kept, its row number in the file.
    places: Vec<usize>,
}

/// A row as read from the file.
pub(super) struct Raw<'a> {
    record: &'a csv::ByteRecord,
    at: &'a [Option<usize>],
    names: &'a [&'static str],
}

impl Raw<'_> {
    /// A cell by the name of its column.
    pub fn get(&self, name: &str) -> &[u8] {
        let column = self.names.iter().position(|n| *n == name);
        column.and_then(|c| self.record.get(self.at[c]?)).unwrap_or_default()
    }
}

/// The table used where a run has none.
pub(super) static EMPTY: LazyLock<Table> =
    LazyLock::new(|| Table { path: PathBuf::new(), names: Vec::new(), columns: Vec::new(), places: Vec::new() });

impl Table {
    /// Reads a whole file; columns not listed in `shape` are skipped.
    pub(super) fn read(path: &Path, shape: &Shape) -> Result<Table, Reading> {
        Table::read_some(path, shape, |_| true)
    }

    /// Reads the rows that `keep` accepts.
    pub(super) fn read_some(path: &Path, shape: &Shape, keep: impl Fn(&Raw<'_>) -> bool) -> Result<Table, Reading> {
        let file = open_regular(path, LARGEST)?;
        // Rows of a different length get an error message of our own.
        let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 16).from_reader(file);
        let broken = |e: &csv::Error| Reading::file(path, format!("cannot be read as a table: {e}"));
        let head = reader.byte_headers().map_err(|e| broken(&e))?.clone();
        let names: Vec<&'static str> = shape.1.iter().map(|c| c.0).collect();
        let place = |(name, _, needed): &Cells| match head.iter().position(|cell| cell == name.as_bytes()) {
            None if *needed => {
                Err(Reading::Row { path: path.into(), row: 1, what: format!("there is no column `{name}`") })
            }
            at => Ok(at),
        };
        let at = shape.1.iter().map(place).collect::<Result<Vec<Option<usize>>, Reading>>()?;
        let mut columns: Vec<Column> = Vec::new();
        for (_, numbers, _) in shape.1 {
            let words = || Column::Words { list: Vec::new(), of: Vec::new() };
            columns.push(if *numbers { Column::Numbers(Vec::new()) } else { words() });
        }
        let mut known: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); columns.len()];
        let (mut record, mut row, mut places) = (csv::ByteRecord::new(), 1, Vec::new());
        while reader.read_byte_record(&mut record).map_err(|e| broken(&e))? {
            row += 1;
            let error = |what: String| Reading::Row { path: path.to_path_buf(), row, what };
            if record.len() != head.len() {
                return Err(error(format!(
                    "{} cells where {} are expected; is the file complete?",
                    record.len(),
                    head.len()
                )));
            }
            if !keep(&Raw { record: &record, at: &at, names: &names }) {
                continue;
            }
            places.push(row);
            if places.len().saturating_mul(columns.len()) > MOST {
                return Err(Reading::file(path, "it has more rows than a run writes".into()));
            }
            for (k, column) in columns.iter_mut().enumerate() {
                let cell = at[k].and_then(|k| record.get(k)).unwrap_or_default();
                let cell = str::from_utf8(cell).map_err(|_| error(format!("`{}` is not UTF-8", names[k])))?;
                match column {
                    Column::Numbers(values) if cell.is_empty() => values.push(f64::NAN),
                    Column::Numbers(values) => {
                        let value = cell.parse().ok().filter(|v: &f64| v.is_finite());
                        values.push(
                            value.ok_or_else(|| error(format!("`{}` is `{}`, not a number", names[k], short(cell))))?,
                        );
                    }
                    Column::Words { list, of } => {
                        let word = known[k].get(cell).copied().unwrap_or_else(|| {
                            let new = u32::try_from(list.len()).unwrap_or(u32::MAX);
                            known[k].insert(cell.to_owned(), new);
                            list.push(tame(from_cell(cell)).into_owned());
                            new
                        });
                        of.push(word);
                    }
                }
            }
        }
        Ok(Table { path: path.to_path_buf(), names, columns, places })
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(self.names.iter().position(|n| *n == name)?)
    }
    /// Name of the file.
    pub fn file(&self) -> &str {
        self.path.file_name().and_then(|f| f.to_str()).unwrap_or_default()
    }
    /// Number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.places.len()
    }
    /// A column of numbers, NaN for an empty cell; empty when there is no such column of numbers.
    pub fn numbers(&self, column: &str) -> &[f64] {
        match self.column(column) {
            Some(Column::Numbers(values)) => values,
            _ => &[],
        }
    }
    /// A number; NaN when it is undefined or missing.
    pub fn number(&self, column: &str, row: usize) -> f64 {
        self.numbers(column).get(row).copied().unwrap_or(f64::NAN)
    }
    /// The distinct words of a column, in order of appearance.
    pub fn words(&self, column: &str) -> &[String] {
        match self.column(column) {
            Some(Column::Words { list, .. }) => list,
            _ => &[],
        }
    }
    /// Index of a row's word among the [words](Table::words) of a column.
    pub fn word(&self, column: &str, row: usize) -> u32 {
        match self.column(column) {
            Some(Column::Words { of, .. }) => of.get(row).copied().unwrap_or(0),
            _ => 0,
        }
    }
    /// The word in a cell; empty when there is none.
    pub fn text(&self, column: &str, row: usize) -> &str {
        self.words(column).get(self.word(column, row) as usize).map_or("", String::as_str)
    }
    /// An error in a row.
    pub fn error(&self, row: usize, what: String) -> Reading {
        let row = self.places.get(row).copied().unwrap_or(0);
        Reading::Row { path: self.path.clone(), row, what }
    }
}
