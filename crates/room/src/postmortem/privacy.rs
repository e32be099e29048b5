//! How much an incident's telemetry touches people and secrets: a score by a rule that anyone can
//! follow with the counts at hand.
//!
//! The rule, in points: class A found: 20, and 5 more for each doubling of the count, 40 at most.
//! Class B found: 10, and 4 more for each doubling, 30 at most. Each access to data of people or
//! to raw data: 5, each that let class A be seen: 10, any other: 1; 30 at most.
//! Below 20 it is low, below 50 moderate, below 80 high, else severe.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// The rule, as a postmortem tells it.
const RULE: &str = "Class A found: 20 points, 5 more for each doubling of the count, at most 40. \
    Class B found: 10 points, 4 more for each doubling, at most 30. Each access to raw data or to \
    data of class B: 5 points, to class A: 10, any other: 1, at most 30. Below 20 low, below 50 \
    moderate, below 80 high, else severe.";
/// Points of a class: for one, for each doubling, and at most.
const POINTS_A: (u64, u64, u64) = (20, 5, 40);
const POINTS_B: (u64, u64, u64) = (10, 4, 30);
/// Points of an access to class A, to class B, and of all at most.
const ACCESS_A: u64 = 10;
const ACCESS_B: u64 = 5;
const ACCESS_OTHER: u64 = 1;
const ACCESS_MAX: u64 = 30;
/// Findings and accesses that are looked at.
const ROWS_COUNT_MAX: usize = 1_000_000;
const ACCESS_COUNT_MAX: usize = 500;

/// The score of what was found and who had access.
pub(super) fn privacy(given: &Json) -> Json {
    let counts = counts(given.get("findings").unwrap_or(&Json::Null));
    let of = |class: &str| counts.get(class).copied().unwrap_or(0);
    let empty = Vec::new();
    let access = given
        .get("access")
        .and_then(Json::as_array)
        .unwrap_or(&empty);
    let access: Vec<&Json> = access.iter().take(ACCESS_COUNT_MAX).collect();
    let (a, b) = (points(of("A"), POINTS_A), points(of("B"), POINTS_B));
    let seen: u64 = access.iter().map(|one| access_points(one)).sum();
    let seen = seen.min(ACCESS_MAX);
    let score = (a + b + seen).min(100);
    let level = match score {
        0..20 => "low",
        20..50 => "moderate",
        50..80 => "high",
        _ => "severe",
    };
    let why = format!(
        "{level}: {} of class A ({a} points), {} of class B ({b} points), {} accesses ({seen} \
         points)",
        of("A"),
        of("B"),
        access.len()
    );
    json!({
        "score": score,
        "level": level,
        "why": why,
        "rule": RULE,
        "parts": [
            { "name": "class A found", "count": of("A"), "points": a },
            { "name": "class B found", "count": of("B"), "points": b },
            { "name": "accesses", "count": access.len(), "points": seen },
        ],
        "findings": counts,
    })
}

/// How many findings of each class: of an object of counts, or of a list of findings.
fn counts(findings: &Json) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut add = |class: &str, count: u64| {
        let class = class.trim().to_ascii_uppercase();
        if matches!(class.as_str(), "A" | "B" | "C") {
            let known: &mut u64 = found.entry(class).or_default();
            *known = known.saturating_add(count);
        }
    };
    match findings {
        Json::Object(members) => {
            for (class, count) in members {
                add(class, count.as_u64().unwrap_or(0));
            }
        }
        Json::Array(rows) => {
            for row in rows.iter().take(ROWS_COUNT_MAX) {
                let class = row.get("class").and_then(Json::as_str).unwrap_or_default();
                add(class, row.get("count").and_then(Json::as_u64).unwrap_or(1));
            }
        }
        _ => {}
    }
    found
}

fn points(count: u64, (first, doubling, most): (u64, u64, u64)) -> u64 {
    match count.checked_ilog2() {
        None => 0,
        Some(doublings) => (first + doubling * u64::from(doublings)).min(most),
    }
}

fn access_points(access: &Json) -> u64 {
    let class = access
        .get("class")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let raw = access.get("raw").and_then(Json::as_bool).unwrap_or(false);
    match class.to_ascii_uppercase().as_str() {
        "A" => ACCESS_A,
        "B" => ACCESS_B,
        _ if raw => ACCESS_B,
        _ => ACCESS_OTHER,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::privacy;

    #[track_caller]
    fn check(given: &serde_json::Value, score: u64, level: &str) {
        let found = privacy(given);
        assert_eq!(
            (found["score"].as_u64(), found["level"].as_str()),
            (Some(score), Some(level))
        );
    }

    #[test]
    fn the_rule_is_followed() {
        check(&json!({}), 0, "low");
        check(&json!({"findings": {"C": 900}}), 0, "low");
        check(&json!({"findings": {"B": 1}}), 10, "low");
        check(&json!({"findings": {"A": 1, "B": 4}}), 38, "moderate");
        check(
            &json!({"findings": [{"class": "A"}, {"class": "A", "count": 3}]}),
            30,
            "moderate",
        );
        check(&json!({"findings": {"A": 1_000, "B": 1_000}}), 70, "high");
        let all = json!({"findings": {"A": 1_000, "B": 1_000}, "access": [
            {"who": "x", "class": "A"}, {"who": "x", "raw": true}, {"who": "y", "class": "C"},
        ]});
        check(&all, 86, "severe");
    }
}
