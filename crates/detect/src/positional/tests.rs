//! Messages of each format, what of them goes, and lines that only look alike.

use crate::{Context, Detector};

/// What is found in a text, in order.
fn found(text: &str) -> Vec<&str> {
    let detector = Detector::default();
    let all = detector.scan(text, &Context::default());
    assert_eq!(
        all,
        detector.scan_every_byte(text, &Context::default()),
        "{text:?}"
    );
    all.iter()
        .map(|f| text.get(f.start..f.end).unwrap())
        .collect()
}

fn check(text: &str, wanted: &[&str]) {
    assert_eq!(found(text), wanted, "{text:?}");
}

fn stays(texts: &[&str]) {
    for text in texts {
        check(text, &[]);
    }
}

#[test]
fn a_patient_and_relatives() {
    check(
        "PID|1||4471902^^^GENHOSP^MR~883-20-1177^^^USSSA^SS||DOE^JOHN^ALAN^JR^^^L||19800131|M|\
         DOE^JACK|2106-3|12 HIGH ST^APT 4^SPRINGFIELD^IL^62704^USA^H||(217)555-0142^PRN^PH~^NET\
         |(217)555-0199|EN|M|CAT|AC99120331|883201177|D4471-2290^IL",
        &[
            "4471902",
            "883-20-1177",
            "DOE",
            "JOHN",
            "ALAN",
            "19800131",
            "DOE",
            "JACK",
            "12 HIGH ST",
            "APT 4",
            "SPRINGFIELD",
            "62704",
            "(217)555-0142",
            "(217)555-0199",
            "AC99120331",
            "883201177",
            "D4471-2290",
        ],
    );
    check(
        "PID|||88123||Müller-Roe^Jörg|\"\"|197702031405|M",
        &["88123", "Müller-Roe", "Jörg", "197702031405"],
    );
    check(
        "GT1|1|7712|DOE^JANE||12 HIGH ST^^TOWN^ST^12345|5550142|5550143|19810203|F||SEL|883201177",
        &[
            "7712",
            "DOE",
            "JANE",
            "12 HIGH ST",
            "TOWN",
            "12345",
            "5550142",
            "5550143",
            "19810203",
            "883201177",
        ],
    );
}

#[test]
fn a_message_in_one_line() {
    let head = "08:00:01 INFO in MSH|^~\\&|ADT1|GENHOSP|LAB|LAB|202611220800||ADT^A01|M1|P|2.5";
    let segments = [
        "EVN|A01|202611220800|||OPR12^ROE^JANE",
        "PID|1||4471902^^^GENHOSP^MR||DOE^JOHN||19800131|M",
        "NK1|1|ROE^MARY^E|SPO|14 HIGH ST^^TOWN^IL^62704|2175550143",
        "PV1|1|I|W389^1^1||||5101^SMITHERS^ANNA^K|||MED|||||||||V9910231",
        "ORC|NW|O1|F1||||||202611220700|||7731^NOVAK^PETR",
        "OBX|1|NM|WBC^White cells||7.2|10*3/uL|4-11|N|||F",
        "MRG|7712^^^H^MR||||||DOE^ANNE",
    ];
    let wanted = [
        "OPR12",
        "ROE",
        "JANE",
        "4471902",
        "DOE",
        "JOHN",
        "19800131",
        "ROE",
        "MARY",
        "E",
        "14 HIGH ST",
        "TOWN",
        "62704",
        "2175550143",
        "5101",
        "SMITHERS",
        "ANNA",
        "K",
        "V9910231",
        "7731",
        "NOVAK",
        "PETR",
        "7712",
        "DOE",
        "ANNE",
    ];
    for sign in ["\\r", "\r", "\n", "\\\\r", " ", "\r\n"] {
        let text = format!("{head}{sign}{}", segments.join(sign));
        check(&text, &wanted);
    }
}

#[test]
fn a_patient_in_xml() {
    check(
        "<PID.3><PID.3.1>4471902</PID.3.1></PID.3><PID.5><PID.5.1>DOE</PID.5.1><PID.5.2>JOHN\
         </PID.5.2></PID.5><PID.7>19800131</PID.7><PID.8>M</PID.8>",
        &["4471902", "DOE", "JOHN", "19800131"],
    );
    check(
        "<XPN.1><FN.1>DOE</FN.1></XPN.1><XPN.2>JOHN</XPN.2><XAD.3>TOWN</XAD.3><XAD.4>IL</XAD.4>",
        &["DOE", "JOHN", "TOWN"],
    );
    stays(&[
        "<PID.8>M</PID.8>",
        "<OBX.5>7.2</OBX.5>",
        "<a.b>c</a.b>",
        "<MSH.9.1>ADT</MSH.9.1>",
    ]);
}

