// @ts-check
// The room that is open: its sources, what the module says of them, what people wrote, and how it
// is kept. What is drawn reads the signals here; what is done goes through the functions here.
//
// The way of the data: bytes → `raw` (this tab) → the worker → `clean` and findings → report.

import { Engine, EngineError, namesPack } from './engine.js';
import { Findings } from './findings.js';
import { Lines, TEXT_BYTES_MAX } from './lines.js';
import { setSession } from './net.js';
import { History, LOCAL, OpLog } from './oplog.js';
import { randomBytes, randomId } from './seal.js';
import { counted, encode, fromBase64, number, size, toBase64 } from './text.js';
import { Vault } from './vault.js';
import { batch, signal } from '../vendor/preact.js';

/** Sources of one room. */
export const SOURCES_COUNT_MAX = 32;
/** Bytes of all sources of one room. */
export const ROOM_BYTES_MAX = 160 << 20;
/** Bytes that go to the worker at once. */
const PUSH_BYTES = 1 << 20;
/** Texts marked by hand, and letters of one. */
const TERMS_COUNT_MAX = 1000;
export const TERM_LENGTH_MAX = 400;
const NAMES_FIELD = `${LOCAL}names`;
const SAVE_AFTER_MS = 400;
const LET_GO_WITHIN_MS = 500;
const OPEN_ELSEWHERE = 'That room is open in another tab: go on there, or close it.';
const DRAW_EVERY_MS = 120;
const SAYING_SHOWN_MS = 7000;

/**
 * @typedef {object} Source
 * @property {string} id
 * @property {string} name
 * @property {string | null} kind told by the module
 * @property {Lines} raw
 * @property {Lines} clean
 * @property {Findings} findings
 * @property {boolean} kept whether its bytes are in the browser's store
 * @property {boolean} whole whether everything of it came in
 * @property {boolean} ready whether the module has read it to its end
 */

/**
 * @typedef {object} Place where the eye is
 * @property {string} source
 * @property {number} line
 * @property {number} byte in the line
 * @property {number} finding its index, or -1
 */

export const engine = new Engine();
/** @type {Vault | null} */
let vault = null;

/** The room itself; not drawn. */
export const room = {
  id: '',
  /** @type {CryptoKey | null} */
  key: null,
  secret: new Uint8Array(32),
  created: '',
  log: new OpLog(''),
  history: new History(),
  /** @type {any} */
  share: null,
};

/** @typedef {{what: string, done: number, total: number, stop: (() => void) | null}} Progress */

export const sources = signal(/** @type {Source[]} */ ([]));
export const active = signal('');
/** Rises when something was read or written: what is drawn of sources and the log looks again. */
export const revision = signal(0);
export const report = signal(/** @type {any} */ (null));
export const reportError = signal('');
export const progress = signal(/** @type {Progress | null} */ (null));
export const rooms = signal(/** @type {{id: string, name: string}[]} */ ([]));
export const kept = signal(/** @type {'kept' | 'keeping' | 'not kept'} */ ('keeping'));
export const saying = signal(/** @type {{text: string, bad: boolean} | null} */ (null));
export const place = signal(/** @type {Place | null} */ (null));
/** Findings whose value is shown in the right column of this tab: `source:index`, or a class. */
export const peeked = signal(/** @type {Set<string>} */ (new Set()));
export const ready = signal(false);
/** The share of this room, to be drawn. */
export const shared = signal(/** @type {any} */ (null));

let sayingTimer = 0;

/** Tells the user something. @param {string} text @param {boolean} [bad] */
export function say(text, bad = false) {
  clearTimeout(sayingTimer);
  saying.value = { text, bad };
  sayingTimer = setTimeout(() => (saying.value = null), SAYING_SHOWN_MS);
}

const drawAgain = () => (revision.value += 1);
export const sourceOf = (/** @type {string} */ id) => sources.value.find((s) => s.id === id);
export const roomName = () => String(room.log.get('title') ?? 'Untitled incident');

/** Texts that the user marked. @returns {string[]} */
export const terms = () => room.log.under(`${LOCAL}term/`).map(([, text]) => String(text));

