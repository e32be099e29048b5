"""What a service does with a request: uses a processor, calls others, waits for data bases.

Each function is a process of the kernel and records the spans that its service would.
"""

from dataclasses import dataclass
from typing import Callable

from . import dialects
from .kernel import Event, Failure
from .world import CLIENT, ERROR, INTERNAL, SERVER, Work

POOL_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True)
class Operation:
    """What a service answers."""

    protocol: str
    handler: Callable
    method: str = ""
    route: str = ""


def use_cpu(work, milliseconds):
    """Needs a core for about so long; a pause of the process is waited for on the core."""
    work.must_live()
    replica, world = work.replica, work.world
    cores = replica.cores
    yield cores.acquire()
    drawn = .6 + .4 * world.random.expovariate(1.0)
    seconds = milliseconds / 1000.0 * drawn * replica.cpu_factor
    yield seconds
    replica.cpu_seconds += seconds
    replica.young_bytes += .4e6
    yield from wait_for_pause(work)
    cores.release()
    work.must_live()


def wait_for_pause(work):
    """Waits while the process stands still."""
    replica, simulation = work.replica, work.world.simulation
    while replica.paused_until > simulation.now:
        yield replica.paused_until - simulation.now


def internally(work, name, step, attributes):
    """Runs a step below a span of its own."""
    span = work.world.below(work, name, INTERNAL, attributes)
    try:
        value = yield from step(work.within(span))
    except Failure as failure:
        if not failure.dead:
            work.world.finish(span, failure.message)
        raise
    work.world.finish(span)
    return value


def hold_lock(work, seconds):
    """Holds the lock of the replica about so long, or as long as the setting says."""
    lock = work.replica.lock
    yield lock.acquire()
    yield work.service.settings.get("hold", seconds) * work.random.uniform(.7, 1.3)
    lock.release()
    work.must_live()


def all_of(work, generators):
    """Runs several at once; how each of them ended."""
    events = [work.world.simulation.spawn(generator) for generator in generators]
    ends = []
    for event in events:
        ends.append((yield event))
    work.must_live()
    return ends


def call(work, target, operation, timeout=1.0, retries=0, backoff=.03):
    """Calls another service, and again where that may help."""
    for attempt in range(retries + 1):
        try:
            return (yield from call_once(work, target, operation, timeout, attempt))
        except Failure as failure:
            is_final = failure.dead or not failure.retry or failure.by_user
            if is_final or attempt == retries:
                raise
            yield backoff * (1 + work.random.random())


def call_once(work, target, key, timeout, attempt):
    """Calls another service once."""
    work.must_live()
    world, simulation = work.world, work.world.simulation
    service = world.services[target]
    operation = service.operations[key]
    host = dialects.address(work.service, target)
    span = _client_span(work, operation, key, host)
    if attempt and work.service.language in ("java", "go"):
        count = "http.request.resend_count" if operation.protocol == "http" else "rpc.retry"
        span.attributes[count] = attempt
    answer = Event()
    simulation.after(timeout, simulation.fire, answer, ("timeout", None))
    replica = service.pick()
    delay = world.network_seconds(work.service, service)
    if replica is None:
        simulation.after(.001, simulation.fire, answer, ("refused", None))
    elif delay is not None:
        asked = (world, replica, key, span.trace_id, span.span_id, work.sampled, work.request)
        simulation.after(delay, arrive, *asked, answer, work.service)
    how, value = yield answer
    yield from wait_for_pause(work)
    work.must_live()
    if how == "ok":
        is_rpc = operation.protocol == "grpc"
        status = "rpc.grpc.status_code" if is_rpc else dialects.status_key(work.service)
        span.attributes[status] = 0 if is_rpc else _status_of(value)
        world.finish(span)
        return value
    if how == "failed":
        raise _answered_failure(work, span, operation, host, value)
    raise _unanswered(work, span, operation, host, how, timeout)


def _status_of(value):
    return value.get("status", 200) if isinstance(value, dict) else 200


def _client_span(work, operation, key, host):
    me = work.service
    if operation.protocol == "grpc":
        attributes = dialects.rpc_attributes(me, key, host)
        return work.world.below(work, key, CLIENT, attributes)
    path = dialects.path_of(operation.route, work.request)
    name = dialects.http_client_name(me, operation.method, path)
    attributes = dialects.http_client_attributes(me, operation.method, path, host)
    return work.world.below(work, name, CLIENT, attributes)


