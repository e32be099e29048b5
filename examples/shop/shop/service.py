"""What every Python service of the shop is made of: server, client, database, cache, partners.

A service's work is waiting: `work` sleeps for a time drawn from a log-normal distribution, so that
many processes share a small machine. How a process behaves is held in `Settings`, which the
recorder changes through `POST /-/settings` of each replica; that path is not instrumented.
"""

import asyncio
import contextlib
import gc
import json
import logging
import math
import os
import random
import threading
import time

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver
from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import SpanKind, StatusCode

from shop.telemetry import Telemetry

SPREAD = 0.25
CALL_TIMEOUT_S = 2.0
POOL_TIMEOUT_S = 1.5
SLOW_WAIT_MS = 150


class Refused(Exception):
    """A request that is answered with a 4xx: the caller's doing."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class UpstreamError(Exception):
    """A service that this one needs did not do its part."""


class InvalidPayload(Exception):
    """An answer of another service does not have the agreed shape."""


class DatabaseError(Exception):
    """The database refused or could not be reached."""


class PoolTimeout(DatabaseError):
    """No connection became free in time."""


class PartnerError(Exception):
    """A company outside refused."""


DEFAULTS = {
    # Set by the operators: configuration and flags.
    "db_user": "app_rw", "db_pool_size": 8, "cache_url": "redis://cache:6379/0",
    "partner_key": "current", "call_timeout_s": CALL_TIMEOUT_S, "requests_per_s_max": 0,
    "workers": 64, "upstream_hosts": {}, "flags": [],
    # How the surroundings behave.
    "db_factor": 1.0, "db_table_factor": {}, "work_factor": 1.0, "partner_factor": 1.0,
    "busy_share": 0.0, "retained_mb_per_s": 0.0, "collect_ms_per_mb": 0.0, "pause_ms": 0,
    "pause_every_s": 0.0, "lock_hold_ms": 0, "blocking_ms": 0, "blocking_share": 1.0,
    "cache_hit_share": 0.85, "partner_flaky_share": 0.01,
    # What the deployed code contains.
    "revisions": [], "revision_share": 1.0, "chatty": "",
    "batch_every_s": 0.0,
}


class Routes(AbstractResolver):
    """Finds a service by name: the port on which the cluster's network takes calls to it."""

    def __init__(self, ports):
        self.ports = ports

    async def resolve(self, host, port=0, family=0):
        """Answers like a name server."""
        if host not in self.ports:
            raise OSError(f"Name or service not known: {host}")
        return [{
            "hostname": host, "host": "127.0.0.1", "port": self.ports[host],
            "family": 2, "proto": 0, "flags": 0,
        }]

    async def close(self):
        """Nothing to close."""


