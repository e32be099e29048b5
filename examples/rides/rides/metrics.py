"""What each runtime measures of itself, every ten seconds.

A reading is a list of `Gauge`, `Counter`, `Durations` and `Pauses`, in the order of export.
"""

from dataclasses import dataclass

from .topology import CONSUMERS, POOLS
from .world import WARM_UP_SECONDS

INTERVAL_SECONDS = 10.0


@dataclass(frozen=True)
class Gauge:
    """A value that goes up and down."""

    name: str
    unit: str
    value: int | float
    attributes: dict


@dataclass(frozen=True)
class Counter(Gauge):
    """A sum since the start of the process."""


@dataclass(frozen=True)
class Durations:
    """The histogram of answers of one operation with one status."""

    operation: str
    status: int
    buckets: list
    total: float


@dataclass(frozen=True)
class Pauses:
    """The histogram of garbage collections."""

    count: int
    total: float
    buckets: list


def sample(world, replica):
    """Reads a replica's metrics again and again."""
    yield world.random.uniform(0, INTERVAL_SECONDS)
    before = replica.cpu_seconds
    while world.simulation.now < world.end + 1:
        if world.simulation.now >= WARM_UP_SECONDS and not replica.is_down:
            used = (replica.cpu_seconds - before) / INTERVAL_SECONDS
            busy = min(replica.cores_base, used)
            world.metrics.append((world.simulation.now, replica, reading(world, replica, busy)))
        before = replica.cpu_seconds
        yield INTERVAL_SECONDS


def reading(world, replica, busy):
    """All metrics of a replica at this moment."""
    noise = world.random.uniform(-4e6, 4e6)
    memory = replica.live_bytes + replica.young_bytes * .7 + noise
    now = world.simulation.now
    cpu = replica.cpu_seconds_before + replica.cpu_seconds * 1.05 + now * .01
    read = RUNTIMES[replica.service.kind.metrics](replica, busy, memory, round(cpu, 3))
    if replica.service.kind.metrics != "kubelet":
        for (operation, status), buckets in replica.durations.items():
            total = replica.duration_sums[(operation, status)]
            read.append(Durations(operation, status, list(buckets), total))
        read.append(restarts(replica))
    if replica.service.name in CONSUMERS and replica.index == 0:
        read.extend(lags(world, replica.service.name))
    return read


def restarts(replica):
    """How often the container was started again."""
    return Gauge("k8s.container.restarts", "{restart}", replica.restarts, {})


def lags(world, group):
    """What a group has yet to read of each topic."""
    for name, topics in world.topics.items():
        for topic in topics:
            if topic.group == group:
                count = sum(len(partition) for partition in topic.partitions)
                yield Gauge("kafka.consumer.records_lag", "{record}", count, {"topic": name})


def of_jvm(replica, busy, memory, cpu):
    """The Java agent's."""
    heap = {"jvm.memory.type": "heap", "jvm.memory.pool.name": "G1 Old Gen"}
    utilization = round(busy / replica.cores_base, 4)
    collections = list(replica.collection_buckets)
    read = [
        Gauge("jvm.memory.used", "By", int(memory), heap),
        Gauge("jvm.thread.count", "{thread}", 30 + replica.workers.used, {}),
        Gauge("jvm.cpu.recent_utilization", "1", utilization, {}),
        Pauses(replica.collections, replica.collection_seconds, collections),
        Counter("jvm.cpu.time", "s", cpu, {}),
    ]
    for peer, pool in replica.pools.items():
        used = pool.used + POOLS[replica.service.name][peer] - pool.places
        idle = max(0, pool.places - pool.used)
        for state, count in (("used", used), ("idle", idle)):
            attributes = {"state": state, "pool.name": "HikariPool-1"}
            usage = "db.client.connections.usage"
            read.append(Gauge(usage, "{connection}", count, attributes))
        pending = "db.client.connections.pending_requests"
        of_pool = {"pool.name": "HikariPool-1"}
        read.append(Gauge(pending, "{request}", pool.waiting(), of_pool))
    return read


def of_go(replica, busy, memory, cpu):
    """The Go runtime's."""
    return [
        Counter("process.cpu.time", "s", cpu, {"cpu.mode": "user"}),
        Gauge("go.memory.used", "By", int(memory * .4), {}),
        Gauge("go.goroutine.count", "{goroutine}", 20 + 3 * len(replica.in_flight), {}),
    ]


def of_node(replica, busy, memory, cpu):
    """Node's."""
    delay = round(.003 + .02 * busy + .004 * replica.cores.waiting(), 5)
    return [
        Counter("process.cpu.time", "s", cpu, {"state": "user"}),
        Gauge("nodejs.eventloop.delay.p99", "s", delay, {}),
        Gauge("v8js.memory.heap.used", "By", int(memory * .5), {}),
    ]


def of_python(replica, busy, memory, cpu):
    """Python's."""
    threads = 6 + replica.workers.used
    return [
        Counter("process.cpu.time", "s", cpu, {}),
        Gauge("process.memory.usage", "By", int(memory * .9), {}),
        Gauge("process.runtime.cpython.thread_count", "{thread}", threads, {}),
    ]


def of_kubelet(replica, busy, memory, cpu):
    """The container's, as the node sees it."""
    return [
        Gauge("container.cpu.usage", "{cpu}", round(busy + .01, 4), {}),
        Gauge("container.memory.working_set", "By", int(memory), {}),
        restarts(replica),
    ]


RUNTIMES = {
    "jvm": of_jvm,
    "go": of_go,
    "node": of_node,
    "py": of_python,
    "kubelet": of_kubelet,
}
