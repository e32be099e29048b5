// @ts-check
// The two columns: yours, and what would leave. One scroll bar moves both; only the lines that are
// in sight are elements.

import { findLine } from './lines.js';
import { hasPlace, LINE_BYTES_DRAWN, pieces } from './findings.js';
import {
  active, addTerms, goTo, peek, peeked, place, progress, rawValue, revision, say, sourceOf,
} from './room.js';
import { explain, mayPeek } from './rules.js';
import { codeName, counted, decode, number, size, toBytes, visible } from './text.js';
import {
  html, signal, useEffect, useLayoutEffect, useRef, useState,
} from '../vendor/preact.js';

/** Height of a line; room.css says the same. */
const LINE_PIXELS = 20;
/** Browsers lay out about 16 million pixels; beyond, the scroll bar stands for more lines. */
/** Lines that are marked at once. */
const SELECTED_LINES_MAX = 50;
const SCROLL_PIXELS_MAX = 8_000_000;
/** Before the place that is looked at in a long line. */
const BYTES_BEFORE = 200;

/** @typedef {import('./room.js').Source} Source */
/** @typedef {import('./findings.js').Piece} Piece */

export const query = signal('');
/** What the mark under pointer or focus says, and where. */
export const explained = signal(/** @type {any} */ (null));
/** A selection in the left column that could be marked. */
const selected = signal(/** @type {{texts: string[] | null, x: number, y: number} | null} */ (null));
/** On a narrow window one column is seen. */
export const side = signal(/** @type {'raw' | 'clean'} */ ('raw'));

let searching = 0;

/** Goes to the next line that holds the query. @param {1 | -1} way */
export async function searchNext(way) {
  const source = sourceOf(active.value);
  if (!source || query.value === '') return;
  searching += 1;
  const mine = searching;
  const here = place.value?.source === source.id ? place.value.line : -1;
  const line = await findLine(source.raw, query.value, here, way, () => mine !== searching);
  if (mine !== searching) return;
  if (line < 0) say(`“${query.value}” is not in this source.`);
  else goTo(source.id, line);
}

/** Where a long line's window begins. @param {Source} source @param {number} line */
function windowFrom(source, line) {
  const eye = place.value;
  if (eye?.source !== source.id || eye.line !== line || eye.byte < LINE_BYTES_DRAWN / 2) {
    return { raw: 0, clean: 0 };
  }
  const finding = eye.finding >= 0 ? source.findings.at(eye.finding) : null;
  const clean = finding && hasPlace(finding) ? (finding.text_offset ?? 0) : 0;
  return { raw: Math.max(0, eye.byte - BYTES_BEFORE), clean: Math.max(0, clean - BYTES_BEFORE) };
}

/** What is held stays until it is closed. */
const letGo = () => {
  if (!explained.value?.held) explained.value = null;
};

/** Closes what a mark says; the focus goes back to the mark. */
export function closeExplained() {
  if (explained.value?.byKey) explained.value.element.focus();
  explained.value = null;
}

/** @param {{piece: Piece, source: Source, isRaw: boolean}} props */
function Mark({ piece, source, isRaw }) {
  const finding = source.findings.at(piece.mark ?? 0);
  const { what } = explain(finding.rule, finding.class);
  const key = `${source.id}:${finding.index}`;
  const shown = !isRaw && mayPeek(finding.class) &&
    (peeked.value.has(key) || peeked.value.has(finding.class));
  const text = shown ? visible(rawValue(source, finding)) : piece.text;
  const isHere = place.value?.source === source.id && place.value.finding === finding.index;
  /** @param {any} event */
  const tell = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const element = event.currentTarget;
    explained.value = { source, finding, isRaw, element, x: box.left, y: box.bottom, top: box.top };
  };
  const names = ['mark', `class-${finding.class.toLowerCase()}`];
  if (isHere) names.push('here');
  if (shown) names.push('peeked');
  return html`<span
    class=${names.join(' ')} role="button" tabindex="0" data-byte=${piece.byte} data-mark=${finding.index}
    aria-label=${`${text}: ${what}, class ${finding.class}, rule ${finding.rule}`}
    onMouseEnter=${tell} onFocus=${tell}
    onMouseLeave=${letGo} onBlur=${letGo}
    onClick=${(/** @type {any} */ event) => { tell(event); explained.value = { ...explained.value, held: true }; }}
    onKeyDown=${(/** @type {any} */ event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      tell(event);
      explained.value = { ...explained.value, held: true, byKey: true };
    }}
  >${text}</span>`;
}

