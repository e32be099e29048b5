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

#[test]
fn what_stands_where_values_stand_is_a_value() {
    // In quotes, behind an equals sign, in brackets, behind the colon of a failure.
    check(
        &[
            "relation \"a\" is gone at <num>",
            "relation \"b c\" is gone at <num>",
        ],
        &["relation \"<*>\" is gone at <num>"],
    );
    check(
        &[
            "paid amount=<num> EUR, by=card, state=",
            "paid amount=<num>, by=bank transfer, state=new",
        ],
        &["paid amount=<num> <*>, by=<*>, state=<*>"],
    );
    check(
        &[
            "request of <ip> failed: no route",
            "request of <ip> failed: it was reset by its peer",
        ],
        &["request of <ip> failed: <*>"],
    );
    check(
        &[
            "moved from NEW to RUNNING",
            "moved from RUNNING to DONE",
            "moved from NEW to DONE",
        ],
        &["moved from <*> to <*>"],
    );
    check(
        &["closed for (a reason)", "closed for (another, longer one)"],
        &["closed for (<*>)"],
    );
}

#[test]
fn a_value_before_other_statements_is_no_statement() {
    let shapes = [
        "<num> ada@shop LOG opened a session",
        "<num> bob@shop LOG closed the gate",
        "<num> eve@shop LOG wrote <num> rows",
    ];
    let mut found = templates(&shapes);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), shapes.len());
}