// One thing after another: a source is not read while another is.
let last = Promise.resolve();
/** @template T @param {() => Promise<T>} work @returns {Promise<T | undefined>} */
function queued(work) {
  const next = last.then(work).catch((error) => {
    const told = error instanceof EngineError ? error.message : 'something went wrong in the page';
    if (!(error instanceof EngineError)) console.error('cordon:', error?.name);
    progress.value = null;
    say(`It did not work: ${told}. What you have here stays as it was.`, true);
    return undefined;
  });
  last = next.then(() => undefined);
  return next;
}

// ---- keeping

let saveTimer = 0;

export function save() {
  kept.value = vault ? 'keeping' : 'not kept';
  clearTimeout(saveTimer);
  saveTimer = setTimeout(saveNow, SAVE_AFTER_MS);
}

export async function saveNow() {
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

/** @param {Source} source */
async function keepSource(source) {
  if (!vault || !room.key) return;
  try {
    await vault.putSource(room.id, room.key, source.id, source.raw.all());
    source.kept = true;
  } catch {
    say(`“${source.name}” does not fit into the browser’s store: it is in this tab alone.`, true);
  }
}

// ---- what people write

/** Called with each setting that is made here, so that a shared room can send it. */
export const onOps = { heard: (/** @type {import('./oplog.js').Op[]} */ _ops) => {} };
/** Called with each source that is added here. */
export const onSource = { heard: (/** @type {Source} */ _source) => {} };
/** Called when another room is entered. */
export const onRoom = { heard: async () => {} };

/** @param {string} field @param {any} value */
function set(field, value) {
  const op = room.log.set(field, value);
  onOps.heard([op]);
  drawAgain();
  save();
}

/**
 * Sets a field, as a step that can be taken back.
 * @param {string} field @param {any} value @param {string} what
 */
export function write(field, value, what) {
  const before = room.log.get(field);
  if (JSON.stringify(before) === JSON.stringify(value)) return;
  room.history.push(field, before, value, what);
  set(field, value);
}

/** @param {any} value */
export function addNote(value) {
  const name = room.log.noteName();
  write(name, value, 'note');
}

/** @param {import('./oplog.js').Op[]} ops */
export function merged(ops) {
  const changed = room.log.merge(ops);
  if (changed.length === 0) return changed;
  drawAgain();
  save();
  return changed;
}

/** @param {'undo' | 'redo'} way */
export async function step(way) {
  const taken = way === 'undo' ? room.history.undo() : room.history.redo();
  if (!taken) return say(way === 'undo' ? 'Nothing to undo.' : 'Nothing to redo.');
  set(taken.field, way === 'undo' ? taken.before : taken.after);
  say(`${way === 'undo' ? 'Undone' : 'Done again'}: ${taken.what}.`);
  if (taken.field === NAMES_FIELD || taken.field.startsWith(`${LOCAL}term/`)) await queued(rerun);
  return undefined;
}

// ---- reading

/** @returns {Promise<void>} */
async function openEngine() {
  const names = wantsNames() ? (await namesPack()).slice() : null;
  const policy = {
    ...(terms().length > 0 ? { terms: terms() } : {}),
    // As `cordon redact --names`: sentences of lines are searched, too, not only fields.
    ...(names ? { names: 'lines' } : {}),
  };
  await engine.ask('open', { key: room.secret.slice(), policy, names });
}

/** Whether names of people in sentences are looked for too. */
export const wantsNames = () => room.log.get(NAMES_FIELD) === true;

/** @param {boolean} wanted */
export const lookForNames = (wanted) =>
  queued(async () => {
    if (wanted) await namesPack();
    write(NAMES_FIELD, wanted || null, 'looking for names');
    await rerun();
    say(wanted ? 'Names of people are looked for, too.' : 'Names of people are not looked for.');
  });

/** @param {Source} source @param {any} told */
function taken(source, told) {
  source.clean.append(told.clean);
  source.findings.append(told.findings ?? []);
  source.kind = told.kind ?? source.kind;
}

/**
 * Pushes bytes of a source and takes what comes back.
 * @param {Source} source @param {Uint8Array} bytes
 */
async function push(source, bytes) {
  for (let at = 0; at < bytes.length; at += PUSH_BYTES) {
    const copy = bytes.slice(at, at + PUSH_BYTES);
    taken(source, await engine.ask('push', { bytes: copy }, [copy.buffer]));
  }
}

/** @param {Source} source */
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

/** Reads every source again, under the marks that hold now. */
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

/** A worker that is new, and everything read again but one source. @param {Source} [without] */
async function startAgain(without) {
  if (without) sources.value = sources.value.filter((source) => source !== without);
  if (!sourceOf(active.value)) active.value = sources.value[0]?.id ?? '';
  await engine.start();
  await rerun();
}

/** @param {string} name */
function freeName(name) {
  const taken = new Set(sources.value.map((source) => source.name));
  let free = name;
  for (let n = 2; taken.has(free); n += 1) free = `${name} (${n})`;
  return free;
}

/** Bytes of a file as UTF-8, whatever they are. @param {Blob} blob */
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

/** @param {string} name @param {string} [id] @returns {Source} */
const newSource = (name, id = randomId(6)) => ({
  id, name, kind: null, raw: new Lines(), clean: new Lines(), findings: new Findings(),
  kept: false, whole: true, ready: false,
});

/**
 * Takes in a paste or a file; the source, where it was taken.
 * @param {string} name @param {Blob} blob
 */
export const add = (name, blob) =>
  queued(async () => {
    const source = await addNow(freeName(name), blob);
    if (source) onSource.heard(source);
  });

/** Takes in what somebody shared. @param {string} name @param {Blob} blob */
export const addShared = (name, blob) => queued(async () => void (await addNow(freeName(name), blob)));

/** @param {string} name @param {Blob} blob @returns {Promise<Source | null>} */
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
    say(`“${name}” was not taken in: ${why}. Nothing of it was kept or sent.`, true);
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

/**
 * @param {Source} source @param {Blob} blob @param {() => boolean} stopped @param {() => void} stop
 */
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

/** @param {string} id */
export const removeSource = (id) =>
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

// ---- marks by hand

/** @param {string[]} texts */
export const addTerms = (texts) =>
  queued(async () => {
    const here = new Set(terms());
    const all = [...new Set(texts.map((text) => text.trim()))].filter((text) => text.length > 1);
    // All of it or none: who marks something counts on it.
    if (all.some((text) => text.length > TERM_LENGTH_MAX)) {
      return say(`Nothing was marked: a marked text has at most ${TERM_LENGTH_MAX} letters a line. Mark less of it.`, true);
    }
    const wanted = all.filter((text) => !here.has(text));
    if (wanted.length === 0) return say('That text is marked already, or too short.');
    if (here.size + wanted.length > TERMS_COUNT_MAX) return say('No more marks fit.', true);
    for (const text of wanted) write(`${LOCAL}term/${randomId(6)}`, text, 'mark by hand');
    await rerun();
    const what = counted(wanted.length, 'text');
    return say(`${what} will leave as a pseudonym, in every source. Ctrl+Z takes ${wanted.length > 1 ? 'them back, one by one' : 'it back'}.`);
  });

/** @param {string} field */
export const removeTerm = (field) =>
  queued(async () => {
    write(field, null, 'taking back a mark');
    await rerun();
  });

/** Shows or hides a value in the right column of this tab. @param {string} what */
export function peek(what) {
  const now = new Set(peeked.value);
  if (!now.delete(what)) now.add(what);
  peeked.value = now;
}

/** A pseudonym's value, from this tab alone; class A has none. @param {string} token */
export function valueOf(token) {
  const wanted = encode(token);
  for (const source of sources.value) {
    const found = tokenIn(source, wanted);
    if (found !== null) return found;
  }
  return null;
}

/** @param {Source} source @param {Uint8Array} wanted */
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

/** @param {Source} source @param {import('./findings.js').Finding} finding */
export const rawValue = (source, { line, offset, length }) =>
  new TextDecoder().decode(source.raw.piece(line, offset, length));

// ---- looking

/** Goes to a place. @param {string} source @param {number} line @param {number} [finding] */
export function goTo(source, line, finding = -1) {
  const found = sourceOf(source);
  if (!found) return;
  const byte = finding >= 0 ? found.findings.at(finding).offset : 0;
  batch(() => {
    active.value = source;
    place.value = { source, line, byte, finding };
  });
}

/** The source that a report means, by its number or name. @param {any} said */
export function reported(said) {
  const listed = report.value?.sources ?? [];
  const at = listed.findIndex((/** @type {any} */ one) => one.number === said || one.name === said);
  if (at >= 0) return sources.value[at];
  return sources.value.find((source) => source.name === said) ?? sources.value[said];
}

/** To the next or the last finding. @param {1 | -1} way */
export function nextFinding(way) {
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

// ---- rooms

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

/**
 * Starts everything: store, engine, the room that was used last.
 * @param {string} session of the link, or empty for the one that is kept
 */
export async function boot(session) {
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
    const entered = latest && (await enter(latest.id, latest.key, latest.state));
    if (!entered) await freshRoom();
    if (latest && !entered) say(`“${titleIn(latest.state)}” is open in another tab. This is a new room.`);
    const lost = opened.length - known.length;
    if (lost > 0) say(`${counted(lost, 'room')} in this browser cannot be read any more.`, true);
  });
  ready.value = true;
}

