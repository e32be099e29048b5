//! What servers and services of the web write.

use super::super::Set;
use super::clock;

/// A web server.
pub(crate) const WEB: Set = Set {
    name: "web",
    header: |draw, level, _| {
        format!(
            "2024/03/{:02} {} [{level}] {}#{}: *{} ",
            draw.between(1, 28),
            clock(draw),
            draw.between(10, 99),
            draw.between(10, 99),
            draw.below(90_000)
        )
    },
    footer: "",
    statements: &[
        (
            "error",
            "",
            "open() \"{path}\" failed (2: No such file or directory), client: {ip}, server: \
             {host}, request: \"GET {path} HTTP/1.1\", host: \"{host}\"",
        ),
        (
            "error",
            "",
            "upstream timed out (110: Connection timed out) while reading header, client: {ip}, \
             server: {host}, request: \"POST {path} HTTP/1.1\", upstream: \
             \"http://{ipport}{path}\", host: \"{host}\"",
        ),
        (
            "error",
            "",
            "connect() failed (111: Connection refused) while connecting, client: {ip}, server: \
             {host}, request: \"GET {path} HTTP/1.1\", upstream: \"http://{ipport}{path}\"",
        ),
        (
            "warn",
            "",
            "a client body is kept in a temporary file {path}, client: {ip}, server: {host}, \
             request: \"POST {path} HTTP/2.0\"",
        ),
        (
            "error",
            "",
            "access forbidden by rule, client: {ip}, server: {host}, request: \"GET {path} \
             HTTP/1.1\"",
        ),
        ("info", "", "client {ip} closed keepalive connection"),
        (
            "info",
            "",
            "client closed connection while waiting for request, client: {ip}, server: 0.0.0.0:443",
        ),
        (
            "notice",
            "",
            "signal {small} ({~SIGCHLD}) received from {int}",
        ),
        (
            "notice",
            "",
            "worker process {int} exited with code {small}",
        ),
        ("notice", "", "start worker process {int}"),
        ("notice", "", "reconfiguring"),
        ("notice", "", "using the \"epoll\" event method"),
        (
            "crit",
            "",
            "SSL handshake failed (SSL: error:{hex8}:SSL routines::unsupported protocol) while \
             handshaking, client: {ip}, server: 0.0.0.0:443",
        ),
        (
            "error",
            "",
            "limiting requests, excess: {float} by zone \"{word}\", client: {ip}, server: \
             {host}, request: \"GET {path} HTTP/1.1\"",
        ),
        (
            "error",
            "",
            "directory index of \"{path}\" is forbidden, client: {ip}, server: {host}",
        ),
        (
            "warn",
            "",
            "conflicting server name \"{host}\" on 0.0.0.0:{port}, ignored",
        ),
    ],
};

/// Services of a shop.
pub(crate) const SHOP: Set = Set {
    name: "shop",
    header: |draw, level, logger| {
        format!(
            "2024-05-{:02}T{}.{:03}Z {level:>5} {} --- [{}] com.acme.{logger:32} : ",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.between(1, 99),
            ["main", "exec-1", "exec-12", "scheduling-1"][draw.below(4)]
        )
    },
    footer: "",
    statements: &[
        (
            "INFO",
            "OrderService",
            "order {int} of customer {uuid} accepted, total {float} EUR, items=[{ints}]",
        ),
        (
            "INFO",
            "OrderService",
            "order {int} moved to state {~paid|packed|sent}",
        ),
        (
            "DEBUG",
            "Pool",
            "pool stats (total={small}, active={small}, idle={small}, waiting={small})",
        ),
        ("INFO", "Http", "call to {service} answered 200 in {dur}"),
        (
            "WARN",
            "Http",
            "call to {service} answered 503 in {dur}, attempt {small} of 3",
        ),
        (
            "ERROR",
            "Http",
            "call to {service} gave up after {small} attempts: {url}",
        ),
        (
            "INFO",
            "Cache",
            "cache {word} refreshed, {int} entries in {ms} ms",
        ),
        ("INFO", "Cache", "cache {word} evicted {int} entries"),
        ("INFO", "Users", "user {user} logged in from {ip}"),
        ("INFO", "Users", "user {user} logged out"),
        (
            "WARN",
            "Users",
            "user {user} was locked after {small} wrong passwords",
        ),
        (
            "INFO",
            "Search",
            "query '{title}' gave {int} hits in {ms} ms",
        ),
        (
            "INFO",
            "Export",
            "export of {table} to {file} finished: {int} rows, {size}",
        ),
        ("INFO", "Export", "export of {table} started"),
        ("ERROR", "Payments", "payment {id} declined: code {int}"),
        (
            "INFO",
            "Main",
            "Started ShopApplication in {float} seconds (process running for {float})",
        ),
        (
            "INFO",
            "Main",
            "No active profile set, falling back to 1 default profile: \"default\"",
        ),
        (
            "INFO",
            "Listener",
            "consumer {class} assigned partitions [{ints}]",
        ),
        (
            "INFO",
            "Listener",
            "consumer {class} revoked partitions [{ints}]",
        ),
        ("INFO", "Mail", "mail '{title}' sent to {names}"),
        (
            "WARN",
            "Pool",
            "connection {uuid} was held for {dur} by {class}",
        ),
        ("INFO", "Flags", "flag {word} is now {~on|off}"),
        (
            "DEBUG",
            "Sql",
            "statement took {ms} ms: select from {table}",
        ),
        ("INFO", "Gc", "heap {size} of {size} used ({percent})"),
    ],
};
