//! Sums folded in a fixed binary tree over the index of their chunk, so that a run that is split anywhere and joined
//! again has the same bits: floating-point addition depends on the order, and the tree fixes it.
//!
//! A node of level `l` and index `k` holds chunks `k·2ˡ` to `(k+1)·2ˡ − 1`. Two neighbours, of which the left has an
//! even index, are merged into their parent. At the end, the nodes whose parents are incomplete remain, from large to
//! small; they are folded from the right.

/// A complete node.
#[derive(Clone, Debug)]
struct Node<T> {
    level: u32,
    index: u64,
    sum: T,
}

/// Nodes that cover a contiguous range of chunks, as few as possible, in order.
#[derive(Clone, Debug)]
pub struct Tree<T> {
    nodes: Vec<Node<T>>,
}

impl<T> Default for Tree<T> {
    fn default() -> Tree<T> {
        Tree { nodes: Vec::new() }
    }
}

impl<T> Tree<T> {
    /// Adds the chunk that follows those held; the first may have any index.
    pub fn push(&mut self, index: u64, sum: T, merge: &impl Fn(T, &T) -> T) {
        self.add(Node { level: 0, index, sum }, merge);
    }

    /// Adds the chunks of another tree, which follow those held.
    pub fn join(&mut self, next: Tree<T>, merge: &impl Fn(T, &T) -> T) {
        next.nodes.into_iter().for_each(|node| self.add(node, merge));
    }

    fn add(&mut self, mut node: Node<T>, merge: &impl Fn(T, &T) -> T) {
        while let Some(left) = self.nodes.pop_if(|left| left.level == node.level && left.index % 2 == 0) {
            node = Node { level: node.level + 1, index: left.index / 2, sum: merge(left.sum, &node.sum) };
        }
        self.nodes.push(node);
    }

    /// The sum of all chunks; `None` if there are none.
    pub fn root(self, merge: &impl Fn(T, &T) -> T) -> Option<T> {
        self.nodes.into_iter().map(|node| node.sum).rev().reduce(|right, left| merge(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the order of addition.
    #[expect(clippy::ptr_arg, reason = "the tree gives what it holds")]
    fn brackets(mut left: String, right: &String) -> String {
        left.insert(0, '(');
        left.push_str(right);
        left + ")"
    }

    fn of(range: std::ops::Range<u64>) -> Tree<String> {
        let mut tree = Tree::default();
        range.for_each(|k| tree.push(k, char::from(b'a' + k as u8).to_string(), &brackets));
        tree
    }

    #[test]
    fn the_tree_is_that_of_the_chunk_index() {
        let root = |n| of(0..n).root(&brackets).unwrap_or_default();
        assert_eq!([0, 1, 2, 3, 4].map(root), ["", "a", "(ab)", "((ab)c)", "((ab)(cd))"]);
        assert_eq!(root(7), "(((ab)(cd))((ef)g))");
    }

    #[test]
    fn any_cut_gives_the_same_tree() {
        for n in 1..=20 {
            let whole = of(0..n).root(&brackets);
            for first in 0..=n {
                for second in first..=n {
                    let mut tree = of(0..first);
                    tree.join(of(first..second), &brackets);
                    tree.join(of(second..n), &brackets);
                    assert_eq!(tree.root(&brackets), whole, "{n} {first} {second}");
                }
            }
        }
    }
}
