//! The material: log lines from a fixed seed, raw and wrapped in JSON; some hold something.

/// Bytes of material of each kind.
const MATERIAL_BYTES: usize = 4 << 20;
/// Bytes of the blocks that lines come in.
const BLOCK_BYTES: usize = 256 << 10;

/// Of how many lines one holds something; none where 0.
pub(crate) type Share = u64;

/// How lines are made.
pub(crate) type Form = fn(&mut Draw, Share) -> String;

/// xorshift64*: the same material on every machine.
pub(crate) struct Draw(u64);

impl Draw {
    /// Other lines in each round.
    fn of_round(round: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ round.wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }

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

impl Default for Draw {
    fn default() -> Self {
        Self::of_round(0)
    }
}

/// One raw log line.
pub(crate) fn text_line(draw: &mut Draw, share: Share) -> String {
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

/// Words of prose and of programs.
const WORDS: [&str; 96] = [
    "account", "after", "agent", "alloc", "and", "apply", "archive", "async", "backoff", "batch",
    "before", "body", "bucket", "buffer", "build", "cache", "chunk", "client", "close", "cluster",
    "commit", "config", "consumer", "copy", "cursor", "daemon", "delta", "disk", "done", "drain",
    "drop", "edge", "epoch", "error", "event", "expired", "failed", "fetch", "file", "filter",
    "finished", "flush", "follower", "for", "from", "gateway", "graph", "group", "handler", "heap",
    "host", "idle", "index", "invoice", "job", "kernel", "lag", "leader", "lease", "limit", "list",
    "loaded", "lock", "merge", "metric", "missing", "mount", "node", "not", "offset", "order",
    "page", "peer", "pending", "pool", "queue", "quorum", "ready", "region", "reload", "replica",
    "request", "retry", "route", "schema", "segment", "session", "shard", "slow", "snapshot",
    "stale", "stream", "table", "tenant", "timeout", "worker",
];

/// One raw line that goes on with words and numbers drawn one by one: hardly two are alike, so
/// that nobody gains by remembering them.
pub(crate) fn varied_line(draw: &mut Draw, share: Share) -> String {
    let mut line = text_line(draw, share);
    for _ in 0..3 + draw.next(5) {
        let (a, b, n) = (draw.of(&WORDS), draw.of(&WORDS), draw.next(100_000));
        line += &match draw.next(8) {
            0 => format!(" {a}={n}"),
            1 => format!(" {a}_{b}={n}"),
            2 => format!(" {a}.{b}"),
            3 => format!(" ({a} {n} ms)"),
            4 => format!(" {a}: {b}"),
            _ => format!(" {a} {b}"),
        };
    }
    line
}

/// One such line as the message of a JSON record.
pub(crate) fn json_line(draw: &mut Draw, share: Share) -> String {
    let text = text_line(draw, share);
    let head = r#"{"ts":"2026-03-01T10:00:00.5Z","level":"info","service":"shop","dur_ms":"#;
    format!(r#"{head}{},"msg":"{text}"}}"#, draw.next(1_000))
}

/// All of a round, in blocks of whole lines.
pub(crate) fn blocks(of: Form, share: Share, round: u64) -> Vec<String> {
    let mut draw = Draw::of_round(round);
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

/// The first lines of the material, at least `bytes` of them or all.
pub(crate) fn sample(all: &[String], bytes: usize) -> Vec<String> {
    let (mut taken, mut room) = (Vec::new(), bytes);
    for block in all {
        if block.len() > room {
            let more = block.as_bytes().get(room..).unwrap_or(&[]);
            let end = room + memchr::memchr(b'\n', more).map_or(more.len(), |n| n + 1);
            taken.extend(
                block
                    .get(..end)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned),
            );
            break;
        }
        taken.push(block.clone());
        room -= block.len();
    }
    taken
}

/// Bytes of all blocks.
pub(crate) fn size(all: &[String]) -> usize {
    all.iter().map(String::len).sum()
}

/// Log text in one line: lines parted by blanks.
pub(crate) fn long_text(bytes: usize, share: Share) -> String {
    joined("", " ", "", text_line, (bytes, share))
}

/// One JSON record whose message is a long text.
pub(crate) fn long_message(bytes: usize, share: Share) -> String {
    let head = r#"{"ts":"2026-03-01T10:00:00.5Z","level":"info","msg":""#;
    joined(head, r"\n", r#""}"#, text_line, (bytes, share))
}

/// One JSON record that holds many.
pub(crate) fn long_records(bytes: usize, share: Share) -> String {
    joined(r#"{"batch":["#, ",", "]}", json_line, (bytes, share))
}

/// A line of at most `bytes`, of parts between `head` and `tail`, and its line break.
fn joined(head: &str, sign: &str, tail: &str, of: Form, (bytes, share): (usize, Share)) -> String {
    let mut draw = Draw::default();
    let mut line = head.to_owned();
    let mut first = true;
    loop {
        let part = of(&mut draw, share);
        if line.len() + sign.len() + part.len() + tail.len() + 1 > bytes {
            break;
        }
        if !std::mem::take(&mut first) {
            line += sign;
        }
        line += &part;
    }
    line += tail;
    line.push('\n');
    line
}
