// What the Node services are made of: server, client, database. The same settings as in Python.
'use strict';

const http = require('node:http');
const net = require('node:net');
const { context, trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { getRPCMetadata } = require('@opentelemetry/core');
const { gauge } = require('./telemetry');

const SPREAD = 0.25;
const SLOW_WAIT_MS = 150;
const POOL_TIMEOUT_MS = 1500;

const DEFAULTS = {
  db_user: 'app_rw', db_pool_size: 8, call_timeout_s: 2.0, requests_per_s_max: 0, workers: 64,
  upstream_hosts: {}, flags: [], db_factor: 1, db_table_factor: {}, work_factor: 1,
  busy_share: 0, retained_mb_per_s: 0, collect_ms_per_mb: 0, pause_ms: 0, pause_every_s: 0,
  lock_hold_ms: 0, blocking_ms: 0, blocking_share: 1, revisions: [], revision_share: 1, chatty: '',
};

const sleep = (duration_ms) => new Promise((done) => setTimeout(done, duration_ms));
const cell = new Int32Array(new SharedArrayBuffer(4));
/** Holds up the whole process. */
const block = (duration_ms) => { if (duration_ms > 0) Atomics.wait(cell, 0, 0, duration_ms); };

/** A request that is answered with a 4xx: the caller's doing. */
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

/** A service that this one needs did not do its part. */
class UpstreamError extends Error {
  constructor(message) {
    super(message);
    this.name = 'UpstreamError';
  }
}

/** The database refused or could not be reached. */
class DatabaseError extends Error {
  constructor(message) {
    super(message);
    this.name = 'DatabaseError';
  }
}

/** A counting lock whose size may change. */
class Slots {
  constructor(size) {
    this.size = size;
    this.used = 0;
    this.waiting = [];
  }

  /** Waits for a slot; false when none became free in time. */
  take(timeout_ms) {
    if (this.used < this.size) {
      this.used += 1;
      return Promise.resolve(true);
    }
    return new Promise((done) => {
      const waiter = { done };
      waiter.timer = setTimeout(() => {
        this.waiting = this.waiting.filter((one) => one !== waiter);
        done(false);
      }, timeout_ms);
      this.waiting.push(waiter);
    });
  }

  give() {
    this.used -= 1;
    while (this.waiting.length && this.used < this.size) {
      const waiter = this.waiting.shift();
      clearTimeout(waiter.timer);
      this.used += 1;
      waiter.done(true);
    }
  }

  resize(size) {
    this.size = size;
  }
}

/** One process: its routes, its settings and its telemetry. */
class Service {
  constructor(name, telemetry, ports, seed) {
    this.name = name;
    this.telemetry = telemetry;
    this.log = telemetry.log;
    this.settings = { ...DEFAULTS };
    this.ports = ports;
    this.routes = [];
    this.state = seed >>> 0;
    this.retained = [];
    this.admitted = [];
    this.pool = new Slots(this.settings.db_pool_size);
    this.workers = new Slots(this.settings.workers);
    this.single = new Slots(1);
    this.errors = telemetry.meter.createCounter('http.server.errors', { unit: '{error}' });
    gauge(telemetry.meter, 'db.client.connection.used', '{connection}', () => this.pool.used);
    gauge(telemetry.meter, 'db.client.connection.pending_requests', '{request}',
      () => this.pool.waiting.length);
    this.keepHouse();
  }

  /** A number from 0 to 1 (mulberry32), so that a seed decides. */
  random() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  drawn(median_ms) {
    const normal = Math.sqrt(-2 * Math.log(1 - this.random()))
      * Math.cos(2 * Math.PI * this.random());
    return median_ms * Math.exp(SPREAD * normal);
  }

  flag(name) { return this.settings.flags.includes(name); }

  revision(name) {
    return this.settings.revisions.includes(name) && this.random() < this.settings.revision_share;
  }

  work(median_ms) { return sleep(this.drawn(median_ms) * this.settings.work_factor); }

  keepHouse() {
    let paused = Date.now();
    setInterval(() => {
      const { retained_mb_per_s: grow, collect_ms_per_mb: each, pause_every_s: every } =
        this.settings;
      if (grow) {
        this.retained.push(Buffer.alloc(grow * 524288, 1));
        block(this.retained.reduce((sum, one) => sum + one.length, 0) / 1e6 * each);
      }
      if (every && Date.now() - paused > every * 1000) {
        paused = Date.now();
        block(this.settings.pause_ms);
      }
    }, 500);
    const burn = () => {
      const share = this.settings.busy_share;
      const until = performance.now() + 40 * share;
      while (performance.now() < until);
      setTimeout(burn, share ? 40 * (1 - share) : 200);
    };
    burn();
  }

  async lock(body) {
    await this.single.take(60000);
    try {
      if (this.settings.lock_hold_ms) await sleep(this.settings.lock_hold_ms);
      return await body();
    } finally {
      this.single.give();
    }
  }

  // The server.

  on(method, pattern, handler) {
    const names = [];
    const source = pattern.replace(/:(\w+)/g, (_, name) => { names.push(name); return '([^/]+)'; });
    this.routes.push({ method, pattern, names, test: new RegExp(`^${source}$`), handler });
  }

  listen(port) {
    http.createServer((request, response) => this.serve(request, response))
      .listen(port, '127.0.0.1');
    this.log.info(`${this.name} listening on 8080`);
  }

  async serve(request, response) {
    const url = new URL(request.url, 'http://shop.example');
    const body = await read(request);
    if (url.pathname.startsWith('/-/')) {
      await this.administer(url.pathname, body);
      send(response, 200, {});
      return;
    }
    const route = this.routes.find(
      (one) => one.method === request.method && one.test.test(url.pathname));
    const pattern = route ? route.pattern : 'unknown';
    const metadata = getRPCMetadata(context.active());
    if (metadata) metadata.route = pattern;
    const span = trace.getActiveSpan();
    if (span) span.updateName(`${request.method} ${pattern}`);
    const [status, answer] = await this.answer(route, url, body, request, span);
    if (status >= 500) this.errors.add(1, { 'http.route': pattern });
    send(response, status, answer);
  }

  async answer(route, url, body, request, span) {
    const asked = { url, headers: request.headers, span, parameters: {}, body: {} };
    const where = `${request.method} ${route ? route.pattern : url.pathname}`;
    let inside = false;
    try {
      this.admit();
      inside = await this.enter();
      if (!route) throw new Refused(404, 'no such page');
      const found = route.test.exec(url.pathname).slice(1);
      route.names.forEach((name, index) => { asked.parameters[name] = found[index]; });
      if (body) asked.body = JSON.parse(body);
      if (this.random() < this.settings.blocking_share) block(this.settings.blocking_ms);
      return await route.handler(asked);
    } catch (error) {
      return this.failed(error, where, span);
    } finally {
      if (inside) this.workers.give();
    }
  }

  failed(error, where, span) {
    if (error instanceof Refused) {
      this.log.warn(`${where} refused: ${error.message}`);
      return [error.status, { error: error.message }];
    }
    if (error instanceof UpstreamError) {
      this.log.error(`${where} could not be answered: ${error.message}`);
      return [502, { error: 'upstream' }];
    }
    if (span) span.recordException(error);
    this.log.error(`${where} failed: ${error.message}`, {
      'exception.type': error.name, 'exception.message': error.message,
      'exception.stacktrace': error.stack,
    });
    return [error instanceof DatabaseError ? 503 : 500, { error: 'internal' }];
  }

  admit() {
    const limit = this.settings.requests_per_s_max;
    if (!limit) return;
    const now = Date.now();
    this.admitted = this.admitted.filter((at) => at > now - 1000);
    if (this.admitted.length >= limit) {
      throw new Refused(429, `rate limit of ${limit} requests per second reached`);
    }
    this.admitted.push(now);
  }

  async enter() {
    const began = performance.now();
    await this.workers.take(60000);
    const waited_ms = Math.round(performance.now() - began);
    if (waited_ms > SLOW_WAIT_MS) {
      this.log.warn(`request waited ${waited_ms} ms for a worker (workers: ${this.workers.size})`);
    }
    return true;
  }

  async administer(path, body) {
    if (path === '/-/flush') {
      await this.telemetry.flush();
      return;
    }
    const changed = JSON.parse(body);
    Object.assign(this.settings, changed);
    if (changed.retained_mb_per_s === 0) this.retained = [];
    this.pool.resize(this.settings.db_pool_size);
    this.workers.resize(this.settings.workers);
  }

  // What handlers use.

  async call(service, method, path, body, retries = 1) {
    const host = this.settings.upstream_hosts[service] || service;
    for (let attempt = 0; ; attempt += 1) {
      let found;
      try {
        found = await this.attempt(host, method, path, body);
      } catch (error) {
        if (attempt < retries) {
          this.log.warn(`call to ${host} failed, trying again: ${error.message}`);
          await sleep(30);
          continue;
        }
        throw new UpstreamError(`${host} did not answer: ${error.message}`);
      }
      if ([400, 402, 404, 409].includes(found.status)) {
        throw new Refused(found.status, found.answer.error || 'refused');
      }
      if (found.status >= 400) {
        throw new UpstreamError(`${service} answered ${found.status} to ${method} ${path}`);
      }
      return found.answer;
    }
  }

  attempt(host, method, path, body) {
    const ports = this.ports;
    const agent = new http.Agent({ keepAlive: false });
    agent.createConnection = (options, callback) => {
      if (ports[host]) return net.connect({ host: '127.0.0.1', port: ports[host] }, callback);
      const socket = new net.Socket();
      const error = new Error(`getaddrinfo ENOTFOUND ${host}`);
      setImmediate(() => socket.destroy(Object.assign(error, { code: 'ENOTFOUND' })));
      return socket;
    };
    return new Promise((done, failed) => {
      const headers = body ? { 'content-type': 'application/json' } : {};
      const options = { host, port: 8080, method, path, headers, agent };
      const request = http.request(options, (response) => {
        const status = response.statusCode;
        read(response).then((text) => done({ status, answer: JSON.parse(text) })).catch(failed);
      });
      request.setTimeout(this.settings.call_timeout_s * 1000, () => {
        request.destroy(new Error(`timeout of ${this.settings.call_timeout_s} s exceeded`));
      });
      request.on('error', failed);
      request.end(body ? JSON.stringify(body) : undefined);
    });
  }

  async query(verb, table, median_ms = 6) {
    const began = performance.now();
    if (!await this.pool.take(POOL_TIMEOUT_MS)) {
      throw new DatabaseError(`no connection of the pool (size ${this.pool.size}) became free`
        + ` within ${POOL_TIMEOUT_MS} ms`);
    }
    try {
      const waited_ms = Math.round(performance.now() - began);
      if (waited_ms > SLOW_WAIT_MS) {
        this.log.warn(`waited ${waited_ms} ms for a database connection`
          + ` (pool size ${this.pool.size})`);
      }
      await this.run(verb, table, median_ms);
    } finally {
      this.pool.give();
    }
  }

  run(verb, table, median_ms) {
    const attributes = {
      'db.system.name': 'postgresql', 'db.namespace': this.name, 'db.operation.name': verb,
      'db.collection.name': table, 'server.address': `pg-${this.name}`,
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    const name = `pg.query:${verb} ${table}`;
    return this.telemetry.tracer.startActiveSpan(name, options, async (span) => {
      try {
        if (this.settings.db_user !== 'app_rw') {
          await sleep(2);
          const user = this.settings.db_user;
          throw new DatabaseError(`password authentication failed for user "${user}"`);
        }
        const factor = this.settings.db_factor * (this.settings.db_table_factor[table] || 1);
        const drawn_ms = this.drawn(median_ms) * factor;
        await sleep(drawn_ms);
        if (drawn_ms > 250) this.log.warn(`slow query on ${table}: ${Math.round(drawn_ms)} ms`);
      } catch (error) {
        span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

function read(stream) {
  return new Promise((done, failed) => {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => done(Buffer.concat(parts).toString()));
    stream.on('error', failed);
  });
}

function send(response, status, answer) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

module.exports = { Service, Refused, UpstreamError };
