//! A path made of the beginnings of others: its inputs are those of one path, and from certain months on the noise of its
//! months is that of another path. Running it again from the first month gives the state in which it branched, so that
//! no state of the engine has to be kept.

use crate::shocks::GROUP;

/// The path whose inputs it has, and whose noise from which month on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    root: u64,
    /// The first month and the path of each part, in order; the first part is that of the root.
    parts: Vec<(usize, u64)>,
}

impl Lineage {
    /// A path as it is.
    pub fn of(path: u64) -> Lineage {
        Lineage { root: path, parts: vec![(1, path)] }
    }

    /// The path whose inputs it has.
    pub fn root(&self) -> u64 {
        self.root
    }

    /// The path whose noise it has in month `t`.
    pub fn at(&self, t: usize) -> u64 {
        self.parts.iter().rev().find(|part| part.0 <= t).map_or(self.root, |part| part.1)
    }

    /// The same up to month `t`, and then with the noise of another path: from the next month whose noise is generated
    /// anew, at most [`GROUP`] months later, since four months are generated at once.
    #[must_use]
    pub fn branch(&self, t: usize, path: u64) -> Lineage {
        let from = t.div_ceil(GROUP) * GROUP + 1;
        let before = self.parts.iter().copied().filter(|part| part.0 < from);
        Lineage { root: self.root, parts: before.chain([(from, path)]).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_keeps_what_was_before_it() {
        let a = Lineage::of(7);
        let b = a.branch(5, 100);
        let c = b.branch(20, 200);
        let noise = |l: &Lineage| [1, 8, 9, 20, 21, 60].map(|t| l.at(t));
        assert_eq!(noise(&a), [7; 6]);
        assert_eq!(noise(&b), [7, 7, 100, 100, 100, 100]);
        assert_eq!(noise(&c), [7, 7, 100, 100, 200, 200]);
        // A branch before another takes its place.
        assert_eq!(noise(&c.branch(8, 300)), [7, 7, 300, 300, 300, 300]);
        assert_eq!(c.root(), 7);
    }
}
