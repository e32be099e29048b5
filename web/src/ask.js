// @ts-check
// Help with a model: an explicit act. The evidence that would go is drawn first, then the exact
// prompt as the server made it; the button says bytes, classes, budget and destination.

import { AnswerText, hasTokens } from './answer.js';
import { exported, FROM_DISK } from './engine.js';
import { count } from './events.js';
import { evidence, short, together } from './evidence.js';
import { bodyBytes, hasSession, meaning, noSession, post, Refused, stream } from './net.js';
import { keepReceipt } from './receipts.js';
import { engine, report, revision, room, say } from './room.js';
import { counted, number, size } from './text.js';
import { html, signal, useEffect, useState } from '../vendor/preact.js';

const QUESTION_LENGTH_MAX = 500;
const QUESTION = 'What is the most likely cause, what supports it, and what should be checked next?';

const question = signal(QUESTION);
const left = signal(/** @type {Set<number>} */ (new Set()));
/** @type {import('../vendor/preact.js').Signal<any>} */
const drawn = signal(null);
const answer = signal('');
const running = signal(/** @type {AbortController | null} */ (null));
const refused = signal('');
/** Whether the server adds what the tenant's store holds. */
const withStore = signal(false);
/** What the server says of the session. */
const session = signal(/** @type {any} */ (null));

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
  withStore.value = false;
}

/** Asks who one is to the server, and what is left. Nothing of the room is in the question. */
async function askSession() {
  if (!hasSession()) return;
  try {
    session.value = await post('session', {});
  } catch (error) {
    session.value = null;
    failed(error);
  }
}

/** Who asks, as the server knows one. */
const asking = () => session.value?.operator ?? 'this room’s user';

/** @param {any} left of the budget, where the server told it */
function keepBudget(left) {
  if (left && session.value) session.value = { ...session.value, budget_left: left };
}

/** @param {any[]} items */
async function bodyOf(items) {
  const texts = [question.value, ...items.map((item) => item.text)];
  const { texts: clean } = await engine.ask('notes', { texts });
  return {
    question: short(clean[0], QUESTION_LENGTH_MAX),
    evidence: together(items.map((item, at) => ({ ...item, text: short(clean[at + 1]) }))),
    use_store: withStore.value,
    use_model: true,
    // The same moment for the preview and for what is sent.
    at: new Date().toISOString(),
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
  const asked = room.id;
  try {
    const body = await bodyOf(items);
    if (room.id !== asked) return;
    let classes = {};
    let preview;
    try {
      preview = await post('preview', body);
      classes = preview.classes ?? {};
    } finally {
      // Counted whether or not it was answered: the request left.
      if (room.id === asked) keepReceipt('preview, to the server', bodyBytes(body), { who: asking(), classes });
    }
    if (room.id !== asked) return;
    keepBudget(preview.budget_left);
    drawn.value = { body, preview, cited: body.evidence.map((item) => item.text) };
    answer.value = '';
  } catch (error) {
    failed(error);
  }
}

async function sendPrompt() {
  const { preview } = drawn.value;
  // The server sends this prompt there, or none.
  const previewed = { digest: preview.digest, destination: preview.destination };
  const body = { ...drawn.value.body, previewed };
  const asked = room.id;
  count('model_asked');
  const control = new AbortController();
  running.value = control;
  refused.value = '';
  answer.value = '';
  /** @type {any} */
  let receipt = null;
  try {
    await stream('analyze', body, control.signal, (told) => {
      if (room.id !== asked) return;
      if (typeof told.piece === 'string') answer.value += told.piece;
      if (told.receipt) receipt = told.receipt;
      if (told.error) throw new Refused(String(told.error.code), meaning(told.error.code, String(told.error.text)));
    });
  } catch (error) {
    failed(error);
  }
  if (room.id !== asked) return;
  running.value = null;
  const classes = receipt?.sent_classes ?? {};
  keepReceipt('analysis', bodyBytes(body), { who: asking(), classes, receipt });
  if (receipt) {
    keepBudget(receipt.budget_left);
    say('Answered. The receipt is kept in this room.');
  }
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
    ${preview.prompt === null ? html`<p class="nothing">The server makes no prompt: ${meaning(preview.decision)}.</p>` : html`
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
      ${!fits && html`<span class="bad">${meaning(preview.decision)}</span>`}</p>
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

/** Who one is to the server, and what is left; or why one is nobody, and what to do. */
function Session() {
  const known = hasSession();
  useEffect(() => {
    void askSession();
  }, [known]);
  if (!known) return html`<p class="note" role="status"><${Words} text=${noSession()} /></p>`;
  const told = session.value;
  if (!told) return null;
  const until = new Date(told.expires_unix_s * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const where = told.destination;
  return html`<dl class="facts-list session">
    <div><dt>you</dt><dd>${told.operator} of tenant ${told.tenant}, class ${told.class}, until ${until} UTC</dd></div>
    <div><dt>budget left</dt><dd>${budget(told.budget_left)}</dd></div>
    <div><dt>model</dt><dd>${where ? `${where.model} at ${where.url}` : 'none is configured'}</dd></div></dl>`;
}

/** Words with commands in backquotes. @param {{text: string}} props */
const Words = ({ text }) =>
  html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** The choice to have the tenant's store looked at, too. */
function Store() {
  const turn = () => {
    withStore.value = !withStore.value;
    drawn.value = null;
  };
  return html`<label class="field row"><input type="checkbox" checked=${withStore.value} disabled=${!hasSession()} onChange=${turn} />
    <span>Add what the store of ${session.value?.tenant ?? 'your tenant'} holds about the question.${' '}
    <span class="muted">The server adds it behind your evidence, redacted. What of it is drawn counts against your budget, already when the prompt is drawn: class B for pseudonyms, class C for the rest.</span></span></label>`;
}

export function Ask() {
  void revision.value;
  sameRoom();
  if (exported) {
    return html`<p class="nothing">${FROM_DISK} A page that <code>cordon serve</code> gives can ask a model.</p>`;
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
  const bytes = bodyBytes({ question: question.value, evidence: items, use_store: withStore.value, use_model: true });
  return html`<div class="ask">
    <${Session} />
    <div class="two"><section><h3>Question</h3>
      <textarea rows="2" maxlength=${QUESTION_LENGTH_MAX} aria-label="Question" value=${question.value}
        onInput=${(/** @type {any} */ e) => { question.value = e.target.value; drawn.value = null; }}></textarea>
      <h3>Evidence that would go <span class="muted">${counted(items.length, 'piece')}; the pasted text never goes</span></h3>
      <ul class="items">${all.map((item, at) => html`<li class=${left.value.has(at) ? 'off' : ''}><label>
        <input type="checkbox" checked=${!left.value.has(at)} onChange=${() => turn(at)} />
        <span class="kind">${item.kind}</span> <span>${item.text}${item.count ? ` (${item.count}×)` : ''}</span></label></li>`)}</ul>
      <${Store} />
      <p class="bar"><button disabled=${!hasSession() || items.length === 0} onClick=${() => draw(items)}>
        Draw the prompt (${size(bytes)} to this server, none to a model)</button></p></section>
    <div>${drawn.value ? html`<${Prompt} told=${drawn.value} />`
      : html`<p class="nothing">The exact prompt is drawn here before anything goes to a model.</p>`}
      ${refused.value && hasSession() && html`<p class="note bad" role="alert">${refused.value}</p>`}
      <${Answered} /></div></div></div>`;
}
