//! Messages as chats export them in JSON.
//!
//! Slack's export (a channel's file of a day) and its API, the exports of Discord and Telegram,
//! Microsoft Graph (Teams), Google Chat and Mattermost: a list of objects with a text, a time and
//! an author under one of the names that these use. Users are named by their ids where a list of
//! users stands beside.

use std::collections::BTreeMap;

use crate::json::{Node, Value};
use crate::message::Message;
use crate::time::{self, When};

/// Members that hold messages.
const LISTS: [&str; 3] = ["messages", "value", "data"];
/// Members that hold the text, the time and the author.
const TEXTS: [&str; 4] = ["text", "content", "message", "body"];
const TIMES: [&str; 9] = [
    "ts",
    "timestamp",
    "createdDateTime",
    "createTime",
    "date_unixtime",
    "create_at",
    "date",
    "created_at",
    "time",
];
const AUTHORS: [&str; 8] = [
    "user", "author", "from", "sender", "username", "creator", "user_id", "name",
];
/// Messages that are looked at to tell that they are some.
const LOOKED_AT_COUNT_MAX: usize = 8;
/// Kinds of messages that say nothing: who came, went, and named what.
const SYSTEM: &[&str] = &[
    "channel_join",
    "channel_leave",
    "channel_topic",
    "channel_purpose",
    "channel_name",
    "channel_archive",
    "channel_unarchive",
    "group_join",
    "group_leave",
    "pinned_item",
    "unpinned_item",
    "bot_add",
    "bot_remove",
    "tombstone",
    "reminder_add",
    "systemEventMessage",
    "service",
    "GuildMemberJoin",
    "ChannelPinnedMessage",
    "ThreadCreated",
    "RecipientAdd",
    "RecipientRemove",
    "system_join_channel",
    "system_leave_channel",
    "system_add_to_channel",
    "system_header_change",
];

/// Whether a document holds messages.
pub(crate) fn is(node: &Node) -> bool {
    let all = list(node);
    let first = all.iter().take(LOOKED_AT_COUNT_MAX);
    let alike = first.filter(|item| is_message(item)).count();
    alike > 0 && alike * 2 >= all.len().min(LOOKED_AT_COUNT_MAX)
}

fn is_message(node: &Node) -> bool {
    let authored = AUTHORS.iter().any(|key| node.get(key).is_some());
    let texted = TEXTS.iter().any(|key| node.get(key).is_some());
    let slack = node.text_at(&["type"]) == Some("message") && node.get("ts").is_some();
    let record = node
        .any(&["level", "severity", "logger", "labels", "event"])
        .is_some();
    let person = node
        .any(&["user", "author", "from", "sender", "user_id", "bot_id"])
        .is_some();
    slack || texted && authored && person && moment(node).ns.is_some() && !record
}

fn list(node: &Node) -> &[Node] {
    if !node.items().is_empty() {
        return node.items();
    }
    let mut held = LISTS.iter().filter_map(|key| node.get(key));
    held.find(|list| !list.items().is_empty())
        .map_or(&[], Node::items)
}

/// Names of users by their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users(BTreeMap<String, String>);

impl Users {
    /// Takes users out of a list of them, and out of what messages tell of theirs.
    pub(crate) fn learn(&mut self, node: &Node) {
        let lists = [Some(node), node.get("users"), node.get("members")];
        for item in lists.into_iter().flatten().flat_map(Node::items) {
            let id = item
                .any_text(&["id"])
                .filter(|_| item.get("text").is_none());
            let profile = item.get("profile").or_else(|| item.get("user_profile"));
            let id = id.or_else(|| item.text_at(&["user"]));
            let name = profile.and_then(name_of).or_else(|| name_of(item));
            if let (Some(id), Some(name)) = (id, name) {
                self.0
                    .entry(id.to_owned())
                    .or_insert_with(|| name.to_owned());
            }
        }
    }

    /// The name of an id, or the id.
    fn name<'u>(&'u self, id: &'u str) -> &'u str {
        self.0.get(id).map_or(id, String::as_str)
    }
}

fn name_of(node: &Node) -> Option<&str> {
    node.any_text(&[
        "display_name",
        "displayName",
        "real_name",
        "nickname",
        "name",
        "username",
    ])
}

