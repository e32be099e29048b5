// @ts-check
// What the module made of the sources: the likely failure point, themes, stacks, timeline, next
// steps, notes, comparison. All of it is clean text; each piece leads to the line it rests on.

import { frameText, nameOf } from './evidence.js';
import {
  addNote, engine, goTo, report, reported, reportError, revision, room, say, sources, write,
} from './room.js';
import { bars, rebucket, spoken } from './spark.js';
import { counted, number, visible } from './text.js';
import { html, signal, useEffect, useState } from '../vendor/preact.js';

const SPARK = { buckets: 40, width: 120, height: 18 };
/** Rows of a list that are drawn before one asks for more. */
const ROWS_FIRST = 60;

/** A moment in UTC, short. @param {unknown} time */
export function clock(time) {
  if (typeof time !== 'string') return '';
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)/.exec(time);
  return parts ? `${parts[2]}` : time;
}
/** The moment of an entry; where only a clock was told, that. @param {any} entry */
export const when = (entry) =>
  (clock(entry.time) || clock(entry.clock)) + (entry.assumed ? ' ?' : '');
/** @param {unknown} time */
export const day = (time) => (typeof time === 'string' ? time.slice(0, 10) : '');

/** A button to the line that something rests on. @param {{at: any, text?: string}} props */
export function Jump({ at, text }) {
  const source = reported(at.source ?? at.file);
  if (!source || !Number.isInteger(at.line) || at.line < 1) return null;
  const many = sources.value.length > 1;
  const name = source.name.length > 14 ? `${source.name.slice(0, 12)}…` : source.name;
  const says = text ?? `${many ? `${name}:` : 'line '}${at.line}`;
  return html`<button class="jump" onClick=${() => goTo(source.id, at.line - 1)}
    title=${`Go to line ${number(at.line)} of ${source.name}`}>${says}</button>`;
}

