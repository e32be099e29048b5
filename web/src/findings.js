// @ts-check
// What the module found, as columns of numbers: a million findings are a few arrays. And the
// pieces that a line is drawn of.
//
// *Invariant:* no value is held here, only places; lines rise, and offsets within a line.

import { decode, encode, hidden, toUnits, visible, wholeCharacters } from './text.js';

/**
 * @typedef {object} Finding as the module tells it
 * @property {number} line of the source, from 0
 * @property {string} rule
 * @property {string} [version]
 * @property {string} class
 * @property {string} [path]
 * @property {number} offset bytes in the raw line
 * @property {number} length
 * @property {number} [text_offset] bytes in the clean line
 * @property {number} [text_length]
 */

const COLUMNS = 7;
/** Says that a finding has no place in the clean line. */
const NOWHERE = 0xffffffff;

export class Findings {
  constructor() {
    this.cells = new Uint32Array(COLUMNS << 6);
    this.count = 0;
    /** @type {string[]} */
    this.kinds = [];
    /** @type {Map<string, number>} */
    this.numbers = new Map();
  }

  /** Findings of one answer; lines in it are not before those that are here. @param {Finding[]} list */
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

  /** @param {Finding} finding */
  kind({ rule, version = '', class: level, path = '' }) {
    const said = [rule, version, level, path].join('\t');
    let number = this.numbers.get(said);
    if (number === undefined) {
      number = this.kinds.push(said) - 1;
      this.numbers.set(said, number);
    }
    return number;
  }

  /** @param {number} index @returns {Finding & {index: number}} */
  at(index) {
    const [line = 0, offset = 0, length = 0, text_offset = 0, text_length = 0, kind = 0] =
      this.cells.subarray(index * COLUMNS, (index + 1) * COLUMNS);
    const said = (this.kinds[kind] ?? '').split('\t');
    const [rule = '', version = '', level = '', path = ''] = said;
    return {
      index, line, offset, length, text_offset, text_length, rule, version, class: level, path,
    };
  }

  /** The first finding of that line or a later one. @param {number} line */
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

  /** @param {number} line */
  ofLine(line) {
    const found = [];
    for (let at = this.from(line); at < this.count; at += 1) {
      if (this.cells[at * COLUMNS] !== line) break;
      found.push(this.at(at));
    }
    return found;
  }

  /** How many there are of each class. */
  classes() {
    /** @type {Record<string, number>} */
    const counts = {};
    const levels = this.kinds.map((said) => said.split('\t')[2] ?? '');
    for (let at = 0; at < this.count; at += 1) {
      const level = levels[this.cells[at * COLUMNS + 5] ?? 0] ?? '';
      counts[level] = (counts[level] ?? 0) + 1;
    }
    return counts;
  }
}

/** Whether a finding stands somewhere in the clean line. @param {Finding} finding */
export const hasPlace = (finding) =>
  finding.text_offset !== undefined && finding.text_offset !== NOWHERE;

/**
 * @typedef {object} Piece
 * @property {string} text what is drawn
 * @property {number} byte where it begins in the line
 * @property {number} [mark] the finding's index
 * @property {boolean} [hit] of the search
 * @property {string} [sign] the hidden sign that it stands for
 */

/** Bytes of a line that are drawn at once; the rest is told. */
export const LINE_BYTES_DRAWN = 4096;

/**
 * A window of a line as pieces.
 * @param {Uint8Array} bytes the window
 * @param {number} from where it begins in the line
 * @param {{at: number, length: number, index: number}[]} marks of the line, rising
 * @param {string} query what is searched, in small letters
 * @returns {Piece[]}
 */
export function pieces(bytes, from, marks, query) {
  const whole = wholeCharacters(bytes);
  const text = decode(bytes.subarray(whole.from, whole.to));
  const base = from + whole.from;
  const seen = marks.filter((mark) => mark.at + mark.length > base && mark.at < from + bytes.length);
  const units = toUnits(text, seen.flatMap(({ at, length }) => [at - base, at + length - base]));
  /** @type {Map<number, Partial<Piece>>} */
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

/**
 * @param {string} text
 * @param {string} query
 * @param {Set<number>} cuts
 * @param {Map<number, Partial<Piece>>} starts
 */
function cutHits(text, query, cuts, starts) {
  const low = text.toLowerCase();
  // Letters whose small form is longer would move what follows.
  if (query === '' || low.length !== text.length) return;
  for (let at = low.indexOf(query); at >= 0; at = low.indexOf(query, at + query.length)) {
    cuts.add(at).add(at + query.length);
    for (let unit = at; unit < at + query.length; unit += 1) {
      starts.set(unit, { ...starts.get(unit), hit: true });
    }
  }
}

/**
 * @param {string} text
 * @param {number} base
 * @param {number[]} cuts
 * @param {Map<number, Partial<Piece>>} starts
 */
function cutPieces(text, base, cuts, starts) {
  const shown = visible(text);
  /** @type {Piece[]} */
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
