//! Secrets and identifiers of the held-back half with something in their middle: colours,
//! invisible and look-alike characters, breaks of terminals, mails and shippers, a cut end.

use crate::draw::Draw;
use crate::made::secret;
use crate::marked::Marked;
use crate::record::Encoding;

use super::secret::key_body;
use super::{render, value};

/// A way to make a whole record's text.
pub(crate) type Line = fn(&mut Draw) -> Marked;

/// What interrupts, by name.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("hb_ansi_inside", |draw| {
        let code = draw.of(&[
            "\u{1b}[1m",
            "\u{1b}[0;32m",
            "\u{1b}[39m",
            "\u{1b}[38;2;90;90;90m",
        ]);
        broken(draw, code)
    }),
    ("hb_ansi_each", ansi_each),
    ("hb_ansi_around", |draw| {
        let made = told(draw);
        let form = draw.of(&[
            "\u{1b}[90m~clock~\u{1b}[39m \u{1b}[34m[~mod~]\u{1b}[39m \u{1b}[1m§0\u{1b}[22m",
            "\u{1b}[32mINFO\u{1b}[0m[~d4~] \u{1b}[36m§0\u{1b}[0m",
            "\u{1b}[2m~isous~\u{1b}[0m \u{1b}[33m WARN\u{1b}[0m \u{1b}[2m~mod~\u{1b}[0m: §0",
        ]);
        placed(draw, form, &made)
    }),
    ("hb_ansi_pair", |draw| {
        let pair = render(
            draw,
            "\u{1b}[35mpassword\u{1b}[0m=\u{1b}[37m«pw»\u{1b}[0m \u{1b}[35mretries\u{1b}[0m=~n1~",
        );
        placed(draw, "~clock~ ~mod~ §0", &pair)
    }),
    ("hb_invisible", |draw| {
        let sign = draw.of(&["\u{200b}", "\u{200c}", "\u{2060}", "\u{feff}", "\u{180e}"]);
        broken(draw, sign)
    }),
    ("hb_soft_hyphen", |draw| broken(draw, "\u{ad}")),
    ("hb_direction", |draw| {
        let sign = draw.of(&["\u{200f}", "\u{202c}", "\u{2067}", "\u{2069}", "\u{202d}"]);
        broken(draw, sign)
    }),
    ("hb_homoglyph", homoglyph),
    ("hb_wrapped", |draw| broken(draw, "\n")),
    ("hb_wrapped_shell", |draw| broken(draw, "\\\n")),
    ("hb_key_prefixed", key_prefixed),
    ("hb_key_cut", key_cut),
    ("hb_key_in_string", key_in_string),
    ("hb_cut", cut),
];

/// A value that its form or the word before it tells.
fn told(draw: &mut Draw) -> Marked {
    let form = draw.of(&[
        "«token»",
        "«token»",
        "token: «jwt»",
        "Authorization: Bearer «bearer»",
        "user «email» signed in",
        "secret=«csecret»",
        "from «ip»",
        "card number «card»",
        "pw: «pw»",
        "call «phone»",
    ]);
    render(draw, form)
}

fn placed(draw: &mut Draw, form: &str, made: &Marked) -> Marked {
    let form = render(draw, form).text;
    Marked::fill(&form, &[made])
}

/// Where a provider's token stands that something interrupts.
const PLACES: &[&str] = &[
    "~comma~ ~lvl~ ~cls~ using §0 for upstream",
    "> pasted: §0",
    "~isoms~ secret scanner: §0 in ~path~",
    "login with §0 refused (~status~)",
    "note from chat: §0",
    "exec: deploy --auth §0",
];

/// A provider's token with a sign once in its middle.
fn broken(draw: &mut Draw, sign: &str) -> Marked {
    let made = value::slot(draw, "token", "");
    let count = made.text.chars().count() as u64;
    let at = draw.between(count / 3, count * 2 / 3);
    let mut n = 0;
    let inner = made.map(Encoding::Broken, |c, out| {
        if n == at {
            out.push_str(sign);
        }
        n += 1;
        out.push(c);
    });
    let form = draw.of(PLACES);
    placed(draw, form, &inner)
}

