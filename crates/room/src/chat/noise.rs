//! Lines of a chat that say nothing of an incident: who came and went, reactions, what the program
//! itself shows beside messages.

use crate::text::head;

/// Whole lines, in lower case.
const LINES: [&str; 34] = [
    "new",
    "new messages",
    "reply",
    "reply in thread",
    "view thread",
    "view newer replies",
    "like",
    "(edited)",
    "edited",
    "pinned",
    "has context menu",
    "has a reply",
    "image",
    "1 file",
    "sent",
    "delivered",
    "seen",
    "read",
    "copy",
    "copy link",
    "collapse",
    "expand",
    "see more",
    "see less",
    "download",
    "play",
    "jump to",
    "app",
    "bot",
    "translate message",
    "add reaction",
    "show more",
    "show less",
    "message deleted",
];
/// Beginnings, in lower case.
const BEGINNINGS: [&str; 22] = [
    "last reply ",
    "also sent to ",
    "replied to a thread",
    "view ",
    "pinned by ",
    "only visible to you",
    "meeting started",
    "meeting ended",
    "call started",
    "you missed a call",
    "this message was deleted",
    "messages and calls are end-to-end encrypted",
    "saved for later",
    "log opened",
    "log closed",
    "--- log ",
    "---- log ",
    "set the channel",
    "added an integration",
    "reacted ",
    "reactions: ",
    "last read",
];
/// Parts of what tells who came and went, in lower case.
const NOTICES: [&str; 30] = [
    "has joined",
    "joined the channel",
    "joined the meeting",
    "joined the call",
    "joined #",
    "has left",
    "left the channel",
    "left the meeting",
    "left the chat",
    "was added to",
    "were added to",
    "added to the channel",
    "added to the conversation",
    "was removed from",
    "set the channel topic",
    "set the channel's topic",
    "set the topic",
    "set the channel description",
    "set the channel purpose",
    "changed the topic",
    "changed the group",
    "renamed the channel",
    "pinned a message",
    "created this group",
    "created group",
    "changed this group",
    "security code changed",
    "joined using this group",
    "has quit",
    "is now known as",
];
/// What stands in the place of a picture.
const OMITTED: [&str; 5] = [
    "<media omitted>",
    "image omitted",
    "video omitted",
    "sticker omitted",
    "gif omitted",
];
/// Beginnings from this length on are those of nothing else, in bytes.
const BEGINNING_BYTES_SURE: usize = 16;
/// Beginnings from this length on make a longer line one that says nothing, in bytes.
const BANNER_BYTES_MIN: usize = 30;
/// Longest line that may be a notice, in bytes.
const NOTICE_BYTES_MAX: usize = 160;

/// Whether a line says nothing.
pub(crate) fn is(line: &str) -> bool {
    if line.len() > NOTICE_BYTES_MAX || is_banner(line) {
        return is_banner(line);
    }
    let lower = line.trim().to_lowercase();
    let bare = lower.trim_matches(['\u{200e}', '.', '-', '—', '–', ' ']);
    LINES.contains(&bare)
        || OMITTED.contains(&bare)
        || BEGINNINGS.iter().any(|start| lower.starts_with(start)) && is_short(&lower)
        || is_count(bare)
        || is_reactions(line)
        || is_notice(line)
}

/// Whether a line, however long, is what a program shows above its messages.
fn is_banner(line: &str) -> bool {
    let hidden = |c: char| c.is_whitespace() || c == '\u{200e}';
    let line = head(line.trim_start_matches(hidden), NOTICE_BYTES_MAX).to_lowercase();
    let mut long = BEGINNINGS
        .iter()
        .filter(|start| start.len() >= BANNER_BYTES_MIN);
    long.any(|start| line.starts_with(start))
}

/// Whether a line tells of who came, went or renamed something.
pub(crate) fn is_notice(line: &str) -> bool {
    let lower = line.to_lowercase();
    let told = lower.len() <= NOTICE_BYTES_MAX && !lower.contains('?');
    let begins = BEGINNINGS.iter().any(|start| {
        lower.starts_with(start) && (is_short(&lower) || start.len() >= BEGINNING_BYTES_SURE)
    });
    let sentence = lower.split_whitespace().count() <= 12;
    told && (begins
        || sentence && NOTICES.iter().any(|part| lower.contains(part)) && !is_technical(&lower))
}

