//! Values that something interrupted: colours, invisible and look-alike characters, line breaks, a
//! cut.

use crate::carrier::http::{Line, filled};
use crate::draw::Draw;
use crate::marked::Marked;
use crate::noise::expand;
use crate::record::Encoding;
use crate::value::{self, Value};

/// All of them; text.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("ansi_inside", ansi_inside),
    ("ansi_around", ansi_around),
    ("ansi_around", ansi_around),
    ("zero_width", zero_width),
    ("soft_hyphen", soft_hyphen),
    ("homoglyph", homoglyph),
    ("bidi", bidi),
    ("hard_wrapped", hard_wrapped),
    ("hard_wrapped", hard_wrapped),
    ("wrapped_prefixed", wrapped_prefixed),
    ("continued", continued),
    ("truncated", truncated),
    ("truncated", truncated),
    ("full_width", full_width),
];

fn token(draw: &mut Draw) -> Value {
    loop {
        let value = value::provider_token(draw);
        if value.is_bare && value.text.len() >= 24 && !value.text.contains([':', '/', '=']) {
            return value;
        }
    }
}

/// Inserts `piece` behind the character that begins at byte `at` of a plant alone in its text.
fn split(value: &Value, at: usize, piece: &str) -> Marked {
    let mut n = 0;
    value.mark().map(Encoding::Broken, |c, out| {
        out.push(c);
        n += c.len_utf8();
        if n == at {
            out.push_str(piece);
        }
    })
}

const FORMS: &[&str] = &[
    "token=§0",
    "using §0 for {svc}",
    "Authorization: Bearer §0",
    "{msg} api_key=§0",
    "export TOKEN=§0",
    "§0",
    "key: §0",
    "{svc} got \"§0\"",
];

fn put(draw: &mut Draw, inner: &Marked) -> Marked {
    let form = draw.of(FORMS);
    let text = expand(draw, form);
    Marked::fill(&text, &[inner])
}

fn ansi_inside(draw: &mut Draw) -> Marked {
    let value = token(draw);
    let at = draw.between(4, value.text.len() as u64 - 4) as usize;
    let sequence = draw.of(&[
        "\u{1b}[0m",
        "\u{1b}[1;31m",
        "\u{1b}[K",
        "\u{1b}[0m\u{1b}[33m",
    ]);
    let inner = split(&value, at, sequence);
    put(draw, &inner)
}

fn ansi_around(draw: &mut Draw) -> Marked {
    let value = if draw.chance(50) {
        token(draw)
    } else {
        value::any(draw)
    };
    let name = if value.keys.is_empty() {
        "token"
    } else {
        draw.of(value.keys)
    };
    let name = crate::carrier::key(crate::carrier::Style::Snake, name);
    let form = draw.of(&[
        "\u{1b}[32mINFO\u{1b}[0m {msg} \u{1b}[36m¤\u{1b}[0m=\u{1b}[33m§0\u{1b}[0m",
        "\u{1b}[2m{ts}\u{1b}[0m \u{1b}[3m¤\u{1b}[0m\u{1b}[2m=\u{1b}[0m\"§0\"",
        "\u{1b}[31m✗\u{1b}[39m ¤: \u{1b}[32m'§0'\u{1b}[39m",
        "\u{1b}[1;34m¤\u{1b}[0m: §0\u{1b}[0m",
        "\u{1b}[38;5;208m¤=§0\u{1b}[0m status={status}",
    ]);
    filled(draw, &form.replace('¤', &name), &[&value])
}

fn zero_width(draw: &mut Draw) -> Marked {
    let value = if draw.chance(70) {
        token(draw)
    } else {
        value::email(draw)
    };
    let at = draw.between(3, value.text.len() as u64 - 3) as usize;
    let piece = draw.of(&["\u{200b}", "\u{200d}", "\u{feff}", "\u{2060}"]);
    let inner = split(&value, at, piece);
    put(draw, &inner)
}

fn soft_hyphen(draw: &mut Draw) -> Marked {
    let value = token(draw);
    let at = draw.between(1, 10) as usize;
    let inner = split(&value, at, "\u{ad}");
    put(draw, &inner)
}