/** @param {any} state */
const titleIn = (state) =>
  String(state.ops.find((/** @type {any} */ op) => op.f === 'title')?.v ?? 'Untitled incident');

/** @param {string} id */
async function readRoom(id) {
  try {
    const key = await vault?.key(id);
    const state = key ? await vault?.state(id, key) : null;
    return key && state ? { id, key, state } : null;
  } catch {
    return null;
  }
}

/** Lets another tab have the room that this one holds. */
let letGo = () => {};

/**
 * Takes a room for this tab: two would write over each other. Whether no other tab has it; a tab
 * that is being left may take a moment to let go.
 * @param {string} id
 */
const hold = (id) =>
  new Promise((/** @type {(held: boolean) => void} */ give) => {
    if (!navigator.locks) {
      give(true);
      return;
    }
    const signal = AbortSignal.timeout(LET_GO_WITHIN_MS);
    navigator.locks.request(`room/${id}`, { signal }, () => {
      letGo();
      give(true);
      return new Promise((done) => (letGo = () => done(undefined)));
    }).catch(() => give(false));
  });

async function freshRoom() {
  forget();
  const made = vault ? await vault.create().catch(() => null) : null;
  if (!made) vault = null;
  if (made) await hold(made.room);
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
  await onRoom.heard();
  drawAgain();
}

