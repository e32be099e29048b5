//! Whole logs: what came before, what belongs together, and what is told beside the message.

use super::tests::{Draw, at, decisive, errors, quiet, read};
use super::{Report, Verdict, json, text};

/// A quiet log of an hour, with more lines.
pub(super) fn hour(seed: u64, more: impl IntoIterator<Item = (u64, String)>) -> Report {
    let mut lines = quiet(3_600, &mut Draw(seed));
    lines.extend(more);
    read(lines)
}

/// A line at a second.
fn line(second: u64, text: &str) -> (u64, String) {
    (second, format!("{} {text}", at(second)))
}

fn changes(report: &Report) -> Vec<&str> {
    let texts = report.changes.iter().map(|change| change.text.as_str());
    texts.collect()
}

#[test]
fn a_change_in_the_logs_own_words_is_told() {
    let told = "INFO rules 118 in force, 212 of them (was 117, 498 of them)";
    let mut lines = errors("publish denied for meter 7", 2_400..3_600);
    lines.push(line(2_200, told));
    let report = hour(21, lines);
    assert!(
        changes(&report)[0].starts_with("rules 118 in force"),
        "{}",
        text(&report)
    );
}

#[test]
fn a_warning_that_came_once_before_names_what_fails_and_is_told() {
    let flood = errors("read of disk sdd failed, sector 77", 2_400..3_600);
    let sign = line(800, "WARN device sdd: 8 sectors are pending");
    let stranger = line(900, "WARN device sda: fan is loud");
    let report = hour(22, flood.into_iter().chain([sign, stranger]));
    assert_eq!(changes(&report), ["device sdd: 8 sectors are pending"]);
}

#[test]
fn an_orderly_change_in_words_of_trouble_is_not_the_failure() {
    let flood = errors("no credentials: vault is sealed", 2_420..3_600);
    let change = line(2_400, "Killing container vault (reason: node drain)");
    let report = hour(23, flood.into_iter().chain([change]));
    assert!(
        decisive(&report).text.contains("sealed"),
        "{}",
        text(&report)
    );
    assert_eq!(
        changes(&report),
        ["Killing container vault (reason: node drain)"]
    );
    assert!(
        text(&report).contains("It began at 2026-03-03 10:40:20 UTC"),
        "{}",
        text(&report)
    );
}

#[test]
fn what_was_over_long_before_is_told_as_before() {
    let burst = errors("access to queue mail refused", [600, 603, 606].into_iter());
    let flood = errors("missed heartbeats from client 7", 2_400..3_600);
    let report = hour(24, burst.into_iter().chain(flood));
    assert!(
        decisive(&report).text.contains("heartbeats"),
        "{}",
        text(&report)
    );
    assert_eq!(changes(&report), ["access to queue mail refused"]);
    assert_eq!(
        report.began.unwrap().time_ns % 86_400_000_000_000 / 1_000_000_000,
        38_400
    );
}

#[test]
fn a_cause_long_before_is_told() {
    for count in [3, 15] {
        let full = errors("volume data: no space left on device", 1_200..1_200 + count);
        let flood = errors("missed heartbeats from client 7", 2_400..3_600);
        let report = hour(33, full.into_iter().chain(flood));
        let shown = text(&report);
        assert!(shown.contains("no space left on device"), "{shown}");
    }
}

#[test]
fn what_came_before_and_is_no_change_is_told_beside() {
    let burst = errors("access to queue mail refused", 600..615);
    let noise = (0..3).flat_map(|n| errors(&format!("page {n}x lost by a client"), 3..3_600));
    let flood = errors("missed heartbeats from client 7", 2_400..3_600);
    let noise = noise.filter(|(second, _)| second % 40 == 0);
    let report = hour(34, burst.into_iter().chain(flood).chain(noise));
    let shown = text(&report);
    assert!(decisive(&report).text.contains("heartbeats"), "{shown}");
    assert_eq!(changes(&report), Vec::<&str>::new());
    assert!(shown.contains("access to queue mail refused"), "{shown}");
}

