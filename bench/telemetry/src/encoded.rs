//! Values within one to three layers of encoding: a token alone, a pair, a small document.

use crate::carrier::{Field, among, data, field};
use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;
use crate::value;

/// What is encoded, and in which layers.
pub(crate) fn line(draw: &mut Draw) -> Marked {
    let inner = match draw.below(6) {
        0..2 => value::bare(draw).mark(),
        2 => {
            let value = value::any(draw);
            let fields = among_few(draw, &value);
            data::logfmt(draw, &fields)
        }
        3 => {
            let pass = value::dsn_password(draw);
            let text = expand(draw, "postgres://⟦app⟧:§0@{host}:5432/{table}");
            Marked::fill(&text, &[&pass.mark()])
        }
        _ => {
            let value = value::any(draw);
            let fields = among_few(draw, &value);
            data::json(draw, &fields)
        }
    };
    if draw.chance(4) {
        // Behind a `=` its first characters could be read as one of its own escapes.
        let form = draw.of(&[
            "mail body: §0",
            "Subject: =?utf-8?Q?§0?=",
            "part content §0 end",
            "{msg}: §0",
        ]);
        let text = expand(draw, form);
        return Marked::fill(&text, &[&encode::quoted(&inner)]);
    }
    let encoded = encode::chain(draw, &inner);
    let form = draw.of(&[
        "payload=§0",
        "{msg} body=§0",
        "data: §0",
        "received §0 from {queue}",
        "event={\"data\":\"§0\"}",
        "§0",
        "raw=\"§0\" len={i3}",
        "decode failed for §0",
        "message {i6} key=null value=§0",
        "X-Context: §0",
        "{\"state\":\"§0\",\"n\":{i3}}",
        "cloud-init user-data: §0",
        "kafka record value §0",
        "blob '§0' stored",
        "ctx=§0;",
        "GET {route}?state=§0 HTTP/1.1",
        "<payload>§0</payload>",
        "pubsub message.data=§0",
    ]);
    let text = expand(draw, form);
    Marked::fill(&text, &[&encoded])
}

fn among_few(draw: &mut Draw, value: &value::Value) -> Vec<Field> {
    let field = field(draw, value);
    among(draw, vec![field])
}
