// Chromium and the page in it, for the tests.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { startServer } from '../cordon.mjs';
import { chrome } from './chrome.mjs';

const ACTION_MS_MAX = 15_000;

/** One for all tests of a file; each page has a profile of its own. */
let launched = null;
after(() => launched?.close());

async function profile(options) {
  launched ??= await chrome();
  return launched.newContext({ viewport: { width: 1440, height: 900 }, ...options });
}

/** A page in a profile of its own; its mistakes are kept. */
export async function pageAt(t, address, options = {}) {
  const context = await profile(options);
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(ACTION_MS_MAX);
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address);
  await page.waitForSelector('.welcome, .scroller');
  return { context, page, errors };
}

/**
 * The product's server; `open()` is a new profile with its page loaded, `open({ session: true })`
 * one with a session.
 */
export async function browser(t, wanted) {
  const server = await startServer(t, wanted);
  const open = ({ session = false, room, ...options } = {}) => {
    const parts = [session && `session=${server.session()}`, room && `room=${room}`].filter(Boolean);
    const fragment = parts.length > 0 ? `#${parts.join('&')}` : '';
    return pageAt(t, `${server.url}/${fragment}`, options);
  };
  return { server, open };
}

/** All that the page may ever need is here: from now on it asks nothing of the network. */
export const complete = (page) => page.waitForSelector('html[data-ready=true]', { state: 'attached' });

/** The synthetic incident, read to its end. */
export async function incident(page) {
  await page.getByRole('button', { name: 'Try a synthetic incident' }).click();
  await settled(page, 3);
}

/** So many sources are there, and nothing is being read. */
export async function settled(page, sources) {
  await page.waitForFunction(
    (count) => document.querySelectorAll('.source').length === count && !document.querySelector('.progress'),
    sources,
    { timeout: 120_000 },
  );
}

/** Pastes as a person does. */
export const paste = (page, text) => page.evaluate((said) => {
  const data = new DataTransfer();
  data.setData('text/plain', said);
  document.body.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}, text);

/** Opens a panel; it is drawn. */
export const panel = async (page, name) => {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  const shown = page.locator('#panel');
  await shown.locator(':scope > *').first().waitFor();
  await page.waitForFunction(() => !/^(Loading|Drafting)…$/.test(document.querySelector('#panel').textContent));
  return shown;
};

/** Chooses a file that holds this. */
export async function choose(page, name, bytes) {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files…' }).click();
  const folder = mkdtempSync(join(tmpdir(), 'cordon-chosen-'));
  const path = join(folder, name);
  writeFileSync(path, bytes);
  await (await chooser).setFiles(path);
  return () => rmSync(folder, { recursive: true });
}

/** In the page: all entries of a part of the browser's store, as [key, value]. */
const entries = `async (store) => {
  const done = (request) => new Promise((give, fail) => {
    request.onsuccess = () => give(request.result);
    request.onerror = () => fail(request.error);
  });
  const database = await done(indexedDB.open('cordon'));
  const from = database.transaction(store).objectStore(store);
  const [keys, values] = await Promise.all([done(from.getAllKeys()), done(from.getAll())]);
  database.close();
  return keys.map((key, at) => [key, values[at]]);
}`;

/** Everything that the browser's store holds, as text; a copy of it stays in the page. */
export const stored = (page) => page.evaluate(`(async () => {
  const entries = ${entries};
  const parts = await entries('parts');
  const keys = await entries('keys');
  window.copiedByTheTest = parts;
  return {
    texts: parts.map(([, bytes]) => new TextDecoder('latin1').decode(bytes)),
    parts: parts.length,
    keys: keys.length,
    extractable: keys.some(([, key]) => key.extractable),
  };
})()`);

/** How many of the parts that were copied the keys of the store open now. */
export const copiesOpened = (page) => page.evaluate(`(async () => {
  const keys = await (${entries})('keys');
  let opened = 0;
  for (const [[room, part], sealed] of window.copiedByTheTest) {
    const additionalData = new TextEncoder().encode(room + '/' + part);
    const how = { name: 'AES-GCM', iv: sealed.slice(0, 12), additionalData };
    for (const [, key] of keys) {
      opened += await crypto.subtle.decrypt(how, key, sealed.slice(12)).then(() => 1, () => 0);
    }
  }
  return opened;
})()`);
