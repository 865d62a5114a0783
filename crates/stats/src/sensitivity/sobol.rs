//! First-order and total Sobol' indices: the share of the variance of a result that an input explains alone, and the
//! share that is lost with it, interactions included.
//!
//! The design (Saltelli et al. 2010, "Variance based sensitivity analysis of model output"): the model is evaluated on two
//! independent sets of paths `A` and `B`, and for each input on `A` with that input, or group of inputs, taken from `B`.
//! Inputs of a group may depend on each other; the indices of inputs that depend on inputs outside their group have no
//! such meaning.

use crate::bootstrap::{Bootstrap, Estimate, estimates};

/// A variance below this share of the squared mean is rounding error: thirteen digits of the standard deviation.
const ROUNDING: f64 = 1e-26;

/// Indices of one input or group, dimensionless. Estimates may fall a little outside 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indices {
    /// Paths on which all three evaluations are defined; the others are excluded.
    pub n: u64,
    /// `V`, the population variance of `f_A` and `f_B` together, in the unit of the result squared.
    pub variance: f64,
    /// First-order index, `mean(f_B (f_AB − f_A))/V` (Saltelli et al. 2010, table 2 b).
    pub first: Estimate,
    /// The same with `f_B` less the mean of all evaluations: less noise where the mean is large against the spread.
    pub first_centred: Estimate,
    /// Total index, `mean((f_A − f_AB)²)/(2V)` (Jansen 1999, "Analysis of variance designs for model output").
    pub total: Estimate,
}

/// The indices of each column of `ab`, the evaluations on `A` with one input or group from `B`, from the evaluations `a`
/// and `b` on the same paths. `None` where the result is constant or no path is defined. Errors and percentile intervals
/// are by resampling paths. Takes time `resamples × paths × inputs`.
///
/// For an indicator such as default, the errors need tens of events; with few, resamples lose all of them and the errors
/// are NaN.
///
/// # Panics
/// If the columns differ in length.
pub fn indices(a: &[f64], b: &[f64], ab: &[&[f64]], bootstrap: &Bootstrap) -> Vec<Option<Indices>> {
    let paths = a.len();
    assert!(b.len() == paths && ab.iter().all(|column| column.len() == paths), "all columns are on the same paths");
    let centre = Centre::of(a, b, ab);
    let inputs: Vec<Vec<Row>> = ab.iter().map(|column| rows(a, b, column)).collect();
    let all = estimates(paths, bootstrap, 3 * inputs.len(), |weights, out| {
        let centre = centre.mean(weights);
        for (rows, out) in inputs.iter().zip(out.as_chunks_mut::<3>().0) {
            *out = of_rows(rows, weights, centre).map_or([f64::NAN; 3], |found| found.1);
        }
    });
    let unit = vec![1.0; paths];
    let of_input = |(rows, found): (&Vec<Row>, &[Estimate; 3])| {
        let (variance, _) = of_rows(rows, &unit, 0.0)?;
        let [first, first_centred, total] = *found;
        Some(Indices { n: rows.len() as u64, variance, first, first_centred, total })
    };
    inputs.iter().zip(all.as_chunks::<3>().0).map(of_input).collect()
}

/// The three evaluations of a path on which all are defined.
struct Row {
    path: usize,
    a: f64,
    b: f64,
    ab: f64,
}

fn rows(a: &[f64], b: &[f64], ab: &[f64]) -> Vec<Row> {
    let all = (0..a.len()).map(|path| Row { path, a: a[path], b: b[path], ab: ab[path] });
    all.filter(|row| !row.a.is_nan() && !row.b.is_nan() && !row.ab.is_nan()).collect()
}

/// Variance, and the first-order, centred and total index; `None` if the variance is zero but for rounding, or infinite.
fn of_rows(rows: &[Row], weights: &[f64], centre: f64) -> Option<(f64, [f64; 3])> {
    let (mut total, mut sum) = (0.0, 0.0);
    for row in rows {
        total += weights[row.path];
        sum += weights[row.path] * (row.a + row.b);
    }
    let mean = sum / (2.0 * total);
    let (mut squares, mut first, mut centred, mut jansen) = (0.0, 0.0, 0.0, 0.0);
    for row in rows {
        let (w, change) = (weights[row.path], row.ab - row.a);
        squares += w * ((row.a - mean) * (row.a - mean) + (row.b - mean) * (row.b - mean));
        first += w * row.b * change;
        centred += w * (row.b - centre) * change;
        jansen += w * change * change;
    }
    let variance = squares / (2.0 * total);
    let varies = variance > ROUNDING * mean * mean && variance.is_finite();
    let scale = total * variance;
    varies.then(|| (variance, [first / scale, centred / scale, jansen / (2.0 * scale)]))
}

/// Sum and number of the defined evaluations of each path.
struct Centre(Vec<(f64, f64)>);

impl Centre {
    fn of(a: &[f64], b: &[f64], ab: &[&[f64]]) -> Centre {
        let of_path = |path: usize| {
            let all = [a, b].into_iter().chain(ab.iter().copied()).map(|column| column[path]);
            all.filter(|x| !x.is_nan()).fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0))
        };
        Centre((0..a.len()).map(of_path).collect())
    }

    /// The mean of all defined evaluations.
    fn mean(&self, weights: &[f64]) -> f64 {
        let add = |(sum, n): (f64, f64), (w, of_path): (&f64, &(f64, f64))| (sum + w * of_path.0, n + w * of_path.1);
        let (sum, n) = weights.iter().zip(&self.0).fold((0.0, 0.0), add);
        sum / n
    }
}

#[cfg(test)]
mod tests;
