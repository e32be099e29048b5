//! Incidents as people copy them out of chats: what is left of them. All of it is written for this
//! test.

use serde_json::{Value as Json, json};

use super::{noted, report, timeline};
use crate::postmortem::draft;

/// A message of a Slack export, so many seconds after 10:40.
fn message(seconds: u64, user: &str, text: &str) -> Json {
    json!({"type": "message", "user": user, "text": text,
        "ts": format!("{}.000100", 1_795_430_400 + seconds),
        "user_profile": {"display_name": user, "real_name": user}})
}

fn export() -> Vec<Json> {
    let bot = |seconds: u64, text: &str| {
        json!({"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "Pager",
            "text": "", "ts": format!("{}.000200", 1_795_430_400 + seconds),
            "attachments": [{"fallback": text, "title": text}]})
    };
    vec![
        bot(0, "Triggered #7: p99 of cart over 2s"),
        message(40, "tove", "ack, on it :eyes:"),
        message(70, "mara", "morning all, joining. what do we know so far?"),
        message(
            120,
            "tove",
            "p99 went up to 4.2s at 10:36 UTC, 30% of calls time out",
        ),
        message(
            170,
            "pia",
            "we shipped cart 5.12.0 at 10:31, <@jo> was that, right?",
        ),
        message(
            230,
            "mara",
            "could be the cache then. <@jo> can you turn the flag off?",
        ),
        message(300, "jo", "flag `prices` is off everywhere"),
        message(
            430,
            "mara",
            "decision: roll back cart to 5.11.3, tove drives",
        ),
        message(
            620,
            "tove",
            "rollback of cart to 5.11.3 is complete on all 24 pods",
        ),
        message(700, "tove", "p99 back to normal, 190ms. error rate 0.1%"),
        message(720, "jo", "sorry folks :disappointed:"),
        message(1_700, "mara", "all clear, resolving the incident"),
        bot(1_720, "Resolved #7: p99 of cart over 2s"),
        message(
            1_760,
            "mara",
            "action items: <@jo> test keys by Friday; <@tove> alert on hit rate",
        ),
        message(1_790, "pia", "I'll write the postmortem tomorrow"),
    ]
}

