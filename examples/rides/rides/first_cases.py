"""The sixty cases that were made first: forty faults, twenty healthy windows.

Their author had not seen the diagnosis at work.
"""

from . import faults, handlers
from .cases import Case, plan_first

FIRST_CASES = (
    Case("latency", ("eta-service",), "route code sleeps 180 ms", faults.delay("eta-service", .18)),
    Case("latency", ("fraud-check",), "scorer waits 300 ms", faults.delay("fraud-check", .3)),
    Case(
        "latency", ("edge-gateway",), "gateway filter takes 150 ms",
        faults.delay("edge-gateway", .15),
    ),
    Case(
        "latency", ("geo-index",), "70 ms more, spans without kind",
        faults.delay("geo-index", .07),
    ),
    Case(
        "cpu", ("fraud-check",), "hot loop on all replicas",
        faults.busy_processor("fraud-check", None, 4),
    ),
    Case(
        "cpu", ("matching",), "noisy process on one replica",
        faults.busy_processor("matching", (0,), 6),
    ),
    Case(
        "cpu", ("pricing",), "throttled: cpu work takes 25 times as long",
        faults.slow_processor("pricing", 25.0),
    ),
    Case("memory", ("rider-api",), "leak, full GCs", faults.leak("rider-api", 60e6)),
    Case("memory", ("payments",), "leak, full GCs", faults.leak("payments", 80e6)),
    Case(
        "memory", ("trip-events",), "leak in a consumer, full GCs",
        faults.leak("trip-events", 80e6),
    ),
    Case(
        "pool", ("payments",), "ledger connections leak",
        faults.leaking_pool("payments", "ledger-db"),
    ),
    Case(
        "pool", ("user-profile",), "users-db connections leak (spans only service)",
        faults.leaking_pool("user-profile", "users-db"),
    ),
    Case(
        "pool", ("matching",), "worker threads stuck", faults.stuck_workers("matching"),
        size=(30, 90, 1),
    ),
    Case(
        "error", ("promo",), "redeem raises",
        faults.failing(
            "promo", "redeem", .8,
            faults.raising(
                "django.db.utils.IntegrityError",
                'duplicate key value violates unique constraint "redemption_pk"',
                'views.py", line 241',
            ),
        ),
    ),
    Case(
        "error-attr", ("pricing",), "Quote/Lock/Final fail for vehicle.class=xl",
        faults.failing(
            "pricing", "*", 1.0,
            faults.raising(
                "*errors.errorString", "no tariff row for class", "tariff.(*Table).Row(0xc00)",
                grpc=13,
            ),
            only=lambda request: request["class"] == "xl",
        ),
    ),
    Case(
        "error-attr", ("payments",), "paypal charges fail",
        faults.failing(
            "payments", "charge", 1.0,
            faults.raising(
                "com.voltaride.payments.ProviderException", "unsupported instrument PAYPAL",
                "provider.Router.route(Router.java:77)",
            ),
            only=lambda request: request.get("payment") == "paypal",
        ),
    ),
    Case(
        "deploy", ("dispatch",), "new version panics in CompleteRide",
        faults.failing(
            "dispatch", handlers.DISPATCH + "CompleteRide", .35,
            faults.raising(
                "runtime.Error",
                "runtime error: invalid memory address or nil pointer dereference",
                "(*Server).closeRide(0x0)",
            ),
        ),
        deployed=("dispatch",), from_the_start=True,
    ),
    Case(
        "deploy", ("user-profile",), "new version throws",
        faults.failing(
            "user-profile", "user", .3,
            faults.raising(
                "System.NullReferenceException",
                "Object reference not set to an instance of an object.",
                "Controllers.UsersController.Get(Int64 id)",
            ),
        ),
        deployed=("user-profile",), from_the_start=True,
    ),
    Case(
        "deploy", ("notifier",), "new version throws in the consumer",
        faults.failing(
            "notifier", "*", .5,
            faults.raising(
                "TypeError", "Cannot read properties of undefined (reading 'locale')",
                "render templates/push.js:44:21",
            ),
        ),
        deployed=("notifier",), from_the_start=True,
    ),
    Case(
        "config", ("matching",), "radius 3 instead of 3000: no candidates, no error",
        faults.setting("matching", candidates=0, radius=3),
        changes=(("matching", "config", "matching.radius", "search radius changed"),),
    ),
    Case(
        "config", ("trip-events",), "notifications off: step missing",
        faults.setting("trip-events", notify=False),
    ),
    Case(
        "config", ("eta-service",), "maps.enabled=false: early return",
        faults.setting("eta-service", maps=False),
        changes=(("eta-service", "config", "maps.enabled", "maps.enabled set to false"),),
    ),
    Case(
        "network", ("pricing",), "60 ms each way on all edges of pricing",
        faults.network("pricing", .06),
    ),
    Case(
        "network", ("user-profile",), "10 % loss on the edges of user-profile",
        faults.network("user-profile", loss=.1),
    ),
    Case(
        "dependency", ("payments", "ledger-db", "ledger-db.prod.internal"),
        "ledger-db 20 times slower", faults.peer("ledger-db", slower=20.0),
    ),
    Case(
        "dependency", ("user-profile", "users-db", "users-db.prod.internal"),
        "users-db refuses 70 %", faults.peer("users-db", refused_share=.7),
    ),
    Case(
        "dependency", ("geo-index", "redis-geo"), "redis-geo 60 ms slower",
        faults.peer("redis-geo", added_seconds=.06),
    ),
    Case(
        "dependency", ("pricing", "surge-cache"), "surge-cache hangs, fallback",
        faults.peer("surge-cache", hanging_share=.9),
    ),
    Case(
        "dependency", ("payments", "psp", "api.psp-gate.example"), "payment provider +600 ms",
        faults.peer("psp", added_seconds=.6),
    ),
    Case(
        "dependency", ("trips-db", "cassandra.trips.internal", "dispatch", "trip-events"),
        "shared trips-db +150 ms", faults.peer("trips-db", added_seconds=.15),
    ),
    Case(
        "dependency", ("legacy-maps", "legacy-maps.internal"), "legacy-maps (logs only) cpu hog",
        faults.busy_processor("legacy-maps", None, 8),
    ),
    Case(
        "crash", ("fraud-check",), "one of two replicas in a crash loop",
        faults.crash("fraud-check", (0,)),
    ),
    Case("crash", ("promo",), "all replicas gone", faults.crash("promo", None, is_for_ever=True)),
    Case("crash", ("driver-api",), "one replica in a crash loop", faults.crash("driver-api", (1,))),
    Case(
        "poison", ("invoice-worker",), "two poison records block two partitions",
        faults.poison(
            "trips.completed", "invoice-worker",
            faults.raising(
                "UnicodeDecodeError",
                "'utf-8' codec can't decode byte 0xfc in position 41: invalid start byte",
                'render.py", line 33',
            ),
        ),
    ),
    Case("lock", ("dispatch",), "ride lock held too long", faults.long_lock()),
    Case(
        "retry-storm", ("eta-service",), "eta replies 503 to 40 %, callers retry, cpu work thrice",
        faults.both(
            faults.failing(
                "eta-service", "*", .4,
                faults.raising(
                    "fastapi.HTTPException", "503: model reloading", 'main.py", line 52', http=503,
                    grpc=14,
                ),
            ),
            faults.slow_processor("eta-service", 5.0),
        ),
        size=(40, 80, .5),
    ),
    Case(
        "partial", ("payments",), "6 % of charges fail",
        faults.failing(
            "payments", "charge", .06,
            faults.raising(
                "java.util.ConcurrentModificationException", "null",
                "ledger.Batcher.flush(Batcher.java:131)",
            ),
        ),
        size=(40, 100, 1),
    ),
    Case(
        "flag", ("rider-api",), "wallet-v2 on for 25 % of users raises",
        faults.setting("rider-api", flag=faults.Flag("wallet-v2", 25, faults.wallet)),
        changes=(("rider-api", "flag", "wallet-v2", "wallet-v2 to 25 %"),),
    ),
    Case(
        "flag", ("pricing",), "zone-rules on for 30 %: 14 queries more per quote",
        faults.setting("pricing", flag=faults.Flag("zone-rules", 30, faults.rules_one_by_one)),
        changes=(("pricing", "flag", "zone-rules", "zone-rules to 30 %"),),
    ),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "nothing", faults.nothing()),
    Case(None, (), "load +40 %", faults.nothing(), drift=1.4),
    Case(None, (), "load -35 %", faults.nothing(), drift=.65),
    Case(None, (), "harmless deploy", faults.nothing(), deployed=("pricing",)),
    Case(
        None, (), "harmless deploy of two, flag told", faults.nothing(), deployed=("rider-api",),
        changes=(("dispatch", "flag", "new-banner", "banner for 10 %"),),
    ),
    Case(
        None, (), "settlement cron every 6 s instead of 40, batch client reads rides",
        faults.users_change(job_every_seconds=6.0, batch_share=.15),
    ),
    Case(None, (), "noisy harmless log", faults.harmless_warnings()),
    Case(None, (), "4xx of users up tenfold", faults.users_change(wrong_share=.12)),
    Case(None, (), "one GC blip of 600 ms", faults.one_pause()),
    Case(None, (), "clock skew changed", faults.nothing(), other_clocks=True),
    Case(None, (), "replica of dispatch added", faults.nothing(), replicas_more={"dispatch": 1}),
    Case(None, (), "sampling 100 % to 30 %", faults.nothing(), size=(20, 90, 1), sampled_then=.3),
    Case(
        None, (), "slow clients (4 % kiosks upload slowly)",
        faults.users_change(slow_client_share=.04),
    ),
)

FIRST = tuple(plan_first(index, case) for index, case in enumerate(FIRST_CASES))
