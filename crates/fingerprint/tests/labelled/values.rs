//! Values as they are distributed in logs: a few often, many seldom.

use super::draw::Draw;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";
const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const USERS: [&str; 40] = [
    "root",
    "admin",
    "oracle",
    "test",
    "guest",
    "postgres",
    "ubuntu",
    "git",
    "ftpuser",
    "nagios",
    "deploy",
    "backup",
    "mkowalski",
    "jsmith",
    "tanaka",
    "liwei",
    "support",
    "webmaster",
    "pi",
    "info",
    "mail",
    "news",
    "cyrus",
    "svc_build",
    "anna.k",
    "minecraft",
    "teamspeak",
    "hadoop",
    "zabbix",
    "dev",
    "uucp",
    "sales",
    "student",
    "user1",
    "ts3",
    "alice",
    "bob",
    "erin",
    "www-data",
    "vagrant",
];
const HOSTS: [&str; 16] = [
    "web-01",
    "db-primary",
    "cache3.internal",
    "gw.example.net",
    "node17",
    "mail.example.org",
    "worker-a9",
    "edge-fra-2",
    "localhost",
    "build.corp.local",
    "ns1.example.com",
    "proxy-7",
    "dc1-rack4-u12",
    "storage-b",
    "LAPTOP-4KD2",
    "mx.example.de",
];
const SERVICES: [&str; 12] = [
    "checkout",
    "payments",
    "inventory",
    "search",
    "billing-api",
    "notifier",
    "catalog",
    "auth",
    "shipping",
    "recommender",
    "gateway",
    "ledger",
];
const CLASSES: [&str; 12] = [
    "OrderServiceImpl",
    "com.acme.shop.PricingEngine",
    "JdbcTemplate",
    "SessionRegistry",
    "com.acme.core.EventBus",
    "RetryPolicy",
    "HttpClientPool",
    "com.acme.auth.TokenFilter",
    "MessageListenerContainer",
    "CacheLoader",
    "com.acme.jobs.NightlyExport",
    "BatchWriter",
];
const PACKAGES: [&str; 10] = [
    "com.acme.mail",
    "com.android.phone",
    "com.acme.launcher",
    "com.example.music",
    "com.acme.maps",
    "com.example.game.puzzle",
    "com.android.systemui",
    "com.acme.camera",
    "org.example.reader",
    "com.acme.pay",
];
const ERRORS: [&str; 10] = [
    "Connection refused",
    "Connection timed out",
    "No such file or directory",
    "Permission denied",
    "Broken pipe",
    "Network is unreachable",
    "Connection reset by peer",
    "Resource temporarily unavailable",
    "No space left on device",
    "Input/output error",
];
const WORDS: [&str; 24] = [
    "daily", "report", "monthly", "summary", "north", "region", "import", "export", "customer",
    "list", "final", "draft", "archive", "photos", "holiday", "invoice", "quarter", "review",
    "budget", "plan", "team", "notes", "old", "copy",
];
const KINDS: [&str; 36] = [
    "int", "small", "big", "neg", "hex", "hex8", "ptr", "uuid", "ip", "ipport", "host", "user",
    "path", "file", "dur", "ms", "size", "float", "time", "id", "class", "pkg", "service", "error",
    "ips", "ints", "names", "title", "text", "port", "mac", "sid", "word", "url", "percent",
    "table",
];

