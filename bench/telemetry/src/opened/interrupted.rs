//! Secrets and identifiers with something in their middle: colours, invisible and look-alike
//! characters, line breaks of terminals and shippers, a cut end.

use crate::draw::Draw;
use crate::marked::Marked;
use crate::record::Encoding;

use super::render;
use super::{secret, value};

/// A way to make a whole record's text.
pub(crate) type Line = fn(&mut Draw) -> Marked;

/// What interrupts, by name.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("op_colour_inside", |draw| {
        let code = draw.of(&[
            "\u{1b}[0m",
            "\u{1b}[1;31m",
            "\u{1b}[38;5;208m",
            "\u{1b}[K",
            "\u{1b}[m\u{1b}[K",
        ]);
        broken(draw, code)
    }),
    ("op_colour_around", |draw| {
        let made = told(draw);
        let form = "\u{1b}[33mDEBUG\u{1b}[0m ~mod~ \u{1b}[36m§0\u{1b}[0m";
        placed(draw, form, &made)
    }),
    ("op_zero_width", |draw| {
        let sign = draw.of(&["\u{200b}", "\u{200d}", "\u{feff}", "\u{2060}", "\u{200c}"]);
        broken(draw, sign)
    }),
    ("op_soft_hyphen", |draw| broken(draw, "\u{ad}")),
    ("op_bidi", |draw| {
        let sign = draw.of(&["\u{202a}", "\u{202e}", "\u{2066}", "\u{200e}"]);
        broken(draw, sign)
    }),
    ("op_look_alike", look_alike),
    ("op_hard_wrap", |draw| broken(draw, "\n")),
    ("op_continuation", |draw| broken(draw, "\\\n")),
    ("op_pem_records", pem_records),
    ("op_pem_truncated", pem_truncated),
    ("op_pem_escaped", pem_escaped),
    ("op_cut_end", cut_end),
];

/// A value that its form or the word before it tells.
fn told(draw: &mut Draw) -> Marked {
    let form = draw.of(&[
        "«token»",
        "«token»",
        "«token»",
        "Authorization: Bearer «jwt»",
        "api_key=«key»",
        "card «card:plain»",
        "contact «email»",
        "password=«pw»",
        "iban «iban:DE»",
    ]);
    render(draw, form)
}

fn placed(draw: &mut Draw, form: &str, made: &Marked) -> Marked {
    let form = render(draw, form).text;
    Marked::fill(&form, &[made])
}

/// A provider's token with a sign once in its middle.
fn broken(draw: &mut Draw, sign: &str) -> Marked {
    let made = value::slot(draw, "token", "");
    let count = made.text.chars().count() as u64;
    let at = draw.between(count / 4, count * 3 / 4);
    let mut n = 0;
    let inner = made.map(Encoding::Broken, |c, out| {
        if n == at {
            out.push_str(sign);
        }
        n += 1;
        out.push(c);
    });
    let form = draw.of(&[
        "~tsl~ ~lvl~ sync started with §0",
        "remote: token §0 accepted",
        "+ login --with §0",
        "[~time~] using credential §0 for ~svc~",
        "~svc~: key §0 loaded",
    ]);
    placed(draw, form, &inner)
}

/// A letter of a known prefix from another alphabet.
fn look_alike(draw: &mut Draw) -> Marked {
    let provider = draw.of(&["github", "stripe", "gitlab", "slack", "npm"]);
    let made = value::slot(draw, "token", provider);
    let mut is_done = false;
    let inner = made.map(Encoding::Broken, |c, out| {
        let other = match c {
            'p' => 'р',
            's' => 'ѕ',
            'o' => 'о',
            'x' => 'х',
            c => c,
        };
        out.push(if is_done { c } else { other });
        is_done |= other != c;
    });
    placed(
        draw,
        "~ts~ ~svc~ rejected credential §0 with ~status~",
        &inner,
    )
}

/// A key of which each line is a record of its own with its own head.
fn pem_records(draw: &mut Draw) -> Marked {
    let (heading, body) = secret::key_body(draw);
    let head = draw.of(&[
        "~ts~ stderr F ",
        "~=web-1,api-2~  | ",
        "~tsc~ ~host~ ~svc~[~n4~]: ",
        "~tsl~ INFO  ~cls~ - ",
    ]);
    let head = render(draw, head).text;
    let dashes = "-----";
    let mut lines = vec![Marked::from(format!(
        "{head}loading {dashes}BEGIN {heading}{dashes}"
    ))];
    lines.extend(body.lines().map(|line| {
        let line = crate::made::secret("private_key", line.to_owned()).mark();
        Marked::fill(&format!("{head}§0"), &[&line])
    }));
    lines.push(Marked::from(format!("{head}{dashes}END {heading}{dashes}")));
    Marked::join(&lines, "\n")
}

/// A key that a limit of length cut off.
fn pem_truncated(draw: &mut Draw) -> Marked {
    let (heading, body) = secret::key_body(draw);
    let body = crate::made::secret("private_key", body).mark();
    let dashes = "-----";
    let head = render(draw, "~tsl~ ~lvl~ tls material: ").text;
    let form = format!("{head}⟦{dashes}BEGIN {heading}{dashes}⟧\n§0");
    let all = Marked::fill(&form, &[&body]);
    let keep = all.text.len() - draw.between(30, 90) as usize;
    all.cut(keep)
}

/// A key in one line, its breaks as `\n`.
fn pem_escaped(draw: &mut Draw) -> Marked {
    let key = crate::encode::json(&secret::pem(draw));
    let form = draw.of(&[
        "TLS_KEY=\"§0\"",
        "\"private_key\": \"§0\",",
        "~tsl~ WARN bad key '§0'",
        "key: \"§0\"",
        "{\"type\": \"service_account\", \"private_key\": \"§0\"}",
    ]);
    placed(draw, form, &key)
}

/// A line that a shipper cut within a secret.
fn cut_end(draw: &mut Draw) -> Marked {
    let form = draw.of(&[
        "~tsl~ ~lvl~ upstream said {\"error\":\"denied\",\"client_secret\":\"«csecret»",
        "<134>~tsc~ ~host~ app: retry with Authorization: Bearer «jwt»",
        "~ts~ connect postgres://⟦app⟧:«dsn»",
        "~ts~ env dump: PATH=/usr/bin AWS_SECRET_ACCESS_KEY=«aws_secret»",
        "~tsl~ GET /cb?session=ok&access_token=«bearer»",
    ]);
    let all = render(draw, form);
    let end = all
        .plants
        .iter()
        .map(|plant| plant.start)
        .max()
        .unwrap_or(0);
    // At least twelve characters of the secret stay, all of them ASCII.
    let most = all.text.len() - end;
    let keep = end + 12.min(most) + draw.below(most.saturating_sub(12).max(1) as u64) as usize;
    all.cut(keep)
}
