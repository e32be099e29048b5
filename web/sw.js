// @ts-check
// The guard: what the page asks of the network goes through here, and only two kinds of request
// get past: GET of the page's own files, without a query that could carry data, and POST to
// `/api/`. It keeps nothing.

const scope = /** @type {any} */ (self);
const home = scope.location.origin;
/** Files of the page: short paths of plain letters, which no data fits in. */
const FILE = /^\/(?:[\w.-]{1,64}\/){0,4}[\w.-]{0,64}$/;
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
