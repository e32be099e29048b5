// @ts-check
// The page: what is where, and what happens on keys, pastes and drops.

import { closeExplained, Columns, Explained, query, searchNext, Selected } from './columns.js';
import {
  addFiles, chooseFiles, dialog, openPanel, panel, PANELS, paste, pressed, show, tryIncident,
} from './commands.js';
import { exported, FROM_DISK, startGuard } from './engine.js';
import { hasSession } from './net.js';
import { load, loadAll, Part } from './parts.js';
import { sentBytes } from './receipts.js';
import {
  active, boot, kept, newRoom, nextFinding, onRoom, openRoom, place, progress, ready, removeSource,
  report, revision, room, roomName, rooms, saveNow, say, saying, shared, sourceOf, sources,
} from './room.js';
import { counted, number, size } from './text.js';
import { html, render, signal } from '../vendor/preact.js';

const SENTENCE = 'This is your temporary incident workspace. It lives on your machine unless you export it.';
const EXAMPLE = { mail: 'ada@shop.example', secret: ['not', 'a', 'real', 'one'].join('-') };
/** Until the page counts as idle, however busy it is. */
const IDLE_MS_MAX = 2000;
const dragged = signal(false);
/** Part of the height that the columns have, in hundredths. */
const split = signal(innerWidth < 760 ? 38 : 50);

function Rooms() {
  void revision.value;
  return html`<label class="rooms"><span class="hidden">Room</span>
    <select value=${room.id} onChange=${(/** @type {any} */ e) => {
      const { value } = e.target;
      if (value === '+') void newRoom();
      else void openRoom(value);
    }}>${rooms.value.map(({ id, name }) => html`<option value=${id} selected=${id === room.id}>${id === room.id ? roomName() : name}</option>`)}
      <option value="+">New room…</option></select></label>`;
}

const KEPT = { kept: 'kept in this browser, sealed', keeping: 'keeping…', 'not kept': 'in this tab only' };

function Top() {
  void revision.value;
  const sent = sentBytes();
  return html`<header class="top">
    <h1 class="brand">cordon</h1>
    <${Rooms} />
    <span class=${`kept ${kept.value === 'not kept' ? 'bad' : ''}`} role="status">${KEPT[kept.value]}</span>
    <span class="space"></span>
    ${exported && html`<span class="kept">${FROM_DISK}</span>`}
    <button class=${sent > 0 ? 'meter some' : 'meter'} onClick=${() => show('meter')}
      title="What has left this tab">Sent for inference: <b>${size(sent)}</b></button>
    ${!exported && html`<button class=${shared.value ? 'on' : ''} onClick=${() => show('share')}>${shared.value ? 'Shared' : 'Share'}</button>`}
    <button class="end" onClick=${() => show('end')}>End room</button>
    <button class="command" onClick=${() => show('palette')} title="Command palette"><span>Commands</span><kbd>Ctrl K</kbd></button>
    <button class="quiet" onClick=${() => show('help')} aria-label="Keys and help">?</button>
  </header>`;
}

