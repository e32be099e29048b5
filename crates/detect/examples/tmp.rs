use cordon_detect::*;
#[derive(Clone, Copy)]
struct Instant(u64);
impl Instant {
    fn now() -> Self {
        let t = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Instant(t.split(' ').next().unwrap().parse().unwrap())
    }
    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(Self::now().0 - self.0)
    }
}
struct Draw(u64);
impl Draw {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below
    }
    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        let n = self.next(all.len() as u64) as usize;
        all[n]
    }
}
fn line(draw: &mut Draw) -> String {
    let level = draw.of(&["INFO", "DEBUG", "WARN", "ERROR"]);
    let logger = draw.of(&["shop.cart", "billing.invoice", "http.access", "db.pool"]);
    let (id, n) = (draw.next(90_000), draw.next(4_000));
    let text = match draw.next(28) + 2 {
        2..8 => format!("GET /api/v1/orders/{id}/items?page={n} 200 {n}ms"),
        8..16 => format!("acquired connection {id} from pool, {n} idle, waited 3 ms"),
        16..23 => format!("cache miss key=order:{id} shard={n} ttl=300"),
        _ => format!("processed batch id={id} rows={n} status=ok in 12.7 ms"),
    };
    let (hour, second) = (draw.next(24), draw.next(60));
    format!("2026-03-01T{hour:02}:17:{second:02}.123Z {level} {logger} - {text}")
}
fn main() {
    let mut d = Draw(0x9e37_79b9_7f4a_7c15);
    let mut chunks: Vec<String> = vec![];
    for _ in 0..64 {
        let mut s = String::new();
        while s.len() < 65536 {
            s += &line(&mut d);
            s.push('\n');
        }
        chunks.push(s);
    }
    if let Some(p) = std::env::args().nth(1) {
        let t = std::fs::read_to_string(p).unwrap();
        chunks.clear();
        let mut s = String::new();
        for l in t.lines() {
            s += l;
            s.push('\n');
            if s.len() > 65536 {
                chunks.push(std::mem::take(&mut s));
            }
        }
    }
    let total: usize = chunks.iter().map(|c| c.len()).sum();
    let p = prompts();
    let mut out = vec![];
    for _ in 0..3 {
        let t = Instant::now();
        for _ in 0..20 {
            for c in &chunks {
                cordon_simd::classify(c.as_bytes(), &p, &mut out);
                std::hint::black_box(&out);
            }
        }
        println!(
            "classify {:.2} GB/s",
            20.0 * total as f64 / t.elapsed().as_secs_f64() / 1e9
        );
    }
    let det = Detector::default();
    let mut sc = Scratch::default();
    for _ in 0..3 {
        let t = Instant::now();
        let mut n = 0;
        for _ in 0..20 {
            for c in &chunks {
                n += sc.places(c);
            }
        }
        println!(
            "screen {:.2} GB/s places {} per MB",
            20.0 * total as f64 / t.elapsed().as_secs_f64() / 1e9,
            n * 1000000 / 20 / total
        );
        let t = Instant::now();
        let mut n = 0;
        for _ in 0..5 {
            for c in &chunks {
                n += det.scan_with(c, &Context::default(), &mut sc).len();
            }
        }
        println!(
            "scan {:.2} GB/s found {}",
            5.0 * total as f64 / t.elapsed().as_secs_f64() / 1e9,
            n / 5
        );
    }
    sc.places(&chunks[0]);
    for i in sc.list().iter().take(12) {
        let i = *i as usize;
        println!(
            "{:?}",
            &chunks[0][i.saturating_sub(20)..(i + 30).min(chunks[0].len())]
        );
    }
}
