"""The thirty-eight harder cases: weak, hidden, asynchronous or doubled faults, sly healthy windows.

They were chosen when the result of the first sixty was known.
"""

from . import faults, handlers
from .cases import Case, plan_harder

# The size of most.
USUAL = (12, 80, 1)
HARDER_CASES = (
    Case(
        "latency", ("pricing",), "+25 ms on calls of about 10 ms", faults.delay("pricing", .025),
        size=USUAL,
    ),
    Case(
        "latency", ("trip-events",), "consumer +120 ms, not on the path of users",
        faults.delay("trip-events", .12), size=USUAL,
    ),
    Case("latency", ("notifier",), "consumer +500 ms", faults.delay("notifier", .5), size=USUAL),
    Case(
        "cpu", ("invoice-worker",), "rendering 12 times slower, only lag grows",
        faults.slow_processor("invoice-worker", 12.0), size=(15, 90, 1),
    ),
    Case(
        "poison", ("notifier",), "poison, everything sampled",
        faults.poison(
            "notifications", "notifier",
            faults.raising(
                "SyntaxError", "Unexpected token '<' in JSON at position 0",
                "decode consumer.js:18:9",
            ),
        ),
        size=USUAL,
    ),
    Case(
        "partial", ("dispatch",), "4 % of GetRide fail, retried",
        faults.failing(
            "dispatch", handlers.DISPATCH + "GetRide", .04,
            faults.raising(
                "*errors.errorString", "ring epoch mismatch", "cache.(*Ring).Get(0x0)", http=503,
                grpc=14,
            ),
        ),
        size=(20, 90, 1),
    ),
    Case(
        "latency", ("eta-service",), "+100 ms while pricing had a harmless deploy",
        faults.delay("eta-service", .1), size=USUAL, deployed=("pricing",),
    ),
    Case(
        "latency", ("fraud-check",), "+200 ms, load +40 %, skew changed",
        faults.delay("fraud-check", .2), size=USUAL, drift=1.4, other_clocks=True,
    ),
    Case(
        "error", ("promo",), "redeem fails while sampling goes from 100 to 30 %",
        faults.failing(
            "promo", "redeem", .9,
            faults.raising("IntegrityError", "duplicate key", 'views.py", line 241'),
        ),
        size=(25, 80, 1), sampled_then=.3,
    ),
    Case(
        "dependency", ("legacy-maps", "legacy-maps.internal"),
        "logs-only service answers 500 to 60 %",
        faults.failing(
            "legacy-maps", "route", .6,
            faults.raising("RuntimeException", "tile store unreadable", "Router.php(88)"),
        ),
        size=USUAL,
    ),
    Case(
        "crash", ("edge-gateway",), "one gateway replica in a crash loop",
        faults.crash("edge-gateway", (0,)), size=USUAL,
    ),
    Case(
        "crash", ("driver-api",), "all replicas gone",
        faults.crash("driver-api", None, is_for_ever=True), size=USUAL,
    ),
    Case(
        "latency", ("promo",), "+500 ms, caller gives up after 300 ms and falls back",
        faults.delay("promo", .5), size=USUAL,
    ),
    Case(
        "latency", ("user-profile",), "+900 ms, callers time out at 800 ms and retry",
        faults.delay("user-profile", .9), size=USUAL,
    ),
    Case(
        "network", ("edge-gateway",), "8 % loss on the edges of the root",
        faults.network("edge-gateway", loss=.08), size=USUAL,
    ),
    Case(
        "network", ("payments",), "50 ms each way on the edges of payments",
        faults.network("payments", .05), size=USUAL,
    ),
    Case(
        "config", ("dispatch",), "trips.completed no longer produced",
        faults.setting("dispatch", skip="trips.completed"), size=USUAL,
    ),
    Case(
        "error-attr", ("edge-gateway",), "requests of app 6.40.1 fail",
        faults.failing(
            "edge-gateway", "*", 1.0,
            faults.raising(
                "TypeError", "Cannot read properties of null (reading 'deviceId')",
                "legacyHeaders mw/headers.js:31:12",
            ),
            only=lambda request: request.get("app") == "6.40.1",
        ),
        size=(8, 60, 1),
    ),
    Case(
        "flag", ("pricing",), "flag for 10 % of users sleeps 250 ms",
        faults.setting("pricing", flag=faults.Flag("surge-v3", 10, faults.sleepy)), size=USUAL,
        changes=(("pricing", "flag", "surge-v3", "surge-v3 to 10 %"),),
    ),
    Case(
        "retry-storm", ("geo-index",), "every third call hangs 700 ms, callers give up and retry",
        faults.delay("geo-index", .7, share=.33), size=USUAL,
    ),
    Case(
        "memory", ("edge-gateway",), "leak in the root (node)", faults.leak("edge-gateway", 70e6),
        size=USUAL,
    ),
    Case(
        "cpu", ("eta-service",), "noisy process on one of three replicas",
        faults.busy_processor("eta-service", (1,), 5), size=USUAL,
    ),
    Case(
        "error", ("fraud-check",), "always fails; caller allows: no error for users",
        faults.failing(
            "fraud-check", "*", 1.0,
            faults.raising("ValueError", "Input contains NaN", 'model.py", line 74'),
        ),
        size=USUAL,
    ),
    Case(
        "two", ("promo", "payments", "psp", "api.psp-gate.example"),
        "redeem fails and provider slow at once",
        faults.both(
            faults.failing(
                "promo", "redeem", .8,
                faults.raising("IntegrityError", "duplicate key", 'views.py", line 241'),
            ),
            faults.peer("psp", added_seconds=.4),
        ),
        size=USUAL,
    ),
    Case(
        "dependency", ("notifier", "push", "push.mobile.example"), "push provider refuses 90 %",
        faults.peer("push", refused_share=.9), size=USUAL,
    ),
    Case(
        "dependency", ("user-profile", "redis-sessions"), "session cache refuses all",
        faults.peer("redis-sessions", refused_share=1.0), size=USUAL,
    ),
    Case(
        "lock", ("promo",), "rule lock held 120 ms", faults.setting("promo", hold=.12),
        size=(20, 80, .5),
    ),
    Case(
        "memory", ("trip-events",), "leak with half sampled", faults.leak("trip-events", 80e6),
        size=(20, 80, .5),
    ),
    Case(None, (), "nothing, 150 traces", faults.nothing(), size=(5, 60, .5)),
    Case(None, (), "nothing, 150 traces", faults.nothing(), size=(5, 60, .5)),
    Case(None, (), "nothing, 150 traces", faults.nothing(), size=(5, 60, .5)),
    Case(None, (), "all machines 30 % slower", faults.all_machines_slower(1.3), size=USUAL),
    Case(None, (), "harmless message at ERROR level 4/s", faults.false_errors(), size=USUAL),
    Case(
        None, (), "payments deployed with new semantic conventions", faults.nothing(), size=USUAL,
        deployed=("payments",), new_conventions="payments",
    ),
    Case(
        None, (), "mix of requests changed (locations doubled)", faults.nothing(), size=USUAL,
        request_mix=(
            ("estimate", .08), ("request", .08), ("ride", .1), ("location", .6), ("complete", .08),
            ("me", .06),
        ),
    ),
    Case(
        None, (), "one replica of eta-service fewer", faults.nothing(), size=USUAL,
        replicas_more={"eta-service": -1},
    ),
    Case(
        None, (), "deploy of four services at once, harmless", faults.nothing(), size=USUAL,
        deployed=("pricing", "matching", "promo", "user-profile"),
    ),
    Case(None, (), "nothing, 3 traces/s", faults.nothing(), size=(3, 60, 1)),
)

HARDER = tuple(plan_harder(index, case) for index, case in enumerate(HARDER_CASES))