fn bidi(draw: &mut Draw) -> Marked {
    let value = if draw.chance(50) {
        token(draw)
    } else {
        value::card(draw)
    };
    let at = draw.between(2, value.text.len() as u64 - 2) as usize;
    let piece = draw.of(&["\u{202e}", "\u{2066}", "\u{200f}"]);
    let inner = split(&value, at, piece);
    put(draw, &inner)
}

fn homoglyph(draw: &mut Draw) -> Marked {
    let value = token(draw);
    let inner = value.mark();
    let mut left = draw.between(1, 3);
    let inner = inner.map(Encoding::Broken, |c, out| {
        let twin = match c {
            'a' => 'а',
            'e' => 'е',
            'o' => 'о',
            'p' => 'р',
            'c' => 'с',
            'x' => 'х',
            's' => 'ѕ',
            'A' => 'А',
            'K' => 'К',
            'T' => 'Т',
            c => c,
        };
        let is_twin = left > 0 && twin != c;
        left -= u64::from(is_twin);
        out.push(if is_twin { twin } else { c });
    });
    put(draw, &inner)
}

/// Full-width forms, as an input method for Chinese or Japanese leaves them.
fn full_width(draw: &mut Draw) -> Marked {
    let value = if draw.chance(50) {
        value::card(draw)
    } else {
        value::phone(draw)
    };
    let inner = value.mark().map(Encoding::Broken, |c, out| {
        let wide = char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii_digit());
        out.push(wide.unwrap_or(c));
    });
    let form = draw.of(&[
        "カード番号 §0",
        "电话:§0",
        "電話番号 §0",
        "card number §0",
        "phone §0",
    ]);
    let is_card = value.kind == "card";
    let form = if is_card {
        form.replace("电话:", "卡号:")
            .replace("電話番号", "カード番号")
    } else {
        form.to_owned()
    };
    let form = if is_card {
        form.replace("phone", "card")
    } else {
        form.replace("カード番号", "電話番号")
            .replace("card number", "phone")
    };
    Marked::fill(&form, &[&inner])
}

fn hard_wrapped(draw: &mut Draw) -> Marked {
    let value = token(draw);
    let at = draw.between(8, value.text.len() as u64 - 6) as usize;
    let inner = split(&value, at, "\n");
    put(draw, &inner)
}

fn wrapped_prefixed(draw: &mut Draw) -> Marked {
    let value = token(draw);
    let at = draw.between(10, value.text.len() as u64 - 8) as usize;
    let form = draw.of(&[
        "2026-03-01T10:00:{i2}.{d3}Z stdout F ",
        "Mar  1 10:00:{i2} {host} {svc}[{i4}]: ",
        "[{svc}] ",
        "    | ",
    ]);
    let prefix = expand(draw, form);
    let inner = split(&value, at, &format!("\n{prefix}"));
    let form = draw.of(&["token=§0", "using §0"]);
    Marked::fill(&format!("{prefix}{form}"), &[&inner])
}

fn continued(draw: &mut Draw) -> Marked {
    let value = token(draw);
    let at = draw.between(8, value.text.len() as u64 - 6) as usize;
    let inner = split(&value, at, "\\\n");
    let form = draw.of(&[
        "export TOKEN=§0",
        "curl -H 'X-Api-Key: §0' {svc}",
        "--token §0",
    ]);
    let text = expand(draw, form);
    Marked::fill(&text, &[&inner])
}

fn truncated(draw: &mut Draw) -> Marked {
    let value = if draw.chance(60) {
        token(draw)
    } else {
        value::jwt(draw)
    };
    let form = draw.of(&[
        "{msg} body={\"id\":{i4},\"token\":\"§0\"}",
        "payload: {\"access_token\":\"§0\",\"expires_in\":3600}",
        "Authorization: Bearer §0 \"{ua}\"",
        "params={'api_key': '§0', 'page': 1}",
        "using token §0 for {svc}",
    ]);
    let whole = filled(draw, form, &[&value]);
    let span = whole
        .plants
        .first()
        .map_or((0, 0), |plant| (plant.start, plant.end));
    let kept = (span.1 - span.0) as u64;
    let cut = span.0 + draw.between(kept * 3 / 5, kept - 1) as usize;
    let mut out = whole.cut(cut);
    if draw.chance(40) {
        out.add(draw.of(&["...", "…", " [truncated]", "...(truncated)"]));
    }
    out
}
