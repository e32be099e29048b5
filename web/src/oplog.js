// @ts-check
// What people write in a room, as a log of settings that two can write at once.
//
// *The rule of merging:* a field has the value of its latest setting; later is the higher Lamport
// clock, and of equal clocks the higher client id. A note is a field of a name that nobody else
// can make (`note/<client>-<n>`), so that notes only add up; taking one away sets it to null.
// So the order in which settings arrive does not matter, nor that one arrives twice.
//
// Fields that begin with `local/` never leave this browser: they may name raw values.

/**
 * @typedef {object} Op
 * @property {string} f field
 * @property {any} v value, null for none
 * @property {number} k Lamport clock
 * @property {string} c client
 */

/** Settings that a room keeps; a field's earlier ones do not count. */
export const FIELDS_COUNT_MAX = 20_000;
/** Letters of one value as JSON. */
export const VALUE_LENGTH_MAX = 1 << 20;
/** Clocks beyond are nobody's. */
const CLOCK_MAX = 2 ** 52;
/** How far ahead of one's own clock another's may be: no message comes near the end of clocks. */
const CLOCK_AHEAD_MAX = 2 ** 20;
export const LOCAL = 'local/';

/** Whether `a` is later than `b`. @param {Op} a @param {Op} b */
export const later = (a, b) => a.k > b.k || (a.k === b.k && a.c > b.c);

/** @param {any} op @returns {op is Op} */
export function isOp(op) {
  return (
    typeof op === 'object' && op !== null && typeof op.f === 'string' && typeof op.c === 'string' &&
    op.f.length <= 200 && op.c.length <= 40 && Number.isSafeInteger(op.k) && op.k >= 0 &&
    op.k < CLOCK_MAX && op.v !== undefined && JSON.stringify(op.v).length <= VALUE_LENGTH_MAX
  );
}

export class OpLog {
  /** @param {string} client */
  constructor(client) {
    this.client = client;
    this.clock = 0;
    this.made = 0;
    /** @type {Map<string, Op>} */
    this.fields = new Map();
  }

  /** Sets a field; the setting, to be kept and sent. @param {string} field @param {any} value */
  set(field, value) {
    this.clock += 1;
    const op = { f: field, v: value, k: this.clock, c: this.client };
    this.fields.set(field, op);
    return op;
  }

  /** A name for a note that nobody else makes. */
  noteName() {
    this.made += 1;
    return `note/${this.client}-${String(this.clock + 1).padStart(6, '0')}-${this.made}`;
  }

  /**
   * Takes in what somebody wrote, or what was kept here; the fields that changed.
   * @param {unknown[]} ops
   * @param {boolean} [own]
   */
  merge(ops, own = false) {
    const changed = [];
    for (const op of ops) {
      if (!isOp(op) || (!own && op.k > this.clock + CLOCK_AHEAD_MAX)) continue;
      const here = this.fields.get(op.f);
      if (!here && this.fields.size >= FIELDS_COUNT_MAX) continue;
      this.clock = Math.max(this.clock, op.k);
      if (here && !later(op, here)) continue;
      this.fields.set(op.f, op);
      changed.push(op.f);
    }
    return changed;
  }

  /** @param {string} field */
  get(field) {
    return this.fields.get(field)?.v ?? null;
  }

  /** Fields with a value, by name. @param {string} prefix @returns {[string, any][]} */
  under(prefix) {
    return [...this.fields.values()]
      .filter((op) => op.f.startsWith(prefix) && op.v !== null)
      .map((op) => /** @type {[string, any]} */ ([op.f, op.v]))
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }

  /** All settings, to be kept. */
  all() {
    return [...this.fields.values()];
  }

  /** Settings that may be shared. */
  shareable() {
    return this.all().filter((op) => !op.f.startsWith(LOCAL));
  }
}

/** Steps that can be taken back. */
const STEPS_COUNT_MAX = 200;

/** Undo and redo: each step is a field with its values before and after. */
export class History {
  constructor() {
    /** @type {{field: string, before: any, after: any, what: string}[]} */
    this.done = [];
    /** @type {{field: string, before: any, after: any, what: string}[]} */
    this.undone = [];
  }

  /** @param {string} field @param {any} before @param {any} after @param {string} what */
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
