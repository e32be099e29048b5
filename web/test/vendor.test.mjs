// The vendored file is what its recipe makes of the locked packages, and the page is small.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { served, weighed } from '../size.mjs';

const web = new URL('../', import.meta.url);
const read = (name) => readFileSync(new URL(name, web));

test('the vendored file is made of the locked packages, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-vendor-'));
  const made = join(folder, 'preact.js');
  execFileSync(process.execPath, [fileURLToPath(new URL('vendor/make.mjs', web)), made]);
  const bytes = readFileSync(made);
  rmSync(folder, { recursive: true });
  assert.deepEqual(bytes, read('vendor/preact.js'));
  const digest = createHash('sha256').update(bytes).digest('hex');
  assert.ok(read('vendor/README.md').toString().includes(digest));
});

const { opening, later } = served();
const files = [...opening, ...later];

test('what the page opens with is at most 60 kB as gzip, without the module', () => {
  const { first, limit } = weighed();
  assert.equal(limit, 60_000);
  assert.ok(first <= limit, `${first}`);
});

test('every module is weighed, and none twice', () => {
  const modules = readdirSync(new URL('src/', web)).map((name) => `src/${name}`);
  assert.deepEqual(modules.filter((name) => !files.includes(name)), []);
  assert.equal(new Set(files).size, files.length);
  for (const name of ['vendor/preact.js', 'room.css', 'src/room.js']) assert.ok(opening.includes(name), name);
  for (const name of ['src/share.js', 'src/answer.js']) assert.ok(later.includes(name), name);
});

test('nothing served builds markup or code out of text', () => {
  const sinks = /\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc|DOMParser|dangerouslySet)/;
  for (const name of files.filter((name) => !name.startsWith('vendor/'))) {
    assert.doesNotMatch(read(name).toString(), sinks, name);
  }
});

test('no served file names another origin', () => {
  for (const name of files.filter((name) => !name.startsWith('vendor/'))) {
    const found = read(name).toString().match(/\b(?:https?|wss?):\/\/[^\s'"`)]+/g) ?? [];
    const said = found.filter((url) => !/example|json-schema\.org|w3\.org/.test(url));
    assert.deepEqual(said, [], name);
  }
});