def _answered_failure(work, span, operation, host, failure):
    """What the caller makes of an answer that is an error."""
    me = work.service
    type_name = dialects.remote_error_type(me, operation.protocol)
    if operation.protocol == "grpc":
        span.attributes["rpc.grpc.status_code"] = failure.grpc
        said = f"{dialects.GRPC_CODES.get(failure.grpc, 'UNKNOWN')}: {failure.message}"
        work.world.finish(span, "" if me.language == "java" else said)
        message = f"{dialects.GRPC_CODES.get(failure.grpc)}: {failure.message}"
        return Failure(failure.http, failure.grpc, type_name, message, retry=failure.retry)
    span.attributes[dialects.status_key(me)] = failure.http
    if me.kind.conventions == "new":
        span.attributes["error.type"] = str(failure.http)
    work.world.finish(span, "")
    path = dialects.path_of(operation.route, work.request)
    message = f"{failure.http} from {operation.method} http://{host}:8080{path}"
    http = failure.http if failure.by_user else 502
    return Failure(http, failure.grpc, type_name, message, retry=failure.retry)


def _unanswered(work, span, operation, host, how, timeout):
    """What the caller makes of no answer at all."""
    me = work.service
    message = {
        "timeout": (
            "context deadline exceeded"
            if me.language == "go"
            else f"Read timed out after {int(timeout * 1000)} ms"
        ),
        "refused": f"connection refused: {host}:8080",
        "reset": "connection reset by peer",
    }[how]
    grpc = 4 if how == "timeout" else 14
    if operation.protocol == "grpc":
        span.attributes["rpc.grpc.status_code"] = grpc
    elif me.kind.conventions == "new":
        span.attributes["error.type"] = dialects.NO_ANSWER_CODES[how]
    http = 504 if how == "timeout" else 503
    failure = Failure(http, grpc, dialects.no_answer_type(me, how), message)
    if me.language in ("java", "python", "nodejs"):
        work.world.add_exception(span, failure)
    work.world.finish(span, message)
    return failure


def arrive(world, replica, key, trace_id, parent_id, sampled, request, answer, caller):
    """A request reaches a replica."""
    if replica.is_down:
        world.simulation.after(.0005, world.simulation.fire, answer, ("refused", None))
        return
    asked = (trace_id, parent_id, sampled, request)
    world.simulation.spawn(serve(world, replica, key, asked, answer, caller))


def serve(world, replica, key, asked, answer, caller):
    """Answers a request: waits for a worker, runs the handler, tells of failures."""
    service, epoch, workers = replica.service, replica.epoch, replica.workers
    operation = service.operations[key]
    replica.in_flight[answer] = 1
    begins_early = service.kind.span_begins == "arrival"
    span = _server_span(world, replica, operation, key, asked) if begins_early else None
    yield workers.acquire()
    if replica.epoch != epoch:
        return
    if span is None:
        span = _server_span(world, replica, operation, key, asked)
    work = Work(world, replica, span, asked[3], epoch)
    try:
        yield from disturb(work, key, work.request, 1.0)
        value = yield from operation.handler(work)
        how, error, status = ("ok", value), None, _status_of(value)
        is_rpc = operation.protocol == "grpc"
        status_key = "rpc.grpc.status_code" if is_rpc else dialects.status_key(service)
        span.attributes[status_key] = 0 if is_rpc else status
    except Failure as failure:
        if failure.dead or replica.epoch != epoch:
            return
        if failure.type_name != "user" and not failure.by_user:
            _tell_failure(work, operation, key, failure)
        status = failure.http
        passed_on = Failure(
            failure.http, failure.grpc, failure.type_name, failure.message, retry=failure.retry
        )
        how, error = ("failed", passed_on), _mark_failed(work, operation, failure)
    finally:
        replica.in_flight.pop(answer, None)
        if replica.epoch == epoch:
            workers.release()
    world.finish(span, error)
    replica.count_duration(key, status, world.simulation.now - span.start)
    delay = world.network_seconds(service, caller)
    if delay is not None:
        world.simulation.after(delay, world.simulation.fire, answer, how)


def _server_span(world, replica, operation, key, asked):
    trace_id, parent_id, sampled, request = asked
    service = replica.service
    if operation.protocol == "grpc":
        name, attributes = key, dialects.rpc_attributes(service, key)
    else:
        method, route = operation.method, operation.route
        path = dialects.path_of(route, request)
        name = dialects.http_server_name(service, method, route, path)
        attributes = dialects.http_server_attributes(service, method, route, path)
    return world.start(replica, trace_id, parent_id, sampled, name, SERVER, attributes)


def disturb(work, key, subject, cpu_milliseconds):
    """What a fault does to an operation: it takes longer, or fails before it has begun."""
    draw, delays, failures = work.random, work.service.delays, work.service.failures
    delay = delays.get(key) or delays.get("*")
    if delay and (delay.share is None or draw.random() < delay.share):
        yield delay.seconds * draw.uniform(.7, 1.4)
    fault = failures.get(key) or failures.get("*")
    if fault and (fault.only is None or fault.only(subject)) and draw.random() < fault.share:
        yield from use_cpu(work, cpu_milliseconds)
        raise fault.make(subject)


