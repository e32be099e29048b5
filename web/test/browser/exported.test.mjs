// The page as one file, opened from disk with the network cut.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { exportPage } from '../cordon.mjs';
import { complete, incident, pageAt, panel } from './browser.mjs';

test('the page as one file redacts and diagnoses from disk, and says that it does only these', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-export-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'room.html');
  exportPage(file);
  const asked = [];
  const { context, page, errors } = await pageAt(t, pathToFileURL(file).href, { offline: true });
  context.on('request', (request) => asked.push(request.url()));
  await complete(page);
  await page.getByText(/opened from disk: it redacts and diagnoses, and sends nothing/).waitFor();
  await incident(page);
  await page.locator('.source button').first().click();
  const clean = await page.locator('.pane.clean').innerText();
  assert.match(clean, /email_[a-z2-7]{24}/);
  assert.doesNotMatch(clean, /@shop\d\.example/);
  assert.match(await (await panel(page, 'Answer')).innerText(), /Likely failure point[\s\S]*(payment failed|no connection|pool)/i);
  assert.match(await (await panel(page, 'Ask a model')).innerText(), /opened from disk/);
  await page.keyboard.press('m');
  assert.match(await page.getByRole('dialog').innerText(), /Nothing has been sent for inference/);
  assert.deepEqual(asked.filter((url) => !/^(blob|file|data):/.test(url)), []);
  assert.deepEqual(errors, []);
});