#[test]
fn an_export_is_one_story() {
    let told = report(&[("slack", &format!("{:#}", Json::from(export())))]);
    assert_eq!(told["sources"][0]["kind"], "slack");
    assert_eq!(
        timeline(&told),
        [
            "2026-11-23T10:31:00Z action we shipped cart 5.12.0 at 10:31, @jo was that, right?",
            "2026-11-23T10:36:00Z failure p99 went up to 4.2s at 10:36 UTC, 30% of calls time out",
            "2026-11-23T10:40:00Z alert p99 of cart over 2s",
            "2026-11-23T10:40:40Z message ack, on it",
            "2026-11-23T10:42:00Z message p99 went up to 4.2s at 10:36 UTC, 30% of calls time out",
            "2026-11-23T10:43:50Z message could be the cache then.",
            "2026-11-23T10:45:00Z action flag `prices` is off everywhere",
            "2026-11-23T10:47:10Z decision roll back cart to 5.11.3, tove drives",
            "2026-11-23T10:50:20Z action rollback of cart to 5.11.3 is complete on all 24 pods",
            "2026-11-23T10:51:40Z recovery p99 back to normal, 190ms.",
            "2026-11-23T10:51:40Z message error rate 0.1%",
            "2026-11-23T11:08:20Z recovery all clear, resolving the incident",
            "2026-11-23T11:08:40Z recovery ended: p99 of cart over 2s",
        ]
    );
    assert_eq!(noted(&told, "questions"), Vec::<&str>::new());
    assert_eq!(noted(&told, "impact").len(), 1);
    let draft = draft(&told, &json!({}));
    assert_eq!(
        draft["times"],
        json!({"began": "2026-11-23T10:36:00Z", "detected": "2026-11-23T10:40:00Z",
            "acknowledged": "2026-11-23T10:40:40Z", "contained": "2026-11-23T10:51:40Z",
            "resolved": "2026-11-23T11:08:40Z"})
    );
    let owners: Vec<(&str, Option<&str>)> = draft["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| (action["owner"].as_str().unwrap(), action["due"].as_str()))
        .collect();
    assert_eq!(
        owners,
        [
            ("jo", Some("Friday")),
            ("tove", None),
            ("pia", Some("tomorrow"))
        ]
    );
}

#[test]
fn steps_end_where_the_incident_does() {
    let kinds = |told: &Json| -> Vec<String> {
        let steps = told["ladder"].as_array().unwrap().iter();
        steps
            .map(|step| step["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = report(&[("slack", &Json::from(export()).to_string())]);
    assert_eq!(kinds(&all), ["follow_up", "follow_up", "follow_up"]);
    let open = Json::from(export()[..8].to_vec());
    let open = report(&[("slack", &open.to_string())]);
    assert_eq!(kinds(&open), ["verify", "verify", "roll_back", "roll_back"]);
    assert!(open["ladder"].to_string().contains("still fires"));
    assert!(open["ladder"].to_string().contains("cart 5.12.0"));
}

#[test]
fn a_copy_with_names_above_their_times_is_told_by_person() {
    let told = report(&[(
        "chat",
        "Maren Oduya\n  10:39 AM\njoined #inc-7.\n\n\
         Pager\nAPP  10:40 AM\nTriggered #7: cart is slow\n\n\
         Tove [SRE]\n — 10:41 AM\nlooking into it\n2 replies\nView thread\n\n\
         Maren Oduya\n  10:44 AM\n\
         [10:45]killed 140 idle sessions\nAction items:\n- Tove: pause the reports by Friday\n\
         - a page about pools (Maren)\n",
    )]);
    assert_eq!(told["sources"][0]["kind"], "chat");
    assert_eq!(told["alerts"][0]["title"], "cart is slow");
    let action = &told["notes"]["actions"][0];
    assert_eq!(
        (&action["who"], &action["line"]),
        (&json!("Maren Oduya"), &json!(17))
    );
    let draft = draft(&told, &json!({}));
    assert_eq!(draft["actions"][0]["owner"], "Tove");
    assert_eq!(draft["actions"][1]["owner"], "Maren Oduya");
    assert_eq!(draft["actions"][1]["line"], 20);
}

#[test]
fn what_began_before_it_was_seen_is_told_twice() {
    let told = report(&[(
        "teams",
        "[11/23 10:42 AM] Lind, Tove\nGetting a lot of 502s since about 10:35\n\
         [11/23 10:44 AM] Oduya, Mara\nRenewing the certificate now\n",
    )]);
    assert_eq!(
        timeline(&told),
        [
            "Nov 23 10:35:00 failure Getting a lot of 502s since about 10:35",
            "Nov 23 10:42:00 message Getting a lot of 502s since about 10:35",
            "Nov 23 10:44:00 action Renewing the certificate now",
        ]
    );
    assert_eq!(told["timeline"][1]["mark"], "detected");
    assert_eq!(told["timeline"][2]["who"], "Oduya, Mara");
}

#[test]
fn names_that_were_redacted_are_names() {
    let told = report(&[(
        "chat",
        "person_k3abcdefghijklmnopqrstuvwx  10:40 AM\nseeing errors on login since 10:31\n\
         [removed:person.name]  10:46 AM\nI suspect the config pushed at 10:29\nlet's revert it\n\
         [removed:person.name]  10:52 AM\nreverted the config\n",
    )]);
    assert_eq!(told["sources"][0]["kind"], "chat");
    assert_eq!(told["stacks"], json!([]));
    assert_eq!(told["notes"]["actions"][0]["who"], "[removed:person.name]");
    assert_eq!(told["notes"]["people"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_list_of_what_happened_has_its_day_from_its_title() {
    let told = report(&[(
        "notes.md",
        "Incident 2026-11-23: search is slow\n\n10:31 UTC - deploy of indexer 3.4\n\
         10:36 UTC - Alert: search 5xx above 5%\n10:38 - Ana acks\n\
         10:52 - Bo reverts indexer to 3.3\n\
         11:05 - 5xx back to normal\n11:20 - closed\n\nImpact: 40% of searches failed\n\n\
         TODO: Ana adds a mapping test\n",
    )]);
    assert_eq!(
        timeline(&told)[..6],
        [
            "2026-11-23T10:31:00Z change deploy of indexer 3.4",
            "2026-11-23T10:36:00Z alert Alert: search 5xx above 5%",
            "2026-11-23T10:38:00Z message Ana acks",
            "2026-11-23T10:52:00Z action Bo reverts indexer to 3.3",
            "2026-11-23T11:05:00Z recovery 5xx back to normal",
            "2026-11-23T11:20:00Z recovery closed",
        ]
    );
    assert_eq!(told["timeline"][0]["assumed"], json!(["day"]));
    assert_eq!(noted(&told, "tasks"), ["Ana adds a mapping test"]);
}

#[test]
fn times_below_their_texts_are_theirs() {
    let told = report(&[(
        "status",
        "Resolved - This incident has been resolved.\nNov 23, 11:20 UTC\n\
         Identified - The issue has been identified.\nNov 23, 10:51 UTC\n\
         Investigating - We see elevated error rates on checkout.\nNov 23, 10:42 UTC\n",
    )]);
    let lines = timeline(&told);
    assert!(
        lines[0].starts_with("Nov 23 10:42:00 message Investigating"),
        "{lines:#?}"
    );
    assert!(
        lines[2].starts_with("Nov 23 11:20:00 recovery Resolved"),
        "{lines:#?}"
    );
}

#[test]
fn the_order_of_pastes_does_not_matter() {
    let log = super::shop_log(20, 5);
    let chat = Json::from(export()).to_string();
    let one = report(&[("app.log", &log), ("slack", &chat)]);
    let other = report(&[("slack", &chat), ("app.log", &log)]);
    assert_eq!(timeline(&one), timeline(&other));
    assert_eq!(
        one["notes"]["impact"][0]["text"],
        other["notes"]["impact"][0]["text"]
    );
}
