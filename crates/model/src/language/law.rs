//! The laws of uncertain inputs, and how explicit ones are read: `{dist: beta, p5: 42%, p95: 72%}`.

use super::assumption::COMMENT_KEYS;
use super::expr::{self, Expr, Parsed};
use super::reader::Reader;
use super::said::{Said, report, wrong_shape};
use super::tree::Node;
use super::unit::{Unit, alike};
use crate::issues::{Place, nearest};

/// The law of an uncertain input, in numbers of its written unit (percentages as fractions).
#[derive(Clone, Debug, PartialEq)]
pub enum LawSpec {
    /// Known.
    Point(f64),
    /// Normal with these quantiles.
    IntervalNormal {
        /// 5% quantile.
        p5: f64,
        /// 95% quantile.
        p95: f64,
    },
    /// Lognormal with these quantiles.
    IntervalLognormal {
        /// 5% quantile.
        p5: f64,
        /// 95% quantile.
        p95: f64,
    },
    /// Beta with these quantiles.
    Beta {
        /// 5% quantile.
        p5: f64,
        /// 95% quantile.
        p95: f64,
    },
    /// Beta with these shape parameters.
    BetaShape {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
    },
    /// Lognormal with these quantiles.
    Lognormal {
        /// 50% quantile.
        median: f64,
        /// 95% quantile.
        p95: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Triangular.
    Triangular {
        /// Smallest.
        min: f64,
        /// Most likely.
        mode: f64,
        /// Largest.
        max: f64,
    },
    /// PERT: a beta on `min..max` with the mean `(min + 4 mode + max) / 6`.
    Pert {
        /// Smallest.
        min: f64,
        /// Most likely.
        mode: f64,
        /// Largest.
        max: f64,
    },
    /// Uniform.
    Uniform {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// One of some values.
    Discrete {
        /// The values.
        values: Vec<f64>,
        /// Their probabilities, which sum to one.
        weights: Vec<f64>,
    },
    /// One of some observed values, all equally likely.
    Empirical {
        /// The values.
        values: Vec<f64>,
    },
}

impl LawSpec {
    /// Two values between which the variable lies, mostly or entirely; the field must accept both. `None` for a beta
    /// given by its shape parameters, which is always between 0 and 1.
    pub(super) fn ends(&self) -> Option<(f64, f64)> {
        match self {
            LawSpec::Point(x) => Some((*x, *x)),
            LawSpec::IntervalNormal { p5: a, p95: b }
            | LawSpec::IntervalLognormal { p5: a, p95: b }
            | LawSpec::Beta { p5: a, p95: b }
            | LawSpec::Lognormal { median: a, p95: b }
            | LawSpec::Triangular { min: a, max: b, .. }
            | LawSpec::Pert { min: a, max: b, .. }
            | LawSpec::Uniform { min: a, max: b } => Some((*a, *b)),
            LawSpec::Normal { mean, .. } => Some((*mean, *mean)),
            LawSpec::BetaShape { .. } => None,
            LawSpec::Discrete { values, .. } | LawSpec::Empirical { values } => {
                let fold = |f: fn(f64, f64) -> f64, z| values.iter().copied().fold(z, f);
                Some((fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY)))
            }
        }
    }
}

/// An input: its name, its law and its source.
#[derive(Clone, Debug, PartialEq)]
pub struct InputSpec {
    /// Its key under `inputs:`, or the path of the field where it was written.
    pub name: String,
    /// Its law.
    pub law: LawSpec,
    /// The unit of the numbers in the law.
    pub unit: Unit,
    /// Where it was written.
    pub place: Place,
    /// `source:` beside it.
    pub source: Option<String>,
    /// `note:` beside it.
    pub note: Option<String>,
    /// `url:` beside it.
    pub url: Option<String>,
}

/// The laws and the sets of parameters that define each.
pub(super) const LAWS: &[(&str, &[&[&str]])] = &[
    ("beta", &[&["p5", "p95"], &["alpha", "beta"]]),
    ("lognormal", &[&["median", "p95"], &["p5", "p95"]]),
    ("normal", &[&["mean", "sd"], &["p5", "p95"]]),
    ("triangular", &[&["min", "mode", "max"]]),
    ("pert", &[&["min", "mode", "max"]]),
    ("uniform", &[&["min", "max"]]),
    ("discrete", &[&["values", "weights"]]),
    ("empirical", &[&["values"]]),
];

/// The description of each law, and how it is written.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "beta",
        "A share between 0% and 100%, specified by its 5% and 95% quantiles or by its two shape parameters.",
        "{dist: beta, p5: 42%, p95: 72%}",
    ),
    (
        "lognormal",
        "A positive quantity whose logarithm is normal, specified by its median and 95% quantile or by two quantiles. Equivalent to `a to b` for magnitudes (money, power, time, multiples).",
        "{dist: lognormal, median: 2.4x/yr, p95: 3.5x/yr}",
    ),
    (
        "normal",
        "Specified by mean and standard deviation, or by its 5% and 95% quantiles. Equivalent to `a to b` for shares, rates and growth.",
        "{dist: normal, mean: 8%/mo, sd: 3%/mo}",
    ),
    (
        "triangular",
        "Between a minimum and a maximum, with a most likely value (the mode).",
        "{dist: triangular, min: 5%, mode: 10%, max: 18%}",
    ),
    (
        "pert",
        "A smoother alternative to the triangular law: a beta with mean (min + 4 mode + max) / 6.",
        "{dist: pert, min: 5%, mode: 10%, max: 18%}",
    ),
    ("uniform", "Between two values, all equally likely.", "{dist: uniform, min: 58%, max: 80%}"),
    (
        "discrete",
        "One of several values with given weights; weights need not sum to one.",
        "{dist: discrete, values: [1x, 2x, 3x], weights: [50%, 30%, 20%]}",
    ),
    (
        "empirical",
        "One of several observed values, all equally likely.",
        "{dist: empirical, values: [4%/mo, 7%/mo, 9%/mo]}",
    ),
];

