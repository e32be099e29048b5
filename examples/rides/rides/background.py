"""What goes on beside the requests: users who come, garbage collection, probes, a nightly job."""

from .broker import Topic, consume
from .handlers import HEALTH, HEALTH_OPERATION, OPERATIONS, SUBSCRIPTIONS
from .kernel import Event, Failure
from .metrics import sample
from .topology import PROBED
from .work import arrive, query, use_cpu
from .world import ERROR, INFO, INTERNAL, Work

HEAP_BYTES_FULL = 850e6
YOUNG_BYTES_MAX = 60e6
REGIONS = ("berlin", "berlin", "hamburg", "munich", "vienna", "zurich")
CLASSES = ("standard", "standard", "standard", "xl", "premium")
APPS = ("7.12.0", "7.12.0", "7.11.3", "6.40.1")
PAYMENTS = ("card", "card", "card", "paypal", "applepay")


def start(world):
    """Starts all that runs by itself in a window."""
    simulation = world.simulation
    for service in world.services.values():
        service.operations = dict(OPERATIONS[service.name])
        if service.name in PROBED:
            service.operations[HEALTH] = HEALTH_OPERATION
    for name, group, partitions, handler, is_linked in SUBSCRIPTIONS:
        topic = Topic(world, name, group, partitions)
        world.topics.setdefault(name, []).append(topic)
        service = world.services[group]
        for partition in range(partitions):
            simulation.spawn(consume(world, service, topic, partition, handler, is_linked))
    simulation.spawn(settle(world))
    for service in world.services.values():
        for replica in service.replicas:
            if service.kind.collects_garbage:
                simulation.spawn(collect_garbage(world, replica))
            if service.name in PROBED:
                simulation.spawn(probe(world, replica))
            if service.kind.metrics:
                simulation.spawn(sample(world, replica))
    simulation.spawn(users(world))


def users(world):
    """Requests come at random; a batch client asks for rides in between."""
    draw = world.random
    while world.simulation.now < world.end:
        yield draw.expovariate(world.rate)
        ask(world)
        if world.batch_share and draw.random() < world.batch_share:
            ask(world, "ride")


def ask(world, operation=None):
    """One request of a user."""
    draw = world.random
    left = draw.random()
    if operation is None:
        for operation, share in world.request_mix:
            left -= share
            if left < 0:
                break
    request = {
        "user": draw.randint(1000, 9999),
        "id": draw.randint(100000, 999999),
        "region": draw.choice(REGIONS),
        "class": draw.choice(CLASSES),
        "app": draw.choice(APPS),
        "platform": draw.choice(["ios", "android"]),
        "payment": draw.choice(PAYMENTS),
        "wrong": 0,
    }
    if draw.random() < world.wrong_share:
        request["wrong"] = draw.choice([401, 422])
    if world.slow_client_share and draw.random() < world.slow_client_share:
        request["upload_seconds"] = draw.uniform(1.0, 4.0)
        request["platform"] = "kiosk"
    replica = world.services["edge-gateway"].pick()
    if replica:
        trace_id = world.new_trace_id()
        sampled = world.is_drawn()
        arrive(world, replica, operation, trace_id, None, sampled, request, Event(), None)


def collect_garbage(world, replica):
    """Short collections of the young; full ones, that do not help, where the heap is full."""
    draw = world.random
    while True:
        yield .25
        if replica.is_down:
            continue
        replica.live_bytes += replica.leak_bytes_per_second * .25
        if replica.live_bytes > HEAP_BYTES_FULL:
            if draw.random() < .25:
                longest = min(1.6, .3 + (replica.live_bytes - HEAP_BYTES_FULL) / 1e8 * .5)
                collect_fully(world, replica, longest * draw.uniform(.7, 1.2))
        elif replica.young_bytes > YOUNG_BYTES_MAX:
            replica.collect(draw.uniform(.003, .012))
            replica.young_bytes = 0


def collect_fully(world, replica, seconds):
    """A full collection that gets back little."""
    replica.collect(seconds)
    replica.live_bytes = min(replica.live_bytes, 1.02e9) - 2e7
    replica.young_bytes = 0
    if replica.service.language == "java":
        after = int(replica.live_bytes / 1e6)
        fields = {
            "n": replica.collections,
            "a": after + 20,
            "b": after,
            "ms": round(seconds * 1000, 3),
        }
        text = "GC({n}) Pause Full (G1 Compaction Pause) {a}M->{b}M(1024M) {ms}ms"
        world.log(replica, INFO, text, fields)


def probe(world, replica):
    """The balancer asks for the health of a replica."""
    yield world.random.uniform(0, 10)
    while True:
        if not replica.is_down:
            trace_id, sampled = world.new_trace_id(), world.is_drawn()
            request = {"user": 0}
            arrive(world, replica, HEALTH, trace_id, None, sampled, request, Event(), None)
        yield 10.0


def settle(world):
    """A job of payments that reads the ledger in a loop."""
    yield world.random.uniform(3, 20)
    while True:
        replica = world.services["payments"].pick()
        if replica and not replica.is_down:
            yield from settle_once(world, replica)
        yield world.job_every_seconds


def settle_once(world, replica):
    """One run of the job."""
    trace_id = world.new_trace_id()
    sampled = world.random.random() < max(world.sampled_share, .9)
    attributes = {"job.name": "settlement"}
    name = "SettlementJob.run"
    span = world.start(replica, trace_id, None, sampled, name, INTERNAL, attributes)
    work = Work(world, replica, span, {"user": 0}, replica.epoch)
    statement = "SELECT * FROM settlements WHERE day = ? AND part = ?"
    try:
        for _ in range(world.job_steps):
            yield from query(work, "ledger-db", "SELECT", "settlements", statement, 1.5)
            yield from use_cpu(work, 1.0)
        world.finish(span)
        work.log(INFO, "Settlement run finished: {n} batches", n=world.job_steps)
    except Failure as failure:
        if not failure.dead:
            world.add_exception(span, failure)
            world.finish(span, failure.message)
            work.log(ERROR, "Settlement run failed: {m}", m=failure.message)