function Sources() {
  void revision.value;
  const source = sourceOf(active.value);
  const total = source?.findings.count ?? 0;
  const here = place.value?.source === source?.id ? (place.value?.finding ?? -1) : -1;
  /** @param {any} event */
  const keys = (event) => {
    if (event.key === 'Enter') void searchNext(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') { query.value = ''; event.target.blur(); }
  };
  return html`<nav class="sources" aria-label="Sources">
    <div class="tabs">${sources.value.map((one) => html`<span class=${one.id === active.value ? 'source on' : 'source'} key=${one.id}>
      <button aria-pressed=${String(one.id === active.value)} onClick=${() => { active.value = one.id; place.value = null; }}>${one.name}
        ${one.kind && html`<small>${one.kind.replace('_', ' ')}</small>`}</button>
      <button class="quiet" aria-label=${`Take ${one.name} out of the room`} onClick=${() => removeSource(one.id)}>×</button></span>`)}
      <button class="add" onClick=${chooseFiles} title="Or paste, or drop a file, anywhere on the page">+ Add</button></div>
    <div class="find">
      <span class="found">${total > 0 ? `${here >= 0 ? `${number(here + 1)} of ` : ''}${counted(total, 'finding')}` : ''}</span>
      <button class="quiet" aria-label="Previous finding" title="Previous finding (k)" disabled=${total === 0} onClick=${() => nextFinding(-1)}>↑</button>
      <button class="quiet" aria-label="Next finding" title="Next finding (j)" disabled=${total === 0} onClick=${() => nextFinding(1)}>↓</button>
      <input id="search" type="search" aria-label="Search in this source" placeholder="Search  /" value=${query.value}
        onInput=${(/** @type {any} */ e) => (query.value = e.target.value)} onKeyDown=${keys} />
    </div></nav>`;
}

/** What was pasted, or typed to its end. @param {any} event */
function takePasted(event) {
  const { value } = event.target;
  event.target.value = '';
  if (value.trim() !== '') void paste(value);
}

function Welcome() {
  return html`<div class="welcome"><div class="yours">
      <h2>Paste the mess.</h2>
      <p>Logs, JSON, OTLP, a stack trace, an alert, a chat export. Press <kbd>Ctrl V</kbd>, drop a file of up to 64 MB, or</p>
      <p class="acts"><button class="primary" onClick=${tryIncident}>Try a synthetic incident</button>
        <button onClick=${chooseFiles}>Choose files…</button></p>
      <label class="phone">Paste here
        <textarea rows="2" value="" onChange=${takePasted}
          onInput=${(/** @type {any} */ e) => e.inputType === 'insertFromPaste' && takePasted(e)}></textarea></label>
      <p class="sample">ERROR payment failed user=<span class="mark class-b">${EXAMPLE.mail}</span> password=<span class="mark class-a">${EXAMPLE.secret}</span></p>
      <p class="sentence">${SENTENCE}</p>
    </div><div class="leaves">
      <p class="sample">ERROR payment failed user=<span class="mark class-b">email_q7dm2k…</span> password=<span class="mark class-a">[removed:key.password]</span></p>
      <p><i class="dot a"></i><b>Secrets are removed</b> before anything else reads the text, and are never shown on this side.</p>
      <p><i class="dot b"></i><b>Personal data becomes pseudonyms</b>: the same value, the same pseudonym, so that one can still follow it.</p>
      <p><i class="dot n"></i><b>Nothing is sent.</b> The likely failure point, themes, stack traces explained, timeline, next steps, notes and a postmortem are made in this tab.</p>
      <p><i class="dot n"></i><b>A model is asked only by its button</b>, after the exact prompt was drawn: evidence, never the pasted text.</p>
      <p><i class="dot n"></i><b>“End room” destroys its key.</b> An export is the only copy that lasts.</p>
    </div></div>`;
}

/** Where a panel comes from, and its component's name there. */
const SHOWN = /** @type {Record<string, [import('./parts.js').PartName, string]>} */ ({
  answer: ['panels', 'Answer'], themes: ['panels', 'Themes'], stacks: ['panels', 'Stacks'],
  timeline: ['panels', 'Timeline'], steps: ['panels', 'Steps'], notes: ['panels', 'Notes'],
  compare: ['panels', 'Compare'], postmortem: ['postmortem', 'Postmortem'], ask: ['ask', 'Ask'],
});

/** @param {string} id */
function countOf(id) {
  const told = report.value;
  const lists = /** @type {Record<string, any[] | undefined>} */ ({
    themes: told?.themes, stacks: told?.stacks, timeline: told?.timeline, steps: told?.ladder,
  });
  return lists[id]?.length ?? 0;
}

function Dock() {
  const [part, name] = SHOWN[panel.value] ?? ['panels', 'Answer'];
  /** @param {any} event */
  const keys = (event) => {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (way === 0) return;
    const at = PANELS.findIndex(([id]) => id === panel.value);
    const next = PANELS[(at + way + PANELS.length) % PANELS.length];
    if (next) openPanel(next[0]);
    event.preventDefault();
  };
  return html`<section class="dock" aria-label="What it says">
    <div class="tabs" role="tablist" aria-label="Panels" onKeyDown=${keys}>${PANELS.map(([id, name]) => {
      const isOn = panel.value === id;
      return html`<button role="tab" id=${`tab-${id}`} aria-selected=${String(isOn)} aria-controls="panel"
        tabindex=${isOn ? 0 : -1} onClick=${() => openPanel(id)}>${name}${countOf(id) > 0 && html` <small>${number(countOf(id))}</small>`}</button>`;
    })}</div>
    <div id="panel" class="panel" role="tabpanel" tabindex="0" aria-labelledby=${`tab-${panel.value}`}><${Part} key=${panel.value} part=${part} name=${name} /></div>
  </section>`;
}

function Divider() {
  /** @param {number} to */
  const move = (to) => (split.value = Math.min(80, Math.max(20, Math.round(to))));
  /** @param {any} event */
  const drag = (event) => {
    if (event.buttons !== 1) return;
    const main = document.querySelector('main')?.getBoundingClientRect();
    if (main) move(((event.clientY - main.top) / main.height) * 100);
  };
  /** @param {any} event */
  const keys = (event) => {
    const way = event.key === 'ArrowDown' ? 5 : event.key === 'ArrowUp' ? -5 : 0;
    if (way !== 0) { move(split.value + way); event.preventDefault(); }
  };
  return html`<div class="divider" role="separator" tabindex="0" aria-orientation="horizontal" aria-label="Height of the text"
    aria-valuenow=${split.value} aria-valuemin="20" aria-valuemax="80" onKeyDown=${keys} onPointerMove=${drag}
    onPointerDown=${(/** @type {any} */ e) => e.target.setPointerCapture(e.pointerId)}></div>`;
}

function Progress() {
  const told = progress.value;
  if (!told) return null;
  const part = told.total > 0 ? Math.min(1, told.done / told.total) : 0;
  return html`<div class="progress" role="status"><span>${told.what}${told.total > 1 ? `: ${size(told.done)} of ${size(told.total)}` : ''}</span>
    <progress max="1" value=${part} aria-label=${told.what}></progress>
    ${told.stop && html`<button onClick=${told.stop}>Stop</button>`}</div>`;
}

function Page() {
  return html`<${Top} />
    <${Sources} />
    <main class=${sources.value.length === 0 ? 'empty' : ''} style=${{ '--split': `${split.value}fr`, '--rest': `${100 - split.value}fr` }}>
      <${Columns} empty=${ready.value ? html`<${Welcome} />` : html`<p class="nothing">Starting…</p>`} />
      ${sources.value.length > 0 && html`<${Divider} /><${Dock} />`}
    </main>
    <${Progress} />
    <${Explained} onFalse=${(/** @type {any} */ told) => show('false', told)} />
    <${Selected} />
    <div class="saying" aria-live="polite">${saying.value && html`<p class=${saying.value.bad ? 'bad' : ''}>${saying.value.text}</p>`}</div>
    ${dragged.value && html`<div class="drop">Drop it: it is read in this tab.</div>`}
    ${dialog.value && html`<${Part} part="dialogs" name="Dialog" />`}`;
}

/** What the link carries behind `#` is taken and gone from the address at once. */
function takeFragment() {
  const said = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, '', location.pathname);
  const session = said.get('session') ?? '';
  const [, id = '', secret = ''] = /^([\w-]{1,80})\.([\w-]{43})$/.exec(said.get('room') ?? '') ?? [];
  return { session, id, secret };
}

