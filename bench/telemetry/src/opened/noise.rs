//! Harmless words, times, numbers and identifiers that stand around what is planted.
//!
//! None of it is an address, an account of a person, a name of a person or a secret.

use crate::draw::{ALNUM, DIGITS, Draw, HEX, LOWER, UPPER};

/// Words by the name of their place.
const WORDS: &[(&str, &[&str])] = &[
    (
        "svc",
        &[
            "billing-worker",
            "ledger",
            "catalogue-api",
            "identity-broker",
            "notifier",
            "geo-index",
            "shipment-planner",
            "invoice-renderer",
            "auth-gateway",
            "webhook-relay",
            "search-indexer",
            "media-transcoder",
            "loyalty",
            "pricing-engine",
            "crm-sync",
            "onboarding",
            "kyc-service",
        ],
    ),
    (
        "host",
        &[
            "db-primary-2.fra.internal",
            "cache07.sjc.internal",
            "mq-1.svc.cluster.local",
            "pg-ledger-0.pg.data.svc",
            "mysql8.stage.internal",
            "edge-lhr-04",
            "node-b7.k8s.local",
            "mongo-rs0-1.mongo",
            "redis-sentinel-3",
            "ldap.corp.internal",
            "smtp-relay.internal",
        ],
    ),
    (
        "domain",
        &[
            "api.shop.example",
            "auth.bank.example",
            "hooks.partner.example",
            "cdn.media.example",
            "sso.corp.example",
            "pay.checkout.example",
            "files.storage.example",
        ],
    ),
    (
        "route",
        &[
            "/v2/orders",
            "/api/v1/accounts/lookup",
            "/healthz",
            "/graphql",
            "/oauth2/token",
            "/users/password",
            "/cart/checkout",
            "/internal/reindex",
            "/webhooks/inbound",
            "/api/customers/search",
            "/session/new",
            "/v3/payouts",
            "/admin/export",
        ],
    ),
    (
        "cls",
        &[
            "c.a.billing.PaymentFacade",
            "org.acme.crm.ContactSync",
            "com.acme.auth.LoginHandler",
            "io.shop.cart.CheckoutController",
            "net.fleet.telemetry.IngestTask",
            "com.acme.mail.OutboxPublisher",
            "org.acme.iam.TokenEndpointFilter",
        ],
    ),
    (
        "thr",
        &[
            "http-nio-8443-exec-7",
            "scheduling-1",
            "kafka-consumer-0-C-1",
            "main",
            "pool-4-thread-12",
            "reactor-http-epoll-2",
            "ForkJoinPool.commonPool-worker-3",
            "task-9",
        ],
    ),
    (
        "table",
        &[
            "customers",
            "app_users",
            "payment_methods",
            "audit_entries",
            "subscriptions",
            "contacts",
            "member_profiles",
            "kyc_documents",
            "crm_leads",
        ],
    ),
    (
        "topic",
        &[
            "orders.v1",
            "customer-events",
            "billing.invoices",
            "cdc.public.contacts",
            "mail-outbox",
            "fraud.signals",
        ],
    ),
    (
        "ns",
        &[
            "payments",
            "crm-prod",
            "platform",
            "kube-system",
            "ingress",
            "batch",
            "identity",
        ],
    ),
    (
        "region",
        &[
            "eu-central-1",
            "us-east-2",
            "ap-southeast-1",
            "sa-east-1",
            "eu-north-1",
        ],
    ),
    ("lvl", &["INFO", "WARN", "ERROR", "DEBUG"]),
    ("lvll", &["info", "warn", "error", "debug"]),
    ("method", &["GET", "POST", "PUT", "PATCH", "DELETE"]),
    (
        "status",
        &[
            "200", "201", "302", "400", "401", "403", "404", "409", "422", "500", "503",
        ],
    ),
    (
        "ua",
        &[
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "curl/8.7.1",
            "okhttp/4.12.0",
            "python-requests/2.32.3",
            "Go-http-client/2.0",
            "Dart/3.4 (dart:io)",
            "axios/1.7.4",
            "kube-probe/1.30",
        ],
    ),
    (
        "ref",
        &[
            "refs/heads/main",
            "refs/heads/release-24",
            "v4.11.2",
            "feature/retry-queue",
        ],
    ),
    (
        "msg",
        &[
            "request failed",
            "retrying after timeout",
            "upstream rejected payload",
            "job finished",
            "validation error",
            "state changed",
            "slow call",
            "cache refreshed",
            "handler returned",
            "message acknowledged",
            "unexpected response",
            "dump before retry",
            "object updated",
        ],
    ),
    (
        "word",
        &[
            "pending", "gold", "beta", "weekly", "blue", "monthly", "standard", "active", "manual",
            "archived", "primary", "draft", "partial", "web", "kiosk", "mobile",
        ],
    ),
    (
        "type",
        &[
            "CustomerDto",
            "LoginRequest",
            "PaymentCommand",
            "UserProfile",
            "ContactEvent",
            "SignupForm",
            "SessionState",
            "ShipmentOrder",
            "ConnectorConfig",
        ],
    ),
    (
        "mod",
        &[
            "users", "billing", "auth", "gateway", "jobs", "sync", "mailer", "import",
        ],
    ),
    (
        "mon",
        &["Jan", "Feb", "Mar", "May", "Jul", "Aug", "Oct", "Nov"],
    ),
];