/// Whether what joined or left may be a machine: `node 4 has left the cluster`.
fn is_technical(lower: &str) -> bool {
    let words = [
        "node", "cluster", "pod", "host", "broker", "replica", "shard", "instance", "member ",
        "server", "quorum", "pool", "consumer", "worker",
    ];
    words.iter().any(|word| lower.contains(word))
}

fn is_short(lower: &str) -> bool {
    lower.split_whitespace().count() <= 8
}

/// `2 replies`, `3 reactions`, `5 files`, `1 new message`.
fn is_count(lower: &str) -> bool {
    let Some((count, what)) = lower.split_once(' ') else {
        return false;
    };
    let things = [
        "reply",
        "replies",
        "reaction",
        "reactions",
        "file",
        "files",
        "new message",
        "new messages",
        "likes",
        "like",
        "unread",
        "unread messages",
        "message",
        "messages",
        "more replies",
    ];
    let counted = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    counted && things.contains(&what.split(" last reply").next().unwrap_or(what).trim())
}

/// `:+1: 3 :eyes: 2`, `👍 2`, `👀`: nothing but emoji and their counts.
pub(crate) fn is_reactions(line: &str) -> bool {
    let mut seen = false;
    let all = line.split_whitespace().all(|word| {
        let emoji = is_emoji(word);
        seen |= emoji;
        emoji || word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit())
    });
    seen && all
}

/// Whether a word is an emoji: its name between colons, or itself.
pub(crate) fn is_emoji(word: &str) -> bool {
    let name = word
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'));
    let named = name.is_some_and(|name| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_+-':".contains(c);
        !name.is_empty() && name.len() <= 64 && name.chars().all(fits)
    });
    let drawn = !word.is_empty() && word.chars().all(|c| {
        matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}'
                | '\u{20e3}' | '\u{e0020}'..='\u{e007f}' | '\u{3030}' | '\u{a9}' | '\u{ae}')
    });
    named || drawn
}

/// Words of a greeting.
const GREETINGS: [&str; 21] = [
    "hi",
    "hey",
    "hello",
    "morning",
    "afternoon",
    "evening",
    "good",
    "all",
    "folks",
    "team",
    "everyone",
    "everybody",
    "guys",
    "there",
    "thanks",
    "thank",
    "you",
    "ok",
    "okay",
    "so",
    "hiya",
];
/// Words of it, at most.
const GREETING_WORDS_MAX: usize = 4;

/// A text without the greeting that it begins with, where that is set apart: `hi all, …`.
pub(crate) fn without_greeting(text: &str) -> &str {
    let Some(at) = text.find([',', '!', '-', '–', '—']) else {
        return text;
    };
    let greeting = text.get(..at).unwrap_or_default();
    let mut words = greeting.split_whitespace();
    let greets = |word: &str| GREETINGS.iter().any(|one| word.eq_ignore_ascii_case(one));
    let short = (1..=GREETING_WORDS_MAX).contains(&greeting.split_whitespace().count());
    let rest = text.get(at..).unwrap_or_default();
    let rest = rest.trim_start_matches([',', '!', '-', '–', '—', ' ']);
    if short && words.all(greets) && !rest.is_empty() {
        rest
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn what_says_nothing_is_told() {
        for line in [
            "2 replies",
            "Last reply 3 minutes ago",
            ":+1: 3",
            "👍",
            "👀 2",
            "Ana joined #inc-42.",
            "-!- ana [~a@h] has joined #ops",
            "View thread",
            "(edited)",
            "was added to #inc by Bo.",
            "Bo set the channel topic: checkout is down",
            "<Media omitted>",
            "New",
            "\u{200e}Messages and calls are end-to-end encrypted. No one outside of this chat, \
             not even those who make the program, can read them, listen to them, or share them \
             with anybody. Learn more.",
        ] {
            assert!(is(line), "{line}");
        }
    }

    #[test]
    fn what_says_something_is_not() {
        for line in [
            "node 4 has left the cluster",
            "2 replicas lagging",
            "3 files were corrupted by the deploy",
            "rolled back",
            "is anybody here? Ana has left",
            "view the dashboard: it shows a spike at ten past",
            "done",
            "42",
        ] {
            assert!(!is(line), "{line}");
        }
    }
}
