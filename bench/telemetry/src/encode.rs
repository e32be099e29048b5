//! Layers of encoding around marked text.

use std::io::Write as _;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::{Compression, write::GzEncoder};

use crate::draw::Draw;
use crate::marked::Marked;
use crate::record::Encoding;

/// Standard base64.
pub(crate) fn base64(inner: &Marked) -> Marked {
    let text = BASE64.encode(inner.text.as_bytes());
    inner.scaled(text, 4, 3, Encoding::Base64)
}

/// Standard base64 with a line break after every 76 characters, as MIME wraps it.
pub(crate) fn wrapped64(inner: &Marked) -> Marked {
    let run = base64(inner);
    let mut text = String::new();
    let mut places = vec![0; run.text.len() + 1];
    for (n, c) in run.text.char_indices() {
        if n > 0 && n % 76 == 0 {
            text.push('\n');
        }
        if let Some(place) = places.get_mut(n) {
            *place = text.len();
        }
        text.push(c);
    }
    if let Some(place) = places.last_mut() {
        *place = text.len();
    }
    run.moved(text, &places, Encoding::Broken)
}

/// URL-safe base64 without padding.
pub(crate) fn base64_url(inner: &Marked) -> Marked {
    let text = BASE64URL_NOPAD.encode(inner.text.as_bytes());
    inner.scaled(text, 4, 3, Encoding::Base64Url)
}

/// Hex digits of either case.
pub(crate) fn hex(draw: &mut Draw, inner: &Marked) -> Marked {
    let of = if draw.chance(75) { HEXLOWER } else { HEXUPPER };
    let text = of.encode(inner.text.as_bytes());
    inner.scaled(text, 2, 1, Encoding::Hex)
}

/// gzip, then base64. The header holds no time and no system.
pub(crate) fn gzip64(inner: &Marked) -> Marked {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let packed = gzip
        .write_all(inner.text.as_bytes())
        .and_then(|()| gzip.finish());
    // Writing to memory does not fail; where it did, the record would not be sound.
    inner.whole(BASE64.encode(&packed.unwrap_or_default()), Encoding::Gzip64)
}

fn percent_bytes(c: char, out: &mut String) {
    let mut bytes = [0; 4];
    for byte in c.encode_utf8(&mut bytes).bytes() {
        out.push_str(&format!("%{byte:02X}"));
    }
}

/// `%41` of every byte.
pub(crate) fn percent_all(inner: &Marked) -> Marked {
    inner.map(Encoding::Percent, percent_bytes)
}

/// Percent-encoding of what may not stand in a URL's component.
pub(crate) fn percent(inner: &Marked) -> Marked {
    inner.map(Encoding::Percent, |c, out| {
        if c.is_ascii_alphanumeric() || "-._~".contains(c) {
            out.push(c);
        } else {
            percent_bytes(c, out);
        }
    })
}

/// `\u0041` of every character.
pub(crate) fn unicode_all(inner: &Marked) -> Marked {
    inner.map(Encoding::Unicode, push_unicode)
}

fn push_unicode(c: char, out: &mut String) {
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// `&#65;` or `&#x41;` of every character.
pub(crate) fn html_all(draw: &mut Draw, inner: &Marked) -> Marked {
    let is_hex = draw.chance(50);
    inner.map(Encoding::Html, |c, out| {
        let n = u32::from(c);
        out.push_str(&if is_hex {
            format!("&#x{n:x};")
        } else {
            format!("&#{n};")
        });
    })
}

/// Quoted-printable of every byte that is not a letter or digit.
pub(crate) fn quoted(inner: &Marked) -> Marked {
    inner.map(Encoding::Quoted, |c, out| {
        if c.is_ascii_alphanumeric() || c == ' ' {
            out.push(c);
            return;
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            out.push_str(&format!("={byte:02X}"));
        }
    })
}

/// A NUL behind every character, as UTF-16LE looks to a reader of bytes. ASCII alone.
pub(crate) fn utf16(inner: &Marked) -> Marked {
    inner.map(Encoding::Utf16, |c, out| {
        out.push(c);
        out.push('\0');
    })
}

/// Text within a JSON string.
pub(crate) fn json(inner: &Marked) -> Marked {
    inner.map(Encoding::Escape, |c, out| push_json(c, out, false))
}

/// Text within a JSON string whose writer emits ASCII alone.
pub(crate) fn json_ascii(inner: &Marked) -> Marked {
    inner.map(Encoding::Escape, |c, out| push_json(c, out, true))
}

fn push_json(c: char, out: &mut String, is_ascii: bool) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if u32::from(c) < 0x20 || (is_ascii && !c.is_ascii()) => push_unicode(c, out),
        c => out.push(c),
    }
}

/// Text within single quotes of a programming language.
pub(crate) fn single(inner: &Marked) -> Marked {
    inner.map(Encoding::Escape, |c, out| match c {
        '\'' => out.push_str("\\'"),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        c => out.push(c),
    })
}

/// Text within single quotes of SQL, or of YAML.
pub(crate) fn doubled(inner: &Marked, quote: char) -> Marked {
    inner.map(Encoding::Escape, |c, out| {
        if c == quote {
            out.push(c);
        }
        out.push(c);
    })
}

/// Text within XML or HTML.
pub(crate) fn xml(inner: &Marked) -> Marked {
    inner.map(Encoding::Html, |c, out| match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        c => out.push(c),
    })
}

/// A chain of one to three layers that occurs in practice.
pub(crate) fn chain(draw: &mut Draw, inner: &Marked) -> Marked {
    let is_ascii = inner.text.is_ascii();
    match draw.below(30) {
        0..6 => base64(inner),
        6..9 => base64_url(inner),
        9..12 => hex(draw, inner),
        12..14 => percent_all(inner),
        14..16 => unicode_all(inner),
        16..18 => html_all(draw, inner),
        18 if is_ascii => utf16(inner),
        19..22 => gzip64(inner),
        22..24 => base64(&base64(inner)),
        24 => base64(&percent(inner)),
        25 => percent(&base64(inner)),
        26 => hex(draw, &base64(inner)),
        27 => base64(&hex(draw, inner)),
        28 => percent(&gzip64(inner)),
        _ => base64(&base64(&base64(inner))),
    }
}
