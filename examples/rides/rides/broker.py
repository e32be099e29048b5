"""Topics with partitions: producing to them, and the loops that consume."""

from collections import deque

from .kernel import Event, Failure
from .work import disturb
from .world import CONSUMER, ERROR, PRODUCER, WARN, Work, digest_of

ATTEMPTS_MAX = 3


class Topic:
    """What one group of consumers has yet to read of a topic."""

    def __init__(self, world, name, group, partitions):
        self.world = world
        self.name = name
        self.group = group
        self.partitions = [deque() for _ in range(partitions)]
        self.arrivals = [Event() for _ in range(partitions)]

    def partition_of(self, message):
        """A user's messages keep their order: they share a partition."""
        return digest_of(message["request"]["user"]) % len(self.partitions)

    def put(self, message):
        """Appends a message and wakes the consumer of its partition."""
        index = self.partition_of(message)
        self.partitions[index].append(message)
        arrival = self.arrivals[index]
        self.arrivals[index] = Event()
        self.world.simulation.fire(arrival, True)


def produce(work, topic):
    """Sends a message about the request to every group of a topic."""
    if work.service.settings.get("skip") == topic:
        return
    world, service = work.world, work.service
    is_new = service.kind.conventions == "new"
    work.must_live()
    key = "messaging.destination.name" if is_new else "messaging.destination"
    attributes = {"messaging.system": "kafka", key: topic}
    if is_new:
        attributes["messaging.operation.type"] = "send"
    name = "send " + topic if is_new else topic + " publish"
    span = world.below(work, name, PRODUCER, attributes)
    yield .001 + world.random.expovariate(800.0) + service.network_delay
    world.finish(span)
    message = {
        "request": work.request,
        "trace_id": work.trace_id,
        "span_id": span.span_id,
        "sampled": work.sampled,
        "sent": world.simulation.now,
    }
    for group in world.topics.get(topic, []):
        arrives = world.simulation.now + .002 + world.random.expovariate(500.0)
        world.simulation.at(arrives, group.put, dict(message))


def consume(world, service, topic, partition, handler, is_linked):
    """The loop over a partition; a live replica owns it. Linked traces begin anew."""
    queue = topic.partitions[partition]
    while True:
        if not queue:
            yield topic.arrivals[partition]
            continue
        live = [replica for replica in service.replicas if not replica.is_down]
        if not live:
            yield .5
            continue
        replica = live[partition % len(live)]
        message = queue[0]
        message["attempts"] = message.get("attempts", 0) + 1
        epoch = replica.epoch
        span = _process_span(world, replica, topic, partition, message, is_linked)
        work = Work(world, replica, span, message["request"], epoch)
        try:
            yield from disturb(work, topic.name, message, 2.0)
            yield from handler(work)
            world.finish(span)
            queue.popleft()
        except Failure as failure:
            if failure.dead or replica.epoch != epoch:
                yield .2
                continue
            world.add_exception(span, failure)
            world.finish(span, failure.message)
            yield _after_failure(work, topic, partition, message, failure)


def _process_span(world, replica, topic, partition, message, is_linked):
    if is_linked:
        trace_id, parent_id = world.new_trace_id(), None
    else:
        trace_id, parent_id = message["trace_id"], message["span_id"]
    if replica.service.kind.conventions == "new":
        name = "process " + topic.name
        keys = ("destination.name", "kafka.destination.partition", "consumer.group.name")
    else:
        name = topic.name + " process"
        keys = ("destination", "kafka.partition", "kafka.consumer.group")
    attributes = {"messaging.system": "kafka"}
    for key, value in zip(keys, (topic.name, partition, topic.group), strict=True):
        attributes["messaging." + key] = value
    span = world.start(
        replica, trace_id, parent_id, message["sampled"], name, CONSUMER, attributes
    )
    if is_linked:
        span.link = (message["trace_id"], message["span_id"])
    return span


def _after_failure(work, topic, partition, message, failure):
    """Tells of a record that failed, gives up on it after some attempts; seconds to wait."""
    attempts = message["attempts"]
    work.log(
        ERROR,
        "Error while processing record {topic}-{part}@{off}: {typ}: {msg}",
        topic=topic.name,
        part=partition,
        off=int(message["sent"] * 1000) % 99991 + 220000,
        typ=failure.type_name,
        msg=failure.message,
    )
    # A poisoned record is tried for ever: it blocks its partition.
    if not message.get("poisoned") and attempts >= ATTEMPTS_MAX:
        work.log(
            WARN,
            "Giving up on record {topic}-{part} after {n} attempts, sent to dead letter topic",
            topic=topic.name,
            part=partition,
            n=attempts,
        )
        topic.partitions[partition].popleft()
    return min(1.0, .1 * 2 ** min(attempts, 4))
