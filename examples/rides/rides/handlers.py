"""What the sixteen services do when they are asked: the business of hailing rides.

`OPERATIONS` holds them by service and name. The names of gRPC operations are those on the wire;
those of HTTP operations are known here alone.
"""

from collections import defaultdict

from . import dialects
from .broker import produce
from .kernel import Failure
from .work import (
    Operation,
    all_of,
    call,
    hold_lock,
    internally,
    query,
    take_connection,
    use_cpu,
)
from .world import DEBUG, ERROR, INFO, WARN

DISPATCH = "ridehail.dispatch.v1.Dispatcher/"
PRICING = "ridehail.pricing.v1.Pricing/"
GEO = "geo.v2.GeoIndex/"
MATCHING = "com.voltaride.matching.MatchService/"
FRAUD = "fraud.FraudScorer/"

OPERATIONS = defaultdict(dict)


def grpc(service, name):
    """Registers what answers a gRPC method."""

    def register(handler):
        OPERATIONS[service][name] = Operation("grpc", handler)
        return handler

    return register


def http(service, key, method, route):
    """Registers what answers a route."""

    def register(handler):
        OPERATIONS[service][key] = Operation("http", handler, method, route)
        return handler

    return register


def by_user(http_status, grpc_status, message):
    """A request that the user made wrongly."""
    return Failure(http_status, grpc_status, "user", message, retry=False)


# edge-gateway


def gateway(key, method, route, target, timeout, cpu_milliseconds=1.2):
    """Registers a route that the gateway passes on."""

    @http("edge-gateway", key, method, route)
    def pass_on(work):
        request = work.request
        app, platform = request["app"], request["platform"]
        work.span.attributes["app.version"] = app
        work.span.attributes["client.platform"] = platform
        work.span.attributes["user_agent.original"] = f"Volta/{app} ({platform})"
        if request.get("upload_seconds"):
            yield request["upload_seconds"]
        yield from use_cpu(work, cpu_milliseconds)
        path = dialects.path_of(route, request)
        text = "{m} {p} {st} {ms}ms"
        if request["wrong"] == 401:
            work.log(INFO, text, m=method, p=path, st=401, ms=2)
            raise by_user(401, 16, "token expired")
        asked = work.world.simulation.now
        try:
            value = yield from call(work, target, key, timeout)
        except Failure as failure:
            if failure.dead:
                raise
            spent = work.milliseconds(asked)
            severity = INFO if failure.by_user else ERROR
            work.log(severity, text, m=method, p=path, st=failure.http, ms=spent)
            raise
        yield from use_cpu(work, .5)
        work.log(INFO, text, m=method, p=path, st=200, ms=work.milliseconds(asked))
        return value


gateway("estimate", "POST", "/v1/rides/estimate", "rider-api", 3.0)
gateway("request", "POST", "/v1/rides", "rider-api", 5.0)
gateway("ride", "GET", "/v1/rides/{id}", "rider-api", 3.0)
gateway("location", "POST", "/v1/drivers/{id}/location", "driver-api", 2.0, .8)
gateway("complete", "POST", "/v1/rides/{id}/complete", "driver-api", 5.0)
gateway("me", "GET", "/v1/me", "rider-api", 3.0)


# rider-api


def flagged(work):
    """A feature that a flag turns on for some users."""
    flag = work.service.settings.get("flag")
    if not flag:
        return
    is_on = flag.is_on(work.request)
    work.span.attributes[f"feature_flag.{flag.key}"] = "on" if is_on else "off"
    if is_on:
        yield from flag.feature(work)


def set_rider_region(work):
    """Puts the region on the span."""
    work.span.attributes["rider.region"] = work.request["region"]


@http("rider-api", "estimate", "POST", "/api/estimates")
def estimate(work):
    request = work.request
    set_rider_region(work)
    yield from use_cpu(work, 3.0)
    if request["wrong"] == 422:
        text = "Rejected estimate for rider {u}: pickup outside service area"
        work.log(INFO, text, u=request["user"])
        raise by_user(422, 3, "outside area")
    calls = [
        call(work, "pricing", PRICING + "Quote", 1.0, 1),
        call(work, "eta-service", "eta", .9, 1),
    ]
    quote, arrival = yield from all_of(work, calls)
    if arrival[0] == "failed":
        text = "ETA unavailable for rider {u}, using straight line estimate: {m}"
        work.log(WARN, text, u=request["user"], m=arrival[1].message)
    if quote[0] == "failed":
        raise quote[1]
    if work.random.random() < .004:
        raise Failure(
            500, 13, "java.lang.ArithmeticException", "Rounding necessary",
            origin=True, frame="estimate.Rounder.cents(Rounder.java:40)",
        )
    yield from flagged(work)
    amount = round(work.random.uniform(6, 40), 2)
    text = "Estimate for rider {u} in {rg}: {amt} EUR"
    work.log(INFO, text, u=request["user"], rg=request["region"], amt=amount)


