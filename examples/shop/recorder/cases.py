"""What is recorded: each case with its label. All choices follow from the seed.

A case disturbs one service (or none) and says when. `settings` go to the service's replicas,
`rules` to the network, `revisions` arrive with a new version of the service.
"""

import dataclasses
import random

from recorder.fleet import VERSIONS
from recorder.network import Rule

SEED = 1_122
HELD_BACK = ("config", "contention")
ONSETS_S = (0.0, 0.0, 1.0, 3.0, 6.0)


@dataclasses.dataclass
class Case:
    """One window and its label."""

    kind: str
    service: str = ""
    operation: str = ""
    cause: str = ""
    settings: dict = dataclasses.field(default_factory=dict)
    instance: int | None = None
    rules: tuple = ()
    revisions: tuple = ()
    crash: dict | None = None
    deploys: dict = dataclasses.field(default_factory=dict)
    changes: tuple = ()
    rate: float = 1.0
    mix: dict | None = None
    bad_share: float = 0.03
    skew_ms: dict = dataclasses.field(default_factory=dict)
    brief_s: float = 0.0
    session: str = "plain"
    onset_s: float = 0.0
    name: str = ""
    seed: int = 0
    turn: int = 0

    @property
    def healthy(self):
        """Whether nothing is wrong."""
        return not self.service


def following(version, by=1):
    """The next version: the last number plus some."""
    head, last = version.rsplit(".", 1)
    return f"{head}.{int(last) + by}"


def deployed(kind, service, operation, cause, revision, share=1.0, silent_change=False, **more):
    """A fault that a new version brings."""
    changes = () if silent_change else (
        ("deploy", service, following(VERSIONS[service]), "rolling update"),)
    return Case(kind, service, operation, cause, revisions=(revision,),
                settings={"revision_share": share}, changes=changes, **more)


def cpu():
    """A busy process."""
    rows = [
        ("catalog", .8, 8, None), ("catalog", .75, 7, 0), ("recommend", .7, 8, None),
        ("pricing", .75, 9, None), ("cart", .8, 10, None), ("checkout", .8, 0, None),
        ("payments", .7, 9, None), ("stock", .8, 14, None), ("shipping", .85, 10, None),
        ("accounts", .75, 7, None), ("storefront", .7, 8, None), ("pricing", .85, 16, None),
    ]
    for service, busy, factor, instance in rows:
        yield Case("cpu", service, cause="the process is short of processor time",
                   settings={"busy_share": busy, "work_factor": factor or 6.0},
                   instance=instance)


def memory():
    """Memory that is never given back, and ever longer pauses."""
    rows = [
        ("catalog", 14, 2.2, None), ("recommend", 10, 2.5, None), ("pricing", 8, 3.0, None),
        ("cart", 16, 1.8, None), ("checkout", 14, 2.4, 0), ("payments", 12, 2.6, None),
        ("stock", 9, 3.2, None), ("shipping", 12, 2.5, None), ("accounts", 14, 2.2, None),
        ("storefront", 8, 1.6, None), ("stock", 18, 1.5, None),
    ]
    for service, grow, each, instance in rows:
        yield Case("memory", service, cause="memory grows and collections stop the process",
                   settings={"retained_mb_per_s": grow, "collect_ms_per_mb": each},
                   instance=instance)


def network_delay():
    """A slow network to or from one service."""
    rows = [
        ((), ("catalog",), 160, 1.0), ((), ("pricing",), 220, 1.0), ((), ("stock",), 90, 1.0),
        ((), ("payments",), 400, 1.0), ((), ("shipping",), 260, .5), ((), ("accounts",), 120, 1.0),
        ((), ("cart",), 200, .6), ((), ("checkout",), 300, .5), ((), ("recommend",), 180, 1.0),
        (("checkout",), (), 150, 1.0), (("cart",), (), 140, 1.0), (("storefront",), (), 130, 1.0),
        ((), ("catalog",), 500, .2), ((), ("pricing",), 600, .25),
    ]
    for callers, callees, delay, share in rows:
        yield Case("network_delay", (callers or callees)[0],
                   cause="the network to the service is slow" if callees
                   else "the network from the service is slow",
                   rules=(Rule(callers, callees, share, delay),))