/// The names of the laws.
pub fn names() -> impl Iterator<Item = &'static str> {
    LAWS.iter().map(|(name, _)| *name)
}
/// The alternative sets of parameters of a law.
pub fn parameters(name: &str) -> &'static [&'static [&'static str]] {
    LAWS.iter().find(|(law, _)| *law == name).map_or(&[], |(_, sets)| sets)
}
/// The description of a law.
pub fn about(name: &str) -> &'static str {
    WORDS.iter().find(|(law, ..)| *law == name).map_or("", |(_, about, _)| about)
}
/// How a law is written.
pub fn example(name: &str) -> &'static str {
    WORDS.iter().find(|(law, ..)| *law == name).map_or("", |(.., example)| example)
}

pub(super) fn from_law(node: &Node, r: &mut Reader) -> Option<Said> {
    let dist = node.get("dist")?;
    let Some((name, sets)) = LAWS.iter().find(|(name, _)| dist.text() == Some(name)) else {
        let word = dist.text().unwrap_or(dist.shape());
        // Alternative names.
        let known = if matches!(word, "gaussian" | "gauss") { "normal" } else { word };
        let label =
            nearest(known, LAWS.iter().map(|l| l.0)).map_or("not a law".to_owned(), |n| format!("did you mean `{n}`?"));
        let known: Vec<&str> = LAWS.iter().map(|l| l.0).collect();
        r.issues
            .error("unknown-law", dist.place, format!("`{word}` is not a law"), label)
            .help(format!("laws: {}", known.join(", ")));
        return None;
    };
    let mut allowed = vec!["dist"];
    allowed.extend(sets.iter().copied().flatten());
    allowed.extend(COMMENT_KEYS);
    r.only_keys(node, &allowed);
    if node.map()?.iter().any(|(key, _)| !allowed.contains(&key.text.as_str())) {
        return None;
    }
    let given = |key: &&str| node.get(key).is_some();
    let parameters = node.map()?.iter().filter(|(k, _)| sets.iter().any(|set| set.contains(&k.text.as_str()))).count();
    let Some(set) = sets.iter().find(|set| set.iter().all(given) && set.len() == parameters) else {
        let ways: Vec<String> = sets.iter().map(|set| format!("`{}`", set.join("`, `"))).collect();
        let title = format!("the law `{name}` requires {}", ways.join(" or "));
        r.issues.error("law", dist.place, title, "exactly these parameters");
        return None;
    };
    let mut unit = None;
    let mut x = Vec::new();
    for key in *set {
        match *key {
            "values" | "weights" => {}
            "alpha" | "beta" => x.push(number(node.get(key)?, &mut Some(Unit::Number), r)?),
            _ => x.push(number(node.get(key)?, &mut unit, r)?),
        }
    }
    let bad = |r: &mut Reader, why: &str| {
        r.issues.error("law", dist.place, format!("this {name} law is impossible"), why.to_owned());
        None
    };
    let law = match (*name, *set) {
        ("discrete" | "empirical", _) => {
            let values = numbers(node.get("values")?, &mut unit, r)?;
            if *name == "empirical" {
                LawSpec::Empirical { values }
            } else {
                let mut share = None;
                let mut weights = numbers(node.get("weights")?, &mut share, r)?;
                let sum: f64 = weights.iter().sum();
                if weights.len() != values.len() {
                    return bad(r, "it must have as many weights as values");
                }
                if weights.iter().any(|w| *w < 0.0) || !(sum > 0.0 && sum.is_finite()) {
                    return bad(r, "weights cannot be negative or all zero");
                }
                for weight in &mut weights {
                    *weight /= sum;
                }
                LawSpec::Discrete { values, weights }
            }
        }
        (_, ["min", "mode", "max"]) => {
            let (min, mode, max) = (x[0], x[1], x[2]);
            if !(min <= mode && mode <= max && min < max) {
                return bad(r, "min ≤ mode ≤ max and min < max must hold");
            }
            if *name == "pert" { LawSpec::Pert { min, mode, max } } else { LawSpec::Triangular { min, mode, max } }
        }
        ("normal", ["mean", "sd"]) if x[1] <= 0.0 => return bad(r, "sd must be above zero"),
        ("normal", ["mean", "sd"]) => LawSpec::Normal { mean: x[0], sd: x[1] },
        ("beta", ["alpha", "beta"]) if x[0] <= 0.0 || x[1] <= 0.0 => {
            return bad(r, "alpha and beta must be above zero");
        }
        ("beta", ["alpha", "beta"]) => {
            unit = Some(Unit::Share);
            LawSpec::BetaShape { alpha: x[0], beta: x[1] }
        }
        (_, [first, last]) if x[0] >= x[1] => return bad(r, &format!("{first} must be below {last}")),
        ("lognormal", _) if x[0] <= 0.0 => return bad(r, "a lognormal variable is positive"),
        ("beta", _) if x[0] <= 0.0 || x[1] >= 1.0 => return bad(r, "a beta variable lies between 0% and 100%"),
        ("lognormal", ["median", _]) => LawSpec::Lognormal { median: x[0], p95: x[1] },
        ("lognormal", _) => LawSpec::IntervalLognormal { p5: x[0], p95: x[1] },
        ("normal", _) => LawSpec::IntervalNormal { p5: x[0], p95: x[1] },
        ("beta", _) => LawSpec::Beta { p5: x[0], p95: x[1] },
        _ => LawSpec::Uniform { min: x[0], max: x[1] },
    };
    Some(Said::Law(law, unit.unwrap_or(Unit::Number)))
}

