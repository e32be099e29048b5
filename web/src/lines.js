// @ts-check
// A text as bytes with an index of its lines: 50 MB and a million lines are one buffer and one
// array of numbers, never a string a line.
//
// Lines end with LF; an unfinished last line counts. Offsets are bytes of UTF-8.

import { decode } from './text.js';

/** Bytes of one text. Its index is of 32 bits, and the module takes no more. */
export const TEXT_BYTES_MAX = 64 << 20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export class Lines {
  constructor() {
    this.buffer = new Uint8Array(1 << 16);
    this.length = 0;
    this.starts = new Uint32Array(1 << 10);
    this.feeds = 0;
  }

  /**
   * Adds bytes behind what there is.
   * @param {Uint8Array} bytes
   */
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

  /** @param {number} next where the next line begins */
  feed(next) {
    this.feeds += 1;
    if (this.feeds >= this.starts.length) {
      const grown = new Uint32Array(this.starts.length * 2);
      grown.set(this.starts);
      this.starts = grown;
    }
    this.starts[this.feeds] = next;
  }

  /** Lines, an unfinished last one among them. */
  get count() {
    return this.feeds + (this.length > (this.starts[this.feeds] ?? 0) ? 1 : 0);
  }

  /**
   * Where a line's text begins and ends, without its line end.
   * @param {number} line from 0
   * @returns {[number, number]}
   */
  range(line) {
    if (line < 0 || line >= this.count) return [0, 0];
    const from = this.starts[line] ?? 0;
    let to = line < this.feeds ? (this.starts[line + 1] ?? 0) - 1 : this.length;
    if (line < this.feeds && to > from && this.buffer[to - 1] === CARRIAGE_RETURN) to -= 1;
    return [from, to];
  }

  /**
   * A piece of a line; a view, not a copy.
   * @param {number} line
   * @param {number} from byte in the line
   * @param {number} bytes at most
   */
  piece(line, from, bytes) {
    const [start, end] = this.range(line);
    return this.buffer.subarray(Math.min(start + from, end), Math.min(start + from + bytes, end));
  }

  /**
   * The line in which a byte is.
   * @param {number} offset
   */
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

  /** All bytes; a view. */
  all() {
    return this.buffer.subarray(0, this.length);
  }

  /** Overwrites what was held. */
  wipe() {
    this.buffer.fill(0);
    this.length = 0;
    this.feeds = 0;
  }
}



/** Bytes that a search reads before it lets the page breathe. */
const SEARCH_BYTES = 1 << 20;

/**
 * The next line after `from` (before it, where `step` is -1) that holds `query`, whatever its
 * case; the search goes round once. -1 where there is none, or where `stopped` says so.
 * @param {Lines} lines
 * @param {string} query
 * @param {number} from
 * @param {1 | -1} step
 * @param {() => boolean} stopped
 */
export async function findLine(lines, query, from, step, stopped) {
  const wanted = query.toLowerCase();
  const count = lines.count;
  if (wanted === '' || count === 0) return -1;
  let read = 0;
  for (let seen = 1; seen <= count; seen += 1) {
    const line = (((from + step * seen) % count) + count) % count;
    const [start, end] = lines.range(line);
    for (let at = start; at < end; at += SEARCH_BYTES) {
      // A match may lie across two pieces.
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
