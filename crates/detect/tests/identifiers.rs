//! Identifiers in the lines that they occur in, and lines that only look as if they held some.

use cordon_detect::{Context, Detector};

/// Rule and text of every finding.
fn found(text: &str) -> Vec<(&'static str, &str)> {
    Detector::default()
        .scan(text, &Context::default())
        .iter()
        .map(|f| (f.rule, text.get(f.start..f.end).unwrap_or("")))
        .collect()
}

/// A line, a rule, and what the rule finds in the line.
#[rustfmt::skip]
const LINES: &[(&str, &str, &str)] = &[
    ("KYC ok for CPF 390.533.447-05 (BR)", "national.br_cpf", "390.533.447-05"),
    ("user RCCMNL83S18D969H updated", "national.it_codice_fiscale", "RCCMNL83S18D969H"),
    ("Steuer-ID: 36 574 261 809 geprüft", "national.de_steuer_id", "36 574 261 809"),
    ("NINO AB123456C rejected", "national.gb_nino", "AB123456C"),
    (
        "numéro de sécurité sociale 2 95 10 99 126 111 93",
        "national.fr_nir",
        "2 95 10 99 126 111 93",
    ),
    ("el DNI 12345678Z no existe", "national.es_dni", "12345678Z"),
    ("BSN van klant is 111222333.", "national.nl_bsn", "111222333"),
    ("BSN 111222333 2026-03-01T10:17:10Z ok", "national.nl_bsn", "111222333"),
    ("PESEL=44051401359 zapisano", "national.pl_pesel", "44051401359"),
    ("personnummer 811228-9874 saknas", "national.se_personnummer", "811228-9874"),
    ("hetu 131052-308T ok", "national.fi_hetu", "131052-308T"),
    ("ИНН 500100732259 не найден", "national.ru_inn", "500100732259"),
    ("СНИЛС: 112-233-445 95", "national.ru_snils", "112-233-445 95"),
    ("身份证号:11010519491231002X 已验证", "national.cn_resident", "11010519491231002X"),
    ("マイナンバー 123456789018 を登録", "national.jp_my_number", "123456789018"),
    ("aadhaar no 2341 2341 2346 linked", "national.in_aadhaar", "2341 2341 2346"),
    ("PAN ACUPA7085R verified", "national.in_pan", "ACUPA7085R"),
    ("TC Kimlik No: 17291716060", "national.tr_tckn", "17291716060"),
    ("ID number 7503305044089 (ZA)", "national.za_id", "7503305044089"),
    ("TFN 123 456 782 on file", "national.au_tfn", "123 456 782"),
    ("CURP BOXW310820HNERXN09", "national.mx_curp", "BOXW310820HNERXN09"),
    ("RUT 12.531.909-2 aprobado", "national.cl_rut", "12.531.909-2"),
    ("passport no. C01X00T47 scanned", "national.passport", "C01X00T47"),
    ("wire via SWIFT DEUTDEFF today", "account.bic", "DEUTDEFF"),
    ("routing number 111000025 ok", "account.us_routing", "111000025"),
    ("account number 000123456789 closed", "account.number", "000123456789"),
    (
        "sent to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "account.bitcoin",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    ("VIN 1M8GDM9AXKP042788 towed", "vehicle.vin", "1M8GDM9AXKP042788"),
    ("number plate AB12 CDE seen", "vehicle.plate", "AB12 CDE"),
    ("IMEI: 490154203237518 attached", "device.imei", "490154203237518"),
    ("born on 12 March 1985 in", "birth.date", "12 March 1985"),
    ("gps fix 48.856613,2.352222 hdop 1", "location.coordinates", "48.856613,2.352222"),
    ("ring 0044 20 7946 0958 now", "phone", "0044 20 7946 0958"),
    ("moved to +44 20 7946 0958 12 items", "phone", "+44 20 7946 0958"),
    ("Tel. 030 901820 oder Mail", "phone", "030 901820"),
];

#[test]
fn identifiers_in_lines_of_logs() {
    let mut missed = Vec::new();
    for (text, rule, value) in LINES.iter().copied() {
        let all = found(text);
        let hit = all.contains(&(rule, value));
        // A field's name may claim the same value under its own rule.
        let named = all
            .iter()
            .any(|(r, v)| r.starts_with("key.") && *v == value);
        if !(hit || named) {
            missed.push(format!("{text}: {all:?}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn lines_that_only_look_so() {
    let mut touched = Vec::new();
    for text in [
        "081109 203518 143 INFO dfs.DataNode: block blk_-1608999687919862906 terminating",
        "ts=1763724583123 offset=18446744073709551615 lsn 0/16B3748",
        "phone service restarted in 1234567 us",
        "card reader 12345678 disconnected",
        "tests pass 1234567 of 1234568",
        "passport-js check took 12345678 ms",
        "account 123456789012 throttled",
        "BSN took 111 2026-03-01T10:17:10.123Z INFO",
        "passport in AB 2026-03-01T10:17:10.123Z INFO",
        "vin=12.345 vout=5.012 temp=41.123456",
        "lat=12.345678 ms p99=99.123456 ms",
        "sort 123456 rows, sin 123456789 cos",
        "swift build 12345678 finished",
        "seed 1234567890 epoch 12",
        "seed the cache with about half of the keys before the next run starts again today",
        "build 20240117-1239 promoted, backup-20240117-1239.tar.gz",
        "GET /api/v1/items/12345678901 200 0.123456",
        "size=123456789012 free=98765432109 used 12345678901",
        "uuid 12345678-1234-1234-1234-123456789012",
        "hex 3132 3334 3536 3738 3930 3132 3334 3536",
        "counters 662 236 5012 and 2341 2341 2346",
        "order 20240117A shipped, literal 12345678L",
        "run 1234567890 attempt 2 job 44051401359",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "node 10.0.19041.1 kernel 5.15.0-91",
        "2026-01-02 03:04:05.123456 birth of thread 7",
        "ISBN 9783161484100 EAN 4006381333931",
        "token bucket refilled 1000000 at 12:30:45.123456",
        "born at 2026-01-02T03:04:05Z pid 123456",
        "mobile: build 4.12.7 of 2026-01-02",
        "location 12.34 56.78 zone 4",
        "rut-proxy 10.1.2.3 dni 30",
    ] {
        let all: Vec<_> = found(text)
            .into_iter()
            .filter(|(rule, _)| *rule != "ipv4")
            .collect();
        if !all.is_empty() {
            touched.push(format!("{text}: {all:?}"));
        }
    }
    assert!(touched.is_empty(), "{touched:#?}");
}