@http("rider-api", "request", "POST", "/api/rides")
def request_for_rider(work):
    set_rider_region(work)
    yield from use_cpu(work, 4.0)
    yield from call(work, "user-profile", "user", .8, 1)
    yield from flagged(work)
    yield from call(work, "dispatch", DISPATCH + "RequestRide", 3.5)
    work.log(INFO, "Ride requested by rider {u}", u=work.request["user"])
    return {"status": 201}


@http("rider-api", "ride", "GET", "/api/rides/{id}")
def ride_for_rider(work):
    set_rider_region(work)
    yield from use_cpu(work, 1.5)
    if work.request["wrong"] == 422:
        raise by_user(404, 5, "no such ride")
    yield from call(work, "dispatch", DISPATCH + "GetRide", 1.0, 1)


@http("rider-api", "me", "GET", "/api/me")
def me(work):
    set_rider_region(work)
    yield from use_cpu(work, 1.5)
    yield from call(work, "user-profile", "user", .8, 1)
    yield from flagged(work)


# driver-api


def driver_of(request):
    """The id of the driver."""
    return f"d-{request['user']}"


@http("driver-api", "location", "POST", "/drivers/{id}/location")
def location(work):
    driver = driver_of(work.request)
    work.span.attributes["driver.id"] = driver
    yield from use_cpu(work, .8)
    if work.random.random() < .02:
        age = work.random.randint(5000, 90000)
        work.log(WARN, "stale location dropped", driver=driver, age_ms=age)
    yield from call(work, "geo-index", GEO + "Update", .5, 1)


@http("driver-api", "complete", "POST", "/rides/{id}/complete")
def complete_for_driver(work):
    driver = driver_of(work.request)
    work.span.attributes["driver.id"] = driver
    yield from use_cpu(work, 1.5)
    yield from call(work, "dispatch", DISPATCH + "CompleteRide", 4.0)
    distance = round(work.random.uniform(1, 20), 1)
    work.log(INFO, "ride completed", ride=work.request["id"], driver=driver, km=distance)


# dispatch


@grpc("dispatch", DISPATCH + "RequestRide")
def request_ride(work):
    ride, region = work.request["id"], work.request["region"]
    work.span.attributes["region"] = region
    yield from use_cpu(work, 2.0)
    calls = [
        call(work, "fraud-check", FRAUD + "Score", .8),
        call(work, "pricing", PRICING + "Lock", 1.0, 1),
    ]
    score, price = yield from all_of(work, calls)
    if score[0] == "failed":
        work.log(WARN, "fraud score unavailable, allowing", ride=ride, err=score[1].message)
    if price[0] == "failed":
        raise price[1]
    yield from hold_lock(work, .0008)
    match = yield from call(work, "matching", MATCHING + "Match", 1.6, 1)
    if not match.get("drivers"):
        work.span.attributes["match.result"] = "none"
        work.log(INFO, "no driver available", ride=ride, region=region)
        return {}
    work.span.attributes["match.result"] = "matched"
    statement = "INSERT INTO rides (id, rider, driver, state) VALUES (?, ?, ?, ?)"
    yield from query(work, "trips-db", "INSERT", "rides", statement)
    yield from produce(work, "trips")
    driver = f"d-{work.random.randint(100, 999)}"
    work.log(INFO, "ride assigned", ride=ride, region=region, driver=driver)


@grpc("dispatch", DISPATCH + "GetRide")
def get_ride(work):
    ride = work.request["id"]
    yield from use_cpu(work, .6)
    yield from query(work, "redis-rides", "GET", "", f"GET ride:{ride}")
    if work.random.random() < .4:
        statement = "SELECT * FROM rides WHERE id = ?"
        yield from query(work, "trips-db", "SELECT", "rides", statement)
        yield from query(work, "redis-rides", "SET", "", f"SET ride:{ride} ?")


