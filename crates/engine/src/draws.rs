//! The inputs of one path, as terms read them.

use std::cell::Cell;

/// The values that one path's uncertain inputs took, in the order of `Reader::inputs` and in their written units.
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
    /// Forgets what was used.
    pub fn reset_read(&self) {
        self.read.set(false);
    }
    /// The value of input number `index`; NaN when there is none, which `Quantity::at` never lets through.
    pub fn get(&self, index: usize) -> f64 {
        self.read.set(true);
        self.values.get(index).copied().unwrap_or(f64::NAN)
    }
}
