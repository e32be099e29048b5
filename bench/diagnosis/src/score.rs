//! How often the right service comes first.

use std::collections::BTreeMap;

use crate::Labelled;

/// What a diagnosis answered.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Whether it gave none.
    pub abstained: bool,
    /// Services with their scores, best first.
    pub ranked: Vec<(String, f64)>,
    /// How probable it says it is that the first is the one, 0 to 1.
    pub confidence: f64,
}

impl Answer {
    /// Rank of the best right service from 1: all wrong ones with as high a score come before it.
    /// None where no right one is on the list.
    pub fn rank(&self, case: &Labelled) -> Option<usize> {
        let of = |right: bool| {
            let services = self.ranked.iter();
            services
                .filter_map(move |(name, score)| (case.is_right(name) == right).then_some(*score))
        };
        let best = of(true).max_by(f64::total_cmp)?;
        Some(1 + of(false).filter(|score| *score >= best).count())
    }
}

/// Counts over cases of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Cases.
    pub cases: usize,
    /// Right service first.
    pub first: usize,
    /// Right service among the first three.
    pub third: usize,
    /// No answer given.
    pub abstained: usize,
}

impl Score {
    /// Adds the answer to a case. Of a fault that was not answered no rank counts.
    pub fn add(&mut self, case: &Labelled, answer: &Answer) {
        self.cases += 1;
        self.abstained += usize::from(answer.abstained);
        if answer.abstained {
            return;
        }
        if let Some(rank) = answer.rank(case) {
            self.first += usize::from(rank == 1);
            self.third += usize::from(rank <= 3);
        }
    }
}

/// The table: a line a kind, and sums of faults and healthy windows by split.
pub fn table(answers: &[(Labelled, Answer)]) -> String {
    let mut kinds: BTreeMap<(bool, bool, &str), Score> = BTreeMap::new();
    let mut sums: BTreeMap<(bool, bool), Score> = BTreeMap::new();
    for (case, answer) in answers {
        let group = (case.service.is_none(), case.held_back);
        kinds
            .entry((group.0, group.1, &case.kind))
            .or_default()
            .add(case, answer);
        sums.entry(group).or_default().add(case, answer);
    }
    let mut out = String::from("kind                       cases   first  top 3  no answer\n");
    let mut line = |name: &str, score: &Score| {
        let percent = |n: usize| 100.0 * n as f64 / score.cases.max(1) as f64;
        out.push_str(&format!(
            "{name:<26} {:>5}  {:>5.1}  {:>5.1}  {:>8.1}\n",
            score.cases,
            percent(score.first),
            percent(score.third),
            percent(score.abstained)
        ));
    };
    let split = |held_back: bool| if held_back { " (held back)" } else { "" };
    for ((_, held_back, kind), score) in &kinds {
        line(&format!("{kind}{}", split(*held_back)), score);
    }
    for ((healthy, held_back), score) in &sums {
        let what = if *healthy { "HEALTHY" } else { "FAULTS" };
        line(&format!("{what}{}", split(*held_back)), score);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Rank where these services are right.
    fn rank(answer: &Answer, right: &[&str]) -> Option<usize> {
        let mut right = right.iter().map(|name| (*name).to_owned());
        answer.rank(&Labelled {
            name: String::new(),
            kind: String::new(),
            service: right.next(),
            also_right: right.collect(),
            held_back: false,
            baseline: PathBuf::new(),
            incident: PathBuf::new(),
            changes: Vec::new(),
        })
    }

    #[test]
    fn ties_count_against_us() {
        let answer = Answer {
            abstained: false,
            ranked: vec![
                ("a".to_owned(), 0.5),
                ("b".to_owned(), 0.5),
                ("c".to_owned(), 0.1),
            ],
            confidence: 0.5,
        };
        assert_eq!(rank(&answer, &["a"]), Some(2));
        assert_eq!(rank(&answer, &["b"]), Some(2));
        assert_eq!(rank(&answer, &["c"]), Some(3));
        assert_eq!(rank(&answer, &["d"]), None);
        assert_eq!(rank(&answer, &[]), None);
    }

    #[test]
    fn several_may_be_right_and_a_wrong_one_beside_them_counts() {
        let ranked = ["a", "b", "c"].map(|name| (name.to_owned(), 0.5)).to_vec();
        let answer = Answer {
            abstained: false,
            ranked,
            confidence: 0.5,
        };
        assert_eq!(rank(&answer, &["a", "b"]), Some(2));
        assert_eq!(rank(&answer, &["a", "b", "c"]), Some(1));
        assert_eq!(rank(&answer, &["elsewhere", "c"]), Some(3));
    }
}