/// Whether there is such a kind.
pub(crate) fn known(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// A value of a kind.
pub(crate) fn value(kind: &str, draw: &mut Draw) -> String {
    numbers(kind, draw)
        .or_else(|| names(kind, draw))
        .unwrap_or_else(|| compound(kind, draw))
}

fn numbers(kind: &str, draw: &mut Draw) -> Option<String> {
    Some(match kind {
        "int" => {
            let digits = draw.between(1, 6);
            draw.below(10_usize.pow(digits as u32)).to_string()
        }
        "small" => draw.skewed(12).to_string(),
        "big" => (1_000_000_000 + draw.below(8_000_000_000)).to_string(),
        "neg" => format!(
            "{}{}",
            if draw.chance(50) { "-" } else { "" },
            draw.between(1, 1 << 40)
        ),
        "hex" => draw.text(HEX, 16),
        "hex8" => format!("{:08x}", draw.below(1 << 32)),
        "ptr" => format!("0x{:x}", draw.between(4_096, 1 << 44)),
        "uuid" => {
            let lengths = [8, 4, 4, 4, 12];
            lengths.map(|length| draw.text(HEX, length)).join("-")
        }
        "port" => draw.between(1_024, 65_535).to_string(),
        "float" => format!("{}.{:02}", draw.below(400), draw.below(100)),
        "percent" => format!("{}%", draw.below(101)),
        "ms" => draw.skewed(4_000).to_string(),
        "dur" => match draw.below(3) {
            0 => format!("{}ms", draw.below(2_000)),
            1 => format!("{}.{:03}s", draw.below(30), draw.below(1_000)),
            _ => format!("{}m{}s", draw.between(1, 40), draw.below(60)),
        },
        "size" => match draw.below(3) {
            0 => format!("{} KB", draw.below(900)),
            1 => format!("{}.{}MB", draw.below(90), draw.below(10)),
            _ => format!("{}.{} GB", draw.below(9), draw.below(10)),
        },
        _ => return None,
    })
}

fn names(kind: &str, draw: &mut Draw) -> Option<String> {
    Some(match kind {
        "host" => draw.one(&HOSTS).to_owned(),
        "user" => draw.one(&USERS).to_owned(),
        "service" => draw.one(&SERVICES).to_owned(),
        "class" => draw.one(&CLASSES).to_owned(),
        "pkg" => draw.one(&PACKAGES).to_owned(),
        "error" => draw.one(&ERRORS).to_owned(),
        "word" => {
            let length = draw.between(4, 9);
            draw.text(LOWER, length)
        }
        "table" => format!(
            "{}_{}",
            draw.one(&SERVICES).replace('-', "_"),
            draw.one(&WORDS)
        ),
        "title" => {
            let count = draw.between(1, 4);
            (0..count)
                .map(|_| draw.one(&WORDS))
                .collect::<Vec<_>>()
                .join(" ")
        }
        "text" => {
            let count = draw.between(3, 9);
            (0..count)
                .map(|_| WORDS[draw.below(WORDS.len())])
                .collect::<Vec<_>>()
                .join(" ")
        }
        _ => return None,
    })
}

fn compound(kind: &str, draw: &mut Draw) -> String {
    let ip = |draw: &mut Draw| {
        format!(
            "10.{}.{}.{}",
            draw.skewed(200),
            draw.below(256),
            draw.between(1, 254)
        )
    };
    let list = |draw: &mut Draw, of: &dyn Fn(&mut Draw) -> String| {
        let count = draw.between(1, 5);
        (0..count).map(|_| of(draw)).collect::<Vec<_>>().join(", ")
    };
    match kind {
        "ip" => ip(draw),
        "ipport" => format!("{}:{}", ip(draw), draw.between(1_024, 65_535)),
        "path" => {
            let depth = draw.between(1, 4);
            let parts: Vec<&str> = (0..depth).map(|_| draw.one(&WORDS)).collect();
            format!(
                "/{}/{}.{}",
                parts.join("/"),
                draw.text(LOWER, 5),
                draw.one(&["log", "dat", "conf", "jar"])
            )
        }
        "file" => format!(
            "{}_{}.{}",
            draw.one(&WORDS),
            draw.below(500),
            draw.one(&["csv", "xml", "png", "txt"])
        ),
        "url" => format!(
            "https://{}.example.com/{}/{}",
            draw.one(&SERVICES),
            draw.one(&WORDS),
            draw.below(9_999)
        ),
        "time" => format!(
            "2024-03-{:02} {:02}:{:02}:{:02}",
            draw.between(1, 28),
            draw.below(24),
            draw.below(60),
            draw.below(60)
        ),
        "id" => draw.text(BASE36, 12),
        "sid" => format!("0x{}", draw.text(HEX, 15)),
        "mac" => (0..6)
            .map(|_| draw.text(HEX, 2))
            .collect::<Vec<_>>()
            .join(":"),
        "ips" => list(draw, &|draw| {
            format!("{}:{}", ip(draw), draw.between(1_024, 65_535))
        }),
        "ints" => list(draw, &|draw| draw.below(10_000).to_string()),
        "names" => list(draw, &|draw| draw.one(&HOSTS).to_owned()),
        other => unreachable!("kind {other}"),
    }
}