/// Whether something between two tildes is the name of a place.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with('=')
        || WORDS.iter().any(|(word, _)| *word == name)
        || TIMES.contains(&name)
        || counted(name).is_some()
        || ["uuid", "pod", "sem", "tid", "sid", "port"].contains(&name)
}

/// Names of times.
const TIMES: &[&str] = &[
    "ts", "tsz", "tsc", "tsl", "tsn", "tsm", "tss", "date", "time",
];

/// `h40`: forty hex digits, `n5`: a number of five digits, `l8`, `u8`, `a8`: letters, characters.
fn counted(name: &str) -> Option<(char, usize)> {
    let mut chars = name.chars();
    let sign = chars.next().filter(|sign| "hnlua".contains(*sign))?;
    let count = chars.as_str().parse().ok()?;
    Some((sign, count))
}

/// Harmless text for a place.
pub(crate) fn noise(draw: &mut Draw, name: &str) -> String {
    if let Some(list) = name.strip_prefix('=') {
        let all: Vec<&str> = list.split(',').collect();
        return (*draw.row(&all)).to_owned();
    }
    if let Some((_, words)) = WORDS.iter().find(|(word, _)| *word == name) {
        return draw.of(words).to_owned();
    }
    if let Some((sign, count)) = counted(name) {
        return run(draw, sign, count);
    }
    match name {
        "uuid" => uuid(draw),
        "pod" => {
            let svc = noise(draw, "svc");
            format!(
                "{svc}-{}-{}",
                draw.string("bcdf456789", 9),
                draw.string("bcdfghjkl24", 5)
            )
        }
        "port" => draw.between(30_000, 60_999).to_string(),
        "sem" => {
            let (major, minor) = (draw.between(0, 9), draw.below(30));
            format!("{major}.{minor}.{}", draw.below(40))
        }
        "tid" => draw.string(HEX, 32),
        "sid" => draw.string(HEX, 16),
        _ => time(draw, name),
    }
}

fn run(draw: &mut Draw, sign: char, count: usize) -> String {
    match sign {
        'h' => draw.string(HEX, count),
        'n' => draw.string("123456789", 1) + &draw.string(DIGITS, count.saturating_sub(1)),
        'l' => draw.string(LOWER, count),
        'u' => draw.string(UPPER, count),
        _ => draw.string(ALNUM, count),
    }
}

/// A random identifier of version 4 (RFC 9562).
fn uuid(draw: &mut Draw) -> String {
    let mut hex = |count| draw.string(HEX, count);
    let (low, mid, high, node) = (hex(8), hex(4), hex(3), hex(12));
    let variant = draw.string("89ab", 1) + &draw.string(HEX, 3);
    format!("{low}-{mid}-4{high}-{variant}-{node}")
}

fn time(draw: &mut Draw, name: &str) -> String {
    let (month, day) = (draw.between(1, 12), draw.between(1, 28));
    let (h, m, s) = (draw.below(24), draw.below(60), draw.below(60));
    let ms = draw.below(1_000);
    let epoch = 1_780_000_000 + draw.below(15_000_000);
    match name {
        "ts" => format!("2026-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z"),
        "tsz" => format!("2026-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}+02:00"),
        "tsl" => format!("2026-{month:02}-{day:02} {h:02}:{m:02}:{s:02},{ms:03}"),
        "tsc" => {
            let month = noise(draw, "mon");
            format!("{month} {day:2} {h:02}:{m:02}:{s:02}")
        }
        "tsn" => {
            let month = noise(draw, "mon");
            format!("{day:02}/{month}/2026:{h:02}:{m:02}:{s:02} +0000")
        }
        "tsm" => format!("{epoch}{ms:03}"),
        "tss" => epoch.to_string(),
        "date" => format!("2026-{month:02}-{day:02}"),
        _ => format!("{h:02}:{m:02}:{s:02}"),
    }
}
