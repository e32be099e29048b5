//! A scan that asks the rule families where the screens propose finds what a scan finds that asks
//! them at every byte.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its corpus stops"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cordon_detect::{Context, Detector, Scratch};
use proptest::prelude::*;

/// Pieces of telemetry: what begins something, what ends it, what stands between.
const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    "\n",
    "\t",
    ",",
    ";",
    ":",
    ": ",
    "=",
    " = ",
    "=>",
    "\"",
    "'",
    "\\\"",
    "\\n",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "/",
    "//",
    "://",
    "@",
    "$",
    "%20",
    "%41",
    "&",
    "?",
    "-",
    "--",
    "_",
    ".",
    "+",
    "#",
    "|",
    "\u{1b}[31m",
    "\u{200b}",
    "‹",
    "›",
    "‹a›",
    "é",
    "а",
    "密码",
    "пароль",
    "\\u0041",
    "&#65;",
    "=\n",
    "=\r\n",
    "=3D",
    "=2E",
    "=C3=BC",
    "=40",
    "\u{a0}",
    "\u{2011}",
    "\u{664}",
    "\u{1d41a}",
    "H4sIAAAAAAAC/0tMTKwEALMq3Z4EAAAA",
    "QWFhYWFhYWFhYWFhYWFhYWFhYWFhIHBhc3N3b3JkPWh1bnRl\ncjJacTkgYmJiYmJiYmJi",
    // Tokens that a line's end interrupts, that say what they are, that hold what tells them.
    "glpat-",
    "ghp_",
    "rk_live_",
    "hcloud_",
    "acme_pat_",
    "corp-api-key-",
    "0a1B2c3D4e5F6g7H",
    "8i9J0k1L2m3N4o5P6q7R",
    "\\\n",
    "...",
    "\n[svc] ",
    "8910791515:AA",
    "-us5",
    "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "FFFFNRAL",
    "::set-output name=SECRET_KEY::",
    "ENV API_TOKEN ",
    "setenv CVV ",
    "echo $API_SECRET\n",
    "echo \\\"${API_SECRET}\\\"\\n",
    "client_password\n",
    "cvv ",
    // Lines of tools.
    "bob/10.1.2.3:1194 MULTI: ",
    "VERIFY OK: depth=0, CN=Anna Keller",
    " : PSK \"x\"",
    "\nbob : EAP \"x\"",
    "]:587 bob:hunter2Zq9",
    "smbd_audit: bob|",
    "bob:1001:X:X:[U ]:LCT-0:",
    "(0010,0010) PN [Doe^Ann]",
    "(0010,0030) DA ",
    "3) \"token\"\n4) \"x9\"",
    "\\n3) \\\"token\\\"\\n4) \\\"x9\\\"",
    "bob issued server command: /register a b",
    "PASS hunter2Zq9\n",
    "NICK bob\n",
    ":bob!u@h JOIN #a",
    "-rw-r--r-- 1 bob staff 1 ",
    "IP 10.1.2.3.443 > 10.1.2.4.53: ",
    "host/10.1.2.3:80",
    "CREATE ROLE bob WITH PASSWORD ",
    "\"SETEX\" \"reset:a\" \"36\" \"",
    "COPY t, line 1: \"1\tAnna Keller\t",
    "parameters: $1 = 'Anna Keller', $2 = ",
    "subject=C=DE, SN=Keller, GN=",
    "date]:'1980-01-02'",
    "user bob on >hunter2 ~*",
    " -u bob ",
    "mosquitto_pub",
    "psexec",
    "MAC=00:30:fd:16:75:3e:a4:49:32:2b:b4:13:08:00",
    "CN=Anna Keller,OU=Staff",
    "\nuid: anna.keller\n",
    "10.0.0.1:9092-10.0.0.2:50265-27",
    "password",
    "Password",
    "passwd",
    "pwd",
    "pw",
    "pass",
    "secret",
    "client_secret",
    "token",
    "accessToken",
    "apiKey",
    "api key",
    "key",
    "name",
    "value",
    "user",
    "userId",
    "user_name",
    "id",
    "pin",
    "otp",
    "code",
    "auth",
    "Authorization",
    "Cookie",
    "signature",
    "sid",
    "email",
    "phone",
    "ssn",
    "card",
    "credit card",
    "date of birth",
    "Bearer",
    "Basic",
    "Digest username=",
    "is",
    "to",
    "from",
    "with",
    "changed",
    "for",
    "of",
    "customer",
    "Dear",
    "Mr. ",
    "named ",
    "machine ",
    "login ",
    "default ",
    "AUTH PLAIN ",
    "jdbc:oracle:thin:",
    "sqlplus ",
    "INSERT INTO users (a, password) VALUES ",
    "IDENTIFIED BY ",
    "curl -u ",
    "mysql -p",
    "--password ",
    "-u ",
    "sshpass -p ",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END ",
    "PuTTY-User-Key-File-2: ",
    "/home/",
    "/Users/",
    "C:\\Users\\",
    "/reset/",
    "?code=",
    "&state=",
    "?token=",
    "pbkdf2_sha256$",
    "$2b$12$",
    "{SSHA}",
    "hunter2Zq9",
    "S3cr3t!x",
    "correct horse",
    "ann",
    "Ann Example",
    "ann.b",
    "example.org",
    "db.internal:5432",
    "1",
    "12",
    "482913",
    "4111111111111111",
    "4111 1111 1111 1111",
    "378282246310005",
    "123-45-6789",
    "+4930123456",
    "+1 212 555 0100",
    "(212) 555-0100",
    "212-555-0100",
    "DE89370400440532013000",
    "GB82 WEST 1234 5698 7654 32",
    "10.1.2.3",
    "fe80::1",
    "2001:db8:0:0:0:0:0:1",
    "aa:bb:cc:dd:ee:ff",
    "2026-11-21T10:00:00.123Z",
    "\\n2026-11-21T10:00:00.123Z",
    "\\t2026-11-21 10:00",
    "ms 2026-11-21T10:00:00",
    "1700000000000",
    "9f86d081884c7d659a2feaa0c55ad015",
    "c2VjcmV0LXRva2VuLXZhbHVlLTEyMzQ1Njc4OTA=",
    "cGFzc3dvcmQ9aHVudGVyMlpxOQ",
    "70617373776f72643d68756e7465723261626331",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlMTIz",
    "org.example.http.Handler",
    "ClientCnxnSocketNIO",
    "order_id",
    "trace_id",
    "null",
    "***",
    "9c85.6a1c.296e",
    "hwAddr",
    "customerIban",
    "buyerTaxFileNumber",
    "taxFile",
    "221 966 847",
    "iin",
    "871219455671",
    "ird",
    "11-735-932",
    "licenceNumber",
    "THMRW093515LB8SQ",
    "geb",
    "28 June 1940",
    "lat",
    "lng",
    "48.856613",
    "position",
    "48.856613, 2.352222",
    "payoutWallet",
    "TQ1KCVsoqkdqSGRjF63FfjnwT1uHo16WqA",
    "address",
    "12 High Street, London SW5A 1AA",
    "High Street",
    "rue de la Paix",
    "Via Garibaldi 66, 10166 Torino",
    "P.O. Box 123",
    "customer",
    "Anna Maria Novak",
    "ann at corp dot example",
    " at ",
    " dot ",
    "/users/",
    "192.0.2.28",
    "+393396601859",
    "fe80::828a:5d01:29f9:d849",
    ":57911",
    "RemoteAddr:",
    "${DB_PASSWORD}",
    "\\t",
    "a,password,b\n",
    "id\ttoken\n",
    "| id | password |\n",
    " x | hunter2Zq9\\n",
    "-[ RECORD 1 ]-\n",
    "1,hunter2Zq9,2",
    "<<\"",
    "\">>",
    "{password,",
    ":password ",
    "\"HSET\" \"k\" ",
    "\"AUTH\" ",
    "\"kty\":\"oct\"",
    "\"d\":\"",
    "jwk",
    "session",
    "2fa_code",
    "clave",
    "heslo",
    "haslo to ",
    "токен",
    "κωδικός",
    "код подтверждения",
    "Bestätigungscode",
    "482913 is your ",
    "verification code",
    "mnemonic: ",
    "zoo able baker",
    "`load_token'",
    "!Ref ",
    "await ",
    "ghp_****",
    "user ",
    "for user ",
    "[21/Nov/2026:",
    " - bob ",
    "*:*:",
    ":5432:",
    "db:app:",
    "crypt(",
    "PDO->__construct(",
    "echo ",
    " | sudo -S",
    "-P ",
    "-storepass ",
    "--proxy-user ",
    "rabbitmqctl add_user ",
    "htpasswd -b ",
    "SETUSER app >",
    "requirepass ",
    "IDENTIFIED BY hunter2",
    // Segments of formats in which positions tell.
    "PID|1||4471902^^^H^MR||DOE^ANN||19800131|F",
    "\\rNK1|1|ROE^MARY|",
    "ORC|NW|",
    "^^^",
    "NM1*IL*1*DOE*JOHN~",
    "~N3*12 HIGH ST~",
    "REF*SY*883201177",
    "ISA|00|",
    "NAD+BY+4412::91++DOE JOHN'",
    "'COM+jane@example.org:EM'",
    "8=FIX.4.4",
    "|9=1|",
    "\u{1}9=1\u{1}",
    "553=ann|554=hunter2Zq9|",
    "F052=1A2B3C4D5E6F7081",
    " [052] = ",
    "<field id=\"52\" value=\"1A2B3C4D5E6F7081\"/>",
    "%B4111111111111111^DOE/ANN^",
    ";9011000000000002=",
    "4111111111111111D",
    "27121010000012300000?",
    ":50K:/4471902",
    "\\n:59:",
    "\\nJANE ROE\\n",
    ":86:?31123?32ANN DOE",
    "BEGIN:VCARD\n",
    "N:Doe;Ann;;\n",
    "FN:Hannah Fischer",
    "TEL;TYPE=cell:",
    "ADR:;;1 High St;London;;1;GB",
    "ATTENDEE;CN=Ann Doe:",
    "<sip:",
    "sip:1001@",
    "tel:+4930123456",
    "PJSIP/030123456@",
    "o=ann 1 1 IN IP4 ",
    "\"given\":[\"John\"]",
    "\"family\":\"Doe\"",
    "\"line\":[\"Flat 4\"],\"city\":\"Bonn\"",
    "<Dbtr><Nm>Ann Doe</Nm>",
    "lat=\"48.8566\" lon=\"2.3522\"",
    // Words that accuse a random run, that clear it, and runs.
    "credential",
    "creds ",
    "the key ",
    "using token ",
    "cache ",
    "rotated",
    "last_token",
    " as the ",
    "kT9xQ2vLr8ZpWm4NcY7uHd3BfG6j",
    "k3j9x2w8q7z4m1v6b5n0p3t8",
    "QWxhZGRpbjpvcGVuU2VzYW1lMTIz",
];

