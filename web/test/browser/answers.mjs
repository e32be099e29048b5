// Runs the module in a Worker of Chromium for `cargo xtask bench wasm`: what `answers` is given comes
// in, what it tells goes out. Arguments: the module, the pack of names.
//
// The page's policy holds here too: what works under it works in the page.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { told } from '../../../crates/wasm/host/told.mjs';
import { chrome } from './chrome.mjs';

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";
const WORKER = `
  import { answers } from '/answers.mjs';
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const given = await (await fetch('/given')).text();
  const told = await answers(await bytes('/module'), await bytes('/names'), given);
  await fetch('/told', { method: 'POST', body: told });
`;
const PAGE = "new Worker('/worker.mjs', { type: 'module' }).onerror = (error) => "
  + "fetch('/failed', { method: 'POST', body: String(error.message) });";

const [module, names] = process.argv.slice(2).map((path) => readFileSync(path));
const files = {
  '/': ['text/html', '<!doctype html><script src="/page.js"></script>'],
  '/page.js': ['text/javascript', PAGE],
  '/worker.mjs': ['text/javascript', WORKER],
  '/answers.mjs': ['text/javascript', readFileSync(new URL('../../../crates/wasm/host/answers.mjs', import.meta.url))],
  '/module': ['application/wasm', module],
  '/names': ['application/octet-stream', names],
  '/given': ['application/x-ndjson', readFileSync(0)],
};

let give;
const answered = new Promise((resolve, reject) => { give = { '/told': resolve, '/failed': reject }; });
const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.writeHead(204).end();
    give[request.url]?.(Buffer.concat(pieces).toString());
    return;
  }
  const [type, bytes] = files[request.url] ?? [];
  response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain', 'content-security-policy': POLICY });
  response.end(bytes);
});
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
const browser = await chrome();
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  told(await answered);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
