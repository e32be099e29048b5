//! Whether the confidence of answers is that with which they are right.

use crate::{Answer, Labelled};

/// Upper ends of the classes of confidence that are told apart.
const CLASSES: [f64; 6] = [0.5, 0.7, 0.8, 0.9, 0.95, 1.0];

/// Answers of one class of confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Class {
    count: usize,
    right: usize,
    confidence: f64,
}

/// The table (a reliability diagram in numbers): of the answers of each class of confidence, how
/// many name the right service first, beside the confidence that they have in the mean; and the
/// mean squared difference (Brier 1950). Windows in which nothing was answered are not in it.
pub fn reliability(answers: &[(Labelled, Answer)]) -> String {
    let mut classes = [Class::default(); CLASSES.len()];
    let (mut squares, mut count) = (0.0, 0_usize);
    for (case, answer) in answers.iter().filter(|(_, answer)| !answer.abstained) {
        let rank = answer.rank(case);
        let right = rank == Some(1);
        let at = CLASSES.iter().position(|end| answer.confidence <= *end);
        if let Some(class) = at.and_then(|at| classes.get_mut(at)) {
            class.count += 1;
            class.right += usize::from(right);
            class.confidence += answer.confidence;
        }
        squares += (answer.confidence - f64::from(u8::from(right))).powi(2);
        count += 1;
    }
    let mut out = String::from("confidence      answers   mean  right\n");
    let mut from = 0.0;
    for (end, class) in CLASSES.iter().zip(&classes) {
        let share = |n: f64| n / class.count.max(1) as f64;
        if class.count > 0 {
            out.push_str(&format!(
                "{from:.2} to {end:.2}    {:>7}  {:>5.2}  {:>5.2}\n",
                class.count,
                share(class.confidence),
                share(class.right as f64)
            ));
        }
        from = *end;
    }
    let brier = squares / count.max(1) as f64;
    out.push_str(&format!("Brier score     {count:>7}  {brier:>5.3}\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(service: Option<&str>, first: &str, confidence: f64) -> (Labelled, Answer) {
        let labelled = Labelled {
            service: service.map(str::to_owned),
            ..Labelled::default()
        };
        let answer = Answer {
            abstained: false,
            ranked: vec![(first.to_owned(), 0.9)],
            confidence,
        };
        (labelled, answer)
    }

    #[test]
    fn answers_are_counted_by_their_confidence() {
        let mut answers = vec![
            case(Some("a"), "a", 0.97),
            case(Some("a"), "b", 0.97),
            case(None, "a", 0.4),
        ];
        let table = reliability(&answers);
        assert!(
            table.contains("0.95 to 1.00          2   0.97   0.50"),
            "{table}"
        );
        assert!(
            table.contains("0.00 to 0.50          1   0.40   0.00"),
            "{table}"
        );
        assert!(table.contains("Brier score           3  0.367"), "{table}");
        for (_, answer) in &mut answers {
            answer.abstained = true;
        }
        assert!(reliability(&answers).contains("Brier score           0"));
    }
}
