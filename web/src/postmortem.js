// @ts-check
// The postmortem: drafted by the module from the report, written over by people, scanned by the
// module on its way out. What is scanned is what is saved.

import { count } from './events.js';
import { Clean, Jump, when } from './panels.js';
import { receipts } from './receipts.js';
import { engine, report, reportError, revision, room, roomName, say, sources, write } from './room.js';
import { fileName, saveFile } from './save.js';
import { openings, readOpenings } from './share.js';
import { counted } from './text.js';
import { html, signal, useEffect, useState } from '../vendor/preact.js';

const FORMATS = /** @type {const} */ ([
  { name: 'JSON', number: 0, ending: 'json', type: 'application/json' },
  { name: 'Markdown', number: 1, ending: 'md', type: 'text/markdown' },
  { name: 'HTML', number: 2, ending: 'html', type: 'text/html' },
]);
const SECTION_NAMES = /** @type {Record<string, string>} */ ({
  what_happened: 'What happened', why: 'Why', went_well: 'What went well', went_badly: 'What went badly',
  times: 'Times (UTC)', privacy: 'Privacy impact', access: 'Who had access to data',
});
const NOT_DRAWN = new Set(['schema', 'version', 'title']);
/** Lists whose entries have an owner and a day. */
const ACTIONS = 'actions';

const draft = signal(/** @type {any} */ (null));
const failure = signal('');

/** What people wrote, in the draft's own keys. */
function given() {
  /** @type {Record<string, any>} */
  const written = Object.fromEntries(room.log.under('pm/').map(([field, value]) => [field.slice(3), value]));
  const asked = receipts().map((told) => ({
    time: told.time, who: told.who, class: told.classes['B'] > 0 ? 'B' : 'C',
    what: `${told.what}: ${counted(told.bytes, 'byte')} to ${told.receipt?.model ?? 'the server'}`,
  }));
  const opened = openings.value.map((one) => ({
    time: new Date(one.first_unix_s * 1000).toISOString(), who: one.operator, class: 'B',
    what: 'opened the shared room',
  }));
  const access = [...asked, ...opened];
  return { title: roomName(), findings: found(), ...(access.length > 0 ? { access } : {}), ...written };
}

/** Findings of all sources by class: what the privacy impact is reckoned from. */
function found() {
  /** @type {Record<string, number>} */
  const sum = {};
  for (const { findings } of sources.value) {
    for (const [level, n] of Object.entries(findings.classes())) sum[level] = (sum[level] ?? 0) + n;
  }
  return sum;
}

async function redraw() {
  if (!report.value) return;
  try {
    draft.value = JSON.parse((await engine.ask('postmortem', { format: 0, given: given() })).text);
    failure.value = '';
  } catch (error) {
    failure.value = error instanceof Error ? error.message : '';
  }
}

/** @param {number} at */
export async function exportPostmortem(at) {
  const format = FORMATS[at];
  if (!format || !report.value) return say('There is nothing to export yet.');
  count('postmortem_exported');
  try {
    await readOpenings();
    const told = await engine.ask('postmortem', { format: format.number, given: given() });
    saveFile(fileName(roomName(), format.ending), format.type, told.text);
    return say(`Saved as ${format.name}: what you wrote was redacted once more on the way out.`);
  } catch (error) {
    return say(`Not exported: ${error instanceof Error ? error.message : ''}.`, true);
  }
}

/** @param {string} key @param {any} value */
const put = (key, value) => write(`pm/${key}`, value, `${name(key).toLowerCase()} of the postmortem`);
/** @param {string} key */
const name = (key) => SECTION_NAMES[key] ?? key.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());

/** @param {{label: string, value: string, onWrite: (text: string) => void, rows?: number}} props */
function Field({ label, value, onWrite, rows = 1 }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const says = {
    value: text, 'aria-label': label,
    onInput: (/** @type {any} */ e) => setText(e.target.value),
    onChange: () => text !== value && onWrite(text),
  };
  return rows > 1
    ? html`<textarea rows=${Math.min(14, Math.max(rows, text.split('\n').length + Math.floor(text.length / 110)))} ...${says}></textarea>`
    : html`<input ...${says} />`;
}

