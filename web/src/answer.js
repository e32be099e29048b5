// @ts-check
// A model's answer as elements: paragraphs, headings, lists and code, each letter of it a text
// node. No link, no picture, no markup: what looks like one stays text.

import { valueOf } from './room.js';
import { visible } from './text.js';
import { html } from '../vendor/preact.js';

/** Letters of an answer that are drawn. */
export const ANSWER_LENGTH_MAX = 64_000;
const TOKEN = /\b([a-z]{1,20}_[a-z2-7]{24})\b/;
const INLINE = /(`[^`]{1,400}`|\[e\d{1,3}\]|\b[a-z]{1,20}_[a-z2-7]{24}\b)/;

/**
 * @typedef {{kind: 'p' | 'h' | 'code' | 'ul' | 'ol', lines: string[]}} Block
 */

/** @param {string} text @returns {Block[]} */
export function blocks(text) {
  /** @type {Block[]} */
  const out = [];
  let fenced = false;
  for (const raw of text.slice(0, ANSWER_LENGTH_MAX).split('\n')) {
    const line = visible(raw.replace(/\r$/, ''));
    const last = out.at(-1);
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      if (fenced) out.push({ kind: 'code', lines: [] });
      else out.push({ kind: 'p', lines: [] });
    } else if (fenced) {
      last?.lines.push(line);
    } else {
      placeLine(out, line);
    }
  }
  return out.filter((block) => block.lines.length > 0);
}

/** @param {Block[]} out @param {string} line */
function placeLine(out, line) {
  const last = out.at(-1);
  const heading = /^#{1,6}\s+(.*)/.exec(line);
  const item = /^\s{0,6}(?:([-*+])|\d{1,3}[.)])\s+(.*)/.exec(line);
  if (heading) out.push({ kind: 'h', lines: [heading[1] ?? ''] });
  else if (item) {
    const kind = item[1] ? 'ul' : 'ol';
    if (last?.kind === kind) last.lines.push(item[2] ?? '');
    else out.push({ kind, lines: [item[2] ?? ''] });
  } else if (line.trim() === '') out.push({ kind: 'p', lines: [] });
  else if (last?.kind === 'p') last.lines.push(line);
  else out.push({ kind: 'p', lines: [line] });
}

/** @param {{text: string, filled: boolean, cited: string[]}} props */
function Inline({ text, filled, cited }) {
  return html`${text.split(INLINE).map((part, at) => {
    if (at % 2 === 0) return part;
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.startsWith('[')) {
      const said = cited[Number(part.slice(2, -1)) - 1];
      return html`<span class="cite" title=${said ?? 'evidence of the store'}>${part}</span>`;
    }
    const value = filled ? valueOf(part) : null;
    return value === null
      ? html`<span class="token" title=${part}>${part.replace(/_(.{6}).*/, '_$1…')}</span>`
      : html`<span class="mark peeked" title=${`${part}, filled in by this tab`}>${visible(value)}</span>`;
  })}`;
}

/** @param {{text: string, filled: boolean, cited: string[]}} props */
export function AnswerText({ text, filled, cited }) {
  /** @param {string} line */
  const inline = (line) => html`<${Inline} text=${line} filled=${filled} cited=${cited} />`;
  return html`<div class="answer-text">${blocks(text).map(({ kind, lines }) => {
    if (kind === 'h') return html`<h4>${inline(lines[0] ?? '')}</h4>`;
    if (kind === 'code') return html`<pre tabindex="0"><code>${lines.join('\n')}</code></pre>`;
    if (kind === 'p') return html`<p>${inline(lines.join(' '))}</p>`;
    const items = lines.map((line) => html`<li>${inline(line)}</li>`);
    return kind === 'ul' ? html`<ul>${items}</ul>` : html`<ol>${items}</ol>`;
  })}</div>`;
}

/** Whether a text holds a pseudonym. @param {string} text */
export const hasTokens = (text) => TOKEN.test(text);
