//! The dependence of a scenario's inputs, checked and converted into a correlation matrix.

use std::collections::{HashMap, HashSet};

use super::copula::{Copula, Measure};
use super::correlation::{self, Impossible, MOST_REPAIRED, MOST_TIED, Matrix};

/// The dependence between inputs, as stated. Pairs not named are independent (`rho = 0`).
#[derive(Clone, Debug, PartialEq)]
pub struct Dependence {
    /// The family.
    pub copula: Copula,
    /// The measure in which the pairs are stated.
    pub measure: Measure,
    /// Two names and their correlation, −1 to 1.
    pub pairs: Vec<(String, String, f64)>,
    /// Whether a matrix that is not positive semidefinite may be replaced by the nearest that is.
    pub repair: bool,
}

/// Why a dependence cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DependenceError {
    /// No input has this name.
    #[error("there is no input named {name}")]
    UnknownInput {
        /// The name given.
        name: String,
    },
    /// An input is paired with itself.
    #[error("{name} is paired with itself")]
    SelfPair {
        /// The name given.
        name: String,
    },
    /// A pair is given twice, in either order.
    #[error("{first} and {second} are paired twice")]
    Repeated {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// A correlation is not a number from −1 to 1.
    #[error("correlation {value} of {first} and {second} is not between -1 and 1")]
    OutOfRange {
        /// One name.
        first: String,
        /// The other.
        second: String,
        /// The correlation given.
        value: f64,
    },
    /// The degrees of freedom of a t copula are not between 0.5 and 1000.
    #[error("{df} degrees of freedom are not between 0.5 and 1000")]
    DegreesOfFreedom {
        /// The number given.
        df: f64,
    },
    /// No random variables can have these correlations together.
    #[error("these correlations are inconsistent: the smallest eigenvalue is {smallest:.3}{}", named(.clash.as_ref()))]
    NotPositiveSemidefinite {
        /// The smallest eigenvalue of the matrix of `rho`s.
        smallest: f64,
        /// Three inputs whose three correlations are already inconsistent, if there are any.
        clash: Option<[String; 3]>,
    },
    /// Too many inputs are correlated with one another.
    #[error("{tied} inputs are correlated with one another; the maximum is {MOST_TIED}")]
    TooMany {
        /// How many.
        tied: usize,
    },
    /// The correlations are inconsistent, and too many inputs are connected for a repair.
    #[error(
        "these correlations are inconsistent, and {tied} connected inputs are too many to repair: the maximum is {MOST_REPAIRED}"
    )]
    TooManyToRepair {
        /// How many.
        tied: usize,
    },
}

fn named(clash: Option<&[String; 3]>) -> String {
    clash.map_or(String::new(), |[a, b, c]| format!("; {a}, {b} and {c} are inconsistent with one another"))
}

impl Dependence {
    /// Members (indices in `names`, in order of first mention), the lower factor of their correlation matrix, and the
    /// distance by which it was moved to become valid.
    pub(super) fn factor(&self, names: &[&str]) -> Result<(Vec<usize>, Matrix, f64), DependenceError> {
        let (members, matrix) = self.matrix(names)?;
        match correlation::factor(&matrix, self.repair) {
            Ok((lower, moved)) => Ok((members, lower, moved)),
            Err(Impossible::TooLarge { tied }) => Err(DependenceError::TooManyToRepair { tied }),
            Err(Impossible::Contradiction { smallest, clash }) => {
                let clash = clash.map(|three| three.map(|i| names[members[i]].to_owned()));
                Err(DependenceError::NotPositiveSemidefinite { smallest, clash })
            }
        }
    }

