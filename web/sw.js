// @ts-check
// The guard: what the page asks of the network goes through here, and only two kinds of request
// get past: GET of the page's own files, without a query that could carry data, and POST to
// `/api/`. It keeps nothing.

const scope = /** @type {any} */ (self);
const home = scope.location.origin;
/** Files of the page: the page itself, this file, and short names under the hash of all of them. */
const FILE = /^\/(?:sw\.js|room\/[0-9a-f]{8,64}\/(?:(?:src|vendor)\/)?[a-z_]{1,24}(?:\.[a-z]{2,6}){1,2})?$/;
const API = /^\/api\/[a-z/]{1,40}$/;

/** @param {Request} request */
function passes(request) {
  const url = new URL(request.url);
  if (url.origin !== home || url.search !== '' || url.username !== '') return false;
  if (request.method === 'GET') return FILE.test(url.pathname);
  return request.method === 'POST' && API.test(url.pathname);
}

scope.addEventListener('install', () => scope.skipWaiting());
scope.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(scope.clients.claim());
});
scope.addEventListener('fetch', (/** @type {any} */ event) => {
  if (passes(event.request)) return; // the browser goes on by itself
  event.respondWith(Response.error());
});