#[test]
fn what_only_looks_like_a_segment() {
    stays(&[
        " PID|USER|CPU|MEM|COMMAND",
        "PID|1234|root|0.0|/usr/sbin/sshd -D",
        "PID|1|root|/bin/sh -c x^y",
        "PID|PPID|STAT|CMD\n101|1|S|sshd",
        "kill PID| grep x^y | sort | uniq",
        "OBR| total | 5^2 | done",
        "ROL|OUT|2^8|256",
        "in1|16^2|x|y",
        "name|PID|1|2^3|ok",
        "| PID| 1 | a^b | c |",
        "EVN|A01|202611220800",
    ]);
}

#[test]
fn a_claim() {
    check(
        "ISA*00*          *01*S3cretPw9 *ZZ*SUBMITTER*ZZ*RECEIVER*261122*0800*^*00501*000000905*1\
         *T*:~GS*HC*S*R*20261122*0800*1*X*005010X222A1~ST*837*0021~NM1*IL*1*DOE*JOHN*A***MI\
         *W123456789~N3*12 HIGH ST*APT 4~N4*SPRINGFIELD*IL*62704~DMG*D8*19800131*M~REF*SY\
         *883201177~NM1*PR*2*ACME HEALTH*****PI*66783~CLM*26463774*100***11:B:1*Y*A*Y*I~PER*IC\
         *JANE ROE*TE*2175550142*EM*jane@example.org~",
        &[
            "S3cretPw9",
            "DOE",
            "JOHN",
            "A",
            "W123456789",
            "12 HIGH ST",
            "APT 4",
            "SPRINGFIELD",
            "62704",
            "19800131",
            "883201177",
            "26463774",
            "JANE ROE",
            "2175550142",
            "jane@example.org",
        ],
    );
    check(
        "NM1|QC|1|DOE|SALLY|J~N3|236 N MAIN ST~N4|MIAMI|FL|33413~DMG|D8|19730501|F~",
        &[
            "DOE",
            "SALLY",
            "J",
            "236 N MAIN ST",
            "MIAMI",
            "33413",
            "19730501",
        ],
    );
    check(
        "REF*1L*GRP99812~\\nREF*EA*MR44719~\\nREF*D9*17312345600006351~",
        &["GRP99812", "MR44719"],
    );
    check(
        "CLP*7722337*1*211366.97*138018.4**12*119932404007801~",
        &["7722337"],
    );
    check(
        "N3*12 HIGH ST\\nN4*SPRINGFIELD*IL*62704",
        &["12 HIGH ST", "SPRINGFIELD", "62704"],
    );
    check(
        "N1*ST*Hannah Fischer*92*7712~N3*PO BOX 5~N4*TOWN*ST*12345~",
        &["Hannah Fischer", "PO BOX 5", "TOWN", "12345"],
    );
    stays(&[
        "host NM1 is down, NM1* matches, REF*2 in a cell, PER*",
        "NM1*85*2*CITY HOSPITAL*****XX*1234567893~",
        "N3*x",
        "y = N4*a*b",
        "SV1*HC:99213*40*UN*1***1~DTP*472*D8*20061003~",
        "DMG| reload | ok",
        "REF*EO*477563928~",
    ]);
}

#[test]
fn an_order() {
    check(
        "UNB+UNOC:3+5412345000013:14+8798765432106:14+261122:0800+REF1+SECRETPW9'UNH+1+ORDERS:D:\
         96A:UN'NAD+BY+4412::91++DOE JOHN+HIGH STREET 12+LONDON++SW1A 1AA+GB'CTA+IC+:JANE ROE'\
         COM+00442071234567:TE'COM+jane@example.org:EM'DTM+137:20261122:102'DTM+329:19800131:102'\
         NAD+SU+5412345000013::9'",
        &[
            "SECRETPW9",
            "4412",
            "DOE JOHN",
            "HIGH STREET 12",
            "LONDON",
            "SW1A 1AA",
            "JANE ROE",
            "00442071234567",
            "jane@example.org",
            "19800131",
        ],
    );
    check(
        "NAD+FL+++DOE:JOHN:A'ATT+2++M'DTM+329:800131:101'DOC+P+X1234567'",
        &["DOE", "JOHN", "A", "800131", "X1234567"],
    );
    check("NAD+CN+++O?'NEILL MARY'", &["O?'NEILL MARY"]);
    stays(&[
        "GET /?q=nad+foo&x=COM+1",
        "search?q=COM+port+'x'",
        "NAD+ is consumed, NADH produced'",
        "DTM+137:20261122:102'QTY+21:48'",
        "NAD+SU+5412345000013::9++EXAMPLE TRADING LTD'",
    ]);
}