/** Text with pseudonyms and marks set apart, as text alone. @param {{text: string}} props */
export function Clean({ text }) {
  const parts = String(text ?? '').split(
    /(`[^`]+`|\[removed:[\w.-]+\]|\b[a-z]{1,20}_[a-z2-7]{24}\b|<[a-z_.-]{1,24}>)/);
  return html`${parts.map((part, at) => {
    if (at % 2 === 0) return visible(part);
    if (part.startsWith('`')) return html`<code><${Clean} text=${part.slice(1, -1)} /></code>`;
    const name = part.startsWith('[') ? 'gone' : part.startsWith('<') ? 'slot' : 'token';
    const shown = name === 'token' ? `${part.slice(0, part.indexOf('_') + 7)}…` : part;
    return html`<span class=${name} title=${part}>${shown}</span>`;
  })}`;
}

/** @param {{counts: number[], trouble?: boolean}} props */
function Spark({ counts, trouble }) {
  if (!Array.isArray(counts) || counts.length === 0) return null;
  const { buckets, width, height } = SPARK;
  const few = rebucket(counts, buckets);
  return html`<svg class=${trouble ? 'spark bad' : 'spark'} viewBox=${`0 0 ${width} ${height}`}
    width=${width} height=${height} role="img" aria-label=${spoken(counts)}>
    <path d=${bars(few, width, height)} /></svg>`;
}

/** @param {{list: any[], draw: (one: any, at: number) => any, name: string}} props */
function Rows({ list, draw, name }) {
  const [shown, setShown] = useState(ROWS_FIRST);
  return html`${list.slice(0, shown).map(draw)}
    ${list.length > shown && html`<button class="more" onClick=${() => setShown(shown + 200)}>
      ${counted(list.length - shown, `more ${name}`, `more ${name}s`)}</button>`}`;
}

/** @param {{what: string, children?: any}} props */
const Nothing = ({ what, children }) => html`<p class="nothing">${what} ${children}</p>`;

const VERDICTS = /** @type {Record<string, string>} */ ({
  found: 'Something began to fail', failing_throughout: 'Failing from its beginning',
  new_unjudged: 'Something new, too little to judge', nothing_stands_out: 'Nothing stands out',
  nothing_read: 'No records were read',
});

/** @param {any} told */
const verdict = (told) =>
  VERDICTS[told.verdict] ?? String(told.verdict ?? '').replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());

/** @param {any} one @param {string} end */
const at = (one, end) => ({ source: one[`${end}_file`], line: one[`${end}_line`] });

/** @param {{one: any, isFirst: boolean}} props */
function Problem({ one, isFirst }) {
  const where = (one.components ?? []).map(nameOf).filter((/** @type {string} */ name) => name !== '');
  return html`<article class=${isFirst ? 'problem first' : 'problem'}>
    <p class="message"><${Clean} text=${one.message} /></p>
    <p class="facts">
      <b>${counted(one.count ?? 0, 'time')}</b>
      ${where.length > 0 && html`<span>in ${where.slice(0, 3).join(', ')}</span>`}
      ${one.place && html`<span>raised at <code><${Clean} text=${one.place} /></code></span>`}
      <span>${clock(one.from)} to ${clock(one.to)}</span>
      <span class="jumps">first <${Jump} at=${at(one, 'from')} /> last <${Jump} at=${at(one, 'to')} />
        ${one.example_line !== undefined && html`example <${Jump} at=${at(one, 'example')} />`}</span>
    </p>
    ${one.raised && html`<p class="facts"><code><${Clean} text=${one.raised} /></code></p>`}
  </article>`;
}

/** @param {{list: any[]}} props changes, of the diagnosis or of the timeline */
function Changes({ list }) {
  const dated = (report.value.timeline ?? []).filter((/** @type {any} */ one) => one.kind === 'change');
  return html`<ul class="list">${list.slice(0, 20).map((change) => {
    const text = String(change.text ?? '');
    const at = Number.isInteger(change.line) ? change
      : dated.find((/** @type {any} */ one) => one.text.includes(text)) ?? {};
    return html`<li><time>${when(change)}</time> <span>${change.component && html`<b>${change.component}</b> `}<${Clean} text=${text} />${
      change.from && change.to && !text.includes(change.to) && html` <code>${change.from} → ${change.to}</code>`}</span> <${Jump} at=${at} /></li>`;
  })}</ul>`;
}

export function Answer() {
  const told = report.value?.diagnosis;
  if (!report.value) return Empty('The likely failure point');
  if (!told) return html`<${Nothing} what="No source here is a log that can be diagnosed." />`;
  const changes = told.changes?.length ? told.changes
    : (report.value.timeline ?? []).filter((/** @type {any} */ entry) => entry.kind === 'change');
  const others = told.with_it ?? [];
  return html`<div class="answer"><div>
      <section><p class="verdict">${verdict(told)}
        ${typeof told.confidence === 'number' && html`<span class="confidence" title="How sure the reading is">
          ${Math.round(told.confidence * 100)} % sure</span>`}</p>
      <ul class="summary">${(told.summary ?? []).map((/** @type {string} */ text) =>
        html`<li><${Clean} text=${text} /></li>`)}</ul></section>
      <section><h3>What changed before</h3>${changes.length > 0 ? html`<${Changes} list=${changes} />`
        : html`<${Nothing} what="No deploy, setting or restart is told in these sources." />`}</section>
      ${(told.grew ?? []).length > 0 && html`<section><h3>What grew</h3><ul class="list">${told.grew.slice(0, 8).map((/** @type {any} */ one) => html`<li>
        <time>${clock(one.since)}</time><span>${one.component} <code>${one.key}</code> ${one.from} → ${one.to}</span></li>`)}</ul></section>`}
      ${(told.silent ?? []).length > 0 && html`<section><h3>What fell silent</h3><ul class="list">${told.silent.slice(0, 8).map((/** @type {any} */ one) => html`<li>
        <time>${clock(one.last)}</time><span>${one.component} <${Clean} text=${one.message} /></span></li>`)}</ul></section>`}
      ${(told.actions ?? []).length > 0 && html`<section><h3>Where to look</h3><ul class="summary">
        ${told.actions.map((/** @type {string} */ text) => html`<li><${Clean} text=${text} /></li>`)}</ul></section>`}
    </div><div>
      ${told.decisive && html`<section><h3>Likely failure point</h3><${Problem} one=${told.decisive} isFirst=${true} /></section>`}
      ${(told.shared ?? []).length > 0 && html`<section><h3>What the failing lines share</h3><ul class="list">
        ${told.shared.slice(0, 8).map((/** @type {any} */ one) => html`<li><code>${one.key}</code>
          <span><${Clean} text=${String(one.value)} /></span>
          <span class="muted">${Math.round((one.failing ?? 0) * 100)} % of the failing lines${
            typeof one.others === 'number' ? `, ${Math.round(one.others * 100)} % of the others` : ''}</span></li>`)}</ul></section>`}
      ${others.length > 0 && html`<section><h3>Seen with it</h3>
        ${others.slice(0, 8).map((/** @type {any} */ one) => html`<${Problem} one=${one} isFirst=${false} />`)}</section>`}
    </div></div>`;
}

/** What a panel says while there is nothing to say. @param {string} what */
function Empty(what) {
  if (reportError.value) {
    return html`<p class="nothing bad">The sources were read, but not put together: ${reportError.value}.</p>`;
  }
  return html`<p class="nothing">${what} stands here once there is something to read.</p>`;
}

export function Themes() {
  const [filter, setFilter] = useState('');
  if (!report.value) return Empty('The lines, grouped into themes,');
  const all = (report.value.themes ?? []).filter((/** @type {any} */ theme) =>
    theme.template.toLowerCase().includes(filter.toLowerCase()));
  return html`<div class="themes">
    <p class="bar"><label>Filter <input type="search" value=${filter}
      onInput=${(/** @type {any} */ e) => setFilter(e.target.value)} /></label>
      <span class="muted">${counted(all.length, 'theme')}, most telling first</span></p>
    <div class="table" role="table" aria-label="Themes">
      <div class="tr head" role="row"><span role="columnheader">Count</span><span role="columnheader">Over time</span>
        <span role="columnheader">Theme</span><span role="columnheader">Lines</span></div>
      <${Rows} list=${all} name="theme" draw=${(/** @type {any} */ theme) => html`<div class="tr" role="row" key=${theme.template_id}>
        <span role="cell" class="count">${number(theme.count)}</span>
        <span role="cell"><${Spark} counts=${theme.buckets} trouble=${theme.trouble} /></span>
        <span role="cell" class=${theme.trouble ? 'template bad' : 'template'}>
          ${theme.level && html`<b class="rank">${theme.level}</b> `}<${Clean} text=${theme.template} /></span>
        <span role="cell" class="jumps"><${Jump} at=${{ source: theme.source, line: theme.first_line }} />
          ${theme.last_line !== theme.first_line && html`<${Jump} at=${{ source: theme.source, line: theme.last_line }} />`}</span>
      </div>`} />
    </div></div>`;
}

export function Stacks() {
  const all = report.value?.stacks ?? [];
  if (!report.value) return Empty('Stack traces, explained,');
  if (all.length === 0) return html`<${Nothing} what="No stack trace was found." />`;
  return html`<div class="stacks"><${Rows} list=${all} name="stack" draw=${(/** @type {any} */ stack) => html`
    <article key=${stack.fingerprint}>
      <h3><code>${stack.type}</code> <span class="muted">${stack.language} · ${counted(stack.count, 'time')}</span>
        <${Jump} at=${stack} /></h3>
      ${stack.message && html`<p class="message"><${Clean} text=${stack.message} /></p>`}
      ${stack.explained && html`<p><${Clean} text=${[stack.explained].flat().join(' ')} /></p>`}
      <ol class="frames">${(stack.frames ?? []).slice(0, 40).map((/** @type {any} */ frame) => html`
        <li class=${frame.in_app ? 'app' : ''}><code>${frameText(frame)}</code></li>`)}</ol>
    </article>`} /></div>`;
}

const KINDS = ['change', 'failure', 'alert', 'message', 'action', 'decision', 'recovery', 'silence'];
const hiddenKinds = signal(/** @type {Set<string>} */ (new Set()));

export function Timeline() {
  const all = report.value?.timeline ?? [];
  if (!report.value) return Empty('The timeline');
  if (all.length === 0) return html`<${Nothing} what="Nothing here carries a time." />`;
  const shown = all.filter((/** @type {any} */ entry) => !hiddenKinds.value.has(entry.kind));
  /** @param {string} kind */
  const turn = (kind) => {
    const now = new Set(hiddenKinds.value);
    if (!now.delete(kind)) now.add(kind);
    hiddenKinds.value = now;
  };
  const days = new Set(all.map((/** @type {any} */ entry) => day(entry.time)).filter(Boolean));
  return html`<div class="timeline">
    <p class="bar" role="group" aria-label="Kinds that are shown">
      ${KINDS.filter((kind) => all.some((/** @type {any} */ e) => e.kind === kind)).map((kind) => html`
        <button class=${`kind k-${kind}`} aria-pressed=${String(!hiddenKinds.value.has(kind))} onClick=${() => turn(kind)}>${kind}</button>`)}
      <span class="muted">all times UTC${days.size === 1 ? `, ${[...days][0]}` : ''}</span></p>
    <ol><${Rows} list=${shown} name="entry" draw=${(/** @type {any} */ entry) => html`<li>
      <time datetime=${entry.time ?? ''}>${days.size > 1 ? `${day(entry.time)} ` : ''}${when(entry)}</time>
      <span class=${`kind k-${entry.kind}`}>${entry.kind}</span>
      <span class="text">${entry.who && html`<b><${Clean} text=${entry.who} />:</b> `}
        ${entry.component && html`<span class="muted">${entry.component} </span>`}<${Clean} text=${entry.text} /></span>
      <${Jump} at=${entry} /></li>`} /></ol></div>`;
}

const STEPS = /** @type {Record<string, string>} */ ({
  verify: 'Verify', mitigate: 'Mitigate', roll_back: 'Roll back', contain: 'Contain', follow_up: 'Follow up',
});

export function Steps() {
  const all = report.value?.ladder ?? [];
  if (!report.value) return Empty('What to do, least risk first,');
  if (all.length === 0) return html`<${Nothing} what="The evidence carries no step." />`;
  void revision.value;
  return html`<div class="steps"><p class="muted">Least risk first. Each step rests on the lines beside it; nothing is done for you.</p>
    <ol>${all.map((/** @type {any} */ step) => {
      const field = `step/${step.kind}/${step.text}`.slice(0, 200);
      const isDone = room.log.get(field) === true;
      return html`<li class=${isDone ? 'done' : ''}>
        <label><input type="checkbox" checked=${isDone} onChange=${() => write(field, isDone ? null : true, 'step')} />
          <span class=${`kind k-${step.kind}`}>${STEPS[step.kind] ?? step.kind}</span> <${Clean} text=${step.text} /></label>
        ${step.why && html`<p class="muted"><${Clean} text=${step.why} /></p>`}
        <p class="jumps">${(step.evidence ?? []).slice(0, 6).map((/** @type {any} */ one) => html`<${Jump} at=${one} /> `)}</p>
      </li>`;
    })}</ol></div>`;
}

const NOTE_KINDS = [
  'summary', 'impact', 'decisions', 'actions', 'tasks', 'hypotheses', 'questions', 'well', 'badly', 'people',
];

const NOTE_NAMES = /** @type {Record<string, string>} */ ({
  actions: 'What was done', tasks: 'To be done', well: 'What went well', badly: 'What went badly',
});

/** @param {{name: string, note: any}} props */
function OwnNote({ name, note }) {
  const [text, setText] = useState(note.text);
  useEffect(() => setText(note.text), [note.text]);
  return html`<li class="own"><span class="kind">${note.kind}</span>
    <input value=${text} aria-label="Note" onInput=${(/** @type {any} */ e) => setText(e.target.value)}
      onChange=${() => write(name, { ...note, text }, 'note')} />
    <button class="quiet" aria-label="Take this note away" onClick=${() => write(name, null, 'taking a note away')}>×</button></li>`;
}

export function Notes() {
  void revision.value;
  const [kind, setKind] = useState('hypothesis');
  const [text, setText] = useState('');
  const told = report.value?.notes ?? {};
  const own = room.log.under('note/');
  /** @param {Event} event */
  const add = (event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    addNote({ kind, text: text.trim(), time: new Date().toISOString() });
    setText('');
  };
  const kinds = NOTE_KINDS.filter((one) => told[one]?.length > 0);
  return html`<div class="notes">
    <form class="bar" onSubmit=${add}>
      <select aria-label="Kind of note" value=${kind} onChange=${(/** @type {any} */ e) => setKind(e.target.value)}>
        ${['hypothesis', 'decision', 'action', 'impact', 'question', 'note'].map((one) => html`<option value=${one}>${one}</option>`)}
      </select>
      <input class="wide" placeholder="Write a note: it stays in this room" aria-label="New note" value=${text}
        onInput=${(/** @type {any} */ e) => setText(e.target.value)} />
      <button>Add</button></form>
    ${own.length > 0 && html`<section><h3>Yours</h3><ul class="list">
      ${own.map(([name, note]) => html`<${OwnNote} key=${name} name=${name} note=${note} />`)}</ul></section>`}
    ${kinds.map((one) => html`<section><h3>${NOTE_NAMES[one] ?? one.replace(/^./, (c) => c.toUpperCase())}</h3><ul class="list">
      ${told[one].slice(0, 100).map((/** @type {any} */ note) => html`<li><time>${when(note)}</time>
        <span>${note.who && note.who !== note.text && html`<b><${Clean} text=${note.who} />:</b> `}<${Clean} text=${note.text} /></span>
        ${note.messages && html`<span class="muted">${counted(note.messages, 'message')}</span>`}
        <${Jump} at=${note} /></li>`)}</ul></section>`)}
    ${kinds.length === 0 && html`<${Nothing} what="Paste a chat or its export, and it becomes incident notes: decisions, actions, impact, without greetings and joins." />`}
  </div>`;
}

const SIDES = /** @type {[string, string][]} */ ([
  ['new', 'Only in the second'], ['gone', 'Only in the first'], ['more', 'More in the second'], ['less', 'Less in the second'],
]);

export function Compare() {
  const [a, setA] = useState(0);
  const [b, setB] = useState(1);
  const [told, setTold] = useState(/** @type {any} */ (null));
  const all = sources.value;
  if (all.length < 2) {
    return html`<${Nothing} what="Two sources are compared here: a bad hour and a good one, say. Add another source." />`;
  }
  const run = async () => {
    try {
      setTold((await engine.ask('compare', { a, b })).compared);
    } catch (error) {
      say(`They cannot be compared: ${error instanceof Error ? error.message : ''}.`, true);
    }
  };
  /** @param {number} value @param {(n: number) => void} set @param {string} label */
  const choose = (value, set, label) => html`<label>${label} <select value=${value}
    onChange=${(/** @type {any} */ e) => { set(Number(e.target.value)); setTold(null); }}>
    ${all.map((source, at) => html`<option value=${at}>${source.name}</option>`)}</select></label>`;
  return html`<div class="compare"><p class="bar">${choose(a, setA, 'First')} ${choose(b, setB, 'Second')}
    <button class="primary" disabled=${a === b} onClick=${run}>Compare</button></p>
    ${told && SIDES.map(([key, title]) => html`<section><h3>${title} <span class="muted">${number(told[key].length)}</span></h3>
      ${told[key].slice(0, 60).map((/** @type {any} */ one) => html`<div class="tr compared">
        <span class="count">${number(one.count_a)}</span><span class="count">${number(one.count_b)}</span>
        <span class="template">${one.level && html`<b class="rank">${one.level}</b> `}<${Clean} text=${one.template ?? ''} /></span>
        <span class="jumps"><${Jump} at=${{ source: a, line: one.line_a }} /> <${Jump} at=${{ source: b, line: one.line_b }} />
          ${!one.sure && html`<small title="Too few to be sure that it is no chance">few</small>`}</span></div>`)}</section>`)}
    ${told && html`<p class="muted">${counted(told.unchanged ?? 0, 'template')} came as often as before. Left the first, right the second.</p>`}</div>`;
}