/// The messages of a document, in the order of their times.
pub(crate) fn read(node: &Node, users: &Users, give: &mut dyn FnMut(Message)) {
    let mut found: Vec<Message> = Vec::new();
    for item in list(node) {
        found.extend(message(item, users));
    }
    found.sort_by_key(|message| message.when.order());
    found.into_iter().for_each(give);
}

fn message(node: &Node, users: &Users) -> Option<Message> {
    let kind = node
        .any_text(&["subtype", "messageType", "type"])
        .unwrap_or_default();
    if SYSTEM.contains(&kind) {
        return None;
    }
    let author = AUTHORS.iter().find_map(|key| author(node.get(key)?, users));
    let profile = node.get("user_profile").and_then(name_of);
    let is_bot = kind == "bot_message" || node.get("bot_id").is_some() || is_program(node);
    let mut text = TEXTS
        .iter()
        .find_map(|key| text_of(node.get(key)?))
        .unwrap_or_default();
    for part in ["attachments", "embeds"]
        .iter()
        .filter_map(|key| node.get(key))
    {
        for one in part.items() {
            let keys = ["pretext", "title", "fallback", "text", "description"];
            for said in keys.iter().filter_map(|key| one.get(key)?.text()) {
                if !text.contains(said) {
                    text.push('\n');
                    text.push_str(said);
                }
            }
        }
    }
    let text = plain(text.trim(), users);
    let message = Message {
        line: node.line,
        who: profile.map(str::to_owned).or(author).unwrap_or_default(),
        when: moment(node),
        thread: node
            .any_text(&["thread_ts", "replyToId"])
            .unwrap_or_default()
            .to_owned(),
        is_bot,
        ..Message::default()
    };
    (!text.is_empty()).then(|| {
        let mut message = message;
        text.lines().for_each(|line| message.push(line));
        message
    })
}

fn is_program(node: &Node) -> bool {
    let author = node.get("author");
    author.and_then(|author| author.text_at(&["isBot"])) == Some("true")
        || node
            .at(&["from", "application"])
            .is_some_and(|app| !app.members().is_empty())
}

/// An author as an id, a name or an object with either.
fn author(node: &Node, users: &Users) -> Option<String> {
    if let Some(text) = node.text() {
        return Some(users.name(text).to_owned());
    }
    let inner = node.get("user").filter(|user| !user.members().is_empty());
    let told = inner.unwrap_or(node);
    name_of(told)
        .or_else(|| told.any_text(&["id"]))
        .map(|name| users.name(name).to_owned())
}

/// A text, or the texts of a list of pieces.
fn text_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::List(items) => {
            let parts = items
                .iter()
                .filter_map(|item| item.text().or_else(|| item.text_at(&["text"])));
            let all: Vec<&str> = parts.collect();
            Some(all.join(" ")).filter(|text| !text.is_empty())
        }
        Value::Object(_) => node.any_text(&["content", "text"]).map(str::to_owned),
        _ => node.text().map(str::to_owned),
    }
}

fn moment(node: &Node) -> When {
    let mut found = TIMES
        .iter()
        .filter_map(|key| time::read(node.get(key)?.text()?));
    found.next().unwrap_or_default()
}

/// A text without the markup that exports wrap names, links and paragraphs in.
fn plain(text: &str, users: &Users) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let inner = behind.get(1..).unwrap_or_default();
        let Some((mark, after)) = inner
            .split_once('>')
            .filter(|(mark, _)| !mark.contains('<'))
        else {
            out.push('<');
            rest = inner;
            continue;
        };
        let Some(shown) = marked(mark, users) else {
            out.push('<');
            rest = inner;
            continue;
        };
        out.push_str(&shown);
        rest = after;
    }
    out.push_str(rest);
    unescaped(&out)
}

