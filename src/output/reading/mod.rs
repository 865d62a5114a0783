//! A run folder read back as data: `run.json`, `summary.json` and the tables. Charts and the report are drawn from this
//! alone, so that they can be drawn again from the files of a run. It is independent of the engine.
//!
//! A folder may be damaged, half-written, or somebody else's: every error names the file, the row and what is missing.
//! Only regular files of limited size are read, and no text in them can affect the terminal or page that shows it.
//! `outcomes.csv` has a row for each path and is never read here; the other tables grow with months, instruments and
//! names only.

mod shapes;
mod table;

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{Read, Take};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::issues::Issues;
use crate::language::tree::Node;
use crate::language::yaml;
use crate::output::record::{Record, Summary};
use crate::scenario::renamed;
use crate::text::tame_json;
use crate::units::Month;
use shapes::TABLES;
pub use table::{Reading, Table};
use table::{Shape, number, text};

/// Columns that are read from the statements of a path.
const TRACE: Shape = (
    "trace",
    &[text("path"), text("month"), text("entity"), text("statement"), text("line"), text("unit"), number("value")],
);

/// Names of the paths that may be traced, from worst to best; the first path to be ruined is last.
pub const TRACED: [&str; 6] = ["p05", "p25", "p50", "p75", "p95", "first_ruin"];

/// Largest number of months of a run.
const LONGEST: u64 = 12_000;
/// Largest size in bytes of a JSON or YAML file of the folder.
const LARGEST: u64 = 64 << 20;

/// Rows of a table by name and month; `None` where a month has no row.
type Index = BTreeMap<(String, String), Vec<Option<usize>>>;

/// A run folder as data.
#[derive(Debug)]
pub struct Folder {
    /// Its path.
    pub dir: PathBuf,
    /// `run.json`.
    pub run: Record,
    /// `summary.json`.
    pub summary: Summary,
    /// Text of `scenario.resolved.yaml`.
    pub scenario: String,
    start: Month,
    months: usize,
    tables: Vec<Table>,
    monthly: Index,
    instruments: Index,
    /// By path and metric.
    paths_traced: BTreeMap<(String, String), Vec<f64>>,
}

/// Metrics of traced paths that are read with the folder.
const FOLLOWED: [&str; 5] = ["spend", "revenue", "gap", "cumulative_gap", "cash"];

/// One quantity by month.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    table: &'a Table,
    rows: &'a [Option<usize>],
}

impl Series<'_> {
    /// A statistic (`mean`, `p05`, `p50` …), one value per month; NaN where it is undefined.
    pub fn get(&self, statistic: &str) -> Vec<f64> {
        let column = self.table.numbers(statistic);
        let at = |row: &Option<usize>| row.and_then(|r| column.get(r)).copied().unwrap_or(f64::NAN);
        self.rows.iter().map(at).collect()
    }
}

/// A metric at the horizon.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    table: &'a Table,
    row: usize,
}

impl<'a> End<'a> {
    /// The metric's unit, as in the tables.
    pub fn unit(&self) -> &'a str {
        self.table.text("unit", self.row)
    }
    /// A statistic (`n_defined`, `mean`, `se`, `p50` …); NaN where it is undefined.
    pub fn get(&self, statistic: &str) -> f64 {
        self.table.numbers(statistic).get(self.row).copied().unwrap_or(f64::NAN)
    }
}

impl Folder {
    /// Reads the folder `dir`.
    ///
    /// # Errors
    /// It is not a run folder, or a file is missing, damaged or incomplete.
    pub fn open(dir: &Path) -> Result<Folder, Reading> {
        if fs::metadata(dir.join("run.json")).is_err() {
            return Err(Reading::NoRun { dir: dir.to_path_buf() });
        }
        let run: Record = json(dir, "run.json")?;
        let summary: Summary = json(dir, "summary.json")?;
        let scenario = limited(&dir.join("scenario.resolved.yaml"))?;
        let months = run.months;
        if !(1..=LONGEST).contains(&months) {
            return Err(Reading::file(&dir.join("run.json"), format!("`months` is {months}, not 1 to {LONGEST}")));
        }
        let months = usize::try_from(months).unwrap_or(1);
        let no_month = || Reading::file(&dir.join("run.json"), "`start` is not a month such as 2026-06".to_owned());
        let start = Month::parse(&run.start).ok_or_else(no_month)?;
        let listed = |file: &str| run.files_sha256.get(file).is_some();
        let there = TABLES.par_iter().filter(|shape| listed(shape.0) || dir.join(shape.0).exists());
        let tables = there.map(|shape| Table::read(&dir.join(shape.0), shape)).collect::<Result<Vec<_>, _>>()?;
        let mut folder = Folder {
            dir: dir.to_path_buf(),
            run,
            summary,
            scenario,
            start,
            months,
            tables,
            monthly: Index::new(),
            instruments: Index::new(),
            paths_traced: BTreeMap::new(),
        };
        folder.monthly = folder.index("monthly.csv", None, "metric")?;
        folder.instruments = folder.index("instruments.csv", Some("instrument"), "line")?;
        let traced = TRACED.par_iter().map(|who| folder.traced(who, &FOLLOWED)).collect::<Result<Vec<_>, _>>()?;
        for (who, columns) in TRACED.iter().zip(traced) {
            for (metric, values) in FOLLOWED.iter().zip(columns.into_iter().flatten()) {
                folder.paths_traced.insert(((*who).to_owned(), (*metric).to_owned()), values);
            }
        }
        Ok(folder)
    }