/// A known number; the first one determines the unit of the law.
fn number(node: &Node, unit: &mut Option<Unit>, r: &mut Reader) -> Option<f64> {
    let Some(text) = node.text() else {
        wrong_shape(node, None, r);
        return None;
    };
    let parsed = { expr::parse(text, &mut |name| r.lookup(name)) };
    match parsed {
        Ok(Parsed::Single(Expr::Number(x), found)) => {
            let wanted = *unit.get_or_insert(found);
            let factor = alike(found, wanted);
            if factor.is_none() {
                let title =
                    format!("all parameters of a law must have the same unit; this one is {}", found.described());
                r.issues.error("unit", node.place, title, format!("expected {}", wanted.described()));
            }
            factor.map(|k| x * k)
        }
        Ok(_) => {
            r.issues.error("law", node.place, "the parameters of a law must be known numbers", "write one number");
            None
        }
        Err(fault) => {
            report(node, &fault, None, r);
            None
        }
    }
}

fn numbers(node: &Node, unit: &mut Option<Unit>, r: &mut Reader) -> Option<Vec<f64>> {
    match node.list() {
        Some(items) if !items.is_empty() => items.iter().map(|item| number(item, unit, r)).collect(),
        _ => {
            let place = r.place_of(node);
            r.issues.error("law", place, "a list of values is required here", "write `[1x, 2x, 3x]`");
            None
        }
    }
}

#[cfg(test)]
#[path = "law_tests.rs"]
mod tests;