#[test]
fn a_cause_in_words_of_a_change_is_no_orderly_change() {
    for told in [
        "Cannot create segment file: no space left on device",
        "could not reload: disk full",
    ] {
        let quiet = quiet(3_600, &mut Draw(35)).into_iter();
        let quiet = quiet.map(|(second, text)| (second, text.replace("INFO ", "")));
        let cause = line(2_399, told);
        let flood = (2_400..3_600).map(|second| line(second, "write of batch 7 failed"));
        let report = read(quiet.chain([cause]).chain(flood).collect());
        let problems = report.problems.iter();
        let texts: Vec<&str> = problems.map(|told| told.text.as_str()).collect();
        assert!(texts.contains(&told), "{}", text(&report));
    }
}

#[test]
fn a_few_lines_in_two_bursts_are_no_incident() {
    let twice = || (900..904).chain(2_900..2_904);
    let report = hour(36, errors("client closed the page, aborted", twice()));
    assert_eq!(
        report.verdict,
        Verdict::NothingStandsOut,
        "{}",
        text(&report)
    );
    let flood = errors("ledger lost", 2_400..3_600);
    let noise = errors("certificate verify failed for a peer", twice());
    let report = hour(36, flood.into_iter().chain(noise));
    assert_eq!(decisive(&report).text, "ledger lost", "{}", text(&report));
}

#[test]
fn what_came_last_long_before_the_end_is_not_said_to_go_on() {
    let lost = errors("ledger lost", (800..1_000).step_by(7));
    let again = errors("ledger lost", (2_800..3_000).step_by(7));
    let shown = text(&hour(37, lost.into_iter().chain(again)));
    assert!(shown.contains("came last at 2026-03-03 10:49:"), "{shown}");
    assert!(!shown.contains("had not stopped"), "{shown}");
}

#[test]
fn methods_and_routes_of_one_failure_are_one_problem() {
    let methods = ["GET", "POST"];
    let failed = (2_400..3_600).map(|second| {
        let method = methods[second as usize % 2];
        line(
            second,
            &format!("ERROR upstream lost: \"{method} /cart\" to a.b.example:80"),
        )
    });
    let report = hour(25, failed);
    assert_eq!(report.problems.len(), 1, "{}", text(&report));
    assert_eq!(decisive(&report).count, 1_200);
}

#[test]
fn a_number_that_never_varies_is_told() {
    let failed = (2_400..3_600).map(|second| {
        line(
            second,
            &format!("ERROR order {second}: error 1205 of port 5432, deadlock"),
        )
    });
    let report = hour(26, failed);
    assert_eq!(
        decisive(&report).text,
        "order <num>: error 1205 of port 5432, deadlock"
    );
    // What is searched for holds no number, for those of a sample alone are known.
    assert_eq!(report.constant, ", deadlock");
    let shown = text(&report);
    assert!(shown.contains("grep -nF -e ', deadlock'"), "{shown}");
}

#[test]
fn what_varies_later_is_not_told_as_constant() {
    let failed = (2_400..3_600_u64).map(|second| {
        let at = second - 2_399;
        let shard = if at <= 8 || at.is_power_of_two() {
            3
        } else {
            second % 7
        };
        line(
            second,
            &format!("ERROR request {second} of shard {shard} failed"),
        )
    });
    let report = hour(26, failed);
    assert_eq!(
        decisive(&report).text,
        "request <num> of shard <num> failed"
    );
}

#[test]
fn of_what_is_unjudged_no_number_of_the_first_line_is_told() {
    let quiet = quiet(3_600, &mut Draw(38)).into_iter();
    let quiet = quiet.map(|(second, text)| (second, text.replace("INFO ", "")));
    let new = (1_800..3_600).map(|second| {
        let page = second * 7;
        line(
            second,
            &format!("replica {second} reads page {page} of the volume"),
        )
    });
    let report = read(quiet.chain(new).collect());
    assert_eq!(report.verdict, Verdict::NewUnjudged, "{}", text(&report));
    assert_eq!(
        decisive(&report).text,
        "replica <num> reads page <num> of the volume"
    );
}

#[test]
fn what_is_raised_with_the_same_frames_may_vary() {
    let raised = |second: u64| {
        let title = format!("ERROR java.lang.IllegalStateException: order {second} is not open");
        let frames = ["Order.open(Order.java:41)", "Web.post(Web.java:17)"];
        let frames = frames.map(|frame| (second, format!("\tat com.acme.shop.{frame}")));
        std::iter::once(line(second, &title)).chain(frames)
    };
    let report = hour(39, (2_400..3_600).flat_map(raised));
    let told = &decisive(&report).raised;
    assert!(told.contains("order <num> is not open"), "{told}");
}

