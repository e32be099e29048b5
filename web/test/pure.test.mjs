// The page's modules that need no browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Findings, hasPlace, LINE_BYTES_DRAWN, pieces } from '../src/findings.js';
import { findLine, Lines } from '../src/lines.js';
import { History, isOp, LOCAL, OpLog } from '../src/oplog.js';
import { explain, mayPeek } from '../src/rules.js';
import { newKey, randomBytes, seal, shareKey, unseal } from '../src/seal.js';
import { bars, rebucket, spoken } from '../src/spark.js';
import * as text from '../src/text.js';

/** Numbers that look random and are the same each time. */
function draws(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SIGNS = ['a', 'Z', '0', ' ', '\t', '\n', '\r\n', 'é', 'ß', '漢', '😀', '\u202e', '\u001b', '\u0301'];
const drawn = (draw, length) => Array.from({ length }, () => SIGNS[draw(SIGNS.length)]).join('');

/** Text in pieces that may cut lines and characters. */
function indexed(said, draw) {
  const bytes = text.encode(said);
  const lines = new Lines();
  for (let at = 0; at < bytes.length; ) {
    const cut = at + 1 + draw(9);
    lines.append(bytes.subarray(at, cut));
    at = Math.min(cut, bytes.length);
  }
  return lines;
}

test('an index of lines is that of a split, however the bytes come', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const draw = draws(seed);
    const said = drawn(draw, draw(120));
    const lines = indexed(said, draw);
    const want = said.split('\n');
    if (want.at(-1) === '') want.pop();
    const got = Array.from({ length: lines.count }, (_, n) => text.decode(lines.piece(n, 0, 1e6)));
    const ended = want.map((line, n) =>
      n < want.length - 1 || said.endsWith('\n') ? line.replace(/\r$/, '') : line);
    assert.deepEqual(got, ended, `seed ${seed}`);
    for (let n = 0; n < lines.count; n += 1) {
      const [from] = lines.range(n);
      if (lines.length > from) assert.equal(lines.lineOf(from), n);
    }
  }
});

test('what is outside is nothing', () => {
  const lines = indexed('one\ntwo', draws(1));
  assert.deepEqual([lines.range(-1), lines.range(2)], [[0, 0], [0, 0]]);
  assert.equal(lines.piece(5, 0, 10).length, 0);
  assert.equal(lines.piece(0, 99, 10).length, 0);
  lines.wipe();
  assert.equal(lines.count, 0);
  assert.ok(lines.buffer.every((byte) => byte === 0));
});

test('a search goes round once, in both directions, whatever the case', async () => {
  const lines = indexed('alpha\nBETA\ngamma\nbeta two\n', draws(2));
  const never = () => false;
  assert.equal(await findLine(lines, 'Beta', 0, 1, never), 1);
  assert.equal(await findLine(lines, 'beta', 1, 1, never), 3);
  assert.equal(await findLine(lines, 'beta', 3, 1, never), 1);
  assert.equal(await findLine(lines, 'beta', 3, -1, never), 1);
  assert.equal(await findLine(lines, 'alpha', 0, 1, never), 0);
  assert.equal(await findLine(lines, 'delta', 0, 1, never), -1);
  assert.equal(await findLine(new Lines(), 'x', 0, 1, never), -1);
});

test('places in UTF-8 and in UTF-16 lead to each other', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const draw = draws(seed);
    const said = drawn(draw, 40);
    const characters = [...said];
    let unit = 0;
    const units = [0];
    for (const character of characters) units.push((unit += character.length));
    const bytes = units.map((at) => Buffer.byteLength(said.slice(0, at)));
    assert.deepEqual(text.toUnits(said, bytes), units, `seed ${seed}`);
    assert.deepEqual(units.map((at) => text.toBytes(said, at)), bytes, `seed ${seed}`);
  }
  assert.deepEqual(text.toUnits('é!', [0, 1, 2, 3, 9]), [0, 0, 1, 2, 2]);
});