def network_loss():
    """Connections that are reset or get no answer."""
    rows = [
        ("catalog", .35, 0), ("pricing", .4, 0), ("stock", .5, 0), ("payments", .3, 0),
        ("shipping", .4, 0), ("accounts", .3, 0), ("cart", .35, 0), ("recommend", .5, 0),
        ("checkout", .3, 0), ("catalog", 0, .15), ("payments", 0, .25), ("stock", 0, .2),
        ("accounts", 0, .15),
    ]
    for service, reset, hang in rows:
        yield Case("network_loss", service,
                   cause="connections to the service are lost",
                   rules=(Rule((), (service,), 1.0, 0, reset, hang),))


def exceptions():
    """Code that throws."""
    rows = [
        ("catalog", "Catalog.load / parse_size_with_unit", "size-units", 1.0),
        ("catalog", "Catalog.load / parse_size_with_unit", "size-units", .15),
        ("catalog", "Catalog.search / relevance_by_length", "word-weights", 1.0),
        ("pricing", "Pricing.quote / tax_by_region", "tax-regions", 1.0),
        ("pricing", "Pricing.quote / rebate_by_step", "rebate-steps", 1.0),
        ("stock", "Stock.reserve / shelf_of_code", "shelf-codes", 1.0),
        ("stock", "Stock.reserve / shelf_of_code", "shelf-codes", .3),
        ("cart", "Cart.add / merged_in_place", "merge-lines", 1.0),
        ("cart", "Cart.add / merged_in_place", "merge-lines", .25),
        ("checkout", "Checkout.place / label_of_international", "region-label", 1.0),
        ("checkout", "Checkout.place / reference_checked", "check-digit", .8),
        ("payments", "Payments.authorise / amount_of_locale", "amount-format", .5),
        ("payments", "Payments.screen / risk_by_network", "network-risk", 1.0),
        ("shipping", "Shipping.book / zone_of_table", "zone-table", 1.0),
        ("shipping", "Shipping.book / parcel_grams_packed", "wrapping", 1.0),
        ("recommend", "Recommend.for_product / affinity_scaled", "affinity-scale", 1.0),
        ("recommend", "Recommend.for_product / affinity_scaled", "affinity-scale", .2),
        ("accounts", "profileLanguageOf", "profile-language", 1.0),
        ("accounts", "initialsOf", "initials", 1.0),
        ("storefront", "responsiveCoverOf", "responsive", 1.0),
        ("storefront", "reducedPriceOf", "offers", .2),
    ]
    for index, (service, function, revision, share) in enumerate(rows):
        yield deployed("exception", service, function, "a new version throws", revision, share,
                       silent_change=index % 7 == 3)


def silent():
    """Code that leaves something out and says nothing."""
    rows = [
        ("catalog", "Catalog.search", "short-words", 1.0),
        ("recommend", "Recommend.for_product", "cold-start", 1.0),
        ("pricing", "Pricing.promotions", "promotion-window", 1.0),
        ("pricing", "Pricing.promotions", "promotion-window", .4),
        ("stock", "Stock.reserve", "partial-lines", 1.0),
        ("stock", "Stock.reserve", "partial-lines", .85),
        ("shipping", "Shipping.book", "deferred-booking", 1.0),
        ("shipping", "Shipping.track", "tracking-cache", .7),
        ("payments", "Payments.authorise", "trusted-buyers", 1.0),
        ("payments", "Payments.refund", "refund-queue", 1.0),
        ("cart", "Cart.add", "lazy-write", 1.0),
        ("cart", "Cart.add", "lazy-write", .5),
        ("checkout", "Checkout.place", "express-lane", 1.0),
        ("checkout", "Checkout.refund", "refund-only", 1.0),
        ("accounts", "GET /sessions/:token", "session-cache", .5),
        ("accounts", "GET /sessions/:token", "session-cache", 1.0),
        ("storefront", "GET /products/:sku", "lean-page", .6),
        ("storefront", "POST /checkout", "quiet-confirm", 1.0),
    ]
    for index, (service, function, revision, share) in enumerate(rows):
        yield deployed("silent", service, function, "a new version leaves a step out", revision,
                       share, silent_change=index % 6 == 4)


