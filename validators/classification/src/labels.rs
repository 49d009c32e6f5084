//! The labels of the classes.

use std::collections::BTreeMap;
use std::rc::Rc;

/// A class, as an index into [`Labels::names`].
pub(crate) type Class = usize;

/// Labels while they are collected.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    names: Vec<Rc<str>>,
    classes: BTreeMap<Rc<str>, Class>,
}

impl Collected {
    /// The class of a label, which is new if it did not occur before.
    pub(crate) fn class_or_new(&mut self, label: &str) -> Class {
        if let Some(class) = self.classes.get(label) {
            return *class;
        }
        let class = self.names.len();
        let label = Rc::<str>::from(label);
        self.names.push(Rc::clone(&label));
        self.classes.insert(label, class);
        class
    }

    /// How many there are so far.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// No more labels.
    pub(crate) fn finish(self) -> Labels {
        Labels {
            names: self.names,
            ascending: self.classes.into_values().collect(),
        }
    }
}

/// All labels, found by halving: the supplier's may be long, and a tree would compare them thrice as often.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// In the order of their first occurrence.
    pub(crate) names: Vec<Rc<str>>,
    /// The classes in ascending order of their labels.
    ascending: Vec<Class>,
}

impl Labels {
    /// The class that has this label.
    pub(crate) fn class(&self, label: &str) -> Option<Class> {
        let order = |class: &Class| (*self.names[*class]).cmp(label);
        let found = self.ascending.binary_search_by(order);
        found.ok().map(|at| self.ascending[at])
    }
}

#[cfg(test)]
mod tests {
    use super::Collected;

    #[test]
    fn classes_are_numbered_as_they_occur_and_found_by_label() {
        let mut collected = Collected::default();
        let classes = ["owl", "cat", "owl", "dog"].map(|label| collected.class_or_new(label));
        assert_eq!(classes, [0, 1, 0, 2]);
        let labels = collected.finish();
        let found = ["owl", "cat", "dog", "ow", "zebra"].map(|label| labels.class(label));
        assert_eq!(found, [Some(0), Some(1), Some(2), None, None]);
    }
}
