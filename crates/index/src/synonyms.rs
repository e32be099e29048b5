//! What developers call the same thing: a question's words beside those of the logs.

use crate::tokens::stem;

/// Weight of a synonym against the word itself.
pub(crate) const WEIGHT: f64 = 0.5;

/// Words that are asked for one another.
const RINGS: [&[&str]; 22] = [
    &[
        "fail",
        "error",
        "exception",
        "crash",
        "broken",
        "fault",
        "bug",
        "panic",
        "abort",
        "wrong",
    ],
    &[
        "slow", "timeout", "latency", "delay", "hang", "stuck", "deadline", "lag", "expired",
    ],
    &[
        "bill", "charge", "payment", "invoice", "pay", "price", "checkout", "refund", "amount",
    ],
    &[
        "login",
        "logged",
        "sign",
        "auth",
        "authenticate",
        "signin",
        "unauthorized",
        "password",
        "session",
        "token",
    ],
    &[
        "forbidden",
        "denied",
        "permission",
        "access",
        "unauthorized",
        "rejected",
    ],
    &[
        "database",
        "db",
        "sql",
        "postgres",
        "mysql",
        "query",
        "sqlite",
        "transaction",
    ],
    &[
        "network",
        "connection",
        "socket",
        "connect",
        "refused",
        "unreachable",
        "dns",
        "host",
    ],
    &["memory", "oom", "heap", "allocation", "leak"],
    &["disk", "storage", "space", "volume", "filesystem", "file"],
    &["deploy", "release", "rollout", "version", "upgrade"],
    &[
        "config",
        "setting",
        "configuration",
        "option",
        "flag",
        "feature",
    ],
    &[
        "missing",
        "absent",
        "notfound",
        "unknown",
        "none",
        "null",
        "undefined",
        "keyerror",
        "nil",
    ],
    &["user", "customer", "account", "client", "person"],
    &["order", "cart", "basket", "purchase"],
    &["mail", "email", "smtp", "notification"],
    &["queue", "message", "broker", "kafka", "topic", "consumer"],
    &[
        "restart",
        "reboot",
        "killed",
        "terminated",
        "shutdown",
        "exit",
        "stop",
    ],
    &["limit", "quota", "throttle", "rate", "exceeded"],
    &[
        "invalid",
        "malformed",
        "bad",
        "parse",
        "decode",
        "corrupt",
        "unexpected",
    ],
    &["certificate", "tls", "ssl", "handshake", "cert"],
    &["lock", "deadlock", "contention", "race", "mutex"],
    &["negative", "minus", "sign", "below", "underflow"],
];

/// Stems of the words that may be meant by a stem.
pub(crate) fn of(token: &str) -> Vec<String> {
    let mut out = Vec::new();
    for ring in RINGS {
        let stems: Vec<String> = ring.iter().map(|word| stem(word)).collect();
        if stems.iter().any(|stem| stem == token) {
            out.extend(stems.into_iter().filter(|stem| stem != token));
        }
    }
    out.sort();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_symmetric() {
        for ring in RINGS {
            for a in ring {
                for b in ring.iter().filter(|b| stem(b) != stem(a)) {
                    assert!(of(&stem(a)).contains(&stem(b)), "{a} {b}");
                }
            }
        }
    }
}
