//! Values put in order: their distinct values, ranks of weighted rows, and classes of about equal size.

/// The distinct values of a column in ascending order, NaN last as one of them; −0 equals 0.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// For each row, the number of its value among the distinct ones.
    pub(super) of_row: Vec<u32>,
    /// For each distinct value, the number of rows.
    pub(super) sizes: Vec<u32>,
}

impl Groups {
    pub(super) fn of(values: &[f64]) -> Groups {
        let key = |row: u32| {
            let x = values[row as usize] + 0.0;
            if x.is_nan() { f64::NAN } else { x }
        };
        let mut rows: Vec<u32> = (0..values.len() as u32).collect();
        rows.sort_unstable_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
        let mut groups = Groups { of_row: vec![0; values.len()], sizes: Vec::new() };
        for equal in rows.chunk_by(|a, b| key(*a).to_bits() == key(*b).to_bits()) {
            for row in equal {
                groups.of_row[*row as usize] = groups.sizes.len() as u32;
            }
            groups.sizes.push(equal.len() as u32);
        }
        groups
    }

    /// Ranks from 1, with ties given their mean rank, where each row counts as often as its weight says.
    pub(super) fn ranks(&self, weights: &[f64], out: &mut [f64]) {
        let mut of_group = vec![0.0; self.sizes.len()];
        for (group, w) in self.of_row.iter().zip(weights) {
            of_group[*group as usize] += w;
        }
        let mut before = 0.0;
        for size in &mut of_group {
            let rank = before + 0.5 * (*size + 1.0);
            before += *size;
            *size = rank;
        }
        out.iter_mut().zip(&self.of_row).for_each(|(rank, group)| *rank = of_group[*group as usize]);
    }
}

/// Classes of a column: its values cut at quantiles, with equal values together.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    /// For each row, its class.
    pub(super) of_row: Vec<u32>,
    /// Number of classes.
    pub(super) count: usize,
}

impl Classes {
    /// At most `most` classes of the defined values, each distinct value one if they are no more than that, and another
    /// for NaN if there are any.
    pub(super) fn of(values: &[f64], most: usize) -> Classes {
        let groups = Groups::of(values);
        let undefined = values.iter().filter(|x| x.is_nan()).count();
        let distinct = groups.sizes.len() - usize::from(undefined > 0);
        let defined = (values.len() - undefined) as f64;
        let (mut before, mut last, mut count) = (0.0, None, 0_u32);
        let mut class_of_group = Vec::with_capacity(groups.sizes.len());
        for (group, size) in groups.sizes.iter().enumerate() {
            // The class of the middle of the group.
            let middle = (before + 0.5 * f64::from(*size)) / defined;
            before += f64::from(*size);
            let class = if group >= distinct {
                usize::MAX
            } else if distinct <= most {
                group
            } else {
                (middle * most as f64) as usize
            };
            if last != Some(class) {
                (last, count) = (Some(class), count + 1);
            }
            class_of_group.push(count - 1);
        }
        let of_row = groups.of_row.iter().map(|group| class_of_group[*group as usize]).collect();
        Classes { of_row, count: count as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_ties_and_count_weights() {
        let groups = Groups::of(&[7.0, -0.0, 9.0, 7.0, 0.0]);
        let mut ranks = [0.0; 5];
        groups.ranks(&[1.0; 5], &mut ranks);
        assert_eq!(ranks, [3.5, 1.5, 5.0, 3.5, 1.5]);
        // 0 twice, 9 three times: ranks 1 and 2, then 3 to 5.
        groups.ranks(&[0.0, 2.0, 3.0, 0.0, 0.0], &mut ranks);
        assert_eq!((ranks[1], ranks[2]), (1.5, 4.0));
    }

    #[test]
    fn classes_keep_equal_values_together() {
        let of = |values: &[f64], most| {
            let classes = Classes::of(values, most);
            assert_eq!(classes.of_row.iter().max().map_or(0, |c| *c as usize + 1), classes.count);
            classes.of_row
        };
        assert_eq!(of(&[5.0, 1.0, 3.0, 2.0, 4.0, 6.0], 3), [2, 0, 1, 0, 1, 2]);
        assert_eq!(of(&[f64::NAN, 1.0, -f64::NAN, 2.0], 9), [2, 0, 2, 1]);
        // Nine of ten values are equal: their middle is in the first class of two; the other is in the second.
        assert_eq!(of(&[[0.0; 9].as_slice(), &[1.0]].concat(), 2), [[0; 9].as_slice(), &[1]].concat());
        // Three distinct values for two classes: the middle of the second group is at 0.75.
        assert_eq!(of(&[0.0, 0.0, 1.0, 1.0, 2.0, 0.0], 2), [0, 0, 1, 1, 1, 0]);
        assert_eq!(of(&[4.0; 3], 5), [0; 3]);
        assert!(of(&[], 5).is_empty());
    }
}