class Service:
    """One process: its routes, its settings and its telemetry."""

    def __init__(self, name, version, instance, host, endpoint, ports, seed):
        self.name = name
        self.telemetry = Telemetry(name, version, instance, host, endpoint)
        self.tracer = self.telemetry.tracer
        self.log = logging.getLogger(f"shop.{name}")
        self.settings = dict(DEFAULTS)
        self.random = random.Random(seed)
        self.ports = ports
        self.session = None
        self.database = Database(self)
        self.locks = {}
        self.active = 0
        self.loop_lag_ms = 0.0
        self.retained = []
        self.admitted = []
        self.app = web.Application(middlewares=[self._traced])
        self.app.router.add_post("/-/settings", self._set)
        self.app.router.add_post("/-/flush", self._flush)
        self.app.on_startup.append(self._begin)
        self.app.on_cleanup.append(self._end)
        self.telemetry.gauge("asyncio.loop.lag", "ms", lambda: round(self.loop_lag_ms, 2))
        self.telemetry.gauge("http.server.active_requests", "{request}", lambda: self.active)

    def flag(self, name):
        """Whether a feature flag is on."""
        return name in self.settings["flags"]

    def revision(self, name):
        """Whether the deployed code contains a change, for this request."""
        share = self.settings["revision_share"]
        return name in self.settings["revisions"] and (share >= 1 or self.random.random() < share)

    # Life of the process.

    async def _begin(self, _app):
        connector = aiohttp.TCPConnector(
            resolver=Routes(self.ports), use_dns_cache=False, force_close=True, limit=0,
        )
        self.session = aiohttp.ClientSession(connector=connector)
        self.background = [
            asyncio.create_task(self._measure_loop()), asyncio.create_task(self._collect()),
            asyncio.create_task(self._run_batches()),
        ]
        threading.Thread(target=self._keep_busy, daemon=True).start()
        self.log.info("%s is ready, pool size %d", self.name, self.settings["db_pool_size"])

    async def _end(self, _app):
        self.log.info("%s is stopping", self.name)
        for task in self.background:
            task.cancel()
        await self.session.close()

    async def _measure_loop(self):
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.05)
            lag_ms = (time.perf_counter() - began - 0.05) * 1000
            self.loop_lag_ms = max(lag_ms, self.loop_lag_ms * 0.9)

    async def _collect(self):
        """Memory that is held on to, and the pauses in which it is searched."""
        last_pause = time.monotonic()
        while True:
            await asyncio.sleep(0.5)
            grow = self.settings["retained_mb_per_s"]
            if grow:
                self.retained.append(bytearray(os.urandom(64) * int(grow * 8_192)))
                pause_ms = sum(map(len, self.retained)) / 1e6 * self.settings["collect_ms_per_mb"]
                gc.collect()
                time.sleep(pause_ms / 1000)
            every_s = self.settings["pause_every_s"]
            if every_s and time.monotonic() - last_pause >= every_s:
                last_pause = time.monotonic()
                gc.collect()
                time.sleep(self.settings["pause_ms"] / 1000)

    async def _run_batches(self):
        while True:
            await asyncio.sleep(self.settings["batch_every_s"] or 1.0)
            if self.settings["batch_every_s"]:
                with self.tracer.start_as_current_span("nightly-report"):
                    self.log.info("report job started")
                    await self.database.query("SELECT", "report_rows", 900)
                    self.log.info("report job wrote %d rows", self.random.randrange(4_000, 9_000))

    def _keep_busy(self):
        """A thread that takes a share of the processor."""
        while True:
            share = self.settings["busy_share"]
            if not share:
                time.sleep(0.2)
                continue
            until = time.perf_counter() + 0.1 * share
            while time.perf_counter() < until:
                sum(range(2_000))
            time.sleep(0.1 * (1 - share))

    async def _set(self, request):
        changed = await request.json()
        self.settings.update(changed)
        if changed.get("retained_mb_per_s") == 0:
            self.retained.clear()
        self.database.resize(self.settings["db_pool_size"])
        return web.json_response({})

    async def _flush(self, _request):
        await asyncio.to_thread(self.telemetry.flush)
        return web.json_response({})

    # The server.

    @web.middleware
    async def _traced(self, request, handler):
        if request.path.startswith("/-/"):
            return await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unknown"
        attributes = {
            "http.request.method": request.method, "http.route": route, "url.path": request.path,
        }
        began = time.perf_counter()
        self.active += 1
        with self.tracer.start_as_current_span(
            f"{request.method} {route}", extract(request.headers), SpanKind.SERVER, attributes,
        ) as span:
            answer = await self._answer(request, handler, span, route)
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 500:
                span.set_status(StatusCode.ERROR)
                self.telemetry.errors.add(1, {"http.route": route})
        self.active -= 1
        labels = {"http.route": route, "http.response.status_code": answer.status}
        self.telemetry.requests.record(time.perf_counter() - began, labels)
        return answer

    async def _answer(self, request, handler, span, route):
        try:
            self._admit()
            async with self._worker():
                if self.random.random() < self.settings["blocking_share"]:
                    time.sleep(self.settings["blocking_ms"] / 1000)
                return await handler(request)
        except Refused as refused:
            self.log.warning("%s %s refused: %s", request.method, route, refused)
            return web.json_response({"error": str(refused)}, status=refused.status)
        except UpstreamError as error:
            self.log.error("%s %s could not be answered: %s", request.method, route, error)
            return web.json_response({"error": "upstream"}, status=502)
        except DatabaseError as error:
            span.record_exception(error)
            self.log.error("%s %s failed in the database: %s", request.method, route, error)
            return web.json_response({"error": "unavailable"}, status=503)
        except Exception as error:  # the server's last resort
            span.record_exception(error)
            self.log.exception("unhandled error in %s %s", request.method, route)
            return web.json_response({"error": "internal"}, status=500)

    def _admit(self):
        limit = self.settings["requests_per_s_max"]
        if limit:
            now = time.monotonic()
            self.admitted = [at for at in self.admitted if at > now - 1]
            if len(self.admitted) >= limit:
                raise Refused(429, f"rate limit of {limit} requests per second reached")
            self.admitted.append(now)

    @contextlib.asynccontextmanager
    async def _worker(self):
        size = self.settings["workers"]
        if self.locks.get("workers", (0, None))[0] != size:
            self.locks["workers"] = (size, asyncio.Semaphore(size))
        began = time.perf_counter()
        async with self.locks["workers"][1]:
            waited_ms = (time.perf_counter() - began) * 1000
            if waited_ms > SLOW_WAIT_MS:
                self.log.warning("request waited %d ms for a worker (workers: %d)", waited_ms, size)
            yield

    # What handlers use.

    async def work(self, median_ms):
        """Thinks for a while."""
        factor = self.settings["work_factor"]
        drawn_ms = median_ms * factor * math.exp(self.random.gauss(0, SPREAD))
        await asyncio.sleep(drawn_ms / 1000)

    @contextlib.asynccontextmanager
    async def lock(self, name):
        """One at a time."""
        async with self.locks.setdefault(name, asyncio.Lock()):
            if self.settings["lock_hold_ms"]:
                await asyncio.sleep(self.settings["lock_hold_ms"] / 1000)
            yield

    async def call(self, service, method, path, body=None, name=None, retries=1):
        """Calls another service and returns what it answered."""
        host = self.settings["upstream_hosts"].get(service, service)
        for attempt in range(retries + 1):
            try:
                return await self._attempt(host, service, method, path, body, name)
            except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
                what = "timed out" if isinstance(error, asyncio.TimeoutError) else str(error)
                if attempt < retries:
                    self.log.warning("call to %s failed, trying again: %s", host, what)
                    await asyncio.sleep(0.03)
                else:
                    raise UpstreamError(f"{host} did not answer: {what}") from error

    async def _attempt(self, host, service, method, path, body, name):
        attributes = {
            "http.request.method": method, "url.full": f"http://{host}:8080{path}",
            "server.address": host,
        }
        with self.tracer.start_as_current_span(
            f"{method} {name or service}", kind=SpanKind.CLIENT, attributes=attributes,
            record_exception=True,
        ) as span:
            headers = {}
            inject(headers)
            timeout = aiohttp.ClientTimeout(total=self.settings["call_timeout_s"])
            async with self.session.request(
                method, f"http://{host}:8080{path}", json=body, headers=headers, timeout=timeout,
            ) as response:
                answer = await response.json()
                span.set_attribute("http.response.status_code", response.status)
                if response.status >= 400:
                    span.set_status(StatusCode.ERROR)
                    if response.status in (402, 404, 409):
                        raise Refused(response.status, answer.get("error", "refused"))
                    raise UpstreamError(f"{service} answered {response.status} to {method} {path}")
                return answer

    async def partner(self, host, method, path, median_ms, known_key=True):
        """Calls a company outside, of which only the client's side is seen."""
        for attempt in (1, 2):
            attributes = {
                "http.request.method": method, "url.full": f"https://{host}{path}",
                "server.address": host,
            }
            with self.tracer.start_as_current_span(
                method, kind=SpanKind.CLIENT, attributes=attributes,
            ) as span:
                drawn_ms = median_ms * self.settings["partner_factor"]
                drawn_ms *= math.exp(self.random.gauss(0, SPREAD))
                flaky = self.random.random() < self.settings["partner_flaky_share"]
                await asyncio.sleep(drawn_ms / 1000)
                status = 504 if flaky else 200
                if known_key and self.settings["partner_key"] != "current":
                    status = 401 if self.settings["partner_key"] == "revoked" else 403
                span.set_attribute("http.response.status_code", status)
                if status == 200:
                    return
                span.set_status(StatusCode.ERROR)
            if status != 504 or attempt == 2:
                raise PartnerError(f"{host} answered {status} to {method} {path}")
            self.log.warning("%s answered %d, trying again", host, status)