test('a piece of UTF-8 is cut between characters', () => {
  for (const sign of ['a', 'é', '漢', '😀']) {
    const bytes = text.encode(`${sign}x${sign}`);
    for (let from = 0; from < bytes.length; from += 1) {
      for (let to = from; to <= bytes.length; to += 1) {
        const piece = bytes.subarray(from, to);
        const whole = text.wholeCharacters(piece);
        const shown = text.decode(piece.subarray(whole.from, Math.max(whole.from, whole.to)));
        assert.ok(!shown.includes('\ufffd'), `${sign} ${from} ${to}`);
      }
    }
  }
});

test('signs that hide are seen, and nothing moves', () => {
  const said = 'a\u202eb\u001b[31mc\u200d\u0000\u007f\u2066';
  assert.equal(text.visible(said), 'a▯b␛[31mc▯␀␡▯');
  assert.equal(text.visible(said).length, said.length);
  assert.deepEqual(text.hidden('\ta\u202e'), [2]);
  assert.equal(text.codeName('\u202e'), 'U+202E');
});

test('sizes, counts and shapes are in words', () => {
  const sizes = [0, 1, 999, 1000, 12_345, 52_000_000].map(text.size);
  assert.deepEqual(sizes, ['0 bytes', '1 byte', '999 bytes', '1.0 kB', '12 kB', '52 MB']);
  assert.equal(text.counted(1, 'line'), '1 line');
  assert.equal(text.counted(1234567, 'line'), '1,234,567 lines');
  assert.equal(text.shape('Ánn-42@Mail.example'), 'Aaa-00@Aaaa.aaaaaaa');
});

test('base64 goes there and back', () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = randomBytes(length);
    assert.equal(text.toBase64(bytes), Buffer.from(bytes).toString('base64'));
    assert.deepEqual(text.fromBase64(text.toBase64Url(bytes)), bytes);
  }
});

const told = (line, offset, length, more = {}) =>
  ({ line, rule: 'email', version: '1', class: 'B', path: '', offset, length, ...more });

test('findings are held as numbers and given back as they were told', () => {
  const findings = new Findings();
  findings.append([told(0, 4, 3, { text_offset: 4, text_length: 10 }), told(0, 0, 2)]);
  findings.append(Array.from({ length: 500 }, (_, n) => told(2 + n, n, 1, { class: 'A' })));
  assert.deepEqual(findings.ofLine(0).map((f) => [f.offset, f.length, hasPlace(f)]),
    [[0, 2, false], [4, 3, true]]);
  assert.deepEqual(findings.ofLine(1), []);
  assert.equal(findings.ofLine(401)[0].offset, 399);
  assert.equal(findings.from(1), 2);
  assert.deepEqual(findings.classes(), { A: 500, B: 2 });
  assert.equal(findings.at(1).rule, 'email');
});

test('a line is drawn of pieces that are the line', () => {
  const line = 'mail é ann@example.org \u202eend';
  const bytes = text.encode(line);
  const at = Buffer.byteLength('mail é ');
  const drawnPieces = pieces(bytes, 0, [{ at, length: 15, index: 7 }], 'example');
  assert.equal(drawnPieces.map((p) => p.text).join(''), text.visible(line));
  assert.equal(drawnPieces.filter((p) => p.mark === 7).map((p) => p.text).join(''), 'ann@example.org');
  assert.deepEqual(drawnPieces.filter((p) => p.hit).map((p) => p.text), ['example']);
  assert.deepEqual(drawnPieces.filter((p) => p.sign).map((p) => p.sign), ['\u202e']);
  for (const piece of drawnPieces) {
    const want = text.encode(text.visible(line)).length;
    assert.ok(piece.byte <= want);
  }
  const window = pieces(bytes.subarray(6, 12), 6, [{ at, length: 15, index: 7 }], '');
  assert.deepEqual(window.map((p) => [p.text, p.byte, p.mark]), [[' ', 7, undefined], ['ann@', 8, 7]]);
  assert.ok(LINE_BYTES_DRAWN > 1000);
});