    /// Rows of a table by two of its columns and by month.
    fn index(&self, file: &str, first: Option<&str>, second: &str) -> Result<Index, Reading> {
        let mut out = Index::new();
        let Some(table) = self.find(file) else { return Ok(out) };
        let months = self.months_of(table)?;
        // Rows are first grouped by the numeric ids of their words, so that texts are compared once per name only.
        let mut by_word: BTreeMap<(u32, u32), Vec<Option<usize>>> = BTreeMap::new();
        for (row, &month) in months.iter().enumerate() {
            let key = (first.map_or(0, |c| table.word(c, row)), table.word(second, row));
            by_word.entry(key).or_insert_with(|| vec![None; self.months])[month] = Some(row);
        }
        for rows in by_word.into_values() {
            let Some(row) = rows.iter().flatten().next().copied() else { continue };
            let key = (first.map_or("", |c| table.text(c, row)), table.text(second, row));
            out.insert((key.0.to_owned(), key.1.to_owned()), rows);
        }
        Ok(out)
    }

    /// The month of each row of a table, 0 for the first of the run.
    ///
    /// # Errors
    /// A cell of `month` is not a date, or not a month of the run.
    pub fn months_of(&self, table: &Table) -> Result<Vec<usize>, Reading> {
        let at = |word: &str| {
            let since = Month::parse(word).map(|m| m.since(self.start));
            since.and_then(|n| usize::try_from(n).ok()).filter(|n| *n < self.months)
        };
        let known: Vec<Option<usize>> = table.words("month").iter().map(|w| at(w)).collect();
        (0..table.rows())
            .map(|row| {
                let month = known.get(table.word("month", row) as usize).copied().flatten();
                month.ok_or_else(|| {
                    let said = table.text("month", row);
                    table.error(row, format!("`month` is `{said}`, not a month of the run (from {})", self.start))
                })
            })
            .collect()
    }

