//! Inputs whose draws differ from the scenario's: pinned, shifted, or drawn for another path.
//!
//! A treatment belongs to one input and applies on every path, in the block and in the scalar form alike. It serves
//! studies that compare a plan with itself: one input at a time (pinned), importance sampling (shifted), and
//! variance-based sensitivity by pick-freeze (drawn elsewhere). Laws, medians and the range to which values are clamped
//! remain those of the scenario.
//!
//! Out of scope: the noise of the months, which is moved as a whole by `Plan::months_from`.

use super::InputDraws;

/// How the draws of one input differ from the scenario's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Treatment {
    /// The input is at this standard normal score on every path, whatever it depends on. Inputs that depend on it are
    /// unchanged, since they are mixed from its independent score.
    Pinned(f64),
    /// Its independent standard normal score `e` is replaced by `e + h`, before the dependence is applied, so that
    /// inputs that depend on it are shifted with it. See [`InputDraws::ln_likelihood_ratio`].
    Shifted(f64),
    /// Its independent score is that of `path + offset`, modulo 2^64, before the dependence is applied.
    Elsewhere(u64),
}

impl InputDraws {
    /// Treats input number `input`, in place of any earlier treatment of it.
    ///
    /// # Panics
    /// If there is no such input, or if a score or a shift is not finite.
    pub fn treat(&mut self, input: usize, treatment: Treatment) {
        if let Treatment::Pinned(x) | Treatment::Shifted(x) = treatment {
            assert!(x.is_finite(), "a score or a shift of an input is finite, not {x}");
        }
        self.inputs[input].treatment = Some(treatment);
    }

    /// Draws the mixing variable of the t copula for `path + offset`, modulo 2^64. It is an independent variable of its
    /// own: [`Treatment::Elsewhere`] of a member of the dependence leaves it where it is. No effect without a t copula;
    /// 0 restores the scenario's draws.
    pub fn treat_dependence(&mut self, offset: u64) {
        if let Some(joint) = &mut self.joint {
            joint.from = offset;
        }
    }

    /// Whether a mixing variable is drawn on each path, because inputs are joined by a t copula.
    pub fn has_mixing(&self) -> bool {
        self.joint.as_ref().is_some_and(|joint| joint.student.is_some())
    }

    /// Indices of the inputs that the dependence mixes with others, in the order in which it names them.
    pub fn dependent(&self) -> &[usize] {
        self.joint.as_ref().map_or(&[], |joint| &joint.members)
    }

    /// The independent standard normal score of every input on this path, before the dependence is applied, with shifts
    /// and offsets: `out[i]` for input `i`, and for a pinned input the score that it would have without the pin. `out`
    /// must be as long as the list.
    pub fn independent_scores(&self, seed: u64, path: u64, out: &mut [f64]) {
        assert_eq!(out.len(), self.inputs.len(), "a draw has as many values as there are inputs");
        for (score, input) in out.iter_mut().zip(&self.inputs) {
            *score = input.shifted(input.stream.with_seed(seed).normal(input.source(path), 0));
        }
    }

    /// The natural logarithm of the likelihood ratio of a path, scenario over shifted draws, from its independent scores:
    /// the sum over shifted inputs of `−h x + h²/2`. Its exponential has mean 1 under the shifted draws, where `x` is a
    /// standard normal plus `h`. Zero without a shifted input.
    ///
    /// # Panics
    /// If there are fewer scores than inputs.
    pub fn ln_likelihood_ratio(&self, scores: &[f64]) -> f64 {
        let shifts = self.inputs.iter().enumerate().filter_map(|(k, input)| match input.treatment {
            Some(Treatment::Shifted(h)) => Some(h * (0.5 * h - scores[k])),
            _ => None,
        });
        shifts.sum()
    }
}

impl super::Input {
    /// The path for which its independent score is drawn.
    pub(super) fn source(&self, path: u64) -> u64 {
        match self.treatment {
            Some(Treatment::Elsewhere(offset)) => path.wrapping_add(offset),
            _ => path,
        }
    }

