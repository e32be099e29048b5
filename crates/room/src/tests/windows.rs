//! Two windows of logs beside each other.

use serde_json::Value as Json;

use super::{room, shop_log};

fn templates(list: &Json) -> Vec<&str> {
    let rows = list.as_array().expect("a list");
    rows.iter()
        .filter_map(|row| row["template"].as_str())
        .collect()
}

#[test]
fn what_is_new_gone_more_and_less_is_told() {
    let mut before = shop_log(10, 99);
    let mut after = shop_log(10, 0);
    for n in 0..60 {
        before.push_str(&format!(
            "2026-11-23T10:09:{n:02}Z INFO [cache] warmed {n} keys\n"
        ));
        let times = usize::from(n < 6);
        before.push_str(&"2026-11-23T10:09:59Z WARN [db] slow query\n".repeat(times));
        after.push_str("2026-11-23T10:09:59Z WARN [db] slow query\n");
    }
    let room = room(&[("before", &before), ("after", &after)]);
    let told = room.compare(0, 1);
    assert_eq!(told["a"]["name"], "before");
    assert!(
        templates(&told["new"])[0].contains("payment of order"),
        "{told:#}"
    );
    assert!(templates(&told["gone"])[0].contains("warmed"), "{told:#}");
    assert_eq!(templates(&told["more"]), ["slow query"], "{told:#}");
    let row = &told["more"][0];
    assert_eq!(
        (row["count_a"].as_u64(), row["count_b"].as_u64()),
        (Some(6), Some(60))
    );
    assert_eq!(row["sure"], true);
    assert!(row["per_minute_b"].as_f64() > row["per_minute_a"].as_f64());
    let back = room.compare(1, 0);
    assert_eq!(templates(&back["less"]), ["slow query"]);
    assert_eq!(templates(&back["new"]), templates(&told["gone"]));
}

#[test]
fn a_window_is_like_itself() {
    let text = shop_log(6, 3);
    let told = room(&[("a", &text), ("b", &text)]).compare(0, 1);
    for list in ["new", "gone", "more", "less"] {
        assert_eq!(told[list], serde_json::json!([]), "{list}");
    }
    assert!(told["unchanged"].as_u64() > Some(1));
}

#[test]
fn sources_that_are_not_there_have_nothing() {
    let told = room(&[("a", "x")]).compare(0, 7);
    assert_eq!(told["b"]["entries"], 0);
    assert_eq!(told["new"], serde_json::json!([]));
}
