// @ts-check
// Help with a model: an explicit act. The evidence that would go is drawn first, then the exact
// prompt as the server made it; the button says bytes, classes, budget and destination.

import { AnswerText, hasTokens } from './answer.js';
import { exported } from './engine.js';
import { count } from './events.js';
import { evidence, short } from './evidence.js';
import { bodyBytes, hasSession, post, Refused, stream } from './net.js';
import { LOCAL } from './oplog.js';
import { engine, report, revision, room, say, write } from './room.js';
import { randomId } from './seal.js';
import { counted, number, size } from './text.js';
import { html, signal, useState } from '../vendor/preact.js';

const QUESTION_LENGTH_MAX = 500;
const QUESTION = 'What is the most likely cause, what supports it, and what should be checked next?';

const question = signal(QUESTION);
const left = signal(/** @type {Set<number>} */ (new Set()));
/** @type {import('../vendor/preact.js').Signal<any>} */
const drawn = signal(null);
const answer = signal('');
const running = signal(/** @type {AbortController | null} */ (null));
const refused = signal('');

let asker = '';

/** What was asked in one room is not shown in another. */
function sameRoom() {
  if (asker === room.id) return;
  asker = room.id;
  running.value?.abort();
  question.value = QUESTION;
  left.value = new Set();
  drawn.value = null;
  answer.value = '';
  refused.value = '';
}

/** What was sent from this room. @returns {any[]} */
export const receipts = () => room.log.under(`${LOCAL}receipt/`).map(([, told]) => told)
  .sort((a, b) => (a.time < b.time ? -1 : 1));
/** Bytes that left this tab for help with a model. */
export const sentBytes = () => receipts().reduce((sum, told) => sum + told.bytes, 0);

/** @param {string} what @param {number} bytes @param {any} receipt */
function keep(what, bytes, receipt) {
  const told = { what, bytes, time: new Date().toISOString(), receipt };
  write(`${LOCAL}receipt/${randomId(6)}`, told, 'receipt');
  room.history.done.pop(); // what was sent cannot be taken back
}

/** @param {any[]} items */
async function bodyOf(items) {
  const texts = [question.value, ...items.map((item) => item.text)];
  const { texts: clean } = await engine.ask('notes', { texts });
  return {
    question: short(clean[0], QUESTION_LENGTH_MAX),
    evidence: items.map((item, at) => ({ ...item, text: short(clean[at + 1]) })),
    use_store: false,
    use_model: true,
  };
}

/** @param {unknown} error */
function failed(error) {
  if (error instanceof DOMException && error.name === 'AbortError') refused.value = 'Stopped.';
  else if (error instanceof Error) refused.value = error.message;
}

/** @param {any[]} items */
async function draw(items) {
  refused.value = '';
  try {
    const body = await bodyOf(items);
    const preview = await post('preview', body);
    keep('preview, to the server', bodyBytes(body), null);
    drawn.value = { body, preview, cited: body.evidence.map((item) => item.text) };
    answer.value = '';
  } catch (error) {
    failed(error);
  }
}

async function sendPrompt() {
  const { body } = drawn.value;
  count('model_asked');
  const control = new AbortController();
  running.value = control;
  refused.value = '';
  answer.value = '';
  let receipt = null;
  try {
    await stream('analyze', body, control.signal, (told) => {
      if (typeof told.piece === 'string') answer.value += told.piece;
      if (told.receipt) receipt = told.receipt;
      if (told.error) throw new Refused(String(told.error.code), String(told.error.text));
    });
  } catch (error) {
    failed(error);
  }
  running.value = null;
  keep('analysis', bodyBytes(body), receipt);
  if (receipt) say('Answered. The receipt is kept in this room.');
}

/** @param {any} budget */
const budget = (budget) =>
  `${number(budget?.class_b_bytes ?? 0)} bytes of class B, ${number(budget?.class_c_bytes ?? 0)} of class C`;

