//! Some of all: of each operator, as evenly as there are any, and evenly over what it can change.

use std::collections::BTreeMap;

use crate::Operator;

/// Indices of at most so many, ascending.
pub(crate) fn evenly(operators: &[Operator], most: usize) -> Vec<usize> {
    let mut groups = BTreeMap::<Operator, Vec<usize>>::new();
    for (index, operator) in operators.iter().enumerate() {
        groups.entry(*operator).or_default().push(index);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    // Small groups first: what they leave is for the others.
    groups.sort_by_key(Vec::len);
    let (mut left, mut picked) = (most, Vec::new());
    let count = groups.len();
    for (at, group) in groups.into_iter().enumerate() {
        let share = (left / (count - at)).min(group.len());
        left -= share;
        picked.extend((0..share).map(|nth| group[nth * group.len() / share]));
    }
    picked.sort_unstable();
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operator_has_its_share_and_leaves_what_it_does_not_need() {
        let mut operators = vec![Operator::FileRemoved; 2];
        operators.extend([Operator::NumberChanged; 100]);
        operators.extend([Operator::StringChanged; 10]);
        let picked = evenly(&operators, 30);
        let of = |wanted| {
            let found = picked.iter().filter(|index| operators[**index] == wanted);
            found.count()
        };
        assert_eq!(of(Operator::FileRemoved), 2);
        assert_eq!(of(Operator::StringChanged), 10);
        assert_eq!(of(Operator::NumberChanged), 18);
        assert_eq!(evenly(&operators, 1_000).len(), 112);
        assert!(evenly(&operators, 0).is_empty());
    }
}
