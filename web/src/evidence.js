// @ts-check
// What of the report goes to a model: typed pieces and short excerpts, most useful first, never the
// pasted text. The server refuses what is longer.

/** As the server has them. */
export const ITEMS_COUNT_MAX = 64;
export const TEXT_LENGTH_MAX = 160;
const FRAMES_COUNT_MAX = 8;
const COMPONENT_LENGTH_MAX = 64;
/** Letters of all pieces together. */
const EVIDENCE_LENGTH_MAX = 12_288;

/**
 * @typedef {object} Item
 * @property {string} kind
 * @property {string} text
 * @property {string} [component]
 * @property {string[]} [frames]
 * @property {string} [time]
 * @property {number} [count]
 */

/** One line of at most so many letters. @param {unknown} text @param {number} [length] */
export function short(text, length = TEXT_LENGTH_MAX) {
  const line = String(text ?? '').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const letters = [...line];
  return letters.length <= length ? line : `${letters.slice(0, length - 1).join('')}…`;
}

/** Pieces from the first on, as many as go together. @param {Item[]} items */
export function together(items) {
  let length = 0;
  return items.filter((item) => {
    const texts = [item.text, item.component ?? '', ...(item.frames ?? [])];
    const own = texts.reduce((all, text) => all + [...text].length, 0);
    length += own;
    return length <= EVIDENCE_LENGTH_MAX;
  });
}

/** @param {unknown} time */
function moment(time) {
  const said = typeof time === 'string' ? Date.parse(time.replace(' UTC', 'Z').replace(' ', 'T')) : NaN;
  return Number.isNaN(said) ? {} : { time: new Date(said).toISOString().replace(/\.\d+Z$/, 'Z') };
}

/** @param {unknown} name */
const component = (name) =>
  typeof name === 'string' && name !== '' ? { component: short(name, COMPONENT_LENGTH_MAX) } : {};

/** @param {any} one */
const times = (one) => (Number.isInteger(one?.count) && one.count > 0 ? { count: one.count } : {});

/** @param {any} frame */
export const frameText = (frame) =>
  short([frame.module, frame.function].filter(Boolean).join('.') +
    (frame.file ? ` (${frame.file}${frame.line ? `:${frame.line}` : ''})` : ''));

/**
 * @param {any} report of the room
 * @param {[string, any][]} notes of the user, redacted
 * @returns {Item[]}
 */
export function evidence(report, notes) {
  /** @type {Item[]} */
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
  for (const entry of (report?.timeline ?? []).filter((/** @type {any} */ e) => e.kind !== 'message').slice(0, 16)) {
    const kind = entry.kind === 'alert' || entry.kind === 'change' ? entry.kind : 'timeline';
    items.push({ kind, text: short(entry.text), ...moment(entry.time), ...component(entry.component) });
  }
  for (const [, note] of notes.slice(-8)) items.push({ kind: 'note', text: short(note.text) });
  return together(items.filter((item) => item.text !== '').slice(0, ITEMS_COUNT_MAX));
}

/** A component as text, or as what counts it. @param {any} said */
export const nameOf = (said) => String(said?.component ?? said ?? '');
