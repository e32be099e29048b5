//! `cargo xtask bench redact-speed`: what redaction costs, beside passes that do nothing.
//!
//! Times are processor time of the one thread, so that a busy machine does not change them much;
//! the ratios of one run are what counts. The material is generated from a fixed seed.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cordon_event::{Event, Raw, Value};
use cordon_redact::{LineFormat, Policy, PseudonymMac, Redactor, StreamRedactor};
use sha2::{Digest, Sha256};

/// Bytes of material of each kind.
const MATERIAL_BYTES: usize = 4 << 20;
/// Bytes of one line of a single unit: as much as one value may have.
const UNIT_LINE_BYTES: usize = 1 << 20;
/// Shortest time that a measurement takes.
const MEASURED_MIN: Duration = Duration::from_millis(600);

/// A keyed digest at about the price of the real one.
struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let hash = Sha256::new().chain_update(kind).chain_update(canonical);
        hash.finalize().into()
    }
}

/// xorshift64*: the same material on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        let at = self.next(all.len() as u64) as usize;
        all.get(at).copied().unwrap_or("")
    }
}

/// One log line; every fifteenth or so holds something.
fn line(draw: &mut Draw) -> String {
    let level = draw.of(&["INFO", "DEBUG", "WARN", "ERROR"]);
    let logger = draw.of(&["shop.cart", "billing.invoice", "http.access", "db.pool"]);
    let (id, n) = (draw.next(90_000), draw.next(4_000));
    let text = match draw.next(30) {
        0 => format!("mail to user{id}.name{n}@example.org bounced"),
        1 => format!("retry with Authorization: Bearer {:016x}{id:016x}", id * n),
        2..8 => format!("GET /api/v1/orders/{id}/items?page={n} 200 {n}ms"),
        8..16 => format!("acquired connection {id} from pool, {n} idle, waited 3 ms"),
        16..23 => format!("cache miss key=order:{id} shard={n} ttl=300"),
        _ => format!("processed batch id={id} rows={n} status=ok in 12.7 ms"),
    };
    let (hour, second) = (draw.next(24), draw.next(60));
    format!("2026-03-01T{hour:02}:17:{second:02}.123Z {level} {logger} - {text}")
}

fn json_line(draw: &mut Draw) -> String {
    let text = line(draw);
    let head = r#"{"ts":"2026-03-01T10:00:00.5Z","level":"info","service":"shop","dur_ms":"#;
    format!(r#"{head}{},"msg":"{text}"}}"#, draw.next(1_000))
}

fn lines(of: fn(&mut Draw) -> String) -> Vec<String> {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let mut all = Vec::new();
    let mut bytes = 0;
    while bytes < MATERIAL_BYTES {
        let next = of(&mut draw);
        bytes += next.len() + 1;
        all.push(next);
    }
    all
}

/// Processor time of this thread; wall time where the system does not tell.
fn used(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns = told.and_then(|text| text.split(' ').next()?.parse().ok());
    ns.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Megabytes a second of processor time.
fn speed(bytes: usize, mut work: impl FnMut()) -> f64 {
    let epoch = Instant::now();
    work();
    let (begun, mut rounds) = (used(epoch), 0_u32);
    let taken = loop {
        work();
        rounds += 1;
        let taken = used(epoch).saturating_sub(begun);
        if taken >= MEASURED_MIN {
            break taken;
        }
    };
    (bytes as f64 * f64::from(rounds)) / taken.as_secs_f64() / 1e6
}

fn stream(redactor: &Redactor, format: LineFormat, all: &[String]) {
    let mut stream = StreamRedactor::new(redactor, format);
    for text in all {
        black_box(stream.line(&Mac, Raw::new(text.clone())).clean);
    }
}

fn event(text: &str) -> Event {
    Event {
        body: text.into(),
        attributes: vec![
            ("http.route".to_owned(), "/api/v1/orders/{id}".into()),
            ("http.response.status_code".to_owned(), Value::Int(200)),
            ("thread.name".to_owned(), "worker-7".into()),
        ],
        resource: vec![("service.name".to_owned(), "shop".into())],
        ..Event::default()
    }
}

fn size(all: &[String]) -> usize {
    all.iter().map(String::len).sum()
}

fn main() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let (raw, json) = (lines(line), lines(json_line));
    let copied = speed(size(&raw), || {
        for text in &raw {
            black_box(text.clone());
        }
    });
    let counted = speed(size(&raw), || {
        for text in &raw {
            black_box(text.bytes().filter(|b| *b == b'@').count());
        }
    });
    let text = speed(size(&raw), || stream(&redactor, LineFormat::Text, &raw));
    let wrapped = speed(size(&json), || stream(&redactor, LineFormat::Json, &json));
    let events = speed(size(&raw), || {
        for text in &raw {
            black_box(redactor.event(&Mac, Raw::new(event(text))).verdict);
        }
    });
    println!(
        "material: {} lines of logs, {} of JSON",
        raw.len(),
        json.len()
    );
    println!("| pass | MB/s of processor time | of a copy |");
    println!("|---|---|---|");
    for (name, speed) in [
        ("copy each line", copied),
        ("count one byte", counted),
        ("redact lines of text, both scans", text),
        ("redact lines of JSON, both scans", wrapped),
        ("redact events, body counted alone", events),
    ] {
        println!("| {name} | {speed:.1} | 1/{:.0} |", copied / speed);
    }
    unit_lines(&redactor);
}

/// Lines of one unit alone, which any rescan would make quadratic.
fn unit_lines(redactor: &Redactor) {
    println!("\n| one line of 1 MiB of | ms | times one of half |");
    println!("|---|---|---|");
    for unit in [
        "a",
        "1",
        "a@",
        "k=v ",
        "a.",
        "a: ",
        "\"k\":",
        "%41",
        "://",
        "eyJ",
        "(",
        "[",
        "\"",
        "\\",
        "-----BEGIN ",
        "password=",
        "Bearer ",
        "1 ",
        "é",
    ] {
        let of = |bytes: usize| unit.repeat(bytes / unit.len());
        let [whole, half] = [of(UNIT_LINE_BYTES), of(UNIT_LINE_BYTES / 2)].map(|text| {
            let all = [text];
            let mb = speed(size(&all), || stream(redactor, LineFormat::Text, &all));
            size(&all) as f64 / mb / 1e3
        });
        println!(
            "| `{}` | {whole:.1} | {:.1} |",
            unit.escape_default(),
            whole / half
        );
    }
}