#[test]
fn the_search_holds_nothing_that_is_not_shown_and_is_no_option() {
    let hidden = "ledger\u{202e} is\u{200b} sealed and cannot\u{a0}be opened";
    let report = hour(40, errors(hidden, 2_400..3_600));
    assert_eq!(report.constant, "", "{}", text(&report));
    let option = errors("--config of the importer is lost", 2_400..3_600);
    let shown = text(&hour(40, option));
    assert!(shown.contains("grep -nF -e '--config of"), "{shown}");
}

#[test]
fn the_line_with_which_it_began_is_told() {
    let report = hour(27, errors("lost the ledger", 2_000..3_600));
    let shown = text(&report);
    // A line each second, and the first failing one behind that of its second.
    assert!(
        shown.contains("It began at 2026-03-03 10:33:20 UTC (line 2002)"),
        "{shown}"
    );
}

#[test]
fn episodes_are_told_with_their_bounds() {
    let seconds = (1_000..1_200).step_by(10).chain((2_400..2_600).step_by(10));
    let mut lines = errors("hold timer of the peer expired, denied", seconds);
    let noise = (0..3_600).step_by(11);
    lines.extend(errors("next hop unreachable", noise));
    let report = hour(28, lines);
    assert_eq!(report.verdict, Verdict::Found);
    let shown = text(&report);
    let told = "It came 2 times: 10:16:40 to 10:19:50 (20 lines), 10:40:00 to 10:43:10 (20 lines).";
    assert!(shown.contains(told), "{shown}");
    assert_eq!(json(&report)["decisive"]["episodes"][1]["count"], 20);
}

#[test]
fn what_came_regularly_and_stopped_is_told_with_its_rhythm() {
    let backups = (60..1_200)
        .step_by(120)
        .map(|second| line(second, "INFO backup of orders written"));
    let others = (90..3_600)
        .step_by(120)
        .map(|second| line(second, "INFO backup of crm written"));
    let flood = errors("the journal is full", 2_400..3_600);
    let report = hour(29, backups.chain(others).chain(flood));
    let shown = text(&report);
    assert_eq!(report.silent.len(), 1, "{shown}");
    assert!(
        shown.contains("`backup of orders written` came every 120 s, 10 times"),
        "{shown}"
    );
    let none = hour(29, errors("the journal is full", 2_400..3_600));
    assert_eq!(none.silent, []);
}

#[test]
fn what_is_written_at_the_start_alone_did_not_fall_silent() {
    let start = (0..30).map(|second| line(second, &format!("INFO applied script V{second}")));
    let report = hour(29, start.chain(errors("the journal is full", 2_400..3_600)));
    assert_eq!(report.silent, []);
    let rounds = (0..1_200).step_by(60);
    let rounds = rounds.map(|second| line(second, &format!("INFO round {second} of the guard")));
    let report = hour(
        29,
        rounds.chain(errors("the journal is full", 2_400..3_600)),
    );
    assert_eq!(report.silent[0].text, "round <num> of the guard");
}

#[test]
fn a_number_that_grows_before_is_told() {
    let depth = |second: u64| 12 + second.saturating_sub(1_200) / 5 + second % 3;
    let queue = (0..3_600).step_by(30).map(|second| {
        let id = second * 7;
        line(
            second,
            &format!("INFO queue depth={} id={id}", depth(second)),
        )
    });
    let report = hour(30, queue.chain(errors("time limit exceeded", 2_400..3_600)));
    let shown = text(&report);
    assert_eq!(report.grew.len(), 1, "{shown}");
    assert_eq!(report.grew[0].key, "depth");
    assert!(report.grew[0].to.parse::<u64>().unwrap() > 230, "{shown}");
    // What is printed grew as much as is said.
    let drop = |second: u64| if second >= 2_370 { 0 } else { depth(second) };
    let queue = (0..3_600).step_by(30).map(|second| {
        let depth = drop(second);
        line(second, &format!("INFO queue depth={depth}"))
    });
    let report = hour(30, queue.chain(errors("time limit exceeded", 2_400..3_600)));
    assert_eq!(report.grew, []);
    // Of two pools each has a row of its own.
    let pools = (0..3_600).step_by(20).flat_map(|second| {
        let pool =
            |name: &str, active: u64| line(second, &format!("INFO pool={name} active={active}"));
        [pool("a", depth(second)), pool("b", 2)]
    });
    let report = hour(30, pools.chain(errors("time limit exceeded", 2_400..3_600)));
    assert_eq!(report.grew.len(), 1, "{}", text(&report));
    assert_ne!(report.grew[0].from, "2");
    assert_ne!(report.grew[0].to, "2");
    let flat = (0..3_600)
        .step_by(30)
        .map(|second| line(second, &format!("INFO queue depth={}", 9 + second % 4)));
    let report = hour(30, flat.chain(errors("time limit exceeded", 2_400..3_600)));
    assert_eq!(report.grew, []);
}

