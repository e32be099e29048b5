// @ts-check
// Sealing with the browser's own cryptography: AES-GCM of 256 bits, a fresh nonce each time, the
// name of what is sealed bound to it.
//
// A room's key cannot be taken out of the browser's store: it is deleted, and what it sealed is
// lost. A shared room's key is in the link, behind `#`, which browsers do not send.

import { encode, toBase64Url } from './text.js';

const NONCE_BYTES = 12;
const KEY_BYTES = 32;

/** A key that does not leave the browser's store. */
export function newKey() {
  const kind = { name: 'AES-GCM', length: KEY_BYTES * 8 };
  return crypto.subtle.generateKey(kind, false, ['encrypt', 'decrypt']);
}

/** @param {number} [bytes] */
export const randomBytes = (bytes = KEY_BYTES) => crypto.getRandomValues(new Uint8Array(bytes));

/** Letters for ids. @param {number} [bytes] */
export const randomId = (bytes = 9) => toBase64Url(randomBytes(bytes));

/**
 * Nonce and ciphertext.
 * @param {CryptoKey} key
 * @param {string} name of what is sealed
 * @param {Uint8Array} bytes
 */
export async function seal(key, name, bytes) {
  const nonce = randomBytes(NONCE_BYTES);
  const how = { name: 'AES-GCM', iv: nonce, additionalData: encode(name) };
  const copy = new Uint8Array(bytes);
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, key, copy));
  const out = new Uint8Array(NONCE_BYTES + sealed.length);
  out.set(nonce);
  out.set(sealed, NONCE_BYTES);
  return out;
}

/**
 * What was sealed; throws where key, name or a byte is another.
 * @param {CryptoKey} key
 * @param {string} name
 * @param {Uint8Array} sealed
 */
export async function unseal(key, name, sealed) {
  const iv = new Uint8Array(sealed.subarray(0, NONCE_BYTES));
  const how = { name: 'AES-GCM', iv, additionalData: encode(name) };
  const rest = new Uint8Array(sealed.subarray(NONCE_BYTES));
  return new Uint8Array(await crypto.subtle.decrypt(how, key, rest));
}

/**
 * The key of a shared room, from the secret in its link.
 * @param {Uint8Array<ArrayBuffer>} secret
 */
export async function shareKey(secret) {
  if (secret.length !== KEY_BYTES) throw new Error('the link is not whole');
  return crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** @param {Uint8Array} bytes */
export async function sha256(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