/** @param {{piece: Piece, source: Source, isRaw: boolean}} props */
function Part({ piece, source, isRaw }) {
  if (piece.mark !== undefined) return Mark({ piece, source, isRaw });
  if (piece.sign) {
    return html`<span class="sign" data-byte=${piece.byte} title=${`hidden sign ${codeName(piece.sign)}`}>${piece.text}</span>`;
  }
  return html`<span class=${piece.hit ? 'hit' : undefined} data-byte=${piece.byte}>${piece.text}</span>`;
}

/** @param {{source: Source, line: number, isRaw: boolean}} props */
function Row({ source, line, isRaw }) {
  void revision.value; // its text may be another, and it itself the same
  const text = isRaw ? source.raw : source.clean;
  const [start, end] = text.range(line);
  const from = windowFrom(source, line)[isRaw ? 'raw' : 'clean'];
  const findings = source.findings.ofLine(line);
  const marks = isRaw
    ? findings.map(({ offset, length, index }) => ({ at: offset, length, index }))
    : findings.filter(hasPlace).map(({ text_offset = 0, text_length = 0, index }) =>
      ({ at: text_offset, length: text_length, index }));
  const isWaiting = !isRaw && line >= text.count;
  const drawn = pieces(text.piece(line, from, LINE_BYTES_DRAWN), from, marks, query.value.toLowerCase());
  const left = end - start - from - LINE_BYTES_DRAWN;
  const isHere = place.value?.source === source.id && place.value.line === line;
  return html`<div class=${isHere ? 'row here' : 'row'} data-line=${line}>
    <span class="nr" aria-hidden="true">${line + 1}</span>
    <span class="code">${from > 0 && html`<span class="cut">… ${size(from)} before </span>`}${
      isWaiting ? html`<span class="cut">not read yet: nothing leaves</span>`
        : drawn.map((piece, at) => html`<${Part} key=${at} piece=${piece} source=${source} isRaw=${isRaw} />`)
    }${left > 0 && html`<span class="cut"> … ${size(left)} more on this line</span>`}</span>
  </div>`;
}

/** Marks what was selected: all of it, or nothing and says so. @param {string[] | null} texts */
function markTexts(texts) {
  if (texts) addTerms(texts);
  else say(`Nothing was marked: mark at most ${SELECTED_LINES_MAX} lines at once.`, true);
}

/** The texts of a selection, line by line, in the left column; null where they are too many. @param {Element} pane @param {Source} source */
function selectedTexts(pane, source) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return [];
  const range = selection.getRangeAt(0);
  if (!pane.contains(range.startContainer) || !pane.contains(range.endContainer)) return [];
  const from = byteOf(range.startContainer, range.startOffset, source);
  const to = byteOf(range.endContainer, range.endOffset, source);
  if (!from || !to) return [];
  const texts = [];
  if (to.line - from.line >= SELECTED_LINES_MAX) return null;
  for (let line = from.line; line <= to.line; line += 1) {
    const [start, end] = source.raw.range(line);
    const first = line === from.line ? from.byte : 0;
    const past = line === to.line ? to.byte : end - start;
    texts.push(decode(source.raw.piece(line, first, Math.max(0, past - first))).trim());
  }
  return texts.filter((text) => text.length > 1);
}

/** @param {Node} node @param {number} unit @param {Source} source */
function byteOf(node, unit, source) {
  const element = node instanceof Element ? node : node.parentElement;
  const row = element?.closest('[data-line]');
  if (!row) return null;
  const line = Number(row.getAttribute('data-line'));
  const piece = element?.closest('[data-byte]');
  if (!piece) {
    const [start, end] = source.raw.range(line);
    return { line, byte: unit === 0 ? 0 : end - start };
  }
  const byte = Number(piece.getAttribute('data-byte'));
  const text = decode(source.raw.piece(line, byte, LINE_BYTES_DRAWN));
  return { line, byte: byte + toBytes(text, node instanceof Element ? 0 : unit) };
}