@grpc("dispatch", DISPATCH + "CompleteRide")
def complete_ride(work):
    ride, region = work.request["id"], work.request["region"]
    work.span.attributes["region"] = region
    yield from use_cpu(work, 2.0)
    yield from hold_lock(work, .0008)
    yield from call(work, "pricing", PRICING + "Final", 1.0, 1)
    try:
        yield from call(work, "payments", "charge", 3.0)
    except Failure as failure:
        if failure.http == 402:
            work.log(INFO, "card declined", ride=ride)
            raise by_user(402, 9, "card declined") from None
        if not failure.dead:
            work.log(ERROR, "charge failed", ride=ride, err=failure.message)
        raise
    statement = "UPDATE rides SET state = 'done' WHERE id = ?"
    yield from query(work, "trips-db", "UPDATE", "rides", statement)
    yield from produce(work, "trips.completed")
    work.log(INFO, "ride closed", ride=ride, region=region)


# matching


@grpc("matching", MATCHING + "Match")
def match(work):
    ride, begun = work.request["id"], work.world.simulation.now
    nobody = "Matched ride {id}: 0 candidates within radius {rad} m"
    yield from use_cpu(work, 4.0)
    candidates = work.service.settings.get("candidates", 3)
    if candidates == 0:
        work.log(INFO, nobody, id=ride, rad=work.service.settings.get("radius", 3000))
        return {"drivers": 0}
    yield from call(work, "geo-index", GEO + "Nearby", .5, 1)
    if work.random.random() < .03:
        work.log(INFO, nobody, id=ride, rad=3000)
        return {"drivers": 0}
    calls = [call(work, "eta-service", "matrix", .9, 2, .02) for _ in range(candidates)]
    ends = yield from all_of(work, calls)
    good = [end for end in ends if end[0] == "ok"]
    if not good:
        raise ends[0][1]
    attributes = {"candidates.count": candidates}
    yield from internally(work, "rankCandidates", lambda w: use_cpu(w, 3.0), attributes)
    text = "Matched ride {id}: {k} candidates in {ms} ms"
    work.log(INFO, text, id=ride, k=candidates, ms=work.milliseconds(begun))
    return {"drivers": len(good)}


# geo-index


def drawn_cell(work):
    """Some cell of the grid."""
    return f"8a{work.random.getrandbits(24):06x}"


@grpc("geo-index", GEO + "Update")
def update_location(work):
    yield from use_cpu(work, .7)
    statement = f"GEOADD drivers ? ? {driver_of(work.request)}"
    yield from query(work, "redis-geo", "GEOADD", "", statement)
    if work.random.random() < .15:
        cell = drawn_cell(work)
        work.log(DEBUG, "cell rebalanced", cell=cell, moved=work.random.randint(1, 40))


@grpc("geo-index", GEO + "Nearby")
def nearby(work):
    if work.random.random() < .004:
        raise Failure(503, 14, "ShardMoved", f"shard {work.random.randint(0, 31)} moved")
    statement = "GEOSEARCH drivers FROMLONLAT ? ? BYRADIUS 3 km"
    yield from query(work, "redis-geo", "GEOSEARCH", "", statement, 3.0)
    yield from use_cpu(work, 3.0)


# eta-service and legacy-maps


def compute_arrival(work, cpu_milliseconds):
    """The time that a route takes."""
    yield from use_cpu(work, 2.0)
    if work.service.settings.get("maps", True):
        yield from call(work, "legacy-maps", "route", .6, 1)
    yield from internally(work, "compute_route", lambda w: use_cpu(w, cpu_milliseconds), {})
    spent = work.milliseconds(work.span.start)
    work.log(INFO, "eta computed in {ms} ms for cell {cell}", ms=spent, cell=drawn_cell(work))


@http("eta-service", "eta", "POST", "/eta")
def eta(work):
    yield from compute_arrival(work, 5.0)


@http("eta-service", "matrix", "POST", "/eta/matrix")
def eta_matrix(work):
    yield from compute_arrival(work, 6.0)


@http("legacy-maps", "route", "GET", "/route")
def route_on_map(work):
    draw, begun = work.random, work.world.simulation.now
    yield from use_cpu(work, 5.0)
    yield .004 + draw.expovariate(300.0)
    text = '10.0.{a}.{b} - - "GET /route?cell={x} HTTP/1.1" 200 {sz} {ms}'
    a, b = draw.randint(0, 5), draw.randint(2, 250)
    cell, size = drawn_cell(work), draw.randint(900, 9000)
    work.log(INFO, text, a=a, b=b, x=cell, sz=size, ms=work.milliseconds(begun))


# pricing