test('settings merge the same in any order, twice or once', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const draw = draws(seed);
    const people = [new OpLog('ann'), new OpLog('bob'), new OpLog('cyd')];
    const ops = [];
    for (let n = 0; n < 30; n += 1) {
      const who = people[draw(3)];
      if (draw(3) === 0) who.merge(ops.slice(0, draw(ops.length + 1)));
      ops.push(draw(4) === 0 ? who.set(who.noteName(), { text: `n${n}` }) : who.set(`pm/${draw(4)}`, n));
    }
    const state = (log) => JSON.stringify(log.under(''));
    const forward = new OpLog('x');
    forward.merge(ops);
    const shuffled = ops.map((op) => [draw(1e6), op]).sort((a, b) => a[0] - b[0]).map(([, op]) => op);
    const other = new OpLog('y');
    for (const op of [...shuffled, ...ops.slice(0, 5)]) other.merge([op]);
    assert.equal(state(other), state(forward), `seed ${seed}`);
    const notes = new Set(ops.filter((op) => op.f.startsWith('note/')).map((op) => op.f));
    assert.equal(forward.under('note/').length, notes.size, 'no note is lost');
  }
});

test('a clock from far ahead is nobody’s, and what was kept here is', () => {
  const log = new OpLog('a');
  assert.deepEqual(log.merge([{ f: 'title', v: 'x', k: 2 ** 40, c: 'z' }]), []);
  const mine = log.set('title', 'y');
  assert.ok(isOp(mine) && mine.k < 2 ** 20);
  const again = new OpLog('a');
  assert.deepEqual(again.merge([{ f: 'title', v: 'y', k: 2 ** 30, c: 'a' }], true), ['title']);
  assert.ok(isOp(again.set('title', 'z')));
});

test('of equal clocks the higher client wins, and one writes after what one has seen', () => {
  const [ann, bob] = [new OpLog('ann'), new OpLog('bob')];
  const [one, two] = [ann.set('title', 'a'), bob.set('title', 'b')];
  ann.merge([two]);
  bob.merge([one]);
  assert.deepEqual([ann.get('title'), bob.get('title')], ['b', 'b']);
  const three = ann.set('title', 'c');
  bob.merge([three]);
  assert.equal(bob.get('title'), 'c');
  bob.merge([ann.set('title', null)]);
  assert.deepEqual([bob.get('title'), bob.under('')], [null, []]);
});

test('what is no setting is passed over, and what is local stays', () => {
  const log = new OpLog('ann');
  const bad = [null, 1, {}, { f: 'a', v: 1, k: -1, c: 'b' }, { f: 'a', v: 1, k: 2 ** 52, c: 'b' },
    { f: 'a'.repeat(300), v: 1, k: 1, c: 'b' }, { f: 'a', v: 'x'.repeat(2 << 20), k: 1, c: 'b' }];
  assert.deepEqual(log.merge(bad), []);
  assert.ok(bad.every((op) => !isOp(op)));
  log.set(`${LOCAL}term/1`, 'raw');
  log.set('title', 't');
  assert.deepEqual(log.shareable().map((op) => op.f), ['title']);
});

test('steps are taken back and done again', () => {
  const history = new History();
  history.push('a', null, 1, 'one');
  history.push('a', 1, 2, 'two');
  assert.equal(history.undo()?.what, 'two');
  assert.equal(history.undo()?.before, null);
  assert.equal(history.undo(), null);
  assert.equal(history.redo()?.what, 'one');
  history.push('b', null, 1, 'three');
  assert.equal(history.redo(), null);
});