def config():
    """A setting or flag that is wrong."""
    rows = [
        ("stock", "", {"db_user": "app_ro"}, "database user changed"),
        ("catalog", "", {"db_user": "catalog_v2"}, "database secret rotated"),
        ("accounts", "", {"db_user": "app_old"}, "database secret rotated"),
        ("payments", "Payments.authorise", {"partner_key": "revoked"}, "acquirer key rotated"),
        ("shipping", "Shipping.book", {"partner_key": "scope"}, "carrier account changed"),
        ("pricing", "", {"requests_per_s_max": 1}, "rate limit introduced"),
        ("stock", "", {"requests_per_s_max": 1}, "rate limit introduced"),
        ("checkout", "Checkout.place", {"upstream_hosts": {"pricing": "pricing-v1"}},
         "address of pricing changed"),
        ("cart", "Cart.total", {"upstream_hosts": {"pricing": "pricing.old"}},
         "address of pricing changed"),
        ("checkout", "", {"call_timeout_s": 0.05}, "client timeout lowered"),
        ("recommend", "", {"upstream_hosts": {"catalog": "catalog-canary"}},
         "address of catalog changed"),
        ("storefront", "GET /products/:sku", {"flags": ["server_side_render"]},
         "flag server_side_render on"),
        ("catalog", "Catalog.search", {"flags": ["fuzzy_search"]}, "flag fuzzy_search on"),
        ("recommend", "", {"flags": ["deep_model"]}, "flag deep_model on"),
        ("pricing", "Pricing.promotions", {"flags": ["stacked_promotions"]},
         "flag stacked_promotions on"),
        ("cart", "Cart.total", {"flags": ["gift_hints"]}, "flag gift_hints on"),
        ("accounts", "POST /sessions", {"flags": ["slow_hash"]}, "flag slow_hash on"),
        ("payments", "Payments.authorise", {"flags": ["three_d_secure"]},
         "flag three_d_secure on"),
    ]
    for index, (service, operation, settings, text) in enumerate(rows):
        what = "flag" if "flags" in settings else "config"
        changes = () if index % 8 == 5 else ((what, service, VERSIONS[service], text),)
        yield Case("config", service, operation, "a setting is wrong", settings, changes=changes)


def database():
    """A slow or exhausted database of one service."""
    rows = [
        ("catalog", "", {"db_factor": 18}), ("catalog", "", {"db_table_factor": {"products": 40}}),
        ("recommend", "", {"db_factor": 25}), ("pricing", "", {"db_factor": 20}),
        ("pricing", "promotions", {"db_table_factor": {"promotions": 60}, "cache_hit_share": .8}),
        ("stock", "", {"db_factor": 15}), ("stock", "", {"db_factor": 22, "db_pool_size": 1}),
        ("cart", "", {"db_factor": 25}), ("checkout", "", {"db_factor": 30}),
        ("payments", "", {"db_factor": 16}),
        ("payments", "charges", {"db_table_factor": {"charges": 50}}),
        ("shipping", "parcels", {"db_table_factor": {"parcels": 45}}),
        ("accounts", "", {"db_factor": 18}), ("accounts", "", {"db_factor": 35, "db_pool_size": 1}),
        ("storefront", "confirmations", {"db_factor": 30}),
    ]
    for service, table, settings in rows:
        yield Case("database", service, table, "the database of the service is slow", settings)


