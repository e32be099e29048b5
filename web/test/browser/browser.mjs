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

/** Everything that the browser's store holds, as text. */
export const stored = (page) => page.evaluate(async () => {
  const database = await new Promise((give) => {
    const request = indexedDB.open('cordon');
    request.onsuccess = () => give(request.result);
  });
  const all = (store, what) => new Promise((give) => {
    const request = database.transaction(store).objectStore(store)[what]();
    request.onsuccess = () => give(request.result);
  });
  const parts = await all('parts', 'getAll');
  const keys = await all('keys', 'getAll');
  database.close();
  return {
    texts: parts.map((bytes) => new TextDecoder('latin1').decode(bytes)),
    parts: parts.length,
    keys: keys.length,
    extractable: keys.some((key) => key.extractable),
  };
});
