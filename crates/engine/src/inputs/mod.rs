//! Uncertain inputs: one draw of each for every path.
//!
//! An input has a law and, if it is named in the dependence, correlations with others. Its standard normal comes from
//! the stream of its own name (`input:<name>`, position 0); only the inputs named in the dependence are mixed with one
//! another. Adding, removing or reordering inputs therefore does not change any other input's draw by a bit. Within the
//! dependence an input depends on those named before it: pairs added at the end leave earlier inputs unchanged (except
//! for repair of the matrix).
//!
//! `z = L e`, `L Lᵀ` the matrix of `rho`s; under the t copula `x = z √(df/W)` with one `W ~ χ²(df)` per path from the
//! stream `dependence`, and the score is `Φ⁻¹(T(x))`. The value is the law's quantile at the score. Draws that a study
//! moves are in [`treatment`].
//!
//! Out of scope: units, expressions over inputs, and monthly shocks.

mod beta;
pub mod copula;
pub mod correlation;
mod dependence;
pub mod law_error;
pub mod laws;
mod memo;
pub mod special;
mod table;
pub mod treatment;

pub use copula::{Copula, Measure};
pub use dependence::{Dependence, DependenceError};
pub use law_error::LawError;
pub use laws::Law;
pub use treatment::Treatment;

use crate::level::{Kernel, Level};
use crate::streams::{LANES, Paths, Stream, StreamRng, normals4};
use special::StudentT;

/// The compiled inputs of a scenario, from which all inputs of a path are drawn.
#[derive(Clone, Debug)]
pub struct InputDraws {
    inputs: Vec<Input>,
    joint: Option<Joint>,
}

#[derive(Clone, Debug)]
struct Input {
    name: String,
    law: Law,
    /// Range to which values are clamped.
    within: (f64, f64),
    stream: Stream,
    /// How its draws differ from the scenario's, if they do.
    treatment: Option<Treatment>,
}

#[derive(Clone, Debug)]
struct Joint {
    /// Indices in the list of inputs, in the order in which the dependence names them.
    members: Vec<usize>,
    /// Lower Cholesky factor of their correlation: for each row the column of its first non-zero entry, and the entries
    /// from there to the diagonal.
    factor: Vec<(usize, Vec<f64>)>,
    /// The t copula's degrees of freedom and law.
    student: Option<(f64, StudentT)>,
    /// Offset of the path for which the mixing variable is drawn.
    from: u64,
    /// How far the matrix was moved to make it valid.
    repaired: f64,
}

impl InputDraws {
    /// Compiles inputs, whose names must differ, and their dependence.
    ///
    /// # Errors
    /// The dependence names an unknown input, pairs an input with itself, repeats a pair, has a correlation outside −1
    /// to 1 or degrees of freedom outside 0.5 to 1000, names too many inputs, or has a matrix that is not positive
    /// semidefinite and may not, or cannot, be repaired.
    pub fn new(inputs: Vec<(String, Law)>, dependence: Option<&Dependence>) -> Result<InputDraws, DependenceError> {
        let inputs: Vec<Input> = inputs
            .into_iter()
            .map(|(name, law)| Input {
                stream: Stream::new(0, &format!("input:{name}")),
                within: (f64::NEG_INFINITY, f64::INFINITY),
                name,
                law,
                treatment: None,
            })
            .collect();
        let joint = match dependence {
            Some(d) if !d.pairs.is_empty() => {
                let names: Vec<&str> = inputs.iter().map(|i| i.name.as_str()).collect();
                let (members, lower, repaired) = d.factor(&names)?;
                // Each row from its first entry that is not zero.
                let row = |(i, row): (usize, Vec<f64>)| {
                    let first = row.iter().position(|x| *x != 0.0).unwrap_or(i);
                    (first, row[first..=i].to_vec())
                };
                let factor = lower.into_iter().enumerate().map(row).collect();
                let student = match d.copula {
                    Copula::Gaussian => None,
                    Copula::T { df } => Some((df, StudentT::new(df))),
                };
                Some(Joint { members, factor, student, from: 0, repaired })
            }
            _ => None,
        };
        Ok(InputDraws { inputs, joint })
    }

    /// Clamps the values of input number `input` to `low..=high`, the range that its fields accept.
    pub fn cut(&mut self, input: usize, low: f64, high: f64) {
        self.inputs[input].within = (low, high);
    }

    /// Each input at its median.
    pub fn medians(&self) -> Vec<f64> {
        self.inputs.iter().map(|input| input.at_score(0.0)).collect()
    }