/// What a mark between angle brackets stands for; none where it is none.
fn marked(mark: &str, users: &Users) -> Option<String> {
    let (target, label) = mark
        .split_once('|')
        .map_or((mark, None), |(t, l)| (t, Some(l)));
    if let Some(id) = target.strip_prefix('@') {
        let id = id.trim_start_matches(['!', '&']);
        return Some(format!("@{}", label.unwrap_or_else(|| users.name(id))));
    }
    if let Some(id) = target.strip_prefix('#') {
        return Some(format!("#{}", label.unwrap_or(id)));
    }
    if let Some(word) = target.strip_prefix('!') {
        let word = word.split('^').next().unwrap_or(word);
        return Some(label.map_or_else(|| format!("@{word}"), str::to_owned));
    }
    if target.contains("://") || target.starts_with("mailto:") {
        return Some(label.unwrap_or(target).to_owned());
    }
    // HTML, as Teams has it.
    let tag = mark.trim_start_matches('/');
    let name = tag
        .split([' ', '/'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match name.as_str() {
        "p" | "br" | "div" | "li" | "ul" | "ol" | "pre" | "blockquote" | "tr" => {
            Some("\n".to_owned())
        }
        "b" | "i" | "strong" | "em" | "code" | "span" | "a" | "at" | "u" | "img" | "emoji"
        | "td" | "attachment" | "table" | "tbody" | "h1" | "h2" | "h3" | "s" | "hr" => {
            Some(String::new())
        }
        _ => None,
    }
}

/// A text without the entities that exports write.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let mut out = text.to_owned();
    for (entity, shown) in pairs {
        out = out.replace(entity, shown);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn messages(text: &str) -> Vec<String> {
        let all = json::read(text);
        let mut users = Users::default();
        for node in &all {
            users.learn(node);
        }
        let mut out = Vec::new();
        for node in &all {
            assert!(is(node), "{text}");
            read(node, &users, &mut |m| {
                out.push(format!(
                    "{} {} {}",
                    m.when.rfc3339().unwrap_or_default(),
                    m.who,
                    m.text
                ));
            });
        }
        out
    }

    #[test]
    fn slack_is_read_with_its_users() {
        let text = r#"[
 {"type":"message","subtype":"channel_join","user":"U1","text":"<@U1> has joined the channel",
 "ts":"1795430400.000100"},
 {"type":"message","user":"U1","text":"<@U2> errors &gt; 5% on <https://g.example/d|the board>",
 "ts":"1795430520.000200",
  "user_profile":{"display_name":"ana","real_name":"Ana Ito"}},
 {"type":"message","user":"U2","text":"ack, <!here> looking","ts":"1795430400.000300",
 "user_profile":{"real_name":"Bo"}}
]"#;
        assert_eq!(
            messages(text),
            [
                "2026-11-23T10:40:00Z Bo ack, @here looking",
                "2026-11-23T10:42:00Z ana @Bo errors > 5% on the board"
            ]
        );
    }

    #[test]
    fn other_exports_are_read() {
        let discord = r#"{"guild":{},"messages":[{"id":"1","type":"Default",
        "timestamp":"2026-11-23T10:42:00.5+00:00",
            "content":"rolled back","author":{"id":"9","name":"bo","nickname":"Bo",
            "isBot":false}}]}"#;
        assert_eq!(
            messages(discord),
            ["2026-11-23T10:42:00.500Z Bo rolled back"]
        );
        let teams = r#"{"value":[{"id":"1","messageType":"message",
        "createdDateTime":"2026-11-23T10:42:00Z",
            "from":{"user":{"id":"a","displayName":"Bo Lund"}},"body":{"contentType":"html",
            "content":"<p>we are <b>back</b></p>"}}]}"#;
        assert_eq!(
            messages(teams),
            ["2026-11-23T10:42:00Z Bo Lund we are back"]
        );
        let telegram = r#"{"name":"ops","messages":[{"id":1,"type":"message",
        "date":"2026-11-23T10:42:00","date_unixtime":"1795430520",
            "from":"Bo","text":["see ",{"type":"link","text":"x"}]}]}"#;
        assert_eq!(messages(telegram), ["2026-11-23T10:42:00Z Bo see x"]);
    }

    #[test]
    fn records_of_logs_are_no_messages() {
        for text in [
            r#"[{"time":"2026-11-23T10:42:00Z","level":"info","message":"x","user":"u1"}]"#,
            r#"[{"timestamp":"2026-11-23T10:42:00Z","message":"x","name":"db"}]"#,
            r#"{"messages":[]}"#,
            "[1,2]",
        ] {
            assert!(!json::read(text).iter().any(is), "{text}");
        }
    }
}