/// A token of which a search coloured a part.
fn ansi_each(draw: &mut Draw) -> Marked {
    let made = value::slot(draw, "token", "");
    let mut n = 0;
    let inner = made.map(Encoding::Broken, |c, out| {
        if n == 1 {
            out.push_str("\u{1b}[01;31m\u{1b}[K");
        }
        out.push(c);
        if n == 4 {
            out.push_str("\u{1b}[m\u{1b}[K");
        }
        n += 1;
    });
    placed(draw, "~path~:~n3~:  token = \"§0\"", &inner)
}

/// A letter of a known prefix from another alphabet.
fn homoglyph(draw: &mut Draw) -> Marked {
    let provider = draw.of(&[
        "github",
        "gitlab",
        "digitalocean",
        "shopify",
        "grafana",
        "slack",
    ]);
    let made = value::slot(draw, "token", provider);
    let mut is_done = false;
    let inner = made.map(Encoding::Broken, |c, out| {
        let other = match c {
            'a' => 'а',
            'o' => 'ο',
            'p' => 'р',
            's' => 'ѕ',
            'h' => 'һ',
            'x' => 'х',
            c => c,
        };
        out.push(if is_done { c } else { other });
        is_done |= other != c;
    });
    let form = draw.of(PLACES);
    placed(draw, form, &inner)
}

/// A key of which each line has the head of its logger.
fn key_prefixed(draw: &mut Draw) -> Marked {
    let (heading, body) = key_body(draw);
    let head = draw.of(&[
        "~sys~ ~host~ ~mod~[~n4~]: ",
        "[~svc~] ",
        "~isous~ stdout F ",
        "~clock~ | ",
        "web-1  | ",
    ]);
    let head = render(draw, head).text;
    let dashes = "-----";
    let mut lines = vec![Marked::from(format!(
        "{head}{dashes}BEGIN {heading}{dashes}"
    ))];
    lines.extend(body.lines().map(|line| {
        let line = secret("private_key", line.to_owned()).mark();
        Marked::fill(&format!("{head}§0"), &[&line])
    }));
    lines.push(Marked::from(format!("{head}{dashes}END {heading}{dashes}")));
    Marked::join(&lines, "\n")
}

/// A key that a limit of length cut off.
fn key_cut(draw: &mut Draw) -> Marked {
    let (heading, body) = key_body(draw);
    let body = secret("private_key", body).mark();
    let dashes = "-----";
    let head = render(draw, "~comma~ ~lvl~ bad certificate bundle ").text;
    let form = format!("{head}⟦{dashes}BEGIN {heading}{dashes}⟧\n§0");
    let all = Marked::fill(&form, &[&body]);
    let keep = all.text.len() - draw.between(20, 70) as usize;
    all.cut(keep)
}

/// A key in one line, its breaks as `\n`.
fn key_in_string(draw: &mut Draw) -> Marked {
    let key = crate::encode::json(&value::slot(draw, "pem", ""));
    let form = draw.of(&[
        "GITHUB_APP_KEY=\"§0\"",
        "{\"client_email\":null,\"private_key\":\"§0\"}",
        "~isoms~ ~lvl~ could not parse key: \"§0\"",
        "export SSH_KEY=$'§0'",
        "    tls.key: \"§0\"",
    ]);
    placed(draw, form, &key)
}

/// A line that a shipper cut within a secret.
fn cut(draw: &mut Draw) -> Marked {
    let form = draw.of(&[
        "~isoms~ request headers: {host=api.example.com, authorization=Bearer «jwt»",
        "~sys~ ~host~ ~mod~: {\"grant\":\"password\",\"password\":\"«cipher»",
        "~slash~ [error] upstream: \"https://api.example.com/v1/pay?api_key=«bearer»",
        "~comma~ connecting to amqp://⟦relay⟧:«dsn»",
        "+ export AWS_SECRET_ACCESS_KEY=«aws_secret»",
        "set-cookie: session=«session»",
    ]);
    let all = render(draw, form);
    let start = all
        .plants
        .iter()
        .map(|plant| plant.start)
        .max()
        .unwrap_or(0);
    // At least fourteen characters of the secret stay, all of them ASCII.
    let most = all.text.len() - start;
    let more = draw.below(most.saturating_sub(14).max(1) as u64) as usize;
    all.cut(start + 14.min(most) + more)
}