    fn find(&self, file: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.file() == file)
    }

    /// A table by its file name, such as `claims.csv`; an empty one when the run has no such table.
    pub fn table(&self, file: &str) -> &Table {
        self.find(file).unwrap_or(&table::EMPTY)
    }
    /// Name of the scenario.
    pub fn name(&self) -> &str {
        &self.run.scenario
    }
    /// Name of the variant, if the run has one.
    pub fn variant(&self) -> Option<&str> {
        self.run.variant.as_deref()
    }
    /// Settings that were changed for the run, as typed.
    pub fn set(&self) -> &[String] {
        &self.run.set
    }
    /// Version of the program that made the run.
    pub fn version(&self) -> &str {
        &self.run.version
    }
    /// Seed.
    pub fn seed(&self) -> u64 {
        self.run.seed
    }
    /// Number of paths.
    pub fn paths(&self) -> u64 {
        self.run.paths
    }
    /// The first simulated month.
    pub fn start(&self) -> Month {
        self.start
    }
    /// Number of months simulated, at least one.
    pub fn months(&self) -> usize {
        self.months
    }
    /// A metric of the lab or the world by month.
    pub fn monthly(&self, metric: &str) -> Option<Series<'_>> {
        let rows = self.monthly.get(&(String::new(), metric.to_owned()))?;
        Some(Series { table: self.find("monthly.csv")?, rows })
    }
    /// A line of an instrument by month: `dscr`, `senior.balance`.
    pub fn line(&self, instrument: &str, line: &str) -> Option<Series<'_>> {
        let rows = self.instruments.get(&(instrument.to_owned(), line.to_owned()))?;
        Some(Series { table: self.find("instruments.csv")?, rows })
    }
    /// Names of contracts and instruments, in file order.
    pub fn instruments(&self) -> &[String] {
        self.table("instruments.csv").words("instrument")
    }
    /// Names of the monthly metrics, in file order.
    pub fn metrics(&self) -> &[String] {
        self.table("monthly.csv").words("metric")
    }
    /// A metric at the horizon.
    pub fn end(&self, metric: &str) -> Option<End<'_>> {
        let table = self.find("summary.csv")?;
        let row = (0..table.rows()).find(|&row| table.text("metric", row) == metric)?;
        Some(End { table, row })
    }

    /// The resolved scenario as a tree, with keys renamed to their current names; `None` when it cannot be read.
    pub fn tree(&self) -> Option<Node> {
        let mut issues = Issues::default();
        let mut root = yaml::load(&self.scenario, 0, &mut issues)?;
        renamed::keys(&mut root, &mut issues);
        Some(root)
    }

    /// `spend`, `revenue`, `gap`, `cumulative_gap` or `cash` of a traced path by month; `None` when it was not traced.
    pub fn path(&self, who: &str, metric: &str) -> Option<&[f64]> {
        self.paths_traced.get(&(who.to_owned(), metric.to_owned())).map(Vec::as_slice)
    }

    /// Some of the lab's metrics on a traced path, one value per month each; `None` when the path was not traced. Other
    /// rows are skipped, since statements are long.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    fn traced(&self, who: &str, metrics: &[&str]) -> Result<Option<Vec<Vec<f64>>>, Reading> {
        let path = self.dir.join("trace").join(format!("{who}.csv"));
        if !path.is_file() {
            return Ok(None);
        }
        let table = Table::read_some(&path, &TRACE, |row| {
            row.get("entity") == b"lab" && metrics.iter().any(|m| row.get("line") == m.as_bytes())
        })?;
        let mut out = vec![vec![f64::NAN; self.months]; metrics.len()];
        for (row, month) in self.months_of(&table)?.into_iter().enumerate() {
            let (line, value) = (table.text("line", row), table.numbers("value")[row]);
            if let Some(at) = metrics.iter().position(|m| *m == line) {
                out[at][month] = value;
            }
        }
        Ok(Some(out))
    }
}

/// A JSON file of the folder `dir`, unchanged except that anything in it that could act on a terminal is neutralised.
///
/// # Errors
/// It cannot be read, or is not JSON.
pub(crate) fn raw(dir: &Path, file: &str) -> Result<Value, Reading> {
    let path = dir.join(file);
    serde_json::from_str(&limited(&path)?)
        .map(tame_json)
        .map_err(|e| Reading::file(&path, format!("not valid JSON at line {}, column {}", e.line(), e.column())))
}

fn json<T: DeserializeOwned>(dir: &Path, file: &str) -> Result<T, Reading> {
    serde_json::from_value(raw(dir, file)?).map_err(|e| Reading::file(&dir.join(file), e.to_string()))
}

/// A text file of limited size.
fn limited(path: &Path) -> Result<String, Reading> {
    String::from_utf8(regular(path, LARGEST)?).map_err(|_| Reading::file(path, "it is not UTF-8".into()))
}

/// Opens a regular file of at most `most` bytes; not a device, pipe or folder, which might have no end.
///
/// # Errors
/// It is not a regular file, is larger, or cannot be opened.
pub(crate) fn open_regular(path: &Path, most: u64) -> Result<Take<File>, Reading> {
    let io = |source| Reading::Io { path: path.to_path_buf(), source };
    let fits = |meta: &Metadata| {
        let size = meta.len();
        match (meta.is_file(), size > most) {
            (false, _) => Err(Reading::file(path, "it is not a regular file".into())),
            (_, true) => Err(Reading::file(path, format!("it has {size} bytes, more than a run writes"))),
            _ => Ok(()),
        }
    };
    // Opening a pipe would block until its other end is opened.
    fits(&fs::metadata(path).map_err(io)?)?;
    let file = File::open(path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    fits(&meta)?;
    Ok(file.take(meta.len()))
}

/// The bytes of a [regular](open_regular) file.
///
/// # Errors
/// As for [`open_regular`], or it cannot be read.
pub(crate) fn regular(path: &Path, most: u64) -> Result<Vec<u8>, Reading> {
    let mut bytes = Vec::new();
    open_regular(path, most)?
        .read_to_end(&mut bytes)
        .map_err(|source| Reading::Io { path: path.to_path_buf(), source })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