def set_ride_class(work):
    """Puts what a price depends on on the span."""
    work.span.attributes["vehicle.class"] = work.request["class"]
    work.span.attributes["region"] = work.request["region"]


@grpc("pricing", PRICING + "Quote")
def quote(work):
    request, draw = work.request, work.random
    region = request["region"]
    set_ride_class(work)
    yield from use_cpu(work, 1.5)
    try:
        yield from query(work, "surge-cache", "GET", "", f"GET surge:{region}", timeout=.25)
        is_hit = draw.random() < .9
    except Failure as failure:
        if failure.dead:
            raise
        is_hit = False
        work.log(WARN, "surge cache unavailable", err=failure.message, region=region)
    if not is_hit:
        statement = "SELECT factor FROM surge WHERE region = $1 ORDER BY ts DESC LIMIT 1"
        yield from query(work, "pricing-db", "SELECT", "surge", statement, 4.0)
    flag = work.service.settings.get("flag")
    if flag:
        is_on = flag.is_on(request)
        told = {"feature_flag.key": flag.key, "feature_flag.variant": "on" if is_on else "off"}
        work.world.add_event(work.span, "feature_flag", told)
        if is_on:
            yield from flag.feature(work)
    try:
        yield from call(work, "promo", "user", .3)
    except Failure as failure:
        if failure.dead:
            raise
        text = "promo lookup failed, quoting without"
        work.log(WARN, text, err=failure.message, user=request["user"])
    yield from use_cpu(work, 1.0)
    cents = draw.randint(500, 4000)
    work.log(INFO, "quote", region=region, vehicle=request["class"], cents=cents)


@grpc("pricing", PRICING + "Lock")
def lock_price(work):
    set_ride_class(work)
    yield from use_cpu(work, 1.0)
    statement = "INSERT INTO quotes (ride, cents) VALUES ($1, $2)"
    yield from query(work, "pricing-db", "INSERT", "quotes", statement)


@grpc("pricing", PRICING + "Final")
def final_price(work):
    user = work.request["user"]
    set_ride_class(work)
    yield from use_cpu(work, 1.5)
    statement = "SELECT cents FROM quotes WHERE ride = $1"
    yield from query(work, "pricing-db", "SELECT", "quotes", statement)
    if user % 3 == 0:
        try:
            yield from call(work, "promo", "redeem", .5)
        except Failure as failure:
            if not failure.dead and not failure.by_user:
                work.log(ERROR, "promo redeem failed", err=failure.message, user=user)
            raise


# promo


@http("promo", "user", "GET", "/promos/user/{user}")
def promos_of_user(work):
    yield from use_cpu(work, 3.0)
    yield from hold_lock(work, .0005)
    if work.random.random() < .006:
        raise Failure(
            500, 13, "KeyError", "'stacking_rule'", origin=True, frame='rules.py", line 118'
        )
    statement = "SELECT id, rule FROM promos WHERE user_id = %s AND valid"
    yield from query(work, "promo-db", "SELECT", "promos", statement)
    count = work.random.randint(0, 3)
    work.log(INFO, "user {u} has {n} promos", u=work.request["user"], n=count)


@http("promo", "redeem", "POST", "/promos/{user}/redeem")
def redeem(work):
    yield from use_cpu(work, 3.0)
    yield from hold_lock(work, .0005)
    statement = "UPDATE promos SET used = now() WHERE id = %s"
    yield from query(work, "promo-db", "UPDATE", "promos", statement)
    work.log(INFO, "promo redeemed by user {u}", u=work.request["user"])


# payments


@http("payments", "charge", "POST", "/charges")
def charge(work):
    request, draw = work.request, work.random
    work.span.attributes["payment.method"] = request["payment"]
    yield from use_cpu(work, 3.0)
    pool = work.replica.pools["ledger-db"]
    yield from take_connection(work, pool)
    try:
        statement = "INSERT INTO charges (id, ride, cents, state) VALUES (?, ?, ?, ?)"
        yield from query(work, "ledger-db", "INSERT", "charges", statement, is_held=True)
        yield from query(work, "psp", "POST", "", "/v3/authorize", timeout=2.5)
        if draw.random() < .005:
            raise Failure(
                502, 14, "com.voltaride.payments.PspException",
                "PSP answered 97: try again later",
                origin=True, frame="psp.PspClient.authorize(PspClient.java:119)",
            )
        if draw.random() < .02:
            text = "Charge for ride {id} declined by issuer, code {cc}"
            work.log(INFO, text, id=request["id"], cc=draw.choice([51, 54, 61]))
            raise by_user(402, 9, "declined")
        statement = "UPDATE charges SET state = ? WHERE id = ?"
        yield from query(work, "ledger-db", "UPDATE", "charges", statement, is_held=True)
    finally:
        pool.release()
    amount = round(draw.uniform(6, 40), 2)
    text = "Charge for ride {id} captured: {amt} EUR via {m}"
    work.log(INFO, text, id=request["id"], amt=amount, m=request["payment"])