    /// Its independent score, from the standard normal drawn.
    pub(super) fn shifted(&self, normal: f64) -> f64 {
        match self.treatment {
            Some(Treatment::Shifted(h)) => normal + h,
            _ => normal,
        }
    }

    /// Its score, from that after the dependence.
    pub(super) fn pinned(&self, score: f64) -> f64 {
        match self.treatment {
            Some(Treatment::Pinned(z)) => z,
            _ => score,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Copula, Dependence, Law, Measure};
    use super::*;
    use crate::level::Level;
    use crate::streams::LANES;

    const SEED: u64 = 20_261_124;
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    const RHO: f64 = 0.6;

    /// Four standard normal inputs, of which the second depends on the first (`rho` = 0.6) and the others on none.
    fn draws(copula: Copula) -> InputDraws {
        let inputs = NAMES.map(|name| (name.to_owned(), Law::normal(0.0, 1.0).unwrap())).to_vec();
        let pairs = vec![("a".to_owned(), "b".to_owned(), RHO)];
        InputDraws::new(inputs, Some(&Dependence { copula, measure: Measure::Normal, pairs, repair: false })).unwrap()
    }

    fn scores(draws: &InputDraws, path: u64) -> [f64; 4] {
        let mut out = [0.0; 4];
        draws.scores(SEED, path, &mut out);
        out
    }

    fn independent(draws: &InputDraws, path: u64) -> [f64; 4] {
        let mut out = [0.0; 4];
        draws.independent_scores(SEED, path, &mut out);
        out
    }

    /// `0.6 a + √(1 − 0.6²) b`, the second row of the factor.
    fn second(a: f64, b: f64) -> f64 {
        RHO * a + (1.0 - RHO * RHO).sqrt() * b
    }

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-14, "{got} for {want}");
    }

    #[test]
    fn a_pinned_input_moves_no_other() {
        let (plain, mut treated) = (draws(Copula::Gaussian), draws(Copula::Gaussian));
        treated.treat(0, Treatment::Pinned(1.5));
        for path in [0, 1, 700] {
            let ([_, b, c, d], was) = (scores(&plain, path), independent(&plain, path));
            assert_eq!(scores(&treated, path), [1.5, b, c, d]);
            close(b, second(was[0], was[1]));
            assert_eq!(independent(&treated, path), was);
        }
        // The later treatment of an input replaces the earlier.
        treated.treat(0, Treatment::Elsewhere(0));
        assert_eq!(scores(&treated, 3), scores(&plain, 3));
    }

    #[test]
    fn a_shift_passes_through_the_dependence() {
        let (plain, mut treated) = (draws(Copula::Gaussian), draws(Copula::Gaussian));
        treated.treat(0, Treatment::Shifted(-2.0));
        treated.treat(3, Treatment::Shifted(0.5));
        for path in [0, 5, 311] {
            let ([_, _, c, d], e) = (scores(&plain, path), independent(&plain, path));
            let [x, y, z, w] = scores(&treated, path);
            assert_eq!([x, z, w], [e[0] - 2.0, c, d + 0.5]);
            close(y, second(e[0] - 2.0, e[1]));
            // −h x + h²/2: 2 (e₀ − 2) + 2, and −½ (e₃ + ½) + ⅛.
            close(
                treated.ln_likelihood_ratio(&independent(&treated, path)),
                2.0 * (e[0] - 2.0) + 2.0 - 0.5 * (e[3] + 0.5) + 0.125,
            );
        }
        assert_eq!(plain.ln_likelihood_ratio(&independent(&plain, 5)), 0.0);
    }

    /// The mean of the ratio is 1 and the reweighted mean of a shifted score is 0: n = 1e5, variances e^{h²} − 1 and
    /// e^{h²} (1 + h²) for h = 0.7; five standard errors are a false alarm of 6e-7 each. The seed is fixed.
    #[test]
    fn likelihood_ratios_restore_the_law() {
        let mut treated = draws(Copula::T { df: 4.0 });
        treated.treat(0, Treatment::Shifted(0.7));
        let (mut total, mut first, n) = (0.0, 0.0, 100_000);
        for path in 0..n {
            let weight = libm::exp(treated.ln_likelihood_ratio(&independent(&treated, path)));
            total += weight;
            first += weight * independent(&treated, path)[0];
        }
        let (n, power) = (n as f64, libm::exp(0.49));
        assert!((total / n - 1.0).abs() < 5.0 * ((power - 1.0) / n).sqrt(), "{}", total / n);
        assert!((first / n).abs() < 5.0 * (power * 1.49 / n).sqrt(), "{}", first / n);
        assert!(independent(&treated, 0)[0] != independent(&draws(Copula::Gaussian), 0)[0]);
    }

    #[test]
    fn an_input_drawn_elsewhere_is_that_of_another_path() {
        let (plain, mut treated) = (draws(Copula::Gaussian), draws(Copula::Gaussian));
        treated.treat(0, Treatment::Elsewhere(1 << 40));
        treated.treat(2, Treatment::Elsewhere(u64::MAX));
        for path in [1, 2, 255] {
            let (here, there, before) =
                (independent(&plain, path), independent(&plain, path + (1 << 40)), independent(&plain, path - 1));
            let [x, y, z, w] = scores(&treated, path);
            assert_eq!([x, z, w], [there[0], before[2], here[3]]);
            close(y, second(there[0], here[1]));
        }
    }

    #[test]
    fn mixing_variable_of_the_t_copula_is_drawn_elsewhere_by_itself() {
        let plain = draws(Copula::T { df: 4.0 });
        assert!(plain.has_mixing() && !draws(Copula::Gaussian).has_mixing());
        assert_eq!(plain.dependent(), [0, 1]);
        let (mut mixing, mut all) = (plain.clone(), plain.clone());
        mixing.treat_dependence(9000);
        all.treat_dependence(9000);
        (0..4).for_each(|i| all.treat(i, Treatment::Elsewhere(9000)));
        for path in [0, 40] {
            // The mixing variable alone scales both members on the scale of the t law; the others are unchanged.
            let ([a, b, c, d], [x, y, z, w]) = (scores(&plain, path), scores(&mixing, path));
            assert_eq!([z, w], [c, d]);
            assert!(x != a && y != b && (x / a > 1.0) == (y / b > 1.0));
            assert_eq!(scores(&all, path), scores(&plain, path + 9000));
        }
        // Offset by the members alone, the mixing variable remains that of the path.
        let mut members = plain.clone();
        members.treat(0, Treatment::Elsewhere(9000));
        members.treat(1, Treatment::Elsewhere(9000));
        let mut back = members.clone();
        back.treat_dependence(9000);
        assert!(scores(&members, 0)[0] != scores(&plain, 9000)[0]);
        assert_eq!(scores(&back, 0)[..2], scores(&plain, 9000)[..2]);
    }

    #[test]
    fn block_equals_scalar_under_every_treatment() {
        for copula in [Copula::Gaussian, Copula::T { df: 3.0 }] {
            let mut treated = draws(copula);
            let treatments = [Treatment::Shifted(1.25), Treatment::Elsewhere(u64::MAX - 100), Treatment::Pinned(-0.75)];
            for (input, treatment) in treatments.into_iter().enumerate() {
                treated.treat(input, treatment);
            }
            treated.treat_dependence(12_345);
            let mut block = vec![vec![0.0; 4]; LANES];
            treated.draw_block(Level::best(), SEED, 512, &mut block);
            for (path, row) in (512..).zip(&block) {
                let mut one = [0.0; 4];
                treated.draw(SEED, path, &mut one);
                assert_eq!(row.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), one.map(f64::to_bits), "path {path}");
            }
        }
    }
}
