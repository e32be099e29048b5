// Made of src/sw.js by pack.mjs: read it there, with its comments.
const scope = (self);
const home = scope.location.origin;
const FILE = /^\/(?:[\w.-]{1,64}\/){0,4}[\w.-]{0,64}$/;
const API = /^\/api\/[a-z/]{1,40}$/;
function passes(request) {
const url = new URL(request.url);
if (url.origin !== home || url.search !== '' || url.username !== '') return false;
if (request.method === 'GET') return FILE.test(url.pathname);
return request.method === 'POST' && API.test(url.pathname);
}
scope.addEventListener('install', () => scope.skipWaiting());
scope.addEventListener('activate', (event) => {
event.waitUntil(scope.clients.claim());
});
scope.addEventListener('fetch', (event) => {
if (passes(event.request)) return; // the browser goes on by itself
event.respondWith(Response.error());
});