/**
 * Enters a room that is kept; whether no other tab has it.
 * @param {string} id
 * @param {CryptoKey} key
 * @param {any} state
 */
async function enter(id, key, state) {
  if (!(await hold(id))) return false;
  forget();
  room.id = id;
  room.key = key;
  room.secret = fromBase64(state.secret);
  room.created = state.created;
  room.log = new OpLog(state.client);
  room.log.merge(state.ops, true);
  room.history = new History();
  room.share = state.share ?? null;
  const held = [];
  for (const one of state.sources) held.push(await sourceFrom(id, key, one).catch(() => null));
  sources.value = held.filter((source) => source !== null);
  const lost = held.length - sources.value.length;
  if (lost > 0) say(`${counted(lost, 'source')} of this room cannot be read any more.`, true);
  active.value = sources.value[0]?.id ?? '';
  kept.value = 'kept';
  await onRoom.heard();
  await rerun();
  return true;
}

/** @param {string} room @param {CryptoKey} key @param {any} told */
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

export const newRoom = () =>
  queued(async () => {
    await saveNow();
    await freshRoom();
  });

/** @param {string} id */
export const openRoom = (id) =>
  queued(async () => {
    if (id === room.id) return undefined;
    await saveNow();
    const found = await readRoom(id);
    if (!found) return say('That room is gone: its key was destroyed.', true);
    if (await enter(found.id, found.key, found.state)) return undefined;
    return say(OPEN_ELSEWHERE, true);
  });

/** Destroys the room that is open, and says what is left. */
export const endRoom = () =>
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
    if (!other || !(await enter(other.id, other.key, other.state))) await freshRoom();
    say(`“${name}” is ended: its key is destroyed, its ${number(bytes)} bytes are deleted. ` +
      'Nothing of it is left in this browser.');
  });
