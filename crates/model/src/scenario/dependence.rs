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
        /// Rank correlations (Spearman), as `[one, other, value]`.
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
        let pair = node.list().and_then(|items| match items {
            [a, b, value] => {
                let value: f64 = value.text()?.parse().ok()?;
                let (a, b) = (a.text()?.to_owned(), b.text()?.to_owned());
                ((-1.0..=1.0).contains(&value) && a != b).then_some(Pair { a, b, value, place })
            }
            _ => None,
        });
        if pair.is_none() {
            r.error(
                "shape",
                place,
                "expected two different names and their correlation",
                "write `[growth_now, training_growth, 0.5]`, with a value from −1 to 1",
            );
        }
        pair
    }
}
