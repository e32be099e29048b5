// @ts-check
// What opens above the page: palette, help, meter, marks, sharing, the end of a room.

import { markSelected } from './columns.js';
import { commands, dialog } from './commands.js';
import { count, countsTold, counting, counts, turn } from './events.js';
import { hasSession, noSession } from './net.js';
import { LOCAL } from './oplog.js';
import { receipts, sentBytes } from './receipts.js';
import {
  addTerms, endRoom, engine, rawValue, removeTerm, revision, room, roomName, say, shared,
  TERM_LENGTH_MAX, write,
} from './room.js';
import { explain } from './rules.js';
import { fileName, saveFile } from './save.js';
import { randomId } from './seal.js';
import { expiry, link, openings, readOpenings, revoke, start } from './share.js';
import { counted, number, shape, size } from './text.js';
import { html, useEffect, useRef, useState } from '../vendor/preact.js';

const close = () => (dialog.value = null);

/** @param {{title: string, children?: any, wide?: boolean}} props */
function Frame({ title, children, wide }) {
  const box = useRef(/** @type {any} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return html`<dialog ref=${box} class=${wide ? 'wide' : ''} aria-label=${title} onClose=${close}
    onClick=${(/** @type {any} */ e) => e.target === box.current && close()}>
    <div class="body"><header><h2>${title}</h2><button class="quiet" aria-label="Close" onClick=${close}>×</button></header>
    ${children}</div></dialog>`;
}

function Palette() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands().slice(1).filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const here = Math.min(at, Math.max(0, found.length - 1));
  /** @param {number} n */
  const run = (n) => {
    close();
    found[n]?.run();
  };
  /** @param {any} event */
  const keys = (event) => {
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move !== 0) setAt((here + move + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') run(here);
    else return;
    event.preventDefault();
  };
  useEffect(() => document.getElementById(`command-${here}`)?.scrollIntoView({ block: 'nearest' }), [here]);
  return html`<${Frame} title="Command palette"><input class="wide" role="combobox" aria-expanded="true" aria-controls="commands"
      aria-activedescendant=${found.length > 0 ? `command-${here}` : undefined} aria-label="Command" placeholder="What to do" autofocus value=${text}
      onInput=${(/** @type {any} */ e) => { setText(e.target.value); setAt(0); }} onKeyDown=${keys} />
    <ul id="commands" class="commands" role="listbox" aria-label="Commands">${found.map(({ name, keys: said }, n) => html`
      <li id=${`command-${n}`} role="option" aria-selected=${String(n === here)} onClick=${() => run(n)}>
        <span>${name}</span>${said && html`<kbd>${said}</kbd>`}</li>`)}</ul>
    ${found.length === 0 && html`<p class="nothing">No command has these words.</p>`}<//>`;
}

function Help() {
  return html`<${Frame} title="Keys and help" wide=${true}>
    <p>This is your temporary incident workspace. It lives on your machine unless you export it.</p>
    <p class="muted">Left is the text as you have it. Right is what of it could ever leave: secrets removed, personal data as pseudonyms. What you write yourself is redacted before it leaves. What is under the columns is made of the right one, in this tab.</p>
    <dl class="keys">${commands().filter(({ keys }) => keys).map(({ name, keys }) => html`<div><dt><kbd>${keys}</kbd></dt><dd>${name}</dd></div>`)}</dl><//>`;
}

function Meter() {
  void revision.value;
  const all = receipts();
  return html`<${Frame} title=${`Sent for inference: ${size(sentBytes())}`} wide=${true}>
    ${all.length === 0 ? html`<p>Nothing has been sent for inference. A model is asked only when you press its button, and the exact prompt is drawn before.</p>`
    : html`<ol class="receipts">${all.map((told) => html`<li><p><time>${told.time.slice(0, 19).replace('T', ' ')}</time> <b>${told.what}</b> <span>${counted(told.bytes, 'byte')}</span></p>
      ${told.receipt && html`<pre tabindex="0">${JSON.stringify(told.receipt, null, 1)}</pre>`}</li>`)}</ol>`}
    <p class="muted">Counted are the bytes of each request as it leaves. A receipt can be checked against the server’s audit log.</p><//>`;
}