/** @param {{told: any}} props */
function Prompt({ told }) {
  const { preview } = told;
  const fits = preview.fits !== false;
  const where = preview.destination;
  return html`<section class="prompt"><h3>The exact prompt</h3>
    ${preview.prompt === null ? html`<p class="nothing">The server makes no prompt: ${String(preview.decision)}.</p>` : html`
    <pre tabindex="0" aria-label="Prompt">${preview.system ? `${preview.system}\n\n` : ''}${preview.prompt}</pre>`}
    <dl class="facts-list">
      <div><dt>bytes</dt><dd>${number(preview.bytes ?? 0)}</dd></div>
      <div><dt>classes</dt><dd>${Object.entries(preview.classes ?? {}).map(([level, n]) => `${level} ${n}`).join(', ') || 'none'}</dd></div>
      <div><dt>cost</dt><dd>${budget(preview.cost)}</dd></div>
      <div><dt>budget left</dt><dd>${budget(preview.budget_left)}</dd></div>
      <div><dt>destination</dt><dd>${where ? `${where.model} at ${where.url}` : 'no model is configured'}</dd></div>
    </dl>
    <p class="bar"><button class="primary" disabled=${!fits || !where || running.value !== null} onClick=${sendPrompt}>
      Send ${size(preview.bytes ?? 0)} to ${where ? where.model : 'no model'}</button>
      ${running.value && html`<button onClick=${() => running.value?.abort()}>Stop</button>`}
      ${!fits && html`<span class="bad">The budget does not allow it: ${String(preview.decision)}</span>`}</p>
  </section>`;
}

function Answered() {
  const [filled, setFilled] = useState(false);
  if (answer.value === '') return null;
  return html`<section aria-live="polite"><h3>Answer
      ${hasTokens(answer.value) && html`<button class="quiet" aria-pressed=${String(filled)} onClick=${() => setFilled(!filled)}>
        ${filled ? 'Show pseudonyms' : 'Fill in values in this tab'}</button>`}</h3>
    <${AnswerText} text=${answer.value} filled=${filled} cited=${drawn.value?.cited ?? []} />
    <p class="muted">A model wrote this. Check it against the lines it cites.</p></section>`;
}

export function Ask() {
  void revision.value;
  sameRoom();
  if (exported) {
    return html`<p class="nothing">This page was opened from disk: it redacts and diagnoses, and sends nothing. A page that <code>cordon serve</code> gives can ask a model.</p>`;
  }
  if (!report.value) return html`<p class="nothing">Add a source first: a model is given evidence, never the pasted text.</p>`;
  const all = evidence(report.value, room.log.under('note/'));
  const items = all.filter((_, at) => !left.value.has(at));
  /** @param {number} at */
  const turn = (at) => {
    const now = new Set(left.value);
    if (!now.delete(at)) now.add(at);
    left.value = now;
    drawn.value = null;
  };
  const bytes = bodyBytes({ question: question.value, evidence: items, use_store: false, use_model: true });
  return html`<div class="ask">
    ${!hasSession() && html`<p class="note">No session with a server: everything on this page works without one, and nothing can be sent. To ask a model, open the link that <code>cordon room</code> prints.</p>`}
    <div class="two"><section><h3>Question</h3>
      <textarea rows="2" maxlength=${QUESTION_LENGTH_MAX} aria-label="Question" value=${question.value}
        onInput=${(/** @type {any} */ e) => { question.value = e.target.value; drawn.value = null; }}></textarea>
      <h3>Evidence that would go <span class="muted">${counted(items.length, 'piece')}; the pasted text never goes</span></h3>
      <ul class="items">${all.map((item, at) => html`<li class=${left.value.has(at) ? 'off' : ''}><label>
        <input type="checkbox" checked=${!left.value.has(at)} onChange=${() => turn(at)} />
        <span class="kind">${item.kind}</span> <span>${item.text}${item.count ? ` (${item.count}×)` : ''}</span></label></li>`)}</ul>
      <p class="bar"><button disabled=${!hasSession() || items.length === 0} onClick=${() => draw(items)}>
        Draw the prompt (${size(bytes)} to this server, none to a model)</button></p></section>
    <div>${drawn.value ? html`<${Prompt} told=${drawn.value} />`
      : html`<p class="nothing">The exact prompt is drawn here before anything goes to a model.</p>`}
      ${refused.value && html`<p class="note bad" role="alert">${refused.value}</p>`}
      <${Answered} /></div></div></div>`;
}
