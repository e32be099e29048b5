//! Streams of frames, as they should be and as they should not.

use proptest::prelude::*;

use super::*;

const BYTES_MAX: usize = 40;

/// Frames as text, each with a mark for each flag: `~` cut, `!` framing.
fn frames(pieces: &[&[u8]], counts: bool) -> Vec<String> {
    let ledger = Ledger::new(1 << 20);
    let mut framer = Framer::new(counts, BYTES_MAX, &ledger);
    let mut found = Vec::new();
    let show = |frame: &Frame<'_>| {
        assert!(frame.bytes.len() <= BYTES_MAX);
        let mut text = String::from_utf8_lossy(frame.bytes).into_owned();
        for (flag, mark) in [(flag::TRUNCATED, '~'), (flag::FRAMING, '!')] {
            if frame.flags.has(flag) {
                text.push(mark);
            }
        }
        text
    };
    for piece in pieces {
        let mut input = *piece;
        while let Some(frame) = framer.next(&mut input) {
            found.push(show(&frame));
        }
        assert!(input.is_empty(), "what gives no frame is taken");
    }
    found.extend(framer.end().map(|frame| show(&frame)));
    assert!(framer.end().is_none());
    found
}

/// The frames of a stream, whole and byte by byte.
fn check(stream: &str, expect: &[&str]) {
    let bytes = stream.as_bytes();
    assert_eq!(frames(&[bytes], true), expect, "{stream:?}");
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(frames(&single, true), expect, "{stream:?} byte by byte");
}

#[test]
fn both_framings_on_one_connection() {
    check("", &[]);
    check("\n\r\n\0", &[]);
    check(
        "<1>a\n<2>b\r\n<3>c\0<4>d",
        &["<1>a", "<2>b\r", "<3>c", "<4>d"],
    );
    check("4 <1>a5 <2>bc", &["<1>a", "<2>bc"]);
    check("4 <1>a\n4 <2>b\n", &["<1>a", "<2>b"]);
    check(
        "<1>a\n4 <2>b<3>c\n5 <4>de",
        &["<1>a", "<2>b", "<3>c", "<4>de"],
    );
    // A counted frame may hold ends of line.
    check("9 <1>a\nb\0\nc<2>d\n", &["<1>a\nb\0\nc", "<2>d"]);
    // Neither kind of syslog: lines.
    check(
        "hello\n12 monkeys\n2026-01-01 x\n",
        &["hello", "12 monkeys", "2026-01-01 x"],
    );
    check("0 <1>a\n", &["0 <1>a"]);
    check("1234567890 <1>a\n", &["1234567890 <1>a"]);
    check("999999999 <1>a\n", &["999999999 <1>a"]);
    // Cut off by the end of the connection.
    check("9 <1>a", &["<1>a~"]);
    check("12", &["12"]);
    check("12 ", &["12 "]);
}

#[test]
fn a_wrong_count_costs_no_other_frame() {
    // Too small: the tail is a frame of its own.
    check("3 <1>abc\n4 <2>d", &["<1>", "abc!", "<2>d"]);
    check("3 <1>abc4 <2>d4 <3>e", &["<1>", "abc!", "<2>d", "<3>e"]);
    check("3 <1><b>4 <2>d", &["<1>", "<b>", "<2>d"]);
    check("3 <1>7 up 4 <2>d", &["<1>", "7 up !", "<2>d"]);
    // Too large: the head of the next is swallowed.
    check("8 <1>a4 <2>b4 <3>c", &["<1>a4 <2", ">b!", "<3>c"]);
    check("6 <1>a4 <2>b\n4 <3>c", &["<1>a4 ", "<2>b", "<3>c"]);
    // Without an end of line and without a count to be found the tail is bounded.
    let tail = "x".repeat(100);
    let cut = format!("{}~!", "x".repeat(BYTES_MAX));
    check(&format!("3 <1>{tail}4 <2>d"), &["<1>", &cut, "<2>d"]);
}

#[test]
fn a_long_frame_is_cut_and_the_next_is_whole() {
    let long = format!("<1>{}", "a".repeat(60));
    let (exact, _) = long.split_at(BYTES_MAX);
    let cut = format!("{exact}~");
    check(&format!("{long}\n<2>b\n"), &[&cut, "<2>b"]);
    check(&format!("63 {long}4 <2>b"), &[&cut, "<2>b"]);
    check(&format!("{exact}\n40 {exact}<2>b"), &[exact, exact, "<2>b"]);
}

#[test]
fn lines_of_json_are_not_counted() {
    let stream = b"{\"a\":1}\n12 <3>\n\n{}\r\n7 <1>x";
    assert_eq!(
        frames(&[stream], false),
        ["{\"a\":1}", "12 <3>", "{}\r", "7 <1>x"]
    );
}

#[test]
fn without_memory_a_partial_frame_is_cut() {
    let ledger = Ledger::new(0);
    let mut framer = Framer::new(true, BYTES_MAX, &ledger);
    // A frame within one piece needs none.
    let mut input = &b"<1>abc\n<2>d"[..];
    assert_eq!(framer.next(&mut input).unwrap().bytes, b"<1>abc");
    assert!(framer.next(&mut input).is_none());
    let mut input = &b"ef\n<3>g\n"[..];
    let cut = framer.next(&mut input).unwrap();
    assert!(cut.bytes.is_empty() && cut.flags.has(flag::TRUNCATED));
    assert_eq!(framer.next(&mut input).unwrap().bytes, b"<3>g");
}

/// A stream of syllables that matter to framing.
fn stream() -> impl Strategy<Value = String> {
    let syllable = prop_oneof![
        Just("<13>"),
        Just("4 <1>a"),
        Just("5 <1>"),
        Just("12 "),
        Just("7"),
        Just("0"),
        Just(" "),
        Just("\n"),
        Just("\0"),
        Just("\r\n"),
        Just("<"),
        Just(">"),
        Just("text"),
        Just("a longer text without any end of its own "),
        Just("3 <191>x"),
        Just("1000000000 <"),
    ];
    prop::collection::vec(syllable, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_split_gives_the_same_frames(
        stream in stream(),
        cuts in prop::collection::vec(0..200usize, 0..8),
        counts: bool,
    ) {
        let bytes = stream.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= bytes.len()).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
        prop_assert_eq!(frames(&pieces, counts), frames(&[bytes], counts));
    }

    #[test]
    fn arbitrary_bytes_give_bounded_frames(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let found = frames(&[&bytes], true);
        prop_assert!(found.len() <= bytes.len());
    }

    /// What a sender frames as RFC 6587 says comes out as it was, whichever way it chose for each.
    #[test]
    fn well_framed_messages_come_out_as_they_were(
        sent in prop::collection::vec(("<[1-9][0-9]{0,2}>[a-z<>0-9 ]{0,20}", any::<bool>()), 0..12),
    ) {
        let mut stream = String::new();
        for (at, (text, counted)) in sent.iter().enumerate() {
            // A line after a counted frame must not quote a count with a priority.
            let after_counted = at.checked_sub(1).is_some_and(|before| sent[before].1);
            prop_assume!(*counted || !after_counted || text.matches('<').count() < 2);
            if *counted {
                stream += &format!("{} {text}", text.len());
            } else {
                stream += &format!("{text}\n");
            }
        }
        let texts: Vec<String> = sent.iter().map(|(text, _)| text.clone()).collect();
        prop_assert_eq!(frames(&[stream.as_bytes()], true), texts);
    }
}
