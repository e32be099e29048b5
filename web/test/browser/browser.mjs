// Chromium and the page in it, for the tests.

import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

import { start } from '../server.mjs';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** A browser with a server of the page; `open()` is a new profile with the page loaded. */
export async function browser(t, api) {
  const executablePath = process.env.CHROMIUM ?? PATHS.find(existsSync);
  const server = await start(api);
  const chrome = await chromium.launch({ executablePath, args: ARGUMENTS });
  t.after(async () => {
    await chrome.close();
    server.stop();
  });
  const open = async ({ fragment = '', ...options } = {}) => {
    const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/${fragment}`);
    await page.waitForSelector('.welcome, .scroller');
    return { context, page, errors };
  };
  return { server, open };
}

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

export const panel = async (page, name) => {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  return page.locator('#panel');
};

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
