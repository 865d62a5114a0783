//! The inputs of one path, from which terms are built.

use std::cell::Cell;

/// The values of the uncertain inputs on one path, in the order of `Reader::inputs` and in the units in which they were
/// written.
#[derive(Debug)]
pub struct Inputs<'a> {
    values: &'a [f64],
    read: Cell<bool>,
}

impl<'a> Inputs<'a> {
    /// The inputs of one path.
    pub fn new(values: &'a [f64]) -> Inputs<'a> {
        Inputs { values, read: Cell::new(false) }
    }
    /// Whether an uncertain input was used since the beginning or the last reset.
    pub fn was_read(&self) -> bool {
        self.read.get()
    }
    /// Resets the record of what was used.
    pub fn reset_read(&self) {
        self.read.set(false);
    }
    /// The value of input number `index`; NaN if there is none, which `Quantity::at` never lets through.
    pub fn get(&self, index: usize) -> f64 {
        self.read.set(true);
        self.values.get(index).copied().unwrap_or(f64::NAN)
    }
}
