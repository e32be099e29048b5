// Weighs what the server gives a page, as gzip -9, without the module: what the page opens with,
// at most 60,000 bytes, and what it brings later, when it is wanted or the page idles.
//
//   node web/size.mjs

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const OPENING_BYTES_MAX = 60_000;
const web = new URL('./', import.meta.url);
/** What is asked for beside the modules that `src/main.js` imports. */
const BESIDE = ['index.html', 'icon.svg', 'room.css', 'sw.js', 'src/worker.js'];
const IMPORTED = /^(?:import|export)\b[^'"]*?from '(\.[^']+)';|^import '(\.[^']+)';/gm;
const WANTED = /^(?!.*\/\*\*).*\bimport\('(\.[^']+)'\)/gm;

/** @param {string} name */
const read = (name) => readFileSync(new URL(name, web));

/** Modules that a module names so. @param {string} name @param {RegExp} how */
function named(name, how) {
  const found = [...read(name).toString().matchAll(how)].map(([, one, two]) => one ?? two);
  return found.map((path) => new URL(path, new URL(name, web)).href.slice(web.href.length));
}

/** Modules that come with these. @param {string[]} names @param {Set<string>} seen */
function graph(names, seen = new Set()) {
  for (const name of names) {
    if (!seen.has(name)) graph(named(name, IMPORTED), seen.add(name));
  }
  return seen;
}

/** Names of what the page opens with, and of what comes later. */
export function served() {
  const modules = graph(['src/main.js']);
  const wanted = [...modules].flatMap((name) => named(name, WANTED));
  const later = graph(wanted, new Set(modules));
  return {
    opening: [...BESIDE, ...modules],
    later: [...later].filter((name) => !modules.has(name)),
  };
}

/** @param {string[]} names @returns {[string, number][]} each file and its bytes as gzip */
const weigh = (names) => names.map((name) => [name, gzipSync(read(name), { level: 9 }).length]);
/** @param {[string, number][]} weights */
const sum = (weights) => weights.reduce((all, [, bytes]) => all + bytes, 0);

/** Each file with its weight, the sums, and whether the page opens with too much. */
export function weighed() {
  const { opening, later } = served();
  const [now, then] = [weigh(opening), weigh(later)];
  const [first, all] = [sum(now), sum(now) + sum(then)];
  return { now, then, first, all, limit: OPENING_BYTES_MAX, fits: first <= OPENING_BYTES_MAX };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { now, then, first, all, limit, fits } = weighed();
  const say = (/** @type {number} */ bytes, /** @type {string} */ what) =>
    console.log(String(bytes).padStart(7), what);
  const heavy = (/** @type {[string, number][]} */ weights) => weights.sort((a, b) => b[1] - a[1]);
  for (const [name, bytes] of heavy(now)) say(bytes, name);
  say(first, `to open the page, of ${limit}`);
  for (const [name, bytes] of heavy(then)) say(bytes, name);
  say(all, 'all in all, with what comes later');
  process.exitCode = fits ? 0 : 1;
}