    /// How many inputs there are.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The index of the input `name` in a draw, or `None` if there is no such input.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|i| i.name == name)
    }

    /// Names and laws, in the order of a draw.
    pub fn laws(&self) -> impl Iterator<Item = (&str, &Law)> {
        self.inputs.iter().map(|i| (i.name.as_str(), &i.law))
    }

    /// The Frobenius distance from the matrix requested to the one used; zero if it was valid.
    pub fn repair_distance(&self) -> f64 {
        self.joint.as_ref().map_or(0.0, |j| j.repaired)
    }

    /// The value of every input on this path: `out[i]` for input `i`. `out` must be as long as the list.
    pub fn draw(&self, seed: u64, path: u64, out: &mut [f64]) {
        self.scores(seed, path, out);
        self.values(out);
    }

    /// [`InputDraws::draw`] for the paths of a block from `first` on: `out[lane][i]`, bit-identical.
    pub fn draw_block(&self, level: Level, seed: u64, first: u64, out: &mut [Vec<f64>]) {
        let mut months = Box::new([[0.0; LANES]; 4]);
        for (i, input) in self.inputs.iter().enumerate() {
            let first = input.source(first);
            level.run(Scores { stream: input.stream.with_seed(seed), first, out: &mut months });
            for (row, score) in out.iter_mut().zip(&months[0]) {
                row[i] = input.shifted(*score);
            }
        }
        for (lane, row) in (0..).zip(out) {
            self.join(seed, first.wrapping_add(lane), row);
            self.values(row);
        }
    }

    fn values(&self, scores: &mut [f64]) {
        for (value, input) in scores.iter_mut().zip(&self.inputs) {
            *value = input.at_score(input.pinned(*value));
        }
    }

    /// The standard normal score of every input on this path, from which [`InputDraws::draw`] computes the values.
    /// `out` must be as long as the list.
    pub fn scores(&self, seed: u64, path: u64, out: &mut [f64]) {
        self.independent_scores(seed, path, out);
        self.join(seed, path, out);
        for (score, input) in out.iter_mut().zip(&self.inputs) {
            *score = input.pinned(*score);
        }
    }

    /// Applies the dependence to the independent scores of one path.
    fn join(&self, seed: u64, path: u64, out: &mut [f64]) {
        let Some(joint) = &self.joint else { return };
        // From the last row up, so that each row still reads the independent normals before it.
        for (i, (first, row)) in joint.factor.iter().enumerate().rev() {
            let mixed = row.iter().zip(&joint.members[*first..]).map(|(l, place)| l * out[*place]).sum();
            out[joint.members[i]] = mixed;
        }
        if let Some((df, student)) = &joint.student {
            const MIXING: Stream = Stream::new(0, "dependence");
            let w = chi_squared(&mut MIXING.with_seed(seed).rng(path.wrapping_add(joint.from)), *df);
            let scale = (df / w).sqrt();
            for place in &joint.members {
                out[*place] = student.normal_score(scale * out[*place]);
            }
        }
    }
}

impl Input {
    fn at_score(&self, z: f64) -> f64 {
        crate::math::clamp(self.law.at_score(z), self.within.0, self.within.1)
    }
}

/// Independent scores of a block: the first of the four months that one call of the generator serves.
struct Scores<'a> {
    stream: Stream,
    first: u64,
    out: &'a mut [[f64; LANES]; 4],
}

impl Kernel for Scores<'_> {
    #[inline(always)]
    fn run(self) {
        normals4(&self.stream, Paths::From(self.first), 0, self.out.each_mut());
    }
}

/// A draw of `χ²(df)`: twice a gamma of shape `df/2`, by Marsaglia and Tsang, "A simple method for generating gamma
/// variables", ACM TOMS 26 (2000). It is used instead of that of `rand_distr`, which takes its logarithms from std
/// whenever any crate of the build enables this in `num-traits`, and then differs between platforms in the last digit.
fn chi_squared(rng: &mut StreamRng, df: f64) -> f64 {
    let shape = 0.5 * df;
    if shape < 1.0 {
        // A gamma of this shape is one of a shape larger by 1 times a power of a uniform; never exactly zero.
        let boost = libm::exp(libm::log(rng.uniform()) / shape);
        return (boost * chi_squared(rng, df + 2.0)).max(1e-300);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let [x, _] = rng.normals();
        let u = rng.uniform();
        let root = 1.0 + c * x;
        let v = root * root * root;
        if v > 0.0 && libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return 2.0 * d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ChiSquared, ContinuousCDF};

    #[test]
    fn mixing_variable_is_chi_squared() {
        // Kolmogorov–Smirnov, n = 1e5 each: √n D < 2.7 is a false alarm of 1e-6 (2 e^(−2·2.7²)).
        for df in [0.7, 1.0, 2.0, 4.0, 5.5, 40.0] {
            let law = ChiSquared::new(df).unwrap();
            let stream = Stream::new(3, "test");
            let mut draws: Vec<f64> = (0..100_000).map(|path| chi_squared(&mut stream.rng(path), df)).collect();
            draws.sort_by(f64::total_cmp);
            let n = draws.len() as f64;
            let gap = |(i, x): (usize, &f64)| (law.cdf(*x) - (i as f64 + 0.5) / n).abs() + 0.5 / n;
            let d = draws.iter().enumerate().map(gap).fold(0.0, f64::max);
            assert!(d * n.sqrt() < 2.7, "{df}: {}", d * n.sqrt());
        }
    }

    #[test]
    fn first_draws_are_pinned() {
        let law = |sd| Law::normal(0.0, sd).unwrap();
        let inputs = vec![("a".to_owned(), law(1.0)), ("b".to_owned(), law(1.0)), ("c".to_owned(), law(1.0))];
        let dependence = Dependence {
            copula: Copula::T { df: 4.0 },
            measure: Measure::Spearman,
            pairs: vec![("a".to_owned(), "c".to_owned(), 0.5)],
            repair: false,
        };
        let draws = InputDraws::new(inputs, Some(&dependence)).unwrap();
        let mut out = [0.0; 3];
        draws.draw(20_260_601, 0, &mut out);
        assert_eq!(out.map(f64::to_bits), [0x3fe5_0eeb_3ec5_286d, 0xbfdf_3a0c_9be0_b0f1, 0x3fa8_24a7_c74f_0d2b]);
    }
}
