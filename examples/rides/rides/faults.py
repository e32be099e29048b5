"""What can be wrong: each function returns an act, done to a window when the fault begins."""

from dataclasses import dataclass
from typing import Callable

from .broker import Topic
from .kernel import Failure
from .work import query, use_cpu
from .world import ERROR, INFO, WARN, digest_of


@dataclass(frozen=True)
class Delay:
    """An operation takes longer; each time, or in a share of its runs."""

    seconds: float
    share: float | None = None


@dataclass(frozen=True)
class Fault:
    """A share of an operation's runs fail, of those alone to which a condition applies."""

    share: float
    make: Callable
    only: Callable | None = None


@dataclass(frozen=True)
class Flag:
    """A feature that is on for some users."""

    key: str
    percent: int
    feature: Callable

    def is_on(self, request):
        """Whether it is on for the user."""
        return digest_of(request["user"]) % 100 < self.percent


def raising(type_name, message, frame, http=500, grpc=13, retry=True):
    """Makes failures that begin in the service itself."""
    return lambda subject: Failure(http, grpc, type_name, message, True, retry, frame=frame)


def nothing():
    """Nothing is wrong."""
    return lambda world: None


def both(*acts):
    """Several faults at once."""

    def act(world):
        for one in acts:
            one(world)

    return act


def chosen(world, service, indices):
    """Replicas of a service: those with an index, or all of them."""
    replicas = world.services[service].replicas
    return [replica for replica in replicas if indices is None or replica.index in indices]


def delay(service, seconds, share=None):
    """The service's own code waits."""

    def act(world):
        world.services[service].delays["*"] = Delay(seconds, share)

    return act


def failing(service, operation, share, make, only=None):
    """An operation (or all, "*") raises."""

    def act(world):
        world.services[service].failures[operation] = Fault(share, make, only)

    return act


def setting(service, **values):
    """Settings of a service are changed."""

    def act(world):
        world.services[service].settings.update(values)

    return act


def network(service, added_seconds=0.0, loss=0.0):
    """Messages to and from a service are slow, or lost and sent again."""

    def act(world):
        world.services[service].network_delay = added_seconds
        world.services[service].network_loss = loss

    return act


def peer(name, **values):
    """A data base, cache or partner is slow, refuses or hangs."""

    def act(world):
        for key, value in values.items():
            setattr(world.peers[name], key, value)

    return act


def busy_processor(service, indices, threads_per_core):
    """Something else uses the cores, a fiftieth of a second at a time."""

    def burn(replica):
        while True:
            cores = replica.cores
            yield cores.acquire()
            yield .02
            replica.cpu_seconds += .02
            cores.release()

    def act(world):
        for replica in chosen(world, service, indices):
            for _ in range(threads_per_core * replica.cores_base):
                world.simulation.spawn(burn(replica))

    return act


def slow_processor(service, factor):
    """Work on the processor takes longer, as under a quota."""

    def act(world):
        for replica in chosen(world, service, None):
            replica.cpu_factor = factor

    return act


def all_machines_slower(factor):
    """Every processor is slower: nobody's fault."""

    def act(world):
        for service in world.services:
            slow_processor(service, factor)(world)

    return act


def leak(service, bytes_per_second):
    """Memory is not given back; full collections stop the process."""

    def act(world):
        for replica in chosen(world, service, None):
            replica.leak_bytes_per_second = bytes_per_second

    return act


def leaking_pool(service, peer_name):
    """Connections are not given back: fewer and fewer, none or one in the end."""

    def lose_one(world, replica):
        pool = replica.pools[peer_name]
        if pool.places > (0 if replica.index == 0 else 1):
            pool.places -= 1
            world.simulation.after(.8, lose_one, world, replica)

    def act(world):
        for replica in chosen(world, service, None):
            lose_one(world, replica)

    return act


def stuck_workers(service):
    """Workers do not come back: none in the first replica, one in the others."""

    def act(world):
        for replica in chosen(world, service, None):
            replica.workers.places = 0 if replica.index == 0 else 1

    return act


