//! The draft as Markdown and as one HTML page.
//!
//! *Invariant:* no text of the draft is read as markup. In Markdown a text that could be is put in
//! a code span, whose fence is longer than any run of backquotes in it; in HTML every text is
//! escaped. Neither has a link, an image or a script.

use cordon_diagnose::printable;
use serde_json::Value as Json;

/// Sections that are texts or lists of texts: name in the draft, title.
const BEFORE: [(&str, &str); 4] = [
    ("summary", "Summary"),
    ("what_happened", "What happened"),
    ("why", "Why"),
    ("impact", "Impact"),
];
const AFTER: [(&str, &str); 4] = [
    ("hypotheses", "Hypotheses"),
    ("went_well", "What went well"),
    ("went_badly", "What went badly"),
    ("open_questions", "Questions that nobody answered"),
];
/// What is said where nothing is told.
const UNTOLD: &str = "Not told.";
/// The page's style; the only thing in it that is no text.
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;\
    padding:0 1rem;color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}\
    td,th{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top;\
    overflow-wrap:anywhere}small{color:#555}";

/// How a form writes its parts.
trait Form {
    fn heading(&self, out: &mut String, level: u8, text: &str);
    /// A text of this program, and one of the draft behind it.
    fn item(&self, out: &mut String, label: &str, text: &str);
    fn list(&self, out: &mut String, opens: bool);
    fn said(&self, out: &mut String, text: &str);
    fn table(&self, out: &mut String, head: &[&str], rows: &[Vec<String>]);
}

struct Markdown;
struct Html;

/// The draft in Markdown.
pub fn markdown(draft: &Json) -> String {
    let mut out = String::new();
    write(&Markdown, &mut out, draft);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// The draft as one page of HTML that loads nothing.
pub fn html(draft: &Json) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        escaped(&title(draft))
    );
    write(&Html, &mut out, draft);
    out.push_str("</body>\n</html>\n");
    out
}

fn title(draft: &Json) -> String {
    let title = text(draft, "title");
    if title.is_empty() {
        "Postmortem".to_owned()
    } else {
        format!("Postmortem: {title}")
    }
}

fn write(form: &dyn Form, out: &mut String, draft: &Json) {
    form.heading(out, 1, &title(draft));
    form.list(out, true);
    for (label, key) in [
        ("Status", "status"),
        ("Severity", "severity"),
        ("Owner", "owner"),
    ] {
        form.item(out, label, &or_open(&text(draft, key)));
    }
    form.list(out, false);
    for (key, title) in BEFORE {
        section(form, out, title, &lines(draft, key));
    }
    times(form, out, draft);
    timeline(form, out, draft);
    for (key, title) in AFTER {
        section(form, out, title, &lines(draft, key));
    }
    actions(form, out, draft);
    privacy(form, out, draft);
}

/// The lines of a text, or the texts of a list.
fn lines(draft: &Json, key: &str) -> Vec<String> {
    let told = draft.get(key).unwrap_or(&Json::Null);
    let one = told.as_str().into_iter().flat_map(str::lines);
    let several = told
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str);
    let all = one.chain(several).map(printable);
    all.filter(|line| !line.is_empty()).collect()
}

/// Texts under a title.
fn section(form: &dyn Form, out: &mut String, title: &str, lines: &[String]) {
    form.heading(out, 2, title);
    if lines.is_empty() {
        form.said(out, UNTOLD);
        return;
    }
    form.list(out, true);
    for line in lines {
        form.item(out, "", line);
    }
    form.list(out, false);
}

fn times(form: &dyn Form, out: &mut String, draft: &Json) {
    form.heading(out, 2, "Times");
    let names = [
        ("to_detect", "Time to detect"),
        ("to_acknowledge", "Time to acknowledge"),
        ("to_contain", "Time to contain"),
        ("to_resolve", "Time to resolve"),
    ];
    form.list(out, true);
    for (key, label) in names {
        let told = draft
            .pointer(&format!("/lengths/{key}/text"))
            .and_then(Json::as_str);
        form.item(out, label, told.unwrap_or("not known"));
    }
    form.list(out, false);
}