def crash():
    """A process that dies and comes back."""
    rows = [
        ("catalog", 0, 1.5, 5), ("recommend", 0, 1.0, 4), ("pricing", 0, 1.0, 6),
        ("cart", 0, 1.5, 5), ("checkout", 0, 2.0, 4), ("payments", 0, 1.0, 5),
        ("stock", 0, 1.0, 6), ("shipping", 0, 1.5, 4), ("accounts", 0, .8, 5),
        ("storefront", 0, .5, 6),
    ]
    for service, instance, down, up in rows:
        yield Case("crash", service, cause="the process dies and is started again",
                   crash={"index": instance, "down_s": down, "up_s": up})


def calls():
    """Many more calls to a dependency than before; a cache that does not help."""
    rows = [
        ("catalog", "Catalog.several", "row-by-row"), ("recommend", "Recommend.titles",
                                                      "title-lookup"),
        ("pricing", "Pricing.prices", "price-per-line"), ("stock", "Stock.reserve", "row-by-row"),
        ("cart", "Cart.total", "line-quotes"), ("checkout", "Checkout.reserve", "line-reserve"),
        ("checkout", "Checkout.look_up", "history-lookup"),
        ("payments", "Payments.screen", "rule-lookup"),
        ("shipping", "Shipping.rates", "rate-per-line"),
        ("accounts", "GET /sessions/:token", "grants-per-role"),
        ("storefront", "GET /products/:sku", "live-suggestions"),
    ]
    for index, (service, function, revision) in enumerate(rows):
        yield deployed("calls", service, function, "a new version calls in a loop", revision,
                       silent_change=index == 5)
    for service, settings in (
        ("catalog", {"cache_hit_share": 0.0}), ("catalog", {"cache_url": "redis://cache-b:6379/0"}),
        ("pricing", {"cache_url": "redis://cache-b:6379/0"}),
        ("shipping", {"cache_url": "redis://cache-b:6379/0"}),
    ):
        yield Case("calls", service, cause="the cache does not answer", settings=settings)


def contention():
    """Requests that wait for each other."""
    rows = [
        ("stock", {"lock_hold_ms": 260}), ("cart", {"lock_hold_ms": 220}),
        ("payments", {"lock_hold_ms": 350}), ("accounts", {"lock_hold_ms": 130}),
        ("checkout", {"lock_hold_ms": 450}), ("catalog", {"blocking_ms": 90}),
        ("pricing", {"blocking_ms": 140}), ("recommend", {"blocking_ms": 150}),
        ("shipping", {"blocking_ms": 220}), ("storefront", {"blocking_ms": 45}),
        ("accounts", {"blocking_ms": 110}),
        ("payments", {"workers": 1, "work_factor": 12}),
        ("stock", {"blocking_ms": 700, "blocking_share": .2}),
        ("pricing", {"workers": 1, "work_factor": 12}),
    ]
    for service, settings in rows:
        yield Case("contention", service, cause="requests wait for a lock or a stopped loop",
                   settings=settings)


def payload():
    """A new version answers in another shape; those who read it fail."""
    rows = [
        ("catalog", "price-as-text", 1.0), ("catalog", "weight-object", 1.0),
        ("catalog", "price-as-text", .3), ("pricing", "money-object", 1.0),
        ("pricing", "decimal-total", .5), ("stock", "reservation-list", 1.0),
        ("stock", "level-object", 1.0), ("shipping", "eta-text", 1.0),
        ("payments", "status-codes", 1.0), ("payments", "status-upper", .5),
        ("cart", "lines-by-sku", 1.0), ("cart", "short-keys", .6),
        ("accounts", "nested-account", 1.0), ("accounts", "tier-number", .4),
        ("checkout", "order-envelope", 1.0), ("recommend", "nested-skus", 1.0),
    ]
    for service, revision, share in rows:
        yield deployed("payload", service, "", "a new version answers in another shape", revision,
                       share)


# How many of each kind are recorded.
COUNTS = (
    (cpu, 10), (memory, 9), (network_delay, 11), (network_loss, 9), (exceptions, 15), (silent, 13),
    (config, 13), (database, 11), (crash, 9), (calls, 11), (contention, 11), (payload, 11),
)


