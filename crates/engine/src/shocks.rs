//! The month's noise: correlated standard normals and uniforms, each from the stream of its own name.

use crate::columns::{Col, LANES};
use crate::level::{Kernel, Level};
use crate::streams::{Paths, Stream, normals4, uniforms4};

/// Months that one evaluation of the generator serves.
pub const GROUP: usize = 4;

/// Names, streams and the correlation of all shocks of a plan.
#[derive(Clone, Debug)]
pub struct Shocks {
    /// Streams of the normals.
    pub normals: Vec<Stream>,
    /// Streams of the uniforms.
    pub uniforms: Vec<Stream>,
    /// Correlated normals: their indices in `normals`, in the order of the rows of their Cholesky factor.
    pub members: Vec<usize>,
    /// Lower Cholesky factor, row by row, with as many rows as `members`.
    pub factor: Vec<Vec<f64>>,
}

impl Shocks {
    /// The normals of one month of one path, bit-identical to those of the block.
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

/// Four months of one shock.
pub type Months = [Col; GROUP];

/// The noise of a block, generated four months at a time.
#[derive(Debug)]
pub struct NoiseBlock<'p> {
    shocks: &'p Shocks,
    /// Correlated normals, shock by shock.
    normals: Vec<Months>,
    /// Uniforms, shock by shock.
    uniforms: Vec<Months>,
    mixed: Box<Col>,
}

/// A month's noise: columns of correlated normals and of uniforms, in the order of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Noise<'a> {
    normals: &'a [Months],
    uniforms: &'a [Months],
    at: usize,
}

impl<'a> Noise<'a> {
    /// Normals of shock `k`.
    pub fn normal(&self, k: usize) -> &'a Col {
        &self.normals[k][self.at]
    }
    /// Uniforms of shock `k`.
    pub fn uniform(&self, k: usize) -> &'a Col {
        &self.uniforms[k][self.at]
    }
}

impl<'p> NoiseBlock<'p> {
    /// Allocates columns for four months.
    pub fn new(shocks: &'p Shocks) -> Self {
        NoiseBlock {
            shocks,
            normals: vec![[Col::ZERO; GROUP]; shocks.normals.len()],
            uniforms: vec![[Col::ZERO; GROUP]; shocks.uniforms.len()],
            mixed: Box::new(Col::ZERO),
        }
    }

    /// Generates the noise of month `t`, unless it was generated with an earlier month of its group.
    pub fn begin(&mut self, level: Level, paths: Paths<'_>, t: usize) {
        if !(t - 1).is_multiple_of(GROUP) {
            return;
        }
        let group = (t as u64 - 1) / GROUP as u64;
        for (stream, out) in self.shocks.normals.iter().zip(&mut self.normals) {
            level.run(Draw { stream, paths, group, normal: true, out });
        }
        for (stream, out) in self.shocks.uniforms.iter().zip(&mut self.uniforms) {
            level.run(Draw { stream, paths, group, normal: false, out });
        }
        if !self.shocks.members.is_empty() {
            level.run(Mix { shocks: self.shocks, normals: &mut self.normals, mixed: &mut self.mixed.0 });
        }
    }

    /// The columns of month `t`, which has begun.
    pub fn month(&self, t: usize) -> Noise<'_> {
        Noise { normals: &self.normals, uniforms: &self.uniforms, at: (t - 1) % GROUP }
    }
}

struct Draw<'a> {
    stream: &'a Stream,
    paths: Paths<'a>,
    group: u64,
    normal: bool,
    out: &'a mut Months,
}

impl Kernel for Draw<'_> {
    #[inline(always)]
    fn run(self) {
        let out = self.out.each_mut().map(|month| &mut month.0);
        if self.normal {
            normals4(self.stream, self.paths, self.group, out);
        } else {
            uniforms4(self.stream, self.paths, self.group, out);
        }
    }
}

struct Mix<'a> {
    shocks: &'a Shocks,
    normals: &'a mut [Months],
    mixed: &'a mut [f64; LANES],
}

impl Kernel for Mix<'_> {
    /// From the last row up, so that each row still reads the independent normals before it.
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "the plain loop over lanes is what the compiler turns into vectors")]
    fn run(self) {
        for (row, &place) in self.shocks.members.iter().enumerate().rev() {
            for month in 0..GROUP {
                self.mixed.fill(-0.0);
                for (l, &from) in self.shocks.factor[row][..=row].iter().zip(&self.shocks.members) {
                    let column = &self.normals[from][month].0;
                    for i in 0..LANES {
                        self.mixed[i] += l * column[i];
                    }
                }
                self.normals[place][month].0 = *self.mixed;
            }
        }
    }
}
