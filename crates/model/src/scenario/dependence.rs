//! Dependence between uncertain inputs and between monthly shocks.

use crate::issues::Place;
use crate::language::quantity::Kind;
use crate::language::reader::{Read, Reader};
use crate::language::spec::Shape;
use crate::language::tree::Node;
use crate::spec;

spec! {
    /// Dependence between inputs and between monthly shocks.
    pub struct DependenceSpec {
        /// Copula of the inputs named below.
        pub copula: CopulaSpec = "gaussian",
        /// Rank correlations (Spearman), as `[one, other, value]` or `[one, other, value, range]`.
        pub spearman: Vec<Pair> = "[]",
        /// Rank correlations (Kendall).
        pub kendall: Vec<Pair> = "[]",
        /// Whether a matrix that is not positive semidefinite is replaced by the nearest correlation matrix.
        pub repair: bool = "false",
        /// Correlations of the monthly shocks: `demand`, `demand_level`, `equity_multiple`, `credit_spread`, `sofr`, `resale`, …
        pub shocks: Vec<Pair> = "[]",
    }
}

/// A copula: `gaussian`, or `{t: {df: 4}}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CopulaSpec {
    /// No tail dependence.
    Gaussian,
    /// Tail dependence that grows as the degrees of freedom fall.
    T {
        /// Degrees of freedom.
        df: f64,
    },
}

impl Read for CopulaSpec {
    const SHAPE: Shape = Shape::Copula;
    fn read(node: &mut Node, _: Option<Kind>, r: &mut Reader) -> Option<Self> {
        if node.text() == Some("gaussian") {
            return Some(CopulaSpec::Gaussian);
        }
        let place = r.place_of(node);
        if let Some([(key, terms)]) = node.map()
            && key.text == "t"
        {
            r.only_keys(terms, &["df"]);
            let df = terms.get("df").and_then(Node::text).and_then(|t| t.parse::<f64>().ok());
            if let Some(df) = df.filter(|df| (0.5..=1000.0).contains(df)) {
                return Some(CopulaSpec::T { df });
            }
        }
        r.error(
            "shape",
            place,
            "expected a copula",
            "write `gaussian`, or `{t: {df: 4}}` with 0.5 to 1000 degrees of freedom",
        );
        None
    }
}

/// Two names and their correlation.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// One name.
    pub a: String,
    /// The other name.
    pub b: String,
    /// Correlation, between −1 and 1.
    pub value: f64,
    /// Where it was written.
    pub place: Place,
}

impl Read for Pair {
    const SHAPE: Shape = Shape::Pair;
    fn read(node: &mut Node, _: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let place = r.place_of(node);
        let pair = node.list().and_then(|items| {
            let ([a, b, value] | [a, b, value, _]) = items else { return None };
            let value: f64 = value.text()?.parse().ok()?;
            // What the correlation may be, `0.2 to 0.7`.
            let range = items.get(3).map_or(Some(""), Node::text)?;
            if !range.is_empty() {
                let (low, high) = range.split_once(" to ")?;
                let (low, high): (f64, f64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
                if !(-1.0 <= low && low <= value && value <= high && high <= 1.0) {
                    return None;
                }
            }
            let (a, b) = (a.text()?.to_owned(), b.text()?.to_owned());
            ((-1.0..=1.0).contains(&value) && a != b).then(|| (Pair { a, b, value, place }, range.to_owned()))
        });
        if let Some((Pair { a, b, value, .. }, range)) = &pair {
            r.note_plain(format!("{a}, {b}: {value}"), range.clone());
        } else {
            r.error(
                "shape",
                place,
                "expected two different names and their correlation",
                "write `[growth_now, training_growth, 0.5]`, with a value from −1 to 1; a range that contains it may follow",
            );
        }
        pair.map(|(pair, _)| pair)
    }
}