class Database:
    """A pool of connections to the service's own PostgreSQL; seen as client spans alone."""

    def __init__(self, service):
        self.service = service
        self.size = service.settings["db_pool_size"]
        self.free = asyncio.Semaphore(self.size)
        self.used = 0
        self.waiting = 0
        gauge = service.telemetry.gauge
        gauge("db.client.connection.used", "{connection}", lambda: self.used)
        gauge("db.client.connection.pending_requests", "{request}", lambda: self.waiting)

    def resize(self, size):
        """Another number of connections."""
        if size != self.size:
            self.size, self.free = size, asyncio.Semaphore(size)

    async def query(self, verb, table, median_ms=6.0):
        """Runs one statement."""
        service, free = self.service, self.free
        began = time.perf_counter()
        self.waiting += 1
        try:
            await asyncio.wait_for(free.acquire(), POOL_TIMEOUT_S)
        except asyncio.TimeoutError:
            raise PoolTimeout(
                f"connection pool limit of size {self.size} reached, timed out after"
                f" {POOL_TIMEOUT_S:.2f} s") from None
        finally:
            self.waiting -= 1
        waited_ms = (time.perf_counter() - began) * 1000
        if waited_ms > SLOW_WAIT_MS:
            service.log.warning(
                "waited %d ms for a database connection (pool size %d)", waited_ms, self.size)
        self.used += 1
        try:
            await self._run(verb, table, median_ms)
        finally:
            self.used -= 1
            free.release()

    async def _run(self, verb, table, median_ms):
        settings = self.service.settings
        attributes = {
            "db.system.name": "postgresql", "db.namespace": self.service.name,
            "db.operation.name": verb, "db.collection.name": table,
            "server.address": f"pg-{self.service.name}",
        }
        with self.service.tracer.start_as_current_span(
            f"{verb} {table}", kind=SpanKind.CLIENT, attributes=attributes,
        ):
            if settings["db_user"] != "app_rw":
                await asyncio.sleep(0.002)
                user = settings["db_user"]
                raise DatabaseError(f'FATAL: password authentication failed for user "{user}"')
            factor = settings["db_factor"] * settings["db_table_factor"].get(table, 1.0)
            drawn_ms = median_ms * factor * math.exp(self.service.random.gauss(0, SPREAD))
            await asyncio.sleep(drawn_ms / 1000)
            if drawn_ms > 250:
                self.service.log.warning("slow query on %s: %d ms", table, drawn_ms)