def _tell_failure(work, operation, key, failure):
    """Writes what the framework writes of an exception that nobody caught."""
    language = work.service.language
    if failure.origin or language in ("java", "python", "dotnet"):
        work.world.add_exception(work.span, failure)
    asked = key
    if operation.protocol == "http":
        asked = f"{operation.method} {dialects.path_of(operation.route, work.request)}"
    if language in ("java", "dotnet"):
        stack = dialects.stack_trace(work.service, failure) if failure.origin else ""
        text = "Servlet.service() for {op} threw exception: {typ}: {msg}"
        fields = {"typ": failure.type_name, "msg": failure.message, "stacktrace": stack}
    elif language == "python":
        text = "Unhandled exception in {op}: {typ}: {msg}"
        fields = {"typ": failure.type_name, "msg": failure.message}
    else:
        is_plain = work.service.kind.logs == "plain"
        text = "request failed op={op} err={msg}" if is_plain else "request failed"
        fields = {"msg": failure.message}
    work.log(ERROR, text, op=asked, **fields)


def _mark_failed(work, operation, failure):
    """Puts the failure on the server span; the error of its status."""
    attributes = work.span.attributes
    if operation.protocol == "grpc":
        attributes["rpc.grpc.status_code"] = failure.grpc
        return None if failure.by_user else failure.message
    attributes[dialects.status_key(work.service)] = failure.http
    if work.service.kind.conventions == "new" and not failure.by_user:
        code = failure.type_name if failure.origin else str(failure.http)
        attributes["error.type"] = code
    return None if failure.by_user else ""


def query(work, name, operation, table, statement, cost=1.0, timeout=2.0, is_held=False):
    """One call to a data base, cache or partner, seen as a client span alone."""
    work.must_live()
    world, peer = work.world, work.world.peers[name]
    pool = None if is_held else work.replica.pools.get(name)
    if pool is not None:
        yield from take_connection(work, pool)
    span = _peer_span(work, peer, operation, table, statement)
    how = yield from _ask_peer(work, peer, cost, timeout)
    yield from wait_for_pause(work)
    if pool is not None:
        pool.release()
    work.must_live()
    if how == "ok":
        if peer.system == "http":
            span.attributes[dialects.status_key(work.service)] = 200
        world.finish(span)
        return
    message = (
        f"Connection to {peer.host} refused"
        if how == "refused"
        else f"timeout waiting for response from {peer.host}"
    )
    type_name = dialects.peer_error_type(work.service, peer)
    failure = Failure(503, 14, type_name, message, frame="Client.query(Client:88)")
    if work.service.language in ("java", "python", "dotnet"):
        world.add_exception(span, failure)
    world.finish(span, message)
    raise failure


def _peer_span(work, peer, operation, table, statement):
    me = work.service
    if peer.system == "http":
        name = dialects.http_client_name(me, operation, statement)
        attributes = dialects.http_client_attributes(me, operation, statement, peer.host, 443)
    else:
        name = operation if peer.system == "redis" else f"{operation} {table}"
        attributes = dialects.peer_attributes(me, peer, operation, table, statement)
    return work.world.below(work, name, CLIENT, attributes)


def _ask_peer(work, peer, cost, timeout):
    """Waits for a peer: "ok", "refused" or "timeout"."""
    draw, simulation = work.random, work.world.simulation
    delay = work.world.network_seconds(work.service, None)
    if peer.refused_share and draw.random() < peer.refused_share:
        yield .002
        return "refused"
    if delay is None or (peer.hanging_share and draw.random() < peer.hanging_share):
        yield float(timeout)
        return "timeout"
    yield delay
    asked = simulation.now
    has_place = yield peer.servers.acquire(timeout)
    if not has_place:
        return "timeout"
    drawn = .5 + .5 * draw.expovariate(1.0)
    seconds = peer.mean_seconds * cost * peer.slower * drawn
    yield seconds + peer.added_seconds * draw.uniform(.6, 1.5)
    peer.servers.release()
    yield delay
    return "timeout" if simulation.now - asked > timeout else "ok"


def take_connection(work, pool):
    """Takes a connection from the pool, or fails when there is none in time."""
    has_one = yield pool.acquire(POOL_TIMEOUT_SECONDS)
    if not has_one:
        type_name, message, frame = dialects.pool_error(work.service)
        raise Failure(500, 14, type_name, message, origin=True, frame=frame)