#[test]
fn a_logon_and_an_order_of_an_exchange() {
    let fields = [
        "8=FIX.4.4",
        "9=102",
        "35=A",
        "49=BUY1",
        "56=SELL1",
        "34=1",
        "52=20261122-08:00:00",
        "98=0",
        "108=30",
        "553=jtrader",
        "554=hunter2Zq9",
        "925=Sommer Zq9",
        "10=128",
        "",
    ];
    let wanted = ["jtrader", "hunter2Zq9", "Sommer Zq9"];
    for sign in ["|", "\u{1}", "^A", "\\x01", "\\u0001", "<SOH>", ";"] {
        let text = format!("in: {}", fields.join(sign));
        check(&text, &wanted);
    }
    check(
        "8=FIX.4.2|9=102|35=D|1=ACC-99120|11=ORD1|55=MSFT|54=1|38=100|44=10.5|109=CL77|58=a note|\
         10=128|",
        &["ACC-99120", "CL77"],
    );
    check(
        "8=FIXT.1.1|9=102|35=D|453=2|448=JDOE77|447=D|452=11|448=BROKER1|447=D|452=1|10=128|",
        &["JDOE77"],
    );
    stays(&[
        "GET /q?8=1&554=abcdef&553=x",
        "8=FIX.4.4|9=5|35=0|49=A|56=B|34=2|10=1|",
        "8=FIX.4.4 session up, heartbeat 30",
        "a|553=x|554=y|b",
        "bump FIX.1=2|9=3|554=4",
    ]);
}

#[test]
fn fields_of_a_switch() {
    let pan = "4111111111111111";
    let tail = "27121010000012300000";
    check(
        &format!(
            "MTI=0200 F002={pan} F003=000000 F004=000000010000 F014=2712 F035={pan}D{tail}F \
             F052=1A2B3C4D5E6F7081 F055=9F2608A1B2C3D4E5F60718"
        ),
        &[pan, "2712", pan, &format!("{tail}F"), "1A2B3C4D5E6F7081"],
    );
    check(
        &format!("DE2: {pan} DE52: 1A2B3C4D5E6F7081 DE45: B{pan}^DOE/JOHN^{tail}"),
        &[pan, "1A2B3C4D5E6F7081", pan, "DOE/JOHN", tail],
    );
    check(
        &format!("in [002] {pan} [052] = 1A2B3C4D5E6F7081 [035] : {pan}={tail}"),
        &[pan, "1A2B3C4D5E6F7081", pan, tail],
    );
    check(
        &format!(
            "<field id=\"2\" value=\"{pan}\"/><field id=\"3\" value=\"000000\"/><field id=\"52\" \
             value=\"1A2B3C4D5E6F7081\"/><field id=\"35\" value=\"{pan}={tail}\"/>"
        ),
        &[pan, "1A2B3C4D5E6F7081", pan, tail],
    );
    stays(&[
        "F052=ok F002=12 F014=2712345",
        "fault F014: 2712 on axis 3",
        "DE52 is a field, DE2: none",
        "de352aa0-1111-4222-8333-444455556666",
        "job [52] = done, [2] : 17",
        "[12] start [14] 1211",
        "sshd[52]: ready",
        "<field id=\"14\" value=\"on\"/><field id=\"52\" value=\"x\"/>",
        "<field id=\"4\" value=\"000000010000\"/>",
    ]);
}

#[test]
fn tracks_anywhere() {
    let tail = "27121010000012300000";
    check(
        &format!("swipe %B4111111111111111^DOE/JOHN A^{tail}?;4111111111111111={tail}?"),
        &[
            "4111111111111111",
            "DOE/JOHN A",
            tail,
            "4111111111111111",
            tail,
        ],
    );
    // A number of an issuer that is in no list.
    check(
        &format!("swipe ;9011000000000002={tail}?"),
        &["9011000000000002", tail],
    );
    check(
        &format!("raw 4111111111111111D{tail}F"),
        &["4111111111111111", &format!("{tail}F")],
    );
    stays(&[
        "x;123456789012=abc",
        "%B4%E2%80%A6 and %B412",
        "id 9011000000000002D27 and more",
        "a;202611220800=1",
    ]);
}