/** @param {{source: Source, top: number, rows: number, isRaw: boolean}} props */
function Pane({ source, top, rows, isRaw }) {
  void revision.value;
  const pane = useRef(/** @type {any} */ (null));
  const first = Math.floor(top);
  const count = source.raw.count;
  const lines = [];
  for (let line = first; line < Math.min(count, first + rows + 1); line += 1) lines.push(line);
  const select = () => {
    if (!isRaw) return;
    const texts = selectedTexts(pane.current, source);
    const box = document.getSelection()?.rangeCount
      ? document.getSelection()?.getRangeAt(0).getBoundingClientRect() : null;
    selected.value = texts?.length !== 0 && box ? { texts, x: box.left, y: box.top } : null;
  };
  const says = isRaw ? 'Yours: the text as it is, in this tab only' : 'What would leave: the clean text';
  return html`<div
    class=${isRaw ? 'pane raw' : 'pane clean'} ref=${pane} tabindex="0" role="group" aria-label=${says}
    onMouseUp=${select} onKeyUp=${select} onTouchEnd=${select}
  ><div class="rows" style=${{ transform: `translateY(${-Math.round((top - first) * LINE_PIXELS)}px)` }}>
    ${lines.map((line) => html`<${Row} key=${line} source=${source} line=${line} isRaw=${isRaw} />`)}
  </div></div>`;
}

