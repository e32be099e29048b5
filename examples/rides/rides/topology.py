"""The sixteen services of the platform and what they lean on: tables alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What a service is, and in which dialect it is instrumented."""

    language: str
    # Semantic conventions of attributes: "old", "new", or none without spans.
    conventions: str | None
    # How HTTP spans are named: by route, by verb alone where it calls, by raw path; or gRPC.
    span_names: str | None
    # How lines are written: plain text, logfmt in the body, fields ("kv"), or not at all.
    logs: str | None
    # Which runtime's metrics there are; "kubelet" are of the container alone.
    metrics: str | None
    replicas: int
    cores: int
    workers: int
    # Whether a server span begins when the request arrives, or when a worker takes it.
    span_begins: str
    collects_garbage: bool = False
    has_span_kinds: bool = True
    has_spans: bool = True
    has_trace_in_logs: bool = True
    has_version: bool = True


SERVICES = {
    "edge-gateway": Kind(
        "nodejs", "new", "route", "plain", "node", 2, 2, 400, "arrival", collects_garbage=True
    ),
    "rider-api": Kind(
        "java", "old", "route", "plain", "jvm", 2, 2, 32, "worker", collects_garbage=True
    ),
    "driver-api": Kind("go", "new", "route", "logfmt", "go", 2, 2, 400, "arrival"),
    "dispatch": Kind("go", "new", "grpc", "kv", "go", 3, 2, 400, "arrival"),
    "matching": Kind(
        "java", "old", "grpc", "plain", "jvm", 2, 2, 16, "worker", collects_garbage=True
    ),
    "geo-index": Kind(
        "rust", "new", "grpc", "kv", "kubelet", 3, 2, 400, "arrival", has_span_kinds=False
    ),
    "eta-service": Kind("python", "old", "verb", "plain", "py", 3, 2, 12, "arrival"),
    "legacy-maps": Kind(
        "php", None, None, "plain", None, 2, 2, 10, "worker",
        has_spans=False, has_trace_in_logs=False,
    ),
    "pricing": Kind("go", "new", "grpc", "logfmt", "go", 2, 2, 400, "arrival"),
    "promo": Kind(
        "python", "new", "raw", "plain", "kubelet", 2, 1, 8, "worker",
        has_version=False, has_trace_in_logs=False,
    ),
    "payments": Kind(
        "java", "old", "route", "plain", "jvm", 2, 2, 32, "worker", collects_garbage=True
    ),
    "fraud-check": Kind(
        "python", "new", "grpc", "plain", "kubelet", 2, 2, 10, "arrival", has_trace_in_logs=False
    ),
    "user-profile": Kind("dotnet", "new", "route", None, None, 2, 2, 100, "arrival"),
    "trip-events": Kind(
        "java", "old", "route", "kv", "jvm", 2, 2, 8, "worker", collects_garbage=True
    ),
    "notifier": Kind(
        "nodejs", "new", "route", "plain", "node", 2, 1, 50, "arrival", collects_garbage=True
    ),
    "invoice-worker": Kind("python", "old", "route", "logfmt", "py", 2, 1, 4, "worker"),
}


@dataclass(frozen=True)
class PeerKind:
    """A data base, cache or partner: seen as client spans alone."""

    host: str
    system: str
    servers: int
    mean_seconds: float


PEERS = {
    "users-db": PeerKind("users-db.prod.internal", "mssql", 8, .004),
    "trips-db": PeerKind("cassandra.trips.internal", "cassandra", 16, .004),
    "pricing-db": PeerKind("pg-pricing.internal", "postgresql", 8, .004),
    "promo-db": PeerKind("promo-db", "postgresql", 6, .005),
    "ledger-db": PeerKind("ledger-db.prod.internal", "postgresql", 8, .006),
    "redis-geo": PeerKind("redis-geo", "redis", 8, .0006),
    "surge-cache": PeerKind("surge-cache", "redis", 8, .0006),
    "redis-rides": PeerKind("redis-rides", "redis", 8, .0006),
    "redis-sessions": PeerKind("redis-sessions", "redis", 8, .0006),
    "redis-features": PeerKind("redis-features", "redis", 8, .0006),
    "s3": PeerKind("invoices.s3.eu-west-1.amazonaws.com", "http", 64, .03),
    "psp": PeerKind("api.psp-gate.example", "http", 64, .09),
    "push": PeerKind("push.mobile.example", "http", 64, .04),
}

# Connections that a replica of a service may have open to a peer.
POOLS = {
    "payments": {"ledger-db": 8},
    "user-profile": {"users-db": 10},
    "promo": {"promo-db": 6},
    "pricing": {"pricing-db": 12},
    "dispatch": {"trips-db": 16},
    "trip-events": {"trips-db": 8},
}

# Services that consume topics.
CONSUMERS = ("trip-events", "notifier", "invoice-worker")
# Services that a balancer asks for their health.
PROBED = ("edge-gateway", "rider-api", "driver-api", "promo", "payments", "eta-service")
# What users ask for, with its share.
REQUEST_MIX = (
    ("estimate", .16),
    ("request", .12),
    ("ride", .16),
    ("location", .34),
    ("complete", .10),
    ("me", .12),
)