/** @param {{list: any[]}} props */
function Actions({ list }) {
  /** @param {number} at @param {object} more */
  const change = (at, more) => put(ACTIONS, list.map((one, n) => (n === at ? { ...one, ...more } : one)));
  return html`<div class="actions">${list.map((one, at) => html`<div class="action" key=${at}>
      <${Field} label=${`Action ${at + 1}`} value=${String(one.text ?? '')} onWrite=${(/** @type {string} */ text) => change(at, { text })} />
      <${Field} label=${`Owner of action ${at + 1}`} value=${String(one.owner ?? '')} onWrite=${(/** @type {string} */ owner) => change(at, { owner })} />
      <${Field} label=${`Deadline of action ${at + 1}`} value=${String(one.due ?? '')} onWrite=${(/** @type {string} */ due) => change(at, { due })} />
      <button class="quiet" aria-label=${`Take action ${at + 1} away`} onClick=${() => put(ACTIONS, list.filter((_, n) => n !== at))}>×</button>
    </div>`)}
    <button class="quiet" onClick=${() => put(ACTIONS, [...list, { text: '', owner: '', due: '' }])}>Add an action</button></div>`;
}

/** @param {{value: Record<string, any>}} props */
function Times({ value }) {
  return html`<div class="times">${Object.entries(value).map(([key, time]) => html`<label>${name(key)}
    <${Field} label=${name(key)} value=${time === null ? '' : String(time)}
      onWrite=${(/** @type {string} */ text) => put('times', { ...value, [key]: text.trim() === '' ? null : text.trim() })} /></label>`)}</div>`;
}

/** Anything else, as it is. @param {{value: any}} props */
function Told({ value }) {
  if (value === null || value === undefined || value === '') return html`<span class="muted">not told</span>`;
  if (Array.isArray(value)) {
    return html`<ul class="list">${value.slice(0, 60).map((one) => html`<li><${Told} value=${one} /></li>`)}</ul>`;
  }
  if (typeof value === 'object') {
    const { who, text } = value;
    if (typeof text === 'string') {
      return html`<time>${when(value)}</time> <span>${who && html`<b><${Clean} text=${who} />:</b> `}<${Clean} text=${text} /></span> <${Jump} at=${value} />`;
    }
    return html`<dl class="facts-list">${Object.entries(value).map(([key, one]) => html`<div><dt>${name(key)}</dt><dd><${Told} value=${one} /></dd></div>`)}</dl>`;
  }
  return html`<${Clean} text=${String(value)} />`;
}

/** @param {{part: string, value: any}} props */
function Section({ part, value }) {
  const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
  const isEmptyList = Array.isArray(value) && value.length === 0;
  let body;
  if (part === ACTIONS && Array.isArray(value)) body = html`<${Actions} list=${value} />`;
  else if (part === 'times' && value && typeof value === 'object') body = html`<${Times} value=${value} />`;
  else if (typeof value === 'string') {
    body = html`<${Field} label=${name(part)} value=${value} rows=${3} onWrite=${(/** @type {string} */ text) => put(part, text)} />`;
  } else if (isTexts && !(isEmptyList && part === 'timeline')) {
    body = html`<${Field} label=${`${name(part)}, one a line`} value=${value.join('\n')} rows=${2}
      onWrite=${(/** @type {string} */ text) => put(part, text.split('\n').filter((line) => line.trim() !== ''))} />`;
  } else body = html`<${Told} value=${value} />`;
  return html`<section><h3>${name(part)}</h3>${body}</section>`;
}

export function Postmortem() {
  const now = revision.value;
  const told = report.value;
  const others = openings.value;
  useEffect(() => {
    void readOpenings();
  }, [room.id]);
  useEffect(() => {
    void redraw();
  }, [now, told, others]);
  if (!told) {
    return html`<p class="nothing">${reportError.value ? `Not drafted: ${reportError.value}.` : 'The draft stands here once there is something to read.'}</p>`;
  }
  if (failure.value) return html`<p class="nothing bad">Not drafted: ${failure.value}.</p>`;
  if (!draft.value) return html`<p class="nothing">Drafting…</p>`;
  return html`<div class="postmortem"><p class="bar">
    ${FORMATS.map((format, at) => html`<button onClick=${() => exportPostmortem(at)}>Export ${format.name}</button>`)}
    <span class="muted">Redacted once more on the way out.</span></p>
    <section><h3>Title</h3><${Field} label="Title" value=${roomName()} onWrite=${(/** @type {string} */ text) => write('title', text.trim() || null, 'title')} /></section>
    ${Object.entries(draft.value).filter(([key]) => !NOT_DRAWN.has(key)).map(([key, value]) =>
      html`<${Section} key=${key} part=${key} value=${value} />`)}</div>`;
}
