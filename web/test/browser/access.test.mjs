// Everybody can use it: axe finds nothing, on a desk and a phone, light and dark; and the pictures
// of the documentation are drawn (`PICTURES=1`).

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { browser, incident, panel, settled } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = fileURLToPath(new URL('../../../docs/war-room/', import.meta.url));
const PANELS = ['Answer', 'Themes', 'Stacks', 'Timeline', 'Next steps', 'Notes', 'Compare', 'Postmortem', 'Ask a model'];

// Panels whose pictures are in the documentation.
const PICTURED = ['Answer', 'Ask a model'];

async function check(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const told = violations.map(({ id, nodes }) =>
    `${where}: ${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
  assert.deepEqual(told, []);
}

async function picture(page, name) {
  if (!process.env.PICTURES) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}${name}.png` });
}

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** Each colour scheme and each device once; for the pictures all four. */
const LOOKS = process.env.PICTURES
  ? [['light', 'desk', DESK], ['light', 'phone', PHONE], ['dark', 'desk', DESK], ['dark', 'phone', PHONE]]
  : [['light', 'desk', DESK], ['dark', 'phone', PHONE]];

for (const [colorScheme, device, viewport] of LOOKS) {
  test(`axe finds nothing: ${device}, ${colorScheme}`, async (t) => {
    const { open } = await browser(t);
    const { page } = await open({ viewport, colorScheme, reducedMotion: 'reduce' });
    await check(page, 'empty');
    await picture(page, `empty-${device}-${colorScheme}`);
    await incident(page);
    await page.locator('.source button').first().click();
    for (const name of PANELS) {
      await panel(page, name);
      await check(page, name);
      if (PICTURED.includes(name)) await picture(page, `${name.toLowerCase().replace(/ /g, '-')}-${device}-${colorScheme}`);
    }
    for (const key of ['Control+k', '?', 'm', 'r']) {
      await page.keyboard.press('Escape');
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await check(page, key);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, 'nothing sticks out');
  });
}

test('the whole page is reached with the tab key, in the order in which it is read', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  await incident(page);
  await page.getByText('kept in this browser, sealed').waitFor();
  await page.reload();
  await settled(page, 3);
  const places = [];
  for (let n = 0; n < 60; n += 1) {
    await page.keyboard.press('Tab');
    places.push(await page.evaluate(() => {
      const at = document.activeElement;
      const part = at.closest('.top, .sources, .pane.raw, .pane.clean, .divider, [role=tablist], .panel');
      const outline = getComputedStyle(at).outlineStyle;
      return [part?.className || part?.getAttribute('role') || 'body', at === document.body ? 'page' : outline, at.outerHTML.slice(0, 90)];
    }));
  }
  const order = [...new Set(places.map(([part]) => part))];
  assert.deepEqual(order.slice(0, 3), ['top', 'sources', 'pane raw']);
  assert.deepEqual(places.filter(([, outline]) => outline === 'none'), [], 'what has the focus is seen');
});
