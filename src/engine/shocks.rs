//! The month's noise: correlated standard normals and uniforms, each from the stream of its own name.

use crate::engine::columns::{Col, LANES, columns};
use crate::engine::level::{Kernel, Level};
use crate::engine::streams::{Stream, normals4, uniforms4};

/// Months that one evaluation of the generator serves.
const GROUP: usize = 4;

/// Names, streams and the correlation of all shocks of a plan.
#[derive(Clone, Debug)]
pub struct Shocks {
    /// Streams of the normals.
    pub normals: Vec<Stream>,
    /// Streams of the uniforms.
    pub uniforms: Vec<Stream>,
    /// Correlated normals: places in `normals`, and the rows of their Cholesky factor.
    pub members: Vec<usize>,
    /// Lower factor, row by row, as long as `members`.
    pub factor: Vec<Vec<f64>>,
}

impl Shocks {
    /// The normals of one month of one path; the same bits as the block's.
    pub fn normals(&self, path: u64, t: usize) -> Vec<f64> {
        let mut out: Vec<f64> = self.normals.iter().map(|s| s.normal(path, t as u64 - 1)).collect();
        for (row, &place) in self.members.iter().enumerate().rev() {
            let mut mixed = -0.0;
            for (l, &from) in self.factor[row][..=row].iter().zip(&self.members) {
                mixed += l * out[from];
            }
            out[place] = mixed;
        }
        out
    }

    /// The uniforms of one month of one path.
    pub fn uniforms(&self, path: u64, t: usize) -> Vec<f64> {
        self.uniforms.iter().map(|s| s.uniform(path, t as u64 - 1)).collect()
    }
}

/// The noise of a block, made four months at a time.
#[derive(Debug)]
pub struct NoiseBlock<'p> {
    shocks: &'p Shocks,
    normals: Vec<Box<[Col]>>,
    uniforms: Vec<Box<[Col]>>,
    raw: Box<[[f64; LANES]; GROUP]>,
}

impl<'p> NoiseBlock<'p> {
    /// Room for four months.
    pub fn new(shocks: &'p Shocks) -> Self {
        let months = |n: usize| (0..GROUP).map(|_| columns(n)).collect();
        NoiseBlock {
            shocks,
            normals: months(shocks.normals.len()),
            uniforms: months(shocks.uniforms.len()),
            raw: Box::new([[0.0; LANES]; GROUP]),
        }
    }

    /// The columns of month `t`; `begins` when the month begins, which is when noise is made.
    pub fn month(&mut self, level: Level, first: u64, t: usize, begins: bool) -> (&[Col], &[Col]) {
        let at = (t - 1) % GROUP;
        if begins && at == 0 {
            self.fill(level, first, (t as u64 - 1) / GROUP as u64);
        }
        (&self.normals[at], &self.uniforms[at])
    }

    fn fill(&mut self, level: Level, first: u64, group: u64) {
        for (k, stream) in self.shocks.normals.iter().enumerate() {
            level.run(Draw { stream, first, group, normal: true, out: &mut self.raw });
            for (month, column) in self.raw.iter().enumerate() {
                self.normals[month][k].0 = *column;
            }
        }
        for (k, stream) in self.shocks.uniforms.iter().enumerate() {
            level.run(Draw { stream, first, group, normal: false, out: &mut self.raw });
            for (month, column) in self.raw.iter().enumerate() {
                self.uniforms[month][k].0 = *column;
            }
        }
        if !self.shocks.members.is_empty() {
            for month in &mut self.normals {
                level.run(Mix { shocks: self.shocks, normals: month, mixed: &mut self.raw[0] });
            }
        }
    }
}

struct Draw<'a> {
    stream: &'a Stream,
    first: u64,
    group: u64,
    normal: bool,
    out: &'a mut [[f64; LANES]; GROUP],
}

impl Kernel for Draw<'_> {
    #[inline(always)]
    fn run(self) {
        if self.normal {
            normals4(self.stream, self.first, self.group, self.out);
        } else {
            uniforms4(self.stream, self.first, self.group, self.out);
        }
    }
}

struct Mix<'a> {
    shocks: &'a Shocks,
    normals: &'a mut [Col],
    mixed: &'a mut [f64; LANES],
}

impl Kernel for Mix<'_> {
    /// From the last row up, so that each row still finds the independent normals before it.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "the plain loop over lanes is what the compiler turns into vectors")]
    fn run(self) {
        for (row, &place) in self.shocks.members.iter().enumerate().rev() {
            self.mixed.fill(-0.0);
            for (l, &from) in self.shocks.factor[row][..=row].iter().zip(&self.shocks.members) {
                let column = &self.normals[from].0;
                for i in 0..LANES {
                    self.mixed[i] += l * column[i];
                }
            }
            self.normals[place].0 = *self.mixed;
        }
    }
}