#[test]
fn transfers() {
    let lines = [
        "{4:",
        ":20:REF1",
        ":23B:CRED",
        ":32A:261122EUR100,00",
        ":50K:/4471902231",
        "JOHN DOE",
        "HIGH ST 12",
        "LONDON",
        ":57A:DEUTDEFF",
        ":59:/9912031",
        "JANE ROE",
        "LOW ST 3",
        "PARIS",
        ":70:INVOICE 7",
        ":71A:SHA",
        "-}",
    ];
    let wanted = [
        "4471902231",
        "JOHN DOE",
        "HIGH ST 12",
        "LONDON",
        "9912031",
        "JANE ROE",
        "LOW ST 3",
        "PARIS",
    ];
    for sign in ["\\n", "\n", "\r\n", "\\r\\n"] {
        check(&lines.join(sign), &wanted);
    }
    check(
        ":50F:/12345678\\n1/DOE JOHN\\n2/HIGH STREET 12\\n3/GB/LONDON\\n4/19800131\\n:59F:/98765432\
         \\n1/ROE JANE\\n3/FR/PARIS\\n:71A:OUR",
        &[
            "12345678",
            "DOE JOHN",
            "HIGH STREET 12",
            "LONDON",
            "19800131",
            "98765432",
            "ROE JANE",
            "PARIS",
        ],
    );
    check(
        ":86:166?00SEPA?20INV 7?30DEUTDEFF?3110020030?32JOHN DOE?33UND JANE",
        &["10020030", "JOHN DOE", "UND JANE"],
    );
    stays(&[
        ":59:12",
        "at 10:59:12 done",
        ":50:ready",
        ":50K:ok",
        "ratio :59: 3",
        ":20:REF1\\n:32A:261122EUR100,00\\n:71A:SHA",
        ":86:no subfields here?",
    ]);
}

#[test]
fn cards_and_meetings() {
    let lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "N:Doe;John;A;;",
        "FN:John Doe",
        "ORG:Example Ltd",
        "TEL;TYPE=cell:+44 20 7946 0018",
        "EMAIL:john@example.org",
        "ADR;TYPE=home:;;12 High St;London;;SW1A 1AA;GB",
        "BDAY:19800131",
        "END:VCARD",
    ];
    let wanted = [
        "Doe",
        "John",
        "A",
        "John Doe",
        "+44 20 7946 0018",
        "john@example.org",
        "12 High St",
        "London",
        "SW1A 1AA",
        "19800131",
    ];
    for sign in ["\\n", "\n", "\r\n", "\\r\\n"] {
        check(&lines.join(sign), &wanted);
    }
    check("N:Doe;John;;;", &["Doe", "John"]);
    check("FN:Hannah Fischer", &["Hannah Fischer"]);
    check(
        "ATTENDEE;CN=Jane Roe;ROLE=REQ-PARTICIPANT:mailto:jane@example.org",
        &["Jane Roe", "jane@example.org"],
    );
    check("ORGANIZER;CN=\"Roe, Jane\":mailto:x", &["Roe, Jane"]);
    stays(&[
        "N:3;4",
        "N: 5; T: 7; K: 9; x",
        "FN:main",
        "ADR: see docs",
        "ADR;0x7f;0x80",
        "CN=server,OU=infra",
        "BEGIN:VCALENDAR\\nVERSION:2.0\\nSUMMARY:Review\\nEND:VCALENDAR",
    ]);
}

#[test]
fn telephony() {
    check(
        "From: \"Jane Roe\" <sip:jane.roe@pbx>;tag=1928301774",
        &["Jane Roe", "jane.roe"],
    );
    check("To: <sip:+4930123456@pbx:5060>", &["+4930123456"]);
    check("To: <sip:1001@pbx:5060;transport=tcp>", &["1001"]);
    check(
        "P-Asserted-Identity: \"+4930123456\" <tel:+49-30-123456>",
        &["+4930123456", "+49-30-123456"],
    );
    check(
        "v=0\\r\\no=jroe 2890844526 2890842807 IN IP4 pbx\\r\\ns=-",
        &["jroe"],
    );
    check(
        "Dial(\"PJSIP/6001-0000001a\", \"PJSIP/030123456@trunk,60\")",
        &["030123456"],
    );
    check("Dial(SIP/trunk/0301234567,20)", &["0301234567"]);
    stays(&[
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP pbx:5060;branch=z9hG4bK776asdhds",
        "OPTIONS sip:proxy@pbx SIP/2.0",
        "INVITE sip:pbx SIP/2.0",
        "channel PJSIP/trunk-0000001a answered",
        "o=- 20518 0 IN IP4 pbx",
        "sip: 4 threads",
        "OPTIONS sip:sbc-trunk-1@pbx SIP/2.0",
        "ls /usr/local/20261122 ok",
        "tel: none",
        "foo=1 o=2 3",
    ]);
}