def crash(service, indices, is_for_ever=False):
    """Replicas die; each is started again and dies again, unless it is gone for ever."""

    def die(world, replica):
        simulation, balanced = world.simulation, replica.service.balanced
        replica.epoch += 1
        replica.is_down = True
        replica.restarts += 1
        for answer in replica.in_flight:
            simulation.after(.0005, simulation.fire, answer, ("reset", None))
        replica.in_flight = {}
        replica.reset()
        simulation.after(2.5, take_out, replica, balanced)
        if not is_for_ever:
            simulation.after(world.random.uniform(4, 6), rise, world, replica)

    def take_out(replica, balanced):
        if replica in balanced and replica.is_down:
            balanced.remove(replica)

    def rise(world, replica):
        kind = replica.service.kind
        replica.is_down = False
        replica.cpu_seconds_before = 0.0
        if replica not in replica.service.balanced:
            replica.service.balanced.append(replica)
        if kind.logs:
            text = "Started {s} in {t} seconds" if kind.logs == "plain" else "server listening"
            fields = {"s": replica.service.name, "t": round(world.random.uniform(1.5, 4), 3)}
            world.log(replica, INFO, text, fields)
        world.simulation.after(world.random.uniform(3, 7), die, world, replica)

    def act(world):
        for replica in chosen(world, service, indices):
            die(world, replica)

    return act


def poison(topic_name, group, make, count=2):
    """Records that a consumer cannot read block their partitions, one each."""

    def act(world):
        world.services[group].failures[topic_name] = Fault(
            1.0, make, lambda message: message.get("poisoned")
        )
        topic = next(topic for topic in world.topics[topic_name] if topic.group == group)
        poisoned = set()

        def put(message):
            partition = topic.partition_of(message)
            if len(poisoned) < count and partition not in poisoned:
                poisoned.add(partition)
                message["poisoned"] = True
            Topic.put(topic, message)

        topic.put = put

    return act


def long_lock():
    """Dispatch holds its lock so long that it is nearly always held."""

    def act(world):
        held = min(.5, .85 / (world.rate * .22 / 3))
        world.services["dispatch"].settings["hold"] = held

    return act


def users_change(**values):
    """What users and jobs do changes, and nothing is wrong."""

    def act(world):
        for key, value in values.items():
            setattr(world, key, value)

    return act


def one_pause():
    """A replica of rider-api stands still once, for 600 ms."""

    def act(world):
        replica = world.services["rider-api"].replicas[0]
        now = world.simulation.now
        world.simulation.at(now + 20, setattr, replica, "paused_until", now + 20.6)

    return act


def harmless_warnings():
    """A log line that warns of nothing."""

    def chatter(world):
        draw = world.random
        while world.simulation.now < world.end:
            yield draw.expovariate(20.0)
            replica = world.services["driver-api"].replicas[draw.randint(0, 1)]
            tile = f"{draw.randint(0, 999)}/{draw.randint(0, 999)}"
            fields = {"tile": tile, "ms": draw.randint(1, 9)}
            world.log(replica, WARN, "map tile cache miss, fetched from origin", fields)

    return lambda world: world.simulation.spawn(chatter(world))


def false_errors():
    """A log line at the level of errors, of something harmless."""

    def chatter(world):
        draw = world.random
        while world.simulation.now < world.end:
            yield draw.expovariate(4.0)
            replica = world.services["matching"].replicas[draw.randint(0, 1)]
            fields = {"n": draw.randint(1, 400)}
            text = "Metrics registry: duplicate meter matching.rank.{n} ignored"
            world.log(replica, ERROR, text, fields)

    return lambda world: world.simulation.spawn(chatter(world))


# Features behind flags


def wallet(work):
    """A way to pay that most users have not set up."""
    yield from use_cpu(work, 6.0)
    if work.random.random() < .7:
        raise Failure(
            500, 13, "java.lang.IllegalStateException", "wallet v2: no default instrument",
            origin=True, frame="wallet.WalletV2.resolve(WalletV2.java:203)",
        )


def rules_one_by_one(work):
    """A query in a loop."""
    statement = "SELECT * FROM zone_rules WHERE zone = $1"
    for _ in range(14):
        yield from query(work, "pricing-db", "SELECT", "zone_rules", statement, 1.2)


def sleepy(work):
    """A quarter of a second."""
    yield .25 * work.random.uniform(.7, 1.3)
