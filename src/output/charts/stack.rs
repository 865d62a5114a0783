//! Stacks: which lines are named and which are grouped, and how a part of the stack is labelled.

use plotters::style::RGBColor;

use super::canvas::Type;
use super::house::{Role, SMALL, text_colour};
use super::labels::EndLabel;

/// A line of a stack.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// Its key in the drawing.
    pub key: String,
    pub label: String,
    pub colour: RGBColor,
    pub values: Vec<f64>,
}

/// Keeps the `most` largest lines whose `weight` is at least `least` of the total, in the order given, and adds up the
/// others. A single small line keeps its name, and so do new equity and debt, which these charts are about; lines of
/// zeros are dropped.
pub(super) fn gather(
    lines: impl Iterator<Item = (String, Role, Vec<f64>)>,
    weight: impl Fn(&[f64]) -> f64,
    (most, least): (usize, f64),
) -> Vec<Part> {
    let mut lines: Vec<_> = lines.collect();
    for value in lines.iter_mut().flat_map(|l| &mut l.2) {
        if !value.is_finite() {
            *value = 0.0;
        }
    }
    lines.retain(|l| l.2.iter().any(|v| *v != 0.0));
    let mut weights: Vec<f64> = lines.iter().map(|l| weight(&l.2)).collect();
    let whole: f64 = weights.iter().sum();
    weights.sort_by(|a, b| b.total_cmp(a));
    let mut bar = least * whole;
    if let Some(w) = weights.get(most).filter(|w| **w >= bar) {
        // Strictly above the first line that does not fit.
        bar = w.next_up();
    }
    let outside = |role: Role| matches!(role, Role::Investor(0) | Role::Lender(0));
    let small = |l: &(String, Role, Vec<f64>)| weight(&l.2) < bar && !outside(l.1);
    let gathered = lines.iter().filter(|l| small(l)).count();
    let one_by_name = gathered == 1 && lines.len() <= most;
    let mut other = vec![0.0; lines.iter().map(|l| l.2.len()).max().unwrap_or(0)];
    let mut out = Vec::new();
    for line in lines {
        if small(&line) && !one_by_name {
            other.iter_mut().zip(&line.2).for_each(|(o, v)| *o += v);
        } else {
            out.push(Part { key: slug(&line.0), label: line.0, colour: line.1.colour(), values: line.2 });
        }
    }
    if gathered > 0 && !one_by_name {
        out.push(Part {
            key: "other".into(),
            label: format!("Other ({gathered})"),
            colour: Role::Other.colour(),
            values: other,
        });
    }
    out
}

/// A name as a key: letters, digits and dashes.
pub(super) fn slug(name: &str) -> String {
    let dash = |c: char| if c.is_alphanumeric() { c.to_lowercase().next().unwrap_or('-') } else { '-' };
    name.chars().map(dash).collect()
}

impl Part {
    /// A label with a swatch; `figure` precedes the name.
    pub fn tag(&self, figure: &str, y: f64, leader: bool) -> EndLabel {
        let look = Type::plain(SMALL + 0.5, text_colour(self.colour));
        EndLabel {
            y,
            rows: vec![(format!("{figure}  {}", self.label), look)],
            swatch: Some(self.colour),
            leader,
            key: self.key.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_lines_are_gathered() {
        let line = |name: &str, v: f64| (name.to_owned(), Role::Other, vec![v]);
        let names = |lines: Vec<_>, rule| {
            let parts = gather(lines.into_iter(), |v| v[0].abs(), rule);
            parts.into_iter().map(|p| (p.label, p.values[0])).collect::<Vec<_>>()
        };
        let lines = || vec![line("a", 90.0), line("b", 1.0), line("zero", 0.0), line("c", 1.0), line("d", 8.0)];
        let want = [("a".into(), 90.0), ("d".into(), 8.0), ("Other (2)".into(), 2.0)];
        assert_eq!(names(lines(), (8, 0.025)), want);
        assert_eq!(names(lines(), (1, 0.0)), [("a".into(), 90.0), ("Other (3)".into(), 10.0)]);
        // External funding keeps its name, however small it is.
        let equity = ("equity".to_owned(), Role::Investor(0), vec![0.5]);
        let lines = lines().into_iter().chain([equity]).collect();
        let want = [("a".into(), 90.0), ("d".into(), 8.0), ("equity".into(), 0.5), ("Other (2)".into(), 2.0)];
        assert_eq!(names(lines, (8, 0.025)), want);
        // A single small line keeps its name; NaN counts as zero.
        assert_eq!(names(vec![line("a", 99.0), line("b", 1.0), line("c", f64::NAN)], (8, 0.025)).len(), 2);
        assert!(names(vec![], (8, 0.1)).is_empty());
    }
}
