// @ts-check
// A shared room: what would leave, sealed in this tab under a key that is in the link and nowhere
// else. The server keeps ciphertext, who opened it, and a date on which it goes.
//
// Shared are settings (notes, title, postmortem), redacted first, and the clean text of sources;
// never raw text, marks by hand, receipts or keys of the room.

import { hasSession, post, Refused } from './net.js';
import { isOp, LOCAL } from './oplog.js';
import {
  addShared, engine, merged, newRoom, onOps, onRoom, onSource, room, save, say, shared, sourceOf, sources,
} from './room.js';
import { randomBytes, seal, shareKey, unseal } from './seal.js';
import { counted, decode, encode, fromBase64, size, toBase64, toBase64Url } from './text.js';
import { signal } from '../vendor/preact.js';

/** Bytes of one message before it is sealed; sealed and in base64 it is below 256 KiB. */
const MESSAGE_BYTES_MAX = 150_000;
/** Bytes of clean text of one piece of a source: JSON may double it. */
const PIECE_LENGTH = 48_000;
/** Bytes of clean text of one source that is shared. */
export const SHARED_BYTES_MAX = 6 << 20;
const NOT_SECURE = 'The browser has no cipher for a page without TLS: a room is shared over https, or on the machine that serves it.';
const WAIT_SECONDS = 20;
const AFTER_FAILURE_MS = 5000;
const SEND_AFTER_MS = 300;

/** Others who opened it. */
export const openings = signal(/** @type {any[]} */ ([]));

/** @type {any[]} */
let outgoing = [];
let sendTimer = 0;
/** @type {AbortController | null} */
let listening = null;
/** Pieces of sources that have not all come. @type {Map<string, Map<number, any>>} */
const waiting = new Map();

/** @param {any} share */
const keyOf = (share) => shareKey(fromBase64(share.secret));
/** @param {string} id */
const sealName = (id) => `share/${id}`;
/** @param {any} error */
const why = (error) => (error instanceof Error ? error.message : '');

/** The link; what stands behind `#` browsers do not send. @param {any} share */
export const link = (share) =>
  `${new URL('.', document.baseURI).href}#room=${share.id}.${share.secret}`;

/** @param {any[]} ops in messages of at most so many bytes */
function messages(ops) {
  /** @type {any[][]} */
  const out = [];
  /** @type {any[]} */
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
  const ops = outgoing.sort((a, b) => a.k - b.k);
  outgoing = [];
  let sent = 0;
  try {
    const { texts } = await engine.ask('notes', { texts: ops.map((op) => op.v) });
    const clean = ops.map((op, at) => ({ ...op, v: texts[at] }));
    const key = await keyOf(share);
    for (const message of messages(clean)) {
      const sealed = await seal(key, sealName(share.id), encode(JSON.stringify(message)));
      await post('share/append', { room: share.id, sealed: toBase64(sealed) });
      sent += message.length;
      share.sent = Math.max(share.sent ?? 0, ...message.map((/** @type {any} */ op) => op.k));
    }
  } catch (error) {
    // Of another room by now: what is left goes when that one is entered again.
    if (room.share !== share) return undefined;
    outgoing = [...ops.slice(sent), ...outgoing];
    if (error instanceof Refused && error.code === 'share_unknown') return gone();
    say(`Not shared yet: ${why(error)}`, true);
    // What is full stays full.
    if (!(error instanceof Refused && error.code === 'share_full')) sendTimer = setTimeout(flush, AFTER_FAILURE_MS);
    return undefined;
  }
  return save();
}

function gone() {
  listening?.abort();
  room.share = null;
  shared.value = null;
  outgoing = [];
  save();
  say('The shared copy is gone: it expired or was revoked. This room stays in this browser.', true);
}

/** A text in pieces, no character cut in two. @param {string} text */
function cut(text) {
  const out = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + PIECE_LENGTH, text.length);
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end -= 1;
    out.push(text.slice(at, end));
    at = end;
  }
  return out;
}

/** @param {import('./room.js').Source} source */
function sourceOps(source) {
  const bytes = source.clean.all();
  if (bytes.length > SHARED_BYTES_MAX) {
    say(`“${source.name}” is not shared: more than ${size(SHARED_BYTES_MAX)}.`, true);
    return [];
  }
  const pieces = cut(decode(bytes));
  return pieces.map((text, n) => ({
    f: `src/${source.id}/${n}`, v: { name: source.name, n, of: pieces.length, text }, k: 0, c: room.log.client,
  }));
}

/** @param {any[]} ops */
function queue(ops) {
  if (!room.share || ops.length === 0) return;
  outgoing.push(...ops);
  clearTimeout(sendTimer);
  sendTimer = setTimeout(flush, SEND_AFTER_MS);
}

/** Shares the room that is open. @param {number} hours */
export async function start(hours) {
  if (!globalThis.isSecureContext) return say(NOT_SECURE, true);
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

/** Opens what somebody shared, as a room of its own. @param {string} id @param {string} secret */
export async function join(id, secret) {
  if (!globalThis.isSecureContext) return say(NOT_SECURE, true);
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

/** @param {any} op a piece of a source */
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

/** @param {any} message @param {CryptoKey} key @param {string} id */
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

/** Reads what others write, until the room is left. */
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

export async function readOpenings() {
  if (!room.share || !hasSession()) return;
  try {
    openings.value = (await post('share/opened', { room: room.share.id })).opened ?? [];
  } catch (error) {
    say(`Not told who opened it: ${why(error)}`, true);
  }
}

export async function revoke() {
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

/** Leaves the share of the room before, and enters that of this one. */
async function enter() {
  listening?.abort();
  outgoing = [];
  clearTimeout(sendTimer);
  openings.value = [];
  shared.value = room.share;
  if (!room.share || !hasSession()) return;
  // What was written when the room was left or the tab was closed, and had not gone yet.
  const { sent = 0 } = room.share;
  queue(room.log.shareable().filter((op) => op.c === room.log.client && op.k > sent));
  void listen();
}
onRoom.heard = enter;
if (room.share) await enter();

/** What is said of a share. @param {any} share */
export function expiry(share) {
  if (!share.expires) return 'opening…';
  const minutes = Math.round((share.expires * 1000 - Date.now()) / 60_000);
  return minutes > 120 ? `expires in ${counted(Math.round(minutes / 60), 'hour')}`
    : `expires in ${counted(Math.max(0, minutes), 'minute')}`;
}
