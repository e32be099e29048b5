//! Values of the held-back half within one to four layers of encoding.

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;

use super::{fields, notation, render};

/// A stack of layers around a text.
type Stack = fn(&mut Draw, &Marked) -> Marked;

/// Stacks that end in base64, with how often each is drawn.
const RUNS: &[(u64, Stack)] = &[
    (16, |_, inner| encode::base64(inner)),
    (10, |_, inner| encode::base64_url(inner)),
    (7, |_, inner| encode::gzip64(inner)),
    (3, |_, inner| encode::base64(&encode::base64(inner))),
    (2, |_, inner| encode::base64_url(&encode::json(inner))),
    (2, |draw, inner| encode::base64(&encode::hex(draw, inner))),
    (2, |_, inner| encode::base64(&encode::unicode_all(inner))),
    (2, |draw, inner| {
        encode::base64(&encode::html_all(draw, inner))
    }),
    (2, |_, inner| {
        encode::base64(&encode::percent(&encode::base64(inner)))
    }),
    (1, |draw, inner| {
        encode::base64_url(&encode::hex(draw, &encode::base64(inner)))
    }),
];

/// Where a run of base64 stands.
const PLACES_OF_RUNS: &[&str] = &[
    "X-Amz-Meta-Context: §0",
    "sqs message ~uuid~ body §0",
    "celery task ~mod~.run payload=§0 retries=~n1~",
    "SAMLResponse=§0",
    "__VIEWSTATE=§0",
    "secret/~mod~ data: §0",
    "{\"isBase64Encoded\":true,\"body\":\"§0\"}",
    "{\"Records\":[{\"kinesis\":{\"data\":\"§0\",\"partitionKey\":\"~n3~\"}}]}",
    "{\"CiphertextBlob\":null,\"Plaintext\":\"§0\"}",
    "write_files: [{encoding: b64, content: §0}]",
    "<EncodedData>§0</EncodedData>",
    "~isoms~ ~lvl~ could not decode: §0",
    "Cookie: prefs=§0",
    "nack ~n4~: §0",
];

/// Stacks that end in escapes, references or digits.
const ESCAPED: &[(u64, Stack)] = &[
    (9, encode::hex),
    (7, |_, inner| encode::percent(inner)),
    (5, |_, inner| encode::percent_all(inner)),
    (8, |_, inner| encode::unicode_all(inner)),
    (8, encode::html_all),
    (4, |_, inner| encode::percent(&encode::base64(inner))),
    (3, |_, inner| encode::percent(&encode::percent(inner))),
    (2, |draw, inner| encode::hex(draw, &encode::base64(inner))),
    (2, |_, inner| encode::percent(&encode::gzip64(inner))),
];

/// Where these stand.
const PLACES: &[&str] = &[
    "activemq text message [§0] on ~queue~",
    "~isoms~ ~lvl~ unparsed: §0",
    "rpc frame in: §0",
    "GET ~route~?data=§0 HTTP/2",
    "redis GET ~mod~:~n5~ -> §0",
    "param[0]=§0;",
    "dump: §0",
    "deep link example://open?ctx=§0",
    "mqtt ~mod~/in payload=§0 qos=1",
    "{\"raw\":\"§0\",\"len\":~n3~}",
    "<td>§0</td>",
    "Cookie: last=§0",
];

/// A line with something encoded in it.
pub(crate) fn line(draw: &mut Draw) -> Marked {
    let inner = inner(draw);
    let (place, encoded) = match draw.below(100) {
        0..6 => {
            let places: &[&str] = &[
                "Content-Transfer-Encoding: quoted-printable, body follows: §0",
                "bounce part: §0",
                "ticket mail body: §0",
            ];
            (draw.of(places), encode::quoted(&inner))
        }
        6..11 if inner.text.is_ascii() => (draw.of(PLACES), encode::utf16(&inner)),
        11..16 => {
            let places: &[&str] = &[
                "Content-Transfer-Encoding: base64\n\n§0",
                "-----BEGIN DATA-----\n§0\n-----END DATA-----",
                "attachment.b64:\n§0",
            ];
            (draw.of(places), encode::wrapped64(&inner))
        }
        16..62 => (draw.of(PLACES_OF_RUNS), stacked(draw, RUNS, &inner)),
        _ => (draw.of(PLACES), stacked(draw, ESCAPED, &inner)),
    };
    let place = render(draw, place).text;
    Marked::fill(&place, &[&encoded])
}

fn stacked(draw: &mut Draw, stacks: &[(u64, Stack)], inner: &Marked) -> Marked {
    let mut at = draw.below(stacks.iter().map(|(weight, _)| weight).sum());
    for (weight, stack) in stacks {
        if at < *weight {
            return stack(draw, inner);
        }
        at -= weight;
    }
    encode::base64(inner)
}

/// What is encoded: a token, a document, a pair, a line, a URL.
fn inner(draw: &mut Draw) -> Marked {
    if draw.chance(30) {
        let names = [
            "hb_json_camel",
            "hb_json_spaced",
            "hb_logfmt_quoted",
            "hb_query_string",
        ];
        let name = draw.of(&names);
        let of = notation::ALL.iter().find(|of| of.name == name);
        let all = fields::fields(draw);
        if let Some(of) = of {
            return of.write(draw, &all);
        }
    }
    let form = draw.of(&[
        "«token»",
        "«token»",
        "«token»",
        "«jwt»",
        "{\"user\":\"«email»\",\"exp\":~epoch~}",
        "{\"alg\":\"none\",\"password\":\"«pw»\"}",
        "mysql://⟦shop⟧:«dsn»@~host~:3306/~db~",
        "username=«user»&password=«pw|u»",
        "{\"pan\":\"«card:plain»\",\"cvv\":null}",
        "Authorization: Bearer «bearer»",
        "tel:«e164»",
        "mailto:«email»",
        "redirect=https://app.example.com/cb?access_token=«jwt»",
        "iban=«iban:plain»;bic=~u8~",
        "#cloud-config\npassword: «pw»\nchpasswd: { expire: false }",
        "<user><email>«email»</email><phone>«e164»</phone></user>",
        "client=«ip» agent=~browser~",
        "aws_secret_access_key=«aws_secret»",
    ]);
    render(draw, form)
}
