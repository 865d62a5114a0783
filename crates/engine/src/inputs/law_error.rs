//! Errors in the parameters of a law.

/// Why a law cannot have the parameters given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LawError {
    /// A parameter is NaN or infinite.
    #[error("{value} is not finite")]
    NotFinite {
        /// The offending value.
        value: f64,
    },
    /// Two parameters are out of order, or equal where the law needs a range (a fixed value is a point).
    #[error("{low} is not below {high}")]
    NotBelow {
        /// The value that should be the smaller.
        low: f64,
        /// The value that should be the larger.
        high: f64,
    },
    /// A lognormal's points, or a standard deviation, must be above zero.
    #[error("{value} is not above zero")]
    NotPositive {
        /// The offending value.
        value: f64,
    },
    /// A beta's points must lie inside 0 to 1.
    #[error("{value} is not strictly between 0 and 1")]
    NotInside {
        /// The offending value.
        value: f64,
    },
    /// The mode is not between minimum and maximum.
    #[error("mode {mode} is outside {min} to {max}")]
    ModeOutside {
        /// The mode given.
        mode: f64,
        /// The minimum given.
        min: f64,
        /// The maximum given.
        max: f64,
    },
    /// A list of values is empty.
    #[error("no values")]
    NoValues,
    /// As many weights as values are needed.
    #[error("{values} values but {weights} weights")]
    Lengths {
        /// How many values.
        values: usize,
        /// How many weights.
        weights: usize,
    },
    /// Weights must be at least zero, and one of them positive.
    #[error("weights {weights:?} include a negative one or are all zero")]
    Weights {
        /// All of them.
        weights: Vec<f64>,
    },
    /// The interval is so narrow, or so near an end, that the solution has shapes outside 1e-3 to 1e8.
    #[error("no usable beta law has 5% of its mass below {p5} and 5% above {p95}")]
    NoBeta {
        /// The 5% point.
        p5: f64,
        /// The 95% point.
        p95: f64,
    },
}
