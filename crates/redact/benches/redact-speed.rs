//! `cargo xtask bench redact-speed`: what redaction costs, beside passes that do nothing.
//!
//! Times are processor time of the one thread, so that a busy machine does not change them much;
//! the ratios of one run are what counts. The material is generated from a fixed seed.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::inline_always,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cordon_event::{Event, Raw, Value};
use cordon_redact::{LineFormat, NameScope, Policy, PseudonymMac, Redactor, StreamRedactor};
use cordon_simd::{Around, Lanes, Masks, Prompts, Window, pass};
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

/// Of how many lines one holds something; none where 0.
type Share = u64;

/// One log line.
fn line(draw: &mut Draw, share: Share) -> String {
    let level = draw.of(&["INFO", "DEBUG", "WARN", "ERROR"]);
    let logger = draw.of(&["shop.cart", "billing.invoice", "http.access", "db.pool"]);
    let (id, n) = (draw.next(90_000), draw.next(4_000));
    let holds = share > 0 && draw.next(share) == 0;
    let text = match draw.next(28) {
        0..14 if holds => format!("mail to user{id}.name{n}@example.org bounced"),
        14.. if holds => format!("retry with Authorization: Bearer {:016x}{id:016x}", id * n),
        0..4 => format!("GET /api/v1/orders/{id}/items?page={n} 200 {n}ms"),
        4..8 => format!("acquired connection {id} from pool, {n} idle, waited 3 ms"),
        8..12 => format!("cache miss key=order:{id} shard={n} ttl=300"),
        12..16 => format!("processed batch id={id} rows={n} status=ok in 12.7 ms"),
        16..19 => format!("org.example.http.RequestHandler: route matched in {n} us"),
        19..22 => format!("Receiving block blk_{id}{n} src: /rack-7 dest: /rack-{n}"),
        22..24 => format!("connection reset by peer while reading response header (errno {n})"),
        24..26 => format!("GC pause (young) {n}M->{id}K(1024M), 0.00{n} secs"),
        _ => format!(
            "trace {:016x}{:016x} sampled, {n} spans",
            id * 7919,
            n * 104_729
        ),
    };
    let (hour, second) = (draw.next(24), draw.next(60));
    format!("2026-03-01T{hour:02}:17:{second:02}.123Z {level} {logger} - {text}")
}

fn json_line(draw: &mut Draw, share: Share) -> String {
    let text = line(draw, share);
    let head = r#"{"ts":"2026-03-01T10:00:00.5Z","level":"info","service":"shop","dur_ms":"#;
    format!(r#"{head}{},"msg":"{text}"}}"#, draw.next(1_000))
}

/// Bytes of the blocks that lines are redacted in.
const BLOCK_BYTES: usize = 256 << 10;

fn blocks(of: fn(&mut Draw, Share) -> String, share: Share) -> Vec<String> {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let block = || {
        let mut block = String::new();
        while block.len() < BLOCK_BYTES {
            block += &of(&mut draw, share);
            block.push('\n');
        }
        block
    };
    std::iter::repeat_with(block)
        .take(MATERIAL_BYTES / BLOCK_BYTES)
        .collect()
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
    for block in all {
        black_box(stream.lines(&Mac, Raw::new(block.clone())).clean);
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
    // Names are not looked for: they are off the hot path, and measured apart.
    let policy = Policy {
        names: NameScope::Off,
        ..Policy::default()
    };
    let redactor = Redactor::new(policy).unwrap();
    println!("vectors: {}", cordon_simd::implementation());
    println!(
        "| one line in … holds something | form | GB/s of processor time | of the byte-class pass |"
    );
    println!("|---|---|---|---|");
    for (form, of, format) in [
        (
            "text",
            line as fn(&mut Draw, Share) -> String,
            LineFormat::Text,
        ),
        ("JSON", json_line, LineFormat::Json),
    ] {
        for share in [0, 100, 15] {
            let all = blocks(of, share);
            let limit = classes(&all);
            let done = speed(size(&all), || stream(&redactor, format, &all));
            println!(
                "| {share} | {form} | {:.3} | 1/{:.1} |",
                done / 1e3,
                limit / done
            );
        }
    }
    let raw = blocks(line, 15);
    let lines: Vec<&str> = raw.iter().flat_map(|block| block.lines()).collect();
    let events = speed(size(&raw), || {
        for text in &lines {
            black_box(redactor.event(&Mac, Raw::new(event(text))).verdict);
        }
    });
    println!(
        "| 15 | events, body counted alone | {:.3} | |",
        events / 1e3
    );
    unit_lines(&redactor);
}

/// Proposes nothing.
struct Nothing;

impl Masks<1> for Nothing {
    #[inline(always)]
    fn masks<L: Lanes>(&self, v: &Around<L>) -> [L; 1] {
        [v.here.control & v.here.newline]
    }
}

/// The byte-class pass alone.
fn classes(all: &[String]) -> f64 {
    let (prompts, mut window) = (Prompts::none(), Window::default());
    speed(size(all), || {
        for block in all {
            pass(
                block.as_bytes(),
                &prompts,
                &Nothing,
                &mut window,
                |window| {
                    black_box(window.places(0));
                },
            );
        }
    })
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