test('what is sealed opens under its key and name alone', async () => {
  const key = await newKey();
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey('raw', key));
  const bytes = text.encode('raw text');
  const sealed = await seal(key, 'room/state', bytes);
  assert.ok(!Buffer.from(sealed).includes('raw text'));
  assert.deepEqual(await unseal(key, 'room/state', sealed), bytes);
  assert.notDeepEqual(await seal(key, 'room/state', bytes), sealed);
  await assert.rejects(unseal(key, 'other/state', sealed));
  await assert.rejects(unseal(await newKey(), 'room/state', sealed));
  sealed[20] ^= 1;
  await assert.rejects(unseal(key, 'room/state', sealed));
});

test('a link opens what its secret sealed', async () => {
  const secret = randomBytes();
  const sealed = await seal(await shareKey(secret), 'share/1', text.encode('op'));
  const again = text.fromBase64(text.toBase64Url(secret));
  assert.equal(text.decode(await unseal(await shareKey(again), 'share/1', sealed)), 'op');
  await assert.rejects(unseal(await shareKey(randomBytes()), 'share/1', sealed));
  await assert.rejects(shareKey(randomBytes(16)));
});

test('buckets keep their sum, and a small count is seen', () => {
  const counts = Array.from({ length: 60 }, (_, n) => n % 7);
  const few = rebucket(counts, 24);
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  assert.deepEqual([few.length, sum(few)], [24, sum(counts)]);
  assert.deepEqual(rebucket([1, 2], 24), [1, 2]);
  assert.equal(bars([0, 0], 10, 10), '');
  assert.match(bars([1, 10_000], 20, 10), /^M0\.0 8\.5h9\.0V10/);
  assert.equal(spoken([]), 'none');
  assert.match(spoken([0, 3, 1]), /^4 over .* 50 %/);
});

test('limits are the server’s', async () => {
  const rust = async (path) => readFile(new URL(`../../crates/${path}`, import.meta.url), 'utf8');
  const number = (code, name) => {
    const [, said] = code.match(new RegExp(`const ${name}: \\w+ = ([\\d_]+)( \\* [\\d_]+)?;`)) ?? [];
    return Number(said?.replaceAll('_', ''));
  };
  const pasted = await rust('assist/src/pasted.rs');
  const page = await readFile(new URL('../src/evidence.js', import.meta.url), 'utf8');
  for (const [here, there] of [
    ['ITEMS_COUNT_MAX', 'ITEMS_COUNT_MAX'], ['TEXT_LENGTH_MAX', 'EXCERPT_CHARS_MAX'],
    ['FRAMES_COUNT_MAX', 'FRAMES_COUNT_MAX'], ['COMPONENT_LENGTH_MAX', 'COMPONENT_CHARS_MAX'],
    ['EVIDENCE_LENGTH_MAX', 'EVIDENCE_CHARS_MAX'],
  ]) {
    const [, said] = page.match(new RegExp(`const ${here} = ([\\d_]+);`)) ?? [];
    assert.equal(Number(said?.replaceAll('_', '')), number(pasted, there), here);
    assert.ok(number(pasted, there) > 0, there);
  }
  const ask = await readFile(new URL('../src/ask.js', import.meta.url), 'utf8');
  const [, question] = ask.match(/const QUESTION_LENGTH_MAX = (\d+);/) ?? [];
  assert.equal(Number(question), number(await rust('assist/src/prompt.rs'), 'QUESTION_CHARS_MAX'));
});

test('a rule is explained, and a secret is never looked at', () => {
  assert.match(explain('card', 'B').how, /Luhn/);
  assert.match(explain('key.password', 'A').how, /name of its field/);
  assert.match(explain('card.track', 'A').what, /stripe/);
  assert.match(explain('aws.access_key', 'A').what, /this rule protects/);
  assert.match(explain('page.term', 'B').how, /you selected/);
  assert.deepEqual(['A', 'B', 'C', ''].map(mayPeek), [false, true, true, false]);
});
