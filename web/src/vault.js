// @ts-check
// Rooms in the browser's own store (IndexedDB), each sealed under a key of its own.
//
// Records: `keys` (room → CryptoKey, not extractable), `parts` ([room, part] → sealed bytes).
// *Invariant:* no byte of a room, its name included, is in the store unsealed; what ends a room is
// that its key is deleted, and its parts with it.

import { decode, encode } from './text.js';
import { newKey, randomId, seal, unseal } from './seal.js';

const NAME = 'cordon';
const STATE = 'state';
/** Beside the rooms: the person's session with the server, sealed as they are. */
const SESSION = 'session';
/** Bytes of a sealed piece of a source. */
const PIECE_BYTES = 4 << 20;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((give, fail) => {
    request.onsuccess = () => give(request.result);
    request.onerror = () => fail(request.error);
  });

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
const finished = (transaction) =>
  new Promise((give, fail) => {
    transaction.oncomplete = () => give();
    transaction.onabort = () => fail(transaction.error);
    transaction.onerror = () => fail(transaction.error);
  });

export class Vault {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /** The store, or null where the browser has none for this page. */
  static async open() {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('keys');
        request.result.createObjectStore('parts');
      };
      const vault = new Vault(await done(request));
      // Another tab may want to upgrade or delete.
      vault.database.onversionchange = () => vault.database.close();
      return vault;
    } catch {
      return null;
    }
  }

  /** @param {IDBTransactionMode} mode */
  begin(mode) {
    return this.database.transaction(['keys', 'parts'], mode);
  }

  /** Ids of the rooms that have a key. @returns {Promise<string[]>} */
  async rooms() {
    const keys = await done(this.begin('readonly').objectStore('keys').getAllKeys());
    return keys.map(String).filter((id) => id !== SESSION);
  }

  /** @param {string} token */
  async keepSession(token) {
    const { key } = await this.create(SESSION);
    return this.putState(SESSION, key, { token });
  }

  /** @returns {Promise<string>} */
  async session() {
    const key = await this.key(SESSION);
    return key ? ((await this.state(SESSION, key))?.token ?? '') : '';
  }

  /** A new room's id and key; both are kept. */
  async create(room = randomId()) {
    const key = await newKey();
    const transaction = this.begin('readwrite');
    transaction.objectStore('keys').put(key, room);
    await finished(transaction);
    return { room, key };
  }

  /** @param {string} room @returns {Promise<CryptoKey | undefined>} */
  key(room) {
    return done(this.begin('readonly').objectStore('keys').get(room));
  }

  /** @param {string} room @param {CryptoKey} key @param {string} part @param {Uint8Array} bytes */
  async put(room, key, part, bytes) {
    const sealed = await seal(key, `${room}/${part}`, bytes);
    const transaction = this.begin('readwrite');
    // A room that another tab has ended is not written to again.
    const kept = await done(transaction.objectStore('keys').count(room));
    if (kept === 0) return false;
    transaction.objectStore('parts').put(sealed, [room, part]);
    await finished(transaction);
    return true;
  }

  /** @param {string} room @param {CryptoKey} key @param {string} part */
  async get(room, key, part) {
    const sealed = await done(this.begin('readonly').objectStore('parts').get([room, part]));
    return sealed ? unseal(key, `${room}/${part}`, sealed) : null;
  }

  /** @param {string} room @param {CryptoKey} key @param {object} state */
  putState(room, key, state) {
    return this.put(room, key, STATE, encode(JSON.stringify(state)));
  }

  /** @param {string} room @param {CryptoKey} key @returns {Promise<any>} */
  async state(room, key) {
    const bytes = await this.get(room, key, STATE);
    return bytes ? JSON.parse(decode(bytes)) : null;
  }

  /**
   * Keeps a source in pieces; their count.
   * @param {string} room @param {CryptoKey} key @param {string} source @param {Uint8Array} bytes
   */
  async putSource(room, key, source, bytes) {
    let pieces = 0;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await this.put(room, key, `${source}/${pieces}`, bytes.subarray(at, at + PIECE_BYTES));
      pieces += 1;
    }
    return pieces;
  }

  /** @param {string} room @param {string} source */
  async removeSource(room, source) {
    const transaction = this.begin('readwrite');
    const from = [room, `${source}/`];
    transaction.objectStore('parts').delete(IDBKeyRange.bound(from, [room, `${source}/\uffff`]));
    await finished(transaction);
  }

  /** Destroys a room: its key first, then everything that it sealed. @param {string} room */
  async end(room) {
    const keys = this.begin('readwrite');
    keys.objectStore('keys').delete(room);
    await finished(keys);
    const parts = this.begin('readwrite');
    parts.objectStore('parts').delete(IDBKeyRange.bound([room, ''], [room, '\uffff']));
    await finished(parts);
  }
}
