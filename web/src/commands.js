// @ts-check
// Everything that can be done, once: the palette, the keys and the help are made of this list.

import { query, searchNext } from './columns.js';
import { exported } from './engine.js';
import { count, sizeBucket } from './events.js';
import { load } from './parts.js';
import {
  active, add, kept, lookForNames, newRoom, nextFinding, openRoom, peek, room, rooms, saveNow, say, sources, step,
  wantsNames, write,
} from './room.js';
import { signal } from '../vendor/preact.js';

/** Panels, in their order. */
export const PANELS = /** @type {const} */ ([
  ['answer', 'Answer'], ['themes', 'Themes'], ['stacks', 'Stacks'], ['timeline', 'Timeline'],
  ['steps', 'Next steps'], ['notes', 'Notes'], ['compare', 'Compare'], ['postmortem', 'Postmortem'],
  ['ask', 'Ask a model'],
]);
export const panel = signal(/** @type {string} */ ('answer'));
/** The dialog that is open, and what it is about. */
export const dialog = signal(/** @type {{name: string, told?: any} | null} */ (null));

/** @param {string} name @param {any} [told] */
export const show = (name, told) => (dialog.value = { name, told });

/** @param {string} id */
export function openPanel(id) {
  panel.value = id;
  count('panel_opened', /** @type {any} */ (id));
  document.getElementById(`tab-${id}`)?.focus();
}

export function chooseFiles() {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.onchange = () => addFiles([...(input.files ?? [])]);
  input.click();
}

/** @param {File[]} files */
export async function addFiles(files) {
  for (const file of files) {
    count('source_added', sizeBucket(file.size));
    await add(file.name, file);
  }
}

/** @param {string} text */
export async function paste(text) {
  if (text.trim() === '') return;
  count('source_added', sizeBucket(text.length));
  await add(`paste ${sources.value.length + 1}`, new Blob([text]));
}

export async function tryIncident() {
  const demo = await load('demo');
  if (!demo) return;
  if (room.log.get('title') === null) write('title', 'Synthetic: checkout cannot take payments', 'name of the room');
  const first = sources.value.length;
  for (const { name, text } of demo.incident()) await add(name, new Blob([text]));
  active.value = sources.value[first]?.id ?? active.value;
}

const focusSearch = () => /** @type {HTMLElement | null} */ (document.getElementById('search'))?.focus();

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {string} [keys] as people read them
 * @property {(event: KeyboardEvent) => boolean} [when] whether a key press is its own
 * @property {() => unknown} run
 */

/** @param {string} key */
const plain = (key) => (/** @type {KeyboardEvent} */ event) =>
  event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey;
/** @param {string} key @param {boolean} [shift] */
const control = (key, shift = false) => (/** @type {KeyboardEvent} */ event) =>
  event.key.toLowerCase() === key && (event.ctrlKey || event.metaKey) && event.shiftKey === shift;

/** @returns {Command[]} */
export function commands() {
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
      name: wantsNames() ? 'Do not look for names of people' : `Look for names of people, too (${exported ? 'a second or two' : 'fetches 3 MB from this server'})`,
      run: () => lookForNames(!wantsNames()),
    },
    ...['JSON', 'Markdown', 'HTML'].map((name, at) => ({
      name: `Export the postmortem as ${name}`,
      run: async () => (await load('postmortem'))?.exportPostmortem(at),
    })),
    ...(exported ? [] : [{ name: 'Share this room…', run: () => show('share') }]),
    { name: 'Rename this room…', run: () => show('rename') },
    { name: 'New room', run: () => newRoom() },
    ...rooms.value.filter(({ id }) => id !== room.id).map(({ id, name }) => ({
      name: `Go to room: ${name}`, run: () => openRoom(id),
    })),
    { name: 'Save now', keys: 'Ctrl S', when: control('s'), run: async () => { await saveNow(); if (kept.value === 'kept') say('Saved in this browser, sealed.'); else say('Not saved: this room is in this tab alone.', true); } },
    { name: 'End this room…', run: () => show('end') },
    { name: 'Privacy: what this page keeps and counts', run: () => show('privacy') },
    { name: 'Keys and help', keys: '?', when: plain('?'), run: () => show('help') },
  ];
}

/** Whether a key press is meant for what has the focus. @param {KeyboardEvent} event */
function isTyping(event) {
  const at = event.target instanceof HTMLElement ? event.target : null;
  return at !== null && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
}

/** @param {KeyboardEvent} event */
export function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const isChord = event.ctrlKey || event.metaKey;
  if (dialog.value !== null && !(isChord && event.key.toLowerCase() === 'k')) return;
  // Undo in a field is the field's own.
  if (isTyping(event) && !(isChord && /^[ks]$/i.test(event.key))) return;
  const command = commands().find(({ when }) => when?.(event));
  if (!command) return;
  event.preventDefault();
  command.run();
}
