// Much text at once: the page goes on answering, says how far it is, and draws what is looked at.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { browser, choose, settled } from './browser.mjs';

const BYTES = 50_000_000;
/** Part of the whole time that the page may be busy in one go. */
const LONGEST_PART_MAX = 0.2;
/** Times that the bar has to have moved, of some 50 pieces that are read: pieces that are done before
 * the next frame is drawn move it once, and a frozen page does not move it but at its end. */
const STEPS_COUNT_MIN = 4;

/** Notes the longest task of the page's own thread, and each place of the progress bar. */
const watch = (page) => page.evaluate(() => {
  const seen = { from: performance.now(), longest: 0, steps: [] };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
  }).observe({ type: 'longtask' });
  new MutationObserver(() => {
    const at = document.querySelector('.progress progress')?.value;
    if (at !== undefined && at !== seen.steps.at(-1)) seen.steps.push(at);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
  window.seenByTheTest = seen;
});

/** What was noted until now: the page was not frozen. */
async function assertAnswering(page) {
  const { longest, whole, steps } = await page.evaluate(() => {
    const { from, ...seen } = window.seenByTheTest;
    return { ...seen, whole: performance.now() - from };
  });
  assert.ok(longest < whole * LONGEST_PART_MAX, `${longest} ms of ${whole} ms in one go`);
  assert.ok(steps.length >= STEPS_COUNT_MIN, `the bar moved ${steps.length} times`);
}

test('a million lines are read without freezing and scroll, and the last one is reached', async (t) => {
  const { open } = await browser(t);
  const { page, errors } = await open();
  const line = (n) => `2026-03-12T14:00:00Z INFO [api] request ${String(n).padStart(7, '0')} took 12 ms\n`;
  const lines = Buffer.from(Array.from({ length: 1_000_000 }, (_, n) => line(n + 1)).join(''));
  assert.ok(lines.length > BYTES);
  await watch(page);
  t.after(await choose(page, 'million.log', lines));
  await page.locator('.progress').waitFor();
  await settled(page, 1);
  await assertAnswering(page);
  await page.locator('.pane.raw').focus();
  await page.keyboard.press('End');
  await page.getByText('request 1000000').first().waitFor();
  assert.ok((await page.locator('.row').count()) < 200, 'only what is seen is an element');
  await page.keyboard.press('Home');
  await page.getByText('request 0000001').first().waitFor();
  await page.mouse.move(300, 300);
  await page.mouse.wheel(0, 400);
  await page.getByText('request 0000021').first().waitFor();
  assert.deepEqual(errors, []);
});

test('a line of 50 MB is read without freezing, and drawn in part', async (t) => {
  const { open } = await browser(t);
  const { page, errors } = await open();
  const words = 'lorem ipsum '.repeat(Math.ceil(BYTES / 12));
  await watch(page);
  t.after(await choose(page, 'line.log', `begin ada@shop1.example ${words} end`));
  await page.locator('.progress').waitFor();
  await settled(page, 1);
  await assertAnswering(page);
  const raw = await page.locator('.pane.raw').innerText();
  assert.ok(/begin ada@shop1/.test(raw) && / 50 MB more on this line/.test(raw), raw.slice(-60));
  const clean = await page.locator('.pane.clean').innerText();
  assert.ok(!clean.includes('ada@shop1'), 'whatever is made of such a line, the address is not in it');
  assert.ok((await page.locator('.pane.raw').evaluate((at) => at.textContent.length)) < 20_000);
  assert.deepEqual(errors, []);
});