def faults(draw):
    """A choice of each kind in which no service comes a second time before all have come once."""
    for make, count in COUNTS:
        rows = [*make()]
        draw.shuffle(rows)
        seen = {}
        for row in rows:
            row.turn = seen[row.service] = seen.get(row.service, 0) + 1
        yield from sorted(rows, key=lambda row: row.turn)[:count]


def healthy():
    """Windows in which nothing is wrong, though some of them look it."""
    for rate in (1.0, 1.0, 0.95, 1.05, 0.9, 1.0, 1.1, 1.0):
        yield Case("ordinary", rate=rate)
    for rate in (1.4, 1.5, 1.6, 1.7, 1.8, 0.6):
        yield Case("traffic", rate=rate)
    for mix in ({"buy": 44}, {"search": 40}, {"refund": 20}, {"login": 25},
                {"browse": 60, "buy": 8}, {"add": 45}):
        yield Case("mix", mix=mix)
    for service in ("catalog", "pricing", "stock", "checkout", "accounts", "storefront", "cart",
                    "payments"):
        yield Case("deploy", deploys={service: {}}, changes=(
            ("deploy", service, following(VERSIONS[service]), "rolling update"),))
    lines = {
        "catalog": "price list revision applied for", "cart": "basket snapshot stored for",
        "pricing": "exchange rate table current for", "shipping": "label layout two used in zone",
        "accounts": "consent checked for account", "recommend": "assortment season applied to",
        "stock": "picking route planned, lines:",
    }
    for service, text in lines.items():
        yield Case("new_log_line", deploys={service: {"chatty": text}}, changes=(
            ("deploy", service, following(VERSIONS[service]), "rolling update"),))
    for _ in range(5):
        yield Case("constant_errors", session="worn")
    yield Case("constant_errors", session="worn", rate=1.5)
    for share in (0.06, 0.08, 0.09):
        yield Case("bad_requests", bad_share=share)
    for service, settings in (("catalog", {"busy_share": .3}), ("cart", {"busy_share": .3}),
                              ("stock", {"busy_share": .35})):
        yield Case("blip", settings={"of": service, **settings}, brief_s=2.0)
    for service in ("pricing", "accounts"):
        yield Case("blip", settings={"of": service, "pause_ms": 40, "pause_every_s": 5.0})
    for _ in range(3):
        yield Case("batch_job", session="batch")
    for service, count in (("pricing", 2), ("stock", 2), ("catalog", 3), ("payments", 1)):
        yield Case("replicas", deploys={service: {"count": count}}, changes=(
            ("config", service, VERSIONS[service], f"replicas {count}"),))
    for host, skew in (("node-a", 140), ("node-b", -90)):
        yield Case("clock_skew", skew_ms={host: skew})
    for service in ("stock", "payments"):
        yield Case("rare_warning", settings={"of": service, "partner_flaky_share": .02})
    for what, service, text in (("flag", "cart", "flag gift_hints reviewed, stays off"),
                                ("config", "payments", "log retention changed")):
        yield Case("harmless_change", changes=((what, service, VERSIONS[service], text),))


def plan():
    """All cases with names, seeds and red herrings, the kinds taking turns."""
    draw = random.Random(SEED)
    cases = [*faults(draw), *healthy()]
    for case in cases:
        case.seed = draw.randrange(1 << 30)
        if case.session == "plain" and not case.healthy and draw.random() < 0.12:
            case.session = "worn"
        case.rate *= draw.uniform(0.9, 1.15)
        if not case.healthy:
            case.onset_s = draw.choice(ONSETS_S)
            disturb(case, draw)
    draw.shuffle(cases)
    for index, case in enumerate(cases):
        case.name = f"case-{index:03}"
    return cases


def disturb(case, draw):
    """Adds changes that have nothing to do with it, to some."""
    others = [service for service in VERSIONS if service != case.service]
    drawn = draw.random()
    other = draw.choice(others)
    if drawn < 0.12:
        case.deploys = {other: {}}
        case.changes += (("deploy", other, following(VERSIONS[other]), "rolling update"),)
    elif drawn < 0.3:
        case.changes += (("config", other, VERSIONS[other], "log retention changed"),)
