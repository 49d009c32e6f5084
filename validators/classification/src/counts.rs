//! How often each class was right, wrong and missed.

use crate::table::{Answer, Table};
use proofmark_validator_sdk::ratio_ppm;

/// The counts of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassCounts {
    /// Predicted, and rightly so.
    pub(crate) true_positive: u64,
    /// Predicted for an id of another class.
    pub(crate) false_positive: u64,
    /// Of this class, and predicted as another or not at all.
    pub(crate) false_negative: u64,
}

/// The counts of all classes.
pub(crate) struct Counts {
    /// In the order of the labels.
    pub(crate) classes: Vec<ClassCounts>,
    /// How many of them are of the reference.
    pub(crate) reference_classes: usize,
    /// Whether a label was predicted that is none of theirs.
    pub(crate) unknown: bool,
    pub(crate) correct: u64,
    pub(crate) total: u64,
}

impl Counts {
    /// Counts. An id without a prediction is a miss of its class, and so is an abstention; of several
    /// predictions, the first one counts.
    pub(crate) fn of(table: &Table) -> Self {
        let mut counts = Self {
            classes: vec![ClassCounts::default(); table.labels.names.len()],
            reference_classes: table.reference_classes,
            unknown: false,
            correct: 0,
            total: table.items.len() as u64,
        };
        for item in &table.items {
            let answer = item.predicted.as_ref().map(|predicted| predicted.answer);
            if answer == Some(Answer::Class(item.class)) {
                counts.classes[item.class].true_positive += 1;
                counts.correct += 1;
                continue;
            }
            counts.classes[item.class].false_negative += 1;
            match answer {
                Some(Answer::Class(class)) => counts.classes[class].false_positive += 1,
                Some(Answer::Unknown) => counts.unknown = true,
                Some(Answer::Abstained) | None => {}
            }
        }
        counts
    }

    /// How many classes macro F1 is the mean of: those of the reference, the others that were predicted,
    /// and one for all labels that are unknown.
    pub(crate) fn macro_classes(&self) -> usize {
        let others = self.classes.iter().skip(self.reference_classes);
        let predicted = others.filter(|class| class.false_positive > 0).count();
        self.reference_classes + predicted + usize::from(self.unknown)
    }

    /// The mean of F1 over these; it is 0 for what the reference lacks. Each F1 is rounded up at the 24th
    /// decimal place, so that a threshold that is met exactly is never missed; the mean is rounded down.
    pub(crate) fn macro_f1_ppm(&self) -> u32 {
        const SCALE: u128 = 10_u128.pow(24); // times 2^48 of counts stays below 2^128
        const PER_PPM: u128 = 10_u128.pow(18);
        let scaled = |class: &ClassCounts| {
            let (numerator, denominator) = class.f1_ratio();
            (u128::from(numerator) * SCALE).div_ceil(u128::from(denominator.max(1)))
        };
        let sum: u128 = self.classes.iter().map(scaled).sum();
        let mean = sum / (self.macro_classes().max(1) as u128);
        u32::try_from(mean / PER_PPM).unwrap_or(u32::MAX)
    }
}

impl ClassCounts {
    /// TP / (TP + FP); 0 if the class was never predicted.
    pub(crate) fn precision_ppm(self) -> u32 {
        ratio_ppm(self.true_positive, self.true_positive + self.false_positive)
    }

    /// TP / (TP + FN); 0 if no id is of the class.
    pub(crate) fn recall_ppm(self) -> u32 {
        ratio_ppm(self.true_positive, self.true_positive + self.false_negative)
    }

    /// 2 TP / (2 TP + FP + FN).
    pub(crate) fn f1_ppm(self) -> u32 {
        let (numerator, denominator) = self.f1_ratio();
        ratio_ppm(numerator, denominator)
    }

    fn f1_ratio(self) -> (u64, u64) {
        let numerator = 2 * self.true_positive;
        (
            numerator,
            numerator + self.false_positive + self.false_negative,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{ClassCounts, Counts};

    fn class(true_positive: u64, false_positive: u64, false_negative: u64) -> ClassCounts {
        ClassCounts {
            true_positive,
            false_positive,
            false_negative,
        }
    }

    #[test]
    fn ratios_round_down_and_nothing_of_nothing_is_zero() {
        let counts = class(2, 1, 0);
        assert_eq!(counts.precision_ppm(), 666_666);
        assert_eq!(counts.recall_ppm(), 1_000_000);
        assert_eq!(counts.f1_ppm(), 800_000);
        let none = class(0, 0, 0);
        assert_eq!(
            (none.precision_ppm(), none.recall_ppm(), none.f1_ppm()),
            (0, 0, 0)
        );
    }

    #[test]
    fn a_macro_mean_that_is_exact_stays_exact() {
        // F1 of 1/3 and 2/3: the mean is one half.
        let classes = vec![class(1, 2, 2), class(1, 1, 0)];
        let counts = Counts {
            classes,
            reference_classes: 2,
            unknown: false,
            correct: 0,
            total: 0,
        };
        assert_eq!(counts.macro_f1_ppm(), 500_000);
    }
}