fn piece() -> impl Strategy<Value = String> {
    let issued = [
        "gh@p_",
        "gl@pat-",
        "AK@IA",
        "xo@xb-",
        "sk@_live_",
        "SG@.",
        "hv@s.",
        "npm@_",
        "AI@za",
        "dapi",
        "key-",
    ];
    prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9]{1,12}",
        1 => "[A-Za-z0-9+/_-]{16,48}={0,2}",
        1 => "[0-9][0-9 .-]{5,20}",
        1 => "[ -~]{1,6}",
        1 => (prop::sample::select(issued.to_vec()), "[A-Za-z0-9]{6,44}")
            .prop_map(|(head, rest)| head.replace('@', "") + &rest),
    ]
}

fn same(detector: &Detector, text: &str, key: Option<&str>) {
    let context = Context { key, safe: None };
    let screened = detector.scan(text, &context);
    assert_eq!(
        screened,
        detector.scan_every_byte(text, &context),
        "{text:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_out(
        text in prop::collection::vec(piece(), 1..24).prop_map(|pieces| pieces.concat()),
    ) {
        same(&Detector::default(), &text, None);
    }

    #[test]
    fn a_word_alone_is_one(word in "[A-Fa-f_.]{0,15}|[A-Za-z_.]{0,15}") {
        same(&Detector::default(), &word, None);
    }

    #[test]
    fn a_line_that_leaves_a_token_open_is_looked_at(
        text in prop::collection::vec(piece(), 1..8).prop_map(|pieces| pieces.concat()),
        rest in piece(),
    ) {
        let detector = Detector::default();
        let line = text.lines().next().unwrap_or("");
        if detector.open_token(line).is_some() {
            let block = format!("{line}\n{rest}\n");
            let mut scratch = Scratch::default();
            let marks = detector.marks(&block, &mut scratch);
            let within = |i: &u32| (*i as usize) < line.len();
            prop_assert!(marks.iter().any(within), "{:?}", block);
        }
    }
}

/// Sources of this repository: code in several languages, prose, and every fixture.
fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            sources(&path, out);
        } else if ["rs", "py", "toml", "md"]
            .iter()
            .any(|e| path.extension().is_some_and(|x| x == *e))
        {
            out.push(path);
        }
    }
}

#[test]
fn nothing_is_left_out_of_this_repository() {
    let detector = Detector::default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 200);
    let mut lines = 0;
    let mut words = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines() {
            same(&detector, line, None);
            lines += 1;
            let named = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '.');
            words.extend(line.split(|c| !named(c)).map(str::to_owned));
        }
    }
    assert!(lines > 20_000);
    assert!(words.len() > 5_000);
    for word in words {
        same(&detector, &word, None);
    }
}
