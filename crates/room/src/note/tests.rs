//! Notes out of chats, all written for this test.

use super::{Sort, notes};
use crate::message::Message;

fn said(lines: &[(&str, &str)]) -> Vec<Message> {
    let all = lines.iter().enumerate();
    let all = all.map(|(at, (who, text))| Message {
        line: at as u64 + 1,
        who: (*who).to_owned(),
        text: (*text).to_owned(),
        ..Message::default()
    });
    all.collect()
}

/// What is noted of one message, as its sort and its text.
#[track_caller]
fn check(text: &str, expected: &[(Sort, &str)]) {
    let all = notes(&said(&[("ana", text)]));
    let found: Vec<(Sort, &str)> = all.all.iter().map(|n| (n.sort, n.text.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn actions_are_what_was_done() {
    for text in [
        "rolled back to v2.4.0",
        "Rolling back checkout now",
        "I restarted the redis primary",
        "we've scaled payments to 12 pods",
        "Feature flag new-cart has been disabled in prod",
        "failing over to eu-west-1",
        "paged the db oncall",
    ] {
        check(text, &[(Sort::Action, text)]);
    }
}

#[test]
fn what_is_wanted_or_denied_is_no_action() {
    check("we haven't rolled back yet", &[]);
    check(
        "should we roll back?",
        &[(Sort::Question, "should we roll back?")],
    );
    check("let's roll back", &[(Sort::Decision, "let's roll back")]);
    check(
        "I will restart redis",
        &[(Sort::Decision, "I will restart redis")],
    );
    let text = "maybe the restarted pods lost their cache";
    check(text, &[(Sort::Hypothesis, text)]);
}

#[test]
fn impact_has_a_number() {
    for text in [
        "about 12% of checkouts are failing",
        "~300 customers affected so far",
        "error rate at 40%",
        "all users in EU are affected",
    ] {
        check(text, &[(Sort::Impact, text)]);
    }
    check("the customers page uses v2", &[]);
}

#[test]
fn emoji_greetings_and_edits_go() {
    check(
        ":fire: rolled back to v2.4.0 :tada: (edited)",
        &[(Sort::Action, "rolled back to v2.4.0")],
    );
    for text in [
        "hi all",
        "thanks!",
        "👍",
        "ok cool",
        "+1",
        "> rolled back to v2",
        "good morning team",
    ] {
        check(text, &[]);
    }
}

#[test]
fn a_label_says_what_a_note_is() {
    check(
        "resolved. action: linus adds an alert on pool wait by Friday",
        &[
            (Sort::Summary, "resolved."),
            (Sort::Task, "linus adds an alert on pool wait by Friday"),
        ],
    );
    check(
        "*Decision:* we stay on v2",
        &[(Sort::Decision, "we stay on v2")],
    );
    check("theory: dns", &[(Sort::Hypothesis, "dns")]);
    check(
        "AI: write the runbook",
        &[(Sort::Task, "write the runbook")],
    );
    check("action:", &[]);
}

#[test]
fn who_asks_whether_it_could_be_supposes_it() {
    let text = "could it be the new pool size?";
    check(text, &[(Sort::Hypothesis, text)]);
    let all = notes(&said(&[("ana", text), ("bo", "yes, the pool size")]));
    assert_eq!(all.of(Sort::Hypothesis).count(), 1);
}

#[test]
fn a_greeting_is_none_of_what_is_noted() {
    check(
        "hi all, restarted redis",
        &[(Sort::Action, "restarted redis")],
    );
    check(
        "good morning team - about 12% of checkouts are failing",
        &[(Sort::Impact, "about 12% of checkouts are failing")],
    );
    check(
        "hi all, paged: checkout error rate is up. looking",
        &[(Sort::Summary, "checkout error rate is up.")],
    );
}

#[test]
fn what_was_said_is_noted_once() {
    let all = notes(&said(&[
        ("ana", "rolled back to v2.4.0"),
        ("bo", "> rolled back to v2.4.0\nthanks"),
        ("bot", "Rolled back to v2.4.0"),
    ]));
    assert_eq!(all.of(Sort::Action).count(), 1);
    assert_eq!((all.messages, all.dropped), (3, 2));
    assert_eq!(all.people.len(), 3);
}

#[test]
fn questions_that_nobody_answered_stay() {
    let all = notes(&said(&[
        ("ana", "did the migration finish?"),
        ("bo", "yes, at ten"),
        ("ana", "who owns the ledger queue?"),
        ("bo", "restarted redis"),
        ("cy", "is the status page updated?"),
        ("bo", "error rate at 3%"),
        ("dee", "I updated the status page"),
    ]));
    let left: Vec<&str> = all
        .of(Sort::Question)
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(left, ["who owns the ledger queue?"]);
}

#[test]
fn the_course_is_marked() {
    use super::Mark;
    for (text, mark) in [
        ("checkout is down", Some(Mark::Detected)),
        ("ack, looking into it", Some(Mark::Acknowledged)),
        ("errors are dropping", Some(Mark::Contained)),
        ("all clear, incident resolved", Some(Mark::Resolved)),
        ("not resolved yet", None),
        ("we see it once it is resolved", Some(Mark::Detected)),
    ] {
        let all = notes(&said(&[("ana", text)]));
        let found = all.all.first().and_then(|note| note.mark);
        assert_eq!(found, mark, "{text}");
    }
}

#[test]
fn several_sentences_are_several_notes() {
    check(
        "I think it is the new pool size. Rolled back to v2. About 5% of orders failed.",
        &[
            (Sort::Hypothesis, "I think it is the new pool size."),
            (Sort::Action, "Rolled back to v2."),
            (Sort::Impact, "About 5% of orders failed."),
        ],
    );
}