fn timeline(form: &dyn Form, out: &mut String, draft: &Json) {
    form.heading(out, 2, "Timeline (UTC)");
    let rows = list(draft, "timeline").iter().map(|entry| {
        let clock = text(entry, "clock");
        let time = text(entry, "time");
        let time = if time.is_empty() { clock } else { time };
        let who = [text(entry, "who"), text(entry, "component")];
        let who = who
            .into_iter()
            .find(|who| !who.is_empty())
            .unwrap_or_default();
        vec![time, text(entry, "kind"), who, text(entry, "text")]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        form.said(out, UNTOLD);
    } else {
        form.table(out, &["Time", "Kind", "Who", "What"], &rows);
    }
}

fn actions(form: &dyn Form, out: &mut String, draft: &Json) {
    form.heading(out, 2, "Actions");
    let rows = list(draft, "actions").iter().map(|entry| {
        vec![
            text(entry, "text"),
            or_open(&text(entry, "owner")),
            or_open(&text(entry, "due")),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        form.said(out, UNTOLD);
    } else {
        form.table(out, &["Action", "Owner", "Due"], &rows);
    }
}

fn privacy(form: &dyn Form, out: &mut String, draft: &Json) {
    form.heading(out, 2, "Privacy impact");
    let part = |key: &str| {
        draft
            .pointer(&format!("/privacy/{key}"))
            .unwrap_or(&Json::Null)
    };
    let score = part("score").as_u64().unwrap_or(0);
    form.list(out, true);
    let level = part("level").as_str().unwrap_or_default();
    form.item(out, "Score", &format!("{score} of 100, {level}"));
    for one in part("parts").as_array().into_iter().flatten() {
        let number = |key: &str| one.get(key).and_then(Json::as_u64).unwrap_or(0);
        let said = format!("{}, {} points", number("count"), number("points"));
        form.item(out, &text(one, "name"), &said);
    }
    for one in list(draft, "access") {
        let said = match one {
            Json::String(text) => text.clone(),
            one => {
                let keys = ["time", "who", "what", "class", "why"];
                let parts: Vec<String> = keys.iter().map(|key| text(one, key)).collect();
                let parts = parts.into_iter().filter(|part| !part.is_empty());
                parts.collect::<Vec<_>>().join(", ")
            }
        };
        form.item(out, "Access", &said);
    }
    form.list(out, false);
    form.said(out, part("rule").as_str().unwrap_or_default());
}

fn list<'d>(draft: &'d Json, key: &str) -> &'d [Json] {
    draft
        .get(key)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A text of the draft, printable.
fn text(entry: &Json, key: &str) -> String {
    entry
        .get(key)
        .and_then(Json::as_str)
        .map(printable)
        .unwrap_or_default()
}

fn or_open(text: &str) -> String {
    if text.is_empty() {
        "not told".to_owned()
    } else {
        text.to_owned()
    }
}

impl Form for Markdown {
    fn heading(&self, out: &mut String, level: u8, text: &str) {
        let marks = "#".repeat(level.into());
        out.push_str(&format!("{marks} {}\n\n", quoted(text)));
    }

    fn item(&self, out: &mut String, label: &str, text: &str) {
        out.push_str("- ");
        if !label.is_empty() {
            out.push_str(&format!("{}: ", quoted(label)));
        }
        out.push_str(&quoted(text));
        out.push('\n');
    }

    fn list(&self, out: &mut String, opens: bool) {
        if !opens {
            out.push('\n');
        }
    }

    fn said(&self, out: &mut String, text: &str) {
        out.push_str(&format!("{}\n\n", quoted(text)));
    }

    fn table(&self, out: &mut String, head: &[&str], rows: &[Vec<String>]) {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        out.push_str(&line(head.iter().map(|cell| (*cell).to_owned()).collect()));
        out.push_str(&line(head.iter().map(|_| "---".to_owned()).collect()));
        for row in rows {
            // A bar ends a cell even in a code span, and parsers differ in what a backslash before
            // it does: what looks like one stands there.
            let cells = row.iter().map(|cell| quoted(&cell.replace('|', "\u{a6}")));
            out.push_str(&line(cells.collect()));
        }
        out.push('\n');
    }
}

/// A text that is read as it is: as it stands where nothing in it could be markup, else in a code
/// span.
fn quoted(text: &str) -> String {
    let text = printable(text);
    if text.is_empty() || is_plain(&text) {
        return text;
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // Blanks at both ends are taken away by who reads it.
    format!("{fence} {text} {fence}")
}

/// Whether nothing in a text can be markup, wherever it stands in a line.
fn is_plain(text: &str) -> bool {
    let harmless = |c: char| c.is_alphanumeric() || " .,;:'\"?!%()/–—…≈#+=-".contains(c);
    let lower = text.to_ascii_lowercase();
    // `1. one`, `1) one`: an item of a list.
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let listed = digits.len() < text.len() && digits.starts_with(['.', ')']);
    text.starts_with(char::is_alphanumeric)
        && text.chars().all(harmless)
        && !listed
        && !lower.contains("://")
        && !lower.contains("www.")
}

impl Form for Html {
    fn heading(&self, out: &mut String, level: u8, text: &str) {
        out.push_str(&format!("<h{level}>{}</h{level}>\n", escaped(text)));
    }

    fn item(&self, out: &mut String, label: &str, text: &str) {
        out.push_str("<li>");
        if !label.is_empty() {
            out.push_str(&format!("<strong>{}:</strong> ", escaped(label)));
        }
        out.push_str(&escaped(text));
        out.push_str("</li>\n");
    }

    fn list(&self, out: &mut String, opens: bool) {
        out.push_str(if opens { "<ul>\n" } else { "</ul>\n" });
    }

    fn said(&self, out: &mut String, text: &str) {
        out.push_str(&format!("<p>{}</p>\n", escaped(text)));
    }

    fn table(&self, out: &mut String, head: &[&str], rows: &[Vec<String>]) {
        out.push_str("<table>\n<tr>");
        for cell in head {
            out.push_str(&format!("<th scope=\"col\">{}</th>", escaped(cell)));
        }
        out.push_str("</tr>\n");
        for row in rows {
            out.push_str("<tr>");
            for cell in row {
                out.push_str(&format!("<td>{}</td>", escaped(cell)));
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</table>\n");
    }
}

/// A printable text without anything that HTML reads as markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out
}