function hear() {
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeExplained();
    pressed(event);
  });
  addEventListener('paste', (event) => {
    const at = event.target;
    if (dialog.value || (at instanceof HTMLElement && /^(INPUT|TEXTAREA)$/.test(at.tagName))) return;
    event.preventDefault();
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') void paste(text);
    else void addFiles(files);
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    dragged.value = true;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) dragged.value = false;
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    dragged.value = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    const text = event.dataTransfer?.getData('text/plain') ?? '';
    if (files.length > 0) void addFiles(files);
    else void paste(text);
  });
  // A link with a session or a room, opened over this page.
  addEventListener('hashchange', async () => {
    if (location.hash.length < 2) return;
    await saveNow();
    location.reload();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void saveNow();
  });
}

/** Brings what comes later while nobody waits, and says when all that the page may need is here. */
async function bringAll() {
  const idle = globalThis.requestIdleCallback;
  await new Promise((done) => (idle ? idle(done, { timeout: IDLE_MS_MAX }) : setTimeout(done)));
  if (await loadAll()) document.documentElement.dataset['ready'] = 'true';
}

/** @param {{id: string, secret: string}} link to a room that somebody shared */
async function openShared({ id, secret }) {
  if (hasSession()) await (await load('share'))?.join(id, secret);
  else say('To open a shared room, this browser needs a session first: open the link that `cordon room` prints, then this one again.', true);
}

// A shared room needs what shares from its first moment.
onRoom.heard = async () => {
  if (room.share) await load('share');
};
const fragment = takeFragment();
render(html`<${Page} />`, document.body);
hear();
await Promise.all([boot(fragment.session), startGuard()]);
if (fragment.id !== '') await openShared(fragment);
await bringAll();
