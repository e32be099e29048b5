"""One window of the platform: its services with their replicas, its peers, and what they recorded.

All that is drawn comes from two generators with seeds: one for what happens, one for identities.
"""

import hashlib
import random
from collections import defaultdict

from . import dialects
from .kernel import Failure, Resource, Simulation
from .topology import PEERS, POOLS, REQUEST_MIX, SERVICES

# Seconds that run before anything is recorded, so that queues and caches have their usual state.
WARM_UP_SECONDS = 8.0
# Seconds after the window in which spans that began in it may still end.
GRACE_SECONDS = 3
HEAP_BYTES_AT_START = 180e6
DURATION_BOUNDS = (.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10)

DEBUG, INFO, WARN, ERROR = 5, 9, 13, 17
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5


def digest_of(value):
    """A number that is always the same for the same value."""
    return int(hashlib.md5(str(value).encode()).hexdigest()[:8], 16)


class Span:
    """A span while it is open, and after."""

    __slots__ = (
        "trace_id", "span_id", "parent_id", "replica", "name", "kind", "start", "end",
        "attributes", "events", "error", "link", "sampled",
    )


class Work:
    """A piece of work in a replica: whose request it is, and the span around it."""

    __slots__ = (
        "world", "replica", "service", "trace_id", "span_id", "sampled", "request", "span", "epoch"
    )

    def __init__(self, world, replica, span, request, epoch):
        self.world = world
        self.replica = replica
        self.service = replica.service
        self.trace_id = span.trace_id
        self.span_id = span.span_id
        self.sampled = span.sampled
        self.request = request
        self.span = span
        self.epoch = epoch

    @property
    def random(self):
        """What is drawn from."""
        return self.world.random

    def within(self, span):
        """The same work below another span."""
        return Work(self.world, self.replica, span, self.request, self.epoch)

    def must_live(self):
        """Ends the work where the replica died below it."""
        if self.epoch != self.replica.epoch:
            raise Failure(dead=True)

    def milliseconds(self, start):
        """Whole milliseconds since a time."""
        return int((self.world.simulation.now - start) * 1000)

    def log(self, severity, text, **fields):
        """Writes a line, in services that write any."""
        if self.service.kind.logs:
            self.world.log(self.replica, severity, text, fields, self)


class Peer:
    """A data base, cache or partner in this window."""

    def __init__(self, world, name):
        kind = PEERS[name]
        self.name = name
        self.host = kind.host
        self.system = kind.system
        self.mean_seconds = kind.mean_seconds
        self.servers = Resource(world.simulation, kind.servers)
        # What a fault changes: factor and addition of time, shares refused and left hanging.
        self.slower = 1.0
        self.added_seconds = 0.0
        self.refused_share = 0.0
        self.hanging_share = 0.0


class Replica:
    """A process of a service."""

    def __init__(self, world, service, index):
        self.world = world
        self.service = service
        self.index = index
        # Rises with every death; work of an earlier epoch is lost.
        self.epoch = 0
        self.is_down = False
        self.restarts = 0
        self.in_flight = {}
        self.cpu_factor = 1.0
        self.cpu_seconds = 0.0
        self.paused_until = 0.0
        self.collections = 0
        self.collection_seconds = 0.0
        self.collection_buckets = [0] * 5
        self.cores_base = service.kind.cores
        self.leak_bytes_per_second = 0.0
        self.durations = defaultdict(lambda: [0] * 15)
        self.duration_sums = defaultdict(float)
        self.skew_seconds = 0.0
        self.cpu_seconds_before = world.identities.uniform(200, 900)
        self._name()
        self.reset()

    def _name(self):
        world, service = self.world, self.service
        rolled_out = service.version if world.is_incident and service.is_deployed else ""
        own = f"{world.seed}{service.name}{self.index}{rolled_out}"
        digest = hashlib.md5(own.encode()).hexdigest()
        of_set = hashlib.md5(f"{world.seed}{service.name}{service.version}".encode()).hexdigest()
        self.pod = f"{service.name}-{of_set[:9]}-{digest[:5]}"
        self.instance = digest[8:40]
        self.host = f"ip-10-0-{int(digest[5:7], 16) % 6}-{int(digest[:2], 16)}"

    def reset(self):
        """A fresh process: nothing queued, nothing held."""
        simulation = self.world.simulation
        self.workers = Resource(simulation, self.service.kind.workers)
        self.cores = Resource(simulation, self.cores_base)
        self.live_bytes = HEAP_BYTES_AT_START
        self.young_bytes = 0.0
        pools = POOLS.get(self.service.name, {})
        self.pools = {peer: Resource(simulation, count) for peer, count in pools.items()}
        self.lock = Resource(simulation, 1)

    def collect(self, seconds):
        """Stops the process for a garbage collection."""
        self.paused_until = self.world.simulation.now + seconds
        self.collections += 1
        self.collection_seconds += seconds
        bucket = 0 if seconds <= .01 else 1 if seconds <= .1 else 2 if seconds <= 1 else 3
        self.collection_buckets[bucket] += 1

    def count_duration(self, operation, status, seconds):
        """Counts an answer in the histogram of durations."""
        bucket = 0
        while bucket < 14 and seconds > DURATION_BOUNDS[bucket]:
            bucket += 1
        self.durations[(operation, status)][bucket] += 1
        self.duration_sums[(operation, status)] += seconds


