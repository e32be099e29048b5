// The page's files with the headers that the product sends, for the tests in a browser; and a
// trap: another origin that counts who comes.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../', import.meta.url));
const TYPES = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml', wasm: 'application/wasm', json: 'application/json',
};
const POLICY = [
  "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "connect-src 'self'",
  "worker-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", 'trusted-types cordon',
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

const listening = (server) => new Promise((done) => {
  server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`));
});

/**
 * Serves the page; `api(path, body, answer)` answers POSTs.
 * `seen` holds every request: method and path.
 */
export async function start(api = (_path, _body, answer) => answer(404, { code: 'none', text: 'none' })) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://here').pathname;
    seen.push(`${request.method} ${request.url}`);
    if (request.method === 'POST') {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      const body = Buffer.concat(pieces).toString();
      api(path, body, (status, told) => {
        const text = typeof told === 'string' ? told : JSON.stringify(told);
        response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' }).end(text);
      }, request);
      return;
    }
    const name = path === '/' ? 'index.html' : path.slice(1);
    const isFile = /^(vendor\/)?[\w.-]+\.(html|js|css|svg|wasm|json)$/.test(name);
    try {
      const bytes = isFile ? await readFile(`${web}${name}`) : null;
      if (!bytes) throw new Error('no such file');
      const type = TYPES[name.split('.').pop()];
      response.writeHead(200, { ...HEADERS, 'content-type': type }).end(bytes);
    } catch {
      response.writeHead(404, HEADERS).end();
    }
  });
  const url = await listening(server);
  return { url, seen, stop: () => server.closeAllConnections() ?? server.close() };
}

/** Another origin: who comes here has got out. */
export async function trap() {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('caught');
  });
  const url = await listening(server);
  return { url, seen, stop: () => server.closeAllConnections() ?? server.close() };
}