    /// Members and their correlation matrix as stated.
    fn matrix(&self, names: &[&str]) -> Result<(Vec<usize>, Matrix), DependenceError> {
        if let Copula::T { df } = self.copula
            && !(0.5..=1000.0).contains(&df)
        {
            return Err(DependenceError::DegreesOfFreedom { df });
        }
        let places: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let mut members: Vec<usize> = Vec::new();
        let mut known: HashMap<usize, usize> = HashMap::new();
        let mut ties: Vec<[usize; 2]> = Vec::new();
        let mut seen: HashSet<[usize; 2]> = HashSet::new();
        for (first, second, value) in &self.pairs {
            let (first_name, second_name) = (first.clone(), second.clone());
            let mut place = |name: &String| -> Result<usize, DependenceError> {
                let input = places.get(name.as_str()).copied();
                let input = input.ok_or_else(|| DependenceError::UnknownInput { name: name.clone() })?;
                Ok(*known.entry(input).or_insert_with(|| {
                    members.push(input);
                    members.len() - 1
                }))
            };
            let tie = [place(first)?, place(second)?];
            if tie[0] == tie[1] {
                return Err(DependenceError::SelfPair { name: first_name });
            }
            if !seen.insert([tie[0].min(tie[1]), tie[0].max(tie[1])]) {
                return Err(DependenceError::Repeated { first: first_name, second: second_name });
            }
            if !(-1.0..=1.0).contains(value) {
                return Err(DependenceError::OutOfRange { first: first_name, second: second_name, value: *value });
            }
            ties.push(tie);
        }
        let n = members.len();
        if n > MOST_TIED {
            return Err(DependenceError::TooMany { tied: n });
        }
        let mut matrix: Matrix = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        for ([i, j], (_, _, value)) in ties.into_iter().zip(&self.pairs) {
            let rho = self.copula.rho(self.measure, *value);
            (matrix[i][j], matrix[j][i]) = (rho, rho);
        }
        Ok((members, matrix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(copula: Copula, pairs: &[(&str, &str, f64)]) -> String {
        let pairs = pairs.iter().map(|(a, b, v)| ((*a).to_owned(), (*b).to_owned(), *v)).collect();
        let dependence = Dependence { copula, measure: Measure::Spearman, pairs, repair: false };
        dependence.factor(&["x", "y", "z"]).unwrap_err().to_string()
    }

    #[test]
    fn refusals_name_the_offender() {
        let gaussian = Copula::Gaussian;
        assert_eq!(message(gaussian, &[("x", "w", 0.1)]), "there is no input named w");
        assert_eq!(message(gaussian, &[("x", "x", 0.1)]), "x is paired with itself");
        assert_eq!(message(gaussian, &[("x", "y", 0.1), ("y", "x", 0.1)]), "y and x are paired twice");
        assert_eq!(message(gaussian, &[("x", "y", 1.5)]), "correlation 1.5 of x and y is not between -1 and 1");
        assert_eq!(message(gaussian, &[("x", "y", f64::NAN)]), "correlation NaN of x and y is not between -1 and 1");
        let t = Copula::T { df: 0.0 };
        assert_eq!(message(t, &[("x", "y", 0.5)]), "0 degrees of freedom are not between 0.5 and 1000");
        // Normal-score correlations 0.908, −0.908, 0.908: eigenvalue 1 − 2 × 0.908 = −0.816.
        let clash = message(gaussian, &[("x", "y", 0.9), ("y", "z", 0.9), ("x", "z", -0.9)]);
        let want = "these correlations are inconsistent: the smallest eigenvalue is -0.816; x, y and z are inconsistent with one another";
        assert_eq!(clash, want);
    }

    #[test]
    fn members_come_in_order_of_mention() {
        let pairs = vec![("z".to_owned(), "x".to_owned(), 0.5)];
        let dependence = Dependence { copula: Copula::Gaussian, measure: Measure::Normal, pairs, repair: false };
        let (members, matrix) = dependence.matrix(&["x", "y", "z"]).unwrap();
        assert_eq!((members, matrix), (vec![2, 0], vec![vec![1.0, 0.5], vec![0.5, 1.0]]));
    }
}
