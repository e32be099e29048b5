// @ts-check
// What was sent from this room for help with a model: each request, its bytes, its receipt.

import { LOCAL } from './oplog.js';
import { room, write } from './room.js';
import { randomId } from './seal.js';

/** Oldest first. @returns {any[]} */
export const receipts = () => room.log.under(`${LOCAL}receipt/`).map(([, told]) => told)
  .sort((a, b) => (a.time < b.time ? -1 : 1));

/** Bytes that left this tab. */
export const sentBytes = () => receipts().reduce((sum, told) => sum + told.bytes, 0);

/**
 * @param {string} what
 * @param {number} bytes
 * @param {{who: string, classes: Record<string, number>, receipt?: any}} told who asked, and the
 * bytes of each class that were sent on or shown
 */
export function keepReceipt(what, bytes, { who, classes, receipt = null }) {
  const told = { what, bytes, time: new Date().toISOString(), who, classes, receipt };
  write(`${LOCAL}receipt/${randomId(6)}`, told, 'receipt');
  room.history.done.pop(); // what was sent cannot be taken back
}
