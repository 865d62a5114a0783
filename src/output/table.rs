//! Tables as typed columns, from which CSV is written.

use super::number::{float, push_whole};
use crate::text::cell;
use crate::units::Month;

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// Numbers; NaN means undefined.
    Number,
    /// Whole numbers.
    Whole,
    /// Months, written as the date of their last day.
    Month,
}

/// The values of a column, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Text; empty where there is none.
    Text(Vec<String>),
    /// Numbers; NaN means undefined.
    Number(Vec<f64>),
    /// Whole numbers; `None` means undefined.
    Whole(Vec<Option<i64>>),
    /// Months; `None` means undefined.
    Month(Vec<Option<Month>>),
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// A cell of a text column.
    Text(&'a str),
    /// A cell of a column of numbers.
    Number(f64),
    /// A cell of a column of whole numbers.
    Whole(Option<i64>),
    /// A cell of a column of months.
    Month(Option<Month>),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Cell<'a> {
        Cell::Text(text)
    }
}
impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Cell<'a> {
        Cell::Text(text)
    }
}
impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Cell::Number(number)
    }
}
impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Cell::Whole(i64::try_from(number).ok())
    }
}
impl From<i32> for Cell<'_> {
    fn from(number: i32) -> Self {
        Cell::Whole(Some(i64::from(number)))
    }
}
impl From<Month> for Cell<'_> {
    fn from(month: Month) -> Self {
        Cell::Month(Some(month))
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Values,
}

/// A table: columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new<N: Into<String>>(columns: impl IntoIterator<Item = (N, Kind)>) -> Table {
        let empty = |(name, kind): (N, Kind)| {
            let values = match kind {
                Kind::Text => Values::Text(Vec::new()),
                Kind::Number => Values::Number(Vec::new()),
                Kind::Whole => Values::Whole(Vec::new()),
                Kind::Month => Values::Month(Vec::new()),
            };
            Column { name: name.into(), values }
        };
        Table { columns: columns.into_iter().map(empty).collect(), rows: 0 }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If the row does not have a cell of the right type for each column, which would be a bug in gapcast.
    pub(crate) fn push<'a>(&mut self, row: impl IntoIterator<Item = Cell<'a>>) {
        let mut cells = row.into_iter();
        for column in &mut self.columns {
            match (&mut column.values, cells.next()) {
                (Values::Text(values), Some(Cell::Text(x))) => values.push(x.to_owned()),
                (Values::Number(values), Some(Cell::Number(x))) => values.push(x),
                (Values::Whole(values), Some(Cell::Whole(x))) => values.push(x),
                (Values::Month(values), Some(Cell::Month(x))) => values.push(x),
                (_, cell) => panic!("{cell:?} in the column `{}`", column.name),
            }
        }
        assert!(cells.next().is_none(), "a row longer than its table");
        self.rows += 1;
    }

    /// Its columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
    /// The values of a column, by its name.
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values)
    }
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The table as CSV: floats always with a decimal point, months as dates, undefined values as empty cells, and no
    /// text that a spreadsheet would take for a formula.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        // A vector accepts any bytes, so the writer cannot fail.
        let mut write = |record: &csv::ByteRecord| writer.write_byte_record(record).expect("writing to memory");
        write(&self.columns.iter().map(|column| column.name.as_bytes()).collect());
        let (mut record, mut whole) = (csv::ByteRecord::new(), Vec::new());
        for row in 0..self.rows {
            record.clear();
            for column in &self.columns {
                match &column.values {
                    Values::Text(values) => record.push_field(cell(&values[row]).as_bytes()),
                    Values::Number(values) => record.push_field(float(values[row]).as_bytes()),
                    Values::Whole(values) => {
                        whole.clear();
                        push_whole(&mut whole, values[row].map_or(f64::NAN, |x| x as f64));
                        record.push_field(&whole);
                    }
                    Values::Month(values) => {
                        record.push_field(values[row].map_or(String::new(), Month::end_date).as_bytes());
                    }
                }
            }
            write(&record);
        }
        writer.into_inner().expect("writing to memory")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_typed_and_csv_says_what_is_undefined() {
        let mut table =
            Table::new([("month", Kind::Month), ("who", Kind::Text), ("n", Kind::Whole), ("x", Kind::Number)]);
        table.push([Month::new(2028, 2).into(), "a, b".into(), 3_u64.into(), 2.0.into()]);
        table.push([Cell::Month(None), "=1+1".into(), Cell::Whole(None), f64::NAN.into()]);
        let text = String::from_utf8(table.csv()).unwrap();
        assert_eq!(text, "month,who,n,x\n2028-02-29,\"a, b\",3,2.0\n,'=1+1,,\n");
        assert_eq!(table.column("n"), Some(&Values::Whole(vec![Some(3), None])));
        assert!(table.column("y").is_none() && table.rows() == 2 && table.columns().len() == 4);
        let none = Table::new([("a", Kind::Number)]);
        assert_eq!(none.csv(), b"a\n");
    }

    #[test]
    #[should_panic(expected = "in the column `x`")]
    fn a_cell_of_another_kind_is_a_bug() {
        Table::new([("x", Kind::Number)]).push(["text".into()]);
    }
}