function Redact() {
  const [text, setText] = useState('');
  const done = useRef(false);
  if (!done.current && markSelected()) {
    done.current = true;
    queueMicrotask(close);
    return null;
  }
  /** @param {Event} event */
  const add = (event) => {
    event.preventDefault();
    close();
    count('mark_added');
    addTerms(text.split('\n'));
  };
  return html`<${Frame} title="Redact a text everywhere"><form onSubmit=${add}>
    <p class="muted">Each line is a text that shall not leave: it becomes a pseudonym in every source of this room. You can also select text in the left column and press <kbd>r</kbd>.</p>
    <textarea class="wide" rows="3" maxlength=${TERM_LENGTH_MAX * 10} aria-label="Texts, one a line" autofocus value=${text}
      onInput=${(/** @type {any} */ e) => setText(e.target.value)}></textarea>
    <p class="acts"><button class="primary">Redact</button></p></form><//>`;
}

const REASONS = ['a made-up value', 'an id, not a person’s', 'a public value', 'a word of our own', 'another reason'];

/** @param {{told: any}} props */
function NotSensitive({ told: { source, finding } }) {
  const value = rawValue(source, finding);
  const [reason, setReason] = useState(REASONS[0] ?? '');
  const [form, setForm] = useState(shape(value).slice(0, 200));
  const { what } = explain(finding.rule, finding.class);
  /** @param {Event} event */
  const keep = (event) => {
    event.preventDefault();
    close();
    count('mark_disputed');
    const { rule, version, class: level, path } = finding;
    write(`${LOCAL}case/${randomId(6)}`, { rule, version, class: level, path, reason, shape: form }, 'case');
    say('Kept as a case. What leaves is unchanged: the value stays redacted.');
  };
  return html`<${Frame} title="Not sensitive"><form onSubmit=${keep}>
    <p>Rule <code>${finding.rule}</code> took this for: ${what}. Say why it is not, and it becomes a case for the rule. <b>What leaves does not change.</b></p>
    <label class="field">Why <select value=${reason} onChange=${(/** @type {any} */ e) => setReason(e.target.value)}>${REASONS.map((one) => html`<option>${one}</option>`)}</select></label>
    <label class="field">Shape that the case keeps in place of the value
      <input value=${form} maxlength="200" onInput=${(/** @type {any} */ e) => setForm(shape(e.target.value))} /></label>
    <p class="muted">Letters are <code>a</code> and <code>A</code>, digits <code>0</code>; shorten it as you like. The value itself is never in a case.</p>
    <p class="acts"><button class="primary">Keep the case</button></p></form><//>`;
}

async function exportCases() {
  const cases = room.log.under(`${LOCAL}case/`).map(([, one]) => ({ ...one, want: 'no finding' }));
  const said = JSON.stringify({ schema: 'cordon.rule.cases', version: 1, cases }, null, 2);
  try {
    const { text } = await engine.ask('redact', { text: `${said}\n` });
    saveFile(fileName(`${roomName()} cases`, 'json'), 'application/json', text);
  } catch (error) {
    say(`Not exported: ${error instanceof Error ? error.message : ''}.`, true);
  }
}

function Marks() {
  void revision.value;
  const terms = room.log.under(`${LOCAL}term/`);
  const cases = room.log.under(`${LOCAL}case/`);
  return html`<${Frame} title="Marks by hand and cases" wide=${true}>
    <h3>Texts that you marked</h3>
    ${terms.length === 0 && html`<p class="muted">None. Select text in the left column, or press <kbd>r</kbd>.</p>`}
    <ul class="list">${terms.map(([field, text]) => html`<li><span>${text}</span>
      <button class="quiet" onClick=${() => removeTerm(field)}>Take the mark back</button></li>`)}</ul>
    <h3>Cases for rules</h3>
    ${cases.length === 0 && html`<p class="muted">None. Open a mark and choose “Not sensitive…”.</p>`}
    <ul class="list">${cases.map(([field, one]) => html`<li><code>${one.rule}</code> <code>${one.shape}</code> <span class="muted">${one.reason}</span>
      <button class="quiet" onClick=${() => write(field, null, 'taking a case away')}>Take away</button></li>`)}</ul>
    ${cases.length > 0 && html`<p class="acts"><button onClick=${exportCases}>Export the cases as JSON</button></p>`}<//>`;
}