/** @param {{source: Source}} props */
function Scroller({ source }) {
  const scroller = useRef(/** @type {any} */ (null));
  const [height, setHeight] = useState(600);
  const [top, setTop] = useState(0);
  void revision.value;
  const count = source.raw.count;
  const rows = Math.ceil(height / LINE_PIXELS);
  const last = Math.max(0, count - Math.floor(height / LINE_PIXELS) + 1);
  const full = Math.min(SCROLL_PIXELS_MAX, Math.max(height, last * LINE_PIXELS + height));
  const span = Math.max(1, full - height);

  /** @param {number} line */
  const show = (line) => {
    const wanted = Math.min(last, Math.max(0, line));
    setTop(wanted);
    const element = scroller.current;
    if (element && last > 0) element.scrollTop = (wanted / last) * span;
  };
  useLayoutEffect(() => {
    const seen = new ResizeObserver(() => setHeight(scroller.current.clientHeight));
    seen.observe(scroller.current);
    return () => seen.disconnect();
  }, []);
  const eye = place.value;
  useLayoutEffect(() => {
    if (!eye || eye.source !== source.id) return;
    if (eye.line < top + 2 || eye.line > top + rows - 4) show(eye.line - Math.floor(rows / 3));
  }, [eye]);
  const focused = useRef(/** @type {any} */ (null));
  useEffect(() => {
    if (!eye || eye.source !== source.id || eye.finding < 0 || focused.current === eye) return;
    const panes = scroller.current.querySelectorAll(`[data-mark="${eye.finding}"]`);
    for (const mark of panes) mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const seen = [...panes].find((mark) => mark.offsetParent !== null);
    if (!seen) return; // not drawn yet
    seen.focus({ preventScroll: true });
    focused.current = eye;
  }, [eye, top]);
  const scrolled = () => {
    const at = (scroller.current.scrollTop / span) * last;
    // What `show` set to a line's beginning is not rounded away again.
    if (Math.abs(at - top) * Math.min(1, span / (last * LINE_PIXELS || 1)) > 0.06) {
      setTop(at);
      explained.value = null;
    }
  };
  /** @param {any} event */
  const wheel = (event) => {
    if (full < SCROLL_PIXELS_MAX || event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    show(top + event.deltaY / LINE_PIXELS);
  };
  /** @param {any} event */
  const keys = (event) => {
    const moves = /** @type {Record<string, number>} */ ({
      ArrowDown: 1, ArrowUp: -1, PageDown: rows - 2, PageUp: 2 - rows, Home: -count, End: count,
    });
    const move = moves[event.key];
    if (move === undefined || event.altKey || event.metaKey) return;
    event.preventDefault();
    show(Math.round(top) + move);
  };
  return html`<div class="scroller" ref=${scroller} onScroll=${scrolled} onWheel=${wheel} onKeyDown=${keys}>
    <div class="window" style=${{ height: `${height}px` }}>
      <${Pane} source=${source} top=${top} rows=${rows} isRaw=${true} />
      <${Pane} source=${source} top=${top} rows=${rows} isRaw=${false} />
    </div>
    <div style=${{ height: `${Math.max(0, full - height)}px` }}></div>
  </div>`;
}

/** What a mark says of itself. @param {{onFalse: (told: any) => void}} props */
export function Explained({ onFalse }) {
  const told = explained.value;
  const box = useRef(/** @type {any} */ (null));
  useEffect(() => {
    if (told?.byKey) box.current?.querySelector('button')?.focus();
  }, [told]);
  if (!told) return null;
  const { source, finding, isRaw, x, y, top, held } = told;
  const { what, how, level } = explain(finding.rule, finding.class);
  const isLow = y > innerHeight - 210;
  const left = Math.max(8, Math.min(x, innerWidth - 350));
  const style = isLow
    ? { left: `${left}px`, bottom: `${innerHeight - top + 4}px` }
    : { left: `${left}px`, top: `${y + 4}px` };
  const key = `${source.id}:${finding.index}`;
  const stays = { onMouseEnter: () => { if (!held) explained.value = { ...told, held: true }; } };
  return html`<div class="explained" ref=${box} role=${held ? 'dialog' : 'tooltip'} aria-label="About this mark" style=${style} ...${stays}
    onMouseLeave=${() => { if (!told.byKey) explained.value = null; }}>
    <p class="what"><b>${what}</b> <span>${how}</span></p>
    <p class="muted">${level}</p>
    <dl>
      <div><dt>rule</dt><dd>${finding.rule}${finding.version && ` · version ${finding.version}`}</dd></div>
      <div><dt>at</dt><dd>line ${number(finding.line + 1)}, byte ${number(finding.offset)}, ${counted(finding.length, 'byte')}</dd></div>
      ${finding.path && html`<div><dt>field</dt><dd>${finding.path}</dd></div>`}
    </dl>
    ${held && html`<p class="acts">
      ${!isRaw && mayPeek(finding.class) && html`<button onClick=${() => peek(key)}>${
        peeked.value.has(key) ? 'Hide the value' : 'Show the value in this tab'}</button>`}
      ${!isRaw && finding.class === 'A' && html`<span class="muted">A secret is not shown here.</span>`}
      <button onClick=${() => { explained.value = null; onFalse({ source, finding }); }}>Not sensitive…</button>
    </p>`}
    ${!held && html`<p class="muted">Click or press Enter for more.</p>`}
  </div>`;
}

/** The offer to mark what is selected. */
export function Selected() {
  const found = selected.value;
  if (!found) return null;
  const mark = () => {
    selected.value = null;
    document.getSelection()?.removeAllRanges();
    markTexts(found.texts);
  };
  const style = {
    left: `${Math.max(8, Math.min(found.x, innerWidth - 220))}px`,
    top: `${Math.max(50, found.y - 38)}px`,
  };
  return html`<div class="selected" style=${style}>
    <button class="primary" onMouseDown=${(/** @type {Event} */ e) => e.preventDefault()} onClick=${mark}>
      Redact ${found.texts ? counted(found.texts.length, 'selected text') : 'what is selected'}</button>
  </div>`;
}

/** Marks what is selected in the left column. */
export function markSelected() {
  const found = selected.value;
  selected.value = null;
  if (found) markTexts(found.texts);
  return found !== null;
}

/** @param {{empty: any}} props what is shown while there is no source */
export function Columns({ empty }) {
  const source = sourceOf(active.value);
  void revision.value;
  const levels = source?.findings.classes() ?? {};
  const removed = levels['A'] ?? 0;
  const pseudonyms = (levels['B'] ?? 0) + (levels['C'] ?? 0);
  /** @param {'raw' | 'clean'} which */
  const tab = (which) => ({
    'aria-pressed': String(side.value === which), onClick: () => (side.value = which),
  });
  const isReading = progress.value !== null && !source?.ready;
  return html`<section class=${`columns show-${side.value}`} aria-label="Text">
    <header class="heads">
      <h2 class="raw"><button class="narrow" ...${tab('raw')}>Yours</button><b class="wide">Yours</b>
        <span>${source ? `${counted(source.raw.count, 'line')}, ${size(source.raw.length)}, in this tab only` : 'in this tab only'}</span></h2>
      <h2 class="clean"><button class="narrow" ...${tab('clean')}>What would leave</button><b class="wide">What would leave</b>
        <span>${!source ? 'nothing' : isReading ? 'reading…' : html`<i class="dot a"></i>${number(removed)} removed
          <i class="dot b"></i>${number(pseudonyms)} pseudonymised`}</span></h2>
    </header>
    ${source ? html`<${Scroller} key=${source.id} source=${source} />` : empty}
  </section>`;
}