#[test]
fn the_column_of_the_logger_names_the_component() {
    let quiet = (0..600).map(|second| line(second, "INFO shop.web served"));
    let failed = (400..600).map(|second| line(second, "ERROR shop.request cannot serve"));
    let report = read(quiet.chain(failed).collect());
    assert_eq!(decisive(&report).components[0].0, "shop.request");
    let named = (0..600).map(|second| line(second, "orders-6f7d4 level=info msg=\"served\""));
    let failed =
        (400..600).map(|second| line(second, "orders-6f7d4 level=error msg=\"cannot serve\""));
    let report = read(named.chain(failed).collect());
    assert_eq!(decisive(&report).components[0].0, "orders");
}

#[test]
fn people_who_begin_each_message_are_no_components() {
    for (one, other) in [("marta.lind", "otto.berg"), ("Marta ", "Otto ")] {
        let quiet = (0..600).map(|second| line(second, &format!("INFO {one} signed in")));
        let failed =
            (400..600).map(|second| line(second, &format!("ERROR {other} cannot be charged")));
        let report = read(quiet.chain(failed).collect());
        assert_eq!(decisive(&report).components[0].0, "");
    }
}

#[test]
fn the_example_keeps_its_blanks_and_slots_one_pair_of_brackets() {
    let failed =
        (2_400..3_600).map(|second| line(second, &format!("ERROR <0.{second}.0> lost  it")));
    let report = hour(31, failed);
    let shown = text(&report);
    assert!(
        shown.contains("lost  it") && !shown.contains("<<"),
        "{shown}"
    );
}

#[test]
fn a_new_version_in_a_log_without_times_has_its_line() {
    let quiet = (0..3_600).map(|n| {
        let version = if n < 2_000 { "1.9" } else { "2.0" };
        (n, format!("level=info msg=served version={version}"))
    });
    let lost = (2_400..3_600).map(|n| (n, "level=error msg=\"ledger lost\"".to_owned()));
    let report = read(quiet.chain(lost).collect());
    let shown = text(&report);
    assert!(
        shown.contains("line 2001  version 2.0 first seen, 1.9 before"),
        "{shown}"
    );
}

#[test]
fn what_an_operator_did_is_what_may_be_undone() {
    let undo = |told: &str| {
        let change = line(2_390, &format!("INFO {told}"));
        let flood = errors("ledger lost", 2_400..3_600);
        let shown = text(&hour(44, flood.into_iter().chain([change])));
        assert!(shown.contains(told), "{shown}");
        shown.contains("undo that one first")
    };
    assert!(undo("deployed shop 2.4.1"));
    assert!(!undo("coupon SPRING released to basket"));
}

#[test]
fn the_advice_is_that_of_the_kind() {
    for (message, wanted, unwanted) in [
        (
            "403 Quota exceeded for free query bytes, forbidden",
            "uses the limit up",
            "Free space",
        ),
        (
            "failed to connect: password authentication failed",
            "credentials",
            "listens",
        ),
        (
            "550 messages were not sent, you are on our block list",
            "other side block",
            "credentials",
        ),
        (
            "access_refused: queue is in exclusive use",
            "session that blocks",
            "listens",
        ),
        (
            "slow fdatasync on the journal, too slow",
            "waits for",
            "Shed",
        ),
        (
            "write failed: no space left on device",
            "Free space",
            "limit",
        ),
    ] {
        let shown = text(&hour(32, errors(message, 2_400..3_600)));
        let (_, advice) = shown.split_once("WHAT MAY BE DONE").unwrap();
        let advice = advice.split("READ").next().unwrap();
        assert!(
            advice.contains(wanted) && !advice.contains(unwanted),
            "{shown}"
        );
    }
}