function Share() {
  const [hours, setHours] = useState(24);
  const [copied, setCopied] = useState(false);
  const share = shared.value;
  useEffect(() => {
    if (share?.mine) void readOpenings();
  }, [share?.id]);
  if (!share) {
    return html`<${Frame} title="Share this room">
      <p>Shared is what would leave, and your notes, redacted: sealed in this tab under a key that is in the link alone. The server keeps ciphertext and who opened it, and cannot read it. Raw text stays here.</p>
      ${!hasSession() && html`<p class="note">${noSession().replaceAll('`', '')}</p>`}
      <label class="field">Expires after <select value=${hours} onChange=${(/** @type {any} */ e) => setHours(Number(e.target.value))}>
        ${[1, 8, 24, 72, 168].map((n) => html`<option value=${n}>${counted(n, 'hour')}</option>`)}</select></label>
      <p class="acts"><button class="primary" disabled=${!hasSession()} onClick=${() => { count('room_shared'); void start(hours); }}>Share</button></p><//>`;
  }
  return html`<${Frame} title="This room is shared" wide=${true}>
    <p>Whoever has this link and a session reads and writes along. ${expiry(share)}.</p>
    <label class="field">Link: its key is behind <code>#</code> and is not sent to the server
      <input readonly value=${link(share)} onFocus=${(/** @type {any} */ e) => e.target.select()} /></label>
    <p class="acts"><button onClick=${async () => { try { await navigator.clipboard.writeText(link(share)); setCopied(true); } catch { say('The browser did not let the page copy: select the link and copy it yourself.', true); } }}>${copied ? 'Copied' : 'Copy the link'}</button>
      ${share.mine && html`<button class="danger" onClick=${revoke}>Revoke</button>`}
      <button onClick=${readOpenings}>Who opened it</button></p>
    ${openings.value.length > 0 && html`<ul class="list openings">${openings.value.map((one) => html`<li><b>${one.operator}</b> <span class="muted">session ${one.session}</span>
      <span class="muted">first ${new Date(one.first_unix_s * 1000).toISOString().slice(0, 16).replace('T', ' ')}, last ${new Date(one.last_unix_s * 1000).toISOString().slice(11, 16)}</span></li>`)}</ul>`}<//>`;
}

function End() {
  const end = () => {
    close();
    count('room_ended');
    void endRoom();
  };
  return html`<${Frame} title=${`End “${roomName()}”`}>
    <p>The room’s key is destroyed and its text, notes and receipts are deleted from this browser. It cannot be undone. Export the postmortem first if you need it: that file is the only copy that lasts.</p>
    ${shared.value && html`<p class="note">The shared copy on the server is ciphertext and stays until it expires or is revoked.</p>`}
    <p class="acts"><button class="danger" autofocus onClick=${end}>End the room</button><button onClick=${close}>Keep it</button></p><//>`;
}

function Rename() {
  const [text, setText] = useState(roomName());
  /** @param {Event} event */
  const keep = (event) => {
    event.preventDefault();
    close();
    write('title', text.trim() || null, 'name of the room');
  };
  return html`<${Frame} title="Rename this room"><form onSubmit=${keep}>
    <input class="wide" aria-label="Name" autofocus value=${text} maxlength="200" onInput=${(/** @type {any} */ e) => setText(e.target.value)} />
    <p class="acts"><button class="primary">Rename</button></p></form><//>`;
}

function Privacy() {
  return html`<${Frame} title="What this page keeps and counts" wide=${true}>
    <p>Kept in this browser: your rooms, each sealed under its own key, until you end them. Kept elsewhere: nothing, unless you share a room (ciphertext) or export a file.</p>
    <p>Sent: nothing, until you ask a model or share. Then only to the server that gave you this page.</p>
    <label class="field row"><input type="checkbox" checked=${counting.value} onChange=${(/** @type {any} */ e) => turn(e.target.checked)} />
      Count what I do in this tab, in buckets, for me to look at. It is not sent anywhere.</label>
    ${counting.value && html`<ul class="list">${Object.entries(counts.value).map(([key, n]) => html`<li><code>${key}</code> ${number(n)}</li>`)}</ul>
      <p class="acts"><button onClick=${() => saveFile('counts.json', 'application/json', JSON.stringify(countsTold(), null, 2))}>Save the counts</button></p>`}<//>`;
}

const DIALOGS = /** @type {Record<string, any>} */ ({
  palette: Palette, help: Help, meter: Meter, redact: Redact, false: NotSensitive, marks: Marks,
  share: Share, end: End, rename: Rename, privacy: Privacy,
});

/** The dialog that is open. */
export function Dialog() {
  const open = dialog.value;
  const Shown = open ? DIALOGS[open.name] : null;
  return Shown ? html`<${Shown} key=${open?.name} told=${open?.told} />` : null;
}