#[test]
fn parties_of_a_payment() {
    check(
        "<Dbtr><Nm>John Doe</Nm><PstlAdr><StrtNm>High Street</StrtNm><BldgNb>12</BldgNb>\
         <PstCd>SW1A 1AA</PstCd><TwnNm>London</TwnNm><Ctry>GB</Ctry><AdrLine>Flat 4</AdrLine>\
         </PstlAdr></Dbtr><DbtrAcct><Id><Othr><Id>4471902</Id></Othr></Id></DbtrAcct>",
        &[
            "John Doe",
            "High Street",
            "SW1A 1AA",
            "London",
            "Flat 4",
            "4471902",
        ],
    );
    check("<Cdtr>\\n  <Nm>Roe, J.</Nm>", &["Roe, J."]);
    check(
        "<PrvtId><Othr><Id>X991203</Id></Othr></PrvtId>",
        &["X991203"],
    );
    check("<ns2:Nm>Hannah Fischer</ns2:Nm>", &["Hannah Fischer"]);
    stays(&[
        "<Cdtr><Nm>Example Trading Ltd</Nm></Cdtr>",
        "<FinInstnId><Nm>Example Bank</Nm></FinInstnId>",
        "<OrgId><Othr><Id>991203</Id></Othr></OrgId>",
        "<Id>991203</Id><Nm>main</Nm><Ctry>GB</Ctry>",
        "<MsgId>M-991203</MsgId><CreDtTm>2026-11-22T08:00:00</CreDtTm>",
    ]);
}

#[test]
fn resources_of_a_hospital() {
    check(
        "{\"resourceType\":\"Patient\",\"name\":[{\"use\":\"official\",\"family\":\"Doe\",\
         \"given\":[\"John\",\
         \"Alan\"]}],\"address\":[{\"line\":[\"Flat 4\",\"12 High St\"],\
         \"city\":\"London\",\"postalCode\":\
         \"SW1A 1AA\"}],\"identifier\":[{\"system\":\"http://hl7.org/fhir/sid/us-ssn\",\"value\":\
         \"883201177\"}]}",
        &[
            "Doe",
            "John",
            "Alan",
            "Flat 4",
            "12 High St",
            "London",
            "SW1A 1AA",
            "883201177",
        ],
    );
    check(
        "in \"{\\\"given\\\":[\\\"John\\\"],\\\"family\\\":\\\"Doe\\\"}\"",
        &["John", "Doe"],
    );
    stays(&[
        "{\"family\":\"AF_INET\",\"port\":80}",
        "{\"given\":[\"a\",\"b\"],\"wanted\":3}",
        "{\"line\":[\"a\",\"b\"],\"column\":3}",
        "{\"line\":12,\"city\":\"x\"}",
        "{\"system\":\"linux\",\"value\":\"991203\"}",
    ]);
}

#[test]
fn points() {
    check(
        "<wpt lat=\"48.856613\" lon=\"2.3522\"><ele>35</ele>",
        &["48.856613", "2.3522"],
    );
    check(
        "<trkpt lon='-2.3522' lat='48.8566'>",
        &["-2.3522", "48.8566"],
    );
    stays(&["<wpt lat=\"48.8\" lon=\"2.3\">", "lat=\"12.3456\" ms"]);
}

#[test]
fn lines_with_the_same_signs() {
    stays(&[
        "CEF:0|Vendor|Product|1.0|100|login failed|5|act=block cnt=3",
        "LEEF:2.0|Vendor|Product|1.0|100|^|sev=5^act=block^cnt=3",
        "http_requests_total{code=\"200\",le=\"0.5\"} 1027 1395066363000",
        "id,qty,sku\n1,2,AB-77|x*y",
        "| a | b^2 | c*d | e+f |",
        "1|2|3|4|5|6|7|8|9|10^11",
        "a*b*c~d*e*f~",
        "x+y:z'w+v:u'",
        "ok: 10:20:30 :40: :50: :60:",
        "key=a;b=c;d=e;f=g",
        "GET /a?x=%B3&y=%B412 200",
    ]);
}
