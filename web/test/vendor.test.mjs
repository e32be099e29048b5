// The vendored file is what its recipe makes of the locked packages, and the page is small.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { packed } from '../pack.mjs';
import { served, weigh } from '../size.mjs';

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

test('what is served is made of the sources, byte for byte', () => {
  for (const [name, text] of packed()) assert.equal(read(name).toString(), text, `run pack.mjs: ${name}`);
});

test('the page without its module is at most 60 kB as gzip', () => {
  const weights = weigh();
  assert.ok(weights.length >= 7);
  assert.ok(weights.reduce((sum, [, bytes]) => sum + bytes, 0) <= 60_000);
});

test('nothing served builds markup or code out of text', () => {
  const sinks = /\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc|DOMParser|dangerouslySet)/;
  for (const name of served().filter((name) => !name.startsWith('vendor/'))) {
    assert.doesNotMatch(read(name).toString(), sinks, name);
  }
});

test('no served file names another origin', () => {
  for (const name of served().filter((name) => !name.startsWith('vendor/'))) {
    const found = read(name).toString().match(/\b(?:https?|wss?):\/\/[^\s'"`)]+/g) ?? [];
    const said = found.filter((url) => !/example|json-schema\.org|w3\.org/.test(url));
    assert.deepEqual(said, [], name);
  }
});
