//! Values within one to three layers of encoding, as queues, cookies, headers and dumps hold them.

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;

use super::notation;
use super::{fields, render, value};

/// A stack of layers around a text.
type Stack = fn(&mut Draw, &Marked) -> Marked;

const STACKS: &[Stack] = &[
    |_, inner| encode::base64(inner),
    |_, inner| encode::base64(inner),
    |_, inner| encode::base64(inner),
    |_, inner| encode::base64_url(inner),
    |_, inner| encode::base64_url(inner),
    encode::hex,
    encode::hex,
    |_, inner| encode::percent_all(inner),
    |_, inner| encode::percent(inner),
    |_, inner| encode::unicode_all(inner),
    |_, inner| encode::unicode_all(inner),
    encode::html_all,
    encode::html_all,
    |_, inner| encode::gzip64(inner),
    |_, inner| encode::gzip64(inner),
    |_, inner| encode::base64(&encode::json(inner)),
    |_, inner| encode::base64(&encode::base64(inner)),
    |_, inner| encode::percent(&encode::base64(inner)),
    |_, inner| encode::base64_url(&encode::percent(inner)),
    |draw, inner| encode::base64(&encode::hex(draw, inner)),
    |draw, inner| encode::hex(draw, &encode::base64(inner)),
    |_, inner| encode::percent(&encode::percent(inner)),
    |_, inner| encode::base64(&encode::base64_url(&encode::base64(inner))),
    |draw, inner| encode::percent(&encode::base64(&encode::hex(draw, inner))),
    |_, inner| encode::base64(&encode::gzip64(inner)),
];

/// Where an encoded run stands.
const PLACES: &[&str] = &[
    "consumer ~topic~ offset=~n7~ value=§0",
    "dead-letter ~uuid~: §0",
    "decoded=false raw §0",
    "x-amzn-oidc-data: §0",
    "state=§0",
    "rabbitmq basic.deliver tag=~n3~ payload=§0",
    "blob: §0 (~n3~ bytes)",
    "PING_PAYLOAD §0",
    "GET ~route~?ctx=§0 HTTP/1.1",
    "{\"data\":\"§0\",\"enc\":true}",
    "{\"kinesis\":{\"sequenceNumber\":\"~n20~\",\"data\":\"§0\"}}",
    "{\"message\":{\"data\":\"§0\",\"messageId\":\"~n16~\"}}",
    "user-data §0",
    "ConfigMap ~svc~ binaryData app.bin: §0",
    "body(b64)=§0 status=~status~",
    "<Data encoding=\"raw\">§0</Data>",
    "saved cursor '§0'",
    "could not parse frame [§0]",
    "relaystate=§0&x=1",
    "helm release payload §0",
];

/// A line with something encoded in it.
pub(crate) fn line(draw: &mut Draw) -> Marked {
    let inner = inner(draw);
    if draw.chance(5) {
        let form = draw.of(&[
            "part text/plain qp: §0",
            "mail part §0 end",
            "bounce body §0",
        ]);
        return Marked::fill(form, &[&encode::quoted(&inner)]);
    }
    let encoded = if inner.text.is_ascii() && draw.chance(5) {
        encode::utf16(&inner)
    } else if draw.chance(6) {
        encode::wrapped64(&inner)
    } else {
        let stack = *draw.row(STACKS);
        stack(draw, &inner)
    };
    let place = draw.of(PLACES);
    let place = render(draw, place).text;
    Marked::fill(&place, &[&encoded])
}

/// What is encoded: a token, a document, a pair, a mail, a URL.
fn inner(draw: &mut Draw) -> Marked {
    match draw.below(7) {
        0..2 => value::slot(draw, "token", ""),
        2..4 => {
            let all = fields::fields(draw);
            notation::json(&all)
        }
        4 => {
            let all = fields::fields(draw);
            notation::logfmt(&all)
        }
        5 => {
            let form = draw.of(&[
                "postgresql://⟦ledger⟧:«dsn»@~host~:5432/ledger",
                "user_email=«email» plan=~word~",
                "Authorization: Bearer «jwt»",
                "{\"card\":\"«card:plain»\",\"exp\":\"11/29\"}",
                "GET /reset?token=«bearer|u» HTTP/1.1",
                "From: «email»",
                "password: «pw»",
            ]);
            render(draw, form)
        }
        _ => value::slot(draw, "jwt", ""),
    }
}
