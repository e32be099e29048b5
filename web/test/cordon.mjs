// The product's own server for the tests in a browser: the binary that CORDON_BIN names, on a data
// folder of its own, with a recorder of what the browser sends before it. And a trap: another
// origin that counts who comes.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startModel } from './model.mjs';
import { recorder } from './recorder.mjs';

const START_MS_MAX = 60_000;
const TENANT = 'acme';
const OPERATOR = 'ann';

function binary() {
  const path = process.env.CORDON_BIN;
  if (!path) throw new Error('CORDON_BIN names no binary: cargo build -p cordon, and its path');
  return path;
}

/** What lets a test set a program's clock forward; its file holds by how much. */
function clockOf(folder) {
  const places = ['/usr/lib', '/usr/local/lib'].flatMap((place) =>
    ['', ...readdirSync(place)].map((name) => join(place, name, 'faketime/libfaketime.so.1')));
  const library = places.find(existsSync);
  if (!library) throw new Error('libfaketime is missing: apt-get install faketime');
  const file = join(folder, 'clock');
  writeFileSync(file, '+0\n');
  const env = {
    LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
  };
  return { env, forward: (hours) => writeFileSync(file, `+${hours * 3600}\n`) };
}

/** The address that the server says it listens at. */
function listening(server) {
  return new Promise((done, fail) => {
    let said = '';
    const late = setTimeout(() => fail(new Error(`the server does not listen: ${said}`)), START_MS_MAX);
    server.stderr.on('data', (piece) => {
      said += piece;
      const [, port] = /listening http=127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (!port) return;
      clearTimeout(late);
      done(Number(port));
    });
    server.on('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
  });
}

/**
 * Starts a server with one tenant; it is gone when the test ends.
 * @param {import('node:test').TestContext} t
 * @param {{says?: (prompt: string) => string[], stored?: string, clock?: boolean}} [wanted]
 * `says`: with a model that claims so; `stored`: events that its store holds; `clock`: its clock
 * can be set forward
 */
export async function startServer(t, { says, stored, clock: hasClock = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-room-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const model = says ? await startModel(t, says) : null;
  const clock = hasClock ? clockOf(folder) : null;
  const config = join(folder, 'cordon.toml');
  writeFileSync(config, model ? `[model]\nbase_url = "${model.url}"\nmodel = "local-7b"\n` : '');
  const words = ['--data', data, '--config', config];
  const env = { ...process.env, ...clock?.env, USER: OPERATOR };
  const run = (more, input) => {
    const done = spawnSync(binary(), [...words, ...more], { input, env });
    if (done.status !== 0) throw new Error(`cordon ${more[0]}: ${done.status} ${done.stderr}`);
    return done.stdout.toString();
  };
  run(['tenant', 'add', TENANT, '--region', 'eu']);
  if (stored) run(['ingest', '--tenant', TENANT], stored);
  const serving = ['serve', '--listen', '127.0.0.1:0', '--grpc', '127.0.0.1:0'];
  const server = spawn(binary(), [...words, ...serving], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => server.kill('SIGKILL'));
  const wire = await recorder(t, await listening(server));
  return {
    url: `http://127.0.0.1:${wire.port}`,
    run,
    model,
    forward: clock?.forward,
    sent: wire.sent,
    seen: wire.seen,
    /** The token of a new session. */
    session: () => run(['room', '--tenant', TENANT]).trim().split('#session=')[1],
    /** What the files of the data folder that begin so hold, as text of one letter a byte. */
    held: (start) => readdirSync(data).filter((name) => name.startsWith(start))
      .map((name) => readFileSync(join(data, name)).toString('latin1')).join('\n'),
  };
}

/** Writes the page as one file. */
export function exportPage(file) {
  const done = spawnSync(binary(), ['room', '--export', file]);
  if (done.status !== 0) throw new Error(`cordon room --export: ${done.stderr}`);
}

/** Another origin, until the test ends: who comes here has got out. */
export async function trap(t) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('caught');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}
