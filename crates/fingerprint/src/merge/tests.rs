//! What is one statement, and what is not.

use super::templates;

#[track_caller]
fn check(shapes: &[&str], expected: &[&str]) {
    let mut found = templates(shapes);
    found.sort();
    found.dedup();
    assert_eq!(found, expected);
}

#[test]
fn names_are_values() {
    check(
        &[
            "session opened for user root",
            "session opened for user ada",
        ],
        &["session opened for user <*>"],
    );
    check(
        &["open <path> failed", "open <url> failed"],
        &["open <*> failed"],
    );
    check(
        &["mount of disk-a done", "mount of disk-b done"],
        &["mount of <*> done"],
    );
}

#[test]
fn quoted_text_and_lists_are_one_place() {
    check(
        &["query 'draft' gave <num>", "query <str> gave <num>"],
        &["query <*> gave <num>"],
    );
    check(
        &[
            "sent to web-<num>, db-primary, <host>",
            "sent to <host>",
            "sent to mx-<num>, a-b",
        ],
        &["sent to <*>"],
    );
    check(
        &["cache=true is kept", "cache=false is kept"],
        &["cache=<*> is kept"],
    );
}

#[test]
fn statements_stay_apart() {
    let shapes = [
        "service starting now",
        "service stopping now",
        "service waiting now",
    ];
    check(
        &shapes,
        &[
            "service starting now",
            "service stopping now",
            "service waiting now",
        ],
    );
    let shapes = ["cache is on", "cache is off"];
    check(&shapes, &["cache is off", "cache is on"]);
}

#[test]
fn groups_of_slots_are_optional() {
    check(
        &["<num> bytes (<size>) sent", "<num> bytes sent"],
        &["<num> bytes <*> sent"],
    );
}
