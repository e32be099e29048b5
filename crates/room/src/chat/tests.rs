//! Chats in the shapes that people copy them in. All written for this test.

use super::read;

/// The messages of a paste: time or clock, who, text.
fn messages(text: &str) -> Vec<String> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let found = read(&lines, true);
    let shown = found.iter().map(|m| {
        let time = m.when.rfc3339().or(m.when.clock()).unwrap_or_default();
        format!("{time}|{}|{}", m.who, m.text.trim().replace('\n', "/"))
    });
    shown.collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(messages(text), expected, "{text}");
}

#[test]
fn slack_with_two_blanks_and_follow_ups() {
    check(
        "Monday, November 23rd, 2026\nAna Ito  10:42 AM\ncheckout is failing\nfor everyone\n\
         10:43\nlooking at the graphs\n\
         :eyes: 2\n2 replies\nBo Lund:palm_tree:  10:45 AM\nrolled back (edited)\nPagerDuty APP  \
         10:46 AM\nTriggered: x\n",
        &[
            "2026-11-23T10:42:00Z|Ana Ito|checkout is failing/for everyone",
            "2026-11-23T10:43:00Z|Ana Ito|looking at the graphs",
            "2026-11-23T10:45:00Z|Bo Lund|rolled back (edited)",
            "2026-11-23T10:46:00Z|PagerDuty|Triggered: x",
        ],
    );
}

#[test]
fn slack_with_brackets_and_unknown_day() {
    check(
        "ana [10:42 AM]\nit is down\n[10:43 AM] still down\nbo.lund [11:58 PM]\nack\nana [12:04 \
         AM]\nback up",
        &[
            "10:42:00|ana|it is down",
            "10:43:00|ana|still down",
            "23:58:00|bo.lund|ack",
            "00:04:00 on day 2|ana|back up",
        ],
    );
}

#[test]
fn name_and_time_on_lines_of_their_own() {
    check(
        "Ana Ito\n11/23/2026 10:42 AM\nwe see 500s\n\nBo Lund\n11/23/2026 10:44 AM\non it\n",
        &[
            "2026-11-23T10:42:00Z|Ana Ito|we see 500s",
            "2026-11-23T10:44:00Z|Bo Lund|on it",
        ],
    );
}

#[test]
fn teams_with_the_time_before_the_name() {
    check(
        "[11/23/2026 10:42 AM] Ana Ito\nwe see 500s\n[11/23/2026 10:44 AM] Bo Lund\non it\n",
        &[
            "2026-11-23T10:42:00Z|Ana Ito|we see 500s",
            "2026-11-23T10:44:00Z|Bo Lund|on it",
        ],
    );
}

#[test]
fn discord() {
    check(
        "Ana — Today at 10:42 AM\nanyone else seeing timeouts?\nBo — Today at 10:43 AM\nyes\n\
         [10:44 AM]\nrestarting redis\n",
        &[
            "10:42:00|Ana|anyone else seeing timeouts?",
            "10:43:00|Bo|yes",
            "10:44:00|Bo|restarting redis",
        ],
    );
}

#[test]
fn irc() {
    check(
        "--- Log opened Mon Nov 23 10:00:00 2026\n10:41 -!- cy [~cy@h] has joined #ops\n10:42 \
         <@ana> db is down\n\
         10:43 < bo> failing over\n10:43 * bo sighs\n",
        &[
            "10:42:00|ana|db is down",
            "10:43:00|bo|failing over",
            "10:43:00|bo|sighs",
        ],
    );
    check(
        "10:42:13   ana | db is down\n10:42:14   --> | cy has joined\n10:43:00   @bo | failing \
         over",
        &["10:42:13|ana|db is down", "10:43:00|bo|failing over"],
    );
    check(
        "<ana> is it down?\n<bo> yes it is",
        &["|ana|is it down?", "|bo|yes it is"],
    );
}

#[test]
fn whatsapp() {
    check(
        "23/11/2026, 10:40 - Messages and calls are end-to-end encrypted. Tap to learn more.\n\
         23/11/2026, 10:42 - Ana: payments fail\nsecond line\n03/12/2026, 10:44 - Bo: on it\n",
        &[
            "2026-11-23T10:42:00Z|Ana|payments fail/second line",
            "2026-12-03T10:44:00Z|Bo|on it",
        ],
    );
    check(
        "\u{200e}[11/23/26, 10:42:13\u{202f}AM] Ana Ito: payments fail\n[11/23/26, \
         10:44:00\u{202f}AM] Bo: \u{200e}image omitted\n",
        &["2026-11-23T10:42:13Z|Ana Ito|payments fail"],
    );
    // Nothing tells which number is the month: the clock alone is known.
    check(
        "03/04/2026, 10:42 - Ana: payments fail\n03/04/2026, 10:44 - Bo: on it",
        &["10:42:00|Ana|payments fail", "10:44:00|Bo|on it"],
    );
}

#[test]
fn zoom_and_meet() {
    check(
        "10:42:13 From Ana Ito to Everyone:\n\tis the bridge open?\n10:43:00\t From  Bo Lund : \
         yes\n",
        &[
            "10:42:13|Ana Ito|is the bridge open?",
            "10:43:00|Bo Lund|yes",
        ],
    );
    check(
        "Ana Ito, Nov 23, 10:42 AM\nis it up?\nBo Lund, Nov 23, 10:43 AM, Edited\nyes\n",
        &[
            "Nov 23 10:42:00|Ana Ito|is it up?",
            "Nov 23 10:43:00|Bo Lund|yes",
        ],
    );
}

#[test]
fn notes_with_a_time_before_each() {
    check(
        "2026-11-23\n- 10:42 UTC - deployed 2.4.1\n- 10:50 UTC: first errors\n10:55 ana: rolling \
         back\n",
        &[
            "2026-11-23T10:42:00Z||deployed 2.4.1",
            "2026-11-23T10:50:00Z||first errors",
            "2026-11-23T10:55:00Z|ana|rolling back",
        ],
    );
}

#[test]
fn names_alone() {
    check(
        "ana: is the db ok?\nbo: no, 90% of writes fail\nNote: see the runbook\nana: ok\n",
        &[
            "|ana|is the db ok?",
            "|bo|no, 90% of writes fail/Note: see the runbook",
            "|ana|ok",
        ],
    );
}

#[test]
fn logs_within_a_message_are_no_messages() {
    check(
        "Ana Ito  10:42 AM\nlook:\n```\n2026-11-23 10:41:00 ERROR db: gone\n10:41 x: y\n```\nBo  \
         10:43 AM\nuh\n",
        &[
            "10:42:00|Ana Ito|look:/```/2026-11-23 10:41:00 ERROR db: gone/10:41 x: y/```",
            "10:43:00|Bo|uh",
        ],
    );
}

#[test]
fn sentences_with_times_are_no_headers() {
    check(
        "Ana Ito  10:42 AM\nwe deployed at 10:30 AM\nRolled back at 10:40\nit began around \
         10:31, maybe 10:32\n",
        &[
            "10:42:00|Ana Ito|we deployed at 10:30 AM/Rolled back at 10:40/it began around \
             10:31, maybe 10:32",
        ],
    );
}