class Ended:
    """Ends a span that is not made current."""

    def __init__(self, span):
        self.close = span.end


class Cache:
    """A Redis of the service; seen as client spans alone, where its library is instrumented."""

    def __init__(self, service, host, traced=True):
        self.service, self.host = service, host
        self.tracer = service.tracer if traced else trace.NoOpTracer()

    async def get(self, key):
        """Whether the key was found."""
        service = self.service
        attributes = {
            "db.system.name": "redis", "db.operation.name": "GET", "server.address": self.host,
        }
        span = self.tracer.start_span("GET", kind=SpanKind.CLIENT, attributes=attributes)
        with contextlib.closing(Ended(span)):
            await asyncio.sleep(0.0015)
            if service.settings["cache_url"] != DEFAULTS["cache_url"]:
                span.set_status(StatusCode.ERROR, "connection refused")
                service.log.warning("cache %s: connection refused", self.host)
                return False
        hit = service.random.random() < service.settings["cache_hit_share"]
        service.log.debug("cache %s for %s", "hit" if hit else "miss", key)
        return hit


def expect(payload, field, kind, source):
    """One field of another service's answer, of the agreed type."""
    value = payload.get(field)
    if not isinstance(value, kind):
        got = type(value).__name__ if field in payload else "nothing"
        raise InvalidPayload(f"answer of {source}: field '{field}' should be {kind.__name__},"
                             f" got {got}")
    return value


def as_json(payload, status=200):
    """A JSON answer."""
    return web.json_response(payload, status=status, dumps=lambda one: json.dumps(one))
