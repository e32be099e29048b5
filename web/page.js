// Made of src/ by pack.mjs: read it there, with its comments.
import { batch, html, render, signal, useEffect, useLayoutEffect, useRef, useState } from './vendor/preact.js';
// src/engine.js
const WORKER = new URL('./worker.js', import.meta.url).href;
const MODULE = new URL('./cordon.wasm', import.meta.url).href;
const PACK = new URL('./names.pack', import.meta.url).href;
const GUARD = new URL('sw.js', document.baseURI).href;
const types = (globalThis).trustedTypes;
const known = (url) => {
if (url !== WORKER && url !== GUARD) throw new TypeError('not a script of this page');
return url;
};
const scripts = types?.createPolicy('cordon', { createScriptURL: known }) ?? {
createScriptURL: known,
};
class EngineError extends Error {
constructor(code, message) {
super(message);
this.code = code;
}
}
class Engine {
constructor() {
this.asked = 0;
this.waiting = new Map();
this.worker = null;
}
async start() {
this.stop('the engine was started again');
const worker = new Worker(scripts.createScriptURL(WORKER), { type: 'module', name: 'cordon' });
worker.onmessage = ({ data }) => this.told(data);
worker.onerror = () => this.stop('the engine does not run in this browser');
this.worker = worker;
return this.ask('start', { wasm: null, url: MODULE });
}
stop(why) {
this.worker?.terminate();
this.worker = null;
for (const { fail } of this.waiting.values()) fail(new EngineError('stopped', why));
this.waiting.clear();
}
ask(act, given = {}, moved = []) {
if (!this.worker) return Promise.reject(new EngineError('stopped', 'the engine is not running'));
this.asked += 1;
const id = this.asked;
const { worker } = this;
return new Promise((give, fail) => {
this.waiting.set(id, { give, fail });
worker.postMessage({ ...given, id, act }, moved);
});
}
told(data) {
const waiting = this.waiting.get(data.id);
this.waiting.delete(data.id);
if (data.error) waiting?.fail(new EngineError(data.error.code, data.error.message));
else waiting?.give(data);
}
}
let names = null;
function namesPack() {
names ??= fetch(PACK).then(async (response) => {
if (!response.ok) throw new EngineError('names', 'the recogniser of names is not to be had here');
return new Uint8Array(await response.arrayBuffer());
});
names.catch(() => (names = null));
return names;
}
const exported = document.documentElement.dataset['exported'] === 'true';
async function startGuard() {
if (exported || !('serviceWorker' in navigator)) return false;
try {
await navigator.serviceWorker.register(scripts.createScriptURL(GUARD), { scope: './' });
return true;
} catch {
return false;
}
}
// src/text.js
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encode = (text) => encoder.encode(text);
const decode = (bytes) => decoder.decode(bytes);
const width = (point) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
function toUnits(text, offsets) {
const units = [];
let byte = 0;
let unit = 0;
for (const offset of offsets) {
while (unit < text.length) {
const point = text.codePointAt(unit) ?? 0;
if (byte + width(point) > offset) break;
byte += width(point);
unit += point > 0xffff ? 2 : 1;
}
units.push(unit);
}
return units;
}
function toBytes(text, unit) {
let bytes = 0;
for (let at = 0; at < Math.min(unit, text.length); ) {
const point = text.codePointAt(at) ?? 0;
bytes += width(point);
at += point > 0xffff ? 2 : 1;
}
return bytes;
}
function wholeCharacters(bytes) {
let from = 0;
while (from < Math.min(3, bytes.length) && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
let last = bytes.length - 1;
while (last > bytes.length - 4 && last >= from && ((bytes[last] ?? 0) & 0xc0) === 0x80) last -= 1;
const lead = bytes[last] ?? 0;
const wanted = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
const to = last >= from && last + wanted > bytes.length ? last : bytes.length;
return { from, to };
}
const HIDDEN = new RegExp(
'[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5' +
'\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0' +
'\\ufff9-\\ufffb]',
'g',
);
function hidden(text) {
return [...text.matchAll(HIDDEN)].map((match) => match.index);
}
function visible(text) {
return text.replace(HIDDEN, (sign) => {
const code = sign.charCodeAt(0);
if (code < 0x20) return String.fromCharCode(0x2400 + code);
return code === 0x7f ? '\u2421' : '\u25af';
});
}
function codeName(sign) {
return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
const UNITS = ['bytes', 'kB', 'MB', 'GB'];
function size(bytes) {
let unit = 0;
let value = bytes;
while (value >= 1000 && unit < UNITS.length - 1) {
value /= 1000;
unit += 1;
}
if (unit === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}
const number = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
const counted = (count, one, many = `${one}s`) =>
`${number(count)} ${count === 1 ? one : many}`;
function shape(value) {
return value
.replace(/\p{Lu}/gu, 'A')
.replace(/\p{L}/gu, (letter) => (letter === 'A' ? 'A' : 'a'))
.replace(/\p{N}/gu, '0');
}
function toBase64(bytes) {
let binary = '';
for (let at = 0; at < bytes.length; at += 0x8000) {
binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
}
return btoa(binary);
}
function fromBase64(text) {
const standard = text.replace(/-/g, '+').replace(/_/g, '/');
return Uint8Array.from(atob(standard), (sign) => sign.charCodeAt(0));
}
const toBase64Url = (bytes) =>
toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
// src/findings.js
const COLUMNS = 7;
const NOWHERE = 0xffffffff;
class Findings {
constructor() {
this.cells = new Uint32Array(COLUMNS << 6);
this.count = 0;
this.kinds = [];
this.numbers = new Map();
}
append(list) {
const order = list.slice().sort((a, b) => a.line - b.line || a.offset - b.offset);
const cells = (this.count + order.length) * COLUMNS;
if (cells > this.cells.length) {
const grown = new Uint32Array(Math.max(cells, this.cells.length * 2));
grown.set(this.cells);
this.cells = grown;
}
for (const finding of order) {
const { line, offset, length, text_offset = NOWHERE, text_length = 0 } = finding;
const kind = this.kind(finding);
this.cells.set(
[line, offset, length, text_offset, text_length, kind, 0],
this.count * COLUMNS,
);
this.count += 1;
}
}
kind({ rule, version = '', class: level, path = '' }) {
const said = [rule, version, level, path].join('\t');
let number = this.numbers.get(said);
if (number === undefined) {
number = this.kinds.push(said) - 1;
this.numbers.set(said, number);
}
return number;
}
at(index) {
const [line = 0, offset = 0, length = 0, text_offset = 0, text_length = 0, kind = 0] =
this.cells.subarray(index * COLUMNS, (index + 1) * COLUMNS);
const said = (this.kinds[kind] ?? '').split('\t');
const [rule = '', version = '', level = '', path = ''] = said;
return {
index, line, offset, length, text_offset, text_length, rule, version, class: level, path,
};
}
from(line) {
let low = 0;
let high = this.count;
while (low < high) {
const middle = (low + high) >> 1;
if ((this.cells[middle * COLUMNS] ?? 0) < line) low = middle + 1;
else high = middle;
}
return low;
}
ofLine(line) {
const found = [];
for (let at = this.from(line); at < this.count; at += 1) {
if (this.cells[at * COLUMNS] !== line) break;
found.push(this.at(at));
}
return found;
}
classes() {
const counts = {};
const levels = this.kinds.map((said) => said.split('\t')[2] ?? '');
for (let at = 0; at < this.count; at += 1) {
const level = levels[this.cells[at * COLUMNS + 5] ?? 0] ?? '';
counts[level] = (counts[level] ?? 0) + 1;
}
return counts;
}
}
const hasPlace = (finding) =>
finding.text_offset !== undefined && finding.text_offset !== NOWHERE;
const LINE_BYTES_DRAWN = 4096;
function pieces(bytes, from, marks, query) {
const whole = wholeCharacters(bytes);
const text = decode(bytes.subarray(whole.from, whole.to));
const base = from + whole.from;
const seen = marks.filter((mark) => mark.at + mark.length > base && mark.at < from + bytes.length);
const units = toUnits(text, seen.flatMap(({ at, length }) => [at - base, at + length - base]));
const starts = new Map();
const cuts = new Set([0, text.length]);
seen.forEach((mark, place) => {
const start = units[place * 2] ?? 0;
const end = units[place * 2 + 1] ?? 0;
for (let unit = start; unit < end; unit += 1) {
starts.set(unit, { mark: mark.index });
}
cuts.add(start).add(end);
});
cutHits(text, query, cuts, starts);
for (const unit of hidden(text)) {
cuts.add(unit).add(unit + 1);
starts.set(unit, { ...starts.get(unit), sign: text[unit] ?? '' });
}
return cutPieces(text, base, [...cuts].sort((a, b) => a - b), starts);
}
function cutHits(text, query, cuts, starts) {
const low = text.toLowerCase();
if (query === '' || low.length !== text.length) return;
for (let at = low.indexOf(query); at >= 0; at = low.indexOf(query, at + query.length)) {
cuts.add(at).add(at + query.length);
for (let unit = at; unit < at + query.length; unit += 1) {
starts.set(unit, { ...starts.get(unit), hit: true });
}
}
}
function cutPieces(text, base, cuts, starts) {
const shown = visible(text);
const out = [];
let byte = base;
for (let place = 0; place + 1 < cuts.length; place += 1) {
const from = cuts[place] ?? 0;
const to = cuts[place + 1] ?? 0;
out.push({ text: shown.slice(from, to), byte, ...starts.get(from) });
byte += encode(text.slice(from, to)).length;
}
return out;
}
// src/lines.js
const TEXT_BYTES_MAX = 64 << 20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
class Lines {
constructor() {
this.buffer = new Uint8Array(1 << 16);
this.length = 0;
this.starts = new Uint32Array(1 << 10);
this.feeds = 0;
}
append(bytes) {
const length = this.length + bytes.length;
if (length > this.buffer.length) {
const grown = new Uint8Array(Math.max(length, this.buffer.length * 2));
grown.set(this.buffer.subarray(0, this.length));
this.buffer = grown;
}
this.buffer.set(bytes, this.length);
for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
this.feed(this.length + at + 1);
}
this.length = length;
}
feed(next) {
this.feeds += 1;
if (this.feeds >= this.starts.length) {
const grown = new Uint32Array(this.starts.length * 2);
grown.set(this.starts);
this.starts = grown;
}
this.starts[this.feeds] = next;
}
get count() {
return this.feeds + (this.length > (this.starts[this.feeds] ?? 0) ? 1 : 0);
}
range(line) {
if (line < 0 || line >= this.count) return [0, 0];
const from = this.starts[line] ?? 0;
let to = line < this.feeds ? (this.starts[line + 1] ?? 0) - 1 : this.length;
if (line < this.feeds && to > from && this.buffer[to - 1] === CARRIAGE_RETURN) to -= 1;
return [from, to];
}
piece(line, from, bytes) {
const [start, end] = this.range(line);
return this.buffer.subarray(Math.min(start + from, end), Math.min(start + from + bytes, end));
}
lineOf(offset) {
let low = 0;
let high = Math.max(this.count - 1, 0);
while (low < high) {
const middle = (low + high + 1) >> 1;
if ((this.starts[middle] ?? 0) <= offset) low = middle;
else high = middle - 1;
}
return low;
}
all() {
return this.buffer.subarray(0, this.length);
}
wipe() {
this.buffer.fill(0);
this.length = 0;
this.feeds = 0;
}
}
const SEARCH_BYTES = 1 << 20;
async function findLine(lines, query, from, step, stopped) {
const wanted = query.toLowerCase();
const count = lines.count;
if (wanted === '' || count === 0) return -1;
let read = 0;
for (let seen = 1; seen <= count; seen += 1) {
const line = (((from + step * seen) % count) + count) % count;
const [start, end] = lines.range(line);
for (let at = start; at < end; at += SEARCH_BYTES) {
const overlap = Math.min(end, at + SEARCH_BYTES + wanted.length * 4);
const text = decode(lines.buffer.subarray(at, overlap));
if (text.toLowerCase().includes(wanted)) return line;
}
read += end - start + 64;
if (read > SEARCH_BYTES) {
read = 0;
await new Promise((done) => setTimeout(done));
if (stopped()) return -1;
}
}
return -1;
}
// src/net.js
let session = '';
class Refused extends Error {
constructor(code, message) {
super(message);
this.code = code;
}
}
function setSession(token) {
session = token;
}
const hasSession = () => session !== '';
const WORDS = ({
session_unknown: 'The server does not know this session. Run `cordon room` for a new link.',
session_expired: 'This session has expired. Run `cordon room` for a new link.',
session_ended: 'This session was ended. Run `cordon room` for a new link.',
room_full: 'The server has as many analyses running as it may. Try again in a moment.',
share_unknown: 'That shared room is gone: it expired, was revoked, or never was.',
share_full: 'The shared room is full.',
});
async function refusal(response) {
try {
const { code, text } = await response.json();
if (String(code).startsWith('session_')) session = '';
return new Refused(String(code), WORDS[code] ?? String(text));
} catch {
return new Refused(`http_${response.status}`, `The server answered ${response.status}.`);
}
}
async function send(path, body, signal) {
if (exported) throw new Refused('no_server', 'This page was opened from disk: it has no server.');
if (session === '') {
throw new Refused('no_session', 'No session: open the link that `cordon room` prints.');
}
let response;
try {
response = await fetch(new URL(`api/${path}`, document.baseURI), {
method: 'POST',
headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
body,
credentials: 'omit',
redirect: 'error',
referrerPolicy: 'no-referrer',
cache: 'no-store',
...(signal ? { signal } : {}),
});
} catch {
throw new Refused('no_server', 'The server cannot be reached. Everything else works without it.');
}
if (!response.ok) throw await refusal(response);
return response;
}
const bodyBytes = (body) => encode(JSON.stringify(body)).length;
async function post(path, body, signal) {
const response = await send(path, JSON.stringify(body), signal);
try {
return await response.json();
} catch {
throw new Refused('malformed', 'The server’s answer cannot be read.');
}
}
const LINE_LENGTH_MAX = 1 << 20;
async function stream(path, body, signal, heard) {
const response = await send(path, JSON.stringify(body), signal);
const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
let held = '';
for (;;) {
const piece = await reader?.read();
held += piece?.value ?? '';
const lines = held.split('\n');
held = piece?.done ? '' : (lines.pop() ?? '');
if (held.length > LINE_LENGTH_MAX) throw new Refused('malformed', 'The answer is too long.');
for (const line of lines.filter((line) => line.trim() !== '')) {
let told;
try {
told = JSON.parse(line);
} catch {
throw new Refused('malformed', 'The server’s answer cannot be read.');
}
heard(told);
}
if (!piece || piece.done) return;
}
}
// src/oplog.js
const FIELDS_COUNT_MAX = 20_000;
const VALUE_LENGTH_MAX = 1 << 20;
const CLOCK_MAX = 2 ** 40;
const LOCAL = 'local/';
const later = (a, b) => a.k > b.k || (a.k === b.k && a.c > b.c);
function isOp(op) {
return (
typeof op === 'object' && op !== null && typeof op.f === 'string' && typeof op.c === 'string' &&
op.f.length <= 200 && op.c.length <= 40 && Number.isSafeInteger(op.k) && op.k >= 0 &&
op.k < CLOCK_MAX && op.v !== undefined && JSON.stringify(op.v).length <= VALUE_LENGTH_MAX
);
}
class OpLog {
constructor(client) {
this.client = client;
this.clock = 0;
this.made = 0;
this.fields = new Map();
}
set(field, value) {
this.clock += 1;
const op = { f: field, v: value, k: this.clock, c: this.client };
this.fields.set(field, op);
return op;
}
noteName() {
this.made += 1;
return `note/${this.client}-${String(this.clock + 1).padStart(6, '0')}-${this.made}`;
}
merge(ops) {
const changed = [];
for (const op of ops) {
if (!isOp(op)) continue;
const here = this.fields.get(op.f);
if (!here && this.fields.size >= FIELDS_COUNT_MAX) continue;
this.clock = Math.max(this.clock, op.k);
if (here && !later(op, here)) continue;
this.fields.set(op.f, op);
changed.push(op.f);
}
return changed;
}
get(field) {
return this.fields.get(field)?.v ?? null;
}
under(prefix) {
return [...this.fields.values()]
.filter((op) => op.f.startsWith(prefix) && op.v !== null)
.map((op) => ([op.f, op.v]))
.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}
all() {
return [...this.fields.values()];
}
shareable() {
return this.all().filter((op) => !op.f.startsWith(LOCAL));
}
}
const STEPS_COUNT_MAX = 200;
class History {
constructor() {
this.done = [];
this.undone = [];
}
push(field, before, after, what) {
this.done.push({ field, before, after, what });
if (this.done.length > STEPS_COUNT_MAX) this.done.shift();
this.undone = [];
}
undo() {
const step = this.done.pop();
if (step) this.undone.push(step);
return step ?? null;
}
redo() {
const step = this.undone.pop();
if (step) this.done.push(step);
return step ?? null;
}
}
// src/seal.js
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
function newKey() {
const kind = { name: 'AES-GCM', length: KEY_BYTES * 8 };
return crypto.subtle.generateKey(kind, false, ['encrypt', 'decrypt']);
}
const randomBytes = (bytes = KEY_BYTES) => crypto.getRandomValues(new Uint8Array(bytes));
const randomId = (bytes = 9) => toBase64Url(randomBytes(bytes));
async function seal(key, name, bytes) {
const nonce = randomBytes(NONCE_BYTES);
const how = { name: 'AES-GCM', iv: nonce, additionalData: encode(name) };
const copy = new Uint8Array(bytes);
const sealed = new Uint8Array(await crypto.subtle.encrypt(how, key, copy));
const out = new Uint8Array(NONCE_BYTES + sealed.length);
out.set(nonce);
out.set(sealed, NONCE_BYTES);
return out;
}
async function unseal(key, name, sealed) {
const iv = new Uint8Array(sealed.subarray(0, NONCE_BYTES));
const how = { name: 'AES-GCM', iv, additionalData: encode(name) };
const rest = new Uint8Array(sealed.subarray(NONCE_BYTES));
return new Uint8Array(await crypto.subtle.decrypt(how, key, rest));
}
async function shareKey(secret) {
if (secret.length !== KEY_BYTES) throw new Error('the link is not whole');
return crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
async function sha256(bytes) {
const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
// src/vault.js
const NAME = 'cordon';
const STATE = 'state';
const SESSION = 'session';
const PIECE_BYTES = 4 << 20;
const done = (request) =>
new Promise((give, fail) => {
request.onsuccess = () => give(request.result);
request.onerror = () => fail(request.error);
});
const finished = (transaction) =>
new Promise((give, fail) => {
transaction.oncomplete = () => give();
transaction.onabort = () => fail(transaction.error);
transaction.onerror = () => fail(transaction.error);
});
class Vault {
constructor(database) {
this.database = database;
}
static async open() {
try {
const request = indexedDB.open(NAME, 1);
request.onupgradeneeded = () => {
request.result.createObjectStore('keys');
request.result.createObjectStore('parts');
};
const vault = new Vault(await done(request));
vault.database.onversionchange = () => vault.database.close();
return vault;
} catch {
return null;
}
}
begin(mode) {
return this.database.transaction(['keys', 'parts'], mode);
}
async rooms() {
const keys = await done(this.begin('readonly').objectStore('keys').getAllKeys());
return keys.map(String).filter((id) => id !== SESSION);
}
async keepSession(token) {
const { key } = await this.create(SESSION);
return this.putState(SESSION, key, { token });
}
async session() {
const key = await this.key(SESSION);
return key ? ((await this.state(SESSION, key))?.token ?? '') : '';
}
async create(room = randomId()) {
const key = await newKey();
const transaction = this.begin('readwrite');
transaction.objectStore('keys').put(key, room);
await finished(transaction);
return { room, key };
}
key(room) {
return done(this.begin('readonly').objectStore('keys').get(room));
}
async put(room, key, part, bytes) {
const sealed = await seal(key, `${room}/${part}`, bytes);
const transaction = this.begin('readwrite');
const kept = await done(transaction.objectStore('keys').count(room));
if (kept === 0) return false;
transaction.objectStore('parts').put(sealed, [room, part]);
await finished(transaction);
return true;
}
async get(room, key, part) {
const sealed = await done(this.begin('readonly').objectStore('parts').get([room, part]));
return sealed ? unseal(key, `${room}/${part}`, sealed) : null;
}
putState(room, key, state) {
return this.put(room, key, STATE, encode(JSON.stringify(state)));
}
async state(room, key) {
const bytes = await this.get(room, key, STATE);
return bytes ? JSON.parse(decode(bytes)) : null;
}
async putSource(room, key, source, bytes) {
let pieces = 0;
for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
await this.put(room, key, `${source}/${pieces}`, bytes.subarray(at, at + PIECE_BYTES));
pieces += 1;
}
return pieces;
}
async removeSource(room, source) {
const transaction = this.begin('readwrite');
const from = [room, `${source}/`];
transaction.objectStore('parts').delete(IDBKeyRange.bound(from, [room, `${source}/\uffff`]));
await finished(transaction);
}
async end(room) {
const keys = this.begin('readwrite');
keys.objectStore('keys').delete(room);
await finished(keys);
const parts = this.begin('readwrite');
parts.objectStore('parts').delete(IDBKeyRange.bound([room, ''], [room, '\uffff']));
await finished(parts);
}
}
// src/room.js
const SOURCES_COUNT_MAX = 32;
const ROOM_BYTES_MAX = 160 << 20;
const PUSH_BYTES = 1 << 20;
const TERMS_COUNT_MAX = 1000;
const TERM_LENGTH_MAX = 400;
const NAMES_FIELD = `${LOCAL}names`;
const SAVE_AFTER_MS = 400;
const DRAW_EVERY_MS = 120;
const SAYING_SHOWN_MS = 7000;
const engine = new Engine();
let vault = null;
const room = {
id: '',
key: null,
secret: new Uint8Array(32),
created: '',
log: new OpLog(''),
history: new History(),
share: null,
};
const sources = signal(([]));
const active = signal('');
const revision = signal(0);
const report = signal((null));
const reportError = signal('');
const progress = signal((null));
const rooms = signal(([]));
const kept = signal(('keeping'));
const saying = signal((null));
const place = signal((null));
const peeked = signal((new Set()));
const ready = signal(false);
let sayingTimer = 0;
function say(text, bad = false) {
clearTimeout(sayingTimer);
saying.value = { text, bad };
sayingTimer = setTimeout(() => (saying.value = null), SAYING_SHOWN_MS);
}
const drawAgain = () => (revision.value += 1);
const sourceOf = (id) => sources.value.find((s) => s.id === id);
const roomName = () => String(room.log.get('title') ?? 'Untitled incident');
const terms = () => room.log.under(`${LOCAL}term/`).map(([, text]) => String(text));
let last = Promise.resolve();
function queued(work) {
const next = last.then(work).catch((error) => {
const told = error instanceof EngineError ? error.message : 'something went wrong in the page';
if (!(error instanceof EngineError)) console.error('cordon:', error?.name);
progress.value = null;
say(`It did not work: ${told}. Nothing left this tab.`, true);
return undefined;
});
last = next.then(() => undefined);
return next;
}
let saveTimer = 0;
function save() {
kept.value = vault ? 'keeping' : 'not kept';
clearTimeout(saveTimer);
saveTimer = setTimeout(saveNow, SAVE_AFTER_MS);
}
async function saveNow() {
clearTimeout(saveTimer);
const { id, key } = room;
if (!vault || !key) return;
const held = sources.value.filter((source) => source.kept);
const state = {
version: 1,
created: room.created,
updated: new Date().toISOString(),
client: room.log.client,
secret: toBase64(room.secret),
ops: room.log.all(),
share: room.share,
sources: held.map(({ id, name, kind, whole, raw }) =>
({ id, name, kind, whole, bytes: raw.length })),
};
try {
const there = await vault.putState(id, key, state);
if (room.id !== id) return;
kept.value = there ? 'kept' : 'not kept';
if (!there) say('This room was ended in another tab. What you see is in this tab alone.', true);
} catch {
kept.value = 'not kept';
say('The browser’s store takes no more: this room is in this tab alone.', true);
}
rooms.value = rooms.value.map((one) => (one.id === id ? { id, name: roomName() } : one));
}
async function keepSource(source) {
if (!vault || !room.key) return;
try {
await vault.putSource(room.id, room.key, source.id, source.raw.all());
source.kept = true;
} catch {
say(`“${source.name}” does not fit into the browser’s store: it is in this tab alone.`, true);
}
}
const onOps = { heard: (_ops) => {} };
const onSource = { heard: (_source) => {} };
const onRoom = { heard: () => {} };
function set(field, value) {
const op = room.log.set(field, value);
onOps.heard([op]);
drawAgain();
save();
}
function write(field, value, what) {
const before = room.log.get(field);
if (JSON.stringify(before) === JSON.stringify(value)) return;
room.history.push(field, before, value, what);
set(field, value);
}
function addNote(value) {
const name = room.log.noteName();
write(name, value, 'note');
}
function merged(ops) {
const changed = room.log.merge(ops);
if (changed.length === 0) return changed;
drawAgain();
save();
return changed;
}
async function step(way) {
const taken = way === 'undo' ? room.history.undo() : room.history.redo();
if (!taken) return say(way === 'undo' ? 'Nothing to undo.' : 'Nothing to redo.');
set(taken.field, way === 'undo' ? taken.before : taken.after);
say(`${way === 'undo' ? 'Undone' : 'Done again'}: ${taken.what}.`);
if (taken.field === NAMES_FIELD || taken.field.startsWith(`${LOCAL}term/`)) await queued(rerun);
return undefined;
}
async function openEngine() {
const policy = terms().length > 0 ? { terms: terms() } : {};
const names = wantsNames() ? (await namesPack()).slice() : null;
await engine.ask('open', { key: room.secret.slice(), policy, names });
}
const wantsNames = () => room.log.get(NAMES_FIELD) === true;
const lookForNames = (wanted) =>
queued(async () => {
if (wanted) await namesPack();
write(NAMES_FIELD, wanted || null, 'looking for names');
await rerun();
say(wanted ? 'Names of people are looked for, too.' : 'Names of people are not looked for.');
});
function taken(source, told) {
source.clean.append(told.clean);
source.findings.append(told.findings ?? []);
source.kind = told.kind ?? source.kind;
}
async function push(source, bytes) {
for (let at = 0; at < bytes.length; at += PUSH_BYTES) {
const copy = bytes.slice(at, at + PUSH_BYTES);
taken(source, await engine.ask('push', { bytes: copy }, [copy.buffer]));
}
}
async function finish(source) {
taken(source, await engine.ask('end'));
source.ready = true;
}
async function readReport() {
try {
report.value = sources.value.length > 0 ? (await engine.ask('report')).report : null;
reportError.value = '';
} catch (error) {
report.value = null;
reportError.value = error instanceof Error ? error.message : '';
if (error instanceof EngineError && error.code === 'trap') await engine.start();
}
}
async function rerun() {
const all = sources.value;
const total = all.reduce((sum, source) => sum + source.raw.length, 0);
let done = 0;
peeked.value = new Set();
place.value = null;
await openEngine();
for (const source of all) {
source.clean = new Lines();
source.findings = new Findings();
source.ready = false;
await engine.ask('begin', { name: source.name, kind: null });
for (let at = 0; at < source.raw.length; at += PUSH_BYTES) {
progress.value = { what: `Reading “${source.name}” again`, done, total, stop: null };
const bytes = source.raw.all().subarray(at, at + PUSH_BYTES);
await push(source, bytes);
done += bytes.length;
}
await finish(source);
drawAgain();
}
progress.value = { what: 'Putting it together', done: total, total, stop: null };
await readReport();
progress.value = null;
drawAgain();
}
async function startAgain(without) {
if (without) sources.value = sources.value.filter((source) => source !== without);
if (!sourceOf(active.value)) active.value = sources.value[0]?.id ?? '';
await engine.start();
await rerun();
}
function freeName(name) {
const taken = new Set(sources.value.map((source) => source.name));
let free = name;
for (let n = 2; taken.has(free); n += 1) free = `${name} (${n})`;
return free;
}
async function* utf8(blob) {
const head = new Uint8Array(await blob.slice(0, 3).arrayBuffer());
const [one, two] = head;
const zipped = one === 0x1f && two === 0x8b;
const label = one === 0xff && two === 0xfe ? 'utf-16le' : one === 0xfe && two === 0xff ? 'utf-16be' : 'utf-8';
const decoder = new TextDecoder(label);
if (zipped) {
const stream = blob.stream().pipeThrough(new DecompressionStream('gzip'));
const reader = stream.getReader();
for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
yield encode(decoder.decode(piece.value, { stream: true }));
}
} else {
for (let at = 0; at < blob.size; at += PUSH_BYTES) {
const piece = await blob.slice(at, at + PUSH_BYTES).arrayBuffer();
yield encode(decoder.decode(piece, { stream: true }));
}
}
yield encode(decoder.decode());
}
const newSource = (name, id = randomId(6)) => ({
id, name, kind: null, raw: new Lines(), clean: new Lines(), findings: new Findings(),
kept: false, whole: true, ready: false,
});
const add = (name, blob) =>
queued(async () => {
const source = await addNow(freeName(name), blob);
if (source) onSource.heard(source);
});
const addShared = (name, blob) => queued(async () => void (await addNow(freeName(name), blob)));
async function addNow(name, blob) {
const held = sources.value.reduce((sum, source) => sum + source.raw.length, 0);
if (sources.value.length >= SOURCES_COUNT_MAX || held + blob.size > ROOM_BYTES_MAX) {
say(`The room is full (${SOURCES_COUNT_MAX} sources, ${size(ROOM_BYTES_MAX)}).`, true);
return null;
}
const source = newSource(name);
let stopped = false;
const stop = () => (stopped = true);
batch(() => {
sources.value = [...sources.value, source];
active.value = source.id;
place.value = null;
progress.value = { what: `Reading “${name}”`, done: 0, total: blob.size, stop };
});
try {
await engine.ask('begin', { name, kind: null });
await readIn(source, blob, () => stopped, stop);
if (!stopped) await finish(source);
} catch (error) {
await startAgain(source);
const why = error instanceof EngineError ? error.message : 'it cannot be read';
say(`“${name}” was not taken in: ${why}. Nothing left this tab.`, true);
return null;
}
if (stopped) {
await startAgain(source);
say(`Stopped. “${name}” is gone from this room.`);
return null;
}
progress.value = { what: 'Putting it together', done: 1, total: 1, stop: null };
drawAgain();
await readReport();
progress.value = null;
await keepSource(source);
save();
if (!source.whole) say(`Of “${name}” the first ${size(TEXT_BYTES_MAX)} were taken.`, true);
return source;
}
async function readIn(source, blob, stopped, stop) {
let drawn = 0;
for await (const bytes of utf8(blob)) {
if (stopped()) return;
const room = TEXT_BYTES_MAX - source.raw.length;
const piece = bytes.subarray(0, room);
source.raw.append(piece);
await push(source, piece);
const now = performance.now();
if (now - drawn > DRAW_EVERY_MS) {
drawn = now;
const total = Math.max(blob.size, source.raw.length);
progress.value = { what: `Reading “${source.name}”`, done: source.raw.length, total, stop };
drawAgain();
}
if (bytes.length > room) {
source.whole = false;
return;
}
}
}
const removeSource = (id) =>
queued(async () => {
const source = sourceOf(id);
if (!source) return;
sources.value = sources.value.filter((one) => one.id !== id);
if (active.value === id) active.value = sources.value[0]?.id ?? '';
if (vault) await vault.removeSource(room.id, id);
await rerun();
source.raw.wipe();
save();
say(`“${source.name}” is gone from this room.`);
});
const addTerms = (texts) =>
queued(async () => {
const here = new Set(terms());
const wanted = [...new Set(texts.map((text) => text.trim()))].filter(
(text) => text.length > 1 && text.length <= TERM_LENGTH_MAX && !here.has(text),
);
if (wanted.length === 0) return say('That text is marked already, or too short or too long.');
if (here.size + wanted.length > TERMS_COUNT_MAX) return say('No more marks fit.', true);
for (const text of wanted) write(`${LOCAL}term/${randomId(6)}`, text, 'mark by hand');
await rerun();
const what = counted(wanted.length, 'text');
return say(`${what} will leave as a pseudonym, in every source. Ctrl+Z takes it back.`);
});
const removeTerm = (field) =>
queued(async () => {
write(field, null, 'taking back a mark');
await rerun();
});
function peek(what) {
const now = new Set(peeked.value);
if (!now.delete(what)) now.add(what);
peeked.value = now;
}
function valueOf(token) {
const wanted = encode(token);
for (const source of sources.value) {
const found = tokenIn(source, wanted);
if (found !== null) return found;
}
return null;
}
function tokenIn(source, wanted) {
const { clean, findings } = source;
for (let index = 0; index < findings.count; index += 1) {
const finding = findings.at(index);
if (finding.text_length !== wanted.length || finding.class === 'A') continue;
const there = clean.piece(finding.line, finding.text_offset ?? 0, wanted.length);
if (there.every((byte, at) => byte === wanted[at])) return rawValue(source, finding);
}
return null;
}
const rawValue = (source, { line, offset, length }) =>
new TextDecoder().decode(source.raw.piece(line, offset, length));
function goTo(source, line, finding = -1) {
const found = sourceOf(source);
if (!found) return;
const byte = finding >= 0 ? found.findings.at(finding).offset : 0;
batch(() => {
active.value = source;
place.value = { source, line, byte, finding };
});
}
function reported(said) {
const listed = report.value?.sources ?? [];
const at = listed.findIndex((one) => one.number === said || one.name === said);
if (at >= 0) return sources.value[at];
return sources.value.find((source) => source.name === said) ?? sources.value[said];
}
function nextFinding(way) {
const source = sourceOf(active.value);
if (!source || source.findings.count === 0) return say('Nothing was found in this source.');
const { findings } = source;
const here = place.value?.source === source.id ? place.value : null;
let next = 0;
if (here && here.finding >= 0) next = here.finding + way;
else if (here) next = way > 0 ? findings.from(here.line) : findings.from(here.line) - 1;
next = (next + findings.count) % findings.count;
goTo(source.id, findings.at(next).line, next);
return undefined;
}
function forget() {
for (const source of sources.value) source.raw.wipe();
room.secret.fill(0);
batch(() => {
sources.value = [];
active.value = '';
report.value = null;
reportError.value = '';
place.value = null;
peeked.value = new Set();
});
}
async function boot(session) {
vault = await Vault.open();
await queued(async () => {
setSession(session || (await vault?.session().catch(() => '')) || '');
if (session !== '') await vault?.keepSession(session).catch(() => false);
const opened = await Promise.all((await vault?.rooms() ?? []).map(readRoom));
const known = opened.filter((one) => one !== null);
known.sort((a, b) => (a.state.updated < b.state.updated ? 1 : -1));
rooms.value = known.map(({ id, state }) => ({ id, name: titleIn(state) }));
await engine.start();
const latest = known[0];
if (latest) await enter(latest.id, latest.key, latest.state);
else await freshRoom();
ready.value = true;
});
}
const titleIn = (state) =>
String(state.ops.find((op) => op.f === 'title')?.v ?? 'Untitled incident');
async function readRoom(id) {
try {
const key = await vault?.key(id);
const state = key ? await vault?.state(id, key) : null;
return key && state ? { id, key, state } : null;
} catch {
return null;
}
}
async function freshRoom() {
forget();
const made = vault ? await vault.create().catch(() => null) : null;
if (!made) vault = null;
room.id = made?.room ?? randomId();
room.key = made?.key ?? null;
room.secret = randomBytes();
room.created = new Date().toISOString();
room.log = new OpLog(randomId(6));
room.history = new History();
room.share = null;
rooms.value = [{ id: room.id, name: roomName() }, ...rooms.value];
await openEngine();
await saveNow();
onRoom.heard();
drawAgain();
}
async function enter(id, key, state) {
forget();
room.id = id;
room.key = key;
room.secret = fromBase64(state.secret);
room.created = state.created;
room.log = new OpLog(state.client);
room.log.merge(state.ops);
room.history = new History();
room.share = state.share ?? null;
const held = [];
for (const one of state.sources) held.push(await sourceFrom(id, key, one));
sources.value = held.filter((source) => source !== null);
active.value = sources.value[0]?.id ?? '';
kept.value = 'kept';
onRoom.heard();
await rerun();
}
async function sourceFrom(room, key, told) {
const source = newSource(String(told.name), String(told.id));
source.kept = true;
source.whole = told.whole === true;
for (let piece = 0; source.raw.length < told.bytes; piece += 1) {
const bytes = await vault?.get(room, key, `${told.id}/${piece}`);
if (!bytes) return null;
source.raw.append(bytes);
}
return source;
}
const newRoom = () =>
queued(async () => {
await saveNow();
await freshRoom();
});
const openRoom = (id) =>
queued(async () => {
if (id === room.id) return;
await saveNow();
const found = await readRoom(id);
if (found) await enter(found.id, found.key, found.state);
else say('That room is gone: its key was destroyed.', true);
});
const endRoom = () =>
queued(async () => {
const { id } = room;
const name = roomName();
const bytes = sources.value.reduce((sum, source) => sum + source.raw.length, 0);
clearTimeout(saveTimer);
if (vault) await vault.end(id);
room.key = null;
rooms.value = rooms.value.filter((one) => one.id !== id);
forget();
const other = rooms.value[0] ? await readRoom(rooms.value[0].id) : null;
if (other) await enter(other.id, other.key, other.state);
else await freshRoom();
say(`“${name}” is ended: its key is destroyed, its ${number(bytes)} bytes are deleted. ` +
'Nothing of it is left in this browser.');
});
// src/answer.js
const ANSWER_LENGTH_MAX = 64_000;
const TOKEN = /\b([a-z]{1,20}_[a-z2-7]{24})\b/;
const INLINE = /(`[^`]{1,400}`|\[e\d{1,3}\]|\b[a-z]{1,20}_[a-z2-7]{24}\b)/;
function blocks(text) {
const out = [];
let fenced = false;
for (const raw of text.slice(0, ANSWER_LENGTH_MAX).split('\n')) {
const line = visible(raw.replace(/\r$/, ''));
const last = out.at(-1);
if (/^\s*```/.test(line)) {
fenced = !fenced;
if (fenced) out.push({ kind: 'code', lines: [] });
else out.push({ kind: 'p', lines: [] });
} else if (fenced) {
last?.lines.push(line);
} else {
placeLine(out, line);
}
}
return out.filter((block) => block.lines.length > 0);
}
function placeLine(out, line) {
const last = out.at(-1);
const heading = /^#{1,6}\s+(.*)/.exec(line);
const item = /^\s{0,6}(?:([-*+])|\d{1,3}[.)])\s+(.*)/.exec(line);
if (heading) out.push({ kind: 'h', lines: [heading[1] ?? ''] });
else if (item) {
const kind = item[1] ? 'ul' : 'ol';
if (last?.kind === kind) last.lines.push(item[2] ?? '');
else out.push({ kind, lines: [item[2] ?? ''] });
} else if (line.trim() === '') out.push({ kind: 'p', lines: [] });
else if (last?.kind === 'p') last.lines.push(line);
else out.push({ kind: 'p', lines: [line] });
}
function Inline({ text, filled, cited }) {
return html`${text.split(INLINE).map((part, at) => {
if (at % 2 === 0) return part;
if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
if (part.startsWith('[')) {
const said = cited[Number(part.slice(2, -1)) - 1];
return html`<span class="cite" title=${said ?? 'evidence of the store'}>${part}</span>`;
}
const value = filled ? valueOf(part) : null;
return value === null
? html`<span class="token" title=${part}>${part.replace(/_(.{6}).*/, '_$1…')}</span>`
: html`<span class="mark peeked" title=${`${part}, filled in by this tab`}>${visible(value)}</span>`;
})}`;
}
function AnswerText({ text, filled, cited }) {
const inline = (line) => html`<${Inline} text=${line} filled=${filled} cited=${cited} />`;
return html`<div class="answer-text">${blocks(text).map(({ kind, lines }) => {
if (kind === 'h') return html`<h4>${inline(lines[0] ?? '')}</h4>`;
if (kind === 'code') return html`<pre tabindex="0"><code>${lines.join('\n')}</code></pre>`;
if (kind === 'p') return html`<p>${inline(lines.join(' '))}</p>`;
const items = lines.map((line) => html`<li>${inline(line)}</li>`);
return kind === 'ul' ? html`<ul>${items}</ul>` : html`<ol>${items}</ol>`;
})}</div>`;
}
const hasTokens = (text) => TOKEN.test(text);
// src/events.js
const counting = signal(false);
const counts = signal(({}));
function sizeBucket(bytes) {
if (bytes < 10_000) return 'below_10_kb';
if (bytes < 1_000_000) return 'below_1_mb';
return bytes < 10_000_000 ? 'below_10_mb' : 'from_10_mb';
}
function count(event, bucket = 'none') {
if (!counting.value) return;
const key = `${event} ${bucket}`;
counts.value = { ...counts.value, [key]: (counts.value[key] ?? 0) + 1 };
}
const countsTold = () => ({
schema: 'cordon.events',
version: 1,
counts: Object.entries(counts.value).map(([key, number]) => {
const [event, bucket] = key.split(' ');
return { event, bucket, count: number };
}),
});
function turn(on) {
counting.value = on;
if (!on) counts.value = {};
}
// src/evidence.js
const ITEMS_COUNT_MAX = 64;
const TEXT_LENGTH_MAX = 160;
const FRAMES_COUNT_MAX = 8;
const COMPONENT_LENGTH_MAX = 64;
function short(text, length = TEXT_LENGTH_MAX) {
const line = String(text ?? '').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
const letters = [...line];
return letters.length <= length ? line : `${letters.slice(0, length - 1).join('')}…`;
}
function moment(time) {
const said = typeof time === 'string' ? Date.parse(time.replace(' UTC', 'Z').replace(' ', 'T')) : NaN;
return Number.isNaN(said) ? {} : { time: new Date(said).toISOString().replace(/\.\d+Z$/, 'Z') };
}
const component = (name) =>
typeof name === 'string' && name !== '' ? { component: short(name, COMPONENT_LENGTH_MAX) } : {};
const times = (one) => (Number.isInteger(one?.count) && one.count > 0 ? { count: one.count } : {});
const frameText = (frame) =>
short([frame.module, frame.function].filter(Boolean).join('.') +
(frame.file ? ` (${frame.file}${frame.line ? `:${frame.line}` : ''})` : ''));
function evidence(report, notes) {
const items = [];
const told = report?.diagnosis ?? {};
for (const text of (told.summary ?? []).slice(0, 6)) items.push({ kind: 'hypothesis', text: short(text) });
for (const change of (told.changes ?? []).slice(0, 6)) {
items.push({
kind: 'change', text: short([change.text, change.from && change.to && `${change.from} → ${change.to}`].filter(Boolean).join(' ')),
...moment(change.time), ...component(change.component),
});
}
for (const stack of (report?.stacks ?? []).slice(0, 4)) {
items.push({
kind: 'stack', text: short([stack.type, stack.message].filter(Boolean).join(': ')), ...times(stack),
frames: (stack.frames ?? []).slice(0, FRAMES_COUNT_MAX).map(frameText),
});
}
for (const theme of (report?.themes ?? []).slice(0, 16)) {
items.push({
kind: 'theme', text: short(theme.template), ...times(theme), ...moment(theme.from),
...component(nameOf(theme.components?.[0])),
});
}
for (const entry of (report?.timeline ?? []).filter((e) => e.kind !== 'message').slice(0, 16)) {
const kind = entry.kind === 'alert' || entry.kind === 'change' ? entry.kind : 'timeline';
items.push({ kind, text: short(entry.text), ...moment(entry.time), ...component(entry.component) });
}
for (const [, note] of notes.slice(-8)) items.push({ kind: 'note', text: short(note.text) });
return items.filter((item) => item.text !== '').slice(0, ITEMS_COUNT_MAX);
}
const nameOf = (said) => String(said?.component ?? said ?? '');
// src/ask.js
const QUESTION_LENGTH_MAX = 500;
const QUESTION = 'What is the most likely cause, what supports it, and what should be checked next?';
const question = signal(QUESTION);
const left = signal((new Set()));
const drawn = signal(null);
const answer = signal('');
const running = signal((null));
const refused = signal('');
let asker = '';
function sameRoom() {
if (asker === room.id) return;
asker = room.id;
running.value?.abort();
question.value = QUESTION;
left.value = new Set();
drawn.value = null;
answer.value = '';
refused.value = '';
}
const receipts = () => room.log.under(`${LOCAL}receipt/`).map(([, told]) => told)
.sort((a, b) => (a.time < b.time ? -1 : 1));
const sentBytes = () => receipts().reduce((sum, told) => sum + told.bytes, 0);
function keep(what, bytes, receipt) {
const told = { what, bytes, time: new Date().toISOString(), receipt };
write(`${LOCAL}receipt/${randomId(6)}`, told, 'receipt');
room.history.done.pop(); // what was sent cannot be taken back
}
async function bodyOf(items) {
const texts = [question.value, ...items.map((item) => item.text)];
const { texts: clean } = await engine.ask('notes', { texts });
return {
question: short(clean[0], QUESTION_LENGTH_MAX),
evidence: items.map((item, at) => ({ ...item, text: short(clean[at + 1]) })),
use_store: false,
use_model: true,
};
}
function failed(error) {
if (error instanceof DOMException && error.name === 'AbortError') refused.value = 'Stopped.';
else if (error instanceof Error) refused.value = error.message;
}
async function draw(items) {
refused.value = '';
try {
const body = await bodyOf(items);
const preview = await post('preview', body);
keep('preview, to the server', bodyBytes(body), null);
drawn.value = { body, preview, cited: body.evidence.map((item) => item.text) };
answer.value = '';
} catch (error) {
failed(error);
}
}
async function sendPrompt() {
const { body } = drawn.value;
count('model_asked');
const control = new AbortController();
running.value = control;
refused.value = '';
answer.value = '';
let receipt = null;
try {
await stream('analyze', body, control.signal, (told) => {
if (typeof told.piece === 'string') answer.value += told.piece;
if (told.receipt) receipt = told.receipt;
if (told.error) throw new Refused(String(told.error.code), String(told.error.text));
});
} catch (error) {
failed(error);
}
running.value = null;
keep('analysis', bodyBytes(body), receipt);
if (receipt) say('Answered. The receipt is kept in this room.');
}
const budget = (budget) =>
`${number(budget?.class_b_bytes ?? 0)} bytes of class B, ${number(budget?.class_c_bytes ?? 0)} of class C`;
function Prompt({ told }) {
const { preview } = told;
const fits = preview.fits !== false;
const where = preview.destination;
return html`<section class="prompt"><h3>The exact prompt</h3>
${preview.prompt === null ? html`<p class="nothing">The server makes no prompt: ${String(preview.decision)}.</p>` : html`
<pre tabindex="0" aria-label="Prompt">${preview.system ? `${preview.system}\n\n` : ''}${preview.prompt}</pre>`}
<dl class="facts-list">
<div><dt>bytes</dt><dd>${number(preview.bytes ?? 0)}</dd></div>
<div><dt>classes</dt><dd>${Object.entries(preview.classes ?? {}).map(([level, n]) => `${level} ${n}`).join(', ') || 'none'}</dd></div>
<div><dt>cost</dt><dd>${budget(preview.cost)}</dd></div>
<div><dt>budget left</dt><dd>${budget(preview.budget_left)}</dd></div>
<div><dt>destination</dt><dd>${where ? `${where.model} at ${where.url}` : 'no model is configured'}</dd></div>
</dl>
<p class="bar"><button class="primary" disabled=${!fits || !where || running.value !== null} onClick=${sendPrompt}>
Send ${size(preview.bytes ?? 0)} to ${where ? where.model : 'no model'}</button>
${running.value && html`<button onClick=${() => running.value?.abort()}>Stop</button>`}
${!fits && html`<span class="bad">The budget does not allow it: ${String(preview.decision)}</span>`}</p>
</section>`;
}
function Answered() {
const [filled, setFilled] = useState(false);
if (answer.value === '') return null;
return html`<section aria-live="polite"><h3>Answer
${hasTokens(answer.value) && html`<button class="quiet" aria-pressed=${String(filled)} onClick=${() => setFilled(!filled)}>
${filled ? 'Show pseudonyms' : 'Fill in values in this tab'}</button>`}</h3>
<${AnswerText} text=${answer.value} filled=${filled} cited=${drawn.value?.cited ?? []} />
<p class="muted">A model wrote this. Check it against the lines it cites.</p></section>`;
}
function Ask() {
void revision.value;
sameRoom();
if (exported) {
return html`<p class="nothing">This page was opened from disk: it redacts and diagnoses, and sends nothing. A page that <code>cordon serve</code> gives can ask a model.</p>`;
}
if (!report.value) return html`<p class="nothing">Add a source first: a model is given evidence, never the pasted text.</p>`;
const all = evidence(report.value, room.log.under('note/'));
const items = all.filter((_, at) => !left.value.has(at));
const turn = (at) => {
const now = new Set(left.value);
if (!now.delete(at)) now.add(at);
left.value = now;
drawn.value = null;
};
const bytes = bodyBytes({ question: question.value, evidence: items, use_store: false, use_model: true });
return html`<div class="ask">
${!hasSession() && html`<p class="note">No session with a server: everything on this page works without one, and nothing can be sent. To ask a model, open the link that <code>cordon room</code> prints.</p>`}
<div class="two"><section><h3>Question</h3>
<textarea rows="2" maxlength=${QUESTION_LENGTH_MAX} aria-label="Question" value=${question.value}
onInput=${(e) => { question.value = e.target.value; drawn.value = null; }}></textarea>
<h3>Evidence that would go <span class="muted">${counted(items.length, 'piece')}; the pasted text never goes</span></h3>
<ul class="items">${all.map((item, at) => html`<li class=${left.value.has(at) ? 'off' : ''}><label>
<input type="checkbox" checked=${!left.value.has(at)} onChange=${() => turn(at)} />
<span class="kind">${item.kind}</span> <span>${item.text}${item.count ? ` (${item.count}×)` : ''}</span></label></li>`)}</ul>
<p class="bar"><button disabled=${!hasSession() || items.length === 0} onClick=${() => draw(items)}>
Draw the prompt (${size(bytes)} to this server, none to a model)</button></p></section>
<div>${drawn.value ? html`<${Prompt} told=${drawn.value} />`
: html`<p class="nothing">The exact prompt is drawn here before anything goes to a model.</p>`}
${refused.value && html`<p class="note bad" role="alert">${refused.value}</p>`}
<${Answered} /></div></div></div>`;
}
// src/rules.js
const FAMILIES = [
['page.term', 'marked by you', 'by the text that you selected'],
['card.track', 'magnetic stripe of a card', 'by its form'],
['card', 'number of a payment card', 'by its issuer and checksum (Luhn)'],
['iban', 'bank account', 'by its country’s form and checksum (mod 97)'],
['email', 'address of mail', 'by its form'],
['phone', 'phone number', 'by its country’s form or the words before it'],
['ip', 'network address', 'by its form'],
['mac', 'hardware address', 'by its form'],
['national', 'number that a state gives to a person', 'by its form, checksum or the word before it'],
['vehicle', 'number of a vehicle', 'by its form and check digit'],
['device', 'number of a device', 'by its form and check digit'],
['account', 'account or wallet', 'by its form, checksum or the name of its field'],
['birth', 'date of birth', 'by the words around it'],
['postal', 'postal address', 'by its form and words'],
['location', 'place on the map', 'by its form'],
['names', 'name of a person', 'by the recogniser of names'],
['name', 'name of a person', 'by the recogniser of names'],
['key', 'value of a field that names something to protect', 'by the name of its field'],
['prose', 'value in a sentence', 'by the words before it'],
['auth', 'credentials of a request', 'by the header that it stands in'],
['oauth', 'credentials of a sign-in', 'by where it stands'],
['url', 'part of an address on the web', 'by where it stands in the address'],
['sql', 'value in a statement', 'by its place in the statement'],
['shell', 'value on a command line', 'by the option before it'],
['tool', 'value in a tool’s message', 'by the form of that tool’s lines'],
['jwt', 'signed token', 'by its form (three encoded parts)'],
['pem', 'key material', 'by its frame (PEM)'],
['token', 'token', 'by its form and randomness'],
['entropy', 'text that looks random', 'by its randomness'],
['canary', 'planted canary', 'by its value, planted to be found'],
['known', 'secret that is live', 'by a keyed digest of it'],
['dictionary', 'word of your dictionary', 'by the word'],
['name_field', 'value of a field of names', 'by the name of its field'],
];
const CLASSES = {
A: 'class A, a secret: removed, and never shown in what would leave',
B: 'class B, personal data: replaced by a pseudonym, the same for the same value',
C: 'class C, operational data',
};
function explain(rule, level) {
const family = FAMILIES.find(([start]) => rule === start || rule.startsWith(`${start}.`));
const [, what, how] = family ?? ['', 'value in the form of a provider’s token', 'by its form'];
const group = (CLASSES)[level];
return { what, how, level: group ?? `class ${level}` };
}
const mayPeek = (level) => level === 'B' || level === 'C';
// src/columns.js
const LINE_PIXELS = 20;
const SCROLL_PIXELS_MAX = 8_000_000;
const BYTES_BEFORE = 200;
const query = signal('');
const explained = signal((null));
const selected = signal((null));
const side = signal(('raw'));
let searching = 0;
async function searchNext(way) {
const source = sourceOf(active.value);
if (!source || query.value === '') return;
searching += 1;
const mine = searching;
const here = place.value?.source === source.id ? place.value.line : -1;
const line = await findLine(source.raw, query.value, here, way, () => mine !== searching);
if (mine !== searching) return;
if (line < 0) say(`“${query.value}” is not in this source.`);
else goTo(source.id, line);
}
function windowFrom(source, line) {
const eye = place.value;
if (eye?.source !== source.id || eye.line !== line || eye.byte < LINE_BYTES_DRAWN / 2) {
return { raw: 0, clean: 0 };
}
const finding = eye.finding >= 0 ? source.findings.at(eye.finding) : null;
const clean = finding && hasPlace(finding) ? (finding.text_offset ?? 0) : 0;
return { raw: Math.max(0, eye.byte - BYTES_BEFORE), clean: Math.max(0, clean - BYTES_BEFORE) };
}
const letGo = () => {
if (!explained.value?.held) explained.value = null;
};
function closeExplained() {
if (explained.value?.byKey) explained.value.element.focus();
explained.value = null;
}
function Mark({ piece, source, isRaw }) {
const finding = source.findings.at(piece.mark ?? 0);
const { what } = explain(finding.rule, finding.class);
const key = `${source.id}:${finding.index}`;
const shown = !isRaw && mayPeek(finding.class) &&
(peeked.value.has(key) || peeked.value.has(finding.class));
const text = shown ? visible(rawValue(source, finding)) : piece.text;
const isHere = place.value?.source === source.id && place.value.finding === finding.index;
const tell = (event) => {
const box = event.currentTarget.getBoundingClientRect();
const element = event.currentTarget;
explained.value = { source, finding, isRaw, element, x: box.left, y: box.bottom, top: box.top };
};
const names = ['mark', `class-${finding.class.toLowerCase()}`];
if (isHere) names.push('here');
if (shown) names.push('peeked');
return html`<span
class=${names.join(' ')} role="button" tabindex="0" data-byte=${piece.byte} data-mark=${finding.index}
aria-label=${`${text}: ${what}, class ${finding.class}, rule ${finding.rule}`}
onMouseEnter=${tell} onFocus=${tell}
onMouseLeave=${letGo} onBlur=${letGo}
onClick=${(event) => { tell(event); explained.value = { ...explained.value, held: true }; }}
onKeyDown=${(event) => {
if (event.key !== 'Enter' && event.key !== ' ') return;
event.preventDefault();
tell(event);
explained.value = { ...explained.value, held: true, byKey: true };
}}
>${text}</span>`;
}
function Part({ piece, source, isRaw }) {
if (piece.mark !== undefined) return Mark({ piece, source, isRaw });
if (piece.sign) {
return html`<span class="sign" data-byte=${piece.byte} title=${`hidden sign ${codeName(piece.sign)}`}>${piece.text}</span>`;
}
return html`<span class=${piece.hit ? 'hit' : undefined} data-byte=${piece.byte}>${piece.text}</span>`;
}
function Row({ source, line, isRaw }) {
void revision.value; // its text may be another, and it itself the same
const text = isRaw ? source.raw : source.clean;
const [start, end] = text.range(line);
const from = windowFrom(source, line)[isRaw ? 'raw' : 'clean'];
const findings = source.findings.ofLine(line);
const marks = isRaw
? findings.map(({ offset, length, index }) => ({ at: offset, length, index }))
: findings.filter(hasPlace).map(({ text_offset = 0, text_length = 0, index }) =>
({ at: text_offset, length: text_length, index }));
const isWaiting = !isRaw && line >= text.count;
const drawn = pieces(text.piece(line, from, LINE_BYTES_DRAWN), from, marks, query.value.toLowerCase());
const left = end - start - from - LINE_BYTES_DRAWN;
const isHere = place.value?.source === source.id && place.value.line === line;
return html`<div class=${isHere ? 'row here' : 'row'} data-line=${line}>
<span class="nr" aria-hidden="true">${line + 1}</span>
<span class="code">${from > 0 && html`<span class="cut">… ${size(from)} before </span>`}${
isWaiting ? html`<span class="cut">not read yet: nothing leaves</span>`
: drawn.map((piece, at) => html`<${Part} key=${at} piece=${piece} source=${source} isRaw=${isRaw} />`)
}${left > 0 && html`<span class="cut"> … ${size(left)} more on this line</span>`}</span>
</div>`;
}
function selectedTexts(pane, source) {
const selection = document.getSelection();
if (!selection || selection.isCollapsed || selection.rangeCount === 0) return [];
const range = selection.getRangeAt(0);
if (!pane.contains(range.startContainer) || !pane.contains(range.endContainer)) return [];
const from = byteOf(range.startContainer, range.startOffset, source);
const to = byteOf(range.endContainer, range.endOffset, source);
if (!from || !to) return [];
const texts = [];
for (let line = from.line; line <= to.line && texts.length < 50; line += 1) {
const [start, end] = source.raw.range(line);
const first = line === from.line ? from.byte : 0;
const past = line === to.line ? to.byte : end - start;
texts.push(decode(source.raw.piece(line, first, Math.max(0, past - first))).trim());
}
return texts.filter((text) => text.length > 1 && text.length <= TERM_LENGTH_MAX);
}
function byteOf(node, unit, source) {
const element = node instanceof Element ? node : node.parentElement;
const row = element?.closest('[data-line]');
if (!row) return null;
const line = Number(row.getAttribute('data-line'));
const piece = element?.closest('[data-byte]');
if (!piece) {
const [start, end] = source.raw.range(line);
return { line, byte: unit === 0 ? 0 : end - start };
}
const byte = Number(piece.getAttribute('data-byte'));
const text = decode(source.raw.piece(line, byte, LINE_BYTES_DRAWN));
return { line, byte: byte + toBytes(text, node instanceof Element ? 0 : unit) };
}
function Pane({ source, top, rows, isRaw }) {
void revision.value;
const pane = useRef((null));
const first = Math.floor(top);
const count = source.raw.count;
const lines = [];
for (let line = first; line < Math.min(count, first + rows + 1); line += 1) lines.push(line);
const select = () => {
if (!isRaw) return;
const texts = selectedTexts(pane.current, source);
const box = document.getSelection()?.rangeCount
? document.getSelection()?.getRangeAt(0).getBoundingClientRect() : null;
selected.value = texts.length > 0 && box ? { texts, x: box.left, y: box.top } : null;
};
const says = isRaw ? 'Yours: the text as it is, in this tab only' : 'What would leave: the clean text';
return html`<div
class=${isRaw ? 'pane raw' : 'pane clean'} ref=${pane} tabindex="0" role="group" aria-label=${says}
onMouseUp=${select} onKeyUp=${select} onTouchEnd=${select}
><div class="rows" style=${{ transform: `translateY(${-Math.round((top - first) * LINE_PIXELS)}px)` }}>
${lines.map((line) => html`<${Row} key=${line} source=${source} line=${line} isRaw=${isRaw} />`)}
</div></div>`;
}
function Scroller({ source }) {
const scroller = useRef((null));
const [height, setHeight] = useState(600);
const [top, setTop] = useState(0);
void revision.value;
const count = source.raw.count;
const rows = Math.ceil(height / LINE_PIXELS);
const last = Math.max(0, count - Math.floor(height / LINE_PIXELS) + 1);
const full = Math.min(SCROLL_PIXELS_MAX, Math.max(height, last * LINE_PIXELS + height));
const span = Math.max(1, full - height);
const show = (line) => {
const wanted = Math.min(last, Math.max(0, line));
setTop(wanted);
const element = scroller.current;
if (element && last > 0) element.scrollTop = (wanted / last) * span;
};
useLayoutEffect(() => {
const seen = new ResizeObserver(() => setHeight(scroller.current.clientHeight));
seen.observe(scroller.current);
return () => seen.disconnect();
}, []);
const eye = place.value;
useLayoutEffect(() => {
if (!eye || eye.source !== source.id) return;
if (eye.line < top + 2 || eye.line > top + rows - 4) show(eye.line - Math.floor(rows / 3));
}, [eye]);
const focused = useRef((null));
useEffect(() => {
if (!eye || eye.source !== source.id || eye.finding < 0 || focused.current === eye) return;
const panes = scroller.current.querySelectorAll(`[data-mark="${eye.finding}"]`);
for (const mark of panes) mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
const seen = [...panes].find((mark) => mark.offsetParent !== null);
if (!seen) return; // not drawn yet
seen.focus({ preventScroll: true });
focused.current = eye;
}, [eye, top]);
const scrolled = () => {
const at = (scroller.current.scrollTop / span) * last;
if (Math.abs(at - top) * Math.min(1, span / (last * LINE_PIXELS || 1)) > 0.06) {
setTop(at);
explained.value = null;
}
};
const wheel = (event) => {
if (full < SCROLL_PIXELS_MAX || event.ctrlKey || event.deltaY === 0) return;
event.preventDefault();
show(top + event.deltaY / LINE_PIXELS);
};
const keys = (event) => {
const moves = ({
ArrowDown: 1, ArrowUp: -1, PageDown: rows - 2, PageUp: 2 - rows, Home: -count, End: count,
});
const move = moves[event.key];
if (move === undefined || event.altKey || event.metaKey) return;
event.preventDefault();
show(Math.round(top) + move);
};
return html`<div class="scroller" ref=${scroller} onScroll=${scrolled} onWheel=${wheel} onKeyDown=${keys}>
<div class="window" style=${{ height: `${height}px` }}>
<${Pane} source=${source} top=${top} rows=${rows} isRaw=${true} />
<${Pane} source=${source} top=${top} rows=${rows} isRaw=${false} />
</div>
<div style=${{ height: `${Math.max(0, full - height)}px` }}></div>
</div>`;
}
function Explained({ onFalse }) {
const told = explained.value;
const box = useRef((null));
useEffect(() => {
if (told?.byKey) box.current?.querySelector('button')?.focus();
}, [told]);
if (!told) return null;
const { source, finding, isRaw, x, y, top, held } = told;
const { what, how, level } = explain(finding.rule, finding.class);
const isLow = y > innerHeight - 210;
const left = Math.max(8, Math.min(x, innerWidth - 350));
const style = isLow
? { left: `${left}px`, bottom: `${innerHeight - top + 4}px` }
: { left: `${left}px`, top: `${y + 4}px` };
const key = `${source.id}:${finding.index}`;
const stays = { onMouseEnter: () => { if (!held) explained.value = { ...told, held: true }; } };
return html`<div class="explained" ref=${box} role=${held ? 'dialog' : 'tooltip'} aria-label="About this mark" style=${style} ...${stays}
onMouseLeave=${() => { if (!told.byKey) explained.value = null; }}>
<p class="what"><b>${what}</b> <span>${how}</span></p>
<p class="muted">${level}</p>
<dl>
<div><dt>rule</dt><dd>${finding.rule}${finding.version && ` · version ${finding.version}`}</dd></div>
<div><dt>at</dt><dd>line ${number(finding.line + 1)}, byte ${number(finding.offset)}, ${counted(finding.length, 'byte')}</dd></div>
${finding.path && html`<div><dt>field</dt><dd>${finding.path}</dd></div>`}
</dl>
${held && html`<p class="acts">
${!isRaw && mayPeek(finding.class) && html`<button onClick=${() => peek(key)}>${
peeked.value.has(key) ? 'Hide the value' : 'Show the value in this tab'}</button>`}
${!isRaw && finding.class === 'A' && html`<span class="muted">A secret is not shown here.</span>`}
<button onClick=${() => { explained.value = null; onFalse({ source, finding }); }}>Not sensitive…</button>
</p>`}
${!held && html`<p class="muted">Click or press Enter for more.</p>`}
</div>`;
}
function Selected() {
const found = selected.value;
if (!found) return null;
const mark = () => {
selected.value = null;
document.getSelection()?.removeAllRanges();
addTerms(found.texts);
};
const style = {
left: `${Math.max(8, Math.min(found.x, innerWidth - 220))}px`,
top: `${Math.max(50, found.y - 38)}px`,
};
return html`<div class="selected" style=${style}>
<button class="primary" onMouseDown=${(e) => e.preventDefault()} onClick=${mark}>
Redact ${counted(found.texts.length, 'selected text')}</button>
</div>`;
}
function markSelected() {
const found = selected.value;
selected.value = null;
if (found) addTerms(found.texts);
return found !== null;
}
function Columns({ empty }) {
const source = sourceOf(active.value);
void revision.value;
const levels = source?.findings.classes() ?? {};
const removed = levels['A'] ?? 0;
const pseudonyms = (levels['B'] ?? 0) + (levels['C'] ?? 0);
const tab = (which) => ({
'aria-pressed': String(side.value === which), onClick: () => (side.value = which),
});
const isReading = progress.value !== null && !source?.ready;
return html`<section class=${`columns show-${side.value}`} aria-label="Text">
<header class="heads">
<h2 class="raw"><button class="narrow" ...${tab('raw')}>Yours</button><b class="wide">Yours</b>
<span>${source ? `${counted(source.raw.count, 'line')}, ${size(source.raw.length)}, in this tab only` : 'in this tab only'}</span></h2>
<h2 class="clean"><button class="narrow" ...${tab('clean')}>What would leave</button><b class="wide">What would leave</b>
<span>${!source ? 'nothing' : isReading ? 'reading…' : html`<i class="dot a"></i>${number(removed)} removed
<i class="dot b"></i>${number(pseudonyms)} pseudonymised`}</span></h2>
</header>
${source ? html`<${Scroller} key=${source.id} source=${source} />` : empty}
</section>`;
}
// src/demo.js
const PEOPLE = ['ada.example', 'grace.sample', 'linus.specimen', 'edsger.mock', 'barbara.demo'];
const DAY = '2026-03-12';
function stamp(second) {
const two = (n) => String(n).padStart(2, '0');
const [h, m, s] = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
return `${DAY}T${two(h)}:${two(m)}:${two(s)}.${String((second * 37) % 1000).padStart(3, '0')}Z`;
}
const START = 13 * 3600 + 30 * 60;
const DEPLOY = START + 32 * 60;
const FAIL = DEPLOY + 95;
const ROLLBACK = FAIL + 14 * 60;
const mail = (n) => `${PEOPLE[n % PEOPLE.length]}@shop${n % 3}.example`;
function card(n) {
const body = ['4000', '0000', String(1000 + n), '000'].join('');
const digits = [...body, '0'].map(Number).reverse();
const sum = digits.reduce((all, digit, at) => {
const twice = at % 2 === 1 ? digit * 2 : digit;
return all + (twice > 9 ? twice - 9 : twice);
}, 0);
return `${body}${(10 - (sum % 10)) % 10}`;
}
const accessKey = () => ['AK', 'IA', 'SYNTHETIC', 'DEMO', '234'].join('');
const password = () => ['not', 'a', 'real', 'pass', '7391'].join('-');
const bearer = () => ['fa', 'ke', 'b3ar3r', 't0k3n', '0123456789abcdef'].join('');
const line = (second, level, service, said) =>
`${stamp(second)} ${level.padEnd(5)} [${service}] ${said}`;
function request(second, n) {
const who = mail(n);
const took = 28 + ((n * 13) % 40);
return line(second, 'INFO', 'checkout',
`request id=${7100 + n} user=${who} ip=198.51.100.${10 + (n % 40)} POST /pay status=200 took=${took}ms`);
}
const TRACE = [
'Traceback (most recent call last):',
'  File "/srv/checkout/handlers/pay.py", line 88, in post_pay',
'    charge = payments.charge(order, card)',
'  File "/srv/checkout/payments/client.py", line 41, in charge',
'    conn = self.pool.acquire(timeout=5)',
'  File "/srv/checkout/db/pool.py", line 127, in acquire',
'    raise PoolTimeout(f"no connection within {timeout} s, {self.size} of {self.size} in use")',
'checkout.db.pool.PoolTimeout: no connection within 5 s, 10 of 10 in use',
];
function failingPayment(second, n) {
const out = [
line(second, 'WARN', 'checkout', `pool wait ${4000 + ((n * 71) % 990)} ms, size=10 in_use=10`),
line(second + 5, 'ERROR', 'checkout',
`payment failed order=${88000 + n} user=${mail(n)} card=${card(n % 7)}: no connection within 5 s`),
];
if (n % 6 === 1) out.push(...TRACE);
if (n % 4 === 1) {
out.push(line(second + 6, 'WARN', 'gateway', `upstream checkout answered 503 after 5002 ms, retry 1 of 2`));
}
return out;
}
function logs() {
const out = [line(START, 'INFO', 'checkout', 'listening on 0.0.0.0:8080 version=4.17.2 pool.size=40')];
let n = 0;
for (let second = START + 4; second < DEPLOY; second += 11) out.push(request(second, (n += 1)));
out.push(
line(DEPLOY, 'INFO', 'deploy', 'checkout 4.17.2 -> 4.18.0 commit=3f9d2ab by=release-bot'),
line(DEPLOY + 2, 'INFO', 'checkout', 'config changed pool.size 40 -> 10'),
line(DEPLOY + 3, 'DEBUG', 'checkout',
`connecting postgres://checkout:${password()}@db-1.internal.example:5432/orders`),
line(DEPLOY + 4, 'DEBUG', 'checkout', `receipts bucket ready aws_access_key_id=${accessKey()}`),
);
for (let second = DEPLOY + 9; second < FAIL; second += 12) out.push(request(second, (n += 1)));
for (let second = FAIL; second < ROLLBACK; second += 9) {
n += 1;
out.push(...(n % 3 === 0 ? [request(second, n)] : failingPayment(second, n)));
}
out.push(line(FAIL + 61, 'DEBUG', 'gateway', `forwarding authorization: Bearer ${bearer()}`));
out.push(line(ROLLBACK, 'INFO', 'deploy', 'checkout 4.18.0 -> 4.17.2 rollback by=on-call'));
out.push(line(ROLLBACK + 2, 'INFO', 'checkout', 'config changed pool.size 10 -> 40'));
for (let second = ROLLBACK + 8; second < ROLLBACK + 400; second += 12) out.push(request(second, (n += 1)));
return `${out.join('\n')}\n`;
}
function alert() {
const fired = {
status: 'firing',
labels: { alertname: 'CheckoutErrorRateHigh', service: 'checkout', severity: 'page' },
annotations: { summary: 'More than 20 % of payments fail', runbook: 'checkout/payments' },
startsAt: stamp(FAIL + 180),
endsAt: '0001-01-01T00:00:00Z',
};
const said = { version: '4', status: 'firing', receiver: 'on-call', alerts: [fired] };
return `${JSON.stringify(said, null, 2)}\n`;
}
function chat() {
const at = (second) => `[${stamp(second).slice(11, 19)}]`;
return [
`${at(FAIL + 200)} ada: hi all, paged: checkout error rate. looking`,
`${at(FAIL + 215)} grace: :eyes:`,
`${at(FAIL + 230)} grace: joined #incident-checkout`,
`${at(FAIL + 290)} linus: customers cannot pay, support has 40 tickets, one from ${mail(2)} (+1 202-555-0143)`,
`${at(FAIL + 350)} ada: pool timeouts in checkout since 14:03, the deploy of 4.18.0 was at 14:02`,
`${at(FAIL + 420)} grace: could it be the new pool size? diff says 40 -> 10`,
`${at(FAIL + 500)} linus: password for the read replica is ${password()} if you need it`,
`${at(FAIL + 520)} ada: please do not post passwords here`,
`${at(FAIL + 640)} ada: decision: roll back to 4.17.2, grace does it`,
`${at(FAIL + 660)} grace: ok rolling back`,
`${at(ROLLBACK + 20)} grace: rollback done`,
`${at(ROLLBACK + 200)} linus: payments go through again`,
`${at(ROLLBACK + 260)} ada: resolved. action: linus adds an alert on pool wait by Friday`,
`${at(ROLLBACK + 270)} ada: action: grace writes a test for the pool size in the release check`,
`${at(ROLLBACK + 300)} grace: thanks everyone :tada:`,
'',
].join('\n');
}
const incident = () => [
{ name: 'checkout.log (synthetic)', text: logs() },
{ name: 'alert (synthetic)', text: alert() },
{ name: 'chat (synthetic)', text: chat() },
];
// src/spark.js
function rebucket(counts, wanted) {
if (counts.length <= wanted) return counts.slice();
const out = new Array(wanted).fill(0);
counts.forEach((count, at) => {
out[Math.floor((at * wanted) / counts.length)] += count;
});
return out;
}
function bars(counts, width, height) {
const most = Math.max(1, ...counts);
const step = width / Math.max(1, counts.length);
const thick = Math.max(1, step - 1);
return counts
.map((count, at) => {
if (!(count > 0)) return '';
const tall = Math.max(1.5, (count / most) * height);
const [x, y] = [(at * step).toFixed(1), (height - tall).toFixed(1)];
return `M${x} ${y}h${thick.toFixed(1)}V${height}h${(-thick).toFixed(1)}z`;
})
.join('');
}
function spoken(counts) {
const sum = counts.reduce((a, b) => a + b, 0);
const peak = counts.indexOf(Math.max(...counts));
const part = counts.length > 1 ? Math.round((peak / (counts.length - 1)) * 100) : 0;
return sum === 0 ? 'none' : `${sum} over the time shown, most at ${part} % of it`;
}
// src/panels.js
const SPARK = { buckets: 40, width: 120, height: 18 };
const ROWS_FIRST = 60;
function clock(time) {
if (typeof time !== 'string') return '';
const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)/.exec(time);
return parts ? `${parts[2]}` : time;
}
const when = (entry) =>
(clock(entry.time) || clock(entry.clock)) + (entry.assumed ? ' ?' : '');
const day = (time) => (typeof time === 'string' ? time.slice(0, 10) : '');
function Jump({ at, text }) {
const source = reported(at.source ?? at.file);
if (!source || !Number.isInteger(at.line) || at.line < 1) return null;
const many = sources.value.length > 1;
const name = source.name.length > 14 ? `${source.name.slice(0, 12)}…` : source.name;
const says = text ?? `${many ? `${name}:` : 'line '}${at.line}`;
return html`<button class="jump" onClick=${() => goTo(source.id, at.line - 1)}
title=${`Go to line ${number(at.line)} of ${source.name}`}>${says}</button>`;
}
function Clean({ text }) {
const parts = String(text ?? '').split(
/(`[^`]+`|\[removed:[\w.-]+\]|\b[a-z]{1,20}_[a-z2-7]{24}\b|<[a-z_.-]{1,24}>)/);
return html`${parts.map((part, at) => {
if (at % 2 === 0) return visible(part);
if (part.startsWith('`')) return html`<code><${Clean} text=${part.slice(1, -1)} /></code>`;
const name = part.startsWith('[') ? 'gone' : part.startsWith('<') ? 'slot' : 'token';
const shown = name === 'token' ? `${part.slice(0, part.indexOf('_') + 7)}…` : part;
return html`<span class=${name} title=${part}>${shown}</span>`;
})}`;
}
function Spark({ counts, trouble }) {
if (!Array.isArray(counts) || counts.length === 0) return null;
const { buckets, width, height } = SPARK;
const few = rebucket(counts, buckets);
return html`<svg class=${trouble ? 'spark bad' : 'spark'} viewBox=${`0 0 ${width} ${height}`}
width=${width} height=${height} role="img" aria-label=${spoken(counts)}>
<path d=${bars(few, width, height)} /></svg>`;
}
function Rows({ list, draw, name }) {
const [shown, setShown] = useState(ROWS_FIRST);
return html`${list.slice(0, shown).map(draw)}
${list.length > shown && html`<button class="more" onClick=${() => setShown(shown + 200)}>
${counted(list.length - shown, `more ${name}`, `more ${name}s`)}</button>`}`;
}
const Nothing = ({ what, children }) => html`<p class="nothing">${what} ${children}</p>`;
const VERDICTS = ({
found: 'Something began to fail', failing_throughout: 'Failing from its beginning',
new_unjudged: 'Something new, too little to judge', nothing_stands_out: 'Nothing stands out',
nothing_read: 'No records were read',
});
const verdict = (told) =>
VERDICTS[told.verdict] ?? String(told.verdict ?? '').replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());
const at = (one, end) => ({ source: one[`${end}_file`], line: one[`${end}_line`] });
function Problem({ one, isFirst }) {
const where = (one.components ?? []).map(nameOf).filter((name) => name !== '');
return html`<article class=${isFirst ? 'problem first' : 'problem'}>
<p class="message"><${Clean} text=${one.message} /></p>
<p class="facts">
<b>${counted(one.count ?? 0, 'time')}</b>
${where.length > 0 && html`<span>in ${where.slice(0, 3).join(', ')}</span>`}
${one.place && html`<span>raised at <code><${Clean} text=${one.place} /></code></span>`}
<span>${clock(one.from)} to ${clock(one.to)}</span>
<span class="jumps">first <${Jump} at=${at(one, 'from')} /> last <${Jump} at=${at(one, 'to')} />
${one.example_line !== undefined && html`example <${Jump} at=${at(one, 'example')} />`}</span>
</p>
${one.raised && html`<p class="facts"><code><${Clean} text=${one.raised} /></code></p>`}
</article>`;
}
function Changes({ list }) {
const dated = (report.value.timeline ?? []).filter((one) => one.kind === 'change');
return html`<ul class="list">${list.slice(0, 20).map((change) => {
const text = String(change.text ?? '');
const at = Number.isInteger(change.line) ? change
: dated.find((one) => one.text.includes(text)) ?? {};
return html`<li><time>${when(change)}</time> <span>${change.component && html`<b>${change.component}</b> `}<${Clean} text=${text} />${
change.from && change.to && !text.includes(change.to) && html` <code>${change.from} → ${change.to}</code>`}</span> <${Jump} at=${at} /></li>`;
})}</ul>`;
}
function Answer() {
const told = report.value?.diagnosis;
if (!report.value) return Empty('The likely failure point');
if (!told) return html`<${Nothing} what="No source here is a log that can be diagnosed." />`;
const changes = told.changes?.length ? told.changes
: (report.value.timeline ?? []).filter((entry) => entry.kind === 'change');
const others = told.with_it ?? [];
return html`<div class="answer"><div>
<section><p class="verdict">${verdict(told)}
${typeof told.confidence === 'number' && html`<span class="confidence" title="How sure the reading is">
${Math.round(told.confidence * 100)} % sure</span>`}</p>
<ul class="summary">${(told.summary ?? []).map((text) =>
html`<li><${Clean} text=${text} /></li>`)}</ul></section>
<section><h3>What changed before</h3>${changes.length > 0 ? html`<${Changes} list=${changes} />`
: html`<${Nothing} what="No deploy, setting or restart is told in these sources." />`}</section>
${(told.grew ?? []).length > 0 && html`<section><h3>What grew</h3><ul class="list">${told.grew.slice(0, 8).map((one) => html`<li>
<time>${clock(one.since)}</time><span>${one.component} <code>${one.key}</code> ${one.from} → ${one.to}</span></li>`)}</ul></section>`}
${(told.silent ?? []).length > 0 && html`<section><h3>What fell silent</h3><ul class="list">${told.silent.slice(0, 8).map((one) => html`<li>
<time>${clock(one.last)}</time><span>${one.component} <${Clean} text=${one.message} /></span></li>`)}</ul></section>`}
${(told.actions ?? []).length > 0 && html`<section><h3>Where to look</h3><ul class="summary">
${told.actions.map((text) => html`<li><${Clean} text=${text} /></li>`)}</ul></section>`}
</div><div>
${told.decisive && html`<section><h3>Likely failure point</h3><${Problem} one=${told.decisive} isFirst=${true} /></section>`}
${(told.shared ?? []).length > 0 && html`<section><h3>What the failing lines share</h3><ul class="list">
${told.shared.slice(0, 8).map((one) => html`<li><code>${one.key}</code>
<span><${Clean} text=${String(one.value)} /></span>
<span class="muted">${Math.round((one.failing ?? 0) * 100)} % of the failing lines${
typeof one.others === 'number' ? `, ${Math.round(one.others * 100)} % of the others` : ''}</span></li>`)}</ul></section>`}
${others.length > 0 && html`<section><h3>Seen with it</h3>
${others.slice(0, 8).map((one) => html`<${Problem} one=${one} isFirst=${false} />`)}</section>`}
</div></div>`;
}
function Empty(what) {
if (reportError.value) {
return html`<p class="nothing bad">The sources were read, but not put together: ${reportError.value}.</p>`;
}
return html`<p class="nothing">${what} stands here once there is something to read.</p>`;
}
function Themes() {
const [filter, setFilter] = useState('');
if (!report.value) return Empty('The lines, grouped into themes,');
const all = (report.value.themes ?? []).filter((theme) =>
theme.template.toLowerCase().includes(filter.toLowerCase()));
return html`<div class="themes">
<p class="bar"><label>Filter <input type="search" value=${filter}
onInput=${(e) => setFilter(e.target.value)} /></label>
<span class="muted">${counted(all.length, 'theme')}, most telling first</span></p>
<div class="table" role="table" aria-label="Themes">
<div class="tr head" role="row"><span role="columnheader">Count</span><span role="columnheader">Over time</span>
<span role="columnheader">Theme</span><span role="columnheader">Lines</span></div>
<${Rows} list=${all} name="theme" draw=${(theme) => html`<div class="tr" role="row" key=${theme.template_id}>
<span role="cell" class="count">${number(theme.count)}</span>
<span role="cell"><${Spark} counts=${theme.buckets} trouble=${theme.trouble} /></span>
<span role="cell" class=${theme.trouble ? 'template bad' : 'template'}>
${theme.level && html`<b class="rank">${theme.level}</b> `}<${Clean} text=${theme.template} /></span>
<span role="cell" class="jumps"><${Jump} at=${{ source: theme.source, line: theme.first_line }} />
${theme.last_line !== theme.first_line && html`<${Jump} at=${{ source: theme.source, line: theme.last_line }} />`}</span>
</div>`} />
</div></div>`;
}
function Stacks() {
const all = report.value?.stacks ?? [];
if (!report.value) return Empty('Stack traces, explained,');
if (all.length === 0) return html`<${Nothing} what="No stack trace was found." />`;
return html`<div class="stacks"><${Rows} list=${all} name="stack" draw=${(stack) => html`
<article key=${stack.fingerprint}>
<h3><code>${stack.type}</code> <span class="muted">${stack.language} · ${counted(stack.count, 'time')}</span>
<${Jump} at=${stack} /></h3>
${stack.message && html`<p class="message"><${Clean} text=${stack.message} /></p>`}
${stack.explained && html`<p><${Clean} text=${[stack.explained].flat().join(' ')} /></p>`}
<ol class="frames">${(stack.frames ?? []).slice(0, 40).map((frame) => html`
<li class=${frame.in_app ? 'app' : ''}><code>${frameText(frame)}</code></li>`)}</ol>
</article>`} /></div>`;
}
const KINDS = ['change', 'failure', 'alert', 'message', 'action', 'decision', 'recovery', 'silence'];
const hiddenKinds = signal((new Set()));
function Timeline() {
const all = report.value?.timeline ?? [];
if (!report.value) return Empty('The timeline');
if (all.length === 0) return html`<${Nothing} what="Nothing here carries a time." />`;
const shown = all.filter((entry) => !hiddenKinds.value.has(entry.kind));
const turn = (kind) => {
const now = new Set(hiddenKinds.value);
if (!now.delete(kind)) now.add(kind);
hiddenKinds.value = now;
};
const days = new Set(all.map((entry) => day(entry.time)).filter(Boolean));
return html`<div class="timeline">
<p class="bar" role="group" aria-label="Kinds that are shown">
${KINDS.filter((kind) => all.some((e) => e.kind === kind)).map((kind) => html`
<button class=${`kind k-${kind}`} aria-pressed=${String(!hiddenKinds.value.has(kind))} onClick=${() => turn(kind)}>${kind}</button>`)}
<span class="muted">all times UTC${days.size === 1 ? `, ${[...days][0]}` : ''}</span></p>
<ol><${Rows} list=${shown} name="entry" draw=${(entry) => html`<li>
<time datetime=${entry.time ?? ''}>${days.size > 1 ? `${day(entry.time)} ` : ''}${when(entry)}</time>
<span class=${`kind k-${entry.kind}`}>${entry.kind}</span>
<span class="text">${entry.who && html`<b><${Clean} text=${entry.who} />:</b> `}
${entry.component && html`<span class="muted">${entry.component} </span>`}<${Clean} text=${entry.text} /></span>
<${Jump} at=${entry} /></li>`} /></ol></div>`;
}
const STEPS = ({
verify: 'Verify', mitigate: 'Mitigate', roll_back: 'Roll back', contain: 'Contain', follow_up: 'Follow up',
});
function Steps() {
const all = report.value?.ladder ?? [];
if (!report.value) return Empty('What to do, least risk first,');
if (all.length === 0) return html`<${Nothing} what="The evidence carries no step." />`;
void revision.value;
return html`<div class="steps"><p class="muted">Least risk first. Each step rests on the lines beside it; nothing is done for you.</p>
<ol>${all.map((step) => {
const field = `step/${step.kind}/${step.text}`.slice(0, 200);
const isDone = room.log.get(field) === true;
return html`<li class=${isDone ? 'done' : ''}>
<label><input type="checkbox" checked=${isDone} onChange=${() => write(field, isDone ? null : true, 'step')} />
<span class=${`kind k-${step.kind}`}>${STEPS[step.kind] ?? step.kind}</span> <${Clean} text=${step.text} /></label>
${step.why && html`<p class="muted"><${Clean} text=${step.why} /></p>`}
<p class="jumps">${(step.evidence ?? []).slice(0, 6).map((one) => html`<${Jump} at=${one} /> `)}</p>
</li>`;
})}</ol></div>`;
}
const NOTE_KINDS = [
'summary', 'impact', 'decisions', 'actions', 'tasks', 'hypotheses', 'questions', 'well', 'badly', 'people',
];
const NOTE_NAMES = ({
actions: 'What was done', tasks: 'To be done', well: 'What went well', badly: 'What went badly',
});
function OwnNote({ name, note }) {
const [text, setText] = useState(note.text);
useEffect(() => setText(note.text), [note.text]);
return html`<li class="own"><span class="kind">${note.kind}</span>
<input value=${text} aria-label="Note" onInput=${(e) => setText(e.target.value)}
onChange=${() => write(name, { ...note, text }, 'note')} />
<button class="quiet" aria-label="Take this note away" onClick=${() => write(name, null, 'taking a note away')}>×</button></li>`;
}
function Notes() {
void revision.value;
const [kind, setKind] = useState('hypothesis');
const [text, setText] = useState('');
const told = report.value?.notes ?? {};
const own = room.log.under('note/');
const add = (event) => {
event.preventDefault();
if (text.trim() === '') return;
addNote({ kind, text: text.trim(), time: new Date().toISOString() });
setText('');
};
const kinds = NOTE_KINDS.filter((one) => told[one]?.length > 0);
return html`<div class="notes">
<form class="bar" onSubmit=${add}>
<select aria-label="Kind of note" value=${kind} onChange=${(e) => setKind(e.target.value)}>
${['hypothesis', 'decision', 'action', 'impact', 'question', 'note'].map((one) => html`<option value=${one}>${one}</option>`)}
</select>
<input class="wide" placeholder="Write a note: it stays in this room" aria-label="New note" value=${text}
onInput=${(e) => setText(e.target.value)} />
<button>Add</button></form>
${own.length > 0 && html`<section><h3>Yours</h3><ul class="list">
${own.map(([name, note]) => html`<${OwnNote} key=${name} name=${name} note=${note} />`)}</ul></section>`}
${kinds.map((one) => html`<section><h3>${NOTE_NAMES[one] ?? one.replace(/^./, (c) => c.toUpperCase())}</h3><ul class="list">
${told[one].slice(0, 100).map((note) => html`<li><time>${when(note)}</time>
<span>${note.who && note.who !== note.text && html`<b><${Clean} text=${note.who} />:</b> `}<${Clean} text=${note.text} /></span>
${note.messages && html`<span class="muted">${counted(note.messages, 'message')}</span>`}
<${Jump} at=${note} /></li>`)}</ul></section>`)}
${kinds.length === 0 && html`<${Nothing} what="Paste a chat or its export, and it becomes incident notes: decisions, actions, impact, without greetings and joins." />`}
</div>`;
}
const SIDES = ([
['new', 'Only in the second'], ['gone', 'Only in the first'], ['more', 'More in the second'], ['less', 'Less in the second'],
]);
function Compare() {
const [a, setA] = useState(0);
const [b, setB] = useState(1);
const [told, setTold] = useState((null));
const all = sources.value;
if (all.length < 2) {
return html`<${Nothing} what="Two sources are compared here: a bad hour and a good one, say. Add another source." />`;
}
const run = async () => {
try {
setTold((await engine.ask('compare', { a, b })).compared);
} catch (error) {
say(`They cannot be compared: ${error instanceof Error ? error.message : ''}.`, true);
}
};
const choose = (value, set, label) => html`<label>${label} <select value=${value}
onChange=${(e) => { set(Number(e.target.value)); setTold(null); }}>
${all.map((source, at) => html`<option value=${at}>${source.name}</option>`)}</select></label>`;
return html`<div class="compare"><p class="bar">${choose(a, setA, 'First')} ${choose(b, setB, 'Second')}
<button class="primary" disabled=${a === b} onClick=${run}>Compare</button></p>
${told && SIDES.map(([key, title]) => html`<section><h3>${title} <span class="muted">${number(told[key].length)}</span></h3>
${told[key].slice(0, 60).map((one) => html`<div class="tr compared">
<span class="count">${number(one.count_a)}</span><span class="count">${number(one.count_b)}</span>
<span class="template">${one.level && html`<b class="rank">${one.level}</b> `}<${Clean} text=${one.template ?? ''} /></span>
<span class="jumps"><${Jump} at=${{ source: a, line: one.line_a }} /> <${Jump} at=${{ source: b, line: one.line_b }} />
${!one.sure && html`<small title="Too few to be sure that it is no chance">few</small>`}</span></div>`)}</section>`)}
${told && html`<p class="muted">${counted(told.unchanged ?? 0, 'template')} came as often as before. Left the first, right the second.</p>`}</div>`;
}
// src/save.js
function saveFile(name, type, text) {
const url = URL.createObjectURL(new Blob([text], { type }));
const link = document.createElement('a');
link.href = url;
link.download = name;
link.click();
setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
function fileName(title, ending) {
const plain = title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60);
return `${plain || 'incident'}.${ending}`;
}
// src/postmortem.js
const FORMATS = ([
{ name: 'JSON', number: 0, ending: 'json', type: 'application/json' },
{ name: 'Markdown', number: 1, ending: 'md', type: 'text/markdown' },
{ name: 'HTML', number: 2, ending: 'html', type: 'text/html' },
]);
const SECTION_NAMES = ({
what_happened: 'What happened', why: 'Why', went_well: 'What went well', went_badly: 'What went badly',
times: 'Times (UTC)', privacy: 'Privacy impact', access: 'Who had access to data',
});
const NOT_DRAWN = new Set(['schema', 'version', 'title']);
const ACTIONS = 'actions';
const draft = signal((null));
const failure = signal('');
function given() {
const written = Object.fromEntries(room.log.under('pm/').map(([field, value]) => [field.slice(3), value]));
const access = receipts().map((told) => ({
time: told.time, who: told.receipt?.operator ?? 'this room’s user',
what: `${told.what}: ${counted(told.bytes, 'byte')} to ${told.receipt?.model ?? 'the server'}`,
}));
return { title: roomName(), ...written, ...(access.length > 0 ? { access } : {}) };
}
async function redraw() {
if (!report.value) return;
try {
draft.value = JSON.parse((await engine.ask('postmortem', { format: 0, given: given() })).text);
failure.value = '';
} catch (error) {
failure.value = error instanceof Error ? error.message : '';
}
}
async function exportPostmortem(at) {
const format = FORMATS[at];
if (!format || !report.value) return say('There is nothing to export yet.');
try {
const told = await engine.ask('postmortem', { format: format.number, given: given() });
saveFile(fileName(roomName(), format.ending), format.type, told.text);
const found = told.findings.length;
return say(`Saved as ${format.name}. The scan on the way out ${found > 0
? `took out ${counted(found, 'more value')}` : 'found nothing more'}.`);
} catch (error) {
return say(`Not exported: ${error instanceof Error ? error.message : ''}.`, true);
}
}
const put = (key, value) => write(`pm/${key}`, value, `${name(key).toLowerCase()} of the postmortem`);
const name = (key) => SECTION_NAMES[key] ?? key.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());
function Field({ label, value, onWrite, rows = 1 }) {
const [text, setText] = useState(value);
useEffect(() => setText(value), [value]);
const says = {
value: text, 'aria-label': label,
onInput: (e) => setText(e.target.value),
onChange: () => text !== value && onWrite(text),
};
return rows > 1
? html`<textarea rows=${Math.min(14, Math.max(rows, text.split('\n').length + Math.floor(text.length / 110)))} ...${says}></textarea>`
: html`<input ...${says} />`;
}
function Actions({ list }) {
const change = (at, more) => put(ACTIONS, list.map((one, n) => (n === at ? { ...one, ...more } : one)));
return html`<div class="actions">${list.map((one, at) => html`<div class="action" key=${at}>
<${Field} label=${`Action ${at + 1}`} value=${String(one.text ?? '')} onWrite=${(text) => change(at, { text })} />
<${Field} label=${`Owner of action ${at + 1}`} value=${String(one.owner ?? '')} onWrite=${(owner) => change(at, { owner })} />
<input type="date" aria-label=${`Deadline of action ${at + 1}`} value=${String(one.due ?? one.deadline ?? '').slice(0, 10)}
onChange=${(e) => change(at, { due: e.target.value })} />
<button class="quiet" aria-label=${`Take action ${at + 1} away`} onClick=${() => put(ACTIONS, list.filter((_, n) => n !== at))}>×</button>
</div>`)}
<button class="quiet" onClick=${() => put(ACTIONS, [...list, { text: '', owner: '', due: '' }])}>Add an action</button></div>`;
}
function Times({ value }) {
return html`<div class="times">${Object.entries(value).map(([key, time]) => html`<label>${name(key)}
<${Field} label=${name(key)} value=${time === null ? '' : String(time)}
onWrite=${(text) => put('times', { ...value, [key]: text.trim() === '' ? null : text.trim() })} /></label>`)}</div>`;
}
function Told({ value }) {
if (value === null || value === undefined || value === '') return html`<span class="muted">not told</span>`;
if (Array.isArray(value)) {
return html`<ul class="list">${value.slice(0, 60).map((one) => html`<li><${Told} value=${one} /></li>`)}</ul>`;
}
if (typeof value === 'object') {
const { who, text } = value;
if (typeof text === 'string') {
return html`<time>${when(value)}</time> <span>${who && html`<b><${Clean} text=${who} />:</b> `}<${Clean} text=${text} /></span> <${Jump} at=${value} />`;
}
return html`<dl class="facts-list">${Object.entries(value).map(([key, one]) => html`<div><dt>${name(key)}</dt><dd><${Told} value=${one} /></dd></div>`)}</dl>`;
}
return html`<${Clean} text=${String(value)} />`;
}
function Section({ part, value }) {
const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
const isEmptyList = Array.isArray(value) && value.length === 0;
let body;
if (part === ACTIONS && Array.isArray(value)) body = html`<${Actions} list=${value} />`;
else if (part === 'times' && value && typeof value === 'object') body = html`<${Times} value=${value} />`;
else if (typeof value === 'string') {
body = html`<${Field} label=${name(part)} value=${value} rows=${3} onWrite=${(text) => put(part, text)} />`;
} else if (isTexts && !(isEmptyList && part === 'timeline')) {
body = html`<${Field} label=${`${name(part)}, one a line`} value=${value.join('\n')} rows=${2}
onWrite=${(text) => put(part, text.split('\n').filter((line) => line.trim() !== ''))} />`;
} else body = html`<${Told} value=${value} />`;
return html`<section><h3>${name(part)}</h3>${body}</section>`;
}
function Postmortem() {
const now = revision.value;
const told = report.value;
useEffect(() => {
void redraw();
}, [now, told]);
if (!told) {
return html`<p class="nothing">${reportError.value ? `Not drafted: ${reportError.value}.` : 'The draft stands here once there is something to read.'}</p>`;
}
if (failure.value) return html`<p class="nothing bad">Not drafted: ${failure.value}.</p>`;
if (!draft.value) return html`<p class="nothing">Drafting…</p>`;
return html`<div class="postmortem"><p class="bar">
${FORMATS.map((format, at) => html`<button onClick=${() => exportPostmortem(at)}>Export ${format.name}</button>`)}
<span class="muted">Scanned again on the way out: what is scanned is what is saved.</span></p>
<section><h3>Title</h3><${Field} label="Title" value=${roomName()} onWrite=${(text) => write('title', text.trim() || null, 'title')} /></section>
${Object.entries(draft.value).filter(([key]) => !NOT_DRAWN.has(key)).map(([key, value]) =>
html`<${Section} key=${key} part=${key} value=${value} />`)}</div>`;
}
// src/commands.js
const PANELS = ([
['answer', 'Answer'], ['themes', 'Themes'], ['stacks', 'Stacks'], ['timeline', 'Timeline'],
['steps', 'Next steps'], ['notes', 'Notes'], ['compare', 'Compare'], ['postmortem', 'Postmortem'],
['ask', 'Ask a model'],
]);
const panel = signal(('answer'));
const dialog = signal((null));
const show = (name, told) => (dialog.value = { name, told });
function openPanel(id) {
panel.value = id;
count('panel_opened', (id));
document.getElementById(`tab-${id}`)?.focus();
}
function chooseFiles() {
const input = document.createElement('input');
input.type = 'file';
input.multiple = true;
input.onchange = () => addFiles([...(input.files ?? [])]);
input.click();
}
async function addFiles(files) {
for (const file of files) {
count('source_added', sizeBucket(file.size));
await add(file.name, file);
}
}
async function paste(text) {
if (text.trim() === '') return;
count('source_added', sizeBucket(text.length));
await add(`paste ${sources.value.length + 1}`, new Blob([text]));
}
async function tryIncident() {
if (room.log.get('title') === null) write('title', 'Synthetic: checkout cannot take payments', 'name of the room');
const first = sources.value.length;
for (const { name, text } of incident()) await add(name, new Blob([text]));
active.value = sources.value[first]?.id ?? active.value;
}
const focusSearch = () => (document.getElementById('search'))?.focus();
const plain = (key) => (event) =>
event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey;
const control = (key, shift = false) => (event) =>
event.key.toLowerCase() === key && (event.ctrlKey || event.metaKey) && event.shiftKey === shift;
function commands() {
return [
{ name: 'Command palette', keys: 'Ctrl K', when: control('k'), run: () => show('palette') },
{ name: 'Next finding', keys: 'j', when: plain('j'), run: () => nextFinding(1) },
{ name: 'Previous finding', keys: 'k', when: plain('k'), run: () => nextFinding(-1) },
{ name: 'Search in this source', keys: '/', when: plain('/'), run: focusSearch },
{ name: 'Next match', keys: 'n', when: plain('n'), run: () => (query.value ? searchNext(1) : focusSearch()) },
{ name: 'Previous match', keys: 'N', when: plain('N'), run: () => searchNext(-1) },
{ name: 'Redact what is selected', keys: 'r', when: plain('r'), run: () => show('redact') },
{ name: 'Undo', keys: 'Ctrl Z', when: control('z'), run: () => step('undo') },
{ name: 'Redo', keys: 'Ctrl Shift Z', when: control('z', true), run: () => step('redo') },
...PANELS.map(([id, name], at) => ({
name: `Panel: ${name}`, keys: String(at + 1), when: plain(String(at + 1)), run: () => openPanel(id),
})),
{ name: 'Add a source: choose files', keys: 'o', when: plain('o'), run: chooseFiles },
{ name: 'Try a synthetic incident', run: tryIncident },
{ name: 'Show values of class B in the right column, or hide them', run: () => peek('B') },
{ name: 'What leaves: the meter and its receipts', keys: 'm', when: plain('m'), run: () => show('meter') },
{ name: 'Marks by hand and cases', run: () => show('marks') },
{
name: wantsNames() ? 'Do not look for names of people' : 'Look for names of people, too (fetches 3 MB from this server)',
run: () => lookForNames(!wantsNames()),
},
...['JSON', 'Markdown', 'HTML'].map((name, at) => ({
name: `Export the postmortem as ${name}`,
run: () => { count('postmortem_exported'); return exportPostmortem(at); },
})),
{ name: 'Share this room…', run: () => show('share') },
{ name: 'Rename this room…', run: () => show('rename') },
{ name: 'New room', run: () => newRoom() },
...rooms.value.filter(({ id }) => id !== room.id).map(({ id, name }) => ({
name: `Go to room: ${name}`, run: () => openRoom(id),
})),
{ name: 'Save now', keys: 'Ctrl S', when: control('s'), run: async () => { await saveNow(); say('Saved in this browser, sealed.'); } },
{ name: 'End this room…', run: () => show('end') },
{ name: 'Privacy: what this page keeps and counts', run: () => show('privacy') },
{ name: 'Keys and help', keys: '?', when: plain('?'), run: () => show('help') },
];
}
function isTyping(event) {
const at = event.target instanceof HTMLElement ? event.target : null;
return at !== null && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
}
function pressed(event) {
if (event.defaultPrevented || event.isComposing) return;
const isChord = event.ctrlKey || event.metaKey;
if (dialog.value !== null && !(isChord && event.key.toLowerCase() === 'k')) return;
if (isTyping(event) && !(isChord && /^[ks]$/i.test(event.key))) return;
const command = commands().find(({ when }) => when?.(event));
if (!command) return;
event.preventDefault();
command.run();
}
// src/share.js
const MESSAGE_BYTES_MAX = 150_000;
const PIECE_LENGTH = 48_000;
const SHARED_BYTES_MAX = 6 << 20;
const WAIT_SECONDS = 20;
const AFTER_FAILURE_MS = 5000;
const SEND_AFTER_MS = 300;
const shared = signal((null));
const openings = signal(([]));
let outgoing = [];
let sendTimer = 0;
let listening = null;
const waiting = new Map();
const keyOf = (share) => shareKey(fromBase64(share.secret));
const sealName = (id) => `share/${id}`;
const why = (error) => (error instanceof Error ? error.message : '');
const link = (share) =>
`${new URL('.', document.baseURI).href}#room=${share.id}.${share.secret}`;
function messages(ops) {
const out = [];
let held = [];
let bytes = 0;
for (const op of ops) {
const more = encode(JSON.stringify(op)).length;
if (bytes + more > MESSAGE_BYTES_MAX && held.length > 0) {
out.push(held);
held = [];
bytes = 0;
}
held.push(op);
bytes += more;
}
return held.length > 0 ? [...out, held] : out;
}
async function flush() {
clearTimeout(sendTimer);
const share = room.share;
if (!share || outgoing.length === 0) return;
const ops = outgoing;
outgoing = [];
try {
const { texts } = await engine.ask('notes', { texts: ops.map((op) => op.v) });
const clean = ops.map((op, at) => ({ ...op, v: texts[at] }));
const key = await keyOf(share);
for (const message of messages(clean)) {
const sealed = await seal(key, sealName(share.id), encode(JSON.stringify(message)));
await post('share/append', { room: share.id, sealed: toBase64(sealed) });
}
} catch (error) {
outgoing = [...ops, ...outgoing];
if (error instanceof Refused && error.code === 'share_unknown') gone();
else say(`Not shared yet: ${why(error)}`, true);
}
}
function gone() {
listening?.abort();
room.share = null;
shared.value = null;
outgoing = [];
save();
say('The shared copy is gone: it expired or was revoked. This room stays in this browser.', true);
}
function sourceOps(source) {
const bytes = source.clean.all();
if (bytes.length > SHARED_BYTES_MAX) {
say(`“${source.name}” is not shared: more than ${size(SHARED_BYTES_MAX)}.`, true);
return [];
}
const text = decode(bytes);
const of = Math.ceil(text.length / PIECE_LENGTH);
return Array.from({ length: of }, (_, n) => {
const piece = text.slice(n * PIECE_LENGTH, (n + 1) * PIECE_LENGTH);
const { name } = source;
return { f: `src/${source.id}/${n}`, v: { name, n, of, text: piece }, k: 0, c: room.log.client };
});
}
function queue(ops) {
if (!room.share || ops.length === 0) return;
outgoing.push(...ops);
clearTimeout(sendTimer);
sendTimer = setTimeout(flush, SEND_AFTER_MS);
}
async function start(hours) {
if (!hasSession()) return say('To share, open the link that `cordon room` prints.', true);
try {
const told = await post('share/create', { hours });
const secret = toBase64Url(randomBytes());
room.share = { id: told.room, secret, expires: told.expires_unix_s, mine: true, since: 0, seen: [] };
room.share.seen = sources.value.map((source) => source.id);
queue([...room.log.shareable(), ...sources.value.flatMap(sourceOps)]);
await flush();
save();
listen();
return say('Shared. Who has the link and a session can read and write along, until it expires.');
} catch (error) {
return say(`Not shared: ${why(error)}`, true);
}
}
async function join(id, secret) {
try {
await keyOf({ secret });
} catch {
return say('That link is not whole: its key is missing.', true);
}
await newRoom();
room.share = { id, secret, expires: 0, mine: false, since: 0, seen: [] };
shared.value = room.share;
save();
listen();
return undefined;
}
async function takePiece(op) {
const [, id = ''] = String(op.f).split('/');
const { v } = op;
const isPiece = Number.isInteger(v?.n) && Number.isInteger(v?.of) && typeof v.text === 'string';
if (!isPiece || v.of > SHARED_BYTES_MAX / 1000 || room.share.seen.includes(id) || sourceOf(id)) return;
const pieces = waiting.get(id) ?? new Map();
waiting.set(id, pieces.set(v.n, v));
if (pieces.size < v.of) return;
waiting.delete(id);
room.share.seen.push(id);
const texts = Array.from({ length: v.of }, (_, n) => pieces.get(n)?.text ?? '');
await addShared(String(v.name).slice(0, 200), new Blob(texts));
}
async function take(message, key, id) {
let ops;
try {
ops = JSON.parse(decode(await unseal(key, sealName(id), fromBase64(message.sealed))));
} catch {
return; // not sealed with this room's key: somebody else's noise
}
if (!Array.isArray(ops)) return;
const settings = ops.filter((op) => isOp(op) && !op.f.startsWith('src/') && !op.f.startsWith(LOCAL));
merged(settings);
for (const op of ops) if (isOp(op) && op.f.startsWith('src/')) await takePiece(op);
}
async function listen() {
listening?.abort();
const control = new AbortController();
listening = control;
const share = room.share;
shared.value = share;
const key = await keyOf(share);
waiting.clear();
let since = share.since;
let wait = 0;
while (!control.signal.aborted) {
try {
const told = await post('share/read', { room: share.id, since, wait_s: wait }, control.signal);
for (const message of told.messages ?? []) await take(message, key, share.id);
if (control.signal.aborted) return;
since = told.next;
if (waiting.size === 0) share.since = since;
wait = told.more ? 0 : WAIT_SECONDS;
if (share.expires !== told.expires_unix_s) {
share.expires = told.expires_unix_s;
shared.value = { ...share };
}
if ((told.messages ?? []).length > 0) save();
} catch (error) {
if (control.signal.aborted) return;
if (error instanceof Refused && error.code === 'share_unknown') return gone();
await new Promise((done) => setTimeout(done, AFTER_FAILURE_MS));
}
}
}
async function readOpenings() {
if (!room.share) return;
try {
openings.value = (await post('share/opened', { room: room.share.id })).opened ?? [];
} catch (error) {
say(`Not told who opened it: ${why(error)}`, true);
}
}
async function revoke() {
if (!room.share) return;
try {
await post('share/revoke', { room: room.share.id });
gone();
say('Revoked: the server deleted its copy. What others already opened is in their browsers.');
} catch (error) {
say(`Not revoked: ${why(error)}`, true);
}
}
onOps.heard = (ops) => queue(ops.filter((op) => !op.f.startsWith(LOCAL)));
onSource.heard = (source) => {
if (!room.share) return;
room.share.seen.push(source.id);
queue(sourceOps(source));
};
onRoom.heard = () => {
listening?.abort();
outgoing = [];
openings.value = [];
shared.value = room.share;
if (room.share && hasSession()) listen();
};
function expiry(share) {
if (!share.expires) return 'opening…';
const minutes = Math.round((share.expires * 1000 - Date.now()) / 60_000);
return minutes > 120 ? `expires in ${counted(Math.round(minutes / 60), 'hour')}`
: `expires in ${counted(Math.max(0, minutes), 'minute')}`;
}
// src/dialogs.js
const close = () => (dialog.value = null);
function Frame({ title, children, wide }) {
const box = useRef((null));
useEffect(() => {
const before = document.activeElement;
box.current.showModal();
return () => before instanceof HTMLElement && before.focus();
}, []);
return html`<dialog ref=${box} class=${wide ? 'wide' : ''} aria-label=${title} onClose=${close}
onClick=${(e) => e.target === box.current && close()}>
<div class="body"><header><h2>${title}</h2><button class="quiet" aria-label="Close" onClick=${close}>×</button></header>
${children}</div></dialog>`;
}
function Palette() {
const [text, setText] = useState('');
const [at, setAt] = useState(0);
const words = text.toLowerCase().split(/\s+/).filter(Boolean);
const found = commands().slice(1).filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
const here = Math.min(at, Math.max(0, found.length - 1));
const run = (n) => {
close();
found[n]?.run();
};
const keys = (event) => {
const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
if (move !== 0) setAt((here + move + found.length) % Math.max(1, found.length));
else if (event.key === 'Enter') run(here);
else return;
event.preventDefault();
};
useEffect(() => document.getElementById(`command-${here}`)?.scrollIntoView({ block: 'nearest' }), [here]);
return html`<${Frame} title="Command palette"><input class="wide" role="combobox" aria-expanded="true" aria-controls="commands"
aria-activedescendant=${found.length > 0 ? `command-${here}` : undefined} aria-label="Command" placeholder="What to do" autofocus value=${text}
onInput=${(e) => { setText(e.target.value); setAt(0); }} onKeyDown=${keys} />
<ul id="commands" class="commands" role="listbox" aria-label="Commands">${found.map(({ name, keys: said }, n) => html`
<li id=${`command-${n}`} role="option" aria-selected=${String(n === here)} onClick=${() => run(n)}>
<span>${name}</span>${said && html`<kbd>${said}</kbd>`}</li>`)}</ul>
${found.length === 0 && html`<p class="nothing">No command has these words.</p>`}<//>`;
}
function Help() {
return html`<${Frame} title="Keys and help" wide=${true}>
<p>This is your temporary incident workspace. It lives on your machine unless you export it.</p>
<p class="muted">Left is the text as you have it. Right is all that could ever leave: secrets removed, personal data as pseudonyms. What is under the columns is made of the right one, in this tab.</p>
<dl class="keys">${commands().filter(({ keys }) => keys).map(({ name, keys }) => html`<div><dt><kbd>${keys}</kbd></dt><dd>${name}</dd></div>`)}</dl><//>`;
}
function Meter() {
void revision.value;
const all = receipts();
return html`<${Frame} title=${`Sent for inference: ${size(sentBytes())}`} wide=${true}>
${all.length === 0 ? html`<p>Nothing has left this tab. A model is asked only when you press its button, and the exact prompt is drawn before.</p>`
: html`<ol class="receipts">${all.map((told) => html`<li><p><time>${told.time.slice(0, 19).replace('T', ' ')}</time> <b>${told.what}</b> <span>${counted(told.bytes, 'byte')}</span></p>
${told.receipt && html`<pre tabindex="0">${JSON.stringify(told.receipt, null, 1)}</pre>`}</li>`)}</ol>`}
<p class="muted">Counted are the bytes of each request as it leaves. A receipt can be checked against the server’s audit log.</p><//>`;
}
function Redact() {
const [text, setText] = useState('');
const done = useRef(false);
if (!done.current && markSelected()) {
done.current = true;
queueMicrotask(close);
return null;
}
const add = (event) => {
event.preventDefault();
close();
count('mark_added');
addTerms(text.split('\n'));
};
return html`<${Frame} title="Redact a text everywhere"><form onSubmit=${add}>
<p class="muted">Each line is a text that shall not leave: it becomes a pseudonym in every source of this room. You can also select text in the left column and press <kbd>r</kbd>.</p>
<textarea class="wide" rows="3" maxlength=${TERM_LENGTH_MAX * 10} aria-label="Texts, one a line" autofocus value=${text}
onInput=${(e) => setText(e.target.value)}></textarea>
<p class="acts"><button class="primary">Redact</button></p></form><//>`;
}
const REASONS = ['a made-up value', 'an id, not a person’s', 'a public value', 'a word of our own', 'another reason'];
function NotSensitive({ told: { source, finding } }) {
const value = rawValue(source, finding);
const [reason, setReason] = useState(REASONS[0] ?? '');
const [form, setForm] = useState(shape(value).slice(0, 200));
const { what } = explain(finding.rule, finding.class);
const keep = (event) => {
event.preventDefault();
close();
count('mark_disputed');
const { rule, version, class: level, path } = finding;
write(`${LOCAL}case/${randomId(6)}`, { rule, version, class: level, path, reason, shape: form }, 'case');
say('Kept as a case. What leaves is unchanged: the value stays redacted.');
};
return html`<${Frame} title="Not sensitive"><form onSubmit=${keep}>
<p>Rule <code>${finding.rule}</code> took this for: ${what}. Say why it is not, and it becomes a case for the rule. <b>What leaves does not change.</b></p>
<label class="field">Why <select value=${reason} onChange=${(e) => setReason(e.target.value)}>${REASONS.map((one) => html`<option>${one}</option>`)}</select></label>
<label class="field">Shape that the case keeps in place of the value
<input value=${form} maxlength="200" onInput=${(e) => setForm(shape(e.target.value))} /></label>
<p class="muted">Letters are <code>a</code> and <code>A</code>, digits <code>0</code>; shorten it as you like. The value itself is never in a case.</p>
<p class="acts"><button class="primary">Keep the case</button></p></form><//>`;
}
async function exportCases() {
const cases = room.log.under(`${LOCAL}case/`).map(([, one]) => ({ ...one, want: 'no finding' }));
const said = JSON.stringify({ schema: 'cordon.rule.cases', version: 1, cases }, null, 2);
try {
const { text } = await engine.ask('redact', { text: `${said}\n` });
saveFile(fileName(`${roomName()} cases`, 'json'), 'application/json', text);
} catch (error) {
say(`Not exported: ${error instanceof Error ? error.message : ''}.`, true);
}
}
function Marks() {
void revision.value;
const terms = room.log.under(`${LOCAL}term/`);
const cases = room.log.under(`${LOCAL}case/`);
return html`<${Frame} title="Marks by hand and cases" wide=${true}>
<h3>Texts that you marked</h3>
${terms.length === 0 && html`<p class="muted">None. Select text in the left column, or press <kbd>r</kbd>.</p>`}
<ul class="list">${terms.map(([field, text]) => html`<li><span>${text}</span>
<button class="quiet" onClick=${() => removeTerm(field)}>Take the mark back</button></li>`)}</ul>
<h3>Cases for rules</h3>
${cases.length === 0 && html`<p class="muted">None. Open a mark and choose “Not sensitive…”.</p>`}
<ul class="list">${cases.map(([field, one]) => html`<li><code>${one.rule}</code> <code>${one.shape}</code> <span class="muted">${one.reason}</span>
<button class="quiet" onClick=${() => write(field, null, 'taking a case away')}>Take away</button></li>`)}</ul>
${cases.length > 0 && html`<p class="acts"><button onClick=${exportCases}>Export the cases as JSON</button></p>`}<//>`;
}
function Share() {
const [hours, setHours] = useState(24);
const [copied, setCopied] = useState(false);
const share = shared.value;
useEffect(() => {
if (share?.mine) void readOpenings();
}, [share?.id]);
if (!share) {
return html`<${Frame} title="Share this room">
<p>Shared is what would leave, and your notes, redacted: sealed in this tab under a key that is in the link alone. The server keeps ciphertext and who opened it, and cannot read it. Raw text stays here.</p>
${!hasSession() && html`<p class="note">To share, this tab needs a session: open the link that <code>cordon room</code> prints.</p>`}
<label class="field">Expires after <select value=${hours} onChange=${(e) => setHours(Number(e.target.value))}>
${[1, 8, 24, 72, 168].map((n) => html`<option value=${n}>${counted(n, 'hour')}</option>`)}</select></label>
<p class="acts"><button class="primary" disabled=${!hasSession()} onClick=${() => { count('room_shared'); void start(hours); }}>Share</button></p><//>`;
}
return html`<${Frame} title="This room is shared" wide=${true}>
<p>Whoever has this link and a session reads and writes along. ${expiry(share)}.</p>
<label class="field">Link: its key is behind <code>#</code> and is not sent to the server
<input readonly value=${link(share)} onFocus=${(e) => e.target.select()} /></label>
<p class="acts"><button onClick=${async () => { await navigator.clipboard.writeText(link(share)); setCopied(true); }}>${copied ? 'Copied' : 'Copy the link'}</button>
${share.mine && html`<button class="danger" onClick=${revoke}>Revoke</button>`}
<button onClick=${readOpenings}>Who opened it</button></p>
${openings.value.length > 0 && html`<ul class="list">${openings.value.map((one) => html`<li><b>${one.operator}</b>
<span class="muted">first ${new Date(one.first_unix_s * 1000).toISOString().slice(0, 16).replace('T', ' ')}, ${counted(one.reads ?? 1, 'time')}</span></li>`)}</ul>`}<//>`;
}
function End() {
const end = () => {
close();
count('room_ended');
void endRoom();
};
return html`<${Frame} title=${`End “${roomName()}”`}>
<p>The room’s key is destroyed and its text, notes and receipts are deleted from this browser. It cannot be undone. Export the postmortem first if you need it: that file is the only copy that lasts.</p>
${shared.value && html`<p class="note">The shared copy on the server is ciphertext and stays until it expires or is revoked.</p>`}
<p class="acts"><button class="danger" autofocus onClick=${end}>End the room</button><button onClick=${close}>Keep it</button></p><//>`;
}
function Rename() {
const [text, setText] = useState(roomName());
const keep = (event) => {
event.preventDefault();
close();
write('title', text.trim() || null, 'name of the room');
};
return html`<${Frame} title="Rename this room"><form onSubmit=${keep}>
<input class="wide" aria-label="Name" autofocus value=${text} maxlength="200" onInput=${(e) => setText(e.target.value)} />
<p class="acts"><button class="primary">Rename</button></p></form><//>`;
}
function Privacy() {
return html`<${Frame} title="What this page keeps and counts" wide=${true}>
<p>Kept in this browser: your rooms, each sealed under its own key, until you end them. Kept elsewhere: nothing, unless you share a room (ciphertext) or export a file.</p>
<p>Sent: nothing, until you ask a model or share. Then only to the server that gave you this page.</p>
<label class="field row"><input type="checkbox" checked=${counting.value} onChange=${(e) => turn(e.target.checked)} />
Count what I do in this tab, in buckets, for me to look at. It is not sent anywhere.</label>
${counting.value && html`<ul class="list">${Object.entries(counts.value).map(([key, n]) => html`<li><code>${key}</code> ${number(n)}</li>`)}</ul>
<p class="acts"><button onClick=${() => saveFile('counts.json', 'application/json', JSON.stringify(countsTold(), null, 2))}>Save the counts</button></p>`}<//>`;
}
const DIALOGS = ({
palette: Palette, help: Help, meter: Meter, redact: Redact, false: NotSensitive, marks: Marks,
share: Share, end: End, rename: Rename, privacy: Privacy,
});
function Dialog() {
const open = dialog.value;
const Shown = open ? DIALOGS[open.name] : null;
return Shown ? html`<${Shown} key=${open?.name} told=${open?.told} />` : null;
}
const disputed = (told) => show('false', told);
// src/main.js
const SENTENCE = 'This is your temporary incident workspace. It lives on your machine unless you export it.';
const EXAMPLE = { mail: 'ada@shop.example', secret: ['not', 'a', 'real', 'one'].join('-') };
const dragged = signal(false);
const split = signal(innerWidth < 760 ? 38 : 50);
function Rooms() {
void revision.value;
return html`<label class="rooms"><span class="hidden">Room</span>
<select value=${room.id} onChange=${(e) => {
const { value } = e.target;
if (value === '+') void newRoom();
else void openRoom(value);
}}>${rooms.value.map(({ id, name }) => html`<option value=${id} selected=${id === room.id}>${id === room.id ? roomName() : name}</option>`)}
<option value="+">New room…</option></select></label>`;
}
const KEPT = { kept: 'kept in this browser, sealed', keeping: 'keeping…', 'not kept': 'in this tab only' };
function Top() {
void revision.value;
const sent = sentBytes();
return html`<header class="top">
<h1 class="brand">cordon</h1>
<${Rooms} />
<span class=${`kept ${kept.value === 'not kept' ? 'bad' : ''}`} role="status">${KEPT[kept.value]}</span>
<span class="space"></span>
<button class=${sent > 0 ? 'meter some' : 'meter'} onClick=${() => show('meter')}
title="What has left this tab">Sent for inference: <b>${size(sent)}</b></button>
<button class=${shared.value ? 'on' : ''} onClick=${() => show('share')}>${shared.value ? 'Shared' : 'Share'}</button>
<button class="end" onClick=${() => show('end')}>End room</button>
<button class="command" onClick=${() => show('palette')} title="Command palette"><span>Commands</span><kbd>Ctrl K</kbd></button>
<button class="quiet" onClick=${() => show('help')} aria-label="Keys and help">?</button>
</header>`;
}
function Sources() {
void revision.value;
const source = sourceOf(active.value);
const total = source?.findings.count ?? 0;
const here = place.value?.source === source?.id ? (place.value?.finding ?? -1) : -1;
const keys = (event) => {
if (event.key === 'Enter') void searchNext(event.shiftKey ? -1 : 1);
if (event.key === 'Escape') { query.value = ''; event.target.blur(); }
};
return html`<nav class="sources" aria-label="Sources">
<div class="tabs">${sources.value.map((one) => html`<span class=${one.id === active.value ? 'source on' : 'source'} key=${one.id}>
<button aria-pressed=${String(one.id === active.value)} onClick=${() => { active.value = one.id; place.value = null; }}>${one.name}
${one.kind && html`<small>${one.kind.replace('_', ' ')}</small>`}</button>
<button class="quiet" aria-label=${`Take ${one.name} out of the room`} onClick=${() => removeSource(one.id)}>×</button></span>`)}
<button class="add" onClick=${chooseFiles} title="Or paste, or drop a file, anywhere on the page">+ Add</button></div>
<div class="find">
<span class="found">${total > 0 ? `${here >= 0 ? `${number(here + 1)} of ` : ''}${counted(total, 'finding')}` : ''}</span>
<button class="quiet" aria-label="Previous finding" title="Previous finding (k)" disabled=${total === 0} onClick=${() => nextFinding(-1)}>↑</button>
<button class="quiet" aria-label="Next finding" title="Next finding (j)" disabled=${total === 0} onClick=${() => nextFinding(1)}>↓</button>
<input id="search" type="search" aria-label="Search in this source" placeholder="Search  /" value=${query.value}
onInput=${(e) => (query.value = e.target.value)} onKeyDown=${keys} />
</div></nav>`;
}
function Welcome() {
return html`<div class="welcome"><div class="yours">
<h2>Paste the mess.</h2>
<p>Logs, JSON, OTLP, a stack trace, an alert, a chat export. Press <kbd>Ctrl V</kbd>, drop a file of up to 64 MB, or</p>
<p class="acts"><button class="primary" onClick=${tryIncident}>Try a synthetic incident</button>
<button onClick=${chooseFiles}>Choose files…</button></p>
<label class="phone">Paste here
<textarea rows="2" value="" onInput=${(e) => { const { value } = e.target; e.target.value = ''; void paste(value); }}></textarea></label>
<p class="sample">ERROR payment failed user=<span class="mark class-b">${EXAMPLE.mail}</span> password=<span class="mark class-a">${EXAMPLE.secret}</span></p>
<p class="sentence">${SENTENCE}</p>
</div><div class="leaves">
<p class="sample">ERROR payment failed user=<span class="mark class-b">email_q7dm2k…</span> password=<span class="mark class-a">[removed:key.password]</span></p>
<p><i class="dot a"></i><b>Secrets are removed</b> before anything else reads the text, and are never shown on this side.</p>
<p><i class="dot b"></i><b>Personal data becomes pseudonyms</b>: the same value, the same pseudonym, so that one can still follow it.</p>
<p><i class="dot n"></i><b>Nothing is sent.</b> The likely failure point, themes, stack traces explained, timeline, next steps, notes and a postmortem are made in this tab.</p>
<p><i class="dot n"></i><b>A model is asked only by its button</b>, after the exact prompt was drawn: evidence, never the pasted text.</p>
<p><i class="dot n"></i><b>“End room” destroys its key.</b> An export is the only copy that lasts.</p>
</div></div>`;
}
const SHOWN = ({
answer: Answer, themes: Themes, stacks: Stacks, timeline: Timeline, steps: Steps, notes: Notes,
compare: Compare, postmortem: Postmortem, ask: Ask,
});
function countOf(id) {
const told = report.value;
const lists = ({
themes: told?.themes, stacks: told?.stacks, timeline: told?.timeline, steps: told?.ladder,
});
return lists[id]?.length ?? 0;
}
function Dock() {
const Shown = SHOWN[panel.value];
const keys = (event) => {
const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
if (way === 0) return;
const at = PANELS.findIndex(([id]) => id === panel.value);
const next = PANELS[(at + way + PANELS.length) % PANELS.length];
if (next) openPanel(next[0]);
event.preventDefault();
};
return html`<section class="dock" aria-label="What it says">
<div class="tabs" role="tablist" aria-label="Panels" onKeyDown=${keys}>${PANELS.map(([id, name]) => {
const isOn = panel.value === id;
return html`<button role="tab" id=${`tab-${id}`} aria-selected=${String(isOn)} aria-controls="panel"
tabindex=${isOn ? 0 : -1} onClick=${() => openPanel(id)}>${name}${countOf(id) > 0 && html` <small>${number(countOf(id))}</small>`}</button>`;
})}</div>
<div id="panel" class="panel" role="tabpanel" tabindex="0" aria-labelledby=${`tab-${panel.value}`}><${Shown} key=${panel.value} /></div>
</section>`;
}
function Divider() {
const move = (to) => (split.value = Math.min(80, Math.max(20, Math.round(to))));
const drag = (event) => {
if (event.buttons !== 1) return;
const main = document.querySelector('main')?.getBoundingClientRect();
if (main) move(((event.clientY - main.top) / main.height) * 100);
};
const keys = (event) => {
const way = event.key === 'ArrowDown' ? 5 : event.key === 'ArrowUp' ? -5 : 0;
if (way !== 0) { move(split.value + way); event.preventDefault(); }
};
return html`<div class="divider" role="separator" tabindex="0" aria-orientation="horizontal" aria-label="Height of the text"
aria-valuenow=${split.value} aria-valuemin="20" aria-valuemax="80" onKeyDown=${keys} onPointerMove=${drag}
onPointerDown=${(e) => e.target.setPointerCapture(e.pointerId)}></div>`;
}
function Progress() {
const told = progress.value;
if (!told) return null;
const part = told.total > 0 ? Math.min(1, told.done / told.total) : 0;
return html`<div class="progress" role="status"><span>${told.what}${told.total > 1 ? `: ${size(told.done)} of ${size(told.total)}` : ''}</span>
<progress max="1" value=${part} aria-label=${told.what}></progress>
${told.stop && html`<button onClick=${told.stop}>Stop</button>`}</div>`;
}
function Page() {
return html`<${Top} />
<${Sources} />
<main class=${sources.value.length === 0 ? 'empty' : ''} style=${{ '--split': `${split.value}fr`, '--rest': `${100 - split.value}fr` }}>
<${Columns} empty=${ready.value ? html`<${Welcome} />` : html`<p class="nothing">Starting…</p>`} />
${sources.value.length > 0 && html`<${Divider} /><${Dock} />`}
</main>
<${Progress} />
<${Explained} onFalse=${disputed} />
<${Selected} />
<div class="saying" aria-live="polite">${saying.value && html`<p class=${saying.value.bad ? 'bad' : ''}>${saying.value.text}</p>`}</div>
${dragged.value && html`<div class="drop">Drop it: it is read in this tab.</div>`}
<${Dialog} />`;
}
function takeFragment() {
const said = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, '', location.pathname);
const session = said.get('session') ?? '';
const [, id = '', secret = ''] = /^([\w-]{1,80})\.([\w-]{43})$/.exec(said.get('room') ?? '') ?? [];
return { session, id, secret };
}
function hear() {
addEventListener('keydown', (event) => {
if (event.key === 'Escape') closeExplained();
pressed(event);
});
addEventListener('paste', (event) => {
const at = event.target;
if (dialog.value || (at instanceof HTMLElement && /^(INPUT|TEXTAREA)$/.test(at.tagName))) return;
event.preventDefault();
const files = [...(event.clipboardData?.files ?? [])];
const text = event.clipboardData?.getData('text/plain') ?? '';
if (text !== '') void paste(text);
else void addFiles(files);
});
addEventListener('dragover', (event) => {
event.preventDefault();
dragged.value = true;
});
addEventListener('dragleave', (event) => {
if (event.relatedTarget === null) dragged.value = false;
});
addEventListener('drop', (event) => {
event.preventDefault();
dragged.value = false;
const files = [...(event.dataTransfer?.files ?? [])];
const text = event.dataTransfer?.getData('text/plain') ?? '';
if (files.length > 0) void addFiles(files);
else void paste(text);
});
document.addEventListener('visibilitychange', () => {
if (document.visibilityState === 'hidden') void saveNow();
});
}
const fragment = takeFragment();
render(html`<${Page} />`, document.body);
hear();
await Promise.all([boot(fragment.session), startGuard()]);
if (fragment.id !== '') {
if (hasSession()) await join(fragment.id, fragment.secret);
else say('To open a shared room, this browser needs a session first: open the link that `cordon room` prints, then this one again.', true);
}