class Service:
    """A service in this window: version, replicas, and what faults changed of it."""

    def __init__(self, world, name):
        self.world = world
        self.name = name
        self.kind = SERVICES[name]
        self.language = self.kind.language
        self.is_deployed = False
        total = sum(map(ord, name))
        self.version = f"{1 + len(name) % 4}.{3 + total % 20}.{total % 7}"
        self.operations = {}
        self.delays = {}
        self.failures = {}
        self.settings = {}
        self.network_delay = 0.0
        self.network_loss = 0.0
        self.replicas = []
        self.balanced = []
        self._turn = 0

    def build(self, count):
        """Starts its replicas."""
        self.replicas = [Replica(self.world, self, index) for index in range(count)]
        self.balanced = list(self.replicas)

    def deploy(self):
        """Gives it the next minor version."""
        major, minor, _ = self.version.split(".")
        self.version = f"{major}.{int(minor) + 1}.0"
        self.is_deployed = True

    def pick(self):
        """The replica whose turn it is, or none."""
        if not self.balanced:
            return None
        self._turn += 1
        return self.balanced[self._turn % len(self.balanced)]


class World:
    """A window: what happens in it and what of it was recorded."""

    def __init__(self, seed, is_incident, begins, rate, seconds, sampled_share):
        self.seed = seed
        self.is_incident = is_incident
        self.time_zero = begins - WARM_UP_SECONDS
        self.rate = rate
        self.end = WARM_UP_SECONDS + seconds
        self.sampled_share = sampled_share
        self.random = random.Random(f"{seed}/{is_incident:d}")
        self.identities = random.Random(f"{seed}/id/{is_incident:d}")
        self.simulation = Simulation()
        self.spans = []
        self.logs = []
        self.metrics = []
        # What users do: share of wrong requests, of slow uploads, of a batch client; and a job.
        self.wrong_share = .012
        self.slow_client_share = 0.0
        self.batch_share = 0.0
        self.job_every_seconds = 40.0
        self.job_steps = 25
        self.request_mix = REQUEST_MIX
        self.skew_seed = "a"
        self.replicas_more = {}
        self.topics = {}
        self.services = {name: Service(self, name) for name in SERVICES}
        self.peers = {name: Peer(self, name) for name in PEERS}

    def build(self):
        """Starts all replicas, each with a clock of its own."""
        for service in self.services.values():
            service.build(service.kind.replicas + self.replicas_more.get(service.name, 0))
            for replica in service.replicas:
                seed = f"{self.seed}/{service.name}/{replica.index}/{self.skew_seed}"
                replica.skew_seconds = random.Random(seed).uniform(-.04, .04)

    def new_span_id(self):
        """An id."""
        return f"{self.identities.getrandbits(64) | 1:016x}"

    def new_trace_id(self):
        """An id."""
        return f"{self.identities.getrandbits(128) | 1:032x}"

    def is_drawn(self):
        """Whether a new trace is sampled."""
        return self.random.random() < self.sampled_share

    def start(self, replica, trace_id, parent_id, sampled, name, kind, attributes):
        """Opens a span."""
        span = Span()
        span.trace_id = trace_id
        span.span_id = self.new_span_id()
        span.parent_id = parent_id
        span.replica = replica
        span.name = name
        span.kind = kind
        span.attributes = attributes
        span.sampled = sampled
        span.start = self.simulation.now
        span.events = None
        span.error = None
        span.link = None
        return span

    def below(self, work, name, kind, attributes):
        """Opens a span below that of a piece of work."""
        return self.start(
            work.replica, work.trace_id, work.span_id, work.sampled, name, kind, attributes
        )

    def finish(self, span, error=None):
        """Closes a span; it is recorded where it is sampled and within the window."""
        span.end = self.simulation.now
        if error is not None:
            span.error = error
        is_within = span.start >= WARM_UP_SECONDS and span.end <= self.end + GRACE_SECONDS
        if span.sampled and is_within and span.replica.service.kind.has_spans:
            self.spans.append(span)

    def add_event(self, span, name, attributes):
        """Adds an event to a span."""
        span.events = span.events or []
        span.events.append((self.simulation.now, name, attributes))

    def add_exception(self, span, failure):
        """Adds an exception with its stack to a span."""
        attributes = {
            "exception.type": failure.type_name,
            "exception.message": failure.message,
            "exception.stacktrace": dialects.stack_trace(span.replica.service, failure),
        }
        self.add_event(span, "exception", attributes)

    def log(self, replica, severity, text, fields, work=None):
        """Records a line of a process, or of a piece of work in it."""
        now = self.simulation.now
        if WARM_UP_SECONDS <= now <= self.end:
            ids = (work.trace_id, work.span_id) if work else (None, None)
            self.logs.append((now, replica, severity, text, fields, ids))

    def network_seconds(self, *services):
        """Delay on the way between two ends (none for a peer or user); none when it is lost."""
        draw = self.random
        seconds = .0003 + draw.expovariate(3000.0)
        for service in services:
            if service is None:
                continue
            seconds += service.network_delay * draw.uniform(.7, 1.3)
            if service.network_loss and draw.random() < service.network_loss:
                seconds += .2 if draw.random() < .7 else .6
                if draw.random() < .1:
                    return None
        return seconds