@http("payments", "receipt", "GET", "/receipts/{id}")
def receipt(work):
    yield from use_cpu(work, 2.0)
    statement = "SELECT * FROM charges WHERE ride = ?"
    yield from query(work, "ledger-db", "SELECT", "charges", statement)


# fraud-check


@grpc("fraud-check", FRAUD + "Score")
def score(work):
    user = work.request["user"]
    yield from use_cpu(work, 2.0)
    yield from query(work, "redis-features", "HGETALL", "", f"HGETALL f:{user}")
    if work.random.random() < .003:
        message = "Input contains NaN, infinity or a value too large for dtype(float32)"
        raise Failure(500, 13, "ValueError", message, origin=True, frame='model.py", line 74')
    attributes = {"model.version": "2025-12-01"}
    yield from internally(work, "model.predict", lambda w: use_cpu(w, 14.0), attributes)
    work.log(INFO, "score={s} user={u}", s=round(work.random.random() ** 3, 4), u=user)


# user-profile


@http("user-profile", "user", "GET", "/internal/users/{user}")
def profile(work):
    yield from use_cpu(work, 1.2)
    yield from query(work, "redis-sessions", "GET", "", "GET profile:{id}")
    if work.random.random() < .35:
        statement = "SELECT * FROM dbo.Users WHERE Id = @id"
        yield from query(work, "users-db", "SELECT", "dbo.Users", statement, 1.5)


@http("user-profile", "devices", "GET", "/internal/users/{user}/devices")
def devices(work):
    yield from use_cpu(work, 1.0)
    statement = "SELECT * FROM dbo.Devices WHERE UserId = @id"
    yield from query(work, "users-db", "SELECT", "dbo.Devices", statement)


# The consumers


def store_event(kind):
    """What trip-events does with a message of a topic."""

    def store(work):
        yield from use_cpu(work, 2.5)
        statement = "INSERT INTO trip_events (ride, seq, kind) VALUES (?, ?, ?)"
        yield from query(work, "trips-db", "INSERT", "trip_events", statement)
        if work.service.settings.get("notify", True):
            yield from produce(work, "notifications")
        work.log(INFO, "event stored", ride=work.request["id"], kind=kind)

    return store


def notify(work):
    """What notifier does with a message."""
    user = work.request["user"]
    yield from use_cpu(work, 1.5)
    yield from call(work, "user-profile", "devices", .8, 1)
    if work.random.random() < .01:
        work.log(INFO, "device token for user {u} gone (410), removed", u=user)
        return
    if work.random.random() < .004:
        raise Failure(
            500, 13, "Error", "ERR_HTTP2_STREAM_CANCEL",
            origin=True, frame="PushClient.send push/client.js:71:13",
        )
    yield from query(work, "push", "POST", "", "/3/device/send", timeout=1.5)
    spent = work.milliseconds(work.span.start)
    work.log(INFO, "push sent to user {u} in {ms}ms", u=user, ms=spent)


def write_invoice(work):
    """What invoice-worker does with a message."""
    ride = work.request["id"]
    yield from call(work, "payments", "receipt", 1.0, 1)
    yield from internally(work, "render_pdf", lambda w: use_cpu(w, 20.0), {})
    yield from query(work, "s3", "PUT", "", f"/2026/01/inv-{ride}.pdf")
    size = work.random.randint(20000, 60000)
    work.log(INFO, "invoice stored", ride=ride, bytes=size)


# Topic, group, partitions, handler, and whether traces are linked instead of continued.
SUBSCRIPTIONS = (
    ("trips", "trip-events", 6, store_event("assigned"), False),
    ("trips.completed", "trip-events", 6, store_event("completed"), False),
    ("notifications", "notifier", 6, notify, False),
    ("trips.completed", "invoice-worker", 4, write_invoice, True),
)


def healthy(work):
    """What answers the balancer's probes."""
    yield from use_cpu(work, .2)


HEALTH = "health"
HEALTH_OPERATION = Operation("http", healthy, "GET", "/healthz")
